"""A plain PNG of one colour, so that seeded listings have pictures that can be looked at."""

from __future__ import annotations

import struct
import zlib


def plain_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Writes a picture of these sides, in pixels, filled with a colour given as red, green and blue."""
    # One bit a pixel, which points into a palette of one colour.
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", bytes(colour))
        + _chunk(b"IDAT", zlib.compress(row * height))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
