"""« Relancer » a client of whom something is awaited by its tree alone: it becomes a request, and its people are reminded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from syncd.portal.clients.folder_labels import labels_of
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents.late_clients import Awaited, awaited
from syncd.portal.language import speaking
from syncd.portal.messages.requests import asking, listing, reminders
from syncd.portal.messages.requests.asking import Wish, wanted_of
from syncd.portal.messages.requests.cadence import open_day
from syncd.portal.messages.requests.lists import LABEL, ListItem
from syncd.portal.messages.requests.periods import Period
from syncd.portal.messages.requests.rest_days import rests
from syncd.portal.models import Client, DocumentRequest
from syncd.portal.people.visibility import again
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may_with_wanted

ALLOWED = timedelta(days=5)  # to put what was due already
PERIODS = {1: Period.MONTH, 3: Period.QUARTER}


@alone
def remind(actor: Person, clients: Sequence[Client], now: datetime | None = None) -> tuple[list[DocumentRequest], date]:
    """What was asked, and the day people are told. What is open already is not asked again: it is reminded of.

    Raises Refusal where nothing is awaited of any of them that the actor may ask for.
    """
    now = now or datetime.now(UTC)
    actor, today, found = again(actor), timezone.localdate(now), list[DocumentRequest]()
    missing, told_on = awaited(actor), open_day(today, rests)
    meant = Client.objects.select_related("cabinet").filter(cabinet=actor.cabinet, id__in=[c.id for c in clients])
    for client in meant.order_by("code"):
        items = [i for i in _items(client, missing.get(client.id, [])) if _may(actor, client, i.kind)]
        open_ = [i for i in listing.open_items(actor, client, Verb.VIEW) if _may(actor, client, i.kind)]
        known = {i.kind for i in open_}
        for request, _some in listing.by_request(open_):
            told_on = max(told_on, reminders.remind(actor, request, now))
            found.append(request)
        if fresh := [i for i in items if i.kind not in known]:
            with speaking(""):
                title = _("Pièces attendues")
            due = open_day(today + ALLOWED, rests)
            found += asking.ask(actor, [client], Wish(title, fresh, due), now).requests
    if not found:
        raise Refusal(Code.NO_REQUEST)
    return found, told_on


def _may(actor: Person, client: Client, kind: str) -> bool:
    return may_with_wanted(actor, Verb.MANAGE, wanted_of(client, kind))


def _items(client: Client, missing: Sequence[Awaited]) -> list[ListItem]:
    rules, labels, found = rules_of(client), labels_of(client.cabinet), list[ListItem]()
    for one in missing:
        rule = rules.rule(one.folder)
        if rule is None:
            continue
        months = (one.due.end.year - one.due.start.year) * 12 + one.due.end.month - one.due.start.month + 1
        found.append(ListItem(labels.shown(one.folder)[:LABEL], rule.kind, PERIODS.get(months, Period.NONE)))
    return found
