"""Plans that wait for a person: what the engine shows of them, and the answer it takes from the feed (RULES 5)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from syncd.core import paths, plan_totals
from syncd.core.events import Event, of_line
from syncd.core.protocol import RunSummary, Total
from syncd.core.verdicts import Verdict
from syncd.portal.models import Cabinet, Client, WaitingLines, WaitingSet
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.records.place_history import moment
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, may_manage_client

OLD_MOST = 500  # lines an engine sent that did not count them


def show(cabinet: Cabinet, summary: RunSummary, mine: set[str]) -> None:
    """What waits now is what the summary says; of `mine`, ids of the cabinet's clients. Within its transaction.

    A set that is still the same keeps its lines and its answer, until a run that began after the answer shows it again.
    """
    plans = {(w.client, w.digest): w for w in summary.waiting if w.client in mine}
    held: dict[tuple[str, str], WaitingSet] = {}
    for one in WaitingSet.objects.filter(client__cabinet=cabinet).defer("actions"):
        if (one.client_id, one.digest) in plans:
            held[one.client_id, one.digest] = one
        else:
            one.delete()
    for key, plan in plans.items():
        totals = [[t.folder, t.change, t.count] for t in plan.totals]
        found = held.get(key)
        if found is None and not plan.actions:  # its names were barred on the way: nobody agrees to what is not shown
            continue
        if found is None:
            held[key] = WaitingSet.objects.create(
                client_id=plan.client, reason=plan.reason, digest=plan.digest, actions=list(plan.actions), totals=totals
            )
            continue
        looked = summary.verdict != Verdict.ABANDONED  # else it may have been given up before it came to that
        looked_since = looked and found.answered_at is not None and moment(summary.started) > found.answered_at
        agreed = None if looked_since and found.agreed else found.agreed
        if (agreed, totals, plan.reason) != (found.agreed, found.totals, found.reason):
            found.agreed, found.totals, found.reason = agreed, totals, plan.reason
            found.save(update_fields=["agreed", "totals", "reason"])
    for piece in summary.lines:
        key = (piece.client, piece.digest)
        if key in held:
            _keep(held[key], 0, plans[key].actions)
            _keep(held[key], piece.first, piece.actions)


def _keep(waiting: WaitingSet, first: int, actions: Sequence[dict[str, object]]) -> None:
    """What goes on where the known lines end; a repeat adds nothing."""
    have = lines_held(waiting)
    new = list(actions[have - first :]) if first <= have else []
    if new:
        WaitingLines.objects.create(of=waiting, first=have, count=len(new), actions=new)


def lines_held(waiting: WaitingSet) -> int:
    """How many of its lines are here."""
    last = waiting.more.order_by("-first").values_list("first", "count").first()
    return last[0] + last[1] if last else len(waiting.actions)


def lines(waiting: WaitingSet, first: int, count: int) -> list[Event]:
    """Up to `count` lines from the `first`-th on, in the plan's order; one that no engine would say is left out."""
    found = list(waiting.actions[first : first + count])
    for piece in waiting.more.filter(first__lt=first + count).order_by("first"):
        if piece.first + piece.count > first:
            found += piece.actions[max(0, first - piece.first) : first + count - piece.first]
    return _events(found)


def first_lines(waiting: WaitingSet, count: int) -> list[Event]:
    """As `lines` from the beginning, of those that the engine named first; nothing is asked for them."""
    return _events(waiting.actions[:count])


def _events(lines: Sequence[dict[str, Any]]) -> list[Event]:
    found = []
    for line in lines:
        with contextlib.suppress(msgspec.ValidationError):
            found.append(of_line({"client": "", **line}))
    return found


def totals(waiting: WaitingSet) -> tuple[Total, ...]:
    """Of all that the set holds; an older engine's are those of the lines it sent."""
    if waiting.totals:
        return tuple(Total(folder, change, count) for folder, change, count in waiting.totals)
    return plan_totals.totals(_events(waiting.actions), lambda path: paths.parent(path) or path)


def perhaps_more(waiting: WaitingSet) -> bool:
    """Whether an older engine may have left lines out."""
    return not waiting.totals and len(waiting.actions) >= OLD_MOST


class Answered(Refusal):
    """Somebody agreed to the set already: `by` whom, `at` what time."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(Code.AGREED_ALREADY)
        self.by, self.at = by, at


def one(actor: Actor, digest: str) -> WaitingSet:
    """The set that waits under `digest`, of a client the actor manages. Raises Refusal when there is none."""
    found = WaitingSet.objects.select_related("client").filter(client__cabinet=actor.cabinet, digest=digest).first()
    if found is None or not may_manage_client(actor, found.client_id):
        raise Refusal(Code.NO_LONGER_WAITS)
    return found


def of_client(actor: Actor, code: str) -> list[WaitingSet]:
    """What waits of the client with that code, where the actor manages it; nothing where not."""
    found = WaitingSet.objects.filter(client__cabinet=actor.cabinet, client__code=code).order_by("reason")
    return [w for w in found if may_manage_client(actor, w.client_id)]


def answer(actor: Actor, digest: str, agreed: bool) -> Client:
    """Agree to, or refuse, the very set that was shown under `digest`: the client it is about. By those who manage it.

    Raises Refusal when it no longer waits, Answered when it was agreed to.
    """
    with publishing(actor.cabinet) as feed:
        actor = again(actor)
        waiting = one(actor, digest)
        if waiting.agreed and waiting.answered_at is not None:
            raise Answered(waiting.answered_by, waiting.answered_at)
        waiting.agreed, waiting.answered_at, waiting.answered_by = agreed, datetime.now(UTC), actor.name[:200]
        waiting.save(update_fields=["agreed", "answered_at", "answered_by"])
        feed.answer(waiting.client_id, digest, agreed)
        audit.record(actor, "agreed" if agreed else "refused", waiting.client.code)
    return waiting.client
