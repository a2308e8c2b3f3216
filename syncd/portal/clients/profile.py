"""A client's card: what is checked, what is only noted. Incomplete is a note, never a block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core.errors import UsageError
from syncd.core.plain_text import one_line
from syncd.portal.clients.clients import check_name
from syncd.portal.models import Client, User
from syncd.portal.people.accounts import check_email
from syncd.portal.records.feed import publishing

FIELDS = (
    "site", "group", "sector", "kind", "siren", "siret", "ape", "vat", "address", "contact_name", "contact_email", "contact_phone",
)  # fmt: skip
LABELS = {
    "site": noop("site"), "group": noop("groupe"), "sector": noop("secteur"), "kind": noop("type"), "siren": noop("SIREN"), "siret": noop("SIRET"), "ape": noop("code APE"),
    "vat": noop("TVA intracommunautaire"), "address": noop("adresse"), "contact_name": noop("nom du contact"), "contact_email": noop("e-mail du contact"),
    "contact_phone": noop("téléphone du contact"), "name": noop("raison sociale"), "code": noop("code dossier"), "responsible": noop("responsable"),
}  # fmt: skip
_LIMITS = {"address": 500, "contact_name": 200, "contact_email": 254, "contact_phone": 40}
WANTED = ("siret", "address", "contact_name")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which field, in words."""

    field: str
    message: str


def luhn(digits: str) -> bool:
    """The check digit of SIREN and SIRET (La Poste's own SIRET do without; their SIREN is 356000000)."""
    total = 0
    for n, c in enumerate(reversed(digits)):
        d = int(c) * (1 + n % 2)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


def cleaned(given: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """The fields as they are kept, and what is wrong with any of them."""
    out, faults = {}, []
    for field in FIELDS:
        text = one_line(str(given.get(field, "") or ""), 4096)
        try:
            out[field] = _CLEAN.get(field, _text)(text) if text else ""
        except UsageError as e:
            faults.append(Fault(field, str(e)))
    if out.get("siren") and out.get("siret") and not out["siret"].startswith(out["siren"]):
        faults.append(Fault("siret", _("Le SIRET ne commence pas par le SIREN {siren}.").format(siren=out["siren"])))
    if out.get("siret") and not out.get("siren"):
        out["siren"] = out["siret"][:9]
    for field, text in out.items():
        if len(text) > (limit := _LIMITS.get(field, 100)):
            label = _(LABELS[field])
            said = _("{label} : {limit} caractères au plus.").format(label=label[0].upper() + label[1:], limit=limit)
            faults.append(Fault(field, said))
    return out, faults


def _text(text: str) -> str:
    return text


def _siren(text: str) -> str:
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise UsageError(_("Le SIREN « {text} » n'a pas 9 chiffres.").format(text=text))
    if not luhn(digits):
        raise UsageError(
            _("Le SIREN « {text} » contient une erreur : sa clé de contrôle est fausse.").format(text=text)
        )
    return digits


def _siret(text: str) -> str:
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise UsageError(_("Le SIRET « {text} » n'a pas 14 chiffres.").format(text=text))
    if not luhn(digits) and not (digits.startswith("356000000") and sum(map(int, digits)) % 5 == 0):
        raise UsageError(
            _("Le SIRET « {text} » contient une erreur : sa clé de contrôle est fausse.").format(text=text)
        )
    return digits


def _ape(text: str) -> str:
    code = re.sub(r"[\s.]", "", text).upper()
    if not re.fullmatch(r"[0-9]{4}[A-Z]", code):
        raise UsageError(
            _("Le code APE « {text} » s'écrit avec quatre chiffres et une lettre : 4711D.").format(text=text)
        )
    return code


def _vat(text: str) -> str:
    code = re.sub(r"[\s.]", "", text).upper()
    match = re.fullmatch(r"FR([0-9A-Z]{2})([0-9]{9})", code)
    if not match:
        raise UsageError(_("Le numéro de TVA « {text} » s'écrit FR, deux caractères et le SIREN.").format(text=text))
    if match[1].isdecimal() and int(match[1]) != (12 + 3 * (int(match[2]) % 97)) % 97:
        raise UsageError(
            _("Le numéro de TVA « {text} » contient une erreur : sa clé de contrôle est fausse.").format(text=text)
        )
    return code


_CLEAN = {"siren": _siren, "siret": _siret, "ape": _ape, "vat": _vat, "contact_email": check_email}


def missing(client: Client) -> list[str]:
    """What the card still lacks, in words."""
    return [_(LABELS[f]) for f in WANTED if not getattr(client, f)]


def write(client: Client, values: Mapping[str, str], responsible: User | None) -> None:
    """`values` are `cleaned`. The engine is told: its reports are cut by it."""
    for field, text in values.items():
        setattr(client, field, text)
    client.responsible = responsible
    with publishing(client.cabinet_id) as feed:
        client.save(update_fields=[*values, "responsible"])
        feed.client(client.id)


__all__ = ["FIELDS", "LABELS", "Fault", "check_name", "cleaned", "luhn", "missing", "write"]
