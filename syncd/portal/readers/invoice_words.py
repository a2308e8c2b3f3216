"""What both families of invoices share: texts cut and cleaned, numbers, companies."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from syncd.core.company_numbers import siren_in
from syncd.core.invoices import MOST, amount, rounded
from syncd.core.plain_text import one_line
from syncd.portal.readers.values import Item, Party, Tax
from syncd.portal.readers.xml_tree import Node

NAME, NOTE, FEW = 200, 2000, 20
SIREN, SIRET = "0002", "0009"  # of ISO/IEC 6523: whose numbers an identifier is of
_FRENCH = frozenset({SIREN, SIRET, "0225", ""})


def line(text: str, most: int = NAME) -> str:
    return one_line(text, most)


def sum_of(text: str) -> Decimal | None:
    """A total, as it is kept."""
    found = amount(text)
    kept = rounded(found) if found is not None else None
    return kept if kept is not None and abs(kept) < MOST else None


def notes(given: Iterable[str]) -> tuple[str, ...]:
    """Each once, not empty."""
    said = (line(text, NOTE) for text in given)
    return tuple(dict.fromkeys(text for text in said if text))[:FEW]


def vat_number(text: str) -> str:
    return line("".join(text.split()).upper(), 40)


def siren(identifiers: Iterable[Node], vat: str) -> str:
    """The first that holds a SIREN and is not said to be another register's; else that of a French VAT number."""
    for node in identifiers:
        if node.attributes.get("schemeID", "") in _FRENCH and (found := siren_in(node.text)):
            return found
    return siren_in(vat) if vat.startswith("FR") else ""


def party(name: str, siren: str, vat: str, lines: Iterable[str], contact: Iterable[str]) -> Party:
    def kept(given: Iterable[str]) -> tuple[str, ...]:
        return tuple(said for text in given if (said := line(text)))[:8]

    return Party(line(name), siren, vat, kept(lines), kept(contact))


def item(name: str, detail: str, quantity: Node, price: Node, rate: str, net: str) -> Item:
    """`quantity` bears its unit (UN/ECE Recommendation 20)."""
    return Item(
        line(name), line(detail, NOTE), amount(quantity.text), line(quantity.attributes.get("unitCode", ""), 20),
        amount(price.text), amount(rate), amount(net),
    )  # fmt: skip


def tax(rate: str, base: str, vat: str, why: str) -> Tax:
    return Tax(amount(rate), amount(base), amount(vat), line(why, NOTE))


def in_currency(nodes: list[Node], currency: str) -> str:
    """Of several sums that of the invoice's own currency; one that says none; else the first."""
    for wanted in (currency, ""):
        for node in nodes:
            if node.attributes.get("currencyID", "").upper() == wanted and node.text.strip():
                return node.text
    return nodes[0].text if nodes else ""
