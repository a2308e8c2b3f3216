"""Customers and articles from an Excel sheet: the empty model, what is wrong where, and the rest taken in."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, Literal

from syncd.portal.clients import xlsx_reader
from syncd.portal.invoicing import typed_values
from syncd.portal.invoicing.content import Buyer
from syncd.portal.invoicing.customers import (
    articles_of,
    check_article,
    check_customer,
    customers_of,
    put_article,
    put_customer,
)
from syncd.portal.invoicing.entry import Level, changing, enter
from syncd.portal.invoicing.invoice_lines import Line
from syncd.portal.invoicing.units import UNITS
from syncd.portal.models import Client
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

What = Literal["customers", "articles"]
COLUMNS: dict[What, dict[str, str]] = {
    "customers": {
        "name": "Nom", "business": "Professionnel", "siren": "SIREN", "siret": "SIRET", "vat": "TVA", "street": "Rue", "postcode": "Code postal",
        "city": "Ville", "country": "Pays", "email": "E-mail", "reference": "Référence",
    },
    "articles": {
        "reference": "Référence", "name": "Désignation", "description": "Détail", "price": "Prix HT", "tax": "TVA", "unit": "Unité",
        "goods": "Bien ou service",
    },
}  # fmt: skip
_NO = ("non", "n", "0", "no", "particulier")
_GOODS = ("bien", "b", "biens", "marchandise")
_UNITS = {word.casefold(): code for code, word in UNITS.items() if word} | {"heure": "HUR", "jour": "DAY", "": "C62"}


@dataclass(frozen=True, slots=True)
class RowFault:
    """`row` as Excel numbers it."""

    row: int
    message: str


@dataclass(slots=True)
class TakenIn:
    """`added`, `changed`: how many."""

    added: int = 0
    changed: int = 0
    faults: list[RowFault] = field(default_factory=list)


def model(actor: Person, client: Client, what: What) -> bytes:
    """The empty sheet. Raises Refusal."""
    enter(actor, client, Level.DRAFT)
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Clients" if what == "customers" else "Articles"
    for n, label in enumerate(COLUMNS[what].values(), 1):
        cell = sheet.cell(1, n, label)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="14507A")
        sheet.column_dimensions[get_column_letter(n)].width = max(14, len(label) + 6)
        for row in range(2, 502):
            sheet.cell(row, n).number_format = "@"  # text: leading zeros stay
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take_in(actor: Person, client: Client, what: What, source: BinaryIO) -> TakenIn:
    """What is right is kept, by its name (or an article's reference) over what is there; what is wrong is said, row by row.
    Raises Refusal when it is no such sheet."""
    enter(actor, client, Level.DRAFT)
    grid = xlsx_reader.rows(source)
    labels = {label.casefold(): key for key, label in COLUMNS[what].items()}
    heads = [labels.get(c.strip().casefold(), "") for c in (grid[0] if grid else [])]
    if "name" not in heads:
        raise Refusal(Code.SALES_HEADS, head=COLUMNS[what]["name"])
    done = TakenIn()
    wanted: list[Buyer | Line] = []
    for n, cells in enumerate(grid[1:], 2):
        given = {key: c.strip() for key, c in zip(heads, cells, strict=False) if key}
        if not any(given.values()):
            continue
        made = _buyer(given) if what == "customers" else _line(given)
        try:
            check_customer(made) if isinstance(made, Buyer) else check_article(made)
        except Refusal as e:
            done.faults.append(RowFault(n, str(e)))
            continue
        wanted.append(made)
    _keep(actor, client, what, wanted, done)
    return done


def _buyer(given: dict[str, str]) -> Buyer:
    return Buyer(
        given.get("name", ""), given.get("business", "").casefold() not in _NO, _digits(given.get("siren", "")) or _digits(given.get("siret", ""))[:9],
        _digits(given.get("siret", "")), given.get("vat", "").replace(" ", "").upper(), given.get("street", ""), given.get("postcode", ""),
        given.get("city", ""), given.get("country", "").upper() or "FR", given.get("email", ""), reference=given.get("reference", ""),
    )  # fmt: skip


def _digits(text: str) -> str:
    return text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace(".", "")


def _line(given: dict[str, str]) -> Line:
    return Line(
        given.get("name", ""), Decimal(1), typed_values.number(given.get("price", "")), typed_values.tax(given.get("tax", "") or "20"),
        _UNITS.get(given.get("unit", "").casefold(), given.get("unit", "").upper()), goods=given.get("goods", "").casefold() in _GOODS,
        description=given.get("description", ""), reference=given.get("reference", ""),
    )  # fmt: skip


def _keep(actor: Person, client: Client, what: What, wanted: list[Buyer | Line], done: TakenIn) -> None:
    with changing(actor, client, Level.DRAFT) as sales:
        if what == "customers":
            there = {c.buyer.name.casefold(): c.id for c in customers_of(sales)}
        else:
            there = {(a.line.reference or a.line.name).casefold(): a.id for a in articles_of(sales)}
        for made in wanted:
            key = made.name if isinstance(made, Buyer) else made.reference or made.name
            known = there.get(key.casefold(), "")
            put = put_customer(sales, made, known) if isinstance(made, Buyer) else put_article(sales, made, known)
            there[key.casefold()] = put
            done.changed += bool(known)
            done.added += not known
        sales.note(what, f"{done.added + done.changed}")
