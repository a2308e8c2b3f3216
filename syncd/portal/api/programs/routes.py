"""The table of endpoints, each with who answers it."""

from __future__ import annotations

import re
from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from syncd.portal.api.programs import client_cards, deposits, documents, openapi, table
from syncd.portal.api.programs.guard import Guarded, Handler, nobody
from syncd.portal.api.programs.table import ENDPOINTS, PREFIX, Endpoint

ANSWERED: dict[str, Handler] = {
    table.CLIENTS.name: documents.clients,
    table.DOCUMENTS.name: documents.listed,
    table.DOCUMENT.name: documents.one,
    table.CONTENT.name: documents.content,
    table.DEPOSIT.name: deposits.deposit,
    table.UPLOAD.name: deposits.begin,
    table.UPLOADED.name: deposits.uploaded,
    table.MORE.name: deposits.more,
    table.GIVE_UP.name: deposits.give_up,
    table.ENTRIES.name: client_cards.entries,
    table.CARD.name: client_cards.card,
    table.CHANGE_CARD.name: client_cards.change,
    table.EXERCISES.name: client_cards.exercises,
}


async def described(request: Request) -> Response:
    """For anybody: it says what may be asked, and nothing of anybody."""
    return Response(openapi.encoded(), media_type="application/json", headers={"Cache-Control": "public, max-age=3600"})


def routes() -> list[Route]:
    """A row without anybody who answers it is a KeyError when the portal starts."""
    by: defaultdict[str, dict[str, tuple[Endpoint, Handler]]] = defaultdict(dict)
    for row in ENDPOINTS:
        by[row.path][row.method] = (row, ANSWERED[row.name])
    known = [Route(path, Guarded(rows)) for path, rows in by.items()]
    return [Route("/openapi.json", described), *known]


def mounted() -> Mount:
    """What is nobody's address asks for a key all the same; one with a line's end in it is no way around."""
    found = Mount(PREFIX, app=Router(routes(), default=nobody, redirect_slashes=False))
    found.path_regex = re.compile(found.path_regex.pattern, re.DOTALL)
    return found
