"""The calendar of all that a person follows, month by month; a client's own, with what may be done to it; on paper."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from syncd.core.months import month_end
from syncd.core.untrusted_numbers import number
from syncd.portal.calendar import alerts, changes, entries, periods
from syncd.portal.calendar.client_facts import FIELDS
from syncd.portal.calendar.proposals import proposals
from syncd.portal.calendar.rules import Every
from syncd.portal.calendar.seen_dates import Line, Lines, lines_of
from syncd.portal.clients import fiscal_words, search
from syncd.portal.clients.segments import segment_of
from syncd.portal.language import counted, month_in_words
from syncd.portal.models import Client
from syncd.portal.people.visibility import reached_clients
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import may_keep_dates, may_manage_client, may_note_dates
from syncd.portal.web.forms import day as typed_day
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.segments import choices

MONTHS = 3
SHOWN = 12  # clients named under one date
DENSE = 24  # dates of a quarter that still fit a sheet of paper in letters of the usual size
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20[0-9]{2})-([1-4])")
Month = dict[str, Any]


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker) -> HttpResponse:
    """One month of everybody's dates, the same obligations together; of who has one client, that client's calendar. POST: an
    event of the cabinet's, for the clients that `scope` names."""
    if asker.request.method == "POST":
        return _for_many(asker)
    reached = Client.objects.filter(reached_clients(asker.person), closed=False)
    if not asker.person.role.of_cabinet and len(mine := list(reached[:2])) == 1:
        return redirect("client_calendar", mine[0].code)
    words, whose = asker.request.GET.get("q", "").strip()[:200], asker.request.GET.get("whose", "")
    if words:
        reached = reached.filter(search.clients_with(words))
    if whose == "mine":
        reached = reached.filter(responsible=asker.user)
    clients = list(reached.defer("rules").order_by("folded"))
    first = _month(asker)
    found = lines_of(asker.person, clients, first, month_end(first.year, first.month))
    unsaid = [c for c in clients if c.id in found.missing]
    return asker.page(
        "calendar", q_clients=words, whose=whose, month=month_in_words(first), days=_together(found.lines), count=len(found.lines),
        unsaid=unsaid[:SHOWN], unsaid_count=len(unsaid), today=timezone.localdate(), scopes=choices(entries.all_scopes(asker.person)),
        **_around(first, 1),
    )  # fmt: skip


def _for_many(asker: Asker) -> HttpResponse:
    month = asker.request.POST.get("month", "")
    try:
        asker.say(_event(asker, None))
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect(reverse("calendar") + (f"?month={month}" if _MONTH.fullmatch(month) else ""))


def _together(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """By day, then by what it is: with how many clients, and the first of them."""
    days = []
    for on, of_day in groupby(lines, key=lambda x: x.day):
        same = [(said, list(ones)) for said, ones in groupby(of_day, key=lambda x: x.title)]
        rows = [
            {"title": said, "clients": ones[:SHOWN], "count": len(ones), "more": len(ones) - SHOWN, "first": ones[0]}
            for said, ones in same
        ]
        days.append({"day": on, "rows": rows})
    return days


@require_GET
@signed_in
def client(asker: Asker, code: str) -> HttpResponse:
    """Three months of one client."""
    found = asker.client(code)
    first = _month(asker)
    last = date(*periods.add_months(first, MONTHS), 1) - timedelta(days=1)
    lines = lines_of(asker.person, [found], first, last, hidden=True)
    keeps = may_keep_dates(asker.person, found.id, found.closed)
    return asker.page(
        "client_calendar", client=found, months=_months(asker, found, lines, first, last), keeps=keeps, scopes=choices(entries.scopes(asker.person, found)) if keeps else [],
        notes=may_note_dates(asker.person, found.id, found.closed), manages=may_manage_client(asker.person, found.id),
        missing=fiscal_words.missing_said(lines.missing.get(found.id, ())), irregular=lines.irregular.get(found.id, ()),
        every=alerts.asked(asker.person, found).get(""), choices=alerts.CHOICES, today=timezone.localdate(),
        quarter=f"{first.year}-{(first.month + 2) // 3}", mails=bool(asker.user.email), **_around(first, MONTHS),
    )  # fmt: skip


def _months(asker: Asker, client: Client, lines: Lines, first: date, last: date) -> list[Month]:
    """Each with its dates, also one without any."""
    today, asked = timezone.localdate(), alerts.asked(asker.person, client)
    shown = proposals(asker.person, client, lines.lines)
    of_cabinet = asker.person.role.of_cabinet
    made = []
    for month in periods.of_calendar(Every.MONTH, first, last):
        rows = [
            {
                "line": x, "late": x.day < today and x.tick is None, "check": of_cabinet and x.to_check(today), "alert": asked.get(x.key),
                "shows": shown.get(x.key), "mine": x.entry is not None and entries.may_change(asker.person, x.entry),
                "comments": [{"c": c, "mine": c.kind == ("comment" if of_cabinet else "note")} for c in x.comments],
            }
            for x in lines.lines if month.start <= x.day <= month.end
        ]  # fmt: skip
        made.append({"name": month_in_words(month.start), "rows": rows})
    return made


@require_GET
@signed_in
def sheet(asker: Asker, code: str) -> HttpResponse:
    """One quarter on one sheet of paper, in the cabinet's colours."""
    found = asker.client(code)
    wanted = _QUARTER.fullmatch(asker.request.GET.get("quarter", ""))
    today = timezone.localdate()
    year, quarter = (int(wanted[1]), int(wanted[2])) if wanted else (today.year, (today.month + 2) // 3)
    first = date(year, 3 * quarter - 2, 1)
    last = date(*periods.add_months(first, 3), 1) - timedelta(days=1)
    lines = lines_of(asker.person, [found], first, last)
    months = [
        {"name": month_in_words(m.start), "lines": [x for x in lines.lines if m.start <= x.day <= m.end]}
        for m in periods.of_calendar(Every.MONTH, first, last)
    ]
    sources = {x.legal.rule.source: x.legal.rule.title for x in lines.lines if x.legal}
    return asker.page(
        "calendar_sheet", client=found, months=months, quarter=quarter, year=year, today=today, sources=sources, dense=len(lines.lines) > DENSE,
        back=f"{reverse('client_calendar', args=[found.code])}?month={first:%Y-%m}",
    )  # fmt: skip


@require_POST
@signed_in
def act(asker: Asker, code: str) -> HttpResponse:
    """`do`: event, note, comment, move, move_entry, remove, hide, unhide, restore, tick, untick, alert; then back to `month`."""
    found, post = asker.client(code), asker.request.POST
    try:
        do = _ACTS.get(post.get("do", ""))
        if do is None:
            raise Http404
        asker.say(do(asker, found))
    except REFUSED as e:
        asker.say(str(e), "bad")
    month = post.get("month", "")
    return redirect(
        reverse("client_calendar", args=[found.code]) + (f"?month={month}" if _MONTH.fullmatch(month) else "")
    )


def _typed(asker: Asker) -> date:
    """Raises Refusal."""
    found = typed_day(asker.request.POST.get("day", ""))
    if found is None:
        raise Refusal(Code.DAY_MISSING)
    return found


def _event(asker: Asker, client: Client | None) -> str:
    post, scope = asker.request.POST, asker.request.POST.get("scope") or entries.OF_ONE
    made = entries.add_event(asker.person, client, _typed(asker), post.get("title", ""), post.get("text", ""), scope)
    whom = segment_of(asker.person, scope)
    if whom is None:
        return _("« {title} » est au calendrier.").format(title=made.title)
    many = counted(whom.count, "client", "clients")
    return _("« {title} » est au calendrier de {clients}.").format(title=made.title, clients=many)


def _note(asker: Asker, client: Client) -> str:
    made = entries.add_note(
        asker.person, client, _typed(asker), asker.request.POST.get("title", ""), asker.request.POST.get("text", "")
    )
    return _("« {title} » est au calendrier.").format(title=made.title)


def _comment(asker: Asker, client: Client) -> str:
    post = asker.request.POST
    entries.add_comment(
        asker.person, client, post.get("key", ""), post.get("text", ""), post.get("scope") or entries.OF_ONE
    )
    return _("Commentaire ajouté.")


def _remove(asker: Asker, _client: Client) -> str:
    entries.remove(asker.person, entries.entry_of(asker.person, asker.request.POST.get("id", "")))
    return _("Retiré du calendrier.")


def _move_entry(asker: Asker, _client: Client) -> str:
    entries.move(asker.person, entries.entry_of(asker.person, asker.request.POST.get("id", "")), _typed(asker))
    return _("Date changée. Qui avait été alerté le sera de nouveau, une fois.")


def _move(asker: Asker, client: Client) -> str:
    changes.move(
        asker.person, client, asker.request.POST.get("key", ""), _typed(asker), asker.request.POST.get("why", "")
    )
    return _("Date changée. Qui avait été alerté le sera de nouveau, une fois.")


def _hide(asker: Asker, client: Client) -> str:
    changes.hide(asker.person, client, asker.request.POST.get("key", ""), True, asker.request.POST.get("why", ""))
    return _("L'entreprise ne voit plus cette date.")


def _unhide(asker: Asker, client: Client) -> str:
    changes.hide(asker.person, client, asker.request.POST.get("key", ""), False, asker.request.POST.get("why", ""))
    return _("L'entreprise voit de nouveau cette date.")


def _restore(asker: Asker, client: Client) -> str:
    changes.restore(asker.person, client, asker.request.POST.get("key", ""))
    return _("La date est de nouveau celle des règles.")


def _tick(asker: Asker, client: Client) -> str:
    changes.tick(asker.person, client, asker.request.POST.get("key", ""), True, asker.request.POST.get("document", ""))
    return _("C'est fait.")


def _untick(asker: Asker, client: Client) -> str:
    changes.tick(asker.person, client, asker.request.POST.get("key", ""), False)
    return _("La date attend de nouveau.")


def _alert(asker: Asker, client: Client) -> str:
    days = asker.request.POST.get("days", "")
    wanted = number(days)
    if days and wanted is None:
        raise Refusal(Code.ALERT_FAR, days=alerts.MOST_DAYS)
    alerts.ask(asker.person, client, asker.request.POST.get("key", ""), wanted)
    return _("Alerte enregistrée.") if wanted is not None else _("Alerte retirée.")


_ACTS = {
    "event": _event, "note": _note, "comment": _comment, "remove": _remove, "move_entry": _move_entry, "move": _move, "hide": _hide,
    "unhide": _unhide, "restore": _restore, "tick": _tick, "untick": _untick, "alert": _alert,
}  # fmt: skip


def _month(asker: Asker) -> date:
    wanted = _MONTH.fullmatch(asker.request.GET.get("month", ""))
    return date(int(wanted[1]), int(wanted[2]), 1) if wanted else timezone.localdate().replace(day=1)


def _around(first: date, months: int) -> dict[str, Any]:
    """The months before and after, as an address says them; none beyond what one may ask for."""
    before, after = date(*periods.add_months(first, -months), 1), date(*periods.add_months(first, months), 1)
    named = {"this": f"{first:%Y-%m}", "before": f"{before:%Y-%m}", "after": f"{after:%Y-%m}"}
    return {name: text if _MONTH.fullmatch(text) else "" for name, text in named.items()}


def soon(asker: Asker, clients: list[Client], days: int, most: int) -> list[Line]:
    """What is due in the coming days and not dealt with, for the first page."""
    today = timezone.localdate()
    found = lines_of(asker.person, clients, today, today + timedelta(days=days))
    return [x for x in found.lines if x.tick is None][:most]


def followed(asker: Asker) -> list[Client]:
    """The clients that a person of the cabinet looks at first: those they are responsible for, else all that they reach."""
    reached = Client.objects.filter(reached_clients(asker.person), closed=False).only(*FIELDS)
    return list(reached.filter(Q(responsible=asker.user))) or list(reached)
