"""A large document that comes in pieces: what is said of it is what its file holds, however it came there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from syncd.disk.directory import Directory
from syncd.disk.hashing import content_of
from syncd.local.resumable_files import FileSink


def test_what_came_in_one_go_was_hashed_on_the_way(tmp_path: Path) -> None:
    async def work() -> None:
        sink = FileSink(Directory.at(str(tmp_path)), "x")
        await sink.write(0, b"one ", b"two ")
        await sink.write(8, b"three")
        assert await sink.content() == content_of(b"one two three") and await sink.offset() == 13
        (tmp_path / "x").write_bytes(b"one TWO three")  # same size: it is not read again
        assert await sink.content() == content_of(b"one two three")

    asyncio.run(work())
    assert (tmp_path / "x").stat().st_size == 13


def test_what_an_earlier_run_had_counts_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"one ")

    async def work() -> None:
        sink = FileSink(Directory.at(str(tmp_path)), "x")
        assert await sink.offset() == 4
        assert await sink.content() == content_of(b"one ")
        await sink.write(4, b"two")
        assert await sink.content() == content_of(b"one two")
        await sink.write(0, b"anew")
        assert await sink.content() == content_of(b"anew") and await sink.offset() == 4
        await sink.write(2, b"xy")  # over what is there: nothing is guessed
        assert await sink.content() == content_of(b"anxy")

    asyncio.run(work())
