"""One sentence per event, in French or English."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from syncd.core import plan_totals, words
from syncd.core.events import Event

_ACTIONS: dict[str, tuple[str, str]] = {
    "upload": ("mis en ligne", "published"),
    "download": ("reçu", "received"),
    "set_aside": ("supprimé en ligne, conservé au cabinet", "deleted online, kept at the cabinet"),
    "keep_both": ("deux versions conservées", "two versions kept"),
    "restore": ("remis à sa place", "put back"),
    "move": ("déplacé ou renommé", "moved or renamed"),
    "make_folder": ("dossier créé", "folder made"),
    "withdraw": ("retiré de l'espace du client", "withdrawn from the client space"),
    "remove": ("retiré de l'espace du client", "removed online"),
    "leave": ("retiré au cabinet, toujours en ligne", "removed here, still online"),
    "record": ("déjà identique des deux côtés", "already the same on both sides"),
    "forget": ("disparu des deux côtés", "gone on both sides"),
    "intake": ("pris du scanner", "taken from the scanner"),
    "package": ("reçu par paquet d'échange", "received in an exchange package"),
    "export": ("remis au logiciel comptable", "handed to the accounting software"),
    "refused": ("refusé", "refused"),
    "problem": ("à reprendre", "to be taken up again"),
    "waiting": ("en attente de votre accord", "waiting for your agreement"),
    "stopped": ("interrompu", "stopped"),
}


_AS_IT_IS = ("leave", "record", "forget", "refused", "problem", "waiting", "stopped")  # nobody does it


def action(name: str, language: str) -> str:
    return _ACTIONS.get(name, (name, name))[language == "en"]


def _planned(name: str, said: str, number: int, language: str) -> str:
    """What a dry run tells of would be done, nothing was. `said`: of what was done."""
    if name in _AS_IT_IS:
        return said
    if language == "en":
        return f"would be {'kept in two versions' if name == 'keep_both' else said}"
    if name == "keep_both":
        return "seraient conservés en deux versions" if number > 1 else "serait conservé en deux versions"
    return f"{'seraient' if number > 1 else 'serait'} {said}"


# what a guard holds back, as something still to come: (one, many)
_HELD: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "upload": (
        ("document à mettre en ligne", "documents à mettre en ligne"),
        ("document to publish", "documents to publish"),
    ),
    "replace": (
        ("document à remplacer en ligne", "documents à remplacer en ligne"),
        ("document to replace online", "documents to replace online"),
    ),
    "replace_here": (
        ("document à remplacer au cabinet", "documents à remplacer au cabinet"),
        ("document to replace at the cabinet", "documents to replace at the cabinet"),
    ),
    "download": (("document à recevoir", "documents à recevoir"), ("document to receive", "documents to receive")),
    "set_aside": (
        ("document supprimé en ligne, à mettre de côté", "documents supprimés en ligne, à mettre de côté"),
        ("document deleted online, to set aside", "documents deleted online, to set aside"),
    ),
    "keep_both": (("document en conflit", "documents en conflit"), ("conflicting document", "conflicting documents")),
    "withdraw": (
        ("document à retirer de l'espace du client", "documents à retirer de l'espace du client"),
        ("document to withdraw", "documents to withdraw"),
    ),
    "remove": (
        ("document à retirer de l'espace du client", "documents à retirer de l'espace du client"),
        ("document to remove online", "documents to remove online"),
    ),
    "make_folder": (("dossier à créer", "dossiers à créer"), ("folder to make", "folders to make")),
    "move": (("déplacement à faire", "déplacements à faire"), ("move to make", "moves to make")),
    "adopt": (
        ("dossier à rattacher à ce client", "dossiers à rattacher à ce client"),
        ("directory to take as this client's", "directories to take as this client's"),
    ),
}


_MANY = {
    "upload": ("mis en ligne", "published"), "download": ("reçus", "received"), "restore": ("remis à leur place", "put back"),
    "set_aside": ("supprimés en ligne, conservés au cabinet", "deleted online, kept at the cabinet"),
    "move": ("déplacés ou renommés", "moved or renamed"), "remove": ("retirés de l'espace du client", "removed online"),
    "leave": ("retirés au cabinet, toujours en ligne", "removed here, still online"), "refused": ("refusés", "refused"),
    "withdraw": ("retirés de l'espace du client", "withdrawn from the client space"),
    "forget": ("disparus des deux côtés", "gone on both sides"),
    "keep_both": ("en deux versions conservées", "kept in two versions"),
}  # fmt: skip


def many(name: str, language: str = "fr", *, planned: bool = False) -> str:
    """`planned`: by a dry run."""
    said = _MANY[name][language == "en"] if name in _MANY else action(name, language)
    return _planned(name, said, 2, language) if planned else said


def held(name: str, count: int, language: str = "fr") -> str:
    """`12 documents à mettre en ligne`: what waits, counted."""
    french, english = _HELD.get(name, (("changement", "changements"), ("change", "changes")))
    singular, plural = french if language == "fr" else english
    return words.count(count, singular, plural)


def waiting(event: Event, language: str = "fr") -> str:
    """What one of a set that waits would do."""
    return sentence(replace(event, action="waiting", detail=plan_totals.change(event)), language)


def would(counts: Mapping[str, int], language: str = "fr") -> str:
    """`12 documents à mettre en ligne, 3 documents à remplacer en ligne`: a set by its counts (core.plan_totals)."""
    return ", ".join(held(change, n, language) for change, n in counts.items() if n)


def where(event: Event, language: str) -> str:
    """The side that changed, as people say it; '' when none did."""
    side = {"local": ("au cabinet", "at the cabinet"), "remote": ("en ligne", "online")}.get(event.side)
    return side[language == "en"] if side else ""


def sentence(event: Event, language: str = "fr") -> str:
    """`Achats/facture.pdf : mis en ligne (12 Ko)`, without the client, which the section names."""
    colon = " : " if language == "fr" else ": "
    return (event.path + colon if event.path else "") + what(event, language)


def what(event: Event, language: str = "fr") -> str:
    """`mis en ligne (12 Ko)`: of a document that is named beside it."""
    if event.action in ("refused", "problem", "stopped"):
        return words.reason(event.reason, event.detail, language)
    if event.action == "waiting":
        return held(event.detail, 1, language).partition(" ")[2]
    text = action(event.action, language)
    if event.action == "move":
        text = f"{'déplacé depuis' if language == 'fr' else 'moved from'} « {event.origin} » {where(event, language)}".rstrip()
    if event.dry_run:
        text = _planned(event.action, text, 1, language)
    return text + _more(event, language)


def _more(event: Event, language: str) -> str:
    """What follows what was done: under which name, which version, where, how large."""
    text = ""
    if event.action in ("set_aside", "keep_both") and event.to:
        text += f" → {event.to.rpartition('/')[2]}"
        if event.by:
            text += f" ({'par' if language == 'fr' else 'by'} {event.by})"
    elif event.action == "upload" and (event.version or 1) > 1:
        text += f", version {event.version}"
    elif event.action == "make_folder":
        text += f" {where(event, language)}"
    if event.action in ("upload", "download") and event.size is not None:
        text += f" ({words.size(event.size, language)})"
    if event.action == "withdraw" and event.detail:
        text += f" → {event.detail}"
    return text
