"""File events of the real directories of every client; links are never followed, new directories join by themselves.

`recursive=False` with a list of directories of our own: watchfiles would follow links to directories (HAZARDS 15).
A system has a limit of watches, and a network share tells nothing: there the directories are polled, and `how` says so.
Windows tells by the root's watch of all that is below it, and follows no link; a watch in a folder would keep people
from renaming those above it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator

from watchfiles import Change, awatch

from syncd.disk.directory import Directory
from syncd.local.markers import ENGINE

QUIET_MS, AT_MOST_MS, POLL_MS = 200, 400, 20_000  # every look costs the service a little, all day long
FLOOD = 2000  # changes heard of at once: the system may have dropped others without a word, about anybody
SHARD = 2000  # directories that join later are watched in groups, so that a new one does not start all anew
BEGUN = 2.0
LIMITS = (errno.ENOSPC, errno.EMFILE, errno.ENFILE)
AGAIN, PASSING, OFTEN = (
    0.5,
    120.0,
    60,
)  # a passing fault: after how many seconds again; more of them in so long do not pass
BY_THE_ROOT = sys.platform == "win32"
Changes = set[tuple[Change, str]]


class FileEvents:
    """`root`: the mirror. `polling`: ask the file system instead of listening to it. Raises OSError from `stream`."""

    def __init__(self, root: str, *, polling: bool = False, poll_ms: int = POLL_MS) -> None:
        self.root, self.polling, self.poll_ms = root, polling, poll_ms
        self._wanted: set[str] = set()
        self._watched: set[str] = set()
        self._shards: list[_Shard] = []
        self.heard: asyncio.Queue[Changes | Iterable[str] | OSError] = asyncio.Queue()

    @property
    def how(self) -> str:
        return "polling" if self.polling else "events"

    def follow(self, directories: Iterable[str]) -> None:
        if new := sorted(set(directories) - self._wanted):
            self._wanted |= set(new)
            self.heard.put_nowait(new)

    async def stream(self) -> AsyncIterator[frozenset[str]]:
        self._watched, self._shards, self.heard = set(), [], asyncio.Queue()
        await self._watch([self.root])
        if self._wanted:  # begun anew: the disk was away
            self.heard.put_nowait(sorted(self._wanted))
        try:
            while True:
                item = await self.heard.get()
                if isinstance(item, OSError):
                    raise item
                names = await self._changed(item) if isinstance(item, set) else await self._joined(list(item))
                if names:
                    yield names
        finally:
            for shard in self._shards:
                shard.close()
            await asyncio.gather(*(s.task for s in self._shards), return_exceptions=True)

    async def _joined(self, names: list[str]) -> frozenset[str]:
        """Clients that were not watched yet. Found in a thread: a large tree does not hold up anything."""
        await self._watch(await asyncio.to_thread(_directories, self.root, [os.path.join(self.root, n) for n in names]))
        return frozenset(names)  # whatever happened before they were watched

    async def _changed(self, changes: Changes) -> frozenset[str]:
        """New directories join before the mark is given, so that nothing falls between."""
        names, made = set[str](self._wanted if len(changes) >= FLOOD else ()), list[str]()
        for kind, path in changes:
            name, _, below = os.path.relpath(path, self.root).partition(os.sep)
            if any(part.startswith(ENGINE) for part in (name, *below.split(os.sep))):
                continue
            if below and name not in self._wanted:  # heard by the root's watch alone: nobody's
                continue
            names.add(name if name in self._wanted else "")
            if kind is Change.deleted:
                self._watched.discard(path)
            elif (
                name in self._wanted and path not in self._watched and os.path.isdir(path) and not os.path.islink(path)
            ):
                made.append(path)
        if made:
            await self._watch(await asyncio.to_thread(_directories, self.root, made))
        return frozenset(names)

    async def _watch(self, found: list[str]) -> None:
        fresh = [d for d in found if d not in self._watched]
        if not fresh:
            return
        self._watched |= set(fresh)
        last = self._shards[-1] if len(self._shards) > 2 else None  # the root, and the tree as it was at the start
        if last is not None and len(last.directories) + len(fresh) <= SHARD:
            last.close()
            await last.task
            self._shards.remove(last)
            fresh += last.directories
        self._shards.append(_Shard(fresh, self))
        if names := self.names(
            fresh
        ):  # nobody says when a watch has really begun: what came before it is looked for once more
            asyncio.get_running_loop().call_later(BEGUN, self.heard.put_nowait, names)

    def names(self, directories: Iterable[str]) -> list[str]:
        """Whose they are, of those that are followed."""
        return sorted({os.path.relpath(d, self.root).partition(os.sep)[0] for d in directories} & self._wanted)

    def limited(self) -> None:
        """The system allows no more watches: from now on everything is polled."""
        self.polling = True
        for shard in self._shards:
            shard.again()


class _Shard:
    """Some directories, watched by a task of their own until `close`."""

    def __init__(self, directories: list[str], events: FileEvents) -> None:
        self.directories, self._events = directories, events
        self._closed, self._stop = False, asyncio.Event()
        self.task = asyncio.create_task(self._run())

    def close(self) -> None:
        self._closed = True
        self._stop.set()

    def again(self) -> None:
        self._stop.set()

    async def _run(self) -> None:
        failed = list[float]()
        while not self._closed:
            self._stop = asyncio.Event()
            there = [d for d in self.directories if os.path.isdir(d) and os.access(d, os.R_OK)]  # the scan says why not
            if not there:
                return
            fault = await self._fault(there)
            if fault is None or isinstance(fault, FileNotFoundError):  # gone between the look and the watch: look again
                continue
            if not self._events.polling and _is_limit(fault):
                self._events.limited()
                continue
            now = time.monotonic()
            failed = [at for at in failed if at > now - PASSING] + [now]
            if len(failed) > OFTEN:
                self._events.heard.put_nowait(OSError(str(fault)))
                return
            await asyncio.sleep(AGAIN)  # a folder that is a file for a moment, say: the others are listened to again
            self._events.heard.put_nowait(self._events.names(there))  # whatever nobody told meanwhile

    async def _fault(self, there: list[str]) -> Exception | None:
        """What ended the listening. Raises what is neither the disk's nor the library's."""
        try:
            await self._listen(there)
        except (OSError, RuntimeError) as e:  # the library's own error is a RuntimeError
            return e
        except ExceptionGroup as group:
            if group.split((OSError, RuntimeError))[1] is not None:
                raise
            return next(_leaves(group))
        return None

    async def _listen(self, there: list[str]) -> None:
        whole = BY_THE_ROOT and not self._events.polling
        if whole and self._events.root not in there:
            await self._stop.wait()  # until they are polled
            return
        async for changes in awatch(
            *([self._events.root] if whole else there), watch_filter=None, debounce=AT_MOST_MS, step=QUIET_MS,
            stop_event=self._stop, recursive=whole,
            force_polling=self._events.polling, poll_delay_ms=self._events.poll_ms,
            ignore_permission_denied=self._events.polling,  # asked for with events, it hides that there are no more watches
        ):  # fmt: skip
            self._events.heard.put_nowait(changes)


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for e in group.exceptions:
        if isinstance(e, ExceptionGroup):
            yield from _leaves(e)
        else:
            yield e


def _is_limit(fault: Exception) -> bool:
    """Whether the system has no more watches or descriptors; the library says the former in words alone."""
    number = getattr(fault, "errno", None)
    return number in LIMITS or any(said in str(fault) for said in ("limit reached", *(f"os error {n}" for n in LIMITS)))


def _directories(root: str, tops: list[str]) -> list[str]:
    """The directories at and below `tops` (below `root`), but the engine's own and whatever a link leads to."""
    found = []
    try:
        with Directory.at(root) as at:
            open_ = [os.path.relpath(top, root).replace(os.sep, "/") for top in tops]
            while open_:
                below = open_.pop()
                found.append(os.path.join(root, *below.split("/")))
                with contextlib.suppress(OSError, ValueError), at.open(below) as directory, directory.listing() as it:
                    # what cannot be read, the scan says why
                    open_ += [
                        f"{below}/{e.name}"
                        for e in it
                        if e.is_dir(follow_symlinks=False) and not e.name.startswith(ENGINE)
                    ]
    except OSError:
        return tops  # it is away: whoever watches them says so
    return found
