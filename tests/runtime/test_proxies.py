"""Which proxy the environment names for an address: the one that a client of httpx would use."""

from __future__ import annotations

import httpx
import pytest

from tiktok_shop_async import proxies
from tiktok_shop_async.proxies import environment_proxy

ADDRESSES = [
    "http://shop.example",
    "https://shop.example",
    "https://shop.example:8443",
    "http://api.shop.example",
    "http://myshop.example",
    "http://localhost:8080",
    "http://a.localhost",
    "http://127.0.0.1:8080",
    "http://192.168.0.0",
    "http://192.168.0.7",
    "http://[::1]:8080",
    "http://[::2]",
]
EXCEPTIONS = [
    "",
    "*",
    "other.example, *",
    "shop.example",
    " SHOP.example ,localhost",
    ".shop.example",
    "shop.example:8443",
    "shop.example:80",
    "https://shop.example",
    "all://shop.example",
    "http://*",
    "http://*.shop.example:8080",
    "localhost",
    "127.0.0.1",
    "192.168.0.0/16",
    "::1",
    ",,",
]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def found(address: str) -> str | None:
    scheme, _, place = address.partition("://")
    return environment_proxy(scheme, place)


def of_httpx(address: str) -> str | None:
    """The same, from a client of httpx itself."""
    return httpx.Client().get(address).text or None


@pytest.fixture(autouse=True)
def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """httpx answers each request with the proxy that it was to be sent through."""
    names: dict[httpx.HTTPTransport, str] = {}

    def init(self: httpx.HTTPTransport, *, proxy: httpx.Proxy | None = None, **_: object) -> None:
        names[self] = str(proxy.url) if proxy else ""

    monkeypatch.setattr(httpx.HTTPTransport, "__init__", init)
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda self, _: httpx.Response(200, text=names[self]))


@pytest.mark.parametrize("exceptions", EXCEPTIONS)
def test_the_same_hosts_need_no_proxy_as_for_httpx(exceptions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", exceptions)
    assert {each: found(each) for each in ADDRESSES} == {each: of_httpx(each) for each in ADDRESSES}


@pytest.mark.parametrize(
    ("exceptions", "needed"),
    [("[::1]", False), ("[::1]:8080", False), ("::1/128", False), ("[::2]", True), ("[", True), ("[::1]:port", True)],
)
def test_what_httpx_stumbles_over_is_read_or_passed_over(
    exceptions: str, needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", exceptions)
    assert (found("http://[::1]:8080") is not None) == needed


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"http_proxy": "http://a.example:1"},
        {"HTTPS_PROXY": "http://a.example:1"},
        {"https_proxy": "http://a.example:1", "all_proxy": "http://b.example:2"},
        {"http_proxy": "", "all_proxy": "b.example:2"},
        {"ALL_PROXY": "https://b.example:2"},
        {"no_proxy": "shop.example"},
    ],
)
def test_the_same_proxy_is_found_as_by_httpx(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert {each: found(each) for each in ADDRESSES} == {each: of_httpx(each) for each in ADDRESSES}


def test_a_proxy_of_the_system_has_the_exceptions_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the settings of macOS and Windows name them."""
    monkeypatch.setattr(proxies, "getproxies", lambda: {"http": "http://proxy.example:3128"})
    monkeypatch.setattr(proxies, "proxy_bypass", lambda place: place == "inside.example")
    assert found("http://inside.example") is None
    assert found("http://outside.example") == "http://proxy.example:3128"


def test_a_proxy_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "user:word@proxy.example:3128")
    assert found("http://shop.example") == "http://user:word@proxy.example:3128"
    assert repr(found("http://shop.example")) == "'***'"
