"""One walk over a client's directory: what is there, what changed since it was last read, what is not known."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from syncd.core import client_link, naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.disk_traits import TRUE, DiskTraits
from syncd.core.entry import Known, LocalDoc, LocalFolder, Problem
from syncd.core.events import shown
from syncd.core.folder_rules import ClientRules, Direction, Refusal, refuse
from syncd.core.ignore_patterns import Ignore
from syncd.core.paths import NOWHERE, TOP, ClientPath, DiskPath
from syncd.disk.directory import Directory, OtherDisk
from syncd.disk.hashing import Changed, content_of, hash_open, identity, read_open, stamp_of
from syncd.disk.status import Entry, Status
from syncd.local import directory_fingerprint, office_locks
from syncd.local.completeness import whole, whole_open
from syncd.local.markers import CLIENT, ENGINE
from syncd.ports.local import RACY_NS, Awaited, Interrupted, Scan, Young, always, in_use, never

LARGE = 1_000_000
STEPS = 500  # entries after which it is asked whether to go on
WAIT = 10  # times `settle`, for a document that is not all there
SAVING_NS = 60 * 10**9  # for which a document under a temporary name of a program is one that is being saved


class Walk:
    """Canonical paths use the portal's spelling of the top level and NFC below; `disk` is what the disk says.

    `known` is used up: what stays of it was not seen, or is not known any more. Each folder is opened from the client's
    directory, and what lies in it by its name there. Raises OtherDisk, wherever another one is mounted. On a `disk` whose
    change times lie no look is believed, what changed is always seen twice, and everything is read within a week.
    """

    def __init__(
        self,
        directory: Directory,
        rules: ClientRules,
        known: dict[DiskPath, Known],
        ignore: Ignore,
        settle_ns: int,
        awaited: Awaited = always,
        stopping: Callable[[], object] = never,
        disk: DiskTraits = TRUE,
    ) -> None:
        self.directory, self.rules, self.known, self.ignore, self.settle_ns = (
            directory,
            rules,
            known,
            ignore,
            settle_ns,
        )
        self.awaited, self.stopping, self.steps = awaited, stopping, 0
        self.result = Scan()
        self.now_ns = time.time_ns()
        self.later: list[tuple[ClientPath, DiskPath, Stamp]] = []
        self.looks: dict[DiskPath, bytes] = {}
        # folder → inodes under temporary names since a moment ago
        self.passing: dict[DiskPath, tuple[ClientPath, set[int]]] = {}
        self.disk, self.true, self.racy_ns = disk, disk.change_times, disk.racy_ns(RACY_NS)
        self.believed = self.true

    def run(self) -> Scan:
        tops = self.rules.tops()
        entries = self.stats(self.directory, TOP, NOWHERE)
        self.looks[NOWHERE] = directory_fingerprint.folder(
            "", 0, [entry.name for entry, _ in entries], (st for _, st in entries)
        )
        for entry, st in entries:
            if not stat.S_ISDIR(st.st_mode):
                if entry.name != client_link.NAME:  # the engine's own, or put in its place by a person
                    self.outside(entry.name)
                continue
            disk = DiskPath(entry.name)
            spelling = tops.get(paths.key(paths.nfc(disk)))
            if spelling is None:
                self.outside(disk)
                self.strays(disk)
            elif self.rules.folder_direction(spelling) is Direction.NONE:
                self.strays(disk)
            else:
                self.tree(spelling, disk, st)
        self.read_later()
        self.forgotten()
        if self.believed and not self.result.problems and not self.result.refusals and not self.result.notices:
            self.result.look = directory_fingerprint.remember(self.looks)
        return self.result

    def step(self) -> None:
        """One entry more. Raises Interrupted."""
        self.steps += 1
        if self.steps % STEPS == 0:
            self.go_on()

    def go_on(self) -> None:
        if self.stopping():
            raise Interrupted(self.result.changed)

    def outside(self, name: str) -> None:
        if not self.ignore.path(name):
            self.result.notices.append(Refusal(shown(name), "unknown_folder"))

    def opened(self, path: ClientPath, disk: DiskPath) -> Directory | None:
        """A folder; None, and it is unknown, whole, when it cannot be opened, or lies deeper than anything may."""
        try:
            if disk.count("/") >= paths.MAX_DEPTH - 1:
                raise OSError(errno.ENAMETOOLONG, "")
            return self.directory.open(disk)
        except OtherDisk:
            raise
        except OSError as e:
            self.unknown(path, e)
            return None

    def unknown(self, path: ClientPath, error: OSError) -> None:
        if error.errno == errno.ENAMETOOLONG:
            self.result.problems.append(Problem(path, "too_long", "", subtree=True))
        else:
            self.result.problems.append(Problem(path, "unreadable", error.strerror or "", subtree=True))

    def entries(self, folder: Directory, path: ClientPath, disk: DiskPath) -> list[tuple[Entry, Status]]:
        """Entries with their stat; a folder that cannot be read whole is unknown, whole (HAZARDS 3)."""
        try:
            return self.stats(folder, path, disk)
        except OtherDisk:
            raise
        except OSError as e:
            self.unknown(path, e)
            return []

    def stats(self, folder: Directory, path: ClientPath, disk: DiskPath) -> list[tuple[Entry, Status]]:
        out: list[tuple[Entry, Status]] = []
        with folder.listing() as it:
            for entry in sorted(it, key=lambda e: e.name):
                if entry.name.startswith(ENGINE):
                    if disk:
                        self.believed = False
                        self.engines(folder, entry.name, disk)
                    continue
                try:
                    out.append((entry, entry.stat(follow_symlinks=False)))
                except FileNotFoundError:
                    continue
                except OSError as e:
                    self.result.problems.append(
                        Problem(paths.join(path, shown(entry.name)), "unreadable", e.strerror or "", subtree=True)
                    )
        return out

    def engines(self, folder: Directory, name: str, disk: DiskPath) -> None:
        """A directory of the engine's where none should be: does it mark another client's?"""
        with contextlib.suppress(OSError), folder.open(name) as own:
            if own.holds(CLIENT):
                self.result.nested.append(disk)

    def tree(self, path: ClientPath, disk: DiskPath, st: Status) -> None:
        """A folder and all below it, one open at a time however deep they lie."""
        waiting = [(path, disk, st)]
        while waiting:
            below = self.folder(*waiting.pop())
            waiting.extend(reversed(below))

    def folder(self, path: ClientPath, disk: DiskPath, st: Status) -> list[tuple[ClientPath, DiskPath, Status]]:
        """What lies in it; the folders in it, to be looked at next."""
        below: list[tuple[ClientPath, DiskPath, Status]] = []
        self.result.folders.append(LocalFolder(path, disk, identity(st.st_ino)))
        folder = self.opened(path, disk)
        if folder is None:
            self.looks[disk] = b""  # of no use: there is a problem
            return below
        with folder:
            self.inside(folder, path, disk, st, below)
        return below

    def inside(
        self,
        folder: Directory,
        path: ClientPath,
        disk: DiskPath,
        st: Status,
        below: list[tuple[ClientPath, DiskPath, Status]],
    ) -> None:
        entries = self.entries(folder, path, disk)
        self.looks[disk] = directory_fingerprint.folder(
            disk, st.st_ino, [entry.name for entry, _ in entries], (child for _, child in entries)
        )
        for name, lock in office_locks.opened(entry.name for entry, _ in entries).items():
            self.result.locked[paths.join(paths.key(path), name)] = office_locks.owner(folder, lock)
        alike, late = str(path) == disk, folder.listed_late
        for entry, child in entries:
            self.step()
            name, at = entry.name, paths.join(disk, entry.name)
            is_dir = stat.S_ISDIR(child.st_mode)
            if self.ignore.path(at, folder=is_dir):
                if not is_dir and self.now_ns - child.st_ctime_ns < SAVING_NS and self.ignore.name(name):
                    self.passing.setdefault(disk, (path, set()))[1].add(identity(child.st_ino))
                continue
            if not paths.is_decoded(name):
                self.result.refusals.append(Refusal(shown(at), "bad_name", naming.windows_fault(name)))
                continue
            composed = paths.nfc(name)
            # nearly always the same letters: then held once
            canonical: ClientPath = at if alike and composed == name else paths.join(path, composed)  # type: ignore[assignment]
            if is_dir:
                if self.rules.folder_direction(canonical) is Direction.NONE:
                    self.strays(at)
                else:
                    below.append((canonical, at, child))
            elif stat.S_ISREG(child.st_mode):
                stamp = stamp_of(child)
                if late:
                    stamp = self.sure(folder, name, at, stamp)
                self.document(folder, canonical, at, stamp)
            else:
                self.result.notices.append(Refusal(shown(at), "link"))
                self.result.held.append(canonical)

    def sure(self, folder: Directory, name: str, disk: DiskPath, listed: Stamp) -> Stamp:
        """Of a document that is about to be read: what it says itself, where a listing may be behind."""
        if (held := self.known.get(disk)) is not None and held.stamp == listed:
            return listed
        try:
            return stamp_of(folder.stat(name))
        except OSError:  # said when it is read
            return listed

    def document(self, folder: Directory, path: ClientPath, disk: DiskPath, stamp: Stamp) -> None:
        held = self.known.get(disk)
        if (
            held is not None
            and held.stamp == stamp
            and held.hashed_ns - stamp.ctime_ns >= self.racy_ns
            and (self.true or not self.disk.reads_again(disk, self.now_ns - held.hashed_ns))
        ):
            del self.known[disk]
            self.result.docs.append(LocalDoc(path, disk, held.content, held.stamp))
        elif stamp.size >= LARGE and (held is None or held.stamp != stamp) and self.refused(path, disk, stamp):
            pass
        elif (held is None or held.stamp != stamp) and (who := self.result.locked.get(paths.key(path))) is not None:
            self.result.problems.append(Problem(path, "locked", who))
        elif (
            self.settle_ns
            and (held is None or held.stamp != stamp)
            and (not self.true or self.now_ns - stamp.ctime_ns < self.settle_ns)
        ):
            self.result.young.append(Young(path, disk, stamp))
        elif stamp.size >= LARGE:
            self.later.append((path, disk, stamp))
        else:
            self.read(path, disk, stamp, folder)

    def refused(self, path: ClientPath, disk: DiskPath, stamp: Stamp) -> bool:
        """Too large to be published, and nothing that anybody knows: its bytes would be read for nothing, again whenever
        they change. Its place is known, so what is gone elsewhere is still seen to be gone."""
        folder = paths.parent(path)
        rule = self.rules.rule(folder)
        if rule is None or not rule.max_size or stamp.size <= rule.max_size or not self.rules.published(folder):
            return False
        refusal = refuse(self.rules, path, stamp.size)
        if refusal is None or self.awaited(path, disk, stamp):
            return False
        self.result.refusals.append(Refusal(shown(disk), refusal.reason, refusal.detail))
        self.result.held.append(path)
        return True

    def read_later(self) -> None:
        """Large ones several at a time: hashing them is what takes long, and threads do that side by side."""
        if not self.later:
            return
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            list(pool.map(self.read_large, self.later))
        self.later.clear()
        self.go_on()

    def read_large(self, one: tuple[ClientPath, DiskPath, Stamp]) -> None:
        if not self.stopping():
            self.read(*one)

    def read(self, path: ClientPath, disk: DiskPath, stamp: Stamp, folder: Directory | None = None) -> None:
        """Read a document whose stat moved (or whose ctime is too young to be believed)."""
        hashed_ns = time.time_ns()
        held = self.known.get(disk)
        moved = held is None or held.stamp != stamp
        content = self.content(path, disk, stamp, moved, folder)
        if content is None:
            return
        fresh = moved or held is None or held.content != content
        if hashed_ns - stamp.ctime_ns < self.racy_ns:  # it may change within the clock's grain, and look the same
            self.believed, self.result.look = False, b""
        if fresh or hashed_ns - stamp.ctime_ns >= self.racy_ns:  # believed from now on, and not read again
            self.result.changed[disk] = Known(stamp, content, hashed_ns)
        self.known.pop(disk, None)
        racing = held is not None and self.disk.races(held.hashed_ns - held.stamp.mtime_ns)
        self.result.docs.append(LocalDoc(path, disk, content, stamp, racing))

    def content(
        self, path: ClientPath, disk: DiskPath, stamp: Stamp, moved: bool, folder: Directory | None
    ) -> Content | None:
        """None when it cannot be known now; why is a problem then.

        A PDF or TIFF still being written page by page is taken once unchanged for 10 × `settle`, never refused.
        """
        doubtful = moved and self.settle_ns > 0 and self.now_ns - stamp.ctime_ns < WAIT * self.settle_ns
        reason, detail = "unstable", ""
        try:
            document = self.reached(disk, folder)
            if stamp.size < LARGE:
                data = read_open(document, stamp)
                if not doubtful or whole(data):
                    return content_of(data)
            elif not doubtful or _complete(document):
                return hash_open(document, stamp)[0]
        except Changed:
            pass
        except OtherDisk:
            raise
        except FileNotFoundError:
            reason = "vanished"
        except OSError as e:
            reason, detail = ("locked", "") if in_use(e) else ("unreadable", e.strerror or "")
        self.result.problems.append(Problem(path, reason, detail))
        return None

    def reached(self, disk: DiskPath, folder: Directory | None) -> int:
        """A document, open; the caller closes it."""
        name = paths.name(disk)
        if folder is not None:
            return folder.reading(name)
        with self.directory.open(paths.parent(disk)) as there:
            return there.reading(name)

    def settle(self, young: Young) -> None:
        try:
            with self.directory.open(paths.parent(young.disk)) as folder:
                now = stamp_of(folder.stat(paths.name(young.disk)))
                if now == young.stamp:
                    self.read(young.path, young.disk, young.stamp, folder)
                else:
                    self.result.problems.append(Problem(young.path, "unstable"))
        except OtherDisk:
            raise
        except FileNotFoundError:
            self.result.problems.append(Problem(young.path, "vanished"))
        except OSError as e:
            self.result.problems.append(Problem(young.path, "unreadable", e.strerror or ""))

    def strays(self, disk: DiskPath) -> None:
        """Only inode, size and place: nothing of what lies here is published, or named to anybody."""
        waiting = [disk]
        while waiting:
            at = waiting.pop()
            path = ClientPath(at)  # what nothing crosses into has no other spelling
            folder = self.opened(path, at)
            if folder is None:
                continue
            with folder:
                below = []
                for entry, st in self.entries(folder, path, at):
                    self.step()
                    lies = paths.join(at, entry.name)
                    if stat.S_ISDIR(st.st_mode):
                        below.append(lies)
                    elif stat.S_ISREG(st.st_mode) and st.st_size:
                        self.result.strays.append((identity(st.st_ino), st.st_size, lies))
            waiting.extend(reversed(below))

    def forgotten(self) -> None:
        kept = {y.disk for y in self.result.young}
        for disk, held in self.known.items() if self.passing else ():
            path, inodes = self.passing.get(paths.parent(disk), (TOP, set[int]()))
            if held.stamp.inode in inodes:  # renamed out of the way by Word, Excel or vim, which name another so
                self.result.problems.append(Problem(paths.join(path, paths.nfc(paths.name(disk))), "unstable"))
                kept.add(disk)
        self.result.changed |= dict.fromkeys(disk for disk in self.known if disk not in kept)


def _complete(document: int) -> bool:
    """Closed when it is not."""
    complete = False
    try:
        complete = whole_open(document)
    finally:
        if not complete:
            os.close(document)
    return complete
