"""The cabinet's desk: how the synchronisation goes, what waits for somebody's agreement, a pass asked for now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from syncd.portal.models import Cabinet, EngineToken, RunReport, WaitingSet
from syncd.portal.rights import Person, may_manage_client
from syncd.portal.services.feed import publishing

SILENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Desk:
    """`seen`: when an engine last asked; `silent`: too long ago, or never though a key was given."""

    seen: datetime | None
    silent: bool
    machine: str
    runs: list[RunReport]
    waiting: list[WaitingSet]


def desk(cabinet: Cabinet, person: Person) -> Desk:
    """What waits is of the clients the person manages."""
    keys = EngineToken.objects.filter(cabinet=cabinet, revoked_at__isnull=True)
    seen = keys.aggregate(last=Max("last_seen"))["last"]
    silent = keys.exists() and (seen is None or datetime.now(UTC) - seen > SILENT)
    return Desk(
        seen, silent, cabinet.lease_machine,
        list(RunReport.objects.filter(cabinet=cabinet).order_by("-id")[:20]),
        [
            w for w in WaitingSet.objects.filter(client__cabinet=cabinet).select_related("client").order_by("client__code", "reason")
            if may_manage_client(person, w.client_id)
        ],
    )  # fmt: skip


def ask_for_pass(cabinet: Cabinet) -> None:
    """A service makes a pass over everything at once; without one, the next run does what it would have done."""
    with publishing(cabinet.id) as feed:
        feed.sync()
