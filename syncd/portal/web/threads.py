"""« Échanges » : the threads that a person reads, of all clients or of one; a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_http_methods

from syncd.portal.messages import recipients, threads
from syncd.portal.messages.conversation import latest
from syncd.portal.messages.entries import LONGEST, Kind, Said
from syncd.portal.messages.threads import GENERAL, SUBJECT, Wanted, listed
from syncd.portal.models import Client, Thread
from syncd.portal.people import throttle
from syncd.portal.people.audience import holders
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Verb, allows
from syncd.portal.web.folder_kind_names import KINDS
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.security import limited

PAGE = 50
SUBJECTS: Mapping[str, str] = {**KINDS, GENERAL: noop("Général")}
CLIENTS = 3000  # that are offered to choose from


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    """`client`: its code; `q`; `unread`, `asked`: 1; `after`: the thread that the page before ended with."""
    given = {
        n: " ".join(asker.request.GET.get(n, "").split())[:200] for n in ("client", "q", "unread", "asked", "after")
    }
    client = asker.client(given["client"]) if given["client"] else None
    if given["q"] and throttle.beyond("search", asker.user.id, 120, 60):
        return limited(asker.request)
    wanted = Wanted(
        given["q"], client.id if client else "", given["unread"] == "1", given["asked"] == "1", given["after"]
    )
    found = list(listed(asker.person, wanted).select_related("client", "document").defer("client__rules")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    cut = {n: v for n, v in given.items() if v and n != "after"}
    several = asker.person.role.of_cabinet or len(asker.person.clients) > 1
    return asker.page(
        "threads", rows=rows_of(asker, found), client=client, given=given, several=several and client is None, cut=cut,
        query=urlencode(cut), after=found[-1].id if more else "", may_write=threads.subjects_of(asker.person, client) if client else asker.person.reads_messages,
        narrowed=bool(given["q"] or given["unread"] or given["asked"]),
    )  # fmt: skip


def rows_of(asker: Asker, found: list[Thread]) -> list[dict[str, Any]]:
    """Each with its last entry, and whether there is something new in it. Two queries."""
    last, new = latest(asker.person, found), threads.unread_among(asker.person, found)
    return [
        {
            "thread": t, "entry": last.get(t.id), "unread": t.id in new, "kind": _(SUBJECTS[t.kind]) if t.kind in SUBJECTS and t.kind != GENERAL else "",
            "at": t.last_at if asker.person.role.of_cabinet else t.shared_at,
        }
        for t in found
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def new(asker: Asker) -> HttpResponseBase:
    """`client`: its code, where there are several; `kind`, `subject`, `text`, `internal`, `choose` with `told`."""
    given = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    client = _client(asker, given.get("client", ""))
    if client is None:
        return _which(asker)
    if not (kinds := threads.subjects_of(asker.person, client)):
        raise Http404
    fault = ""
    if asker.request.method == "POST":
        if throttle.beyond("messages", asker.user.id, 60, 600):
            return limited(asker.request)
        try:
            return redirect("thread", _begin(asker, client).id)
        except REFUSED as e:
            fault = str(e)
    readers = [(user, held) for user, held in holders([client])[client.id] if user.is_active]
    offered = [
        {
            "value": k, "said": _(SUBJECTS[k]),
            "who": ", ".join(sorted({str(user) for user, held in readers if allows(held, Verb.MESSAGE, k)})),
        }
        for k in kinds
    ]  # fmt: skip
    people = _people(asker, client, kinds)
    return asker.page(
        "thread_new", status=403 if fault else 200, client=client, kinds=offered, given=given, fault=fault, longest=LONGEST,
        subject_longest=SUBJECT, kind=given.get("kind") if given.get("kind") in kinds else kinds[0], people=people,
        told=set(given.getlist("told")),
    )  # fmt: skip


def _people(asker: Asker, client: Client, kinds: list[str]) -> list[Any]:
    """Whom one may choose to tell, of whatever kind; those who may not read it are left out when it is written."""
    found = {u.id: u for k in kinds[:1] for u in recipients.interlocutors(asker.person, client, k)}
    for user, held in holders([client])[client.id]:
        if user.is_active and any(allows(held, Verb.MESSAGE, k) for k in kinds):
            found.setdefault(user.id, user)
    return [u for u in found.values() if u.id != asker.user.id]


def _client(asker: Asker, code: str) -> Client | None:
    if code:
        return asker.client(code)
    mine = list(Client.objects.filter(reached_clients(asker.person), closed=False)[:2])
    return mine[0] if len(mine) == 1 else None


def _which(asker: Asker) -> HttpResponse:
    """The client that it is about comes first."""
    mine = Client.objects.filter(reached_clients(asker.person), closed=False).order_by("folded")
    return asker.page("thread_client", clients=list(mine.only("code", "name")[:CLIENTS]))


def _begin(asker: Asker, client: Client) -> Thread:
    post = asker.request.POST
    told = post.getlist("told") if post.get("choose") == "these" else None
    internal = bool(post.get("internal")) and asker.person.role.of_cabinet
    said = Said(Kind.MESSAGE, post.get("text", ""), internal=internal)
    return threads.begin(asker.person, client, post.get("subject", ""), post.get("kind", GENERAL), said, told)
