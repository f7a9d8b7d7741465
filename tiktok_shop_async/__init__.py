"""Typed async client for the TikTok Shop Open API.

    async with TikTokShop(app_key, app_secret, access_token=token) as client:
        shop = await client.shop("7000000000000000001")
        async for order in shop.orders.get_order_list():
            print(order.id)

Everything public is here, and loaded when it is first used; the models are in `tiktok_shop_async.models`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.client import TikTokShop
    from tiktok_shop_async.encoding import FileContent
    from tiktok_shop_async.errors import (
        APIError,
        ArgumentError,
        AuthenticationError,
        AuthorizationCodeError,
        AuthorizationDeniedError,
        AuthorizationError,
        CallError,
        CallTimeoutError,
        ClientClosedError,
        ClockError,
        CredentialsError,
        DecodingError,
        DocumentError,
        InboxError,
        MissingScopeError,
        MissingStateError,
        NotFoundError,
        NotReadyError,
        PartialFailureError,
        PermissionDeniedError,
        QuotaError,
        RateLimitError,
        ReauthorizationRequiredError,
        ResourceLockedError,
        RetiredVersionError,
        ServerError,
        ShopCipherError,
        SignatureError,
        StateMismatchError,
        TikTokShopError,
        TokenExpiredError,
        TokenStoreError,
        TransportError,
        ValidationError,
        WebhookSignatureError,
    )
    from tiktok_shop_async.limits import Limiter, MemoryLimiter
    from tiktok_shop_async.limits_redis import RedisLimiter
    from tiktok_shop_async.model import response_of
    from tiktok_shop_async.observation import AttemptDetails, CallDetails, CallResult, Observer
    from tiktok_shop_async.options import CallOptions
    from tiktok_shop_async.paging import Pager
    from tiktok_shop_async.preview import PreviewWarning
    from tiktok_shop_async.response import Response
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.scan import Scan
    from tiktok_shop_async.signing import sign
    from tiktok_shop_async.transport import HttpxTransport, RawAnswer, Transport
    from tiktok_shop_async.transport_aiohttp import AiohttpTransport
    from tiktok_shop_async.values import as_datetime, as_decimal
    from tiktok_shop_async.view import CreatorView, PartnerView, ShopView

__version__ = "0.2.0"

__all__ = [
    "APIError",
    "AiohttpTransport",
    "ArgumentError",
    "AttemptDetails",
    "AuthenticationError",
    "AuthorizationCodeError",
    "AuthorizationDeniedError",
    "AuthorizationError",
    "CallDetails",
    "CallError",
    "CallOptions",
    "CallResult",
    "CallTimeoutError",
    "ClientClosedError",
    "Clock",
    "ClockError",
    "CreatorView",
    "CredentialsError",
    "DecodingError",
    "DocumentError",
    "FileContent",
    "HttpxTransport",
    "InboxError",
    "Limiter",
    "MemoryLimiter",
    "MissingScopeError",
    "MissingStateError",
    "NotFoundError",
    "NotReadyError",
    "Observer",
    "Pager",
    "PartialFailureError",
    "PartnerView",
    "PermissionDeniedError",
    "PreviewWarning",
    "QuotaError",
    "RateLimitError",
    "RawAnswer",
    "ReauthorizationRequiredError",
    "RedisLimiter",
    "ResourceLockedError",
    "Response",
    "RetiredVersionError",
    "Scan",
    "ServerError",
    "ShopCipherError",
    "ShopView",
    "SignatureError",
    "StateMismatchError",
    "TikTokShop",
    "TikTokShopError",
    "TokenExpiredError",
    "TokenStoreError",
    "Transport",
    "TransportError",
    "ValidationError",
    "WebhookSignatureError",
    "__version__",
    "as_datetime",
    "as_decimal",
    "response_of",
    "sign",
]

# Where the names that are not errors live.
_HOMES = {
    "AiohttpTransport": "transport_aiohttp",
    "AttemptDetails": "observation",
    "CallDetails": "observation",
    "CallOptions": "options",
    "CallResult": "observation",
    "Clock": "retry",
    "CreatorView": "view",
    "FileContent": "encoding",
    "HttpxTransport": "transport",
    "Limiter": "limits",
    "MemoryLimiter": "limits",
    "Observer": "observation",
    "Pager": "paging",
    "PartnerView": "view",
    "PreviewWarning": "preview",
    "RawAnswer": "transport",
    "RedisLimiter": "limits_redis",
    "Response": "response",
    "Scan": "scan",
    "ShopView": "view",
    "TikTokShop": "client",
    "Transport": "transport",
    "as_datetime": "values",
    "as_decimal": "values",
    "response_of": "model",
    "sign": "signing",
}


if not TYPE_CHECKING:  # a checker that sees this takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
