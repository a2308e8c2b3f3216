"""What a migration did, client by client: values that are kept, shown and filtered."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from syncd.core.client_classification import NO_CARD, Card
from syncd.core.reasons import Reason
from syncd.core.verdicts import Verdict, exit_code

SHOWN = 1_000  # documents in error, or places listed, that a client's report names one by one
LEFT = (Reason.OUT_OF_SCOPE, "copy_of_file")  # stays where it is, as it is meant to: no fault of anybody's
_CODES = {
    Verdict.DONE: 0, Verdict.BUDGET: 10, Verdict.RUNNING: 10, Verdict.WARNING: 3, Verdict.ERROR: 3,
}  # fmt: skip


class NotTaken(msgspec.Struct, frozen=True):
    """A document in error, or a place of the old tree that goes nowhere. `documents`: how many lie there."""

    source: str
    reason: str
    detail: str = ""
    documents: int = 1


class ClientReport(msgspec.Struct, frozen=True):
    """`found`: documents that are the client's and within its scope; of those `copied` now, `already` the client's, taken
    `earlier`, and the rest in `errors`. `renamed`: of the copied, how many bear a name that Windows can hold now.
    `left`: documents of older exercises. `listed`: places that nothing says where to put. `more`: errors or places beyond
    those that are named. `online`: of those done, how many the portal was last seen to hold. `late`: those that an earlier launch placed, and that
    were never online yet.
    """

    code: str
    name: str = ""
    card: Card = NO_CARD
    started: float = 0.0
    ended: float = 0.0
    verdict: Verdict = Verdict.RUNNING
    found: int = 0
    copied: int = 0
    already: int = 0
    earlier: int = 0
    renamed: int = 0
    bytes: int = 0
    left: int = 0
    online: int = 0
    failed: int = 0
    more: int = 0
    errors: tuple[NotTaken, ...] = ()
    listed: tuple[NotTaken, ...] = ()
    stopped: str = ""
    late: int = 0

    @property
    def done(self) -> int:
        return self.copied + self.already + self.earlier


class MigrationReport(msgspec.Struct, frozen=True):
    """One launch. `source`: the old tree. `clients`: those that had a turn. `waiting`: codes of those that had none.
    `unclaimed`: what is no client's. `reason`, `detail`: why it was given up."""

    run: int
    source: str
    started: float
    ended: float = 0.0
    verdict: Verdict = Verdict.RUNNING
    clients: tuple[ClientReport, ...] = ()
    waiting: tuple[str, ...] = ()
    unclaimed: tuple[NotTaken, ...] = ()
    reason: str = ""
    detail: str = ""
    stop_code: int = 0
    dry_run: bool = False

    @property
    def to_publish(self) -> list[str]:
        """Codes of clients with documents that are to go online: copied now, or by a launch that ended before its pass."""
        return [c.code for c in self.clients if c.copied or c.late] if not self.dry_run else []

    @property
    def exit_code(self) -> int:
        """As a run's (DESIGN 3): what was refused or listed is 3, time that was up 10."""
        codes = {_CODES.get(v, 0) for v in (self.verdict, *(c.verdict for c in self.clients))}
        return exit_code({*codes, self.stop_code} - {0})


def verdict_of(report: ClientReport) -> Verdict:
    """Of a client whose turn came to its end."""
    if report.stopped:
        return Verdict.ERROR
    if report.failed or report.listed or report.more:
        return Verdict.WARNING
    return Verdict.DONE


def verdict_of_all(clients: Iterable[ClientReport], unclaimed: Collection[NotTaken]) -> Verdict:
    """Of a launch in which every client had its turn."""
    worst = {c.verdict for c in clients}
    for verdict in (Verdict.ERROR, Verdict.WARNING):
        if verdict in worst:
            return verdict
    return Verdict.WARNING if unclaimed else Verdict.DONE


class Filter(msgspec.Struct, frozen=True):
    """What of a report is asked for; '' is everything. Texts are compared without regard to case."""

    client: str = ""
    responsible: str = ""
    site: str = ""
    group: str = ""
    sector: str = ""
    verdict: str = ""

    def takes(self, report: ClientReport) -> bool:
        has = {
            "client": report.code, "responsible": report.card.responsible, "site": report.card.site,
            "group": report.card.group, "sector": report.card.sector, "verdict": report.verdict.value,
        }  # fmt: skip
        wanted = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return all(not asked or has[name].casefold() == asked.casefold() for name, asked in wanted)
