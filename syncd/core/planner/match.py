"""Which local document is which: by place, by what heals a crash, by move, out of reach (RULES 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import Record
from syncd.core.content import Content
from syncd.core.entry import (
    BaseDoc,
    Deletion,
    Hidden,
    LocalDoc,
    RemoteDoc,
    RemoteState,
    SetAsideRecord,
    Tombstone,
    Undone,
)
from syncd.core.naming import SUPP, unsupp
from syncd.core.paths import NOWHERE, DiskPath
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import HERE


class Here(StrEnum):
    HERE = "here"
    GONE = "gone"
    OUT = "out of reach"
    UNKNOWN = "unknown"


class Pair(msgspec.Struct, frozen=True, gc=False):
    """One document as both sides have it. `remote` None: missing. `where`: where it lies out of reach."""

    base: BaseDoc
    here: Here
    local: LocalDoc | None
    remote: RemoteDoc | None
    where: DiskPath = NOWHERE


class Matched(msgspec.Struct):
    """`explained`: deletions whose set-aside document is here."""

    pairs: list[Pair]
    new_here: dict[str, LocalDoc]
    new_online: dict[str, RemoteDoc]
    set_aside: dict[str, tuple[SetAsideRecord, LocalDoc]]
    explained: set[Deletion]


def _postpone_open_ones(workspace: Workspace) -> None:
    """What somebody has open waits, whichever side it would change (HAZARDS 9); opening alone is no reason to speak."""
    for at, who in workspace.locked.items():
        doc = workspace.local.get(at)
        if doc is None or workspace.unknown(doc.path):
            continue
        base = workspace.base_at.get(at)
        online = workspace.remote.get(base.id) if base is not None else workspace.remote_at.get(at)
        same = base is not None and online is not None and online.state is RemoteState.LIVE
        if same and base is not None and online is not None:
            same = doc.content == base.content == online.content and doc.path == base.path == online.path
        if not same:
            workspace.problem(doc.path, "locked", who)


def match_documents(workspace: Workspace) -> Matched:
    """Every base document with what is here and online of it, and what has no base."""
    _postpone_open_ones(workspace)
    # `free`: documents here that nobody has claimed yet, by key. Each step takes out of it what it recognises; the order
    # is that of what proves more.
    claimed: dict[str, LocalDoc] = {}
    free = dict(workspace.local)
    _heal(workspace, claimed, free)
    _in_place(workspace, claimed, free)
    set_aside = _set_asides(workspace, free)
    explained = {record.deletion for record, _ in set_aside.values()}
    if workspace.restored & HERE:
        _rebuild_set_asides(workspace, free, set_aside, explained)
        workspace.set_asides += tuple(record for record, _ in set_aside.values() if record not in workspace.set_asides)
        _give_back_names(workspace, claimed, free, explained)
    gone = [d for d in workspace.base.values() if d.id not in claimed and not d.left and not workspace.unknown(d.path)]
    _moves(gone, claimed, free, workspace)
    pairs = [_pair(workspace, doc, claimed.get(doc.id)) for doc in workspace.each(workspace.base.values())]
    new_here = {at: d for at, d in free.items() if not workspace.unknown(d.path)}
    new_online = {
        i: d
        for i, d in workspace.remote.items()
        if i not in workspace.base and d.state is RemoteState.LIVE and not workspace.unknown(d.path)
    }
    return Matched(pairs, new_here, new_online, set_aside, explained)


def _pair(workspace: Workspace, base: BaseDoc, local: LocalDoc | None) -> Pair:
    remote = workspace.remote.get(base.id)
    if local is not None:
        # It was recognised. Where its place, the old or the new, could not be looked at, nothing happens to it.
        unknown = workspace.unknown(local.path) or workspace.unknown(base.path)
        return Pair(base, Here.UNKNOWN if unknown else Here.HERE, local, remote)
    if workspace.unknown(base.path):
        return Pair(base, Here.UNKNOWN, None, remote)
    where = workspace.strays.get((base.stamp.inode, base.content))
    if where is not None and not base.left:
        # The very bytes with the very inode lie where nothing crosses.
        return Pair(base, Here.OUT, None, remote, where)
    return Pair(base, Here.GONE, None, remote)


def _give_back_names(
    workspace: Workspace, claimed: dict[str, LocalDoc], free: dict[str, LocalDoc], explained: set[Deletion]
) -> None:
    """An old state: a document was set aside since, and what has its name now is another one."""
    for doc in workspace.base.values():
        online = workspace.remote.get(doc.id)
        if doc.id in claimed and online is not None and Tombstone(online.tombstone) in explained:
            other = claimed.pop(doc.id)
            free[paths.key(other.path)] = other


def _in_place(workspace: Workspace, claimed: dict[str, LocalDoc], free: dict[str, LocalDoc]) -> None:
    """What lies at a document's place is that document. A crash amid renames may leave two at one place in the base:
    then it is the one with its content, else its inode, else the one that is there online too.
    """
    at_place: defaultdict[str, list[BaseDoc]] = defaultdict(list)
    for doc in workspace.each(workspace.base.values()):
        at = paths.key(doc.path)
        if doc.id not in claimed and at in free:
            at_place[at].append(doc)
    for at, docs in at_place.items():
        there = workspace.remote_at.get(at)
        if workspace.restored & HERE and there is not None and there.content == free[at].content:
            docs = [d for d in docs if d.id == there.id]  # an old state: another document has come to this place
        if not docs:
            continue
        local = free.pop(at)

        def unlike(doc: BaseDoc, local: LocalDoc = local, there: RemoteDoc | None = there) -> tuple[bool, bool, bool]:
            other = there is None or there.id != doc.id
            return doc.content != local.content, doc.stamp.inode != local.stamp.inode, other

        claimed[min(docs, key=unlike).id] = local


def _heal(workspace: Workspace, claimed: dict[str, LocalDoc], free: dict[str, LocalDoc]) -> None:
    """A document already at the portal's place with the portal's content: a crash came before the state."""
    for doc in workspace.base.values():
        online = workspace.remote.get(doc.id)
        if online is None or online.state is not RemoteState.LIVE or paths.key(online.path) == paths.key(doc.path):
            continue
        found = free.get(paths.key(online.path))
        if found is None or found.content != online.content or not found.content.size:
            continue
        owner = workspace.base_at.get(paths.key(online.path))
        at_home = free.get(paths.key(doc.path))
        still_home = at_home is not None and at_home.content == doc.content
        if owner is None or (owner.content != found.content and not still_home):
            claimed[doc.id] = free.pop(paths.key(online.path))


def _set_asides(workspace: Workspace, free: dict[str, LocalDoc]) -> dict[str, tuple[SetAsideRecord, LocalDoc]]:
    """Set aside: the name starts with `supp_` and a record knows it by path, inode + size, or content (RULES 3)."""
    found: dict[str, tuple[SetAsideRecord, LocalDoc]] = {}
    records = [r for r in workspace.set_asides if r.done]
    if not records:
        return found
    by_place = {paths.key(r.to): r for r in records}
    by_inode = {(r.inode, r.size): r for r in records}
    by_content = {r.content: r for r in records}
    for at, doc in sorted(free.items()):
        if not paths.name(at).startswith(SUPP):
            continue
        online = workspace.remote_at.get(at)
        if online is not None and online.content == doc.content:
            continue  # a live document at that very path wins
        record = (
            by_place.get(paths.key(doc.disk))
            or by_inode.get((doc.stamp.inode, doc.content.size))
            or by_content.get(doc.content)
        )
        if record is None:
            continue
        found[at] = (record, free.pop(at))
        by_place.pop(paths.key(record.to), None)
        now = replace(record, to=doc.disk, inode=doc.stamp.inode, size=doc.content.size)
        if now != record:
            workspace.actions.append(Record(set_aside=now))
    return found


def _rebuild_set_asides(
    workspace: Workspace,
    free: dict[str, LocalDoc],
    found: dict[str, tuple[SetAsideRecord, LocalDoc]],
    explained: set[Deletion],
) -> None:
    """The records were lost: `supp_x` is one when its content is a tombstone's; where only its name says so, it is
    neither published nor touched, and reported (RULES 7).
    """
    deleted = [d for d in workspace.remote.values() if d.state is RemoteState.DELETED]
    for sure in (True, False):
        for at, doc in workspace.each(sorted(free.items())):
            live = workspace.remote_at.get(at)
            its_own = live is not None and (not sure or doc.content.sha256 in (live.content.sha256, *live.earlier))
            if not paths.name(at).startswith(SUPP) or its_own or workspace.unknown(doc.path):
                continue
            own = paths.join(paths.parent(at), unsupp(paths.name(at)))
            fitting: list[tuple[RemoteDoc, Deletion]] = [
                (d, Tombstone(d.tombstone)) for d in deleted
                if Tombstone(d.tombstone) not in explained
                and (doc.content.sha256 in (d.content.sha256, *d.earlier) if sure else paths.key(d.path) == own)
            ]  # fmt: skip
            if not fitting and sure and doc.content.size:  # deleted, set aside, brought back online since: it stays so
                fitting = [
                    (d, Undone(at))
                    for d in workspace.remote_at.values()
                    if doc.content.sha256 in (d.content.sha256, *d.earlier)
                ]
            if not fitting:
                continue
            gone, why = min(fitting, key=lambda of: (paths.key(of[0].path) != own, of[0].path, of[0].id))
            explained.add(why)
            record = SetAsideRecord(gone.id, why, gone.path, doc.disk, doc.content, doc.stamp.inode, doc.content.size)
            workspace.actions.append(Record(set_aside=record))
            if not sure:
                workspace.notice(doc.disk, "unknown_supp")
            found[at] = (record, free.pop(at))

    if workspace.rules.withheld:
        _presume_set_aside(workspace, free, found)


def _presume_set_aside(
    workspace: Workspace, free: dict[str, LocalDoc], found: dict[str, tuple[SetAsideRecord, LocalDoc]]
) -> None:
    """A tombstone may have moved to where this engine does not see it, from wherever its set-aside lies."""
    for at, doc in workspace.each(sorted(free.items())):
        if not paths.name(at).startswith(SUPP) or at in workspace.remote_at or workspace.unknown(doc.path):
            continue
        record = SetAsideRecord("", Hidden(at), doc.path, doc.disk, doc.content, doc.stamp.inode, doc.content.size)
        workspace.actions.append(Record(set_aside=record))
        workspace.notice(doc.disk, "unknown_supp")
        found[at] = (record, free.pop(at))


def deleted_online(workspace: Workspace, new: Mapping[str, LocalDoc], explained: set[Deletion]) -> dict[str, RemoteDoc]:
    """Which documents without base were deleted online: a tombstone has their content as a version (RULES 7).

    One tombstone explains one document: the one at its own place, else the only one or the first.
    """
    deleted = sorted(
        (
            d for d in workspace.remote.values()
            if d.state is RemoteState.DELETED and d.id not in workspace.base and Tombstone(d.tombstone) not in explained
        ),
        key=lambda d: (d.path, d.id),
    )  # fmt: skip
    found: dict[str, RemoteDoc] = {}
    for same_place in (True, False):
        for gone in workspace.each(deleted):
            if Tombstone(gone.tombstone) in explained:
                continue
            for at, doc in new.items():
                if (
                    at in found
                    or not doc.content.size
                    or doc.content.sha256 not in (gone.content.sha256, *gone.earlier)
                ):
                    continue
                if not same_place or at == paths.key(gone.path):
                    found[at] = gone
                    explained.add(Tombstone(gone.tombstone))
                    break
    return found


def _moves(gone: list[BaseDoc], claimed: dict[str, LocalDoc], free: dict[str, LocalDoc], workspace: Workspace) -> None:
    """Which documents that are gone from their places lie elsewhere in this client ("What is a local move")."""
    if not gone:
        return

    def take(base: BaseDoc, doc: LocalDoc) -> None:
        claimed[base.id] = free.pop(paths.key(doc.path))

    # Whoever is in `gone` has an empty place; whoever is in `free` has no base. Their bytes decide first.
    wanting: defaultdict[Content, list[BaseDoc]] = defaultdict(list)
    for base in gone:
        wanting[base.content].append(base)
    candidates = _candidates(workspace, free)
    for content, bases in workspace.each(wanting.items()):
        pool = candidates.get(content, [])
        for same in (_same_inode, _same_name):
            for base in [b for b in bases if b.id not in claimed]:
                fitting = [d for d in pool if paths.key(d.path) in free and same(base, d)]
                if len(fitting) == 1:
                    # The same bytes, and the one candidate with its inode; or, among several, with its name.
                    take(base, fitting[0])
        left = [b for b in bases if b.id not in claimed]
        rest = [d for d in pool if paths.key(d.path) in free]
        if len(left) == 1 and len(rest) == 1 and len(pool) == 1:
            # The same bytes, and there is but one that has them and one that misses them. Several: it is no move.
            take(left[0], rest[0])
    _edited_moves(gone, claimed, free, workspace)


def _same_inode(base: BaseDoc, doc: LocalDoc) -> bool:
    return doc.stamp.inode == base.stamp.inode


def _same_name(base: BaseDoc, doc: LocalDoc) -> bool:
    return paths.key(paths.name(doc.path)) == paths.key(paths.name(base.path))


def _candidates(workspace: Workspace, free: Mapping[str, LocalDoc]) -> dict[Content, list[LocalDoc]]:
    """Documents without base that may be one that moved: not empty, known, and not online under that name as they are."""
    found: defaultdict[Content, list[LocalDoc]] = defaultdict(list)
    for doc in free.values():
        online = workspace.remote_at.get(paths.key(doc.path))
        if doc.content.size and not workspace.unknown(doc.path) and (online is None or online.content != doc.content):
            found[doc.content].append(doc)
    return found


def _edited_moves(
    gone: Sequence[BaseDoc], claimed: dict[str, LocalDoc], free: dict[str, LocalDoc], workspace: Workspace
) -> None:
    """Move and edit at once: same name, same inode, other folder. An inode alone never identifies."""
    by_inode_and_name = {
        (d.stamp.inode, paths.key(paths.name(d.path))): d for d in free.values() if not workspace.unknown(d.path)
    }
    for base in gone:
        edited = by_inode_and_name.get((base.stamp.inode, paths.key(paths.name(base.path))))
        if base.id in claimed or edited is None or paths.key(edited.path) not in free:
            continue
        online = workspace.remote_at.get(paths.key(edited.path))
        if online is None or online.id == base.id:  # the portal may know already: a crash came before the state
            claimed[base.id] = free.pop(paths.key(edited.path))
