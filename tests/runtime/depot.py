"""A small made-up API in the form of the generated code: crates in a depot, with labels and photos."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field

from tiktok_shop_async.call import Resource
from tiktok_shop_async.model import InputModel, Model
from tiktok_shop_async.operation import (
    ANYTHING,
    BOOLEAN,
    DECIMAL,
    FILE,
    INTEGER,
    NUMBER,
    TEXT,
    Integer,
    Items,
    Number,
    Object,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    PartialErrors,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tiktok_shop_async.encoding import FileContent
    from tiktok_shop_async.model import Acknowledgement
    from tiktok_shop_async.options import CallOptions
    from tiktok_shop_async.paging import Pager

# Where `answer="depot.Crate"` looks for a class.
sys.modules["tiktok_shop_async.models.depot"] = sys.modules[__name__]


@define(kw_only=True)
class Crate(Model):
    """A crate."""

    id: str = ""
    name: str | None = None


@define(kw_only=True)
class Shelf(Model):
    """What a page of crates stands on."""

    crates: list[Crate] = field(factory=list)


@define(kw_only=True)
class CratePage(Model):
    """Some of the crates."""

    shelf: Shelf = field(factory=Shelf)
    next_page_token: str | None = None
    total_count: int | None = None


@define(kw_only=True)
class CrateError(Model):
    """Why a crate could not be moved."""

    code: int | None = None
    message: str | None = None
    detail: Crate = field(factory=Crate)


@define(kw_only=True)
class MoveCratesResult(Model):
    """Which crates could not be moved."""

    errors: list[CrateError] = field(factory=list)


@define(kw_only=True)
class SealCratesResult(Model):
    """Which crates could not be sealed, by their ids alone."""

    failed_ids: list[str] = field(factory=list)


@define(kw_only=True)
class WeightInput(InputModel):
    """A weight."""

    value: str
    unit: str | None = None

    __shapes__: ClassVar[Mapping[str, Parameter]] = {
        "value": Parameter(DECIMAL, required=True),
        "unit": Parameter(TEXT),
    }


@define(kw_only=True)
class LabelInput(InputModel):
    """A label."""

    text: str
    copies: int | None = None
    weights: list[WeightInput | Mapping[str, Any]] | None = None

    __shapes__: ClassVar[Mapping[str, Parameter]] = {
        "text": Parameter(Text(max_length=10), required=True),
        "copies": Parameter(Integer(1, 5)),
        "weights": Parameter(Items(Object("depot.WeightInput"), max_items=2)),
    }


@define(kw_only=True)
class PositionInput(InputModel):
    """Where a list goes on, and how many rows it answers."""

    size: int | None = None
    cursor: str | None = None

    __shapes__: ClassVar[Mapping[str, Parameter]] = {"size": Parameter(INTEGER), "cursor": Parameter(TEXT)}


GET_CRATE: Operation[Crate] = Operation(
    name="depot.get_crate",
    method="GET",
    path="/depot/202309/crates/{crate_id}",
    version="202309",
    safety="read",
    scopes=("depot.read",),
    shop_cipher="required",
    path_parameters={"crate_id": Parameter(TEXT, required=True)},
    answer="depot.Crate",
    successor="depot.get_crate_202507",
)

LIST_CRATES: PagedOperation[CratePage, Crate] = PagedOperation(
    name="depot.list_crates",
    method="POST",
    path="/depot/202309/crates/search",
    version="202309",
    safety="read",
    shop_cipher="required",
    query={
        "page_size": Parameter(Integer(1, 100), required=True),
        "page_token": Parameter(TEXT),
        "ids": Parameter(Items(TEXT)),
        "is_open": Parameter(BOOLEAN),
    },
    body={"name": Parameter(TEXT)},
    answer="depot.CratePage",
    paging=Paging(items="shelf.crates", key="id"),
)

LIST_CRATES_BY_BODY: PagedOperation[CratePage, Crate] = PagedOperation(
    name="depot.list_crates_by_body",
    method="POST",
    path="/depot/202309/crates/query",
    version="202309",
    safety="read",
    body={"cursor": Parameter(TEXT)},
    answer="depot.CratePage",
    paging=Paging(items="shelf.crates", token="cursor", token_in="body"),
)

LEAF_THROUGH_CRATES: PagedOperation[CratePage, Crate] = PagedOperation(
    name="depot.leaf_through_crates",
    method="POST",
    path="/depot/202309/crates/leaf",
    version="202309",
    safety="read",
    body={"page_no": Parameter(INTEGER), "page_size": Parameter(INTEGER)},
    answer="depot.CratePage",
    paging=Paging(items="shelf.crates", number="page_no", total="total_count"),
)

LIST_CRATES_BY_OBJECT: PagedOperation[CratePage, Crate] = PagedOperation(
    name="depot.list_crates_by_object",
    method="POST",
    path="/depot/202309/crates/find",
    version="202309",
    safety="read",
    body={"position": Parameter(Object("depot.PositionInput"))},
    answer="depot.CratePage",
    paging=Paging(items="shelf.crates", token="position.cursor", token_in="body"),
)

MAKE_CRATE: Operation[Crate] = Operation(
    name="depot.make_crate",
    method="POST",
    path="/depot/202309/crates",
    version="202309",
    safety="unsafe",
    shop_cipher="required",
    body={
        "name": Parameter(TEXT, required=True),
        "label": Parameter(Object("depot.LabelInput")),
        "labels": Parameter(Items(Object("depot.LabelInput"), min_items=1)),
        "size": Parameter(INTEGER),
        "load": Parameter(Number(0, 1)),
        "price": Parameter(DECIMAL),
        "is_open": Parameter(BOOLEAN),
        "extra": Parameter(ANYTHING),
    },
    answer="depot.Crate",
)

ORDER_CRATE: Operation[Crate] = Operation(
    name="depot.order_crate",
    method="POST",
    path="/depot/202309/orders",
    version="202309",
    safety="unsafe",
    shop_cipher="required",
    idempotency_key="idempotency_key",
    query={"idempotency_key": Parameter(TEXT)},
    body={"name": Parameter(TEXT)},
    answer="depot.Crate",
)

MOVE_CRATES: Operation[MoveCratesResult] = Operation(
    name="depot.move_crates",
    method="PUT",
    path="/depot/202309/crates/move",
    version="202309",
    safety="idempotent",
    shop_cipher="optional",
    category_asset_cipher="optional",
    body={"crate_ids": Parameter(Items(TEXT), required=True)},
    answer="depot.MoveCratesResult",
    partial_errors=PartialErrors(errors="errors", item="detail.id"),
)

SEAL_CRATES: Operation[SealCratesResult] = Operation(
    name="depot.seal_crates",
    method="POST",
    path="/depot/202309/crates/seal",
    version="202309",
    safety="idempotent",
    answer="depot.SealCratesResult",
    partial_errors=PartialErrors(errors="failed_ids"),
)

DROP_CRATES: Operation[Acknowledgement] = Operation(
    name="depot.drop_crates",
    method="DELETE",
    path="/depot/202309/crates",
    version="202309",
    safety="unsafe",
    body={"crate_ids": Parameter(Items(TEXT))},
)

UPLOAD_PHOTO: Operation[Acknowledgement] = Operation(
    name="depot.upload_photo",
    method="POST",
    path="/depot/202309/photos",
    version="202309",
    safety="idempotent",
    body={
        "data": Parameter(FILE, required=True),
        "use_case": Parameter(TEXT),
        "tags": Parameter(Items(TEXT)),
        "ratio": Parameter(NUMBER),
    },
    multipart=True,
)

OPEN_DEPOT: Operation[Acknowledgement] = Operation(
    name="depot.open_depot",
    method="POST",
    path="/depot/202309/open",
    version="202309",
    safety="idempotent",
    category_asset_cipher="required",
)


class Depot(Resource):
    """The depot, as the generator would write it."""

    def list_crates(
        self,
        *,
        page_size: int = 20,
        page_token: str | None = None,
        ids: Sequence[str] | None = None,
        is_open: bool | None = None,
        name: str | None = None,
        options: CallOptions | None = None,
    ) -> Pager[CratePage, Crate]:
        """List the crates."""
        return self._call.pages(
            LIST_CRATES,
            {"page_size": page_size, "page_token": page_token, "ids": ids, "is_open": is_open, "name": name},
            options,
        )

    def list_crates_by_body(
        self, *, cursor: str | None = None, options: CallOptions | None = None
    ) -> Pager[CratePage, Crate]:
        """List the crates, with the position in the body."""
        return self._call.pages(LIST_CRATES_BY_BODY, {"cursor": cursor}, options)

    def leaf_through_crates(
        self, *, page_no: int | None = None, page_size: int | None = None, options: CallOptions | None = None
    ) -> Pager[CratePage, Crate]:
        """List the crates, by the number of the page."""
        return self._call.pages(LEAF_THROUGH_CRATES, {"page_no": page_no, "page_size": page_size}, options)

    def list_crates_by_object(
        self, *, position: PositionInput | Mapping[str, Any] | None = None, options: CallOptions | None = None
    ) -> Pager[CratePage, Crate]:
        """List the crates, with the position in an object of the body."""
        return self._call.pages(LIST_CRATES_BY_OBJECT, {"position": position}, options)

    async def get_crate(self, *, crate_id: str, options: CallOptions | None = None) -> Crate:
        """Get a crate."""
        return await self._call.send(GET_CRATE, {"crate_id": crate_id}, options)

    async def make_crate(self, *, options: CallOptions | None = None, **fields: Any) -> Crate:
        """Make a crate: neither safe to repeat nor known by a key."""
        return await self._call.send(MAKE_CRATE, fields, options)

    async def order_crate(
        self, *, name: str | None = None, idempotency_key: str | None = None, options: CallOptions | None = None
    ) -> Crate:
        """Order a crate, once for each key."""
        return await self._call.send(ORDER_CRATE, {"idempotency_key": idempotency_key, "name": name}, options)

    async def move_crates(self, *, crate_ids: Sequence[str], options: CallOptions | None = None) -> MoveCratesResult:
        """Move crates to where they belong."""
        return await self._call.send(MOVE_CRATES, {"crate_ids": crate_ids}, options)

    async def seal_crates(self, *, options: CallOptions | None = None) -> SealCratesResult:
        """Seal all crates."""
        return await self._call.send(SEAL_CRATES, {}, options)

    async def drop_crates(
        self, *, crate_ids: Sequence[str] | None = None, options: CallOptions | None = None
    ) -> Acknowledgement:
        """Drop crates."""
        return await self._call.send(DROP_CRATES, {"crate_ids": crate_ids}, options)

    async def upload_photo(
        self,
        *,
        data: FileContent,
        use_case: str | None = None,
        tags: Sequence[str] | None = None,
        ratio: float | None = None,
        options: CallOptions | None = None,
    ) -> Acknowledgement:
        """Upload a photo."""
        return await self._call.send(
            UPLOAD_PHOTO, {"data": data, "use_case": use_case, "tags": tags, "ratio": ratio}, options
        )

    async def open_depot(self, *, options: CallOptions | None = None) -> Acknowledgement:
        """Open the depot."""
        return await self._call.send(OPEN_DEPOT, {}, options)
