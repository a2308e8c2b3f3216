"""What a plan changes at the cabinet without fetching anything: records, folders, set-asides, renames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

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
)
from syncd.core.content import Stamp
from syncd.core.errors import SyncdError
from syncd.core.outcomes import Applied, Conflict, Outcome
from syncd.core.paths import DiskPath
from syncd.engine import action_backoff, recorder, unexpected_errors
from syncd.engine.apply.commit import commit, commit_in_pieces, intend, stop_client
from syncd.engine.apply.failures import failed, failure
from syncd.engine.apply.fault_isolation import of_a_place
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import Context, Stop
from syncd.ports.local import ClientStopped, Stale

A = TypeVar("A")


class LocalWork:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def client(self, work: ClientWork) -> None:
        """Everything local of one client, in the plan's order. A stumble leaves the rest standing; what nobody expected
        ends this client's part of the run, and no other's."""
        try:
            self._client(work)
        except (Stop, SyncdError):
            raise
        except OSError as e:
            if not of_a_place(e):
                raise  # the disk
            self._give_up(work, e.strerror or str(e))
        except Stale as e:
            self._give_up(work, str(e))
        except Exception as e:
            self._give_up(work, unexpected_errors.note(f"local work of {work.code}", e))

    def _give_up(self, work: ClientWork, why: str) -> None:
        self.ctx.recorder.problem(work, "", "failed", why)
        work.give_up()

    def _client(self, work: ClientWork) -> None:
        go = work.go
        moving = [paths.key(a.path) for a in go if isinstance(a, MoveFolder)]
        records = [a for a in go if isinstance(a, Record | Forget)]
        work.late = [a for a in records if action_backoff.lies_in(a, moving)]
        self._write_down(work, [a for a in records if not action_backoff.lies_in(a, moving)])
        for action in go:
            if isinstance(action, MoveFolder) and action.side is Side.LOCAL:
                self._attempt(work, action, self._move_folder)
        self._in_pieces(work, [a for a in go if isinstance(a, MakeFolder) and a.side is Side.LOCAL], self._make_folders)
        self._in_pieces(work, [a for a in go if isinstance(a, SetAside)], self._set_aside)
        self._vacate(work, [a for a in go if isinstance(a, Download) and a.vacate])
        for action in go:
            match action:
                case KeepBoth(fetch=None):
                    self._attempt(work, action, self._rename_copy)
                case MoveLocal():
                    self._attempt(work, action, self._move)
                case RestoreSetAside():
                    self._attempt(work, action, self._restore)

    def moved(self, work: ClientWork) -> None:
        """What is agreed of documents in a folder that moved: true only once it has, on whichever side."""
        if not work.stumbled:
            self._write_down(work, work.late)

    def _write_down(self, work: ClientWork, actions: Iterable[Record | Forget]) -> None:
        commit_in_pieces(self.ctx, [(work, Applied(action)) for action in actions], work.code)

    def _attempt(self, work: ClientWork, action: Action, do: Callable[[ClientWork, Action], Outcome]) -> None:
        self.ctx.recorder.between(work.code)
        try:
            outcome = do(work, action)
        except ClientStopped as e:
            stop_client(self.ctx, work, e)
            return
        except (Stale, OSError) as e:
            outcome = failure(action, e)
        commit(self.ctx, [(work, outcome)])

    def _in_pieces(self, work: ClientWork, actions: Sequence[A], do: Callable[[ClientWork, Sequence[A]], None]) -> None:
        for n in range(0, len(actions), recorder.TOGETHER):
            self.ctx.recorder.between(work.code)
            do(work, actions[n : n + recorder.TOGETHER])
            self.ctx.recorder.between(work.code)  # some may have been left

    def _make_folders(self, work: ClientWork, actions: Sequence[MakeFolder]) -> None:
        """Many made, their names synced once, then written down together."""
        outcomes: list[tuple[ClientWork, Outcome]] = []
        made: list[tuple[str, DiskPath]] = []
        for action in actions:
            if self.ctx.recorder.overdue():
                break
            try:
                outcomes.append((work, Applied(action, inode=self.ctx.mirror.make_folder(work.dir, action.disk))))
                made.append((work.dir, action.disk))
            except Stale:
                outcomes.append((work, failed(action, "not_a_folder")))
            except OSError as e:
                outcomes.append((work, failure(action, e)))
        self.ctx.mirror.sync_names(made)
        commit(self.ctx, outcomes)

    def _set_aside(self, work: ClientWork, actions: Sequence[SetAside]) -> None:
        """The record is committed before the rename (RULES 3)."""
        outcomes: list[tuple[ClientWork, Outcome]] = []
        withdrawn: list[int] = []
        renamed: list[tuple[str, DiskPath]] = []
        for row, record, action in intend(self.ctx, work, actions):
            if self.ctx.recorder.overdue() or work.stopped:
                withdrawn.append(row)
                continue
            try:
                stamp = self.ctx.mirror.rename(work.dir, action.disk, record.to, action.expect)
            except (Stale, OSError) as e:
                withdrawn.append(row)
                if isinstance(e, ClientStopped):
                    stop_client(self.ctx, work, e)
                else:
                    outcomes.append((work, failure(action, e)))
                continue
            outcomes.append((work, Applied(action, stamp, intent=row, record=record)))
            renamed.append((work.dir, action.disk))
        self.ctx.mirror.sync_names(renamed)
        commit(self.ctx, outcomes, withdrawn=withdrawn)

    def _move_folder(self, work: ClientWork, action: Action) -> Outcome:
        assert isinstance(action, MoveFolder)
        inode = self.ctx.mirror.move_folder(work.dir, action.disk, action.to_disk, action.inode)
        return Applied(action, inode=inode)

    def _renamed(self, work: ClientWork, disk: DiskPath, to: DiskPath, expect: Stamp) -> Stamp:
        stamp = self.ctx.mirror.rename(work.dir, disk, to, expect)
        self.ctx.mirror.sync_names([(work.dir, disk), (work.dir, to)])
        return stamp

    def _rename_copy(self, work: ClientWork, action: Action) -> Outcome:
        assert isinstance(action, KeepBoth)
        copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
        stamp = self._renamed(work, action.disk, copy, action.expect)
        if action.publish:
            work.more.append(Upload(action.copy, copy, action.content, stamp))
        return Applied(action, stamp)

    def _move(self, work: ClientWork, action: Action) -> Outcome:
        assert isinstance(action, MoveLocal)
        stamp = self._renamed(work, action.disk, action.to_disk, action.expect)
        if action.set_aside:
            records = self.ctx.state.trees.base.load(work.id).set_asides
            return Applied(action, stamp, record=next((r for r in records if r.to == action.disk), None))
        work.follow(action.doc, action.disk, action.to_disk, stamp)
        if action.doc in work.base.docs:
            return Applied(action, stamp)
        return Applied(action, stamp, former=self.ctx.state.trees.base.load(work.id).docs.get(action.doc))

    def _restore(self, work: ClientWork, action: Action) -> Outcome:
        assert isinstance(action, RestoreSetAside)
        return Applied(action, self._renamed(work, action.disk, action.to_disk, action.expect))

    def _vacate(self, work: ClientWork, actions: Sequence[Download]) -> None:
        """Documents that come anew because their renames made a cycle: their names are freed before anything moves."""
        there = {d.disk: d for d in work.scan.docs} if actions else {}
        for action in actions:
            self.ctx.recorder.between(work.code)
            held = there.get(action.vacate)
            if held is None or action.expect_content is None:
                continue
            try:
                self.ctx.mirror.put_aside(work.dir, action.vacate, held.stamp, action.expect_content)
            except ClientStopped as e:
                stop_client(self.ctx, work, e)
            except (Stale, OSError):
                commit(self.ctx, [(work, Conflict(action, online=False))])


def there(ctx: Context, directory: str, disk: DiskPath) -> Stamp | None:
    """What lies at a place, None too where it cannot be looked at: the next scan says why."""
    try:
        return ctx.mirror.stat(directory, disk)
    except (OSError, Stale):
        return None
