"""What a program may say and is told, as types: by them a request is checked, and of them the OpenAPI description is made."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from syncd.core.wire_types import ClientCode, Id
from syncd.portal.programs import client_cards, entries

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
    reference: Annotated[
        str, Meta(max_length=200, description="journal/date/piece of an entry, or a person's reference")
    ] = ""
    since: Cursor = ""
    limit: Limit = MOST_LISTED


Emitter = Annotated[
    str, Meta(pattern="^([0-9A-Za-z][0-9A-Za-z ._-]*)?$", max_length=40, description="sender code; none: the key's own")
]  # fmt: skip
Upload = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
Size = Annotated[int, Meta(ge=1, le=5_000_000_000, description="bytes of the whole document")]
IdempotencyKey = Annotated[
    str, Meta(pattern="^[0-9A-Za-z_-]{8,64}$", max_length=64, description="made by the program, once for each document; remembered 30 days")
]  # fmt: skip


class Deposit(Strict, frozen=True):
    """Where a document goes, and what it is called."""

    name: Annotated[str, Meta(min_length=1, max_length=255, description="with its extension")]
    folder: Annotated[str, Meta(max_length=1000, description="inside the client; none: « À classer »")] = ""
    emitter: Emitter = ""


class OfUpload(Strict, frozen=True):
    upload: Upload


class DepositHeaders(Strict, frozen=True, rename="kebab"):
    idempotency_key: IdempotencyKey
    content_length: Annotated[int, Meta(ge=0, le=200_000_000, description="bytes; larger documents are uploaded")]


class UploadHeaders(Strict, frozen=True, rename="kebab"):
    idempotency_key: IdempotencyKey
    upload_length: Size


class OffsetHeaders(Strict, frozen=True, rename="kebab"):
    upload_offset: Annotated[int, Meta(ge=0, le=5_000_000_000, description="bytes that have come before")]


class CardHeaders(Strict, frozen=True, rename="kebab"):
    if_match: Annotated[
        str, Meta(max_length=200, description="ETag of the card that was read, or *; without it: 428")
    ] = ""


class Entry(Strict, frozen=True):
    """journal/date/piece of an accounting entry."""

    journal: Annotated[str, Meta(min_length=1, max_length=20)]
    date: date
    piece: Annotated[str, Meta(min_length=1, max_length=60)]


class Entries(Strict, frozen=True):
    """All entries of the document, as `emitter` has them; those it had before and that are not named go."""

    entries: Annotated[list[Entry], Meta(max_length=entries.MOST)]
    emitter: Emitter = ""


CardChanges = msgspec.defstruct(
    "CardChanges",
    [(field, Annotated[str, Meta(max_length=500)] | msgspec.UnsetType, msgspec.UNSET) for field in client_cards.FIELDS],
    frozen=True, forbid_unknown_fields=True,
)  # fmt: skip


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


class SaidEntry(msgspec.Struct, frozen=True):
    journal: str
    date: date
    piece: str
    emitter: str


class SaidEntries(msgspec.Struct, frozen=True):
    entries: list[SaidEntry]


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
    entries: list[SaidEntry]
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


class Deposited(msgspec.Struct, frozen=True):
    """`outcome`: stored; already (the same content lies there); again (the same, delivered to the cabinet once more). `folder`,
    `name`: where it lies now, '' where the key does not see it. `receipt`: its number; `repeated`: the same was asked before.
    """

    document: Id
    outcome: str
    folder: str
    name: str
    sha256: str
    receipt: str
    link: str
    repeated: bool


class Offset(msgspec.Struct, frozen=True):
    offset: int


Card = msgspec.defstruct("Card", [(field, str) for field in client_cards.FIELDS], frozen=True)


ChangedCard = msgspec.defstruct(
    "ChangedCard", [("card", Card), ("faults", list[Fault])], frozen=True
)  # all else was taken


class Exercise(msgspec.Struct, frozen=True):
    label: str
    start: date
    end: date
    closed: bool


class Exercises(msgspec.Struct, frozen=True):
    exercises: list[Exercise]
