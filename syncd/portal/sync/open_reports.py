"""What engines tell of and still hold, as the cabinet deals with it: a limit is raised, what nobody minds is ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Case, When

from syncd.core import paths
from syncd.core.folder_rules import MB, ClientRules, FolderRule
from syncd.core.reasons import Family, Sizes, family, parameters
from syncd.portal.clients.tree import place_in, rules_by_client, rules_of, set_rules
from syncd.portal.models import OpenReport
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, Place, Verb, may, may_manage_client

MOST_REPORTS = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """What an engine tells of a client and still holds. `rule`: of the folder it is about, where it is about one."""

    row: OpenReport
    rule: FolderRule | None


def reports(actor: Person, limit: int = 300) -> list[Report]:
    """What still holds in the clients the actor reaches, stops first, and nobody said that nothing is to be done about;
    never names the actor may not see. Four queries, however many.
    """
    rows = OpenReport.objects.filter(client__cabinet_id=actor.cabinet, ignored_at__isnull=True)
    stops = Case(When(reason__startswith="stop_", then=0), default=1)
    found = list(
        rows.select_related("client")
        .annotate(stops=stops)
        .order_by("stops", "reason", "client__code", "path")[:MOST_REPORTS]
    )
    clients = {r.client_id: r.client for r in found if actor.reaches(r.client_id)}
    rules = rules_by_client(clients.values())
    shown = []
    for row in found:
        if row.client_id in clients and (not row.path or may(actor, Verb.VIEW, _place(row, rules[row.client_id]))):
            shown.append(Report(row, rules[row.client_id].rule(paths.parent(row.path)) if row.path else None))
    return shown[:limit]


def _place(row: OpenReport, rules: ClientRules) -> Place:
    return place_in(row.client, paths.parent(row.path), rules)


def report(actor: Actor, number: int) -> Report:
    """One of those, of a document, that the actor may deal with: who works in its folder. Raises Refusal."""
    row = OpenReport.objects.select_related("client").filter(id=number, client__cabinet_id=actor.cabinet).first()
    if row is None or family(row.reason) is Family.STOP:
        raise Refusal(Code.NO_LONGER_TOLD)
    rules = rules_of(row.client)
    works = may(actor, Verb.DEPOSIT, _place(row, rules)) if row.path else may_manage_client(actor, row.client_id)
    if not works:
        raise Refusal(Code.NO_LONGER_TOLD)
    return Report(row, rules.rule(paths.parent(row.path)) if row.path else None)


@alone
def ignore(actor: Person, number: int, on: bool = True) -> OpenReport:
    """Nothing is to be done about what is told there, as long as it is told; or something is after all. Raises Refusal."""
    row = report(again(actor), number).row
    row.ignored_at, row.ignored_by = (datetime.now(UTC), actor.name[:200]) if on else (None, "")
    row.save(update_fields=["ignored_at", "ignored_by"])
    audit.record(actor, "report_ignored" if on else "report_heeded", f"{row.client.code} {row.path}")
    return row


LIMITS = tuple(n * MB for n in (20, 50, 100, 200, 500, 1000, 2000, 5000))


def enough(size: int) -> int:
    """The least of the usual limits that lets a document of `size` bytes in; 0, none, beyond all of them."""
    return next((limit for limit in LIMITS if size <= limit), 0)


def raise_limit(actor: Person, number: int) -> tuple[str, int]:
    """The folder into which a document was too large takes it from the next pass on: (the folder, its new limit; 0: none).

    Raises Refusal: by those who manage the client.
    """
    told = report(actor, number)
    sizes = parameters(told.row.reason, told.row.detail)
    if told.rule is None or not isinstance(sizes, Sizes):
        raise Refusal(Code.NO_LONGER_TOLD)
    limit = enough(sizes.have)
    set_rules(actor, told.row.client, {told.rule.path: (told.rule.direction, limit, told.rule.restricted)})
    return told.rule.path, limit
