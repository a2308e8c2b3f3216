"""A client's card: what is checked, what is only noted. Incomplete is a note, never a block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from stdnum.fr import siren, siret, tva

from syncd.core import fiscal_facts
from syncd.core.client_classification import FileKind, WorkKind
from syncd.core.plain_text import one_line
from syncd.core.search_folding import fold
from syncd.core.templates import Template
from syncd.portal.clients import clients, fiscal_words
from syncd.portal.clients.clients import check_name
from syncd.portal.clients.tree import bump
from syncd.portal.models import Client, User
from syncd.portal.people.accounts import check_email
from syncd.portal.people.visibility import changing_card
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor

FIELDS = (
    "site", "group", "sector", "kind", "kind_of_file", "kind_of_work", "siren", "siret", "ape", "vat", "address", "contact_name", "contact_email", "contact_phone",
    "ape_2025", *fiscal_facts.FIELDS,
)  # fmt: skip
LABELS = fiscal_words.LABELS | {
    "site": noop("site"), "group": noop("groupe"), "sector": noop("secteur"), "kind": noop("type"), "kind_of_file": noop("dossier comptable"),
    "kind_of_work": noop("tenue du dossier"), "siren": noop("SIREN"), "siret": noop("SIRET"), "ape": noop("code APE"),
    "vat": noop("TVA intracommunautaire"), "address": noop("adresse"), "contact_name": noop("nom du contact"), "contact_email": noop("e-mail du contact"),
    "contact_phone": noop("téléphone du contact"), "name": noop("raison sociale"), "code": noop("code dossier"), "responsible": noop("responsable"),
}  # fmt: skip
FILE_KINDS = {FileKind.ORIGINAL: noop("Original"), FileKind.COPIE: noop("Copie")}
WORK_KINDS = {
    WorkKind.COLLABORATIVE: noop("Collaborative"), WorkKind.AUTONOME: noop("Autonome"), WorkKind.AUXILIAIRE: noop("Auxiliaire"),
}  # fmt: skip
_LIMITS = {"fiscal_flags": 400, "address": 500, "contact_name": 200, "contact_email": 254, "contact_phone": 40}
WANTED = ("siret", "address", "contact_name")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which field, in words."""

    field: str
    message: str


def cleaned(given: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """The fields as they are kept, and what is wrong with any of them."""
    out, faults = {}, []
    for field in FIELDS:
        text = one_line(str(given.get(field, "") or ""), 4096)
        try:
            out[field] = _CLEAN.get(field, _text)(text) if text else ""
        except Refusal as e:
            faults.append(Fault(field, str(e)))
    if out.get("siren") and out.get("siret") and not out["siret"].startswith(out["siren"]):
        faults.append(Fault("siret", str(Refusal(Code.SIRET_OF_ANOTHER, siren=out["siren"]))))
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


def _digits(text: str) -> str:
    return re.sub(r"[\s.-]", "", text)


def _siren(text: str) -> str:
    digits = _digits(text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise Refusal(Code.SIREN_LENGTH, text=text)
    if not int(digits) or not siren.is_valid(digits):  # nine zeros have a right key, and are nobody's
        raise Refusal(Code.SIREN_WRONG, text=text)
    return digits


def _siret(text: str) -> str:
    """La Poste's own, 356000000 and five digits, have a key of theirs."""
    digits = _digits(text)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise Refusal(Code.SIRET_LENGTH, text=text)
    if not int(digits[:9]) or not siret.is_valid(digits):
        raise Refusal(Code.SIRET_WRONG, text=text)
    return digits


def _vat(text: str) -> str:
    """Keys of digits, and of letters; Monaco's begin with 000 and hold no SIREN."""
    code = re.sub(r"[\s.]", "", text).upper()
    if not re.fullmatch(r"FR([0-9A-Z]{2})([0-9]{9})", code):
        raise Refusal(Code.VAT_MALFORMED, text=text)
    if not int(code[4:]) or not tva.is_valid(code):
        raise Refusal(Code.VAT_WRONG, text=text)
    return code


def _one_of(words: Mapping[FileKind, str] | Mapping[WorkKind, str], refused: Code) -> Callable[[str], str]:
    """Reads the word that is kept, or the one that people read, in either language."""

    def read(text: str) -> str:
        for word, said in words.items():
            if fold(text) in (word.value, fold(said), fold(_(said))):
                return word.value
        raise Refusal(refused, text=text)

    return read


_CLEAN = {
    "kind_of_file": _one_of(FILE_KINDS, Code.FILE_KIND_UNKNOWN), "kind_of_work": _one_of(WORK_KINDS, Code.WORK_KIND_UNKNOWN),
    "siren": _siren, "siret": _siret, "ape": fiscal_words.ape, "vat": _vat, "contact_email": check_email, **fiscal_words.CLEAN,
}  # fmt: skip


def words_of(client: Client) -> dict[str, str]:
    """The facts that are one of a few words, as people read them; '' where nobody said."""
    file, work = client.kind_of_file, client.kind_of_work
    return {
        "kind_of_file": _(FILE_KINDS[FileKind(file)]) if file else "",
        "kind_of_work": _(WORK_KINDS[WorkKind(work)]) if work else "",
        **fiscal_words.words_of(client),
    }


def choices() -> dict[str, list[tuple[str, str]]]:
    """What a form offers for those facts: the word that is kept, and what people read."""
    return {
        "file_kinds": [(word.value, _(said)) for word, said in FILE_KINDS.items()],
        "work_kinds": [(word.value, _(said)) for word, said in WORK_KINDS.items()],
        **fiscal_words.choices(),
    }


def missing(client: Client) -> list[str]:
    """What the card still lacks, in words."""
    return [_(LABELS[f]) for f in WANTED if not getattr(client, f)]


def create(
    actor: Actor, code: str, name: str, template: Template, values: Mapping[str, str], responsible: User | None
) -> Client:
    """A client with its card (`values` are `cleaned`). Raises Refusal."""
    with writing(actor.cabinet):
        client = clients.add(actor, code, name, template)
        write(client, values, responsible)
        audit.record(actor, "client_created", client.code)
    return client


def change(actor: Actor, client: Client, name: str, values: Mapping[str, str], responsible: User | None) -> None:
    """Its name and its card (`values` are `cleaned`). Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = changing_card(actor, client)
        if (name := check_name(name)) != client.name:
            held = Client.objects.select_for_update().get(id=client.id)
            held.name = name
            bump(held, feed)
            client.refresh_from_db()
        write(client, values, responsible)
        audit.record_of_any(actor, "client_changed", client.code)


def write(client: Client, values: Mapping[str, str], responsible: User | None) -> None:
    """The engine is told: its reports are cut by it. The caller's transaction has asked for the right, and tells of it."""
    for field, text in values.items():
        setattr(client, field, text)
    client.responsible = responsible
    with publishing(client.cabinet_id) as feed:
        client.save(update_fields=[*values, "responsible"])
        feed.client(client.id)


__all__ = [
    "FIELDS", "FILE_KINDS", "LABELS", "WORK_KINDS", "Fault", "change", "check_name", "choices", "cleaned", "create", "missing", "words_of",
    "write",
]  # fmt: skip
