"""One launch: whose directories they are, then client after client in fair order, until all are served or time is up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from syncd.core.errors import UsageError
from syncd.core.migration import claims as claimed
from syncd.core.migration.claims import Claim, Claims, Exercises, Unclaimed
from syncd.core.migration.mapping import MapRow
from syncd.core.migration.report import ClientReport, MigrationReport, NotTaken, verdict_of_all
from syncd.core.migration.turns import in_turn
from syncd.core.paths import printable
from syncd.core.reasons import Reason
from syncd.core.verdicts import Verdict
from syncd.core.words import migration as said
from syncd.jobs.migrate.turn import ClientTurn, Tree
from syncd.jobs.migrate.values import Ended, Gate, MirrorFailed, Parts, Planned, Tell, Told, Wish
from syncd.ports.migration import SourceAway
from syncd.ports.state import ClientRow

ABSENT = "absent"
SOURCE_AWAY = "source_away"
_TIME_IS_UP = 10


class Migration:
    """Called in a thread: `plan` shows what would be done and writes nothing, `run` does it. `stop` ends either after the
    document in hand. Raises SyncdError for what nothing can be begun with: an old tree that is not there, two clients
    that claim one directory, a root that is not this cabinet's."""

    def __init__(self, parts: Parts, wish: Wish, tell: Tell, gate: Gate | None = None) -> None:
        self._parts, self._wish, self._tell = parts, wish, tell
        self._gate = gate or Gate(wish.max_duration)
        self._planned: Planned | None = None

    def stop(self, code: int) -> None:
        self._gate.stop(code)

    def plan(self) -> MigrationReport:
        """Of every client, by code; what it names is agreed to when `run` follows with a wish that is agreed."""
        self._planned = Planned()
        rows, claims, unclaimed = self._claims()
        report = MigrationReport(0, self._wish.source, self._parts.now(), unclaimed=unclaimed, dry_run=True)
        by_client = claims.by_client
        return self._turns(report, sorted(by_client), by_client, rows, claims, dry=True)

    def run(self) -> MigrationReport:
        parts = self._parts
        parts.copies.check(parts.cabinet)
        rows, claims, unclaimed = self._claims()
        started = parts.now()
        number = parts.memory.begin_run(self._wish.source, started)
        report = MigrationReport(number, self._wish.source, started, unclaimed=unclaimed)
        by_client = claims.by_client
        turns = parts.memory.turns()
        served = {code: turns.get(rows[code].id, 0) for code in by_client}
        report = self._turns(report, in_turn(by_client, served), by_client, rows, claims, dry=False)
        parts.memory.end_run(report)
        return report

    # -- whose directories they are ------------------------------------------------------------------------------------

    def _claims(self) -> tuple[Mapping[str, ClientRow], Claims, tuple[NotTaken, ...]]:
        """Clients by code, and what is theirs. Raises UsageError before anything is copied."""
        rows = {row.code: row for row in self._parts.state.clients.all()}
        if not rows:
            raise UsageError(said.NO_CLIENTS.of(), mend=said.NO_CLIENTS_MEND.of())
        exercises: Exercises = {
            code: row.rules.exercises if row.rules is not None else () for code, row in rows.items()
        }
        if self._wish.rows is not None:
            found, unclaimed = self._mapped(self._wish.rows, exercises)
        else:
            directories, files = self._parts.tree.top()
            found = claimed.by_name(directories, exercises)
            unclaimed = [Unclaimed(name, claimed.LOOSE) for name in files]
        not_taken = [
            NotTaken(printable(one.source), one.reason, one.detail, 0) for one in (*found.unclaimed, *unclaimed)
        ]
        for one in not_taken:
            self._tell(Told("", one.source, "listed", reason=one.reason, detail=one.detail, documents=0))
        return rows, found, tuple(not_taken)

    def _mapped(self, wanted: Sequence[MapRow], exercises: Exercises) -> tuple[Claims, list[Unclaimed]]:
        """Rows as the old tree spells them; those of directories that are not there."""
        found = claimed.by_map(wanted, exercises)
        claims: list[Claim] = []
        absent: list[Unclaimed] = []
        for claim in found.claims:
            spelled = self._parts.tree.find(claim.source)
            if spelled is None:
                absent.append(Unclaimed(claim.source, ABSENT))
            else:
                claims.append(replace(claim, source=spelled))
        return Claims(tuple(claims), found.unclaimed), absent

    # -- turns ---------------------------------------------------------------------------------------------------------

    def _turns(
        self,
        report: MigrationReport,
        order: Sequence[str],
        by_client: Mapping[str, Sequence[Claim]],
        rows: Mapping[str, ClientRow],
        claims: Claims,
        *,
        dry: bool,
    ) -> MigrationReport:
        tree = Tree(self._wish.source, frozenset(claim.source for claim in claims.claims))
        done: list[ClientReport] = []
        ended: dict[str, object] = {}
        planned = self._planned if dry or self._wish.agreed else None
        looks = self._parts.memory.looks(self._wish.source)
        due = (claim.source for code in order for claim in by_client[code])
        self._parts.tree.expect({source: looks[source].look for source in due if source in looks})
        for n, code in enumerate(order):
            row = rows[code]
            turn = ClientTurn(self._parts, tree, row, self._gate, self._tell, planned=planned, looks=looks, dry=dry)
            cut: Verdict | None = None
            try:
                self._gate.passes()
                if not dry:
                    self._parts.memory.take_turn(row.id)
                turn.take(by_client[code])
            except Ended as e:
                cut = Verdict.RUNNING if e.code == _TIME_IS_UP else Verdict.ABANDONED
                ended = {
                    "verdict": Verdict.BUDGET if e.code == _TIME_IS_UP else Verdict.ABANDONED, "stop_code": e.code,
                }  # fmt: skip
            except SourceAway as e:
                cut = Verdict.WARNING
                ended = {"verdict": Verdict.WARNING, "reason": SOURCE_AWAY, "detail": e.strerror or ""}
            except MirrorFailed as e:
                cut = Verdict.ERROR
                reason = Reason.DISK_FULL if e.full else Reason.DISK_FAILED
                ended = {"verdict": Verdict.ERROR, "reason": reason.value, "detail": e.strerror or ""}
            one = turn.report(cut)
            begun = cut in (None, Verdict.ERROR) or one.found or one.listed
            done += [one] if begun else []
            if cut is not None:
                ended["waiting"] = tuple(order[n + bool(begun) :])
                break
        verdict = verdict_of_all(done, report.unclaimed)
        changes: dict[str, object] = {"verdict": verdict, **ended}
        return replace(report, clients=tuple(done), ended=self._parts.now(), **changes)
