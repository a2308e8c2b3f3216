"""What the disk of the folders can do, as tried, and which rule holds there in a weaker way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from syncd.config import load
from syncd.config.model import Config
from syncd.core.disk_traits import DiskTraits
from syncd.core.words import doctor as said
from syncd.doctor.finding import Finding, Level
from syncd.wiring import assembly


def examine(config: Config) -> Iterator[Finding]:
    language = config.language
    traits = assembly.mirror(config).disk(None, now=time.time())
    kind = load.file_system(Path(config.mirror.root))
    yield _where(kind, traits.name or kind, language)
    if not traits.at:
        return  # nothing can be made there: said by the rights
    yield _all(traits, language)
    yield from _weaker(traits, language)
    yield Finding("case", Level.OK, (said.CASE if traits.case else said.CASELESS)(language))
    yield Finding("normalisation", Level.OK, (said.FORMS if traits.forms else said.FORMLESS)(language))


def _where(kind: str, name: str, language: str) -> Finding:
    if kind in load.NETWORK:
        return Finding("network", Level.WARNING, said.NETWORK(language, name=name), said.NETWORK_MEND(language))
    return Finding("network", Level.OK, said.LOCAL(language, name=f" ({name})" if name else ""))


def _all(traits: DiskTraits, language: str) -> Finding:
    if traits.refused:
        mend = said.REFUSED_MEND(language, better=said.BETTER(language))
        return Finding("disk", Level.BAD, said.REFUSED(language, name=traits.name), mend, code=1)
    can, cannot = (
        ", ".join(phrase(language) for trait, phrase in said.CAN if getattr(traits, trait) is which)
        for which in (True, False)
    )
    text = said.TRAITS(language, name=traits.name or "?", can=can or said.LITTLE(language))
    text += said.CANNOT(language, cannot=cannot) if cannot else ""
    return Finding("disk", Level.OK, text + said.DATES(language, grain=_grain(traits.grain_ns)))


def _grain(ns: int) -> str:
    for unit, name in ((10**9, "s"), (10**6, "ms"), (10**3, "µs")):
        if ns >= unit:
            return f"{ns // unit} {name}"
    return f"{ns} ns"


def _weaker(traits: DiskTraits, language: str) -> Iterator[Finding]:
    """Each rule that is weaker there, with what that means."""
    name, better = traits.name, said.BETTER(language)
    if traits.placeholder and not traits.refused:
        yield Finding("disk_names", Level.WARNING, said.DISK_NAMES(language, name=name), better)
    if not traits.change_times:
        mend = said.DISK_CHANGES_MEND(language, better=better)
        yield Finding("disk_changes", Level.WARNING, said.DISK_CHANGES(language, name=name), mend)
    if not traits.inodes:
        yield Finding("disk_inodes", Level.WARNING, said.DISK_INODES(language, name=name), better)
    if not traits.accents:
        text = said.DISK_ACCENTS(language, name=name)
        yield Finding("disk_accents", Level.WARNING, text, said.DISK_ACCENTS_MEND(language))
