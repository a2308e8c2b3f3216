"""The planner's working view: both sides and the base by key, after the folder moves decided so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import Action
from syncd.core.entry import BaseDoc, LocalDoc, LocalFolder, Problem, RemoteDoc, RemoteState, SetAsideRecord
from syncd.core.folder_rules import ClientRules, Direction, Refusal
from syncd.core.paths import NOWHERE, ClientPath, DiskPath
from syncd.core.snapshot import Snapshot

T = TypeVar("T")
STEPS = 500
Doc = TypeVar("Doc", BaseDoc, LocalDoc, RemoteDoc)


class Workspace:
    """Mutable only while one plan is made. Dictionaries are by `paths.key`; ids are the portal's."""

    def __init__(
        self, snapshot: Snapshot, rules: ClientRules, stamp: str, between: Callable[[], object] = lambda: None
    ) -> None:
        self.rules, self.stamp, self._between = rules, stamp, between
        self.restored = snapshot.restored
        self.followed = snapshot.base.followed
        self.actions: list[Action] = []
        self.refusals: list[Refusal] = []
        self.notices: list[Refusal] = []
        self.renamed = 0
        self.problems: list[Problem] = list(snapshot.local.problems)
        self.strays = {(s.inode, s.content): s.where for s in snapshot.local.strays}
        self._unknown = {paths.key(p.path) for p in self.problems if not p.subtree}
        self._unknown_below = {paths.key(p.path) for p in self.problems if p.subtree}
        self.scan_holds_unknown = bool(self.problems)
        self.locked = dict(snapshot.local.locked)
        for path in snapshot.local.held:
            self.hold(path)
        self.occupied = snapshot.occupied
        self.allocated: set[str] = set()

        base, remote = snapshot.base, snapshot.remote
        self.base: dict[str, BaseDoc] = {d.id: d for d in base.docs.values() if self.reachable(paths.parent(d.path))}
        self.base_folders = {f.id: f for f in base.folders.values() if self.reachable(f.path)}
        self.set_asides: tuple[SetAsideRecord, ...] = tuple(base.set_asides)
        self.remote: dict[str, RemoteDoc] = {
            d.id: d for d in remote.docs.values() if self.reachable(paths.parent(d.path))
        }
        self.remote_folders = {f.id: f.path for f in remote.folders.values() if self.reachable(f.path)}
        self.local: dict[str, LocalDoc] = {}
        self.twins: set[str] = set()
        self.local_folders: dict[str, LocalFolder] = {}
        self._take_folders(snapshot.local.folders)
        self._take_docs(snapshot.local.docs)
        self.index_remote()
        self.base_at: dict[str, BaseDoc] = {}
        self.index_base()

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The same, with moments at which the plan may be given up."""
        for n, item in enumerate(items):
            if not n % STEPS:
                self._between()
            yield item

    # -- what is known -----------------------------------------------------------------------------------------

    def reachable(self, folder: ClientPath) -> bool:
        """False outside the tree and in folders of direction `none`: nothing crosses there."""
        return bool(folder) and self.rules.folder_direction(folder) is not Direction.NONE

    def unknown(self, path: ClientPath) -> bool:
        if not self._unknown and not self._unknown_below:
            return False
        at = paths.key(path)
        return (
            at in self._unknown
            or at in self._unknown_below
            or any(a in self._unknown_below for a in paths.ancestors(at))
        )

    def opened_below(self, folder: ClientPath) -> list[str]:
        """By whom documents in `folder` are open, one line for each; '' where a lock does not say."""
        return [who for at, who in self.locked.items() if paths.is_below(at, paths.key(folder))]

    def hold(self, path: ClientPath) -> None:
        """Nothing at or below `path` in this plan."""
        self._unknown_below.add(paths.key(path))

    def problem(self, path: ClientPath, reason: str, detail: str = "") -> None:
        self.problems.append(Problem(path, reason, detail, subtree=True))
        self.hold(path)
        self.scan_holds_unknown = True

    def refuse(self, path: str, reason: str, detail: str = "") -> None:
        self.refusals.append(Refusal(path, reason, detail))

    def notice(self, path: str, reason: str, detail: str = "") -> None:
        self.notices.append(Refusal(path, reason, detail))

    def taken(self, path: ClientPath) -> bool:
        at = paths.key(path)
        return any(
            at in held for held in (self.local, self.local_folders, self.remote_at, self.occupied, self.allocated)
        )

    def allocate(
        self, make: Callable[[ClientPath, Callable[[ClientPath], bool]], ClientPath], path: ClientPath
    ) -> ClientPath:
        """A free name by `make`, held for the rest of the plan."""
        name = make(path, self.taken)
        self.allocated.add(paths.key(name))
        return name

    # -- names that are one place (RULES 1, HAZARDS 11 and 12) ---------------------------------------------------

    def _take_folders(self, folders: Iterable[LocalFolder]) -> None:
        inodes = {f.inode for f in self.base_folders.values()}
        for folder in sorted(folders, key=lambda f: (f.path.count("/"), f.inode not in inodes, f.disk)):
            if not self.reachable(folder.path):
                continue
            held = self.local_folders.get(paths.key(folder.path))
            if held is None:
                self.local_folders[paths.key(folder.path)] = folder
            else:
                self.refuse(folder.disk, "name_collision", held.disk)

    def _take_docs(self, docs: Iterable[LocalDoc]) -> None:
        known = {d.disk for d in self.base.values()}
        kept_folders = {f.disk for f in self.local_folders.values()}
        for doc in self.each(sorted(docs, key=lambda d: (d.disk not in known, d.disk))):
            if not self.reachable(paths.parent(doc.path)) or paths.parent(doc.disk) not in kept_folders:
                continue
            at = paths.key(doc.path)
            if at in self.local:
                self.twins.add(doc.disk)
                self.refuse(doc.disk, "name_collision", self.local[at].disk)
            elif at in self.local_folders:
                self.refuse(doc.disk, "name_collision", self.local_folders[at].disk)
            else:
                self.local[at] = doc

    # -- indexes and virtual folder moves ------------------------------------------------------------------------

    def index_remote(self) -> None:
        self.remote_at = {paths.key(d.path): d for d in self.remote.values() if d.state is RemoteState.LIVE}
        self.remote_folder_at = {paths.key(p): i for i, p in self.remote_folders.items()}

    def index_base(self) -> None:
        self.base_at = {paths.key(d.path): d for d in self.base.values()}

    def moved_base(
        self, old: ClientPath, new: ClientPath, disk: DiskPath = NOWHERE, new_disk: DiskPath = NOWHERE
    ) -> None:
        """`disk` → `new_disk`: the directory's spellings, '' where it does not move on disk."""

        def below(doc: BaseDoc) -> BaseDoc:
            if not paths.is_below(doc.path, old):
                return doc
            spelled = paths.rebase(doc.disk, disk, new_disk) if disk and paths.is_below(doc.disk, disk) else doc.disk
            return replace(doc, path=paths.rebase(doc.path, old, new), disk=spelled)

        self.base = {i: below(d) for i, d in self.base.items()}
        for i, f in self.base_folders.items():
            if paths.is_below(f.path, old):
                spelled = paths.rebase(f.disk, disk, new_disk) if disk and paths.is_below(f.disk, disk) else f.disk
                self.base_folders[i] = replace(f, path=paths.rebase(f.path, old, new), disk=spelled)
        self.index_base()

    def moved_remote(self, old: ClientPath, new: ClientPath) -> None:
        self.remote = {i: _under(d, old, new) for i, d in self.remote.items()}
        self.remote_folders = {i: paths.rebase(p, old, new) for i, p in self.remote_folders.items()}
        self.index_remote()

    def moved_local(self, old: ClientPath, new: ClientPath, disk: DiskPath, new_disk: DiskPath) -> None:
        """The directory at `disk` will lie at `new_disk`: every path and disk spelling below follows, and what could not be
        looked at in it is as little known there."""
        self.local = {
            paths.key(d.path): d
            for d in (
                replace(d, path=paths.rebase(d.path, old, new), disk=paths.rebase(d.disk, disk, new_disk))
                if paths.is_below(d.path, old)
                else d
                for d in self.local.values()
            )
        }
        self.local_folders = {
            paths.key(f.path): f
            for f in (
                replace(f, path=paths.rebase(f.path, old, new), disk=paths.rebase(f.disk, disk, new_disk))
                if paths.is_below(f.path, old)
                else f
                for f in self.local_folders.values()
            )
        }
        below, at = paths.key(old), paths.key(new)
        for unseen in (self._unknown, self._unknown_below):
            unseen |= {paths.rebase(k, below, at) for k in unseen if paths.is_below(k, below)}
        self.set_asides = tuple(
            replace(s, to=paths.rebase(s.to, disk, new_disk)) if paths.is_below(s.to, disk) else s
            for s in self.set_asides
        )

    def disk_folder(self, folder: ClientPath) -> DiskPath:
        """How `folder` is spelled on disk as far as it exists, for a document that will be placed in it."""
        up, new = folder, list[str]()
        while up and (held := self.local_folders.get(paths.key(up))) is None:
            new.append(paths.name(up))
            up = paths.parent(up)
        return DiskPath("/".join(([held.disk] if up and held is not None else []) + new[::-1]))

    def disk_path(self, path: ClientPath) -> DiskPath:
        return paths.join(self.disk_folder(paths.parent(path)), paths.name(path))


def _under(doc: Doc, old: ClientPath, new: ClientPath) -> Doc:
    return replace(doc, path=paths.rebase(doc.path, old, new)) if paths.is_below(doc.path, old) else doc
