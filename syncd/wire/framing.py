"""A batch of documents in one body, both ways.

Each frame: u32 big-endian header length, JSON header, then `size` raw bytes. The last frame is a trailer with the
count and a digest (SHA-256 over the frames' headers): without it the batch was cut. Whether what came before the cut
counts is the caller's: to the portal it does not, the engine knows what it asked for and takes each document by itself.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from syncd.core import wire_types
from syncd.core.wire_types import Count, Hex
from syncd.wire.messages import guarded

MAX_HEADER = 64 * 1024
MAX_BODY = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")
H = TypeVar("H")


class BadFrame(ValueError):
    """Cut, oversized, or not what its trailer says."""


class Cut(BadFrame):
    """What came is sound, as far as it came."""


class Trailer(msgspec.Struct, tag="trailer"):
    count: Count
    digest: Hex


class Frame(msgspec.Struct, Generic[H], gc=False, tag="frame"):
    header: H
    size: Count


class Writer:
    """Frames one after the other; `trailer()` last."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._count = 0

    def frame(self, header: Any, body: bytes) -> tuple[bytes, bytes]:
        head = msgspec.json.encode(Frame(header, len(body)))
        self._digest.update(head)
        self._count += 1
        return _LENGTH.pack(len(head)) + head, body

    def trailer(self) -> bytes:
        head = msgspec.json.encode(Trailer(self._count, self._digest.hexdigest()))
        return _LENGTH.pack(len(head)) + head


PIECE = 256 * 1024


def write(items: Iterable[tuple[Any, bytes]]) -> Iterator[bytes]:
    """The whole batch, in pieces of at least 256 KiB but the last: each piece costs a write to the network."""
    writer, piece = Writer(), bytearray()
    for header, body in items:
        head, raw = writer.frame(header, body)
        piece += head
        piece += raw
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + writer.trailer()


def _copy(buffer: bytearray, start: int, size: int) -> bytes:
    """One copy; a slice of a bytearray would be another."""
    with memoryview(buffer) as view:
        return bytes(view[start : start + size])


class Reader(Generic[H]):
    """Reads frames from chunks as they come; holds one document at a time."""

    def __init__(self, type_: type[H], *, max_body: int = MAX_BODY, max_count: int = 100_000) -> None:
        self._decoder = msgspec.json.Decoder(Frame[type_] | Trailer, dec_hook=wire_types.check)  # type: ignore[valid-type]
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._count = 0
        self._max_body, self._max_count = max_body, max_count
        self.ended = False

    def feed(self, chunk: bytes) -> Iterator[tuple[H, bytes]]:
        if self.ended and chunk:
            raise BadFrame("bytes after the trailer.")
        self._buffer += chunk
        at = 0
        buffer = self._buffer
        while len(buffer) - at >= 4:
            (length,) = _LENGTH.unpack_from(buffer, at)
            if length > MAX_HEADER:
                raise BadFrame(f"header of {length} bytes.")
            if len(buffer) - at < 4 + length:
                break
            head = _copy(buffer, at + 4, length)
            try:
                frame: Frame[H] | Trailer = guarded(self._decoder.decode, head)
            except msgspec.MsgspecError as e:
                raise BadFrame(f"unreadable header: {e}") from None
            if isinstance(frame, Trailer):
                if frame.count != self._count or frame.digest != self._digest.hexdigest():
                    raise BadFrame("the batch does not match its trailer.")
                self.ended = True
                at += 4 + length
                if len(buffer) > at:
                    raise BadFrame("bytes after the trailer.")
                break
            if frame.size > self._max_body:
                raise BadFrame(f"document of {frame.size} bytes in a batch.")
            start = at + 4 + length
            if len(buffer) - start < frame.size:
                break
            self._count += 1
            if self._count > self._max_count:
                raise BadFrame("too many documents in one batch.")
            self._digest.update(head)
            body = _copy(buffer, start, frame.size)
            at = start + frame.size
            yield frame.header, body
        del buffer[:at]

    def finish(self) -> None:
        if not self.ended:
            raise Cut("the batch was cut.")


async def read(chunks: AsyncIterator[bytes], type_: type[H], **limits: int) -> AsyncIterator[tuple[H, bytes]]:
    """Every document of a batch; BadFrame when it was cut, after what came before."""
    reader: Reader[H] = Reader(type_, **limits)
    async for chunk in chunks:
        for item in reader.feed(chunk):
            yield item
    reader.finish()
