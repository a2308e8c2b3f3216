"""What an engine tells at the end of a run: receipts, what waits, what still holds, the chain's head."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from syncd.core.protocol import ChainHead, RunSummary
from syncd.core.protocol import OpenReport as Told
from syncd.core.restored_backups import MOST, MOST_RUNS
from syncd.core.verdicts import Verdict
from syncd.portal.documents.receipts import receive
from syncd.portal.models import Cabinet, Client, OpenReport, RunLine, RunReport
from syncd.portal.people.visibility import again
from syncd.portal.records.feed import writing
from syncd.portal.records.place_history import moment
from syncd.portal.rights import Engine
from syncd.portal.sync import approvals


def take_summary(actor: Engine, summary: RunSummary) -> None:
    """Receipts, what waits, and the chain's head, in one transaction. Raises ValueError for a verdict, a generation, or a
    number of a run, that is none."""
    bounded(summary.generation)
    if summary.run >= MOST_RUNS:
        raise ValueError(f"{summary.run} is no number of a run")
    for verdict in (summary.verdict, *(c.verdict for c in summary.clients)):
        Verdict(verdict)
    with writing(actor.cabinet):
        cabinet = Cabinet.objects.get(id=actor.cabinet)
        receive(again(actor), summary.receipts, summary.left)
        if summary.generation > cabinet.generation or summary.chain_head != cabinet.chain_head:
            cabinet.generation = max(cabinet.generation, summary.generation)
            cabinet.chain_head = summary.chain_head
            cabinet.save(update_fields=["generation", "chain_head"])
        mine = set(Client.objects.filter(cabinet=cabinet).values_list("id", flat=True))
        approvals.show(cabinet, summary, mine)
        if summary.reports is not None:
            _hold(cabinet, [r for r in summary.reports if r.client in mine])
        if any(summary.counts.values()) or summary.exit_code or given_up(cabinet.runs.all()):
            run, new = RunReport.objects.get_or_create(  # a repeated summary is the same one
                cabinet=cabinet, run=summary.run, started_at=moment(summary.started),
                defaults={
                    "ended_at": moment(summary.ended), "verdict": summary.verdict,
                    "exit_code": summary.exit_code, "counts": summary.counts, "chain_head": summary.chain_head,
                    "reason": summary.reason, "cause": summary.cause[:300],
                },
            )  # fmt: skip
            if new:
                RunLine.objects.bulk_create(
                    RunLine(run=run, client_id=c.client, verdict=c.verdict[:20], counts=c.counts)
                    for c in {c.client: c for c in summary.clients if c.client in mine}.values()
                )


def _hold(cabinet: Cabinet, told: Sequence[Told]) -> None:
    """These stand now; what somebody ignored stays ignored as long as it is told of."""
    held = OpenReport.objects.filter(client__cabinet=cabinet)
    ignored = {
        (r.client_id, r.path, r.reason): {"ignored_at": r.ignored_at, "ignored_by": r.ignored_by}
        for r in held.filter(ignored_at__isnull=False)
    }
    held.delete()
    OpenReport.objects.bulk_create(
        OpenReport(
            client_id=r.client, path=r.path[:4096], reason=r.reason, since=moment(r.since), detail=r.detail[:300],
            **ignored.get((r.client, r.path[:4096], r.reason), {}),
        )
        for r in told
    )  # fmt: skip


def given_up(runs: QuerySet[RunReport]) -> bool:
    """Whether the last of a cabinet's runs was. One that had nothing to do is kept only where it says that this is over."""
    return runs.order_by("-id").values_list("verdict", flat=True).first() == Verdict.ABANDONED


def heads(actor: Engine) -> list[ChainHead]:
    """In the order in which they came."""
    return [
        ChainHead(r.run, r.ended_at.timestamp(), r.chain_head)
        for r in RunReport.objects.filter(cabinet_id=actor.cabinet).order_by("id")
    ]


def bounded(generation: int) -> int:
    if not 0 <= generation < MOST:
        raise ValueError(f"{generation} is no generation")
    return generation
