"""Images and files for listings. What is uploaded can be fetched again from the sandbox itself."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.gate.file_size import MEGABYTE, check_size
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Upload
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox.call import Call, FilePart

DOCUMENT_LIMIT = 20 * MEGABYTE
"""A video may be larger, so the spec's limit for this endpoint is."""

NO_CONTENT = 12038002
NOT_AN_IMAGE = 12038004
UNSUITABLE_SIZE = 12038014
UNKNOWN_FORMAT = 12019103

SIDES = {"MAIN_IMAGE": (300, 4_000)}
ANY_USE_SIDES = (100, 20_000)
FILE_FORMATS = ("PDF", "MP4", "MOV", "MKV", "WMV", "WEBM", "AVI", "3GP", "FLV", "MPEG")
IMAGE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of the segments that state a JPEG's size."""


@serves("POST", "/product/202309/images/upload")
def upload_image(call: Call) -> Data:
    """Takes a PNG or JPEG in the part `data` and answers the `uri` that listings refer to it by."""
    part = file_part(call)
    use_case = str(call.body.get("use_case") or "MAIN_IMAGE")
    image_format, width, height = read_image(part.content)
    low, high = SIDES.get(use_case, ANY_USE_SIDES)
    if not (low <= width <= high and low <= height <= high):
        message = (
            f"Unsuitable `data`: sides of {low} to {high} pixels are expected for {use_case}, got {width}x{height}."
        )
        raise RefusalError(UNSUITABLE_SIZE, message)
    uri = f"sandbox-{call.world.ids.hexadecimal(24)}"
    details = {"width": width, "height": height}
    upload = Upload(id=uri, content=part.content, media_type=IMAGE_TYPES[image_format], details=details)
    call.world.uploads.put(upload)
    return {"uri": uri, "url": file_url(call, uri), "use_case": use_case, **details}


@serves("POST", "/product/202309/files/upload")
def upload_file(call: Call) -> Data:
    """Takes a document or a video in the part `data`; the ending of `name` says which."""
    name = str(call.body["name"])
    file_format = name.rpartition(".")[2].upper()
    if file_format not in FILE_FORMATS:
        raise RefusalError(UNKNOWN_FORMAT, f"Unsupported `name`: it has to end in one of {', '.join(FILE_FORMATS)}.")
    part = file_part(call)
    if file_format == "PDF":
        check_size("data", part, DOCUMENT_LIMIT)
    file_id = f"sandbox-{call.world.ids.hexadecimal(24)}"
    media_type = "application/pdf" if file_format == "PDF" else "video/mp4"
    call.world.uploads.put(Upload(id=file_id, content=part.content, media_type=media_type))
    return {"id": file_id, "url": file_url(call, file_id), "name": name, "format": file_format}


def file_url(call: Call, file_id: str) -> str:
    """Where a file can be fetched, without a signature."""
    return f"{call.base_url}/sandbox/files/{file_id}"


def image_of(call: Call, uri: str) -> Data:
    """An image as listings show it."""
    upload = call.world.uploads.get(uri)
    details = upload.details if upload is not None else {}
    url = file_url(call, uri)
    return present(uri=uri, urls=[url], thumb_urls=[url], width=details.get("width"), height=details.get("height"))


def read_image(content: bytes) -> tuple[str, int, int]:
    """The format, width and height of an image, read from its first bytes and never from its name.

    Raises:
        RefusalError: it is neither a PNG nor a JPEG.
    """
    if content.startswith(PNG_MAGIC) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return "PNG", width, height
    if content.startswith(JPEG_MAGIC):
        for marker, segment in _jpeg_segments(content):
            if marker in JPEG_FRAMES and len(segment) >= 5:
                height, width = struct.unpack(">HH", segment[1:5])
                return "JPEG", width, height
    raise RefusalError(NOT_AN_IMAGE, "Unsuitable `data`: it is neither a PNG nor a JPEG.")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        yield marker, content[position + 4 : position + 2 + length]
        position += 2 + max(length, 2)


def file_part(call: Call) -> FilePart:
    """The file that a request carries.

    Raises:
        RefusalError: it is empty.
    """
    part = call.files["data"]
    if not part.content:
        raise RefusalError(NO_CONTENT, "Unsuitable `data`: the file is empty.")
    return part
