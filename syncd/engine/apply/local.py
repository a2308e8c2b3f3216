"""What a plan changes at the cabinet without fetching anything: records, folders, set-asides, renames."""

from __future__ import annotations

import errno
from collections.abc import Callable

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import (
    Action,
    Download,
    Forget,
    KeepBoth,
    MakeFolder,
    MoveFolder,
    MoveLocal,
    Record,
    RestoreSetAside,
    SetAside,
    Side,
    Upload,
    digest,
    path_of,
)
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, SetAsideRecord
from syncd.core.errors import SyncdError
from syncd.core.events import Event, shown
from syncd.core.protocol import LeftNote, Receipt
from syncd.engine import backoff, unexpected_errors
from syncd.engine.apply.fault_isolation import of_a_place
from syncd.engine.context import Job, Parts, Settings, Stop
from syncd.engine.recorder import TOGETHER, Recorder
from syncd.ports.local import ClientStopped, Known, Placed, Stale, in_use
from syncd.ports.state import LEFT


class LocalWork:
    def __init__(self, parts: Parts, settings: Settings, recorder: Recorder) -> None:
        self.parts, self.settings, self.recorder = parts, settings, recorder

    def client(self, job: Job) -> None:
        """Everything local of one client, in the plan's order. A stumble leaves the rest standing; what nobody expected
        ends this client's part of the run, and no other's."""
        try:
            self._client(job)
        except (Stop, SyncdError):
            raise
        except OSError as e:
            if not of_a_place(e):
                raise  # the disk
            self._give_up(job, e.strerror or str(e))
        except Stale as e:
            self._give_up(job, str(e))
        except Exception as e:
            self._give_up(job, unexpected_errors.note(f"local work of {job.code}", e))

    def _give_up(self, job: Job, why: str) -> None:
        self.recorder.problem(job, "", "failed", why)
        job.stumbled, job.more, job.late = True, [], []
        job.review = replace(job.review, go=())

    def _client(self, job: Job) -> None:
        go = job.review.go
        moving = [paths.key(a.path) for a in go if isinstance(a, MoveFolder)]
        records = [a for a in go if isinstance(a, Record | Forget)]
        job.late = [a for a in records if backoff.lies_in(a, moving)]
        self._write_down(job, [a for a in records if not backoff.lies_in(a, moving)])
        for action in go:
            if isinstance(action, MoveFolder) and action.side is Side.LOCAL:
                self._attempt(job, action, self._move_folder)
        self._make_folders(job, [a for a in go if isinstance(a, MakeFolder) and a.side is Side.LOCAL])
        self._set_asides(job, [a for a in go if isinstance(a, SetAside)])
        self._vacate(job, [a for a in go if isinstance(a, Download) and a.vacate])
        for action in go:
            match action:
                case KeepBoth(fetch=None):
                    self._attempt(job, action, self._rename_copy)
                case MoveLocal():
                    self._attempt(job, action, self._move)
                case RestoreSetAside():
                    self._attempt(job, action, self._restore)

    def moved(self, job: Job) -> None:
        """What is agreed of documents in a folder that moved: true only once it has, on whichever side."""
        if not job.stumbled:
            self._write_down(job, job.late)

    def _attempt(self, job: Job, action: Action, do: Callable[[Job, Action], None]) -> None:
        self.recorder.between(job.code)
        try:
            do(job, action)
        except (Stale, OSError) as e:
            if not backoff.moved_in_vain(self.parts, job, action, e):
                fell(self.recorder, job, action, e)
                return
            job.stumbled = True
            where, now = shown(path_of(action)), shown(getattr(action, "disk", ""))
            self.recorder.problem(job, where, backoff.NOT_RENAMED, now, notice=True, warning=True)

    def _write_down(self, job: Job, actions: list[Record | Forget]) -> None:
        state = self.parts.state

        def write(action: Record | Forget) -> None:
            match action:
                case Record(doc=doc) if doc is not None:
                    record_base(self.parts, job, doc)
                    if not doc.by_company and not action.quiet:
                        published(self.parts, job, doc.path)
                    if doc.id not in job.base.docs:
                        state.queue_receipt(Receipt(job.id, doc.id, doc.version, self.parts.clock.now()))
                case Record(folder=folder) if folder is not None:
                    state.put_folder(job.id, folder)
                case Record(set_aside=record) if record is not None:
                    state.put_set_aside(job.id, record)
                case Forget():
                    if (before := job.base.docs.get(action.doc)) is not None and before.left:
                        state.uncount(job.id, LEFT)
                    state.forget(job.id, action.doc) if action.doc else state.forget_folder(action.folder)
            self.recorder.done(job, action)

        self.recorder.each(actions, write, job.code)

    def _make_folders(self, job: Job, actions: list[MakeFolder]) -> None:
        """Many made, their names synced once, then written down together."""
        for n in range(0, len(actions), TOGETHER):
            self.recorder.between(job.code)
            self._make_some(job, actions[n : n + TOGETHER])
            self.recorder.between(job.code)  # some may have been left

    def _make_some(self, job: Job, actions: list[MakeFolder]) -> None:
        made: list[tuple[MakeFolder, int]] = []
        for action in actions:
            if self.recorder.overdue():
                break
            try:
                made.append((action, self.parts.mirror.make_folder(job.dir, action.disk)))
            except Stale:
                stumble(self.recorder, job, action, "not_a_folder")
            except OSError as e:
                stumble(self.recorder, job, action, reason_of(e), e.strerror or "")
        self.parts.mirror.sync_names([(job.dir, action.disk) for action, _ in made])
        with self.parts.state.atomic():
            for action, inode in made:
                if action.id:
                    folder = BaseFolder(action.id, action.path, action.disk, inode)
                    self.parts.state.put_folder(job.id, folder)
                self.recorder.done(job, action)

    def _move_folder(self, job: Job, action: Action) -> None:
        assert isinstance(action, MoveFolder)
        inode = self.parts.mirror.move_folder(job.dir, action.disk, action.to_disk, action.inode)
        with self.parts.state.atomic():
            self.parts.state.move_folder(job.id, action.id, action.path, action.to_disk, online="")
            self.parts.state.put_folder(job.id, BaseFolder(action.id, action.path, action.to_disk, inode))
            backoff.moved(self.parts, job, action)
            self.recorder.done(job, action)

    def _set_asides(self, job: Job, actions: list[SetAside]) -> None:
        """The record is committed before the rename (RULES 3)."""
        for n in range(0, len(actions), TOGETHER):
            self.recorder.between(job.code)
            self._set_some_aside(job, actions[n : n + TOGETHER])
            self.recorder.between(job.code)  # some may have been left

    def _set_some_aside(self, job: Job, actions: list[SetAside]) -> None:
        state, mirror = self.parts.state, self.parts.mirror
        intents = []
        with state.atomic():
            for a in actions:
                to = paths.join(paths.parent(a.disk), paths.name(a.to))
                record = SetAsideRecord(
                    a.doc, a.tombstone, a.path, to, a.content, a.expect.inode, a.content.size, done=False
                )
                intents.append((state.intend_set_aside(job.id, record), record, a))
        renamed, left = [], []
        for row, record, a in intents:
            if self.recorder.overdue():
                left.append(row)
                continue
            try:
                stamp = mirror.rename(job.dir, a.disk, record.to, a.expect)
            except (Stale, OSError) as e:
                left.append(row)
                fell(self.recorder, job, a, e)
                continue
            renamed.append((row, record, a, stamp))
        mirror.sync_names([(job.dir, a.disk) for _, _, a, _ in renamed])
        with state.atomic():
            for row in left:
                state.settle_set_aside(row, None)
            for row, record, a, stamp in renamed:
                state.settle_set_aside(row, replace(record, inode=stamp.inode, done=True))
                state.forget(job.id, a.doc)
                moved_here(self.parts, job, a.disk, record.to, stamp, a.content)
                self.recorder.done(job, a)
                settle_guard(self.parts, job, a, "set_asides")

    def _rename_copy(self, job: Job, action: Action) -> None:
        assert isinstance(action, KeepBoth)
        disk = paths.join(paths.parent(action.disk), paths.name(action.copy))
        stamp = self.parts.mirror.rename(job.dir, action.disk, disk, action.expect)
        self.parts.mirror.sync_names([(job.dir, disk)])
        with self.parts.state.atomic():
            moved_here(self.parts, job, action.disk, disk, stamp, action.content)
            self.recorder.done(job, action)
        if action.publish:
            job.more.append(Upload(action.copy, disk, action.content, stamp))

    def _move(self, job: Job, action: Action) -> None:
        assert isinstance(action, MoveLocal)
        to = action.to_disk
        stamp = self.parts.mirror.rename(job.dir, action.disk, to, action.expect)
        self.parts.mirror.sync_names([(job.dir, action.disk), (job.dir, to)])
        with self.parts.state.atomic():
            moved_here(self.parts, job, action.disk, to, stamp, action.content)
            backoff.moved(self.parts, job, action)
            if action.set_aside:
                for record in self.parts.state.base(job.id).set_asides:
                    if record.to == action.disk:
                        self.parts.state.put_set_aside(job.id, replace(record, to=to, inode=stamp.inode))
                return
            base = job.base.docs.get(action.doc)
            if base is not None:
                record_base(
                    self.parts,
                    job,
                    replace(
                        base,
                        path=action.path,
                        disk=to,
                        stamp=replace(stamp, mtime_ns=base.stamp.mtime_ns),
                        left=False,
                    ),
                )
            else:  # adopted a moment ago under another spelling
                held = self.parts.state.base(job.id).docs.get(action.doc)
                if held is not None:
                    record_base(self.parts, job, replace(held, path=action.path, disk=to, stamp=stamp))
            self.recorder.done(job, action)
        _follow(job, action.doc, action.disk, to, stamp)

    def _restore(self, job: Job, action: Action) -> None:
        assert isinstance(action, RestoreSetAside)
        disk = action.to_disk
        stamp = self.parts.mirror.rename(job.dir, action.disk, disk, action.expect)
        self.parts.mirror.sync_names([(job.dir, action.disk), (job.dir, disk)])
        with self.parts.state.atomic():
            moved_here(self.parts, job, action.disk, disk, stamp, action.content)
            self.parts.state.forget_set_aside(job.id, action.doc)
            record_base(
                self.parts, job,
                BaseDoc(action.doc, action.path, disk, action.content, action.version, stamp, by_company=action.by_company),
            )  # fmt: skip
            self.recorder.done(job, action)

    def _vacate(self, job: Job, actions: list[Download]) -> None:
        """Documents that come anew because their renames made a cycle: their names are freed before anything moves."""
        there = {d.disk: d for d in job.scan.docs} if actions else {}
        for action in actions:
            self.recorder.between(job.code)
            held = there.get(action.vacate)
            if held is None or action.expect_content is None:
                continue
            try:
                self.parts.mirror.put_aside(job.dir, action.vacate, held.stamp, action.expect_content)
            except ClientStopped as e:
                fell(self.recorder, job, action, e)
            except (Stale, OSError) as e:
                stumble(self.recorder, job, action, "unstable", str(e))


def _follow(job: Job, doc: str, disk: str, to: str, stamp: Stamp) -> None:
    """Later actions of the same plan on a document that was just renamed expect it as it is now."""

    def now(action: Action) -> Action:
        if isinstance(action, Upload) and action.doc == doc and action.disk in (disk, to):
            return replace(action, disk=to, expect=stamp)
        if isinstance(action, Download) and action.doc == doc and action.expect is not None:
            return replace(action, disk=to, expect=stamp)
        if isinstance(action, KeepBoth) and action.fetch is not None and action.fetch.doc == doc:
            return replace(action, disk=to, expect=stamp)
        return action

    job.review = replace(job.review, go=tuple(now(a) for a in job.review.go))


def stumble(recorder: Recorder, job: Job, action: Action, reason: str, detail: str = "") -> None:
    """An adapter saw something else than planned: an outcome to take up again, not an exception."""
    job.stumbled = True
    recorder.problem(
        job,
        paths.printable(paths.nfc(path_of(action))),
        reason,
        detail if reason == "failed" else "",
    )


def fell(recorder: Recorder, job: Job, action: Action, error: OSError | Stale, reason: str = "") -> None:
    """What an adapter could not do is told of the document, or of the client that it ends."""
    if isinstance(error, ClientStopped):
        stop_client(recorder, job, error)
    elif isinstance(error, Stale):
        stumble(recorder, job, action, "unstable", str(error))
    else:
        stumble(recorder, job, action, reason or reason_of(error), error.strerror or str(error))


def stop_client(recorder: Recorder, job: Job, error: ClientStopped) -> None:
    """Said once; nothing more of its plan is carried out, here or online (RULES 6)."""
    job.stumbled, job.more, job.late = True, [], []
    job.review = replace(job.review, go=())
    if not job.stopped:
        job.stopped = True
        recorder.stopped(job, error.reason, shown(error.where))


def reason_of(error: OSError) -> str:
    if in_use(error):
        return "locked"
    if error.errno in (errno.ENAMETOOLONG,):
        return "too_long"
    if error.errno in (errno.ENOENT,):
        return "vanished"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EIO):
        return "unreadable"
    return "failed"


def saved_meanwhile(recorder: Recorder, job: Job, path: str, placed: Placed) -> None:
    """Somebody saved while their document was being replaced: what they saved is kept beside it, and said."""
    if placed.kept:
        job.stumbled = True
        recorder.tell(Event(job.code, "keep_both", paths.nfc(path), "local", to=paths.nfc(placed.kept), warning=True))


def record_base(parts: Parts, job: Job, doc: BaseDoc, *, over: str = "") -> None:
    """Advance the base; tell the portal when a document that was left is here again."""
    before = job.base.docs.get(doc.id)
    if before is not None and before.left and not doc.left:
        parts.state.queue_left(LeftNote(job.id, doc.id, False))
        parts.state.uncount(job.id, LEFT)
    if before is not None and before.content != doc.content:
        parts.state.had(job.id, before.content)
    parts.state.put_base(job.id, doc, over=over)


def published(parts: Parts, job: Job, path: str) -> None:
    """A publication into the top-level folder of `path` was acknowledged: it is no longer the first one there."""
    top = paths.key(paths.top(path))
    if top not in job.row.completed:
        job.row = replace(job.row, finished=True, completed=job.row.completed | {top})
        parts.state.set_completed(job.id, job.row.completed)


def moved_here(parts: Parts, job: Job, disk: str, to: str, stamp: Stamp, content: Content) -> None:
    """What was scanned at `disk` is now at `to`."""
    known = Known(stamp, content, int(parts.clock.now() * 1e9))
    parts.state.observe_local(job.id, {disk: None, to: known})


def settle_guard(parts: Parts, job: Job, action: Action, kind: str) -> None:
    """An agreed action passes once; the others count in the client's window."""
    if job.history is not None and job.history.agreed and (name := digest(action)) in job.history.agreed:
        parts.state.use_agreement(job.id, name)
    else:
        parts.state.count(job.id, kind, parts.clock.now())


def there(parts: Parts, job: Job, disk: str) -> Stamp | None:
    """What lies at a place, None too where it cannot be looked at: the next scan says why."""
    try:
        return parts.mirror.stat(job.dir, disk)
    except (OSError, Stale):
        return None


def settle_intents(parts: Parts, directories: dict[str, str]) -> None:
    """At start: an `intended` set-aside is settled by looking (RULES 3). `directories`: client id → its directory."""
    for row, client, record in parts.state.intended():
        directory = directories.get(client)
        if directory is None:
            continue
        try:
            stamp = parts.mirror.stat(directory, record.to)
        except (OSError, Stale):  # the scan says why; it is settled when it can be looked at
            continue
        done = stamp is not None and stamp.inode == record.inode and stamp.size == record.content.size
        with parts.state.atomic():
            parts.state.settle_set_aside(row, replace(record, done=True) if done else None)
            if done:
                parts.state.forget(client, record.doc)
