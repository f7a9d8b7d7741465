"""Uploads of pictures and files."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from tiktok_shop_async.sandbox.made_up.picture import plain_png

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller

IMAGES = "/product/202309/images/upload"
FILES = "/product/202309/files/upload"


def jpeg(width: int, height: int) -> bytes:
    """The beginning of a JPEG of this size, with a comment before the size as cameras write it."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"note"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + comment + frame + b"\xff\xd9"


def upload(caller: Caller, content: bytes, path: str = IMAGES, **texts: str) -> Answer:
    """Uploads this content in the part `data`."""
    return caller.without_cipher().upload(path, texts, {"data": ("picture.bin", content)})


@pytest.mark.parametrize(("content", "kind"), [(plain_png(320, 300, (1, 2, 3)), "png"), (jpeg(320, 300), "jpeg")])
def test_a_picture_is_taken_for_what_its_bytes_say(reader: Caller, content: bytes, kind: str) -> None:
    """Whatever its name is."""
    data = upload(reader, content, use_case="MAIN_IMAGE").data
    assert (data["width"], data["height"], data["use_case"]) == (320, 300, "MAIN_IMAGE")
    fetched = reader.fetch(data["url"])
    assert fetched.content == content
    assert fetched.headers["content-type"] == f"image/{kind}"


def test_a_picture_for_a_description_may_be_smaller(reader: Caller) -> None:
    small = plain_png(120, 120, (1, 2, 3))
    assert upload(reader, small, use_case="MAIN_IMAGE").code == 12038014
    assert upload(reader, small, use_case="DESCRIPTION_IMAGE").code == 0


BAD_PICTURES = {
    "nothing": (b"", 12038002),
    "a text": (b"not a picture", 12038004),
    "base64": (b"iVBORw0KGgoAAAANSUhEUgAA", 12038004),
    "a JPEG that ends early": (jpeg(320, 300)[:14], 12038004),
    "a PNG that ends early": (plain_png(320, 300, (1, 2, 3))[:20], 12038004),
    "a file beyond ten megabytes": (plain_png(320, 300, (1, 2, 3)) + bytes(10 * 1024 * 1024), 36009021),
}


@pytest.mark.parametrize("what", BAD_PICTURES)
def test_a_picture_is_not_made_of(reader: Caller, what: str) -> None:
    content, code = BAD_PICTURES[what]
    assert upload(reader, content).code == code


def test_the_part_with_the_file_has_to_be_there(reader: Caller) -> None:
    answer = reader.without_cipher().upload(IMAGES, {}, {"picture": ("a.png", b"x")})
    assert (answer.code, answer.status) == (36009004, 400)
    assert "`data`" in answer.message


def test_the_file_must_not_be_sent_as_text(reader: Caller) -> None:
    """As it happens when its part has no file name."""
    answer = reader.without_cipher().upload(IMAGES, {"data": "iVBORw0KGgo"}, {"other": ("a.png", b"x")})
    assert answer.code == 36009004
    assert "expects a file" in answer.message


def test_a_text_part_must_not_carry_a_file_name(reader: Caller) -> None:
    """Live refuses it as well."""
    content = plain_png(320, 300, (1, 2, 3))
    parts = {"data": ("a.png", content), "use_case": ("use_case", b"MAIN_IMAGE")}
    answer = reader.without_cipher().upload(IMAGES, {}, parts)
    assert answer.code == 36009004
    assert "`use_case` expects text" in answer.message


def test_a_form_without_its_boundary_is_refused(reader: Caller) -> None:
    headers = {"content-type": "multipart/form-data", "x-tts-access-token": reader.token}
    caller = reader.without_cipher()
    answer = caller.send("POST", IMAGES, caller.signed(IMAGES, {}), b"--x--", headers)
    assert (answer.code, answer.status) == (36009023, 400)


def test_a_document_is_uploaded_and_fetched_again(reader: Caller) -> None:
    data = upload(reader, b"%PDF-1.4", FILES, name="certificate.pdf").data
    assert (data["name"], data["format"]) == ("certificate.pdf", "PDF")
    assert reader.fetch(data["url"]).content == b"%PDF-1.4"


def test_the_name_of_a_file_has_to_say_what_it_is(reader: Caller) -> None:
    assert upload(reader, b"x", FILES, name="certificate.doc").code == 12019103


def test_a_link_to_nothing_answers_404(reader: Caller) -> None:
    assert reader.fetch("http://sandbox.test/sandbox/files/none").status_code == 404


@pytest.mark.parametrize(
    ("path", "texts", "megabytes"),
    [
        ("/product/202309/images/upload", {}, 10),
        ("/product/202309/files/upload", {"name": "a.pdf"}, 20),
        ("/fulfillment/202309/images/upload", {}, 5),
        ("/fulfillment/202309/files/upload", {"name": "a.pdf"}, 10),
    ],
)
def test_a_file_beyond_the_size_of_its_endpoint_is_refused(
    reader: Caller, path: str, texts: dict[str, str], megabytes: int
) -> None:
    """Each endpoint has its own, which the spec states."""
    caller = reader if path.startswith("/fulfillment") else reader.without_cipher()
    answer = caller.upload(path, texts, {"data": ("a", b"%" * (megabytes * 1024 * 1024 + 1))})
    assert (answer.code, answer.status) == (36009021, 400)
    assert f"`data` takes {megabytes} MB" in answer.message
