"""How an electronic invoice is said on pages: its amounts, days, codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from syncd.core import paths
from syncd.core.invoices import Form, Kind
from syncd.portal import language

register = template.Library()

KINDS: Mapping[Kind, str] = {
    Kind.INVOICE: noop("Facture"), Kind.CREDIT: noop("Avoir"), Kind.DEPOSIT: noop("Facture d'acompte"),
    Kind.CORRECTED: noop("Facture rectificative"),
}  # fmt: skip
FORMS: Mapping[Form, str] = {
    Form.FACTUR_X: "Factur-X", Form.ZUGFERD_1: "ZUGFeRD 1", Form.CII: "CII", Form.UBL: "UBL",
    Form.STATUS: noop("Statut de facture"), Form.ORDER: "Order-X", Form.BROKEN: "Factur-X",
}  # fmt: skip
_SUMS: Mapping[str, str] = {
    "lines": noop("Total des lignes"), "charges": noop("Frais"), "allowances": noop("Remises"),
    "prepaid": noop("Déjà payé"), "rounding": noop("Arrondi"),
}  # fmt: skip
_REFERS: Mapping[str, str] = {
    "order": noop("Commande"), "contract": noop("Contrat"), "seller_order": noop("Commande chez le fournisseur"),
    "invoice": noop("Facture d'origine"),
}  # fmt: skip
_UNITS: Mapping[str, str] = {  # of UN/ECE Recommendation 20, those that most invoices use
    "C62": "", "H87": "", "EA": "", "NAR": "", "ZZ": "", "XPP": "", "HUR": noop("h"), "DAY": noop("j"), "MON": noop("mois"), "KGM": "kg", "GRM": "g",
    "TNE": "t", "LTR": "l", "MTR": "m", "KMT": "km", "MTK": "m²", "MTQ": "m³", "KWH": "kWh", "MIN": "min", "LS": noop("forfait"),
}  # fmt: skip


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    return language.money(amount, currency) if amount is not None else ""


@register.filter
def decimal(amount: Decimal | None) -> str:
    """As few decimals as it needs: `2`, `0,5`."""
    if amount is None:
        return ""
    said = language.decimal(amount)
    return said[:-3] if amount == amount.to_integral_value() else said


@register.filter
def on(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


@register.filter
def invoice_kind(kind: Kind) -> str:
    return gettext(KINDS[kind])


@register.filter
def invoice_title(form: str, kind: Kind) -> str:
    """`Facture`, `Avoir`; of what is none, what it is."""
    return invoice_form(form) if form in (Form.STATUS, Form.ORDER) else invoice_kind(kind)


@register.filter
def plain_day(value: datetime) -> str:
    return f"{timezone.localtime(value):%d/%m/%Y}"


@register.filter
def ending(path: str) -> str:
    """`XML` of a document's name."""
    return paths.split_ext(paths.name(path))[1].lstrip(".").upper()


@register.filter
def invoice_form(form: str) -> str:
    return gettext(FORMS[Form(form)])


@register.filter
def sum_name(what: str) -> str:
    return gettext(_SUMS[what])


@register.filter
def refer_name(what: str) -> str:
    return gettext(_REFERS[what])


@register.filter
def unit(code: str) -> str:
    """As people write it; its code where it is a rare one."""
    said = _UNITS.get(code, code)
    return gettext(said) if said else ""
