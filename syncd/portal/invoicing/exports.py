"""Issued invoices for the accountant's software (CSV) and for the company itself (Excel); one as a mail ready to be sent."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP

from django.utils.translation import gettext as _

from syncd.core.plain_text import one_line
from syncd.portal.invoicing import files
from syncd.portal.invoicing.content import Frozen, Kind, type_code
from syncd.portal.invoicing.drafts import frozen_of
from syncd.portal.invoicing.entry import enter
from syncd.portal.invoicing.listing import between
from syncd.portal.invoicing.sheet import title
from syncd.portal.invoicing.typed_values import tax_text
from syncd.portal.models import Client
from syncd.portal.rights import Person

MOST = 20_000
HEADS = (
    "Numéro", "Date", "Type", "Code", "Échéance", "Client", "SIREN client", "TVA client", "Taux", "Base HT", "TVA", "TTC", "Facture d'origine",
)  # fmt: skip
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(actor: Person, client: Client, first: date, last: date) -> bytes:
    """A line for each tax of each invoice; credit notes below zero. UTF-8 with a mark, semicolons, decimal commas. Raises Refusal."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADS)
    for row in _lines(actor, client, first, last):
        writer.writerow([_said(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(actor: Person, client: Client, first: date, last: date) -> bytes:
    """The same as a workbook. Raises Refusal."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Factures"
    sheet.append(list(HEADS))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in _lines(actor, client, first, last):
        sheet.append([_safe(value) if isinstance(value, str) else value for value in row])
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


Cell = str | date | Decimal | None


def _lines(actor: Person, client: Client, first: date, last: date) -> Iterator[list[Cell]]:
    sales = enter(actor, client)
    for row in between(sales, first, last)[:MOST].iterator(200):
        yield from _taxes(frozen_of(row))


def _taxes(frozen: Frozen) -> Iterator[list[Cell]]:
    content, sign = frozen.content, -1 if frozen.content.kind is Kind.CREDIT else 1
    origin = ", ".join(p.number for p in content.preceding)
    for each in frozen.totals.taxes:
        yield [
            frozen.number, frozen.issued, title(content, "").strip(), type_code(content), frozen.due, content.buyer.name, content.buyer.siren,
            content.buyer.vat, tax_text(each.tax), sign * each.net, sign * each.vat, sign * (each.net + each.vat), origin,
        ]  # fmt: skip


def _said(value: Cell) -> str:
    match value:
        case None:
            return ""
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal():
            return f"{value:.2f}".replace(".", ",")
    return _safe(value)


def _safe(text: str) -> str:
    """No program takes it for a formula."""
    plain = one_line(text, 1000)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def mail_of(actor: Person, client: Client, document_id: str) -> tuple[str, bytes]:
    """Its name and a mail with the file, ready to be sent by the person's own program: it goes out from the company. Raises Refusal."""
    row, source = files.opened(actor, client, document_id)
    frozen = frozen_of(row)
    said, buyer = title(frozen.content, frozen.number), frozen.content.buyer
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"  # it opens to be read over and sent, not as one that came
    message["Subject"] = one_line(f"{said} - {frozen.seller.name}", 200)
    if _ADDRESS.fullmatch(buyer.email):  # one address, and nothing that the library stumbles over
        message["To"] = buyer.email
    joined = _("Vous trouverez ci-joint : {what}.").format(what=said)
    message.set_content("\n\n".join([_("Bonjour,"), joined, f"{_('Cordialement,')}\n{frozen.seller.name}\n"]))
    with source:
        message.add_attachment(source.read(), maintype="application", subtype="pdf", filename=files.name_of(row))
    return f"{files.name_of(row).removesuffix('.pdf')}.eml", message.as_bytes()
