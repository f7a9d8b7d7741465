"""What can be imported from the package itself, and what that costs."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import tiktok_shop_async

NAMES = [
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


def test_the_public_names_are_these_and_sorted() -> None:
    assert tiktok_shop_async.__all__ == NAMES == sorted(NAMES)
    assert dir(tiktok_shop_async) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(tiktok_shop_async, name) is not None


def test_every_error_is_public() -> None:
    assert {each for each in tiktok_shop_async.errors.__all__ if each.endswith("Error")} <= set(NAMES)


def test_any_other_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'TikTokShopClient'"):
        getattr(tiktok_shop_async, "TikTokShopClient")  # noqa: B009


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running the code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_else() -> None:
    ours = {each for each in loaded_by("import tiktok_shop_async") if re.match("tiktok_shop_async", each)}
    assert ours == {"tiktok_shop_async"}


def test_httpx_is_loaded_when_a_request_is_sent_and_not_before() -> None:
    code = "from tiktok_shop_async import TikTokShop\nTikTokShop('k', 's').with_shop(shop_cipher='c')"
    assert not {"httpx", "httpcore"} & loaded_by(code)


FIRST_PAGE = """
import asyncio
from tiktok_shop_async import RawAnswer, TikTokShop

class Memory:
    async def send(self, *request):
        return RawAnswer(200, {}, b'{"code": 0, "data": {"orders": [{"id": "1"}]}}')

async def main():
    async with TikTokShop("k", "s", access_token="t", shop_cipher="c", transport=Memory()) as client:
        page = await client.orders.get_order_list(page_size=100)
        assert page.orders[0].id == "1"

asyncio.run(main())
"""

LOADED_FOR_A_PAGE = """
    api api.orders background call category_assets ciphers classify client credentials decoding encoding errors
    identifiers limits loops model models models.order models.recipient_address multipart observation operation
    options paging partial_failure places preview response retry secret settings shops signing source time_limit
    tokens tokens.account tokens.oauth tokens.provider tokens.store tokens.tokens tolerance traffic transport values
    view
"""
"""A module more is time more, for every program: import it where it is used, if most programs never get there."""


def test_a_first_page_loads_what_it_needs_and_no_more() -> None:
    loaded = loaded_by(FIRST_PAGE)
    ours = {each.partition(".")[2] for each in loaded if each.startswith("tiktok_shop_async.")}
    assert ours <= set(LOADED_FOR_A_PAGE.split())
    needed = loaded_by("import anyio, asyncio, attrs, msgspec\nasyncio.run(anyio.sleep(0))")
    others = {each.partition(".")[0] for each in loaded - needed} - sys.stdlib_module_names
    assert others == {"tiktok_shop_async"}


def test_a_client_loads_no_resource_and_no_model_that_is_not_used() -> None:
    code = "from tiktok_shop_async import TikTokShop\nTikTokShop('k', 's').orders"
    loaded = loaded_by(code)
    assert "tiktok_shop_async.api.orders" in loaded
    assert "tiktok_shop_async.api.products" not in loaded
    assert not {each for each in loaded if each.startswith("tiktok_shop_async.models.")}
