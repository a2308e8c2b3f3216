"""The table of endpoints (syncd.wire.endpoints), each with who answers it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from syncd.portal.api import endpoints as asked
from syncd.portal.api import packages, transfer
from syncd.portal.api.auth import Call, Handler, error, guarded, spoken
from syncd.wire import endpoints as wire
from syncd.wire.endpoints import ENDPOINTS, Endpoint


def answered() -> dict[Endpoint[Any, Any], Handler]:
    return {
        wire.HELLO: spoken(wire.HELLO, asked.hello),
        wire.POLL: spoken(wire.POLL, asked.poll),
        wire.TREES: spoken(wire.TREES, asked.trees),
        wire.LISTINGS: guarded(wire.LISTINGS, asked.listings),
        wire.LOOKUP: spoken(wire.LOOKUP, asked.lookup),
        wire.PARITY: spoken(wire.PARITY, asked.parity),
        wire.HEADS: spoken(wire.HEADS, asked.heads),
        wire.TREE_AT: spoken(wire.TREE_AT, asked.tree_at),
        wire.VERSIONS: spoken(wire.VERSIONS, asked.versions),
        wire.INVENTORY: spoken(wire.INVENTORY, asked.inventory),
        wire.REHASH: spoken(wire.REHASH, asked.rehash),
        wire.GET: guarded(wire.GET, transfer.get),
        wire.CONTENT: guarded(wire.CONTENT, transfer.content),
        wire.PUT: guarded(wire.PUT, transfer.put),
        wire.HEAL: guarded(wire.HEAL, transfer.heal),
        wire.MOVE: spoken(wire.MOVE, asked.move),
        wire.REMOVE: spoken(wire.REMOVE, asked.remove),
        wire.SUMMARY: spoken(wire.SUMMARY, asked.summary),
        wire.CARDS: spoken(wire.CARDS, asked.cards),
        wire.CHANGE_CARDS: spoken(wire.CHANGE_CARDS, asked.change_cards),
        wire.TASKS: spoken(wire.TASKS, asked.tasks),
        wire.PACKAGES: spoken(wire.PACKAGES, asked.packages),
        wire.PACKAGE: guarded(wire.PACKAGE, packages.fetch),
        wire.PACKAGE_HEAD: guarded(wire.PACKAGE_HEAD, packages.head),
        wire.PACKAGE_PATCH: guarded(wire.PACKAGE_PATCH, packages.bring),
        wire.TUS_CREATE: guarded(wire.TUS_CREATE, transfer.tus_create),
        wire.TUS_HEAD: guarded(wire.TUS_HEAD, transfer.tus_head),
        wire.TUS_PATCH: guarded(wire.TUS_PATCH, transfer.tus_patch),
    }


async def _unknown(call: Call) -> Response:
    asked = f"{call.request.method} {call.request.url.path.removeprefix(wire.PREFIX)}"
    return error(404, "endpoint", f"This portal knows no {asked}: it is of another version than the asked.")


def routes() -> list[Route]:
    """A row without anybody who answers it is a KeyError when the portal starts."""
    by = answered()
    anything: Endpoint[None, None] = Endpoint("/{anything:path}", None, None, "")
    known = [Route(row.path, by[row], methods=[row.method]) for row in ENDPOINTS]
    return [
        *known,
        Route(anything.path, guarded(anything, _unknown), methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
    ]
