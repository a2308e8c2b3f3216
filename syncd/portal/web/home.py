"""The first page: of the cabinet, what is to be done and who is late; of a company, its space, or which of several."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from syncd.core.expected_documents import period
from syncd.core.words import MONTHS
from syncd.portal.documents import listing, received
from syncd.portal.documents.late_clients import Awaited, awaited, last_deposit
from syncd.portal.language import ENGLISH, counted, date_in_words, number, spoken
from syncd.portal.messages.requests import listing as requests
from syncd.portal.models import Client, Deposit, Document, WaitingSet
from syncd.portal.people.visibility import reached_clients, visible
from syncd.portal.sync import approvals, dashboard, todo_counts
from syncd.portal.web import calendar
from syncd.portal.web.client_space import space
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.sync import trouble
from syncd.portal.web.todo import cards

CARDS, LATE, NEWS, SOON = 8, 8, 6, 6
DAYS = 14  # of dates that come


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    if asker.person.role.of_cabinet:
        return _cabinet(asker)
    mine = list(Client.objects.filter(reached_clients(asker.person)).order_by("code")[:2])
    return space(asker, mine[0]) if len(mine) == 1 else _companies(asker)


def _cabinet(asker: Asker) -> HttpResponse:
    person = asker.person
    desk = dashboard.desk(person, asker.cabinet, most=1)
    late = awaited(person)
    things = cards(asker, desk.waiting)
    return asker.page(
        "home", desk=desk, trouble=trouble(desk), today=_capital(date_in_words(timezone.localdate())), figures=_figures(asker, desk.waiting, len(late)),
        todo=things[:CARDS], more=len(things) - CARDS, late=_late(asker, late), late_count=len(late), months=_months(asker),
        soon=calendar.soon(asker, calendar.followed(asker), DAYS, SOON), activity=_activity(asker), standing=requests.standing(person), late_requests=_late_requests(asker), has_clients=bool(person.clients) or person.everywhere is not None,
    )  # fmt: skip


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _figures(asker: Asker, waiting: list[WaitingSet], late: int) -> list[dict[str, Any]]:
    """Each with where it leads."""
    unfiled = todo_counts.unfiled(asker.person)
    asked = [w for w in waiting if w.agreed is None]
    documents = sum(t.count for w in asked for t in approvals.totals(w))
    found = [
        {
            "url": reverse("inbox"), "name": _("À classer"), "count": unfiled.count, "tone": "",
            "said": _("dont {n} depuis plus de 7 jours").format(n=number(unfiled.old)) if unfiled.old else _("aucun depuis plus de 7 jours") if unfiled.count else _("tout est rangé"),
        }
    ]  # fmt: skip
    if asker.cabinet.treated:
        left = todo_counts.untreated(asker.person)
        said = _("chez {clients}").format(clients=counted(left.clients, "de vos clients", "de vos clients"))
        found.append({
            "url": f"{reverse('clients')}?sort=untreated", "name": _("À traiter"), "count": left.count, "tone": "",
            "said": said if left.count else _("tout est traité"),
        })  # fmt: skip
    return [
        *found,
        {
            "url": reverse("approvals"), "name": _("Vos accords"), "count": len(asked), "tone": "warn" if asked else "",
            "said": counted(documents, "document attend", "documents attendent") if asked else _("rien n'attend"),
        },
        {
            "url": f"{reverse('clients')}?late=1&sort=awaited", "name": _("Clients en retard"), "count": late, "tone": "bad" if late else "",
            "said": _("pièces attendues non reçues") if late else _("rien ne manque"),
        },
    ]  # fmt: skip


def said_of(asker: Asker, ones: list[Awaited]) -> list[dict[str, Any]]:
    """What is awaited, as its chip says it: « Banque oct. »."""
    return [{"text": f"{asker.labels.shown(a.folder)} {period(a.due, spoken())}", "long": a.long} for a in ones]


def _late(asker: Asker, late: dict[str, list[Awaited]]) -> list[dict[str, Any]]:
    """Those of whom most is missing, for the longest time."""
    worst = sorted(late, key=lambda c: (-sum(a.long for a in late[c]), -len(late[c])))[:LATE]
    rows = Client.objects.filter(id__in=worst).annotate(last=last_deposit(asker.person)).defer("rules")
    found = {c.id: c for c in rows}
    return [
        {"client": found[c], "last": found[c].last, "awaited": said_of(asker, late[c])} for c in worst if c in found
    ]


def _late_requests(asker: Asker) -> list[dict[str, Any]]:
    """What was asked for and is late, the oldest first."""
    found = list(requests.requests(asker.person, requests.Wanted("late"))[:LATE])
    counts = requests.counts(asker.person, found)
    return [{"request": r, "late": requests.late(r), "total": counts[r.id][0], "left": counts[r.id][1]} for r in found]


def _months(asker: Asker) -> dict[str, Any]:
    """Bars of at most 72 px; the last is the month we are in."""
    found = received.by_month(asker.person)
    most = max((m.count for m in found), default=0)
    names = MONTHS[spoken() == ENGLISH]
    bars = [
        {
            "name": names[m.start.month - 1], "year": m.start.year, "count": m.count, "x": 8 + 44 * n, "middle": 24 + 44 * n,
            "height": (h := max(2, round(72 * m.count / most)) if m.count else 0), "y": 84 - h, "now": n == len(found) - 1,
        }
        for n, m in enumerate(found)
    ]  # fmt: skip
    return {"bars": bars, "any": most > 0}


def _activity(asker: Asker) -> list[dict[str, Any]]:
    found = list(received.deposits(asker.person)[: 3 * NEWS])
    counts = received.counted(asker.person, found)
    return [{"deposit": d, "count": counts[d.id]} for d in found if d.id in counts][:NEWS]


def _companies(asker: Asker) -> HttpResponse:
    """« Mes sociétés », as cards."""
    clients = list(Client.objects.filter(reached_clients(asker.person)).defer("rules").order_by("folded"))
    ids = [c.id for c in clients]
    counts = {
        row["client_id"]: row
        for row in Document.objects.filter(visible(asker.person), client_id__in=ids, tombstone="").values("client_id").annotate(
            count=Count("id"), last=Max("created_at"), unseen=Count("id", filter=Q(received_at__isnull=True) & listing.sent_by_company()),
        )
    }  # fmt: skip
    deposited = dict(Deposit.objects.filter(client__in=ids).values_list("client").annotate(last=Max("last_at")))
    asked = Counter(i.request.client_id for i in requests.open_items(asker.person))
    rows = [
        {"client": c, "deposited": deposited.get(c.id), "asked": asked[c.id], **counts.get(c.id, {})} for c in clients
    ]
    return asker.page("companies", rows=rows)
