"""The lists that a cabinet asks by: the shipped ones, and its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from syncd.core.plain_text import one_line
from syncd.core.search_folding import fold
from syncd.core.typography import french
from syncd.portal.messages.requests.lists import TITLE, ListItem, RequestList, parse
from syncd.portal.models import OwnRequestList
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor

DIRECTORY = Path(__file__).parent / "lists"
ORDER = ("tva-mensuelle", "bilan", "paie", "creation", "reprise", "controle-fiscal", "identite")


@lru_cache(maxsize=1)
def shipped() -> tuple[RequestList, ...]:
    """Those of the wing's `lists/`, in the order that cabinets use them most."""
    found = [_printed(parse(path.read_text(encoding="utf-8"), path.name)) for path in sorted(DIRECTORY.glob("*.toml"))]
    return tuple(sorted(found, key=lambda a: (ORDER.index(a.name) if a.name in ORDER else len(ORDER), a.name)))


def _printed(found: RequestList) -> RequestList:
    """Its French as it is read: apostrophes, and spaces that no line breaks at."""
    items = tuple(replace(i, label=french(i.label), note=french(i.note)) for i in found.items)
    return replace(found, title=french(found.title), description=french(found.description), items=items)


def known(actor: Actor) -> list[RequestList]:
    """The cabinet's own first, by title, then the shipped ones."""
    own = OwnRequestList.objects.filter(cabinet=actor.cabinet).order_by("title")
    return [*(_of(one) for one in own), *shipped()]


def keep(actor: Actor, title: str, items: Sequence[ListItem]) -> RequestList:
    """For the cabinet's later requests; one of the same title is replaced. Raises Refusal."""
    title = one_line(title, 1000)
    name = re.sub("[^a-z0-9]+", "-", fold(title)).strip("-")[:100]
    if not name or len(title) > TITLE or not items or name in {s.name for s in shipped()}:
        raise Refusal(Code.LIST_UNNAMED, most=TITLE)
    with writing(actor.cabinet):
        actor = managing_cabinet(actor)
        values = {"title": title, "items": msgspec.to_builtins(list(items)), "by": actor.name}
        made = OwnRequestList.objects.update_or_create(cabinet_id=actor.cabinet, name=name, defaults=values)[0]
        audit.record(actor, "request_list_kept", title)
    return _of(made)


@alone
def remove(actor: Actor, name: str) -> str:
    """Its title. Requests that were made from it stay. Raises Refusal."""
    actor = managing_cabinet(actor)
    own = OwnRequestList.objects.filter(cabinet_id=actor.cabinet, name=name).first()
    if own is None:
        raise Refusal(Code.NO_REQUEST_LIST)
    own.delete()
    audit.record(actor, "request_list_removed", own.title)
    return own.title


def _of(own: OwnRequestList) -> RequestList:
    return RequestList(own.name, own.title, tuple(msgspec.convert(own.items, list[ListItem])), own=True)
