"""Cards, financial years, and the entries of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from syncd.portal.api.programs import values as v
from syncd.portal.api.programs.documents import answer, said_entries
from syncd.portal.api.programs.guard import Call
from syncd.portal.api.programs.problems import Declined
from syncd.portal.programs import client_cards as cards
from syncd.portal.programs import entries as use_case
from syncd.portal.programs.entries import Entry


async def entries(call: Call) -> Response:
    body: v.Entries = call.body
    wanted = [Entry(e.journal, e.date, e.piece) for e in body.entries]
    found = await call.ask(use_case.put, call.program, call.place.document, wanted, body.emitter)
    return answer(v.SaidEntries(said_entries(found)))


async def card(call: Call) -> Response:
    values = await call.ask(cards.card, call.program, call.place.code)
    return answer(_card(values), headers=_told(values))


async def change(call: Call) -> Response:
    seen = call.headers.if_match.strip()
    if not seen:
        raise Declined(428, "if_match", "Say which card you read: If-Match with its ETag.")
    given = {f: text for f, text in msgspec.structs.asdict(call.body).items() if text is not msgspec.UNSET}
    values, faults = await call.ask(cards.change, call.program, call.place.code, seen.strip('"'), given)
    said = [v.Fault(fault.field, fault.message) for fault in faults]
    return answer(v.ChangedCard(_card(values), said), headers=_told(values))


async def exercises(call: Call) -> Response:
    found = await call.ask(cards.exercises, call.program, call.place.code)
    return answer(v.Exercises([v.Exercise(e.label, e.start, e.end, e.closed) for e in found]))


def _card(values: Mapping[str, str]) -> Any:
    return v.Card(**values)


def _told(values: Mapping[str, str]) -> dict[str, str]:
    return {"ETag": f'"{cards.stamp(values)}"'}
