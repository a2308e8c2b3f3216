"""« Clients »: a table of all of them, sorted and cut as one likes, and what is done to several at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from syncd.portal.clients.assignment import assign
from syncd.portal.language import counted
from syncd.portal.models import Client, User
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Role, may_manage_cabinet, may_manage_client
from syncd.portal.sync import client_list, runs
from syncd.portal.web import document_request_new
from syncd.portal.web.home import said_of
from syncd.portal.web.request import REFUSED, Asker, for_cabinet

PAGE = 100
TOGETHER = 20  # clients whose accesses are shown together
HEADS = (
    ("name", noop("Client"), ""), ("responsible", noop("Responsable"), ""), ("unfiled", noop("À classer"), "num"), ("untreated", noop("À traiter"), "num"),
    ("awaited", noop("Attendu"), ""), ("last", noop("Dernier dépôt"), ""), ("state", noop("État"), ""),
)  # fmt: skip


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    asked = asker.request.GET
    wanted, treats = client_list.wanted_of(asked), asker.cabinet.treated
    page = Paginator(client_list.listed(asker.person, wanted, treats), PAGE).get_page(asked.get("page"))
    given = {k: v for k in ("q", "mine", "late", "look", "site", "responsible", "sort") if (v := asked.get(k, ""))}
    choices = runs.choices(asker.person)
    rows = [{"client": x, "awaited": said_of(asker, x.awaited)} for x in page]
    return asker.page(
        "client_list", rows=rows, page=page, wanted=wanted, treats=treats, heads=_heads(given, wanted.sort, treats), chips=_chips(given, wanted),
        sites=choices["site"], responsibles=choices["responsible"], query=urlencode(given), manages=any(may_manage_client(asker.person, x.id) for x in page),
        colleagues=_colleagues(asker), columns=7 if treats else 6,
    )  # fmt: skip


def _heads(given: dict[str, str], sort: str, treats: bool) -> list[dict[str, Any]]:
    """Columns, each with the address that sorts by it; by the one it is sorted by, the other way round."""
    found = []
    for name, said, kind in HEADS:
        if name == "untreated" and not treats:
            continue
        at = sort.removeprefix("-") == name
        wanted = f"-{name}" if at and not sort.startswith("-") else name
        way = ("descending" if sort.startswith("-") else "ascending") if at else ""
        found.append({"said": _(said), "url": f"?{urlencode(given | {'sort': wanted})}", "way": way, "kind": kind})
    return found


def _chips(given: dict[str, str], wanted: client_list.Wanted) -> list[dict[str, Any]]:
    """What cuts the list, switched by a click."""
    found = []
    for name, said, on in (("mine", _("Mes clients"), wanted.mine), ("late", _("En retard"), wanted.late), ("look", _("À voir"), wanted.look)):  # fmt: skip
        rest = {k: v for k, v in given.items() if k != name}
        found.append({"said": said, "on": on, "url": f"?{urlencode(rest if on else rest | {name: '1'})}"})
    return found


def _colleagues(asker: Asker) -> list[User]:
    roles = [r.value for r in Role if r.of_cabinet]
    return list(User.objects.filter(cabinet=asker.cabinet, is_active=True, role__in=roles).order_by("folded"))


@require_POST
@for_cabinet
def act(asker: Asker) -> HttpResponse:
    """To the chosen clients (`id`): `do` assign (to `responsible`), people (who has an access there), ask (for documents), or close and open."""
    post = asker.request.POST
    ids, do = post.getlist("id"), post.get("do", "")
    chosen = list(Client.objects.filter(reached_clients(asker.person), id__in=ids[:5000]).values_list("id", "code"))
    back = f"{reverse('clients')}{'?' + post['query'] if post.get('query') else ''}"
    if not chosen:
        asker.say(_("Cochez d'abord au moins un client."), "warn")
        return redirect(back)
    if do in ("close", "open") and may_manage_cabinet(asker.person):
        fields = [("do", "off" if do == "close" else "on"), *(("client", code) for _id, code in chosen)]
        return redirect(f"{reverse('client_activation')}?{urlencode(fields)}")
    if do == "ask":
        return document_request_new.choose(asker, [code for _id, code in chosen])
    if do == "handover":
        return redirect(f"{reverse('handover')}?{urlencode([('client', code) for _id, code in chosen])}")
    if do == "people":
        if len(chosen) > TOGETHER:
            asker.say(_("{most} clients au plus à la fois.").format(most=TOGETHER), "warn")
            return redirect(back)
        return redirect(f"{reverse('people')}?{urlencode({'client': ' '.join(code for _id, code in chosen)})}")
    to = next((u for u in _colleagues(asker) if u.id == post.get("responsible", "")), None)
    if do != "assign" or (to is None and post.get("responsible", "") != "-"):
        asker.say(_("Choisissez à qui les confier."), "warn")
        return redirect(back)
    try:
        count = assign(asker.person, [c for c, _code in chosen], to)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(back)
    said = counted(count, "client confié", "clients confiés")
    if to is None:
        asker.say(_("{clients} : plus de responsable.").format(clients=counted(count, "client", "clients")))
    else:
        asker.say(_("{clients} à {name}.").format(clients=said, name=to))
    return redirect(back)
