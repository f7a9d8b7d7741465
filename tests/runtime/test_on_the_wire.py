"""What arrives at a real server is what was signed, over a real socket and whatever the arguments are."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.conftest import APP_KEY, APP_SECRET, CIPHER, TOKEN
from tests.runtime.depot import Depot
from tests.runtime.server import Received, RecordingServer
from tests.runtime.test_multipart import parts_of, pipe
from tiktok_shop_async import TikTokShop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(
        ("carrier", "anyio_backend"),
        [("httpx", "asyncio"), ("httpx", "trio"), ("aiohttp", "asyncio")],
        indirect=["anyio_backend"],
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as running:
        yield running


@asynccontextmanager
async def client_of(server: RecordingServer, carrier: str) -> AsyncIterator[TikTokShop]:
    """A client without TLS, whose certificates would have to be loaded for each example."""
    async with httpx.AsyncClient(verify=False) as http_client:  # noqa: S501
        over: dict[str, Any] = {"http_client": http_client} if carrier == "httpx" else {"transport": "aiohttp"}
        client = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, base_url=server.url, **over)
        async with client:
            yield client


def assert_signed(received: Received) -> dict[str, str]:
    """Check the signature the way a server does: from the raw target and the raw body, with no code of ours."""
    path, _, raw_query = received.target.partition("?")
    assert unquote(path) == path
    query = dict(parse_qsl(raw_query, keep_blank_values=True, strict_parsing=True))
    signature = query.pop("sign")
    text = path + "".join(name + query[name] for name in sorted(query))
    signed = APP_SECRET.encode() + text.encode()
    if not received.headers["content-type"].startswith("multipart/form-data"):
        signed += received.body
    signed += APP_SECRET.encode()
    assert signature == hmac.new(APP_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return query


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ids = st.text("ABCxyz0189-._~!$&'()*+,;=:@", min_size=1, max_size=30).filter(lambda text: text not in {".", ".."})
members = st.lists(texts.filter(lambda text: "," not in text), max_size=4)


@given(crate_id=ids)
async def test_any_id_arrives_as_it_was_signed(server: RecordingServer, carrier: str, crate_id: str) -> None:
    async with client_of(server, carrier) as client:
        await Depot(client._call).get_crate(crate_id=crate_id)
    received = server.received.pop()
    assert_signed(received)
    assert received.target.partition("?")[0] == f"/depot/202309/crates/{crate_id}"
    assert received.body == b""


@given(page_token=texts, wanted=members, is_open=st.none() | st.booleans(), name=st.none() | texts)
async def test_any_query_and_body_arrive_as_they_were_signed(
    server: RecordingServer, carrier: str, page_token: str, wanted: list[str], is_open: bool | None, name: str | None
) -> None:
    async with client_of(server, carrier) as client:
        await Depot(client._call).list_crates(page_token=page_token, ids=wanted, is_open=is_open, name=name)
    received = server.received.pop()
    query = assert_signed(received)
    assert query["page_token"] == page_token
    assert query["ids"] == ",".join(wanted)
    assert query.get("is_open") == {None: None, True: "true", False: "false"}[is_open]
    assert json.loads(received.body) == ({} if name is None else {"name": name})


@given(body=st.binary(max_size=200))
async def test_any_bytes_arrive_as_they_were_signed(server: RecordingServer, carrier: str, body: bytes) -> None:
    async with client_of(server, carrier) as client:
        await client.request("PUT", "/depot/202309/raw", body=body)
    received = server.received.pop()
    assert_signed(received)
    assert received.body == body


async def test_methods_arrive_with_the_bodies_that_they_have(server: RecordingServer, carrier: str) -> None:
    async with client_of(server, carrier) as client:
        depot = Depot(client._call)
        await depot.get_crate(crate_id="1")
        await depot.drop_crates()
        await depot.drop_crates(crate_ids=["1"])
        await depot.move_crates(crate_ids=["1"])
        await client.request("GET", "/depot/202309/crates", body={"a": 1})
        await client.request("POST", "/depot/202309/crates")
    received, server.received[:] = list(server.received), []
    assert [(each.method, each.body) for each in received] == [
        ("GET", b""),
        ("DELETE", b""),
        ("DELETE", b'{"crate_ids":["1"]}'),
        ("PUT", b'{"crate_ids":["1"]}'),
        ("GET", b'{"a":1}'),
        ("POST", b""),
    ]
    for each in received:
        assert_signed(each)
        assert each.headers.get_all("content-type") == ["application/json"]
        assert each.headers.get_all("x-tts-access-token") == [TOKEN]
        assert each.headers.get_all("content-length") in ([str(len(each.body))], None if not each.body else [])
        assert each.headers["transfer-encoding"] is None


async def test_an_upload_arrives_whole(server: RecordingServer, carrier: str, tmp_path: Path) -> None:
    content = os.urandom(1_000_000)
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    async with client_of(server, carrier) as client:
        depot = Depot(client._call)
        for source in (content, path, io.BytesIO(content), pipe(content)):
            await depot.upload_photo(data=source, use_case="MAIN")
            received = server.received.pop()
            assert_signed(received)
            parts = parts_of(received.headers["content-type"], received.body)
            assert parts["data"].get_payload(decode=True) == content
            assert parts["use_case"].get_payload(decode=True) == b"MAIN"
            known = not hasattr(source, "readinto") or isinstance(source, io.BytesIO)
            assert (received.headers["content-length"] is not None) == known
            assert (received.headers["transfer-encoding"] == "chunked") == (not known)


async def test_not_even_the_debug_logs_below_show_a_secret(
    server: RecordingServer, carrier: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with client_of(server, carrier) as client:
        await Depot(client._call).get_crate(crate_id="1")
    signature = dict(parse_qsl(server.received.pop().target))["sign"]
    assert carrier == "aiohttp" or "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert not [secret for secret in (APP_SECRET, TOKEN, CIPHER, signature) if secret in caplog.text]
