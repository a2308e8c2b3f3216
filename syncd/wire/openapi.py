"""The endpoints of v1 as an OpenAPI description, made from the table (syncd.wire.endpoints) and its very types."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from syncd.core.paths import MAX_PATH_BYTES
from syncd.core.wire_types import LongText, Path, Text
from syncd.wire.endpoints import ENDPOINTS, PREFIX, Endpoint, Framed
from syncd.wire.framing import Trailer
from syncd.wire.messages import ErrorAnswer

ERRORS = (400, 401, 404, 409, 413, 503, 507)
REF = "#/components/schemas/{name}"
_JSON, _LINES, _BYTES = "application/json", "application/jsonl", "application/octet-stream"


def own_type(type_: type) -> dict[str, Any]:
    """Types of ours; lines of plans are whatever the planner says of them."""
    if type_ is object:
        return {"description": "as the planner says it"}
    if type_ is Path:
        return {"type": "string", "maxLength": MAX_PATH_BYTES, "description": "relative, inside the client, in NFC"}
    if type_ in (Text, LongText):
        return {"type": "string", "description": "for people; cut where it is long, control characters escaped"}
    raise NotImplementedError


def types() -> list[Any]:
    """Every type that is spoken, the table's and the two that stand in no row."""
    spoken = [t for e in ENDPOINTS for t in (e.request, e.answer) if t not in (None, bytes)]
    return list(dict.fromkeys([*spoken, ErrorAnswer, Trailer]))


def schemas() -> tuple[dict[Any, Any], dict[str, Any]]:
    """The JSON schema of each type, and of what they name."""
    every = types()
    made, components = msgspec.json.schema_components(every, ref_template=REF, schema_hook=own_type)
    return dict(zip(every, made, strict=True)), components


def document() -> dict[str, Any]:
    """OpenAPI 3.1. A write needs the lease's number (`Syncd-Lease`) and a number of its own (`Syncd-Request`)."""
    by_type, components = schemas()
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(PREFIX + endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncd", "version": "1"},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(endpoint: Endpoint[Any, Any], by_type: dict[Any, Any]) -> dict[str, Any]:
    error = {"description": "refused", "content": {_JSON: {"schema": by_type[ErrorAnswer]}}}
    answered: dict[str, Any] = {"description": "answered"}
    if endpoint.answer is not None:
        answered["content"] = _content(endpoint.answer, by_type, endpoint.framed in (Framed.ANSWER, Framed.LINES) and endpoint.framed)  # fmt: skip
    found: dict[str, Any] = {
        "summary": endpoint.about,
        "security": [{"key": []}],
        "responses": {"200": answered, **{str(status): error for status in ERRORS}},
    }
    if names := [*re.findall(r"\{(\w+)\}", endpoint.path)]:
        found["parameters"] = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    if endpoint.writes:
        numbers = ("Syncd-Lease", "Syncd-Request")
        found.setdefault("parameters", []).extend(
            {"name": n, "in": "header", "required": True, "schema": {"type": "integer"}} for n in numbers
        )
    if endpoint.request is not None:
        framed = endpoint.framed is Framed.REQUEST and endpoint.framed
        found["requestBody"] = {"required": True, "content": _content(endpoint.request, by_type, framed)}
    return found


def _content(type_: Any, by_type: dict[Any, Any], framed: Framed | bool) -> dict[str, Any]:
    if type_ is bytes:
        return {_BYTES: {}}
    if framed:
        kind = _LINES if framed is Framed.LINES else _BYTES
        return {kind: {"x-each": by_type[type_]}}
    return {_JSON: {"schema": by_type[type_]}}
