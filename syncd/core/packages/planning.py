"""What a package would change here: the ordinary planner's answer, with what the other side holds as what is online."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec
from msgspec.structs import replace

from syncd.core import guards, naming, paths
from syncd.core.actions import Action, Download, KeepBoth, MoveLocal, SetAside
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, LocalDoc, LocalFolder, Problem, RemoteDoc, RemoteState
from syncd.core.folder_rules import ClientRules, Refusal, refuse
from syncd.core.packages.chain import Chain, is_known
from syncd.core.packages.manifest import Change, Entry, NotTaken, Way
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.planner import plan
from syncd.core.reasons import Reason
from syncd.core.snapshot import Base, Local, Remote, Snapshot

Date = Callable[[float], str]  # a moment as conflict copies bear it, `2026-11-21 14h03`


class Here(msgspec.Struct, frozen=True):
    """A client's documents as they lie here now. `open`: keys of documents that somebody has open, and who."""

    docs: Sequence[LocalDoc]
    folders: Sequence[LocalFolder] = ()
    problems: Sequence[Problem] = ()
    held: Sequence[ClientPath] = ()
    open: dict[str, str] = {}


_Done = Download | KeepBoth | MoveLocal | SetAside


class Step(msgspec.Struct, frozen=True):
    """One change here, and the line of the package that wants it."""

    entry: Entry
    action: _Done


class Planned(msgspec.Struct, frozen=True):
    """`steps`: in an order that can be executed. `settled`: lines that change nothing here (any more). `refused`: those that
    this side does not take; `later`: those that cannot be done now, why."""

    steps: tuple[Step, ...] = ()
    settled: tuple[Entry, ...] = ()
    refused: tuple[NotTaken, ...] = ()
    later: tuple[NotTaken, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(s.action for s in self.steps)


def planned(chain: Chain, entries: Sequence[Entry], here: Here, rules: ClientRules, way: Way, date: Date) -> Planned:
    """`way`: of the package; the company's document keeps its name where both sides changed one."""
    known = [e for e in entries if is_known(chain, e)]
    told, refused = list[Entry](), list[NotTaken]()
    mine = {paths.key(d.path): d for d in here.docs}
    for e in entries:
        if is_known(chain, e):
            continue
        if _is_anothers(chain, e, mine.get(paths.key(e.path))):
            known.append(e)
        else:
            refusal = _refusal(rules, e)
            if refusal is None:
                told.append(e)
            else:
                refused.append(NotTaken(e.path, refusal.reason, refusal.detail))
    if not told:
        return Planned((), tuple(known), tuple(refused))
    return _merged(chain, told, tuple(known), tuple(refused), here, rules, way, date)


def _merged(
    chain: Chain, told: list[Entry], known: tuple[Entry, ...], refused: tuple[NotTaken, ...], here: Here,
    rules: ClientRules, way: Way, date: Date,
) -> Planned:  # fmt: skip
    found = plan(_snapshot(chain, told, here), rules, date(0.0))
    by_id, by_path = {_id(e): e for e in told}, {paths.key(e.path): e for e in told}
    steps = list[Step]()
    copies = _Copies(here.docs, way, date)
    for action in found.actions:
        match action:
            case Download() | MoveLocal() | SetAside():
                entry = by_id.get(action.doc)
            case KeepBoth(fetch=fetch):  # without one: what took a name here that the package gives to another document
                entry = by_id.get(fetch.doc) if fetch is not None else by_path.get(paths.key(action.path))
            case _:
                continue
        if entry is not None:
            steps += [Step(entry, done) for done in copies.named(entry, action)]
    late = _later(told, found.problems, found.refusals)
    done = {e.path for e in (*(s.entry for s in steps), *told) if e.path not in late}
    steps = [s for s in steps if s.entry.path in done]
    moved = {s.entry.path for s in steps}
    settled = tuple(e for e in told if e.path in done and e.path not in moved)
    return Planned(tuple(steps), known + settled, refused, tuple(NotTaken(p, *why) for p, why in late.items()))


def _is_anothers(chain: Chain, e: Entry, mine: LocalDoc | None) -> bool:
    """A deletion of what never came here: the document of that name is this side's own."""
    return e.change is Change.DELETE and e.path not in chain.held and mine is not None and mine.content.hex != e.base


def _refusal(rules: ClientRules, e: Entry) -> Refusal | None:
    """Why this side does not take it."""
    folder = paths.parent(e.path)
    rule = rules.rule(folder)
    if rule is None:
        return Refusal(e.path, Reason.UNKNOWN_FOLDER)
    if not rules.folder_direction(folder).takes:
        return Refusal(e.path, Reason.DIRECTION)
    return refuse(rules, e.path, e.size) if e.content is not None else None


def _id(e: Entry) -> str:
    return e.source or e.path


def _snapshot(chain: Chain, told: Sequence[Entry], here: Here) -> Snapshot:
    """Of what the package is about, and of what was changed here; all else holds its name."""
    by_path = {d.path: d for d in here.docs}
    base, remote = dict[str, BaseDoc](), dict[str, RemoteDoc]()
    for e in told:
        i, at = _id(e), ClientPath(e.source or e.path)
        before = _base(chain, e, by_path.get(at))
        if before is not None:
            mine = by_path.get(at)
            disk = mine.disk if mine is not None else DiskPath(at)
            same = mine is not None and mine.content == before
            stamp = mine.stamp if mine is not None and same else Stamp(before.size, 0, 0, 0)
            base[i] = BaseDoc(i, at, disk, before, 1, stamp)
        remote[i] = _remote(i, e, before)
    about = {paths.key(p) for e in told for p in (e.path, e.source) if p}
    docs = [d for d in here.docs if paths.key(d.path) in about or chain.held.get(d.path) != d.content]
    shown = {d.disk for d in docs}
    occupied = frozenset(paths.key(d.path) for d in here.docs if d.disk not in shown)
    local = Local(docs, here.folders, here.problems, (), here.held, here.open)
    return Snapshot(Base(base), local, Remote(remote), occupied)


def _base(chain: Chain, e: Entry, mine: LocalDoc | None) -> Content | None:
    """What both sides last agreed on: what this side knows, else what the sender says it knew."""
    if (known := chain.held.get(e.source or e.path)) is not None:
        return known
    if not e.base or (e.content is not None and (e.source or e.path) in chain.gone):
        return None
    return mine.content if mine is not None and mine.content.hex == e.base else Content(0, bytes.fromhex(e.base))


def _remote(i: str, e: Entry, before: Content | None) -> RemoteDoc:
    earlier = (before.sha256,) if before is not None else ()
    if e.content is None:
        gone = before or Content(0, bytes.fromhex(e.base))
        return RemoteDoc(i, ClientPath(e.path), gone, 1, "", RemoteState.DELETED, earlier=earlier, tombstone=i)
    return RemoteDoc(i, ClientPath(e.path), e.content, 2, "", earlier=earlier)


def _later(
    told: Sequence[Entry], problems: Sequence[Problem], refusals: Sequence[Refusal]
) -> dict[str, tuple[str, str]]:
    """Lines whose place could not be looked at, is open, or is taken by what it may not be: by path, why."""
    late = dict[str, tuple[str, str]]()
    for e in told:
        ends = [paths.key(p) for p in (e.path, e.source) if p]
        for p in problems:
            if p.reason == Reason.EMPTIED:  # the package's bytes come back
                continue
            at = paths.key(p.path)
            if any(end == at or (p.subtree and (not at or paths.is_below(end, at))) for end in ends):
                late.setdefault(e.path, (p.reason, p.detail))
        for r in refusals:
            if paths.key(r.path) in ends or (r.reason == Reason.NAME_COLLISION and paths.key(r.detail) in ends):
                late.setdefault(e.path, (r.reason, r.detail))
    return late


def _named(disk: DiskPath, copy: ClientPath) -> DiskPath:
    return paths.join(paths.parent(disk), paths.name(copy))


class _Copies:
    """Which of two versions takes another name, and which: the same on both sides, whoever applies first."""

    def __init__(self, docs: Sequence[LocalDoc], way: Way, date: Date) -> None:
        self._way, self._date = way, date
        self._docs = {paths.key(d.path): d for d in docs}
        self._taken, self._keeps = set[str](), set[str]()

    def named(self, e: Entry, action: _Done) -> list[_Done]:
        mine = self._way is Way.TO_COMPANY  # whose name stays
        if isinstance(action, KeepBoth) and not mine:
            return [replace(action, copy=self._name(action.path, action.expect.mtime_ns / 1e9), publish=True)]
        if isinstance(action, KeepBoth) and action.fetch is None:
            self._keeps.add(paths.key(action.path))
            return []
        if isinstance(action, KeepBoth) and action.fetch is not None:
            return self._beside(e, action.path, action.disk, action.fetch.content)
        if isinstance(action, Download) and action.expect is None and paths.key(action.path) in self._keeps:
            return self._beside(e, action.path, action.disk, action.content)
        if isinstance(action, MoveLocal) and paths.key(action.path) in self._keeps:
            copy = self._name(action.path, float(e.at))
            return [replace(action, path=copy, to_disk=_named(action.to_disk, copy))]
        return [action]

    def _beside(self, e: Entry, path: ClientPath, disk: DiskPath, content: Content) -> list[_Done]:
        """The package's version comes under a copy's name, once."""
        if self._there(path, content):
            return []
        copy = self._name(path, float(e.at))
        return [Download(_id(e), copy, _named(disk, copy), content, 2, "")]

    def _there(self, path: str, content: Content) -> bool:
        """Whether a copy with these very bytes lies beside it already."""
        folder, stem = paths.key(paths.parent(path)), naming.conflict_stem(paths.name(path))
        return any(
            d.content == content and naming.is_conflict_copy(paths.name(d.path))
            and paths.key(paths.parent(d.path)) == folder and naming.conflict_stem(paths.name(d.path)) == stem
            for d in self._docs.values()
        )  # fmt: skip

    def _name(self, path: ClientPath, at: float) -> ClientPath:
        name = naming.conflict_copy(
            path, self._date(at), lambda p: paths.key(p) in self._docs or paths.key(p) in self._taken
        )
        self._taken.add(paths.key(name))
        return name


def waits(found: Planned, documents: int, limits: guards.Limits) -> int:
    """How many of the changes the guards will hold until somebody agrees, as far as this package alone decides it."""
    review = guards.review(found.actions, guards.History(documents), replace(limits, first_publication="allow"))
    return sum(len(w.actions) for w in review.waiting)


def in_folders(entries: Sequence[Entry], rules: ClientRules) -> dict[str, int]:
    """How many lines each top-level folder has, as the client's tree spells it."""
    tops, found = rules.tops(), dict[str, int]()
    for e in entries:
        top = tops.get(paths.key(paths.top(e.path)), ClientPath(paths.top(e.path)))
        found[top] = found.get(top, 0) + 1
    return found


def named(folders: Collection[str], rules: ClientRules) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders as the tree spells them, and those that it does not have."""
    tops = rules.tops()
    known = tuple(tops[paths.key(f.strip("/"))] for f in folders if paths.key(f.strip("/")) in tops)
    return known, tuple(f for f in folders if paths.key(f.strip("/")) not in tops)


__all__ = ["Change", "Date", "Here", "Planned", "Step", "in_folders", "named", "planned", "waits"]
