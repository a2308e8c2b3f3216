"""An issued invoice in the terms of EN 16931 (BT, BG), for the French platforms: pure values, which the file is written from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from syncd.portal.invoicing.content import Buyer, Content, Frozen, Kind, Seller, process, type_code
from syncd.portal.invoicing.invoice_lines import Deduction, Line, LineAmounts
from syncd.portal.invoicing.taxes import Category, Tax, rate_text

SIREN, SIRET, ADDRESS, EMAIL = "0002", "0009", "0225", "EM"  # ISO 6523, and the list of electronic addresses
NO_ADDRESS = "sans-adresse@client.invalid"  # BT-49 is asked for of everybody, also of who has none (RFC 2606)
TRANSFER = "30"  # UNTDID 4461
Terms = dict[str, Any]


def terms(frozen: Frozen) -> Terms:
    content, totals = frozen.content, frozen.totals
    found: Terms = {
        "BT-1": frozen.number, "BT-2": frozen.issued, "BT-3": type_code(content), "BT-5": "EUR", "BT-23": process(content),
        "BG-1": [*_notes(frozen)], "BG-3": [*_preceding(content)],
        "BG-4": _seller(frozen), "BG-7": _buyer(content.buyer, outside=_outside(content)),
        "BT-72": content.supplied or frozen.issued,
        "BG-20": [*_allowances(frozen)], "BG-23": [*_breakdown(frozen)],
        "BG-25": [*_lines(frozen)],
        "BT-106": _money(totals.line_sum), "BT-109": _money(totals.net), "BT-110": _money(totals.vat), "BT-112": _money(totals.gross),
        "BT-115": _money(totals.gross),
    }  # fmt: skip
    if totals.rebate:
        found["BT-107"] = _money(totals.rebate)
    if frozen.due is not None and content.kind.family == "invoice":
        found["BT-9"] = frozen.due
    if frozen.seller.debits and not frozen.seller.franchise:
        found["BT-8"] = "invoice"
    for term, text in (("BT-10", content.buyer.reference), ("BT-13", content.order), ("BT-20", content.terms.payment)):
        if text.strip():
            found[term] = text.strip()
    _means(found, frozen)
    _delivery(found, content)
    return found


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _plain(amount: Decimal) -> str:
    """Without an exponent, and no zeros behind."""
    return f"{amount.normalize():f}"


def _notes(frozen: Frozen) -> Iterator[Terms]:
    buyer, content = frozen.content.buyer, frozen.content
    abroad = buyer.country != "FR"
    yield {"BT-21": "BAR", "BT-22": ("B2BINT" if abroad else "B2B") if buyer.business else "B2C"}
    for mention in frozen.mentions:
        if mention.place in ("note", "data"):
            yield {"BT-21": mention.code, "BT-22": mention.text} if mention.code else {"BT-22": mention.text}
    if frozen.seller.legal.strip():
        yield {"BT-21": "REG", "BT-22": frozen.seller.legal.strip()}
    for text in (content.subject, content.note):
        if text.strip():
            yield {"BT-22": text.strip()}


def _preceding(content: Content) -> Iterator[Terms]:
    said: dict[str, date] = {p.number: p.issued for p in content.preceding}
    if content.kind is not Kind.CORRECTED:  # BR-FR-CO-04: it names one, and that is the one it takes the place of
        said |= {d.number: d.issued for d in content.deductions}
    for number, issued in said.items():
        yield {"BT-25": number, "BT-26": issued}


def _address(of: Seller | Buyer) -> Terms:
    return {"addr_l1": of.street, "postcode": of.postcode, "city": of.city, "country_code": of.country}


def _seller(frozen: Frozen) -> Terms:
    seller, name = frozen.seller, frozen.seller.name
    suffix = " ".join(m.text for m in frozen.mentions if m.place == "name")
    party: Terms = {
        "name": f"{name} {suffix}".strip(), "legal_identifier": seller.siren, "legal_identifier_schemeid": SIREN, **_address(seller),
        "einvoicing_addr": seller.endpoint or seller.siren, "einvoicing_addr_schemeid": ADDRESS,
    }  # fmt: skip
    if seller.siret:
        party["identifiers"] = {SIRET: seller.siret}
    if seller.legal.strip():
        party["legal_info"] = seller.legal.strip()
    if _outside(frozen.content):
        return party
    if seller.vat:
        party["vat_identifier"] = seller.vat
    else:
        party["tax_identifier"] = seller.siren
    return party


def _outside(content: Content) -> bool:
    """BR-O-02: no number of VAT is said where nothing is within its reach."""
    return any(line.tax.category is Category.OUTSIDE for line in content.lines)


def _buyer(buyer: Buyer, *, outside: bool) -> Terms:
    party: Terms = {"name": buyer.name, **_address(buyer)}
    if buyer.siren:
        party |= {"legal_identifier": buyer.siren, "legal_identifier_schemeid": SIREN}
    if buyer.siret:
        party["identifiers"] = {SIRET: buyer.siret}
    if buyer.vat and not outside:
        party["vat_identifier"] = buyer.vat
    if buyer.business and buyer.country == "FR":
        return party | {"einvoicing_addr": buyer.endpoint or buyer.siren, "einvoicing_addr_schemeid": ADDRESS}
    return party | {"einvoicing_addr": buyer.email or NO_ADDRESS, "einvoicing_addr_schemeid": EMAIL}


def _means(found: Terms, frozen: Frozen) -> None:
    iban = frozen.seller.iban.replace(" ", "")
    if iban and frozen.content.kind.family == "invoice":
        found |= {"BT-81": TRANSFER, "BT-84": iban}


def _delivery(found: Terms, content: Content) -> None:
    buyer = content.buyer
    if buyer.delivery_city.strip() or buyer.delivery_street.strip():
        found["BG-13"] = {
            "name": buyer.delivery_name or buyer.name, "addr_l1": buyer.delivery_street, "postcode": buyer.delivery_postcode,
            "city": buyer.delivery_city, "country_code": buyer.delivery_country or buyer.country,
        }  # fmt: skip
    elif any(line.tax.category is Category.INTRA_EU for line in content.lines):
        found["BG-13"] = {"name": buyer.name, **_address(buyer)}  # BR-IC-12: where it goes


def _rate(tax: Tax) -> Terms:
    """BR-O-05: what is outside has no rate at all."""
    return {} if tax.category is Category.OUTSIDE else {"rate": rate_text(tax.rate)}


def _allowances(frozen: Frozen) -> Iterator[Terms]:
    for each in frozen.totals.taxes:
        if each.rebate:
            rate = _rate(each.tax).get("rate")
            yield {
                "amount": _money(each.rebate), "reason": "Remise", "reason_code": "95", "vat_category_code": str(each.tax.category),
                **({"vat_rate": rate} if rate else {}),
            }  # fmt: skip


def _breakdown(frozen: Frozen) -> Iterator[Terms]:
    reasons = {m.code: m.text for m in frozen.mentions if m.place == "reason"}
    for each in frozen.totals.taxes:
        found: Terms = {"BT-116": _money(each.net), "BT-117": _money(each.vat), "BT-118": str(each.tax.category)}
        if rate := _rate(each.tax).get("rate"):
            found["BT-119"] = rate
        if each.tax.category is not Category.STANDARD:
            code = _code(each.tax.category, reasons)
            found["BT-120"] = reasons.get(code) or frozen.content.exemption
            if code:
                found["BT-121"] = code
        yield found


_CODES = {
    Category.REVERSE_CHARGE: "VATEX-EU-AE", Category.INTRA_EU: "VATEX-EU-IC", Category.EXPORT: "VATEX-EU-G",
    Category.OUTSIDE: "VATEX-EU-O", Category.EXEMPT: "VATEX-FR-FRANCHISE",
}  # fmt: skip


def _code(category: Category, reasons: dict[str, str]) -> str:
    """'' where a person says in words why nothing is charged."""
    code = _CODES.get(category, "")
    return code if code in reasons else ""


def _lines(frozen: Frozen) -> Iterator[Terms]:
    content, n = frozen.content, 0
    for line, amounts in zip(content.lines, frozen.totals.lines, strict=True):
        n += 1
        yield _line(n, line, amounts)
    for deduction in content.deductions:
        n += 1
        yield _deduction(n, deduction)


def _line(n: int, line: Line, amounts: LineAmounts) -> Terms:
    found: Terms = {
        "BT-126": str(n), "BT-153": line.name.strip(), "BT-129": _plain(line.quantity), "BT-130": line.unit,
        "BT-146": _plain(amounts.price.quantize(Decimal("0.000001"), ROUND_HALF_UP)), "BT-131": _money(amounts.net),
        "BT-151": str(line.tax.category),
    }  # fmt: skip
    if rate := _rate(line.tax).get("rate"):
        found["BT-152"] = rate
    if line.description.strip():
        found["BT-154"] = line.description.strip()
    if line.reference.strip():
        found["BT-155"] = line.reference.strip()
    if amounts.rebate:
        found["BG-27"] = [{"amount": _money(amounts.rebate), "reason": "Remise", "reason_code": "95"}]
    return found


def _deduction(n: int, deduction: Deduction) -> Terms:
    found: Terms = {
        "BT-126": str(n), "BT-153": f"Acompte déjà facturé, facture {deduction.number}", "BT-129": "-1", "BT-130": "C62",
        "BT-146": _plain(deduction.net), "BT-131": _money(-deduction.net), "BT-151": str(deduction.tax.category),
    }  # fmt: skip
    if rate := _rate(deduction.tax).get("rate"):
        found["BT-152"] = rate
    return found
