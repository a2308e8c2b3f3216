"""What the engine and the portal say to one another about clients' cards, as values (docs/wire.md)."""

from __future__ import annotations

import msgspec

from syncd.core.fiscal_years import Exercise
from syncd.core.wire_types import ClientCode, Id, OptionalId, Status, Text, Word

NAME, RESPONSIBLE = "name", "responsible"


class ClientCard(msgspec.Struct, frozen=True):
    """A client's card as it is: what it says, by field; `responsible`: every name by which that person is called.
    `changeable`: by this cabinet's engine."""

    client: Id
    code: ClientCode
    values: dict[Word, Text] = {}
    responsible: tuple[Text, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    closed: bool = False
    changeable: bool = False


class Colleague(msgspec.Struct, frozen=True):
    """Somebody of the cabinet who has an access."""

    sign_in: Text
    name: Text = ""
    email: Text = ""


class Cards(msgspec.Struct, frozen=True):
    """`creates`: the cabinet's engine may create clients."""

    clients: tuple[ClientCard, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    creates: bool = False


class CardChange(msgspec.Struct, frozen=True):
    """What a card is to say from now on: `values` by field, those alone that change; `exercise`: one more. Without `client`:
    one that is created, from `template`. `close`: its space is closed, and everything in it stays."""

    code: ClientCode
    client: OptionalId = ""
    values: dict[Word, Text] = {}
    exercise: Exercise | None = None
    template: Text = ""
    close: bool = False


class CardResult(msgspec.Struct, frozen=True):
    """`ok`: it says so now, but for `faults`: what was not taken, by field, each with its sentence. `refused`: nothing was
    taken; `reason`: a stable code, `detail`: its sentence."""

    code: ClientCode
    status: Status
    reason: Word = ""
    detail: Text = ""
    faults: dict[Word, Text] = {}
