"""« Demandes »: what the cabinet asks companies for, the most urgent first; of a company, what is asked of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods

from syncd.portal.language import counted
from syncd.portal.messages.requests import late_clients, listing, reminders
from syncd.portal.messages.requests.listing import Wanted
from syncd.portal.messages.requests.reminder_mails import about
from syncd.portal.models import Client, RequestedItem
from syncd.portal.people.visibility import reached_clients
from syncd.portal.web.request import REFUSED, Asker, signed_in

PAGE = 50
STATES = {"open": noop("En cours"), "late": noop("En retard"), "closed": noop("Terminées")}


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker) -> HttpResponse:
    """POST, by the cabinet: `do` remind, or print, of the chosen requests (`id`); or late, of clients (`client`, an id) who are late with
    what is awaited of them."""
    if asker.request.method == "POST":
        return _remind(asker)
    if not asker.person.role.of_cabinet:
        return asker.page("document_requests", **awaited(asker, None))
    given = asker.request.GET
    state = given.get("state", "") if given.get("state", "") in STATES else "open"
    wanted = Wanted(state, given.get("q", "")[:200], given.get("client", "")[:40])
    page = Paginator(listing.requests(asker.person, wanted), PAGE).get_page(given.get("page"))
    counts = listing.counts(asker.person, list(page))
    rows = [{"request": r, "late": listing.late(r) if (left := counts[r.id][1]) else 0, "total": (all_ := counts[r.id][0]), "done": all_ - left} for r in page]  # fmt: skip
    kept = {n: v for n, v in (("q", wanted.words), ("client", wanted.client)) if v}
    chips = [{"said": _(said), "on": name == state, "url": f"?{urlencode({**kept, 'state': name})}"} for name, said in STATES.items()]  # fmt: skip
    return asker.page(
        "document_requests", rows=rows, page=page, wanted=wanted, chips=chips, query=urlencode({**kept, "state": state}), state=state,
    )  # fmt: skip


def awaited(asker: Asker, client: Client | None, most: int = 500) -> dict[str, Any]:
    """What its people see of what is asked of a company, or of all of theirs: `asks`, by request with its first `most` items,
    and how many there are."""
    items = listing.open_items(asker.person, client)
    found = [
        {"request": r, "late": listing.late(r), "items": some, "shown": [row(i) for i in some[:most]], "more": len(some) > most, "client": r.client}
        for r, some in listing.by_request(items)
    ]  # fmt: skip
    return {"asks": found, "asked_count": len(items), "several_clients": len({i.request.client_id for i in items}) > 1}  # fmt: skip


def row(item: RequestedItem) -> dict[str, Any]:
    return {"item": item, "about": about(item)}


def _remind(asker: Asker) -> HttpResponse:
    post, count, day = asker.request.POST, 0, None
    back = reverse("home") if post.get("back") == "home" else f"{reverse('document_requests')}?{post.get('query', '')}"
    if post.get("do") == "print":
        return redirect(f"{reverse('request_sheets')}?{urlencode([('id', i) for i in post.getlist('id')[:PAGE]])}")
    try:
        if post.get("do") == "late":
            clients = Client.objects.filter(reached_clients(asker.person), id__in=post.getlist("client")[:500])
            asked, day = late_clients.remind(asker.person, list(clients))
            count = len(asked)
        else:
            count, day = reminders.remind_each(asker.person, post.getlist("id")[:500])
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(back)
    if not count or day is None:
        asker.say(_("Cochez d'abord au moins une demande."), "warn")
    else:
        asker.say(said_reminded(count, day))
    return redirect(back)


def said_reminded(count: int, day: Any) -> str:
    said = counted(count, "demande relancée", "demandes relancées")
    return _(
        "{said} : les personnes qui ont une adresse reçoivent un e-mail le {day}, un seul par jour pour tout."
    ).format(said=said, day=f"{day:%d/%m/%Y}")
