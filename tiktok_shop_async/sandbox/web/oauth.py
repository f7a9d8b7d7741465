"""The endpoints that give tokens: `/api/v2/token/get` for a code, `/api/v2/token/refresh` for a refresh token.

They take no signature: the app's key and secret are in the query.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tiktok_shop_async.sandbox.life.accounts import exchange, refresh
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, UNKNOWN_METHOD, UNKNOWN_PATH, RefusalError

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.world import World

PREFIX = "/api/v2/token/"
USER_TYPES = {"seller": 0, "creator": 1, "partner": 3}

_STEPS = {"get": ("authorized_code", "auth_code", exchange), "refresh": ("refresh_token", "refresh_token", refresh)}


def give_tokens(spec: Spec, world: World, method: str, path: str, query: str) -> dict[str, Any]:
    """Answers a request below `PREFIX`.

    Args:
        spec: where the scopes are listed that a grant of all of them means.
        world: where the accounts are.
        method: of the request.
        path: of the request.
        query: of the request, as it was sent.

    Raises:
        RefusalError: the path, the method, the app's credentials or the grant is not right.
    """
    step = _STEPS.get(path.removeprefix(PREFIX))
    if step is None:
        raise RefusalError(UNKNOWN_PATH, "Unknown path: no endpoint is found here.", 404)
    if method != "GET":
        raise RefusalError(UNKNOWN_METHOD, f"Unknown method: this path answers GET, not {method}.", 405)
    grant_type, name, obtain = step
    world.catch_up()
    given = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    _check(given, "app_key", world.app_key)
    _check(given, "app_secret", world.app_secret)
    if given.get("grant_type") != grant_type:
        raise RefusalError(BAD_REQUEST, f"Invalid `grant_type`: {grant_type} is expected here.", 400)
    if not given.get(name):
        raise RefusalError(BAD_REQUEST, f"Missing credentials: `{name}` is required in the query.", 400)
    account, grant, token = obtain(world, given[name])
    return {
        "access_token": token.id,
        "access_token_expire_in": token.expires_at,
        "refresh_token": grant.refresh_token,
        "refresh_token_expire_in": grant.refresh_expires_at,
        "open_id": account.id,
        "seller_name": account.name,
        "seller_base_region": account.region,
        "user_type": USER_TYPES[account.kind],
        "granted_scopes": spec.scopes(account.kind) if grant.scopes is None else sorted(grant.scopes),
    }


def _check(given: dict[str, str], name: str, expected: str) -> None:
    if not hmac.compare_digest(given.get(name, "").encode(), expected.encode()):
        reason = "is wrong" if given.get(name) else "is required in the query"
        raise RefusalError(BAD_REQUEST, f"Invalid credentials: `{name}` {reason}.", 400)
