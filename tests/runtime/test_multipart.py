"""Uploads: how the form is written, that it streams, and that a retry sends it again from its start."""

from __future__ import annotations

import io
import os
import threading
from contextlib import aclosing
from email.parser import BytesParser
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest

from tests.runtime.wire import answer
from tiktok_shop_async import (
    ArgumentError,
    CallOptions,
    CallTimeoutError,
    ClockError,
    RateLimitError,
    ServerError,
    TransportError,
    sign,
)
from tiktok_shop_async.multipart import CHUNK, Multipart

if TYPE_CHECKING:
    from email.message import Message

    from tests.runtime.conftest import MakeDepot
    from tests.runtime.wire import Sent
    from tiktok_shop_async import FileContent

pytestmark = pytest.mark.anyio

rate_limited = answer(code=36009002, status=429)
lost = TransportError("no answer: ReadError", kind="read", maybe_executed=True)


async def written(form: Multipart) -> bytes:
    async with aclosing(form.stream()) as stream:
        return b"".join([chunk async for chunk in stream])


def parts_of(content_type: str, body: bytes) -> dict[str, Message[str, str]]:
    """The parts of a form by name, as a parser of MIME reads them."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    assert not message.defects
    parts = cast("list[Message[str, str]]", message.get_payload())
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


def parts_sent(sent: Sent) -> dict[str, Message[str, str]]:
    return parts_of(sent.headers["content-type"], sent.body)


class Pipe(io.RawIOBase):
    """A stream that can be read once, from its start to its end."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def pipe(content: bytes) -> BinaryIO:
    return cast("BinaryIO", Pipe(content))


# How it is written


async def test_a_file_part_has_a_file_name_and_a_text_part_has_none(make_depot: MakeDepot, tmp_path: Path) -> None:
    photo = tmp_path / "front.png"
    photo.write_bytes(b"\x89PNG\r\n")
    at = make_depot()
    await at.depot.upload_photo(data=photo, use_case="MAIN", tags=["a", "b"], ratio=1.5)
    parts = parts_sent(at.wire.sent[0])
    assert list(parts) == ["data", "use_case", "tags", "ratio"]
    assert parts["data"].get_filename() == "front.png"
    assert parts["data"].get_content_type() == "image/png"
    assert parts["data"].get_payload(decode=True) == b"\x89PNG\r\n"
    for name, text in {"use_case": "MAIN", "tags": "a,b", "ratio": "1.5"}.items():
        assert parts[name].get_filename() is None
        assert parts[name].get_payload(decode=True) == text.encode()


async def test_bytes_are_named_after_their_part() -> None:
    form = Multipart([("data", b"x")])
    part = parts_of(form.content_type, await written(form))["data"]
    assert (part.get_filename(), part.get_content_type()) == ("data", "application/octet-stream")


@pytest.mark.parametrize(("name", "shown"), [("/tmp/a/front.jpg", "front.jpg"), (7, "data"), ("", "data")])
async def test_a_stream_is_named_after_its_file_if_it_has_one(name: object, shown: str) -> None:
    stream = io.BytesIO(b"x")
    stream.name = name
    form = Multipart([("data", stream)])
    assert parts_of(form.content_type, await written(form))["data"].get_filename() == shown


async def test_a_file_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    odd = tmp_path / 'a"\r\nX-Evil: 1;.txt'
    odd.write_bytes(b"x")
    form = Multipart([("data", odd)])
    parts = parts_of(form.content_type, await written(form))
    assert parts["data"].get_filename() == "a%22%0D%0AX-Evil: 1;.txt"
    assert "X-Evil" not in parts["data"]


async def test_text_of_any_script_is_sent_as_utf_8() -> None:
    form = Multipart([("name", "漢字 é\r\nx")])
    assert parts_of(form.content_type, await written(form))["name"].get_payload(decode=True) == "漢字 é\r\nx".encode()


def test_every_form_has_a_boundary_of_its_own() -> None:
    assert Multipart([]).content_type != Multipart([]).content_type


async def test_the_form_is_not_signed(make_depot: MakeDepot) -> None:
    at = make_depot()
    await at.depot.upload_photo(data=b"x")
    (sent,) = at.wire.sent
    query = {name: value for name, value in sent.query.items() if name != "sign"}
    assert sent.query["sign"] == sign(app_secret="app-secret-77", path=sent.path, query=query)


# How it is read


async def test_the_length_is_told_where_it_can_be_known(make_depot: MakeDepot, tmp_path: Path) -> None:
    photo = tmp_path / "front.png"
    photo.write_bytes(b"12345")
    for content in (b"12345", photo, io.BytesIO(b"12345")):
        at = make_depot()
        await at.depot.upload_photo(data=content, use_case="MAIN")
        assert at.wire.sent[0].headers["content-length"] == str(len(at.wire.sent[0].body))


async def test_a_stream_that_hides_its_length_is_sent_without_one(make_depot: MakeDepot) -> None:
    at = make_depot()
    await at.depot.upload_photo(data=pipe(b"12345"))
    assert "content-length" not in at.wire.sent[0].headers
    assert parts_sent(at.wire.sent[0])["data"].get_payload(decode=True) == b"12345"


async def test_what_is_no_regular_file_hides_its_length() -> None:
    assert await Multipart([("data", Path(os.devnull))]).measure() is None


async def test_a_stream_is_sent_from_where_it_stands(make_depot: MakeDepot) -> None:
    stream = io.BytesIO(b"header12345")
    stream.seek(6)
    at = make_depot()
    await at.depot.upload_photo(data=stream)
    assert parts_sent(at.wire.sent[0])["data"].get_payload(decode=True) == b"12345"
    assert at.wire.sent[0].headers["content-length"] == str(len(at.wire.sent[0].body))


@pytest.mark.parametrize("source", ["bytes", "path", "stream"])
async def test_a_file_is_never_in_memory_as_a_whole(source: str, tmp_path: Path) -> None:
    content = os.urandom(3 * CHUNK + 17)
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with path.open("rb") as opened:
        sources: dict[str, FileContent] = {"bytes": content, "path": path, "stream": opened}
        form = Multipart([("data", sources[source])])
        async with aclosing(form.stream()) as stream:
            chunks = [chunk async for chunk in stream]
    assert max(map(len, chunks)) <= CHUNK
    assert content in b"".join(chunks)


async def test_blocking_reads_stay_off_the_event_loop() -> None:
    readers: set[int] = set()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            readers.add(threading.get_ident())
            return super().read(size)

    await written(Multipart([("data", Slow(b"x"))]))
    assert readers
    assert threading.get_ident() not in readers


async def test_the_callers_stream_stays_open_and_ours_is_closed(tmp_path: Path) -> None:
    """An unclosed file would be a ResourceWarning, which fails the test."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x" * (CHUNK + 1))
    stream = io.BytesIO(b"x")
    async with aclosing(Multipart([("a", stream), ("b", path)]).stream()) as reading:
        for _ in range(5):
            await anext(reading)
    assert not stream.closed


async def test_a_stream_that_gives_text_is_a_type_error() -> None:
    class Text:
        def read(self, _: int) -> str:
            return "x"

    with pytest.raises(TypeError, match="gave str, not bytes"):
        await written(Multipart([("data", cast("BinaryIO", Text()))]))


async def test_an_empty_file_is_refused_before_anything_is_sent(make_depot: MakeDepot, tmp_path: Path) -> None:
    """Above all the stream that another call has read to its end."""
    at = make_depot()
    stream = io.BytesIO(b"content")
    await at.depot.upload_photo(data=stream)
    (tmp_path / "empty.png").touch()
    for content in (stream, b"", tmp_path / "empty.png"):
        with pytest.raises(ArgumentError, match=r"^data: an empty file"):
            await at.depot.upload_photo(data=content)
    assert len(at.wire.sent) == 1


async def test_a_missing_file_surfaces_as_itself_before_anything_is_sent(make_depot: MakeDepot, tmp_path: Path) -> None:
    at = make_depot()
    with pytest.raises(FileNotFoundError):
        await at.depot.upload_photo(data=tmp_path / "none.png")
    assert at.wire.sent == []


async def test_a_call_whose_time_is_up_waits_for_whoever_reads_its_file(make_depot: MakeDepot) -> None:
    """What the caller does next is to close the file, or to send it once more."""
    ended: list[bool] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sleep(0.3)
            ended.append(True)
            return super().read(size)

    with pytest.raises(CallTimeoutError):
        await make_depot().depot.upload_photo(data=Slow(b"12345"), options=CallOptions(timeout=0.1))
    assert ended


# Once more


async def test_a_retry_sends_the_same_body_from_its_start(make_depot: MakeDepot, tmp_path: Path) -> None:
    photo = tmp_path / "front.png"
    photo.write_bytes(b"12345")
    stream = io.BytesIO(b"header12345")
    stream.seek(6)
    for content in (b"12345", photo, stream):
        at = make_depot(rate_limited, answer(code=36009003), answer(None))
        await at.depot.upload_photo(data=content)
        assert len(at.wire.sent) == 3
        assert len({sent.body for sent in at.wire.sent}) == 1
        assert b"\r\n12345\r\n" in at.wire.sent[2].body


async def test_a_stream_that_cannot_seek_is_sent_only_once(make_depot: MakeDepot) -> None:
    for failure, error in (
        (rate_limited, RateLimitError),
        (answer(code=36009003), ServerError),
        (lost, TransportError),
    ):
        at = make_depot(failure, answer(None))
        with pytest.raises(error):
            await at.depot.upload_photo(data=pipe(b"12345"), options=CallOptions(max_retries=9))
        assert len(at.wire.sent) == 1


async def test_not_even_a_wrong_clock_sends_such_a_stream_twice(make_depot: MakeDepot) -> None:
    too_old = answer(code=36009004, message="timestamp", status=400, date="Tue, 14 Nov 2023 23:13:20 GMT")
    at = make_depot(too_old, answer(None))
    with pytest.raises(ClockError):
        await at.depot.upload_photo(data=pipe(b"12345"))
    await at.depot.upload_photo(data=pipe(b"12345"))
    first, second = (int(sent.query["timestamp"]) for sent in at.wire.sent)
    assert second - first == 3600
