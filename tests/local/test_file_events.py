"""File events: real directories, new ones join by themselves, links lead nowhere, polling where nothing is told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch

from syncd.local import file_events
from syncd.local.file_events import FileEvents


async def listening(events: FileEvents, do: Callable[[Callable[[], set[str]]], object]) -> None:
    """Calls `do(heard)` in a thread while the events are listened to; `heard()` gives, and forgets, the names so far."""
    names: set[str] = set()

    async def read() -> None:
        async for found in events.stream():
            names.update(found)

    def heard() -> set[str]:
        found = set(names)
        names.difference_update(found)
        return found

    reading = asyncio.create_task(read())
    try:
        await asyncio.to_thread(do, heard)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def until(heard: Callable[[], set[str]], name: str) -> None:
    end = time.monotonic() + 10
    while name not in heard():
        assert time.monotonic() < end, f"nothing was heard of '{name}'"
        time.sleep(0.02)


@pytest.mark.parametrize(("polling", "by_the_root"), [(False, False), (True, False), (False, True), (True, True)])
def test_every_directory_is_heard_and_new_ones_join(
    tmp_path: Path, polling: bool, by_the_root: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = awatch, list[tuple[str, ...]]()

    def seen(*paths: str, **options: object) -> object:
        asked.append(paths)
        return real(*paths, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(file_events, "awatch", seen)
    monkeypatch.setattr(file_events, "BY_THE_ROOT", by_the_root)
    for name in ("a", "b"):
        (tmp_path / name / "Achats").mkdir(parents=True)
    events = FileEvents(str(tmp_path), polling=polling, poll_ms=50)
    events.follow(["a", "b"])

    def work(heard: Callable[[], set[str]]) -> None:
        until(heard, "b")  # joined: what happened before is looked at
        (tmp_path / "a" / "Achats" / "x.pdf").write_text("1")
        until(heard, "a")
        (tmp_path / "b" / "Achats" / "new" / "deep").mkdir(parents=True)
        until(heard, "b")
        (tmp_path / "b" / "Achats" / "new" / "deep" / "y.pdf").write_text("2")
        until(heard, "b")
        (tmp_path / "c").mkdir()
        until(heard, "")
        (tmp_path / "c" / "Achats").mkdir()
        events.follow(["a", "b", "c"])
        until(heard, "c")
        (tmp_path / "c" / "Achats" / "z.pdf").write_text("3")
        until(heard, "c")
        (tmp_path / "d").mkdir()
        until(heard, "")
        (tmp_path / "d" / "nobody's").mkdir()
        (tmp_path / "c" / "Achats" / "last.pdf").write_text("4")
        until(heard, "c")
        assert "" not in heard()

    asyncio.run(listening(events, work))
    assert events.how == ("polling" if polling else "events")
    if by_the_root and not polling:  # no folder is held, which Windows would not let anybody rename then
        assert set(asked) == {(str(tmp_path),)}


def test_links_and_the_engines_own_directory_are_not_watched(tmp_path: Path) -> None:
    (tmp_path / "root" / "a" / ".syncd").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "a" / "link").symlink_to(tmp_path / "outside")
    events = FileEvents(str(tmp_path / "root"))
    events.follow(["a"])

    def work(heard: Callable[[], set[str]]) -> None:
        until(heard, "a")
        (tmp_path / "outside" / "x").write_text("1")
        (tmp_path / "root" / "a" / ".syncd" / "temp").write_text("2")
        (tmp_path / "root" / "seen").write_text("3")
        until(heard, "")  # what came before it would have been heard by now
        assert "a" not in heard()

    asyncio.run(listening(events, work))


_LIMITED = """
import asyncio, sys
from pathlib import Path
from typing import Any
from syncd.local.file_events import FileEvents

async def main():
    root = Path(sys.argv[1])
    events = FileEvents(str(root), poll_ms=50)
    events.follow(["a"])
    deep = root / "a" / "Achats" / "39"
    async def write():
        while events.how != "polling":
            await asyncio.sleep(0.02)
        n = 0
        while True:
            n += 1
            (deep / "x.pdf").write_text(str(n))
            await asyncio.sleep(0.3)
    writing = asyncio.create_task(write())
    async for names in events.stream():
        if events.how == "polling" and (deep / "x.pdf").exists() and "a" in names:
            break
    writing.cancel()
    print(events.how, flush=True)

asyncio.run(asyncio.wait_for(main(), 20))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_more_folders_than_the_system_has_watches_are_polled_and_it_is_said(tmp_path: Path) -> None:
    for n in range(40):
        (tmp_path / "a" / "Achats" / str(n)).mkdir(parents=True)
    limit = 'echo 20 > /proc/sys/user/max_inotify_watches && exec "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", limit, sys.executable, _LIMITED, str(tmp_path)],
        capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    if "unshare" in done.stderr or "max_inotify_watches" in done.stderr:
        pytest.skip(f"this system gives no user namespace: {done.stderr.strip()}")
    assert (done.returncode, done.stdout.strip()) == (0, "polling"), done.stderr


def test_a_flood_of_changes_marks_everybody_since_the_system_may_have_dropped_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_events, "FLOOD", 50)
    for name in ("a", "b"):
        (tmp_path / name / "Achats").mkdir(parents=True)
    events = FileEvents(str(tmp_path))
    events.follow(["a", "b"])

    def work(heard: Callable[[], set[str]]) -> None:
        until(heard, "b")
        (tmp_path / "a" / "Achats" / "few").write_text("1")
        until(heard, "a")
        assert "b" not in heard()
        for n in range(200):
            (tmp_path / "a" / "Achats" / str(n)).write_text("1")
        until(heard, "b")

    asyncio.run(listening(events, work))


def test_where_the_system_allows_no_more_watches_everything_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "Achats").mkdir(parents=True)
    real = awatch

    def limited(*paths: str, **options: object) -> object:
        if not options["force_polling"] and len(paths) > 1:
            raise OSError("OS file watch limit reached")
        return real(*paths, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(file_events, "awatch", limited)
    monkeypatch.setattr(file_events, "BY_THE_ROOT", False)
    events = FileEvents(str(tmp_path), poll_ms=50)
    events.follow(["a"])

    def work(heard: Callable[[], set[str]]) -> None:
        until(heard, "a")
        while events.how != "polling":
            time.sleep(0.02)
        time.sleep(0.2)
        (tmp_path / "a" / "Achats" / "x.pdf").write_text("1")
        until(heard, "a")

    asyncio.run(listening(events, work))


@pytest.mark.parametrize("how", ["as it is", "in a group"])
def test_a_folder_that_is_a_file_for_a_moment_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (tmp_path / "a" / "Achats").mkdir(parents=True)
    real, failures = awatch, [1, 1, 1]
    monkeypatch.setattr(file_events, "AGAIN", 0.05)
    monkeypatch.setattr(file_events, "BEGUN", 0.05)  # whatever is heard in the end is the event itself

    async def breaking(*paths: str, **options: Any) -> AsyncIterator[Any]:
        if len(paths) > 1 and failures:
            failures.pop()
            fault = RuntimeError('error in underlying watcher: Not a directory (os error 20) about ["Achats"]')
            raise ExceptionGroup("unhandled errors in a TaskGroup", [fault]) if how == "in a group" else fault
        async for changes in real(*paths, **options):
            yield changes

    monkeypatch.setattr(file_events, "awatch", breaking)
    monkeypatch.setattr(file_events, "BY_THE_ROOT", False)
    events = FileEvents(str(tmp_path))
    events.follow(["a"])

    def work(heard: Callable[[], set[str]]) -> None:
        until(heard, "a")
        while failures:
            time.sleep(0.02)
        time.sleep(0.3)
        heard()
        (tmp_path / "a" / "Achats" / "x.pdf").write_text("1")
        until(heard, "a")

    asyncio.run(listening(events, work))
    assert events.how == "events"


def test_a_fault_that_does_not_pass_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*paths: str, **options: Any) -> AsyncIterator[Any]:
        raise RuntimeError("error in underlying watcher: Input/output error (os error 5)")
        yield

    monkeypatch.setattr(file_events, "awatch", broken)
    monkeypatch.setattr(file_events, "AGAIN", 0.0)

    async def first() -> None:
        async for _ in FileEvents(str(tmp_path)).stream():
            pass

    with pytest.raises(OSError, match="os error 5"):
        asyncio.run(asyncio.wait_for(first(), 20))
