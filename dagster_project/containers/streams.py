"""Bytes in order: counted, looked ahead at, decompressed a little at a time."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import Any, BinaryIO, Protocol

from dagster_project.containers.model import Visit

CHUNK = 65_536
_XZ_MEMORY = 256 * 1024 * 1024
"""xz -9 needs 65 MiB to unpack; a header may ask for 4 GiB."""


class Readable(Protocol):
    """Anything that gives bytes in order."""

    def read(self, size: int, /) -> bytes: ...


class TooLargeError(Exception):
    """One piece is larger than it may be; what stands behind it can still be read."""


class Forward(io.RawIOBase):
    """A stream that is read once, from front to back.

    ``allowance`` bounds what may be read until it is set again: a reader of headers that believes a
    length written in the file would take all memory. Seeking forward skips, and is not counted.
    """

    def __init__(self, source: Readable, visit: Visit | None = None) -> None:
        super().__init__()
        self._source = source
        self._visit = visit
        """Set where the source decompresses: its bytes are spent there and nowhere else."""
        self._ahead = b""
        self._position = 0
        self.allowance: int | None = None
        self.last_read = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer only at the end; they will be read again."""
        while len(self._ahead) < size and (piece := self._pull(size - len(self._ahead))):
            self._ahead += piece
        return self._ahead[:size]

    def read(self, size: int = -1) -> bytes:
        """Exactly so many bytes, fewer only at the end."""
        if size is None or size < 0:
            raise io.UnsupportedOperation("reading without a bound")
        if self.allowance is not None:
            if size > self.allowance:
                raise TooLargeError("a header is too large to be one")
            self.allowance -= size
        data = self._take(size)
        self.last_read = data
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(min(len(buffer), CHUNK))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise io.UnsupportedOperation("seeking backward")
        while self._position < offset and self._take(min(CHUNK, offset - self._position)):
            pass
        return self._position

    def _take(self, size: int) -> bytes:
        pieces = [self._ahead[:size]]
        self._ahead = self._ahead[size:]
        missing = size - len(pieces[0])
        while missing and (piece := self._pull(min(missing, CHUNK))):
            pieces.append(piece)
            missing -= len(piece)
        data = b"".join(pieces)
        self._position += len(data)
        return data

    def _pull(self, size: int) -> bytes:
        piece = self._source.read(size)
        if self._visit is not None:
            self._visit.spend(len(piece))
        return piece


class XzReader:
    """A decompressor of xz with a bound on its memory, which ``lzma.LZMAFile`` has not."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._pending = b""
        self._decompressor = self._start()

    @staticmethod
    def _start() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        while True:
            if self._decompressor.eof:
                # Streams may follow each other, with zeros between them.
                self._pending = (self._decompressor.unused_data + self._pending).lstrip(b"\x00")
                if not self._pending:
                    self._pending = self._source.read(CHUNK).lstrip(b"\x00")
                if not self._pending:
                    return b""
                self._decompressor = self._start()
            if self._decompressor.needs_input and not self._pending:
                self._pending = self._source.read(CHUNK)
                if not self._pending:
                    raise EOFError("the compressed file ended before its end marker")
            data, pending = self._pending, b""
            if not self._decompressor.needs_input:
                data, pending = b"", data
            self._pending = pending
            unpacked = self._decompressor.decompress(data, size)
            if unpacked:
                return unpacked


def decompress(kind: str, source: BinaryIO | Forward) -> Readable:
    """The bytes inside a ``gzip``, ``bz2`` or ``xz`` stream, unpacked only as they are read."""
    if kind == "gzip":
        return gzip.GzipFile(fileobj=source)
    return bz2.BZ2File(source) if kind == "bz2" else XzReader(source)


def read_bounded(source: Readable, most: int) -> bytes:
    """All that is left.

    Raises:
        TooLargeError: it is more than ``most`` bytes.
    """
    pieces, size = [], 0
    while piece := source.read(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise TooLargeError(f"more than the limit of {most:,} bytes")
    return b"".join(pieces)


def unpack_body(data: bytes, encoding: str, most: int, visit: Visit) -> bytes:
    """Undo the Content-Encoding of a page: gzip, or deflate with and without its header.

    A body that is not what its header says stays as it is (crawlers store unpacked bodies under the
    old header); of one that breaks off, what could be unpacked is returned.

    Raises:
        TooLargeError: it unpacks to more than ``most`` bytes.
    """
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(encoding, ())
    for window in windows:
        unpacker = zlib.decompressobj(window)
        try:
            unpacked = unpacker.decompress(data, most + 1)
        except zlib.error:
            continue
        visit.spend(len(unpacked))
        if len(unpacked) > most:
            raise TooLargeError(f"more than the limit of {most:,} bytes")
        if unpacked:
            return unpacked
    return data
