"""The table of endpoints as an OpenAPI 3.1 description, made of the very types that requests are checked by."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from syncd.portal.api.programs.problems import TITLES
from syncd.portal.api.programs.table import BYTES, ENDPOINTS, EVERYWHERE, PREFIX, Endpoint
from syncd.portal.api.programs.values import Problem, Strict

Json = dict[str, Any]
REF = "#/components/schemas/{name}"
_JSON, _PROBLEM = "application/json", "application/problem+json"
_ABOUT = (
    "Documents, references and cards of a cabinet's clients, for the programs that the cabinet gives a key. The key stands in "
    "`Authorization: Bearer …`. Nothing is called back: ask again with the cursor."
)


@functools.cache
def encoded() -> bytes:
    return msgspec.json.encode(document())


def document() -> Json:
    by_type, components = _schemas()
    paths: dict[str, Any] = {}
    for row in ENDPOINTS:
        paths.setdefault(PREFIX + row.path, {})[row.method.lower()] = _operation(row, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncd, for other programs", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _types() -> list[Any]:
    found = [t for e in ENDPOINTS for t in (e.body, *e.answers.values()) if t not in (None, bytes)]
    return list(dict.fromkeys([*found, Problem]))


def _schemas() -> tuple[dict[Any, Any], Json]:
    every = _types()
    made, components = msgspec.json.schema_components(every, ref_template=REF)
    return dict(zip(every, made, strict=True)), components


def _operation(row: Endpoint, by_type: dict[Any, Any]) -> Json:
    found: Json = {
        "operationId": row.name.lower().replace(" /", "_").replace("/", "_").replace("{", "").replace("}", ""),
        "summary": row.about,
        "security": [{"key": sorted(row.scopes)}],
        "parameters": [*_parameters(row.place, "path"), *_parameters(row.query, "query"), *_parameters(row.headers, "header")],
        "responses": {str(status): _answer(row, type_, by_type) for status, type_ in row.answers.items()},
    }  # fmt: skip
    for status in sorted({*EVERYWHERE, *row.problems}):
        found["responses"][str(status)] = _problem(status, by_type)
    if row.body is not None:
        content = {BYTES: {}} if row.body is bytes else {_JSON: {"schema": by_type[row.body]}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(type_: type[Strict], where: str) -> Iterator[Json]:
    (made,), components = msgspec.json.schema_components([type_], ref_template=REF)
    own = components[made["$ref"].rsplit("/", 1)[-1]]
    for name, schema in own["properties"].items():
        told = {"description": schema.pop("description")} if "description" in schema else {}
        schema.pop("title", None)
        yield {"name": name, "in": where, "required": name in own.get("required", ()), "schema": schema, **told}


def _answer(row: Endpoint, type_: Any, by_type: dict[Any, Any]) -> Json:
    found: Json = {"description": row.about}
    if type_ is bytes:
        found["content"] = {BYTES: {}}
    elif type_ is not None:
        found["content"] = {_JSON: {"schema": by_type[type_]}}
    if row.told:
        found["headers"] = {
            name: {"description": said, "schema": {"type": "string"}} for name, said in row.told.items()
        }
    return found


def _problem(status: int, by_type: dict[Any, Any]) -> Json:
    found: Json = {"description": TITLES[status], "content": {_PROBLEM: {"schema": by_type[Problem]}}}
    if status == 429:
        wait = {
            "description": "seconds until one more may come",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        }
        found["headers"] = {"Retry-After": wait}
    return found
