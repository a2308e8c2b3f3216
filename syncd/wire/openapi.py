"""The JSON endpoints of v1 as an OpenAPI description, made from the very types that are spoken."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core.paths import MAX_PATH_BYTES
from syncd.core.protocol import RunSummary
from syncd.core.wire_types import LongText, Path, Text
from syncd.wire.messages import (
    ClientsRequest,
    ErrorAnswer,
    GetRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    RemoveRequest,
)

REQUESTS: dict[str, tuple[type, str]] = {
    "/hello": (
        HelloRequest,
        "Greet: the lease, clients, what changed since a cursor; waits for a change (`wait`, seconds)",
    ),
    "/trees": (ClientsRequest, "Folder trees and rules of clients"),
    "/listings": (ClientsRequest, "Complete listings, a line of JSON per client"),
    "/lookup": (LookupRequest, "What became of documents: live, deleted, withdrawn or missing"),
    "/parity": (ClientsRequest, "A digest over what is live, per client"),
    "/tree-at": (HistoryRequest, "A client's documents as they were at a moment"),
    "/versions": (ClientsRequest, "Every version kept of clients' documents"),
    "/rehash": (ClientsRequest, "Versions of clients whose bytes are not what they were"),
    "/heads": (
        ClientsRequest,
        "What each run's summary left of the event stream; of the whole cabinet, no client is named",
    ),
    "/get": (GetRequest, "Bodies of documents, framed"),
    "/move": (MoveRequest, "Move documents and folders"),
    "/remove": (RemoveRequest, "Documents to the bin, or withdrawn"),
    "/summary": (RunSummary, "What a run did; receipts; what waits for agreement"),
}
WRITES = ("/move", "/remove", "/summary")


def _own(type_: type) -> dict[str, Any]:
    """Types of ours; lines of plans are whatever the planner says of them."""
    if type_ is object:
        return {"description": "as the planner says it"}
    if type_ is Path:
        return {"type": "string", "maxLength": MAX_PATH_BYTES, "description": "relative, inside the client, in NFC"}
    if type_ in (Text, LongText):
        return {"type": "string", "description": "for people; cut where it is long, control characters escaped"}
    raise NotImplementedError


def document() -> dict[str, Any]:
    """OpenAPI 3.1. A write needs the lease's number (`Syncd-Lease`) and a number of its own (`Syncd-Request`)."""
    types = [ErrorAnswer, *dict.fromkeys(t for t, _ in REQUESTS.values())]
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}", schema_hook=_own
    )
    by_type = dict(zip(types, schemas, strict=True))
    error = {"description": "refused", "content": {"application/json": {"schema": by_type[ErrorAnswer]}}}
    paths = {
        "/api/v1" + path: {
            "post": {
                "summary": summary,
                "security": [{"key": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": by_type[type_]}}},
                "responses": {"200": {"description": "answered"}, "400": error, "401": error, "409": error, "413": error, "503": error},
            }
        }
        for path, (type_, summary) in REQUESTS.items()
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncd", "version": "1"},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
