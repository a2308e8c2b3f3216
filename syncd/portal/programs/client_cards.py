"""A client's card, as programs read and change it: by field; what is wrong stays as it was and is said, the rest is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from syncd.portal.clients import profile
from syncd.portal.clients.profile import Fault
from syncd.portal.clients.tree import check_open
from syncd.portal.models import Client, Exercise
from syncd.portal.people.visibility import again
from syncd.portal.programs.documents import client_of
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Program, may_read_card

NAME = "name"
FIELDS: Sequence[str] = (NAME, *profile.FIELDS)


def card(actor: Program, code: str) -> dict[str, str]:
    """Raises Refusal."""
    return _said(_client(actor, code))


def stamp(values: Mapping[str, str]) -> str:
    """What tells whether a card is still the one that was read."""
    return hashlib.sha256("\0".join(values[field] for field in FIELDS).encode()).hexdigest()[:32]


@alone
def change(actor: Program, code: str, seen: str, changes: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """The card as it is then, and what of the changes was not taken. `seen`: the stamp of the card that was read. Raises Refusal."""
    actor = again(actor)
    client = _client(actor, code)
    check_open(client)
    if seen not in (stamp(_said(client)), "*"):
        raise Refusal(Code.CARD_CHANGED)
    given = {field: text for field, text in changes.items() if field in profile.FIELDS}
    cleaned, found = profile.cleaned({f: getattr(client, f) for f in profile.FIELDS} | given)
    faults = [fault for fault in found if fault.field in given]
    wrong = {fault.field for fault in faults}
    values = {f: text for f, text in cleaned.items() if f not in wrong and text != getattr(client, f)}
    final = {f: getattr(client, f) for f in profile.FIELDS} | values
    if final["siren"] and final["siret"] and not final["siret"].startswith(final["siren"]) and "siren" in values:
        del values["siren"]  # of another than the SIRET that stays
        faults.append(Fault("siren", str(Refusal(Code.SIRET_OF_ANOTHER, siren=final["siren"]))))
    name = client.name
    if NAME in changes:
        try:
            name = profile.check_name(changes[NAME])
        except Refusal as e:
            faults.append(Fault(NAME, str(e)))
    if values or name != client.name:
        profile.change(actor, client, name, values, client.responsible)
        client.refresh_from_db()
    return _said(client), faults


def exercises(actor: Program, code: str) -> list[Exercise]:
    """Raises Refusal."""
    return list(_client(actor, code).exercises.order_by("start"))


def _client(actor: Program, code: str) -> Client:
    client = client_of(actor, code)
    if not may_read_card(actor, client.id):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return client


def _said(client: Client) -> dict[str, str]:
    return {field: getattr(client, field) for field in FIELDS}
