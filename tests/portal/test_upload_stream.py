"""A large document on its way in: cut, gone on with, and never more than was announced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from syncd.disk.hashing import content_of
from tests.support.memory_storage import MemoryUploads


def begun(count: int = 1, data: bytes = b"") -> MemoryUploads:
    """A store in which so many uploads have begun, each with these bytes."""
    made = MemoryUploads()
    for n in range(count):
        made.begin(f"{n}", "", "c", 10**9 // (2 * count), b"{}")
        made.append(f"{n}", 0, [data])
    return made


def held(store: MemoryUploads, key: str = "0") -> bytes:
    with store.open(key) as f:
        return f.read()


async def pieces(*some: bytes, cut: bool = False) -> AsyncIterator[bytes]:
    for piece in some:
        yield piece
    if cut:
        raise ConnectionError


def test_a_cut_keeps_what_had_come_and_the_next_request_goes_on(portal: Any, monkeypatch: Any) -> None:
    from syncd.portal.api import upload_stream

    monkeypatch.setattr(MemoryUploads, "piece", 10)
    store = begun()

    async def work() -> None:
        first = upload_stream.Hashed(store, "0")
        with pytest.raises(ConnectionError):
            await first.take(pieces(b"a" * 25, b"b" * 8, cut=True), 100)
        assert first.offset == 33 and held(store) == b"a" * 25 + b"b" * 8
        second = upload_stream.Hashed(store, "0")
        assert second.offset == 33
        assert await second.take(pieces(b"c" * 7), 40)
        whole = b"a" * 25 + b"b" * 8 + b"c" * 7
        assert second.content() == content_of(whole) and held(store) == whole

    asyncio.run(work())


def test_more_bytes_than_announced_are_not_taken(portal: Any) -> None:
    from syncd.portal.api.upload_stream import Arriving, Hashed

    store = begun(data=b"half")

    async def work() -> None:
        for kind in (Arriving, Hashed):
            assert not await kind(store, "0").take(pieces(b"and more than that"), 10)

    asyncio.run(work())
    assert held(store) == b"half"


def test_many_uploads_that_stop_hold_little_together(portal: Any, monkeypatch: Any) -> None:
    from syncd.portal.api import upload_stream

    monkeypatch.setattr(upload_stream, "TOGETHER", 1_000_000)

    async def work() -> None:
        stop = asyncio.Event()

        async def some() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield bytes(10_000)
            await stop.wait()

        store, keys = begun(50), [f"{n}" for n in range(50)]
        tasks = [asyncio.ensure_future(upload_stream.Arriving(store, key).take(some(), 10**9)) for key in keys]
        for _ in range(500):
            written = sum(store.arrived(key) for key in keys)
            if written >= 50 * 300_000 - 3_000_000:
                break
            await asyncio.sleep(0.01)
        assert written >= 50 * 300_000 - 3_000_000  # the others would have held all of their 15 MB
        stop.set()
        assert all(await asyncio.gather(*tasks)) and upload_stream.Arriving.under_way == 0
        assert all(store.arrived(key) == 300_000 for key in keys)

    asyncio.run(work())
