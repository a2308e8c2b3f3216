"""What the disk of the folders can do, as tried, and which rule holds there in a weaker way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from syncd.config import load
from syncd.config.model import Config
from syncd.core.disk_traits import DiskTraits
from syncd.doctor.finding import Finding, Level
from syncd.wiring import assembly

_BETTER = "NTFS, ext4, XFS ou Btrfs tiennent toutes les règles."
_ITSELF = "Faites tourner syncd sur le serveur de fichiers lui-même"


def examine(config: Config) -> Iterator[Finding]:
    traits = assembly.mirror(config).disk(None, now=time.time())
    kind = load.file_system(Path(config.mirror.root))
    yield _where(kind, traits.name or kind)
    if not traits.at:
        return  # nothing can be made there: said by the rights
    yield _all(traits)
    yield from _weaker(traits)
    yield Finding(
        "case", Level.OK,
        "Ce disque distingue les majuscules : deux noms qui n'en diffèrent que par elles sont signalés, un seul va en ligne."
        if traits.case else "Ce disque ne distingue pas les majuscules.",
    )  # fmt: skip
    yield Finding(
        "normalisation", Level.OK,
        "Ce disque garde les accents tels qu'écrits ; les deux écritures sont tenues pour un même nom."
        if traits.forms else "Ce disque confond les deux écritures des accents.",
    )  # fmt: skip


def _where(kind: str, name: str) -> Finding:
    if kind in load.NETWORK:
        return Finding(
            "network", Level.WARNING, f"Les dossiers du cabinet sont sur un partage réseau ({name}).",
            f"{_ITSELF} : plus rapide, et chaque changement est vu.",
        )  # fmt: skip
    return Finding(
        "network", Level.OK, f"Les dossiers du cabinet sont sur un disque local{f' ({name})' if name else ''}."
    )


def _all(traits: DiskTraits) -> Finding:
    if traits.refused:
        return Finding(
            "disk", Level.BAD,
            f"Ce disque ({traits.name}) ne sait ni renommer sans écraser, ni lier, ni créer un nom pour un seul : aucun "
            "document ne peut y être placé sans risquer d'en écraser un autre.",
            f"Mettez les dossiers sur un autre disque : {_BETTER}", code=1,
        )  # fmt: skip
    can = [
        ("renommer sans écraser", traits.no_replace), ("échanger deux documents", traits.exchange), ("lier", traits.links),
        ("garder les numéros de ses fichiers", traits.inodes), ("dater un changement pour de bon", traits.change_times),
    ]  # fmt: skip
    yes, no = (", ".join(text for text, does in can if does is which) for which in (True, False))
    said = f"Ce disque ({traits.name or '?'}) sait {yes or 'peu de chose'}" + (f" ; il ne sait pas {no}" if no else "")
    return Finding("disk", Level.OK, f"{said}. Ses dates valent à {_grain(traits.grain_ns)} près.")


def _grain(ns: int) -> str:
    for unit, name in ((10**9, "s"), (10**6, "ms"), (10**3, "µs")):
        if ns >= unit:
            return f"{ns // unit} {name}"
    return f"{ns} ns"


def _weaker(traits: DiskTraits) -> Iterator[Finding]:
    """Each rule that is weaker there, with what that means."""
    if traits.placeholder and not traits.refused:
        yield Finding(
            "disk_names", Level.WARNING,
            f"Ce disque ({traits.name}) ne sait ni renommer sans écraser ni lier : un nom nouveau y est d'abord pris par un "
            "fichier vide. Ce qu'un programme enregistre à ce nom au même instant peut être remplacé, et une coupure de "
            "courant laisser le fichier vide.",
            _BETTER,
        )  # fmt: skip
    if not traits.change_times:
        yield Finding(
            "disk_changes", Level.WARNING,
            f"Sur ce disque ({traits.name}) l'heure d'un changement peut être remise en arrière : une modification qui garde "
            "la taille et la date n'est vue que lorsque le document est relu, dans la semaine.",
            f"{_ITSELF}, ou choisissez un autre disque : {_BETTER}",
        )  # fmt: skip
    if not traits.inodes:
        yield Finding(
            "disk_inodes", Level.WARNING,
            f"Ce disque ({traits.name}) invente les numéros de ses fichiers : quand il est monté à nouveau tout est relu une "
            "fois, et un déplacement se reconnaît au contenu seul.",
            _BETTER,
        )  # fmt: skip
    if not traits.accents:
        yield Finding(
            "disk_accents", Level.WARNING,
            f"Ce disque ({traits.name}) ne sait pas écrire « é » : les documents dont le nom porte un accent ne peuvent y être "
            "placés.",
            "Montez-le avec l'option iocharset=utf8.",
        )  # fmt: skip
