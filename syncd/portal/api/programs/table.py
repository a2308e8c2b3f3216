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
DEPOSIT = Endpoint(
    "POST", "/clients/{code}/documents", "Deposit a document, its bytes as the body. 201: it is there; 200: it was", {200: v.Deposited, 201: v.Deposited},
    frozenset({Scope.DEPOSIT}), place=v.OfClient, query=v.Deposit, headers=v.DepositHeaders, body=bytes, problems=(404, 409, 411, 413, 507),
)  # fmt: skip
UPLOAD = Endpoint(
    "POST", "/clients/{code}/uploads", "Begin the upload of a large document (tus 1.0)", {201: None}, frozenset({Scope.DEPOSIT}), place=v.OfClient,
    query=v.Deposit, headers=v.UploadHeaders, told={"Location": "the upload's own address"}, problems=(404, 507),
)  # fmt: skip
UPLOADED = Endpoint(
    "HEAD", "/uploads/{upload}", "How much of an upload has come", {200: None}, frozenset({Scope.DEPOSIT}), place=v.OfUpload,
    told={"Upload-Offset": "bytes that have come", "Upload-Length": "bytes of the whole"}, problems=(404, 423),
)  # fmt: skip
MORE = Endpoint(
    "PATCH", "/uploads/{upload}", "More of an upload; with the last byte the document is there, and `Syncd-Document` tells its id",
    {204: None}, frozenset({Scope.DEPOSIT}), place=v.OfUpload, headers=v.OffsetHeaders, body=bytes,
    told={"Upload-Offset": "bytes that have come"}, problems=(404, 409, 413, 423, 507),
)  # fmt: skip
GIVE_UP = Endpoint(
    "DELETE", "/uploads/{upload}", "Give an upload up", {204: None}, frozenset({Scope.DEPOSIT}), place=v.OfUpload, problems=(404, 423),
)  # fmt: skip
ENTRIES = Endpoint(
    "PUT", "/documents/{document}/entries", "Say which accounting entries a document belongs to", {200: v.SaidEntries},
    frozenset({Scope.REFERENCE}), place=v.OfDocument, body=v.Entries, problems=(404, 413),
)  # fmt: skip
CARD = Endpoint(
    "GET", "/clients/{code}/card", "A client's card", {200: v.Card}, frozenset({Scope.CARDS}), place=v.OfClient,
    told={"ETag": "of the card as it is"}, problems=(404,),
)  # fmt: skip
CHANGE_CARD = Endpoint(
    "PATCH", "/clients/{code}/card", "Change a card by field: what is wrong is said, and the rest is kept", {200: v.ChangedCard},
    frozenset({Scope.CARDS}), place=v.OfClient, headers=v.CardHeaders, body=v.CardChanges, told={"ETag": "of the card as it is now"},
    problems=(404, 412, 413, 428),
)  # fmt: skip
EXERCISES = Endpoint(
    "GET", "/clients/{code}/exercises", "A client's financial years", {200: v.Exercises}, frozenset({Scope.CARDS}), place=v.OfClient,
    problems=(404,),
)  # fmt: skip

ENDPOINTS: tuple[Endpoint, ...] = (
    CLIENTS, DOCUMENTS, DOCUMENT, CONTENT, DEPOSIT, UPLOAD, UPLOADED, MORE, GIVE_UP, ENTRIES, CARD, CHANGE_CARD, EXERCISES,
)  # fmt: skip
EVERYWHERE = (400, 401, 403, 422, 429, 500, 503)
