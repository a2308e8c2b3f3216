"""A new request: by which list, then what of it, until when; for one client or for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.core import paths
from syncd.core.plain_text import one_line
from syncd.core.untrusted_numbers import day, number
from syncd.portal.clients.segments import clients_in, segment_of, segments
from syncd.portal.language import ENGLISH, counted, spoken
from syncd.portal.messages.requests import asking, own_lists, periods, reminders
from syncd.portal.messages.requests.asking import TITLE, Asked, Wish, wanted_of
from syncd.portal.messages.requests.cadence import Cadence, open_day
from syncd.portal.messages.requests.lists import ASKED_KINDS, EXPECTED, LABEL, NOTE, ListItem, RequestList
from syncd.portal.messages.requests.rest_days import rests
from syncd.portal.models import Client, Document, User
from syncd.portal.people.visibility import reached_clients, visible
from syncd.portal.rights import Verb, may_manage_cabinet, may_with_wanted
from syncd.portal.web import folder_kind_names
from syncd.portal.web.request import REFUSED, Asker, for_cabinet
from syncd.portal.web.segments import choices

KEPT = "asking"  # in the session: codes of the clients who were chosen
FREE = "libre"
ROWS = 3  # for what no list names
KINDS = {kind: said for kind, said in folder_kind_names.OFFERED.items() if kind in ASKED_KINDS}


def choose(asker: Asker, codes: Sequence[str]) -> HttpResponse:
    """For these clients."""
    if len(codes) == 1:
        return redirect(f"{reverse('document_request_new')}?client={codes[0]}")
    asker.request.session[KEPT] = list(codes)
    return redirect("document_request_new")


@require_http_methods(["GET", "POST"])
@for_cabinet
def new(asker: Asker) -> HttpResponse:
    """Of `client` (a code), of the clients that `for` names (clients.segments), else of those who were chosen before."""
    given = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    to = To(given.get("client", "")[:40], given.get("for", "")[:120])
    if asker.request.method == "GET" and given.get("for") == "":  # another time than the one before
        asker.request.session.pop(KEPT, None)
    clients = _clients(asker, to)
    if not clients:
        return _to_whom(asker)
    lists = own_lists.known(asker.person)
    free = RequestList(FREE, _("Autre demande"), ())
    chosen = next((s for s in (*lists, free) if s.name == given.get("list", "")), None)
    if given.get("document"):
        chosen = free
    if asker.request.method == "POST":
        return _act(asker, clients, chosen, to)
    return _page(asker, clients, chosen, lists, to)


@dataclass(frozen=True, slots=True)
class To:
    """To whom, as the address says it: a client's `code`, or the name of a `segment`; nothing: who was chosen before."""

    code: str = ""
    segment: str = ""

    @property
    def query(self) -> str:
        return urlencode({n: v for n, v in (("client", self.code), ("for", self.segment)) if v})

    @property
    def url(self) -> str:
        return reverse("document_request_new") + (f"?{self.query}" if self.query else "")


def _clients(asker: Asker, to: To) -> list[Client]:
    if to.segment and not to.code:
        found = segment_of(asker.person, to.segment)
        return clients_in(asker.person, found) if found is not None else []
    codes = [to.code] if to.code else list(asker.request.session.get(KEPT, []))
    return list(Client.objects.filter(reached_clients(asker.person), code__in=codes, closed=False).order_by("code"))


def _to_whom(asker: Asker) -> HttpResponse:
    return asker.page("document_request_to", segments=choices(segments(asker.person)))


def _page(
    asker: Asker, clients: list[Client], chosen: RequestList | None, lists: list[RequestList], to: To
) -> HttpResponse:
    today = timezone.localdate()
    alone = clients[0] if len(clients) == 1 else None
    shown: dict[str, Any] = {
        "clients": clients,
        "alone": alone,
        "to": to,
        "lists": lists,
        "may_keep": may_manage_cabinet(asker.person),
    }
    if chosen is None:
        return asker.page("document_request_new", **shown)
    document = _document(asker, alone, asker.request.GET.get("document", ""))
    label = _("« {name} » à renvoyer").format(name=paths.name(document.path)) if document else ""
    items = [
        {"nth": n, "item": i, "period": _period(i, today), "kind": _(folder_kind_names.KINDS.get(i.kind, i.kind))}
        for n, i in enumerate(chosen.items)
        if any(may_with_wanted(asker.person, Verb.MANAGE, wanted_of(c, i.kind)) for c in clients)
    ]  # fmt: skip
    return asker.page(
        "document_request_new", **shown, chosen=chosen, items=items, due=open_day(today + timedelta(chosen.due_in), rests), today=today,
        rows=[{"nth": n, "label": label if n == 1 else ""} for n in range(1, ROWS + 1)], kinds=[(k, _(v)) for k, v in KINDS.items()],
        people=_people(alone) if alone else [], note="", title=_("Document à renvoyer") if document else chosen.title, document=document,
        before=chosen.cadence.before, after=chosen.cadence.after, longest=TITLE, label_longest=LABEL, note_longest=NOTE,
    )  # fmt: skip


def _period(item: ListItem, today: date) -> str:
    return periods.said(*(periods.span(item.period, today) or (None, None)), english=spoken() == ENGLISH)


def _document(asker: Asker, client: Client | None, wanted: str) -> Document | None:
    """What is to be sent again, of that client. Http404 of another."""
    if not wanted:
        return None
    found = Document.objects.filter(visible(asker.person), id=wanted[:32], client=client, tombstone="").first()
    if client is None or found is None:
        raise Http404
    return found


def _people(client: Client) -> list[User]:
    found = User.objects.filter(grants__client=client, grants__verbs__contains="deposit", is_active=True)
    return list(found.distinct().order_by("folded"))


def _act(asker: Asker, clients: list[Client], chosen: RequestList | None, to: To) -> HttpResponse:
    post, here = asker.request.POST, to.url
    try:
        if post.get("do") == "forget":
            title = own_lists.remove(asker.person, post.get("list", ""))
            asker.say(
                _("La liste « {title} » est supprimée ; les demandes faites avec elle restent.").format(title=title)
            )
            return redirect(here)
        items = _items(post, chosen)
        if post.get("keep"):
            own_lists.keep(asker.person, post.get("keep", ""), items)
        asked = asking.ask(asker.person, clients, _wish(post, items, chosen))
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(f"{here}{'&' if to.query else '?'}list={chosen.name}" if chosen else here)
    asker.request.session.pop(KEPT, None)
    return _done(asker, asked)


def _done(asker: Asker, asked: Asked) -> HttpResponse:
    said = counted(len(asked.requests), "demande envoyée", "demandes envoyées")
    if asked.left:
        left = ", ".join(c.name for c in asked.left[:3])
        said = _("{said} ; rien n'est demandé à : {left}").format(said=said, left=left)
    paper = len(reminders.without_mail(asked.requests))
    if paper:
        said += ". " + _("{n} sans adresse e-mail : imprimez leurs fiches.").format(
            n=counted(paper, "société est", "sociétés sont")
        )
    asker.say(said if said.endswith(".") else f"{said}.", "warn" if asked.left else "ok")
    if len(asked.requests) == 1:
        return redirect("document_request", asked.requests[0].id)
    return redirect("document_requests")


def _items(post: QueryDict, chosen: RequestList | None) -> list[ListItem]:
    ticked = {number(n, 99) for n in post.getlist("item")}
    items = [i for n, i in enumerate(chosen.items) if n in ticked] if chosen else []
    for n in range(1, ROWS + 1):
        kind, expected = post.get(f"kind-{n}", ""), number(post.get(f"expected-{n}", ""), EXPECTED) or 1
        if label := one_line(post.get(f"label-{n}", ""), LABEL):
            items.append(ListItem(label, kind if kind in KINDS else "other", expected=expected))
    return items


def _wish(post: QueryDict, items: list[ListItem], chosen: RequestList | None) -> Wish:
    def days(name: str) -> tuple[int, ...]:
        return tuple(sorted({d for text in post.getlist(name)[:6] if (d := number(text, 60))}, reverse=True))

    due = day(post.get("due", "")) or timezone.localdate() - timedelta(1)  # which is refused
    every = (chosen.cadence.every if chosen else 7) if post.get("every") else 0
    told = [] if post.get("all") else post.getlist("told")
    return Wish(
        post.get("title", ""), items, due, post.get("note", ""), Cadence(days("before"), days("after"), every), told, bool(post.get("monthly")),
    )  # fmt: skip
