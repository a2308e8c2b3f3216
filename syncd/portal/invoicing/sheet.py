"""The sheet of a quote or an invoice: one page of HTML, which is what is seen, printed and made into a PDF."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.template.loader import render_to_string

from syncd.core.brand_colour import contrast, sound
from syncd.core.company_numbers import siren_in
from syncd.portal.invoicing.content import Content, Frozen, Kind
from syncd.portal.invoicing.invoice_lines import places
from syncd.portal.invoicing.taxes import Category, Tax, rate_text
from syncd.portal.invoicing.units import unit_of
from syncd.portal.language import FRENCH, decimal, money, speaking

STYLE = Path(__file__).parent / "sheet.css"
MODELS = ("classic", "band", "airy")
PLACES = ("left", "centre", "right")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    description: str
    reference: str
    quantity: str
    price: str
    rebate: str
    rate: str
    net: str


@dataclass(frozen=True, slots=True)
class TaxRow:
    rate: str
    net: str
    vat: str


def html(frozen: Frozen, logo: bytes, *, draft: bool = False) -> str:
    """In French, whoever looks. `logo`: PNG, b'' for none."""
    look, content = frozen.look, frozen.content
    with speaking(FRENCH):
        return render_to_string(
            "portal/invoice_sheet.html",
            {
                "frozen": frozen, "content": content, "seller": frozen.seller, "buyer": content.buyer, "totals": frozen.totals,
                "kind": content.kind, "heading": title(content, frozen.number), "draft": draft, "rows": list(_rows(frozen)), "taxes": list(_taxes(frozen)),
                "net": money(frozen.totals.net, "EUR"), "vat": money(frozen.totals.vat, "EUR"), "gross": money(frozen.totals.gross, "EUR"),
                "rebate": money(frozen.totals.rebate, "EUR") if frozen.totals.rebate else "",
                "line_sum": money(frozen.totals.line_sum, "EUR"), "deducted": bool(content.deductions),
                "suffix": " ".join(m.text for m in frozen.mentions if m.place == "name"),
                "notes": [m.text for m in frozen.mentions if m.place in ("note", "reason")],
                "delivery": bool(content.buyer.delivery_city or content.buyer.delivery_street),
                "exempt": content.exemption if _says_why(frozen) else "", "nature": _nature(content),
                "logo": f"data:image/png;base64,{base64.b64encode(logo).decode()}" if logo else "",
                "model": look.model if look.model in MODELS else MODELS[0],
                "place": look.logo_place if look.logo_place in PLACES else PLACES[0], "style": style(look.colour),
                "siren": _siren(frozen.seller.siren), "own_siren": _siren(content.buyer.siren),
            },
        )  # fmt: skip


def _siren(text: str) -> str:
    return f"{text[:3]} {text[3:6]} {text[6:]}" if siren_in(text) == text else text


def _says_why(frozen: Frozen) -> bool:
    return not frozen.seller.franchise and any(
        line.tax.category is Category.EXEMPT for line in frozen.content.lines
    )  # fmt: skip


def _nature(content: Content) -> str:
    """What is sold: goods, services, or both."""
    goods = {line.goods for line in content.lines}
    return "both" if len(goods) == 2 else "goods" if True in goods else "services"


def _rows(frozen: Frozen) -> Iterator[Row]:
    for line, amounts in zip(frozen.content.lines, frozen.totals.lines, strict=True):
        quantity = f"{line.quantity.normalize():f}".replace(".", ",")
        yield Row(
            line.name, line.description, line.reference, f"{quantity} {unit_of(line.unit)}".strip(), _price(line.price),
            f"{_exact(line.rebate)} %" if line.rebate else "", _rate(line.tax), money(amounts.net, "EUR"),
        )  # fmt: skip
    for d in frozen.content.deductions:
        yield Row(
            f"Acompte déjà facturé : facture {d.number} du {d.issued:%d/%m/%Y}", "", "", "", "", "", _rate(d.tax), money(-d.net, "EUR")
        )  # fmt: skip


def _taxes(frozen: Frozen) -> Iterator[TaxRow]:
    for each in frozen.totals.taxes:
        yield TaxRow(_rate(each.tax), money(each.net, "EUR"), money(each.vat, "EUR"))


def _rate(tax: Tax) -> str:
    return f"{_percent(tax.rate)} %" if tax.category is Category.STANDARD else "–"


def _exact(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", ",")


def _price(price: Decimal) -> str:
    """With all the decimals it has."""
    return decimal(price) if places(price) <= 4 else _exact(price)


def _percent(rate: Decimal) -> str:
    return rate_text(rate).replace(".", ",")


def style(colour: str) -> str:
    """Of the one file: the company's colour, a light tint of it, and what is read on it."""
    own = sound(colour)
    on = "#ffffff" if contrast(own, "#ffffff") >= contrast(own, "#17202b") else "#17202b"
    ink = own if contrast(own, "#ffffff") >= 4.5 else "#17202b"
    parts = [int(own[n : n + 2], 16) for n in (1, 3, 5)]
    tint = "#" + "".join(f"{round(255 - (255 - c) * 0.1):02x}" for c in parts)
    text = _style()
    for name, value in (("own", own), ("tint", tint), ("ink", ink), ("on", on)):
        text = text.replace(f"@{name}@", value)
    return text


@lru_cache(maxsize=1)
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def title(content: Content, number: str) -> str:
    """As files and lists call it."""
    words = {
        Kind.QUOTE: "Devis", Kind.CREDIT: "Avoir", Kind.PREPAYMENT: "Facture d'acompte", Kind.CORRECTED: "Facture rectificative",
    }  # fmt: skip
    return f"{words.get(content.kind, 'Facture')} {number}".strip()
