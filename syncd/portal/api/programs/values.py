"""What a program may say and is told, as types: by them a request is checked, and of them the OpenAPI description is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from syncd.core.wire_types import ClientCode, Id

MOST_LISTED = 200
CODE = "^([0-9A-Za-z][0-9A-Za-z._-]*)?$"
SomeClient = Annotated[
    str, Meta(pattern=CODE, max_length=40, description="code of a client; none: every client of the key")
]
Limit = Annotated[int, Meta(ge=1, le=MOST_LISTED, description="how many at most")]
Cursor = Annotated[
    str, Meta(pattern="^[0-9A-Za-z_-]*$", max_length=200, description="where the page before ended; none: from the beginning")
]  # fmt: skip
Number = Annotated[int, Meta(ge=1, le=2**31)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named is refused."""


class Nothing(Strict, frozen=True):
    """No parameter."""


# -- asked -------------------------------------------------------------------------------------------------------------


class OfClient(Strict, frozen=True):
    code: ClientCode


class OfDocument(Strict, frozen=True):
    document: Id


class ClientsPage(Strict, frozen=True):
    after: SomeClient = ""
    limit: Limit = MOST_LISTED


class DocumentsPage(Strict, frozen=True):
    client: SomeClient = ""
    since: Cursor = ""
    limit: Limit = MOST_LISTED


class WhichVersion(Strict, frozen=True):
    version: Annotated[int, Meta(ge=0, le=2**31, description="its number; 0: the newest")] = 0


class Ranged(Strict, frozen=True, rename="kebab"):
    range: Annotated[str, Meta(max_length=100, description="bytes=FROM-TO, or bytes=FROM-")] = ""
    if_none_match: Annotated[str, Meta(max_length=400)] = ""
    if_range: Annotated[str, Meta(max_length=200)] = ""


# -- told --------------------------------------------------------------------------------------------------------------


class Fault(msgspec.Struct, frozen=True):
    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` is stable; `detail` is for people. `faults`: of which field something is wrong."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()


class Client(msgspec.Struct, frozen=True):
    """`closed`: it is switched off; there all is read and nothing changed."""

    code: str
    name: str
    closed: bool


class Clients(msgspec.Struct, frozen=True):
    """`next`: what `after` is for the next page; null: this was the last."""

    clients: list[Client]
    next: str | None


class Document(msgspec.Struct, frozen=True):
    """`link`: its address for people, the same wherever it is moved to. `sha256`: of its newest version, which came at
    `changed_at`. `by_company`: the company's, not the cabinet's. `received_at`: when the cabinet had it on its own disk, or opened it."""

    id: Id
    client: str
    folder: str
    name: str
    size: int
    sha256: str
    version: int
    by_company: bool
    created_at: datetime
    changed_at: datetime
    received_at: datetime | None
    reference: str
    link: str


class Documents(msgspec.Struct, frozen=True):
    """First every document there is, then what changed since, for ever: `next` is always what `since` is next; `more`: ask at
    once. `gone`: of documents told before, those that are deleted or withdrawn. `relist`: clients whose folders or rules changed: list
    them anew, by `client`.
    """

    documents: list[Document]
    gone: list[str]
    relist: list[str]
    next: str
    more: bool
