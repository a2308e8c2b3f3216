"""One walk over a client's directory: what is there, what changed since it was last read, what is not known."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.entry import LocalDoc, LocalFolder, Problem
from syncd.core.folder_rules import ClientRules, Direction, Refusal
from syncd.core.ignored import Ignore
from syncd.core.outcomes import shown
from syncd.disk.hashing import Changed, content_of, hash_file, read_file, stamp_of
from syncd.disk.listing import listing
from syncd.local import locks, look
from syncd.local.markers import CLIENT, ENGINE
from syncd.local.whole import whole, whole_file
from syncd.ports.local import RACY_NS, Known, Scan, Young, in_use

LARGE = 1_000_000
WAIT = 10  # times `settle`, for a document that is not all there


class Walk:
    """Canonical paths use the portal's spelling of the top level and NFC below; `disk` is what the disk says.

    `known` is used up: what stays of it was not seen, or is not known any more.
    """

    def __init__(
        self, directory: str, rules: ClientRules, known: dict[str, Known], ignore: Ignore, settle_ns: int
    ) -> None:
        self.directory, self.rules, self.known, self.ignore, self.settle_ns = (
            directory,
            rules,
            known,
            ignore,
            settle_ns,
        )
        self.result = Scan()
        self.now_ns = time.time_ns()
        self.later: list[tuple[str, str, Stamp]] = []
        self.looks: dict[str, bytes] = {}
        self.believed = True

    def run(self) -> Scan:
        tops = self.rules.tops()
        entries = self.entries("", "")
        self.looks[""] = look.folder("", 0, [entry.name for entry, _ in entries], (st for _, st in entries))
        for entry, st in entries:
            if not stat.S_ISDIR(st.st_mode):
                self.outside(entry.name)
                continue
            spelling = tops.get(paths.key(paths.nfc(entry.name)))
            if spelling is None:
                self.outside(entry.name)
                self.strays(entry.name)
            elif self.rules.folder_direction(spelling) is Direction.NONE:
                self.strays(entry.name)
            else:
                self.folder(spelling, entry.name, st)
        self.read_later()
        self.forgotten()
        if self.believed and not self.result.problems and not self.result.refusals and not self.result.notices:
            self.result.look = look.remember(self.looks)
        return self.result

    def outside(self, name: str) -> None:
        if not self.ignore.path(name):
            self.result.notices.append(Refusal(shown(name), "unknown_folder"))

    def entries(self, path: str, disk: str) -> list[tuple[os.DirEntry[str], os.stat_result]]:
        """Entries with their stat; a folder that cannot be read whole is unknown, whole (HAZARDS 3)."""
        try:
            with listing(os.path.join(self.directory, disk) if disk else self.directory) as it:
                return self.stats(sorted(it, key=lambda e: e.name), path, disk)
        except OSError as e:
            if not disk:
                raise
            self.result.problems.append(Problem(path, "unreadable", e.strerror or "", subtree=True))
            return []

    def stats(
        self, listed: list[os.DirEntry[str]], path: str, disk: str
    ) -> list[tuple[os.DirEntry[str], os.stat_result]]:
        out = []
        for entry in listed:
            if entry.name.startswith(ENGINE):
                if disk:
                    self.believed = False
                    if os.path.exists(os.path.join(self.directory, disk, entry.name, CLIENT)):
                        self.result.nested.append(disk)
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

    def folder(self, path: str, disk: str, st: os.stat_result) -> None:
        self.result.folders.append(LocalFolder(path, disk, st.st_ino))
        entries = self.entries(path, disk)
        self.looks[disk] = look.folder(
            disk, st.st_ino, [entry.name for entry, _ in entries], (child for _, child in entries)
        )
        for name, lock in locks.opened(entry.name for entry, _ in entries).items():
            self.result.locked[paths.join(paths.key(path), name)] = locks.owner(
                os.path.join(self.directory, disk, lock)
            )
        alike = path == disk
        for entry, child in entries:
            name, at = entry.name, paths.join(disk, entry.name)
            is_dir = stat.S_ISDIR(child.st_mode)
            if self.ignore.path(at, folder=is_dir):
                continue
            if not paths.is_decoded(name):
                self.result.refusals.append(Refusal(shown(at), "bad_name", naming.windows_fault(name)))
                continue
            composed = paths.nfc(name)
            # nearly always the same letters: then held once
            canonical = at if alike and composed == name else paths.join(path, composed)
            if is_dir:
                if self.rules.folder_direction(canonical) is Direction.NONE:
                    self.strays(at)
                else:
                    self.folder(canonical, at, child)
            elif stat.S_ISREG(child.st_mode):
                self.document(canonical, at, stamp_of(child))
            else:
                self.result.notices.append(Refusal(shown(at), "link"))
                self.result.held.append(canonical)

    def document(self, path: str, disk: str, stamp: Stamp) -> None:
        held = self.known.get(disk)
        if held is not None and held.stamp == stamp and held.hashed_ns - stamp.ctime_ns >= RACY_NS:
            del self.known[disk]
            self.result.docs.append(LocalDoc(path, disk, held.content, held.stamp))
        elif (held is None or held.stamp != stamp) and (who := self.result.locked.get(paths.key(path))) is not None:
            self.result.problems.append(Problem(path, "locked", who))
        elif self.settle_ns and (held is None or held.stamp != stamp) and self.now_ns - stamp.ctime_ns < self.settle_ns:
            self.result.young.append(Young(path, disk, stamp))
        elif stamp.size >= LARGE:
            self.later.append((path, disk, stamp))
        else:
            self.read(path, disk, stamp)

    def read_later(self) -> None:
        """Large ones several at a time: hashing them is what takes long, and threads do that side by side."""
        if not self.later:
            return
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            list(pool.map(lambda one: self.read(*one), self.later))
        self.later.clear()

    def read(self, path: str, disk: str, stamp: Stamp) -> None:
        """Read a document whose stat moved (or whose ctime is too young to be believed)."""
        hashed_ns = time.time_ns()
        held = self.known.get(disk)
        moved = held is None or held.stamp != stamp
        content = self.content(path, disk, stamp, moved)
        if content is None:
            return
        fresh = moved or held is None or held.content != content
        if hashed_ns - stamp.ctime_ns < RACY_NS:  # it may change within the clock's grain, and look the same
            self.believed, self.result.look = False, b""
        if fresh or hashed_ns - stamp.ctime_ns >= RACY_NS:  # believed from now on, and not read again
            self.result.changed[disk] = Known(stamp, content, hashed_ns)
        self.known.pop(disk, None)
        self.result.docs.append(LocalDoc(path, disk, content, stamp))

    def content(self, path: str, disk: str, stamp: Stamp, moved: bool) -> Content | None:
        """None when it cannot be known now; why is a problem then.

        A PDF or TIFF still being written page by page is taken once unchanged for 10 × `settle`, never refused.
        """
        at = f"{self.directory}/{disk}"
        doubtful = moved and self.settle_ns > 0 and self.now_ns - stamp.ctime_ns < WAIT * self.settle_ns
        reason, detail = "unstable", ""
        try:
            if stamp.size < LARGE:
                data = read_file(at, stamp)
                if not doubtful or whole(data):
                    return content_of(data)
            elif not doubtful or whole_file(at):
                return hash_file(at, stamp)[0]
        except Changed:
            pass
        except FileNotFoundError:
            reason = "vanished"
        except OSError as e:
            reason, detail = ("locked", "") if in_use(e) else ("unreadable", e.strerror or "")
        self.result.problems.append(Problem(path, reason, detail))
        return None

    def settle(self, young: Young) -> None:
        try:
            now = stamp_of(os.lstat(os.path.join(self.directory, young.disk)))
        except FileNotFoundError:
            self.result.problems.append(Problem(young.path, "vanished"))
            return
        except OSError as e:
            self.result.problems.append(Problem(young.path, "unreadable", e.strerror or ""))
            return
        if now == young.stamp:
            self.read(young.path, young.disk, young.stamp)
        else:
            self.result.problems.append(Problem(young.path, "unstable"))

    def strays(self, disk: str) -> None:
        """Only inode, size and place: nothing of what lies here is published, or named to anybody."""
        for entry, st in self.entries(disk, disk):
            at = paths.join(disk, entry.name)
            if stat.S_ISDIR(st.st_mode):
                self.strays(at)
            elif stat.S_ISREG(st.st_mode) and st.st_size:
                self.result.strays.append((st.st_ino, st.st_size, at))

    def forgotten(self) -> None:
        young = {y.disk for y in self.result.young}
        self.result.changed |= dict.fromkeys(disk for disk in self.known if disk not in young)
