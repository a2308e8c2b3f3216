"""A large document on its way in: cut, gone on with, and never more than was announced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from syncd.disk.hashing import content_of, hash_file


async def pieces(*some: bytes, cut: bool = False) -> AsyncIterator[bytes]:
    for piece in some:
        yield piece
    if cut:
        raise ConnectionError


def test_a_cut_keeps_what_had_come_and_the_next_request_goes_on(portal: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from syncd.portal.api import upload_stream

    monkeypatch.setattr(upload_stream, "FLUSH", 10)
    path = tmp_path / "part"
    path.write_bytes(b"")

    async def work() -> None:
        first = upload_stream.Hashed(str(path))
        with pytest.raises(ConnectionError):
            await first.take(pieces(b"a" * 25, b"b" * 8, cut=True), 100)
        assert first.offset == 33 and path.read_bytes() == b"a" * 25 + b"b" * 8
        second = upload_stream.Hashed(str(path))
        assert second.offset == 33
        assert await second.take(pieces(b"c" * 7), 40)
        whole = b"a" * 25 + b"b" * 8 + b"c" * 7
        assert second.content() == content_of(whole) and path.read_bytes() == whole
        assert second.content() == hash_file(str(path))[0]

    asyncio.run(work())


def test_more_bytes_than_announced_are_not_taken(portal: Any, tmp_path: Path) -> None:
    from syncd.portal.api.upload_stream import Arriving, Hashed

    path = tmp_path / "part"
    path.write_bytes(b"half")

    async def work() -> None:
        for kind in (Arriving, Hashed):
            assert not await kind(str(path)).take(pieces(b"and more than that"), 10)

    asyncio.run(work())
    assert path.read_bytes() == b"half"


def test_many_uploads_that_stop_hold_little_together(portal: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from syncd.portal.api import upload_stream

    monkeypatch.setattr(upload_stream, "TOGETHER", 1_000_000)

    async def work() -> None:
        stop = asyncio.Event()

        async def some() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield bytes(10_000)
            await stop.wait()

        parts = [tmp_path / f"{n}" for n in range(50)]
        for part in parts:
            part.write_bytes(b"")
        tasks = [asyncio.ensure_future(upload_stream.Arriving(str(p)).take(some(), 10**9)) for p in parts]
        for _ in range(500):
            written = sum(p.stat().st_size for p in parts)
            if written >= 50 * 300_000 - 3_000_000:
                break
            await asyncio.sleep(0.01)
        assert written >= 50 * 300_000 - 3_000_000  # the others would have held all of their 15 MB
        stop.set()
        assert all(await asyncio.gather(*tasks)) and upload_stream.Arriving.under_way == 0
        assert all(p.stat().st_size == 300_000 for p in parts)

    asyncio.run(work())
