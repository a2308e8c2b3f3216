"""What the accounting software's files changed of clients, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from syncd.core.client_cards import CardChange, CardResult
from syncd.core.register_difference import Difference, Unknown, Why
from syncd.core.words.phrase import Phrase

_FIELDS = {
    "name": Phrase("raison sociale", "name"), "responsible": Phrase("responsable", "responsible"), "site": Phrase("site", "site"),
    "group": Phrase("groupe", "group"), "sector": Phrase("secteur", "sector"), "kind": Phrase("type", "type"),
    "kind_of_file": Phrase("dossier comptable", "accounting file"), "kind_of_work": Phrase("tenue du dossier", "bookkeeping"),
    "siren": Phrase("SIREN", "SIREN"), "siret": Phrase("SIRET", "SIRET"), "ape": Phrase("code APE", "APE code"), "vat": Phrase("TVA", "VAT"),
    "address": Phrase("adresse", "address"), "contact_name": Phrase("nom du contact", "contact's name"),
    "contact_email": Phrase("e-mail du contact", "contact's e-mail"), "contact_phone": Phrase("téléphone du contact", "contact's telephone"),
    "exercise": Phrase("exercice", "exercise"), "ape_2025": Phrase("code APE (NAF 2025)", "APE code (NAF 2025)"),
    "legal_form": Phrase("forme juridique", "legal form"), "vat_regime": Phrase("régime de TVA", "VAT regime"),
    "profit_category": Phrase("catégorie de revenus", "category of profits"), "profit_tax": Phrase("impôt sur le bénéfice", "tax on profits"),
    "headcount": Phrase("effectif", "headcount"), "closing_day": Phrase("jour de clôture", "closing day"),
    "department": Phrase("département", "department"), "fiscal_flags": Phrase("particularités fiscales", "tax particulars"),
}  # fmt: skip
_WHY = {
    Why.NO_CODE: Phrase("« {what} » n'est pas un code dossier", "“{what}” is no code"),
    Why.TWICE: Phrase("{what} : deux lignes différentes, aucune n'est appliquée", "{what}: two lines that differ, neither is applied"),
    Why.TWIN: Phrase("{what} : un client a ce code, en d'autres majuscules", "{what}: a client has this code in other capitals"),
    Why.NO_NAME: Phrase("{what} : nouveau client sans raison sociale", "{what}: a new client without a name"),
    Why.CLOSED: Phrase("{what} : client désactivé, sa fiche reste comme elle est", "{what}: client switched off, its card stays as it is"),
    Why.NO_RIGHT: Phrase("{what} : en attente du droit sur les fiches (Réglages)", "{what}: waits for the right to cards (settings)"),
    Why.PERSON: Phrase("« {what} » n'a pas d'accès au cabinet : créez-le sur la plateforme", "“{what}” has no access at the firm: create it on the portal"),
    Why.CLIENT: Phrase("{what} : aucun client de ce code", "{what}: no client has this code"),
    Why.EXERCISE: Phrase("clôture au {what} : elle ne suit aucun exercice connu", "closing on {what}: it follows no exercise that is known"),
}  # fmt: skip
_FILES = Phrase("Fichiers : {files}", "Files: {files}")
_CREATED = Phrase("Créés : {n}", "Created: {n}")
_CHANGED = Phrase("Modifiés : {n}", "Changed: {n}")
_UNKNOWN = Phrase("Inconnus ou non appliqués : {n}", "Unknown, or not applied: {n}")
_SAME = Phrase("Sans changement : {n}", "Unchanged: {n}")
_REFUSED = Phrase("Refusés par la plateforme : {n}", "Refused by the portal: {n}")
_HELD = Phrase(
    "{file} n'a plus que {now} lignes, au lieu de {before} : rien n'en est appliqué. S'il est juste, acceptez-le par « syncd intake --yes ».",
    "{file} has {now} lines, instead of {before}: nothing of it is applied. If it is right, agree with 'syncd intake --yes'.",
)
_FEWER = Phrase("{now} lignes au lieu de {before}", "{now} lines instead of {before}")
_MISREAD = Phrase("Rien n'est appliqué : {why}", "Nothing is applied: {why}")
_STAYS = Phrase(
    "Les fichiers restent en place : la synchronisation n'a pas le droit de tout appliquer. Le correspondant le donne dans « Réglages ».",
    "The files stay where they are: the synchronisation may not apply all of it. The correspondent gives that right in the settings.",
)
_KEPT = Phrase("Fichiers gardés dans {kept}", "Files kept in {kept}")
_YOUNG = Phrase("En cours d'écriture, repris plus tard.", "Still being written, taken up later.")
_NONE = Phrase("Aucun fichier de configuration.", "No configuration file.")


class HeldFile(Protocol):
    @property
    def file(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def before(self) -> int: ...
    @property
    def now(self) -> int: ...


class Told(Protocol):
    """A turn over the files (syncd.jobs.client_register)."""

    @property
    def found(self) -> tuple[str, ...]: ...
    @property
    def lines(self) -> Mapping[str, int]: ...
    @property
    def held(self) -> tuple[Any, ...]: ...
    @property
    def difference(self) -> Difference: ...
    @property
    def refused(self) -> list[CardResult]: ...
    @property
    def stays(self) -> bool: ...
    @property
    def kept(self) -> str: ...
    @property
    def young(self) -> float: ...


def text(told: Told, language: str) -> str:
    return "".join(f"{line}\n" for line in _lines(told, language))


def lines(told: Told, language: str) -> Iterator[dict[str, object]]:
    """The same for programs (docs/json.md)."""
    for held in told.held:
        yield {"action": "held", "where": held.file, "detail": held_sentence(held, language)}
    for change in told.difference.created:
        yield {"action": "create", "client": change.code, **_told_values(change)}
    for one in told.difference.changed:
        yield {"action": "change", "client": one.change.code, **_told_values(one.change), "before": dict(one.before)}
    for unknown in told.difference.unknown:
        said = unknown_sentence(unknown, language)
        yield {
            "action": "unknown",
            "client": unknown.code,
            "reason": unknown.why.value,
            "where": unknown.where,
            "detail": said,
        }
    for result in told.refused:
        for detail in [result.detail] if result.detail else result.faults.values():
            yield {"action": "refused", "client": result.code, "reason": result.reason, "detail": detail}


def _told_values(change: CardChange) -> dict[str, object]:
    exercise = {"exercise": change.exercise.label} if change.exercise is not None else {}
    return {"values": dict(change.values), **exercise}


def _lines(told: Told, language: str) -> Iterator[str]:
    if not told.found and not told.held:
        yield _NONE(language)
        return
    yield _FILES(language, files=", ".join(told.found) or "–")
    for held in told.held:
        yield held_sentence(held, language)
    if told.young > 0:
        yield _YOUNG(language)
    if (told.held and not told.difference.changes) or told.young > 0:
        return
    found = told.difference
    yield _CREATED(language, n=len(found.created))
    yield from (f"  {change.code}  {_values(change, {}, language)}" for change in found.created)
    yield _CHANGED(language, n=len(found.changed))
    yield from (f"  {one.change.code}  {_values(one.change, one.before, language)}" for one in found.changed)
    yield _UNKNOWN(language, n=len(found.unknown))
    yield from (f"  {one.where}  {unknown_sentence(one, language)}" for one in found.unknown)
    if told.refused:
        yield _REFUSED(language, n=len(told.refused))
        for result in told.refused:
            yield from (
                f"  {result.code}  {said}" for said in ([result.detail] if result.detail else result.faults.values())
            )
    yield _SAME(language, n=found.same)
    if told.stays:
        yield _STAYS(language)
    if told.kept:
        yield _KEPT(language, kept=told.kept)


def held_sentence(held: HeldFile, language: str) -> str:
    if held.why:
        return _MISREAD(language, why=held.why)
    return _HELD(language, file=held.file, now=held.now, before=held.before)


def held_detail(held: HeldFile, language: str) -> str:
    """The same beside the file's name, for whoever types no command."""
    return held.why or _FEWER(language, now=held.now, before=held.before)


def unknown_sentence(one: Unknown, language: str) -> str:
    return _WHY[one.why](language, what=one.what)


def _values(change: CardChange, before: Mapping[str, str], language: str) -> str:
    said = [
        f"{_FIELDS[field](language)} : {before[field]} → {text}"
        if before.get(field)
        else f"{_FIELDS[field](language)} : {text}"
        for field, text in change.values.items()
        if field in _FIELDS
    ]
    if change.exercise is not None:
        said.append(f"{_FIELDS['exercise'](language)} : {change.exercise.label}")
    return " ; ".join(said)
