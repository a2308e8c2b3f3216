"""One search of everything a person may see: clients, people, documents; true totals, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db import DatabaseError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from syncd.core import untrusted_numbers
from syncd.core.search_folding import fold
from syncd.core.text_search import Piece
from syncd.portal.clients.search import called
from syncd.portal.documents import listing
from syncd.portal.documents.search import Search, excerpts, search, turned
from syncd.portal.models import Client, Document, Exercise
from syncd.portal.people import accounts, throttle
from syncd.portal.people.visibility import reached_clients
from syncd.portal.storage import text_index
from syncd.portal.web.forms import search_wish
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.security import limited

PAGE, MOST_PAGES = 50, 100_000
FIRST = 6  # clients and people that stand above the documents
TYPES: Mapping[str, str] = {
    "pdf": noop("PDF"), "image": noop("Image"), "sheet": noop("Tableau"), "text": noop("Texte"), "mail": noop("E-mail"),
    "xml": noop("XML"), "archive": noop("Archive"),
}  # fmt: skip
STATES: Mapping[str, str] = {
    "waiting": noop("En attente de réception"), "received": noop("Reçu"), "treated": noop("Traité"),
    "question": noop("Question"), "answered": noop("Répondu"), "asked": noop("Suppression demandée"),
}  # fmt: skip


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    if throttle.beyond("search", asker.user.id, 120, 60):
        return limited(asker.request)
    wish, given = search_wish(asker.request.GET)
    page: Page[Document] | None = None
    rows: list[listing.Row] = []
    said: dict[str, list[Piece]] = {}
    if any(given.values()):
        try:
            page, rows, said = _documents(asker, wish)
        except DatabaseError:
            if not text_index().mend():  # it was fine: it is the portal's database that fails
                raise
            page, rows, said = _documents(asker, wish)
    narrowed = {n: v for n, v in given.items() if v and n != "q"}
    clients, people = (
        ([], []) if narrowed or not given["q"] else (_clients(asker, given["q"]), _people(asker, given["q"]))
    )
    return asker.page(
        "search", rows=rows, said=said, page=page, given=given, q=given["q"], words=given["q"], clients=clients[:FIRST],
        people=people[:FIRST], more_clients=len(clients) > FIRST, more_people=len(people) > FIRST, narrowed=narrowed,
        types=_said(TYPES), states=_said(STATES), exercises=_exercises(asker), query=urlencode({n: v for n, v in given.items() if v}),
    )  # fmt: skip


def _documents(asker: Asker, wish: Search) -> tuple[Page[Document], list[listing.Row], dict[str, list[Piece]]]:
    """The page that is asked for, the last one where there are not so many."""
    number = untrusted_numbers.number(asker.request.GET.get("page", "1"), MOST_PAGES) or 1
    documents, total = turned(search(asker.person, wish), number, PAGE)
    last = max(1, -(-total // PAGE))
    if number > last:
        number = last
        documents, total = turned(search(asker.person, wish), number, PAGE)
    paginator: Paginator[Document] = Paginator(documents, PAGE)
    paginator.count = total
    rows = listing.rows_of(asker.person, documents)
    return Page(documents, number, paginator), rows, excerpts(asker.person, documents, wish.text)


def _said(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, _(label)) for value, label in labels.items()]


def _clients(asker: Asker, words: str) -> list[Client]:
    """One more than are shown; whoever has but one space needs no way to it."""
    found = Client.objects.filter(reached_clients(asker.person), called(words)).order_by("folded")
    if not asker.person.role.of_cabinet and len(asker.person.clients) < 2:
        return []
    return list(found.only("id", "code", "name", "closed")[: FIRST + 1])


def _people(asker: Asker, words: str) -> list[dict[str, Any]]:
    if not asker.person.role.of_cabinet and not asker.person.role.below:
        return []
    found = accounts.managed_by(asker.person, words)[: FIRST + 1]
    return [
        {"user": user, "clients": sorted({g.client.name for g in user.grants.all() if g.client}, key=fold)[:3]}
        for user, _ in found
    ]


def _exercises(asker: Asker) -> list[str]:
    """Labels that any client the person sees has, the latest first."""
    mine = Exercise.objects.filter(client__in=Client.objects.filter(reached_clients(asker.person)))
    return sorted(set(mine.values_list("label", flat=True)), reverse=True)[:12]
