"""The letter of what is awaited: by request, what is late first, each item with the page that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from msgspec.structs import replace

from syncd.portal.language import ENGLISH, counted, spoken
from syncd.portal.messages.requests import periods
from syncd.portal.messages.requests.listing import late
from syncd.portal.models import DocumentRequest, RequestedItem, User
from syncd.portal.records.mail_queue import address, hello, message
from syncd.report.message import Link, Message, Row, Section

SHOWN = 10
Asked = Sequence[tuple[DocumentRequest, list[RequestedItem]]]


def reminder(user: User, asked: Asked, today: date) -> Message:
    """`asked`: not empty."""
    first = asked[0][0]
    clients = {r.client_id for r, _items in asked}
    many = counted(sum(len(items) for _r, items in asked), "pièce attendue", "pièces attendues")
    over = any(late(r, today) for r, _items in asked)
    whose = first.client.name if len(clients) == 1 else counted(len(clients), "société", "sociétés")
    title = _("En retard : {many} – {whose}") if over else _("{many} pour le {day} – {whose}")
    title = title.format(many=many, day=f"{first.due_on:%d/%m/%Y}", whose=whose)
    heading = _("{cabinet} attend de vous {many}").format(cabinet=first.client.cabinet.name, many=_pieces(asked))
    said = _(
        "Déposez chaque pièce depuis sa ligne : elle est aussitôt rayée de la liste, et ce message ne revient plus."
    )
    where = f"/demandes/{first.id}" if len(asked) == 1 else "/demandes"
    button = Link(_("Déposer les pièces"), address(where))
    made = message(title, heading, (hello(user), said), button)
    return replace(made, sections=tuple(_section(r, items, today, len(clients) > 1) for r, items in asked))


def _pieces(asked: Asked) -> str:
    return counted(sum(len(items) for _r, items in asked), "pièce", "pièces")


def _section(request: DocumentRequest, items: Sequence[RequestedItem], today: date, named: bool) -> Section:
    over = late(request, today)
    when = _("pour le {day}").format(day=f"{request.due_on:%d/%m/%Y}")
    if over:
        when = _("attendu depuis {days}").format(days=counted(over, "jour", "jours"))
    whose = f"{request.client.name} – " if named else ""
    rows = tuple(Row(i.label, about(i), address(f"/demandes/piece/{i.id}")) for i in items[:SHOWN])
    tone = "trouble" if over else ""
    return Section(
        f"{whose}{request.title}, {when}", rows, tone, of=len(items), others=_("et {n} autres"), most=SHOWN
    )  # fmt: skip


def about(item: RequestedItem) -> str:
    """`octobre 2026 · 3 documents`."""
    said = [periods.said(item.start, item.end, english=spoken() == ENGLISH)]
    if item.expected > 1:
        said.append(counted(item.expected, "document", "documents"))
    if item.again == "refused":
        said.append(_("à refaire"))
    return " · ".join(filter(None, said))
