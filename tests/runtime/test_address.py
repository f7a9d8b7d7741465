"""Addresses that httpx does not read: right whoever looks at them, and read when somebody does."""

from __future__ import annotations

import copy
import pickle
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.runtime.server import RecordingServer
from tiktok_shop_async import HttpxTransport
from tiktok_shop_async.address import Address, Request, read_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

URL = "https://open-api.example/depot/202309/crates/1%2F2?app_key=k&ids=1%2C2&empty=&sign=hidden"

PROPERTIES = [name for name, each in vars(httpx.URL).items() if isinstance(each, property) and name != "raw"]
"""All but the one that httpx warns of."""

ORIGINS = [
    "https://open-api.example",
    "http://127.0.0.1:8080",
    "https://open-api.example:443",
    "http://[::1]:8080",
    "HTTPS://Open-API.Example",
    "https://m\u00fcller.example",
    "https://jo%40mail:a%20word@open-api.example:8443",
    "ws://a",
    "http://",
    "https:",
    "",
]


def parts(address: httpx.URL) -> dict[str, Any]:
    return {name: getattr(address, name) for name in PROPERTIES} | {"text": str(address), "hash": hash(address)}


@given(
    st.sampled_from(ORIGINS),
    st.text(st.sampled_from("/.?#&=%2Ff+~:@a-_!$'()*,;[]{}|^`<>\"\\ \u00fc"), max_size=12)
    | st.text(st.sampled_from("/.?%2Ff&="), max_size=12),
)
@example("https://open-api.example", "/a/b")
@example("https://open-api.example", "/a/./b/../c?d=/./")
@example("https://open-api.example", "?to=/a/b")
@example("https://open-api.example", "#/a/b")
@example("http://", "/a/b")
@example("https:", "///a/b")
@example("ws://a", "/b/c")
def test_any_text_is_read_as_httpx_reads_it(origin: str, target: str) -> None:
    text = origin + target
    try:
        expected = httpx.URL(text)
    except httpx.InvalidURL:
        with pytest.raises(httpx.InvalidURL):
            read_address(text)
        return
    found = read_address(text)
    assert parts(found) == parts(expected)
    assert found == expected
    assert expected == found


def test_an_address_that_is_too_long_is_refused_as_by_httpx() -> None:
    for length in (65_536, 65_537):
        text = f"https://a/{'b' * (length - 10)}"
        try:
            assert read_address(text) == httpx.URL(text)
        except httpx.InvalidURL:
            assert length == 65_537


def test_an_address_of_the_api_can_be_used_as_any_other() -> None:
    address = read_address(URL)
    assert isinstance(address, Address)
    assert address.params["ids"] == "1,2"
    assert address.path == "/depot/202309/crates/1/2"
    assert address.copy_with(query=None) == httpx.URL(URL.partition("?")[0])
    assert address.copy_remove_param("sign").params.get("sign") is None
    assert address.join("/elsewhere") == "https://open-api.example/elsewhere"
    assert httpx.URL(address) == address
    assert len({httpx.URL(URL), address}) == 1
    assert not hasattr(address, "nothing")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301
def test_a_copy_is_whole(copied: Callable[[Any], Any]) -> None:
    assert copied(read_address(URL)) == URL
    request = copied(Request("POST", read_address(URL), {b"x-key": b"v"}, b"{}"))
    assert (request.method, request.url, request.content) == ("POST", URL, b"{}")
    assert request.headers["x-key"] == "v"


@pytest.mark.parametrize(
    "url", [URL, "https://jo:hidden@open-api.example:8443/a?a=hidden", "https://[::1]/a?\u00fc=hidden"]
)
def test_what_is_secret_in_an_address_does_not_show(url: str) -> None:
    request = Request("GET", read_address(url), {}, b"")
    shown = [repr(request), *([repr(request.url)] if isinstance(request.url, Address) else [])]
    place = urlsplit(url)
    for text in shown:
        assert f"{place.netloc.rpartition('@')[2]}{place.path}?***'" in text
        assert "hidden" not in text


async def stream() -> AsyncIterator[bytes]:
    yield b"abc"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("body", [b"", b"{}", None])
@pytest.mark.parametrize("given_length", [True, False])
@pytest.mark.anyio
async def test_a_request_is_what_httpx_would_have_made(method: str, body: bytes | None, given_length: bool) -> None:
    headers = {"accept-encoding": "gzip", "content-type": "a/b"}
    if given_length:
        headers["content-length"] = "3" if body is None else str(len(body))
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    made = Request(method, read_address(URL), encoded, stream() if body is None else body, {"timeout": {"read": 1}})
    content: Any = stream() if body is None else body or None
    expected = httpx.Request(method, URL, headers=headers, content=content, extensions={"timeout": {"read": 1}})
    assert sorted(made.headers.raw) == sorted(expected.headers.raw)
    assert (made.method, made.url, made.extensions) == (expected.method, expected.url, expected.extensions)
    assert body is None or made.content == body
    assert isinstance(made.stream, httpx.AsyncByteStream)
    assert await made.aread() == await expected.aread()


def test_a_host_that_is_given_is_kept() -> None:
    assert Request("GET", read_address(URL), {b"host": b"other"}, b"").headers["host"] == "other"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From where addresses were read after all: by httpx, or by who looked at them."""
    found: list[str] = []
    read = Address.__getattr__

    def note(self: Address, name: str) -> Any:
        found.append(f"{name}: {''.join(traceback.format_stack(limit=4)[:-1])}")
        return read(self, name)

    monkeypatch.setattr(Address, "__getattr__", note)
    return found


@pytest.mark.anyio
@pytest.mark.parametrize("handed_over", [True, False])
async def test_no_address_is_read_for_a_request(readings: list[str], handed_over: bool) -> None:
    """What this module is for. It fails where httpx begins to ask an address for something else."""
    async with httpx.AsyncClient() as client:
        transport = HttpxTransport(client if handed_over else None)
        with RecordingServer() as server:
            for _ in range(2):
                assert (await transport.send("POST", f"{server.url}/a?b=c", {}, b"{}")).status == 200
            assert server.received[0].target == "/a?b=c"
        await transport.aclose()
    assert readings == []


@pytest.mark.anyio
async def test_who_looks_at_an_address_reads_it_once(readings: list[str]) -> None:
    address = read_address(URL)
    assert [address.path, address.query, address.fragment, address.is_absolute_url] != []
    assert len(readings) == 1
