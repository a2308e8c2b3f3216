"""A company's side: a directory of its own, with the cabinet's folders in it, and nothing else of syncd's installed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from syncd.core import paths
from syncd.core.actions import SetAside
from syncd.core.content import Content
from syncd.core.entry import Known, LocalDoc
from syncd.core.errors import SyncdError
from syncd.core.folder_rules import ClientRules, Direction, FolderRule, refuse
from syncd.core.packages.chain import Mine
from syncd.core.packages.manifest import Folder, NotTaken, is_portable
from syncd.core.packages.planning import Step
from syncd.core.paths import DiskPath
from syncd.core.reasons import Reason
from syncd.core.words import packages as said
from syncd.jobs.packages.applier import Coming
from syncd.jobs.packages.creation import Contents, Read
from syncd.jobs.packages.ledger import Identity, Ledger
from syncd.ports.local import ClientStopped, Mirror, Scan, Stale

HOME = ".syncd-exchange"  # of a company's directory: its keys, and what it knows of the cabinet
_BACK = {Direction.TO_PORTAL: Direction.TO_CABINET, Direction.TO_CABINET: Direction.TO_PORTAL}


def rules_of(who: Identity, tree: Sequence[Folder]) -> ClientRules:
    """The cabinet's rules seen from here: what it alone sends is what this side alone takes."""
    return ClientRules(who.code, tuple(_mirrored(f.rule()) for f in tree))


def _mirrored(rule: FolderRule) -> FolderRule:
    return FolderRule(
        rule.path, rule.kind, _BACK.get(rule.direction, rule.direction), rule.max_size, extensions=rule.extensions,
        restricted=rule.restricted,
    )  # fmt: skip


class CompanySide:
    """A Side (applier). `mirror`: over the directory that holds the company's `directory`. `settle`: seconds."""

    def __init__(self, mirror: Mirror, directory: str, ledger: Ledger, stamp: str, settle: float = 2.0) -> None:
        self.mirror, self.directory, self.stamp = mirror, directory, stamp
        self._ledger, self._settle = ledger, settle
        self.reserve = 0  # its own disk, for its own documents
        self.done = list[tuple[str, str]]()  # (what, where)

    async def look(self, rules: ClientRules) -> Scan:
        """The directory as it is now; what was read before is not read again. Raises SyncdError."""
        known = self._ledger.known()
        try:
            self.mirror.drop_temps(self.directory)
            scan = await asyncio.to_thread(self.mirror.scan, self.directory, rules, _on_disk(known))
            if scan.young:
                await asyncio.sleep(self._settle)
                await asyncio.to_thread(self.mirror.settle, self.directory, scan)
        except (OSError, Stale) as e:
            raise SyncdError(said.DIRECTORY_AWAY.of(at=self.directory, why=e), mend=said.NO_FILE_MEND.of()) from None
        finally:
            self.mirror.rest()
        for disk, now in scan.changed.items():
            if now is None:
                known.pop(disk, None)
            else:
                known[disk] = now
        if scan.changed:
            self._ledger.keep_known(known)
        return scan

    # -- what is done here (applier.Side) -------------------------------------------------------------------------------

    def between(self) -> None:
        return

    def coming(self, batch: Sequence[Coming]) -> None:
        return

    def came(self, batch: Sequence[Coming]) -> None:
        self.done += [("package", c.path) for c in batch]

    def moved(self, step: Step) -> None:
        self.done.append(("move", step.entry.path))

    async def set_aside(self, steps: Sequence[Step]) -> list[NotTaken]:
        """Renamed `supp_…`, never deleted; remembered first, so that it is not sent as a new document."""
        failed = list[NotTaken]()
        aside = self._ledger.aside()
        to = {s.entry.path: _beside(s.action) for s in steps if isinstance(s.action, SetAside)}
        aside |= {to[s.entry.path]: s.action.content for s in steps if isinstance(s.action, SetAside)}
        self._ledger.keep_aside(aside)
        named = list[tuple[str, DiskPath]]()
        for step in steps:
            assert isinstance(step.action, SetAside)
            try:
                self.mirror.rename(self.directory, step.action.disk, to[step.entry.path], step.action.expect)
            except ClientStopped:
                raise
            except (Stale, OSError) as e:
                failed.append(NotTaken(step.entry.path, Reason.UNSTABLE if isinstance(e, Stale) else Reason.FAILED))
            else:
                named.append((self.directory, step.action.disk))
                self.done.append(("set_aside", step.entry.path))
        self.mirror.sync_names(named)
        return failed

    def make_folders(self, rules: ClientRules) -> None:
        """Those of the cabinet's tree."""
        folders = [DiskPath(r.path) for r in rules.folders if rules.folder_direction(r.path) is not Direction.NONE]
        for folder in folders:
            self.mirror.make_folder(self.directory, folder)
        self.mirror.sync_names([(self.directory, f) for f in folders])

    # -- what it sends ---------------------------------------------------------------------------------------------------

    def contents(self, scan: Scan, rules: ClientRules, read: Read) -> tuple[Contents, list[NotTaken]]:
        """And what stays here, with why."""
        aside, left = self._ledger.aside(), list[NotTaken]()
        mine, taken = dict[str, Mine](), set[str]()
        for doc in scan.docs:
            if _is_aside(doc, aside) or not rules.folder_direction(paths.parent(doc.path)).sends:
                continue
            refusal = refuse(rules, doc.path, doc.content.size)
            if refusal is not None:
                left.append(NotTaken(doc.path, refusal.reason, refusal.detail))
            elif paths.key(doc.path) in taken or not is_portable(doc.path):
                left.append(NotTaken(doc.path, Reason.NAME_COLLISION if is_portable(doc.path) else Reason.BAD_NAME))
            else:
                taken.add(paths.key(doc.path))
                mine[doc.path] = Mine(doc.content, doc.stamp.mtime_ns // 10**9)
        left += [NotTaken(r.path, r.reason, r.detail) for r in scan.refusals]
        there = {paths.key(f.path) for f in scan.folders}
        missing = [top for key, top in rules.tops().items() if key not in there]  # a folder that is gone proves nothing
        unknown = [*(p.path for p in scan.problems), *scan.held, *(n.path for n in left), *missing]
        left += [NotTaken(r.path, r.reason, r.detail) for r in scan.notices]  # somebody believes that it is sent
        return Contents(mine, unknown, (), lambda path: rules.is_restricted(paths.parent(path)), read), left


def _on_disk(known: dict[str, Known]) -> dict[DiskPath, Known]:
    return {DiskPath(disk): one for disk, one in known.items()}


def _beside(action: SetAside) -> DiskPath:
    return DiskPath(paths.join(paths.parent(action.disk), paths.name(action.to)))


def _is_aside(doc: LocalDoc, aside: dict[str, Content]) -> bool:
    return aside.get(doc.disk) == doc.content


__all__ = ["HOME", "CompanySide", "rules_of"]
