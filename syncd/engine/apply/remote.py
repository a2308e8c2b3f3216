"""What a plan changes online of what is there: moves, removals; many clients to a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec.structs import replace

from syncd.core.actions import Action, Leave, MoveFolder, MoveRemote, RemoveRemote, Side, Withdraw, path_of
from syncd.core.entry import BaseFolder, RemoteState
from syncd.core.guards import kind
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.protocol import LeftNote, MoveItem, RemoveItem, Result, Written
from syncd.engine.apply.local import record_base, settle_guard, there
from syncd.engine.context import Job, Parts
from syncd.engine.open.portal import take_answers
from syncd.engine.recorder import Recorder
from syncd.ports.state import LEFT

AT_ONCE = 2000


class RemoteWork:
    def __init__(self, parts: Parts, recorder: Recorder) -> None:
        self.parts, self.recorder = parts, recorder

    async def all(self, jobs: Sequence[Job]) -> None:
        todo = [(job, a) for job in jobs for a in job.review.go if not self._is_back(job, a)]
        moves = [(j, a) for j, a in todo if isinstance(a, MoveFolder) and a.side is Side.REMOTE]
        for depth in sorted({a.from_path.count("/") for _, a in moves}):  # parents first: the others' paths follow them
            await self._batches(
                [(j, a) for j, a in moves if a.from_path.count("/") == depth],
                lambda j, a: MoveItem(j.id, a.from_path, a.path, folder=a.id), self.parts.remote.move, self._folder_moved,
            )  # fmt: skip
        removals = [(j, a) for j, a in todo if isinstance(a, Withdraw | RemoveRemote)]
        await self._batches(
            removals,
            lambda j, a: RemoveItem(j.id, a.doc, a.version, isinstance(a, Withdraw)),
            self.parts.remote.remove,
            self._removed,
        )
        renames = [(j, a) for j, a in todo if isinstance(a, MoveRemote)]
        await self._batches(
            renames,
            lambda j, a: MoveItem(j.id, a.from_path, a.path, doc=a.doc),
            self.parts.remote.move,
            self._moved,
        )
        self._left([(j, a) for j, a in todo if isinstance(a, Leave)])

    def _is_back(self, job: Job, action: Action) -> bool:
        """Programs save by removing a document and naming another so: what is there again was never taken away."""
        if not isinstance(action, Leave | RemoveRemote | Withdraw):
            return False
        base = job.base.docs.get(action.doc)
        if base is None or there(self.parts, job, base.disk) is None:
            return False
        if BUILTIN.anywhere(base.disk) or any(folder.disk == base.disk for folder in job.scan.folders):
            return False  # there, and no document
        job.stumbled = True
        self.recorder.problem(job, action.path, "unstable", notice=True)
        return True

    async def _batches(
        self,
        todo: Sequence[tuple[Job, Any]],
        item: Callable[[Job, Any], Any],
        send: Callable[[Sequence[Any]], Awaitable[Written]],
        settle: Callable[[Job, Any, Result], None],
    ) -> None:
        for n in range(0, len(todo), AT_ONCE):
            self.recorder.between()
            batch = todo[n : n + AT_ONCE]
            written = await send([item(job, action) for job, action in batch])
            with self.parts.state.atomic():
                take_answers(self.parts, written)
                for (job, action), result in zip(batch, written.results, strict=True):
                    if result.ok:
                        settle(job, action, result)
                        self.recorder.done(job, action)
                    else:
                        not_taken(self.recorder, job, action, result)

    def _folder_moved(self, job: Job, action: MoveFolder, result: Result) -> None:
        self.parts.state.move_folder(job.id, action.id, action.path, action.disk, online=action.from_path)
        self.parts.state.put_folder(job.id, BaseFolder(action.id, action.path, action.disk, action.inode))

    def _moved(self, job: Job, action: MoveRemote, result: Result) -> None:
        if result.doc is None:
            return
        self.parts.state.observe_doc(job.id, result.doc)
        if counted := kind(action):
            settle_guard(self.parts, job, action, counted)
        base = job.base.docs[action.doc]
        stamp = there(self.parts, job, action.disk) or action.stamp
        record_base(
            self.parts, job,
            replace(base, path=result.doc.path, disk=action.disk, stamp=replace(stamp, mtime_ns=base.stamp.mtime_ns), left=False),
        )  # fmt: skip

    def _removed(self, job: Job, action: Withdraw | RemoveRemote, result: Result) -> None:
        if result.doc is not None:
            self.parts.state.observe_doc(job.id, replace(result.doc, state=RemoteState.DELETED))
        self.parts.state.forget(job.id, action.doc)
        settle_guard(self.parts, job, action, "removals")

    def _left(self, todo: Sequence[tuple[Job, Leave]]) -> None:
        def write(one: tuple[Job, Leave]) -> None:
            job, action = one
            self.parts.state.put_base(job.id, replace(job.base.docs[action.doc], left=True))
            self.parts.state.queue_left(LeftNote(job.id, action.doc, True))
            if not action.reason:
                self.parts.state.count(job.id, LEFT, self.parts.clock.now())
            self.recorder.done(job, action)

        self.recorder.each(todo, write)


def not_taken(recorder: Recorder, job: Job, action: Action, result: Result) -> None:
    """A refusal is told; a conflict (the portal moved on meanwhile) is simply planned anew next time."""
    job.stumbled = True
    path = path_of(action)
    if result.status == "refused":
        recorder.refused(job, path, result.reason, result.detail)
    else:
        recorder.problem(job, path, "unstable", result.detail, notice=True)
