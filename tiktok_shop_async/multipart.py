"""Uploads as streamed multipart bodies: never a whole file in memory, and the same bytes again for a retry."""

from __future__ import annotations

import io
import mimetypes
import os
import secrets
import stat
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

import anyio.to_thread

from tiktok_shop_async.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FileContent", "Multipart", "MultipartStream"]

FileContent: TypeAlias = bytes | BinaryIO | os.PathLike[str]
"""The content of a file: its bytes, a file opened in binary mode (sent from where it stands), or a `pathlib.Path`."""

CHUNK = 256 * 1024


class _File:
    """One file of a body: where it is read from, and its size once it has been measured."""

    def __init__(self, name: str, content: FileContent) -> None:
        self.name = name
        self.content = content
        self.size: int | None = len(content) if isinstance(content, bytes) else None
        self._start = 0

    @property
    def replayable(self) -> bool:
        if isinstance(self.content, bytes | os.PathLike):
            return True
        seekable: Callable[[], bool] | None = getattr(self.content, "seekable", None)
        return seekable is not None and seekable()

    def measure(self) -> None:
        """Find out the size, and where a stream stands now: every attempt starts from there. Blocks."""
        if isinstance(self.content, bytes):
            return
        if isinstance(self.content, os.PathLike):
            status = os.stat(self.content)  # noqa: PTH116 (any PathLike, not only Path)
            self.size = status.st_size if stat.S_ISREG(status.st_mode) else None
        elif self.replayable:
            self._start = self.content.tell()
            self.size = self.content.seek(0, os.SEEK_END) - self._start

    def open(self) -> BinaryIO:
        """The file at the start of what is to be sent. Blocks."""
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)  # shares the memory
        if isinstance(self.content, os.PathLike):
            return open(self.content, "rb")  # noqa: PTH123 (as above; the stream closes it)
        if self.replayable:
            self.content.seek(self._start)
        return self.content

    def close(self, opened: BinaryIO) -> None:
        """Close what `open` opened, and never the caller's own stream."""
        if opened is not self.content:
            opened.close()


class Multipart:
    """A body of named parts.

    Args:
        parts: Name and content of each part. A `str` is a text part, which carries no file name (the API rejects
            one there); anything else is a file part, which always carries one.
    """

    def __init__(self, parts: Sequence[tuple[str, str | FileContent]]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._segments: list[bytes | _File] = []
        for name, content in parts:
            disposition = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
            if isinstance(content, str):
                self._segments.append(f"{disposition}\r\n\r\n{content}\r\n".encode())
                continue
            file_name = _file_name(content, name)
            media_type = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
            disposition += f'; filename="{_quoted(file_name)}"\r\nContent-Type: {media_type}'
            self._segments += [f"{disposition}\r\n\r\n".encode(), _File(name, content), b"\r\n"]
        self._segments.append(f"--{boundary}--\r\n".encode())

    @property
    def _files(self) -> list[_File]:
        return [segment for segment in self._segments if isinstance(segment, _File)]

    @property
    def replayable(self) -> bool:
        """Whether the body can be sent a second time; not so with a stream that cannot seek."""
        return all(file.replayable for file in self._files)

    async def measure(self) -> int | None:
        """Look at the files, once and before the first attempt.

        Returns:
            The length of the body, or None where a stream hides its own.

        Raises:
            ArgumentError: A file is empty.
            OSError: A file is missing or may not be read.
        """
        for file in self._files:
            await anyio.to_thread.run_sync(file.measure)
            if file.size == 0:
                raise ArgumentError(
                    f"{file.name}: an empty file; a stream is sent from where it stands, so take one that was read "
                    "before back to its start with seek(0)"
                )
        total = 0
        for segment in self._segments:
            size = len(segment) if isinstance(segment, bytes) else segment.size
            if size is None:
                return None
            total += size
        return total

    def stream(self) -> MultipartStream:
        """The body from its start. Close it (`contextlib.aclosing`), read to the end or not."""
        return MultipartStream(self._segments)


class MultipartStream:
    """Reads a body piece by piece. A class and not a generator: what is left early on trio must not leak."""

    def __init__(self, segments: Sequence[bytes | _File]) -> None:
        self._waiting = list(reversed(segments))
        self._open: BinaryIO | None = None

    def __aiter__(self) -> MultipartStream:
        return self

    async def __anext__(self) -> bytes:
        while self._waiting:
            segment = self._waiting[-1]
            if isinstance(segment, bytes):
                self._waiting.pop()
                return segment
            if chunk := await self._read(segment):
                return chunk
            await self.aclose()
            self._waiting.pop()
        raise StopAsyncIteration

    async def _read(self, file: _File) -> bytes:
        if isinstance(file.content, bytes):
            self._open = self._open or file.open()
            return self._open.read(CHUNK)
        if self._open is None:
            self._open = await anyio.to_thread.run_sync(file.open)
        chunk = cast("Any", await anyio.to_thread.run_sync(self._open.read, CHUNK))
        if not isinstance(chunk, bytes):
            raise TypeError(f"the file's read() gave {type(chunk).__name__}, not bytes: open it in binary mode")
        return chunk

    async def aclose(self) -> None:
        """Close the file that is being read, unless it is the caller's own."""
        if self._open is not None and self._waiting and isinstance(self._waiting[-1], _File):
            self._waiting[-1].close(self._open)
        self._open = None


def _file_name(content: FileContent, fallback: str) -> str:
    name: object = None
    if isinstance(content, os.PathLike):
        name = os.fspath(content)
    elif not isinstance(content, bytes):
        name = getattr(content, "name", None)  # a number for a stream made from a descriptor
    return (os.path.basename(name) if isinstance(name, str) else "") or fallback  # noqa: PTH119


def _quoted(name: str) -> str:
    """A name inside the quotes of a header, the way browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
