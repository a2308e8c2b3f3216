"""`may(actor, verb, folder)`: the one rule of who may do what. Default deny."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncd.core.folder_rules import ClientRules, Direction


class Verb(StrEnum):
    VIEW = "view"
    DEPOSIT = "deposit"
    DOWNLOAD = "download"
    DELETE = "delete"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine token of one cabinet."""

    cabinet: str
    name: str = "synchronisation"
    origin: str = "engine"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the cabinet or of the company."""

    cabinet: str
    name: str
    role: str
    origin: str = "cabinet"


Actor = Engine | Person


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as rights see it: whose it is, its client's rules, what the engine is denied (keys)."""

    cabinet: str
    rules: ClientRules
    folder: str


def may(actor: Actor, verb: Verb, place: Place) -> bool:
    if actor.cabinet != place.cabinet or not place.folder:
        return False
    if place.rules.folder_direction(place.folder) is Direction.NONE:
        return False
    match actor:
        case Engine():
            return verb is not Verb.MANAGE and not place.rules.is_withheld(place.folder)
        case Person(role="correspondent"):
            return True
        case Person(role="company"):
            return verb is not Verb.MANAGE
        case _:
            return False


def may_run_the_desk(person: Person) -> bool:
    """How the synchronisation goes, and agreement to what it would do: the cabinet's correspondents."""
    return person.role == "correspondent"


__all__ = ["Actor", "Engine", "Person", "Place", "Verb", "may", "may_run_the_desk"]
