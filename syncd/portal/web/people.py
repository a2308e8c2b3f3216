"""« Accès » : who has access, as a list; what is done to several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from syncd.portal.language import counted
from syncd.portal.models import User
from syncd.portal.people import bulk_accounts, directory
from syncd.portal.people.bulk_accounts import Done
from syncd.portal.people.directory import CABINET, CLIENTS, Wanted
from syncd.portal.people.visibility import verbs
from syncd.portal.records import mail_queue
from syncd.portal.rights import Role
from syncd.portal.web import access_sheets
from syncd.portal.web.person import CABINET_LABELS, FORMER_LABELS, LABELS, ROLES, preset_of
from syncd.portal.web.request import REFUSED, Asker, Undo, signed_in
from syncd.portal.web.selection import back_of

PAGE = 50
UNDONE_WITHIN = 3600  # seconds
STATES = {"never": noop("Jamais connectés"), "withdrawn": noop("Accès retirés"), "no_email": noop("Sans e-mail")}
TABS = {CLIENTS: noop("Clients"), CABINET: noop("Cabinet")}


@require_GET
@signed_in
def everybody(asker: Asker) -> HttpResponse:
    wanted, query = directory.wanted_of(asker.request.GET), asker.request.GET.copy()
    query.pop("page", None)
    found = directory.listed(asker.person, wanted)
    page = Paginator(found, PAGE).get_page(asker.request.GET.get("page"))
    counts = directory.counts(asker.person)
    if not any(counts.values()) and not asker.person.role.of_cabinet:
        raise Http404
    return asker.page(
        "people", page=page, rows=_rows(asker, list(page.object_list)), wanted=wanted, words=wanted.words, query=query.urlencode(),
        here=asker.request.get_full_path(), tabs=[(side, _(said), counts[side]) for side, said in TABS.items()],
        states=[(value, _(said)) for value, said in STATES.items()], by_mail=mail_queue.configured(),
        roles=[(r.value, _(said)) for r, said in ROLES.items() if r.of_cabinet is (wanted.side == CABINET)],
        by_name=_sorted(wanted, "name"), by_visit=_sorted(wanted, "visit"), others=found.exclude(id=asker.user.id).count(),
    )  # fmt: skip


def _sorted(wanted: Wanted, by: str) -> str:
    """The list's address in that order, or the other way round."""
    sort = f"-{by}" if wanted.sort == by else by
    cuts = {"side": wanted.side, "q": wanted.words, "state": wanted.state, "role": wanted.role, "company": wanted.company, "client": wanted.client}  # fmt: skip
    return urlencode({**{name: value for name, value in cuts.items() if value}, "sort": sort})


def _rows(asker: Asker, users: list[User]) -> list[dict[str, Any]]:
    found = list(User.objects.filter(id__in=[u.id for u in users]).prefetch_related("grants__client"))
    by_id, codes = {u.id: u for u in found}, directory.with_codes(users)
    return [_row(asker, by_id[u.id], u.id in codes) for u in users]


def _row(asker: Asker, user: User, code: bool) -> dict[str, Any]:
    role = Role(user.role)
    clients = sorted({g.client.code: g.client.name for g in user.grants.all() if g.client}.items())
    kinds = {
        g.kind: verbs(g.verbs)
        for g in user.grants.all()
        if not clients or (g.client and g.client.code == clients[0][0])
    }
    labels = CABINET_LABELS if role.of_cabinet else {**LABELS, **FORMER_LABELS}
    known = labels.get(preset_of(kinds, role.of_cabinet), noop("Droits particuliers"))
    said = noop("Tous les droits") if role is Role.CORRESPONDENT else known
    return {
        "user": user, "name": str(user), "role": _(ROLES[role]), "clients": clients[:3], "more": max(0, len(clients) - 3), "rights": _(said),
        "mine": user.id == asker.user.id, "code": code,
    }  # fmt: skip


@require_POST
@signed_in
def chosen(asker: Asker) -> HttpResponse:
    """`do`: sheets, mail, withdraw; of the people with these ids, or of all that the list holds (`all`)."""
    post = asker.request.POST
    back, does = back_of(asker, "/personnes"), DOES.get(post.get("do", ""))
    ids = directory.whole(asker.person, directory.wanted_of(post)) if post.get("all") else post.getlist("id")
    if not ids or does is None:
        asker.say(_("Choisissez au moins une personne."), "warn")
        return redirect(back)
    try:
        return does(asker, ids, back)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(back)


def _say(asker: Asker, said: str, done: Done, way: Undo | None = None) -> None:
    """What was done, and of whom it was not with the reasons, each once."""
    if not done.refused:
        asker.say(said, "ok", way)
        return
    why = list(dict.fromkeys(str(refusal) for _user, refusal in done.refused))
    more = f" {_('Et {n} autres.').format(n=len(why) - 3)}" if len(why) > 3 else ""
    text = f"{said if done.people else ''} {' '.join(why[:3])}{more}".strip()
    asker.say(text, "warn" if done.people else "bad", way if done.people else None)


def _mail(asker: Asker, ids: list[str], back: str) -> HttpResponse:
    done = bulk_accounts.invite_by_mail(asker.person, ids)
    _say(asker, counted(len(done.people), "invitation part par e-mail.", "invitations partent par e-mail."), done)
    return redirect(back)


def _withdraw(asker: Asker, ids: list[str], back: str) -> HttpResponse:
    done = bulk_accounts.withdraw(asker.person, ids)
    if not done.people:
        asker.say(_("Ces accès sont déjà retirés."), "warn")
        return redirect(back)
    said = counted(len(done.people), "accès retiré.", "accès retirés.")
    what = {"by": asker.user.pk, "ids": [u.id for u in done.people], "back": back}
    way = Undo("/personnes/annuler", {"what": signing.dumps(what, salt="access", compress=True)})
    _say(asker, said, done, way)
    return redirect(back)


DOES: Mapping[str, Callable[[Asker, list[str], str], HttpResponse]] = {
    "sheets": access_sheets.ask, "mail": _mail, "withdraw": _withdraw,
}  # fmt: skip


@require_POST
@signed_in
def take_back(asker: Asker) -> HttpResponse:
    """Accesses that the person withdrew within the hour are given back."""
    try:
        what = signing.loads(asker.request.POST.get("what", ""), salt="access", max_age=UNDONE_WITHIN)
    except signing.BadSignature:
        what = {}
    if what.get("by") != asker.user.pk:
        asker.say(_("Cela ne peut plus être annulé."), "bad")
        return redirect("people")
    try:
        done = bulk_accounts.give_back(asker.person, what["ids"])
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        _say(asker, counted(len(done.people), "accès rendu.", "accès rendus."), done)
    return redirect(what["back"])
