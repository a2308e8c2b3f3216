"""The table of endpoints, each with who answers it."""

from __future__ import annotations

from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.portal.api.programs import client_cards, deposits, documents, openapi, table
from syncd.portal.api.programs.guard import Guarded, Handler, unknown
from syncd.portal.api.programs.table import ENDPOINTS, Endpoint

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
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/openapi.json", described), *known, Route("/{anything:path}", unknown, methods=methods)]
