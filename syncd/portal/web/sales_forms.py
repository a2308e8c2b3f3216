"""Forms of quotes and invoices as values: what cannot be read is kept as it is wrong, and said before anything is issued."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from django.http import QueryDict

from syncd.core.plain_text import one_line
from syncd.portal.invoicing import typed_values
from syncd.portal.invoicing.content import Buyer, Content, Look, Seller, Terms
from syncd.portal.invoicing.invoice_lines import Line
from syncd.portal.invoicing.profile import Prefixes, Profile
from syncd.portal.invoicing.readiness import MOST_LINES

TEXT = 4000


def _one(post: QueryDict, name: str, most: int = 400) -> str:
    return one_line(post.get(name, ""), most).strip()


def _many(post: QueryDict, name: str) -> str:
    return post.get(name, "").replace("\r\n", "\n").replace("\x00", "")[:TEXT].strip()


def _code(post: QueryDict, name: str) -> str:
    return "".join(_one(post, name, 60).split()).upper()


def buyer(post: QueryDict) -> Buyer:
    siret = _code(post, "siret")
    return Buyer(
        _one(post, "name"), post.get("business") != "no", _code(post, "siren") or siret[:9], siret, _code(post, "vat"),
        _one(post, "street"), _one(post, "postcode", 20), _one(post, "city"), _code(post, "country") or "FR", _one(post, "email", 254),
        _one(post, "endpoint", 125), _one(post, "reference", 100), _one(post, "delivery_name"), _one(post, "delivery_street"),
        _one(post, "delivery_postcode", 20), _one(post, "delivery_city"), _code(post, "delivery_country"),
    )  # fmt: skip


def article(post: QueryDict) -> Line:
    return Line(
        _one(post, "name"), Decimal(1), typed_values.number(post.get("price", "")), typed_values.tax(post.get("tax", "")),
        post.get("unit", "C62")[:10], goods=post.get("goods") == "yes", description=_many(post, "description"), reference=_one(post, "reference", 100),
    )  # fmt: skip


def content(post: QueryDict, was: Content) -> Content:
    """`was`: what the form does not hold stays as it is."""
    return msgspec.structs.replace(
        was, buyer=buyer(post), lines=tuple(_lines(post)), rebate=typed_values.number(post.get("rebate", ""), Decimal(0)),
        with_vat=post.get("with_vat") == "on", subject=_one(post, "subject", 300), note=_many(post, "note"), order=_one(post, "order", 100),
        supplied=typed_values.day(post.get("supplied", "")), valid_until=typed_values.day(post.get("valid_until", "")),
        exemption=_one(post, "exemption", 500), terms=msgspec.structs.replace(was.terms, days=_days(post), payment=_one(post, "payment", 500)),
    )  # fmt: skip


def _days(post: QueryDict) -> int:
    text = post.get("days", "").strip()
    return int(text) if text.isdecimal() and len(text) < 5 else 30 if not text else -1


def _lines(post: QueryDict) -> list[Line]:
    """Those in which something was typed: a name, or a price."""
    columns = {
        name: post.getlist(f"line_{name}")
        for name in ("name", "description", "quantity", "unit", "price", "rebate", "tax", "goods", "reference")
    }  # fmt: skip
    found = []
    for n in range(min(len(columns["name"]), MOST_LINES + 1)):
        given = {name: values[n] if n < len(values) else "" for name, values in columns.items()}
        if not given["name"].strip() and not given["price"].strip():
            continue
        found.append(
            Line(
                one_line(given["name"], 400).strip(), typed_values.number(given["quantity"], Decimal(1)), typed_values.number(given["price"]),
                typed_values.tax(given["tax"]), given["unit"][:10] or "C62", typed_values.number(given["rebate"], Decimal(0)),
                given["goods"] == "yes", given["description"].replace("\r\n", "\n")[:TEXT].strip(), one_line(given["reference"], 100).strip(),
            )
        )  # fmt: skip
    return found


def profile(post: QueryDict) -> Profile:
    seller = Seller(
        _one(post, "name"), _code(post, "siren"), _code(post, "siret"), _code(post, "vat"), _one(post, "legal"), _one(post, "street"),
        _one(post, "postcode", 20), _one(post, "city"), "FR", _one(post, "email", 254), _one(post, "phone", 40), _one(post, "iban", 50),
        _one(post, "endpoint", 125), post.get("sole_trader") == "on", post.get("franchise") == "on", post.get("debits") == "on",
    )  # fmt: skip
    usual = Terms()
    terms = Terms(
        _days(post), _one(post, "late_rate", 300) or usual.late_rate, _one(post, "discount", 300) or usual.discount, _one(post, "payment", 500)
    )  # fmt: skip
    prefixes = Prefixes(
        post.get("prefix_quote", "")[:60], post.get("prefix_invoice", "")[:60], post.get("prefix_credit", "")[:60]
    )
    look = Look(post.get("model", "")[:20], post.get("colour", "").lower()[:7], post.get("logo_place", "")[:10])
    return Profile(seller, terms, prefixes, look)
