"""Wordings that people stumbled over do not come back: templates, scripts, phrases of the portal, mails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.lists

PORTAL = Path(__file__).parents[2] / "syncd" / "portal"
CODE = [
    *PORTAL.rglob("*.html"),
    *PORTAL.rglob("*.js"),
    *PORTAL.rglob("*.py"),
    *(PORTAL.parent / "report").rglob("*.py"),
]
OLD = (
    "Téléversement", "naviguer dans les fichiers", "Encore une fois", "publié par le cabinet le", "à la synchronisation{%",
    "jamais téléchargé", "Supprimer de l'espace client", "reste à sa place : ce nom est déjà pris",
    "Télécharger les documents choisis", "téléchargez dossier par dossier", "précisez pour voir les autres",
    "Aucun passage n'a encore rien changé", "Aucune synchronisation n'est encore installée",
    "Dernières nouvelles du cabinet", "jamais venu", "venu le {{", "Cette personne est :", "l'aide est dans les titres",
    "Code, à usage unique", "votre cabinet range", "Photographiez cette image", "Fil d'actualité (Atom)",
    "Où vous êtes connecté", "est bien enregistré.", "Ces messages se règlent", "Ces points demandent quelqu'un",
)  # fmt: skip
ENGLISH = re.compile(r"\b(cabinet|deposit(s|ed)?|acknowledgements?)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def said() -> dict[Path, str]:
    return {path: path.read_text().replace("’", "'") for path in CODE if "vendor" not in path.parts}


@pytest.mark.parametrize("old", OLD)
def test_an_old_wording_is_nowhere(old: str, said: dict[Path, str]) -> None:
    assert [str(path) for path, text in said.items() if old in text] == []


def test_english_speaks_of_a_firm_that_gets_uploads() -> None:
    from babel.messages.pofile import read_po

    with (PORTAL / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    told = []
    for message in catalog:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in map(str, strings) if message.id else ():
            if ENGLISH.search(re.sub(r"\{\w*\}|%\(\w+\)s|<[^>]*>", "", text)):
                told.append(text)
    assert told == []
