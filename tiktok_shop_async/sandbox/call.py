"""One admitted request, as the behaviour sees it: values of the declared types, the shop, the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.refusal import TOKEN_DOES_NOT_FIT, RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.sandbox.gate.category_assets import CategoryAsset
    from tiktok_shop_async.sandbox.life.accounts import Token
    from tiktok_shop_async.sandbox.spec import Operation, Spec
    from tiktok_shop_async.sandbox.world import Shop, World


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a multipart request."""

    name: str
    content: bytes


@dataclass(slots=True, kw_only=True)
class Call:
    """A request that has passed the gate.

    `query` and `body` hold what was sent and the endpoint knows, without nulls, and `query` also the defaults that the
    spec states. `base_url` is how the caller reached the sandbox, without a slash at the end.
    """

    spec: Spec
    operation: Operation
    world: World
    token: Token
    now: int
    base_url: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, FilePart] = field(default_factory=dict[str, FilePart])
    admitted_shop: Shop | None = None
    category_asset: CategoryAsset | None = None

    @property
    def has_shop(self) -> bool:
        """Whether the request names a shop."""
        return self.admitted_shop is not None

    @property
    def shop(self) -> Shop:
        """The shop that the request's cipher stands for.

        An endpoint that can do without the cipher acts on the token's first shop, which is the whole of what such a
        call can mean for a seller with one.

        Raises:
            RefusalError: the token opens no shop.
        """
        if self.admitted_shop is not None:
            return self.admitted_shop
        shop = next((shop for shop in self.world.shops if shop.id in self.token.shop_ids), None)
        if shop is None:
            raise RefusalError(TOKEN_DOES_NOT_FIT, "Token does not fit: it was granted for no shop.", 401)
        return shop
