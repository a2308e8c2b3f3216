"""What other programs may ask: one table. Each request is checked by it, and the OpenAPI description made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncd.portal.api.programs import values as v
from syncd.portal.rights import Scope

PREFIX = "/api/v1/programs"  # below what proxies of existing installations let through (cli/units)
BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`scopes`: the key needs one of them. `place`, `query`, `headers`: what is varied, as types; `body`: a type for JSON, `bytes`
    for a document's own. `answers`: by status; None: no body. `told`: headers of those answers. `problems`: beside those that
    every request may meet.
    """

    method: str
    path: str
    about: str
    answers: Mapping[int, Any]
    scopes: frozenset[Scope]
    place: type[v.Strict] = v.Nothing
    query: type[v.Strict] = v.Nothing
    headers: type[v.Strict] = v.Nothing
    body: Any = None
    told: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


CLIENTS = Endpoint(
    "GET", "/clients", "The clients that the key reaches, by code", {200: v.Clients}, frozenset({Scope.READ, Scope.CARDS, Scope.REFERENCE}),
    query=v.ClientsPage,
)  # fmt: skip
DOCUMENTS = Endpoint(
    "GET", "/documents", "Documents: all, page by page, then what changed since", {200: v.Documents}, frozenset({Scope.READ}),
    query=v.DocumentsPage, problems=(404, 410),
)  # fmt: skip
DOCUMENT = Endpoint(
    "GET", "/documents/{document}", "One document", {200: v.Document}, frozenset({Scope.READ}), place=v.OfDocument, problems=(404,),
)  # fmt: skip
CONTENT = Endpoint(
    "GET", "/documents/{document}/content", "The bytes of a version, whole or by `Range`; its ETag never changes",
    {200: bytes, 206: bytes, 304: None}, frozenset({Scope.READ}), place=v.OfDocument, query=v.WhichVersion, headers=v.Ranged,
    told={"ETag": "of the version", "Accept-Ranges": "bytes"}, problems=(404, 416, 503),
)  # fmt: skip

ENDPOINTS: tuple[Endpoint, ...] = (CLIENTS, DOCUMENTS, DOCUMENT, CONTENT)
EVERYWHERE = (400, 401, 403, 422, 429, 500, 503)
