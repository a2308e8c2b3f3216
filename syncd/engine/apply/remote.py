"""What a plan changes online of what is there: moves, removals; many clients to a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from syncd.core.actions import Action, Leave, MoveFolder, MoveRemote, RemoveRemote, Side, Withdraw
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.outcomes import UNSEEN, Applied, Conflict, Outcome, Refused
from syncd.core.protocol import MoveItem, RemoveItem, Result, Written
from syncd.engine.apply.commit import commit, commit_in_pieces
from syncd.engine.apply.local import there
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import Context

ITEMS = 2000

Todo = Sequence[tuple[ClientWork, Any]]


class RemoteWork:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def all(self, works: Sequence[ClientWork]) -> None:
        todo = [(work, a) for work in works for a in work.go if not self._is_back(work, a)]
        moves = [(w, a) for w, a in todo if isinstance(a, MoveFolder) and a.side is Side.REMOTE]
        for depth in sorted({a.source.count("/") for _, a in moves}):  # parents first: the others' paths follow them
            await self._batches(
                [(w, a) for w, a in moves if a.source.count("/") == depth],
                lambda w, a: MoveItem(w.id, a.source, a.path, folder=a.id), self.ctx.remote.move,
            )  # fmt: skip
        removals = [(w, a) for w, a in todo if isinstance(a, Withdraw | RemoveRemote)]
        await self._batches(
            removals, lambda w, a: RemoveItem(w.id, a.doc, a.version, isinstance(a, Withdraw)), self.ctx.remote.remove
        )
        renames = [(w, a) for w, a in todo if isinstance(a, MoveRemote)]
        await self._batches(
            renames, lambda w, a: MoveItem(w.id, a.source, a.path, doc=a.doc), self.ctx.remote.move
        )  # fmt: skip
        commit_in_pieces(self.ctx, [(w, Applied(a)) for w, a in todo if isinstance(a, Leave)])

    def _is_back(self, work: ClientWork, action: Action) -> bool:
        """Programs save by removing a document and naming another so: what is there again was never taken away."""
        if not isinstance(action, Leave | RemoveRemote | Withdraw):
            return False
        base = work.base.docs.get(action.doc)
        if base is None or there(self.ctx, work.dir, base.disk) is None:
            return False
        if BUILTIN.anywhere(base.disk) or any(folder.disk == base.disk for folder in work.scan.folders):
            return False  # there, and no document
        commit(self.ctx, [(work, Conflict(action))])
        return True

    async def _batches(
        self,
        todo: Todo,
        item: Callable[[ClientWork, Any], Any],
        send: Callable[[Sequence[Any]], Awaitable[Written]],
    ) -> None:
        for n in range(0, len(todo), ITEMS):
            self.ctx.recorder.between()
            batch = todo[n : n + ITEMS]
            written = await send([item(work, action) for work, action in batch])
            outcomes = [
                (work, self._outcome(work, action, result))
                for (work, action), result in zip(batch, written.results, strict=True)
            ]
            commit(self.ctx, outcomes, written)

    def _outcome(self, work: ClientWork, action: Action, result: Result) -> Outcome:
        if not result.ok:
            return not_taken(action, result)
        stamp = there(self.ctx, work.dir, action.disk) if isinstance(action, MoveRemote) else None
        return Applied(action, stamp or UNSEEN, doc=result.doc)


def not_taken(action: Action, result: Result) -> Refused | Conflict:
    """A refusal is told; a conflict (the portal moved on meanwhile) is simply planned anew next time."""
    if result.status == "refused":
        return Refused(action, result.reason, result.detail)
    return Conflict(action, result.detail)
