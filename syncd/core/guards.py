"""What waits for a person before it is done (RULES 5).

Counts cover what is planned plus what was done since the window opened, so that a watcher cannot cut a storm into
harmless pieces. An agreement is the set of action digests that were shown.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from syncd.core import paths
from syncd.core.actions import (
    Action,
    Download,
    KeepBoth,
    MakeFolder,
    MoveFolder,
    MoveLocal,
    MoveRemote,
    RestoreSetAside,
    Side,
    Upload,
    digest,
)

OVERWRITES = ("overwrites_here", "overwrites_online")
FOREIGN = "other_client"  # under which name the windows count what went online of another client's
LEFT = "left"  # … and what was removed here and stays online
COUNTED = ("set_asides", "overwrites_here", "overwrites_online", "removals", "renames")


class Limits(msgspec.Struct, frozen=True):
    max_changes: int = 20
    max_share: float = 0.20
    first_publication: str = "ask"
    many_new: int = 200
    few: int = 5
    first_publication_limit: int = 20
    cabinet_changes: int = 100
    cabinet_share: float = 0.01


class History(msgspec.Struct, frozen=True):
    """What the state knows of a client: documents in the base, done since the window opened, what was agreed.

    `completed`: keys of the top-level folders of which a publication was ever acknowledged; `client_completed`: of any.
    `renamed`: how many documents bear here a name of a refused type (a sign of ransomware): they count as changes.
    `elsewhere`: contents of this plan's publications that are another client's, or lately were; `doubted`: contents that
    were asked about as such, and nobody agreed to. `restricted`: keys of the folders this
    plan publishes into whose names are told only to those with rights to them.
    """

    documents: int = 0
    done: Mapping[str, int] = msgspec.field(default_factory=dict)
    agreed: frozenset[str] = frozenset()
    client_completed: bool = True
    completed: frozenset[str] = frozenset()
    elsewhere: frozenset[bytes] = frozenset()
    doubted: frozenset[bytes] = frozenset()
    restricted: frozenset[str] = frozenset()
    renamed: int = 0


class Waiting(msgspec.Struct, frozen=True):
    """One guard's hold. `actions` are in the plan's order."""

    reason: str
    actions: tuple[Action, ...]

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(digest(a) for a in self.actions)


class Review(msgspec.Struct, frozen=True):
    go: tuple[Action, ...]
    waiting: tuple[Waiting, ...] = ()


def set_digest(digests: Sequence[str]) -> str:
    """The one digest under which a set of actions is shown and agreed to."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()[:32]


def review(actions: Sequence[Action], history: History, limits: Limits) -> Review:
    """What may go now, and what waits, for one client."""
    held: dict[int, str] = {}
    open_ = _open(actions, history.agreed)
    _review_counts(open_, history, limits, held)
    _review_publications(open_, history, limits, held)
    _hold_publications(open_, held)
    if not held:
        return Review(tuple(actions))
    _hold_dependants(actions, held)
    return _split(actions, held)


def _open(actions: Sequence[Action], agreed: frozenset[str]) -> list[Action]:
    """What nobody has agreed to yet."""
    return [a for a in actions if digest(a) not in agreed] if agreed else list(actions)


def fresh(reviewed: Review, agreed: frozenset[str]) -> list[Action]:
    """What one client adds to the cabinet's count: what may go there, is counted, and nobody has agreed to."""
    return _open([a for a in reviewed.go if a.counted], agreed)


def over(documents: int, done: int, planned: int, limits: Limits) -> bool:
    """Whether the whole cabinet's changes are too many. `documents` in its base, `done` in its open windows, `planned` now."""
    return done + planned > max(limits.cabinet_changes, limits.cabinet_share * documents)


def vanished(gone: Mapping[str, int], kept: Mapping[str, int], limits: Limits) -> frozenset[str]:
    """The clients of whose documents too many disappeared at the cabinet within one window (RULES 2): of one alone; most of
    each of several; or a few of many, summed over the cabinet. `kept`: documents by client, without those `gone`."""
    alone = {c for c, n in gone.items() if n > max(limits.max_changes, limits.max_share * (kept.get(c, 0) + n))}
    hit = {c for c, n in gone.items() if n >= limits.few and n >= kept.get(c, 0)}
    if len(hit) > 1 and sum(gone[c] for c in hit) > limits.max_changes:
        alone |= hit
    total = sum(gone.values())
    if total > max(limits.cabinet_changes, limits.cabinet_share * (sum(kept.values()) + total)):
        alone |= {c for c, n in gone.items() if n}
    return frozenset(alone)


def hold_changes(reviewed: Review, agreed: frozenset[str]) -> Review:
    """The cabinet is over its limit: what would be counted waits, of every client alike."""
    held = {id(a): "guard_changes" for a in fresh(reviewed, agreed)}
    if not held:
        return reviewed
    _hold_publications(_open(reviewed.go, agreed), held)
    _hold_dependants(reviewed.go, held)
    split = _split(reviewed.go, held)
    return Review(split.go, reviewed.waiting + split.waiting)


def _review_counts(actions: Sequence[Action], history: History, limits: Limits, held: dict[int, str]) -> None:
    by_kind: defaultdict[str, list[Action]] = defaultdict(list)
    for action in actions:
        if action.counted:
            by_kind[action.counted].append(action)
    limit = max(limits.max_changes, limits.max_share * history.documents)
    for counted, planned in by_kind.items():
        total = len(planned) + history.done.get(counted, 0) + history.renamed
        everything = history.documents >= limits.few and len(planned) >= history.documents
        if total > limit or everything:
            reason = "guard_emptied_side" if everything else "guard_changes"
            held.update((id(a), reason) for a in planned)


def _review_publications(actions: Sequence[Action], history: History, limits: Limits, held: dict[int, str]) -> None:
    new = [a for a in actions if a.publishes]
    if not new:
        return
    bodies = [a for a in new if isinstance(a, Upload | KeepBoth) and a.content.size]
    foreign = [a for a in bodies if a.content.sha256 in history.elsewhere]
    if len(foreign) + history.done.get(FOREIGN, 0) < limits.few:
        foreign = []
    asked = [a for a in bodies if a.content.sha256 in history.doubted]  # and stays so, however few are left
    held.update((id(a), "guard_other_client") for a in (*foreign, *asked))
    if limits.first_publication == "allow":
        return
    if len(new) > limits.many_new:
        held.update((id(a), "guard_many_new") for a in new if id(a) not in held)
    by_top: defaultdict[str, list[Action]] = defaultdict(list)
    for action in new:
        by_top[paths.key(paths.top(action.path))].append(action)
    for top, group in by_top.items():
        if not history.client_completed or (top not in history.completed and _asked(group, history, limits)):
            held.update((id(a), "guard_first_publication") for a in group if held.get(id(a)) != "guard_other_client")


def _asked(first: Sequence[Action], history: History, limits: Limits) -> bool:
    """Whether the first documents of one top-level folder are too many, or of one that is restricted."""
    if len(first) > limits.first_publication_limit:
        return True
    return any(paths.key(paths.parent(a.path)) in history.restricted for a in first)


def _hold_publications(actions: Sequence[Action], held: dict[int, str]) -> None:
    """While overwrites wait, what else would newly go online may be of the same storm: it waits with them."""
    why = next((held[id(a)] for a in actions if id(a) in held and a.counted in OVERWRITES), None)
    if why is not None:
        held.update((id(a), why) for a in actions if a.publishes and id(a) not in held)


def adopting(reviewed: Review, actions: Sequence[Action]) -> Review:
    """Nobody has said yet that the directory is this client's: all of it waits, and another client's documents in it
    are named as such, by themselves."""
    foreign = tuple(w for w in reviewed.waiting if w.reason == "guard_other_client")
    named = {id(a) for w in foreign for a in w.actions}
    rest = tuple(a for a in actions if id(a) not in named)
    return Review((), (Waiting("guard_first_publication", rest), *foreign))


def _hold_dependants(actions: Sequence[Action], held: dict[int, str]) -> None:
    """What hangs on a held action: what wants the name it would free, and the folders only it would publish."""
    busy = {paths.key(a.path): held[id(a)] for a in actions if id(a) in held}
    kept = {paths.key(a.source): held[id(a)] for a in actions if id(a) in held and isinstance(a, MoveRemote)}
    wanted = {
        paths.key(f)
        for a in actions
        if id(a) not in held and isinstance(a, Upload | KeepBoth | MoveFolder)
        for f in paths.ancestors(a.path)
    }
    for action in actions:
        if id(action) in held:
            continue
        match action:
            case Download(expect=None) | MoveLocal() | RestoreSetAside() if paths.key(action.path) in busy:
                held[id(action)] = busy[paths.key(action.path)]
            case Upload(doc=None) if paths.key(action.path) in kept:
                held[id(action)] = kept[paths.key(action.path)]
            case MakeFolder(side=Side.REMOTE) if paths.key(action.path) not in wanted:
                at = paths.key(action.path)
                for a in actions:
                    if id(a) in held and a.publishes and paths.is_below(paths.key(a.path), at):
                        held[id(action)] = held[id(a)]
                        break


def _split(actions: Sequence[Action], held: Mapping[int, str]) -> Review:
    waiting: defaultdict[str, list[Action]] = defaultdict(list)
    for action in actions:
        if id(action) in held:
            waiting[held[id(action)]].append(action)
    go = tuple(a for a in actions if id(a) not in held)
    return Review(go, tuple(Waiting(reason, tuple(group)) for reason, group in waiting.items()))
