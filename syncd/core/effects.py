"""What an outcome changes: the base, what was observed, receipts, guards' counts, and what is told. Pure.

`effects` says it, `engine.apply.commit` alone writes it. A dry run is effects that are shown and not committed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import (
    Action,
    Download,
    Forget,
    KeepBoth,
    Leave,
    MakeFolder,
    MoveFolder,
    MoveLocal,
    MoveRemote,
    Record,
    RemoveRemote,
    RestoreSetAside,
    SetAside,
    Side,
    Upload,
    Withdraw,
    digest,
)
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, Known, RemoteDoc, RemoteFolder, RemoteState, SetAsideRecord
from syncd.core.events import Event, of_action, shown
from syncd.core.guards import FOREIGN, LEFT, History
from syncd.core.outcomes import UNSEEN, Applied, Conflict, Outcome, Refused
from syncd.core.paths import NOWHERE, TOP, ClientPath, DiskPath
from syncd.core.protocol import LeftNote, Receipt
from syncd.core.snapshot import Base


class Before(msgspec.Struct, frozen=True):
    """The client as it was when its plan was made. `client`: its id. `history`: what the guards judged the plan by."""

    client: str
    code: str
    base: Base
    history: History | None = None


class Carried(msgspec.Struct, frozen=True, gc=False):
    """A folder that moved with all that lies below it. `online`: where it was online until our own move; '' for a move
    that was followed here, which was observed already."""

    folder: str
    path: ClientPath
    disk: DiskPath
    online: ClientPath = TOP


class Effects(msgspec.Struct, frozen=True, gc=False):
    """Everything that one outcome changes; what is empty changes nothing.

    The base: `base` (over the document with the id `over`), `forgotten`, `folder`, `forgotten_folder`, `carried`.
    Set-asides: `record`; `settled`: the row of an intent that is now `record`; `unrecorded`: whose set-aside is over.
    Observed: `here` by name on disk, `online`, `online_folder`.
    For the portal: `receipt`, `left`. For the guards: `counted`, `uncounted`, `agreement` (used up), `had` (a content the
    client holds no more), `published` (where a publication was acknowledged), `cleared` (a content that was doubted).
    """

    base: BaseDoc | None = None
    over: str = ""
    forgotten: str = ""
    folder: BaseFolder | None = None
    forgotten_folder: str = ""
    carried: Carried | None = None
    record: SetAsideRecord | None = None
    settled: int = 0
    unrecorded: str = ""
    here: tuple[tuple[DiskPath, Known | None], ...] = ()
    online: RemoteDoc | None = None
    online_folder: RemoteFolder | None = None
    receipt: Receipt | None = None
    left: LeftNote | None = None
    counted: tuple[str, ...] = ()
    uncounted: str = ""
    agreement: str = ""
    had: Content | None = None
    published: ClientPath = TOP
    cleared: bytes = b""
    events: tuple[Event, ...] = ()


def effects(before: Before, outcome: Outcome, now: float) -> Effects:
    """What `outcome` changes for the client that was as `before`. `now`: seconds since 1970."""
    if isinstance(outcome, Applied):
        return _APPLIED[type(outcome.action)](before, outcome, outcome.action, now)
    at = shown(outcome.action.path)
    if isinstance(outcome, Refused):
        return Effects(events=(Event(before.code, "refused", at, reason=outcome.reason, detail=outcome.detail),))
    if isinstance(outcome, Conflict):
        return Effects(events=(_problem(before, at, "unstable", outcome.detail, outcome.online),))
    told = _problem(before, at, outcome.reason, outcome.detail, outcome.notice)
    return Effects(events=(replace(told, warning=outcome.notice),))


def _problem(before: Before, at: str, reason: str, detail: str, notice: bool) -> Event:
    return Event(before.code, "problem", at, reason=reason, detail=detail, notice=notice)


def repaired(before: Before, doc: BaseDoc, now: float, kept: DiskPath = NOWHERE) -> Effects:
    """A document that had decayed here holds again what was agreed. `doc.stamp`: as it lies there now."""
    told = Event(
        before.code, "restore", shown(doc.path), Side.LOCAL.value, detail="repaired", size=doc.content.size,
        sha256=doc.content.hex, warning=True,
    )  # fmt: skip
    here = ((doc.disk, Known(doc.stamp, doc.content, int(now * 1e9))),)
    return _advance(before, doc, here=here, events=(*_saved_meanwhile(before, doc.path, kept), told))


def found_set_aside(row: int, record: SetAsideRecord) -> Effects:
    """A rename that a killed run had written down and made: its document is set aside (RULES 3)."""
    return Effects(settled=row, record=replace(record, done=True), forgotten=record.doc)


# -- what several have in common ---------------------------------------------------------------------------------------


def _advance(before: Before, doc: BaseDoc, **more: Any) -> Effects:
    """Both sides agree on `doc`. The portal is told when a document that was left is here again."""
    old = before.base.docs.get(doc.id)
    if old is None:
        return Effects(base=doc, **more)
    if old.left and not doc.left:
        more |= {"left": LeftNote(before.client, doc.id, False), "uncounted": LEFT}
    if old.content != doc.content:
        more["had"] = old.content
    return Effects(base=doc, **more)


def _told(before: Before, action: Action) -> tuple[Event, ...]:
    event = of_action(before.code, action)
    return (event,) if event is not None else ()


def _judged(before: Before, action: Action, counted: str) -> dict[str, Any]:
    """An agreed action passes once; the others count in the client's window (RULES 5)."""
    agreed = before.history.agreed if before.history is not None else frozenset[str]()
    if agreed and (name := digest(action)) in agreed:
        return {"agreement": name}
    return {"counted": (counted,)}


def _moved_here(
    disk: DiskPath, to: DiskPath, stamp: Stamp, content: Content, now: float
) -> tuple[tuple[DiskPath, Known | None], ...]:
    """What was scanned at `disk` is now at `to`."""
    return ((disk, None), (to, Known(stamp, content, int(now * 1e9))))


def _saved_meanwhile(before: Before, path: ClientPath, kept: DiskPath) -> tuple[Event, ...]:
    """Somebody saved while their document was being replaced: what they saved is kept beside it."""
    if not kept:
        return ()
    return (Event(before.code, "keep_both", paths.nfc(path), "local", to=paths.nfc(kept), warning=True),)


# -- written down only -------------------------------------------------------------------------------------------------


def _record(before: Before, done: Applied, action: Record, now: float) -> Effects:
    told = _told(before, action)
    if action.folder is not None:
        return Effects(folder=action.folder, events=told)
    if action.set_aside is not None:
        return Effects(record=action.set_aside, events=told)
    doc = action.doc
    assert doc is not None
    more: dict[str, Any] = {"events": told}
    if not doc.by_company and not action.quiet:
        more["published"] = doc.path
    if doc.id not in before.base.docs:
        more["receipt"] = Receipt(before.client, doc.id, doc.version, now)
    return _advance(before, doc, **more)


def _forget(before: Before, done: Applied, action: Forget, now: float) -> Effects:
    told = _told(before, action)
    if not action.doc:
        return Effects(forgotten_folder=action.folder, events=told)
    old = before.base.docs.get(action.doc)
    return Effects(forgotten=action.doc, uncounted=LEFT if old is not None and old.left else "", events=told)


def _leave(before: Before, done: Applied, action: Leave, now: float) -> Effects:
    old = before.base.docs.get(action.doc)
    return Effects(
        base=replace(old, left=True) if old is not None else None, left=LeftNote(before.client, action.doc, True),
        counted=() if action.reason else (LEFT,), events=_told(before, action),
    )  # fmt: skip


# -- folders -----------------------------------------------------------------------------------------------------------


def _make_folder(before: Before, done: Applied, action: MakeFolder, now: float) -> Effects:
    told = _told(before, action)
    if action.side is Side.LOCAL:
        made = BaseFolder(action.id, action.path, action.disk, done.inode) if action.id else None
        return Effects(folder=made, events=told)
    if done.folder is None:
        return Effects(events=told)
    made = BaseFolder(done.folder.id, done.folder.path, action.disk, done.inode)
    return Effects(online_folder=done.folder, folder=made, events=told)


def _move_folder(before: Before, done: Applied, action: MoveFolder, now: float) -> Effects:
    here = action.side is Side.LOCAL
    disk = action.to_disk if here else action.disk
    return Effects(
        carried=Carried(action.id, action.path, disk, TOP if here else action.source),
        folder=BaseFolder(action.id, action.path, disk, done.inode if here else action.inode),
        events=_told(before, action),
    )


# -- renames here ------------------------------------------------------------------------------------------------------


def _set_aside(before: Before, done: Applied, action: SetAside, now: float) -> Effects:
    told, judged = _told(before, action), _judged(before, action, "set_asides")
    if done.record is None:
        return Effects(events=told)
    return Effects(
        settled=done.intent, record=replace(done.record, inode=done.stamp.inode, done=True), forgotten=action.doc,
        here=_moved_here(action.disk, done.record.to, done.stamp, action.content, now), events=told, **judged,
    )  # fmt: skip


def _move_local(before: Before, done: Applied, action: MoveLocal, now: float) -> Effects:
    here = _moved_here(action.disk, action.to_disk, done.stamp, action.content, now)
    if action.set_aside:
        aside = done.record
        moved = replace(aside, to=action.to_disk, inode=done.stamp.inode) if aside is not None else None
        return Effects(record=moved, here=here)
    told = _told(before, action)
    old = before.base.docs.get(action.doc)
    if old is not None:
        stamp = replace(done.stamp, mtime_ns=old.stamp.mtime_ns)  # as agreed: an edit that came with it is seen
        doc = replace(old, path=action.path, disk=action.to_disk, stamp=stamp, left=False)
        return _advance(before, doc, here=here, events=told)
    if done.former is not None:  # adopted a moment ago under another spelling
        doc = replace(done.former, path=action.path, disk=action.to_disk, stamp=done.stamp)
        return Effects(base=doc, here=here, events=told)
    return Effects(here=here, events=told)


def _restore(before: Before, done: Applied, action: RestoreSetAside, now: float) -> Effects:
    doc = BaseDoc(
        action.doc, action.path, action.to_disk, action.content, action.version, done.stamp, by_company=action.by_company
    )  # fmt: skip
    here = _moved_here(action.disk, action.to_disk, done.stamp, action.content, now)
    return _advance(before, doc, here=here, unrecorded=action.doc, events=_told(before, action))


# -- documents that come -----------------------------------------------------------------------------------------------


def _keep_both(before: Before, done: Applied, action: KeepBoth, now: float) -> Effects:
    told = _told(before, action)
    copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
    fetch = action.fetch
    if fetch is None:
        return Effects(here=_moved_here(action.disk, copy, done.stamp, action.content, now), events=told)
    read = int(now * 1e9)
    here: list[tuple[DiskPath, Known | None]] = [(action.disk, Known(done.stamp, fetch.content, read))]
    if done.copy is not None:
        here.append((copy, Known(done.copy, action.content, read)))
    doc = BaseDoc(
        fetch.doc, action.path, action.disk, fetch.content, fetch.version, done.stamp, by_company=fetch.by_company
    )  # fmt: skip
    return _advance(
        before, doc, here=tuple(here), receipt=Receipt(before.client, fetch.doc, fetch.version, now),
        events=(*told, *_saved_meanwhile(before, action.path, done.kept)), **_judged(before, action, "overwrites_here"),
    )  # fmt: skip


def _download(before: Before, done: Applied, action: Download, now: float) -> Effects:
    here: list[tuple[DiskPath, Known | None]] = [(action.disk, Known(done.stamp, action.content, int(now * 1e9)))]
    if action.vacate and action.vacate != action.disk:
        here.append((action.vacate, None))
    doc = BaseDoc(
        action.doc, action.path, action.disk, action.content, action.version, done.stamp, by_company=action.by_company
    )  # fmt: skip
    over = action.expect is not None and not action.emptied
    return _advance(
        before, doc, here=tuple(here), receipt=Receipt(before.client, action.doc, action.version, now),
        events=(*_told(before, action), *_saved_meanwhile(before, action.path, done.kept)),
        **(_judged(before, action, "overwrites_here") if over else {}),
    )  # fmt: skip


# -- documents online --------------------------------------------------------------------------------------------------


def _upload(before: Before, done: Applied, action: Upload, now: float) -> Effects:
    told, doc = _told(before, action), done.doc
    if doc is None:
        return Effects(events=told)
    # A version changes no place: where the portal says it lies now may be a move that is still to be followed.
    place = doc.path if action.doc is None else action.path
    agreed = BaseDoc(doc.id, place, action.disk, action.content, doc.version, action.expect, by_company=doc.by_company)
    judged = _publication(before, action) if action.doc is None else _judged(before, action, "overwrites_online")
    return _advance(before, agreed, over=action.lost, online=doc, events=told, **judged)


def _publication(before: Before, action: Upload) -> dict[str, Any]:
    """What is another client's too counts, unless somebody agreed to it; a few at a time are many in the end (RULES 5)."""
    judged: dict[str, Any] = {"published": action.path}
    history, sha256 = before.history, action.content.sha256
    if history is None or not (sha256 in history.elsewhere or sha256 in history.doubted):
        return judged
    if digest(action) not in history.agreed:
        judged["counted"] = (FOREIGN,)
    return judged | {"cleared": sha256}


def _move_remote(before: Before, done: Applied, action: MoveRemote, now: float) -> Effects:
    told, doc, old = _told(before, action), done.doc, before.base.docs.get(action.doc)
    if doc is None or old is None:
        return Effects(events=told)
    stamp = replace(done.stamp if done.stamp != UNSEEN else action.stamp, mtime_ns=old.stamp.mtime_ns)
    agreed = replace(old, path=doc.path, disk=action.disk, stamp=stamp, left=False)
    counted = action.counted
    return _advance(
        before, agreed, online=doc, events=told, **(_judged(before, action, counted) if counted else {})
    )  # fmt: skip


def _remove(before: Before, done: Applied, action: Withdraw | RemoveRemote, now: float) -> Effects:
    gone = replace(done.doc, state=RemoteState.DELETED) if done.doc is not None else None
    return Effects(
        online=gone, forgotten=action.doc, events=_told(before, action), **_judged(before, action, "removals")
    )  # fmt: skip


_APPLIED: dict[type, Callable[[Before, Applied, Any, float], Effects]] = {
    Record: _record, Forget: _forget, Leave: _leave, MakeFolder: _make_folder, MoveFolder: _move_folder,
    SetAside: _set_aside, MoveLocal: _move_local, RestoreSetAside: _restore, KeepBoth: _keep_both, Download: _download,
    Upload: _upload, MoveRemote: _move_remote, Withdraw: _remove, RemoveRemote: _remove,
}  # fmt: skip
