"""Who may pass: path, app key, timestamp, signature, token, scope, identifiers, body and parameters, in this order.

A wrong app key is reported before a wrong signature and a wrong path before both, as live. Everything that is asked of
one endpoint and not of another (kind of token, scopes, identifiers, limits) comes from the spec.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

import msgspec

from tiktok_shop_async.sandbox.call import Call
from tiktok_shop_async.sandbox.gate.category_assets import category_assets
from tiktok_shop_async.sandbox.gate.file_size import check_size
from tiktok_shop_async.sandbox.gate.ignored import find_ignored, find_unlisted
from tiktok_shop_async.sandbox.gate.markets import is_offered
from tiktok_shop_async.sandbox.gate.rate import RateLimit
from tiktok_shop_async.sandbox.gate.signature import VALID, SignedParts, explain, matches
from tiktok_shop_async.sandbox.gate.validation import read_body, read_query
from tiktok_shop_async.sandbox.refusal import (
    BAD_REQUEST,
    BAD_SIGNATURE,
    CIPHER_MISSING,
    NOT_IN_THIS_MARKET,
    NOT_JSON,
    NOT_MULTIPART,
    SCOPE_MISSING,
    TOKEN_DOES_NOT_FIT,
    TOKEN_EXPIRED,
    UNKNOWN_VERSION,
    RefusalError,
)
from tiktok_shop_async.sandbox.state.clock import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tiktok_shop_async.sandbox.call import FilePart
    from tiktok_shop_async.sandbox.gate.category_assets import CategoryAsset
    from tiktok_shop_async.sandbox.gate.ignored import Ignored
    from tiktok_shop_async.sandbox.journal import Exchange
    from tiktok_shop_async.sandbox.life.accounts import Token
    from tiktok_shop_async.sandbox.spec import Operation, Schema, Spec
    from tiktok_shop_async.sandbox.world import Shop, World

OLDEST = 5 * MINUTE
NEWEST = 30
TOKEN_HEADER = "x-tts-access-token"
JSON = "application/json"
MULTIPART = "multipart/form-data"

_TIMESTAMP = re.compile("[0-9]{10}")

logger = logging.getLogger("tiktok_shop_async.sandbox")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it came in: nothing decoded that the signature covers.

    `token` is what the header holds, `media_type` the content type in lowercase without its parameters, and `body` is
    empty for multipart, which no signature covers.
    """

    method: str
    path: str
    query: str
    token: str
    media_type: str
    body: bytes
    base_url: str


class Gate:
    """Turns arrivals into calls, or refuses them with the documented code."""

    def __init__(self, spec: Spec, world: World, *, strict: bool = False, rate_limit: RateLimit | None = None) -> None:
        """Guards one world. `strict` refuses what the live service passes over; without `rate_limit` there is none."""
        self._spec = spec
        self._world = world
        self._strict = strict
        self._rate_limit = rate_limit or RateLimit(0)

    def admit(self, arrival: Arrival, exchange: Exchange) -> Call:
        """Checks everything about a request but what its shop's state says, and notes in `exchange` what it finds.

        Raises:
            RefusalError: at the first thing that is wrong.
        """
        now = self._world.catch_up()
        route = self._spec.route(arrival.method, arrival.path)
        operation = route.operation
        exchange.operation_id = operation.id
        if operation.id in self._world.retired:
            raise RefusalError(UNKNOWN_VERSION, f"Retired version: `{operation.version}` is switched off here.", 400)
        pairs = parse_qsl(arrival.query, keep_blank_values=True)
        given: dict[str, str] = {}
        for name, value in pairs:
            given.setdefault(name, value)
        self._check_app_key(given)
        self._check_timestamp(given, self._world.wall_now)
        self._check_signature(arrival, pairs, operation, exchange)
        token = self._check_token(arrival.token, operation, self._world.wall_now)
        shop = self._check_identifiers(operation, given, token)
        asset = self._check_category_asset(operation, given.get("category_asset_cipher", ""))
        exchange.shop_id = None if shop is None else shop.id
        counts_for = exchange.shop_id or (asset.cipher if asset is not None else token.account_id or token.id)
        self._rate_limit.take((counts_for, operation.id))
        self._check_market(operation, shop, token, now)
        self._note_repeated([name for name, _ in pairs], exchange)
        fields = self._decode_body(operation, arrival)
        self._note_ignored(find_ignored(self._spec, operation, given, fields), exchange)
        query = read_query(self._spec, operation.query, given)
        body = {} if operation.multipart else read_body(self._spec, operation.body or {}, fields)
        self._note(find_unlisted(self._spec, operation, query, body), exchange)
        return Call(
            spec=self._spec,
            operation=operation,
            world=self._world,
            token=token,
            now=now,
            base_url=arrival.base_url,
            path=route.path_values,
            query=query,
            body=body,
            admitted_shop=shop,
            category_asset=asset,
        )

    def check_form(
        self, operation: Operation, texts: Mapping[str, str], files: Mapping[str, FilePart], exchange: Exchange
    ) -> None:
        """Checks the parts of a multipart request: which of them have to be files, which must not be, and the limits.

        Raises:
            RefusalError: a part is missing, is a file in place of text or the other way round, or is beyond its limits.
        """
        expected_parts: Schema = operation.body or {}
        for name, schema in expected_parts.get("properties", {}).items():
            is_file = self._spec.resolve(schema).get("format") == "binary"
            if name in (texts if is_file else files):
                expected, actual = ("a file", "text") if is_file else ("text", "a file; leave its file name out")
                raise RefusalError(BAD_REQUEST, f"Wrong type: the part `{name}` expects {expected}, got {actual}.", 400)
        parts = {**dict.fromkeys(files, ""), **texts}
        self._note_ignored(find_ignored(self._spec, operation, (), parts, form=True), exchange)
        self._note(find_unlisted(self._spec, operation, {}, texts), exchange)
        read_body(self._spec, expected_parts, parts)
        for name in expected_parts.get("properties", {}).keys() & files.keys():
            limit = self._spec.resolve(expected_parts["properties"][name]).get("x-max-bytes")
            if limit is not None:
                check_size(name, files[name], limit)

    def _check_app_key(self, given: Mapping[str, str]) -> None:
        if given.get("app_key") != self._world.app_key:
            raise RefusalError(BAD_REQUEST, "Invalid credentials: `app_key` is missing or unknown.", 400)

    def _check_timestamp(self, given: Mapping[str, str], now: int) -> None:
        text = given.get("timestamp", "")
        if not _TIMESTAMP.fullmatch(text):
            raise RefusalError(BAD_REQUEST, "Invalid `timestamp`: Unix seconds, ten digits, are expected.", 400)
        if not now - OLDEST <= int(text) <= now + NEWEST:
            raise RefusalError(
                BAD_REQUEST,
                f"Invalid `timestamp`: {int(text) - now:+d} seconds from the server's clock, "
                f"accepted are -{OLDEST} to +{NEWEST}.",
                400,
            )

    def _check_signature(
        self, arrival: Arrival, pairs: Sequence[tuple[str, str]], operation: Operation, exchange: Exchange
    ) -> None:
        sign = next((value for name, value in pairs if name == "sign"), "")
        parts = SignedParts(arrival.path, pairs, arrival.body)
        secret = self._world.app_secret
        if sign and matches(parts, secret, sign):
            exchange.signature = VALID
            return
        absent = sorted(operation.query.keys() - dict(pairs).keys())
        exchange.signature = explain(parts, secret, sign, absent)
        if not sign:
            raise RefusalError(BAD_REQUEST, "Missing credentials: `sign` is required in the query.", 400)
        logger.warning("signature of %s %s: %s", arrival.method, arrival.path, exchange.signature)
        raise RefusalError(BAD_SIGNATURE, "Invalid credentials: `sign` does not fit the request.", 401)

    def _check_token(self, value: str, operation: Operation, now: int) -> Token:
        token = self._world.tokens.get(value)
        if token is None:
            raise RefusalError(
                BAD_REQUEST, f"Invalid credentials: the header `{TOKEN_HEADER}` is missing or unknown.", 401
            )
        if token.expires_at <= now:
            raise RefusalError(TOKEN_EXPIRED, f"Expired credentials: the token in `{TOKEN_HEADER}` is over.", 401)
        if token.kind != operation.token:
            message = f"Token does not fit: this endpoint takes a {operation.token} token, not one of a {token.kind}."
            raise RefusalError(TOKEN_DOES_NOT_FIT, message, 401)
        if token.scopes is not None and operation.scopes and token.scopes.isdisjoint(operation.scopes):
            raise RefusalError(
                SCOPE_MISSING, f"Access denied: scope {' or '.join(operation.scopes)} is not granted.", 403
            )
        return token

    def _check_identifiers(self, operation: Operation, given: Mapping[str, str], token: Token) -> Shop | None:
        for name in ("shop_cipher", "category_asset_cipher"):
            if name in given and name not in operation.identifiers:
                raise RefusalError(BAD_REQUEST, f"Unexpected identifier: this endpoint does not take `{name}`.", 400)
        cipher = given.get("shop_cipher", "")
        if not cipher:
            if operation.identifiers.get("shop_cipher") == "required":
                raise RefusalError(CIPHER_MISSING, "Missing identifier: `shop_cipher` is required in the query.", 400)
            return None
        shop = self._world.shop_by_cipher(cipher)
        if shop is None:
            raise RefusalError(BAD_REQUEST, "Invalid identifier: no shop has this `shop_cipher`.", 400)
        if shop.id not in token.shop_ids:
            raise RefusalError(
                TOKEN_DOES_NOT_FIT, "Token does not fit: it was not granted for this `shop_cipher`.", 401
            )
        return shop

    def _check_category_asset(self, operation: Operation, cipher: str) -> CategoryAsset | None:
        if not cipher:
            if operation.identifiers.get("category_asset_cipher") == "required":
                message = "Missing identifier: `category_asset_cipher` is required in the query."
                raise RefusalError(BAD_REQUEST, message, 400)
            return None
        for asset in category_assets(self._world):
            if asset.cipher == cipher:
                return asset
        message = "Invalid identifier: no category asset has this `category_asset_cipher`."
        raise RefusalError(BAD_REQUEST, message, 400)

    def _check_market(self, operation: Operation, shop: Shop | None, token: Token, now: int) -> None:
        """Where no shop is named, one of those that the token opens will do; a token without shops says nothing."""
        shops = [shop] if shop else [each for each in self._world.shops if each.id in token.shop_ids]
        if shops and not any(is_offered(operation.markets, each, now) for each in shops):
            kinds = " or ".join(sorted({f"{each.seller_type} in {each.region}" for each in shops}))
            message = f"Not in this region or business type: this endpoint is not offered to sellers {kinds}."
            raise RefusalError(NOT_IN_THIS_MARKET, message)

    def _decode_body(self, operation: Operation, arrival: Arrival) -> dict[str, Any]:
        if operation.multipart:
            if arrival.media_type != MULTIPART:
                raise RefusalError(NOT_MULTIPART, f"Wrong format: `content-type` has to be {MULTIPART} here.", 400)
            return {}
        if arrival.media_type == MULTIPART or (arrival.body and arrival.media_type != JSON):
            raise RefusalError(NOT_JSON, f"Wrong format: `content-type` has to be {JSON} here.", 400)
        try:
            value: Any = msgspec.json.decode(arrival.body) if arrival.body else {}
        except (ValueError, RecursionError):
            raise RefusalError(NOT_JSON, "Wrong format: the body is not JSON.", 400) from None
        if not isinstance(value, dict):
            raise RefusalError(NOT_JSON, "Wrong format: the body has to be a JSON object.", 400)
        return cast("dict[str, Any]", value)

    def _note_ignored(self, ignored: list[Ignored], exchange: Exchange) -> None:
        if not ignored:
            return
        exchange.ignored += ignored
        names = "; ".join(map(str, ignored))
        if self._strict:
            raise RefusalError(BAD_REQUEST, f"Unexpected: {names}.", 400)
        logger.warning("%s does not read %s; ignored, as live", exchange.operation_id, names)

    def _note_repeated(self, names: list[str], exchange: Exchange) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            remark = f"`{name}` is repeated in the query; only its first value counts, lists are joined by commas"
            self._note([remark], exchange)
            if self._strict:
                raise RefusalError(BAD_REQUEST, f"Unexpected: {remark}.", 400)

    def _note(self, remarks: Iterable[str], exchange: Exchange) -> None:
        for remark in remarks:
            exchange.remarks.append(remark)
            logger.warning("%s: %s", exchange.operation_id, remark)
