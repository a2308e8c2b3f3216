"""What an engine asks of the portal, v1: one table. Client, server, OpenAPI description and docs/wire.md are made from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from syncd.core.client_cards import CardResult, Cards
from syncd.core.desk_tasks import TaskReport, Tasks
from syncd.core.entry import RemoteDoc
from syncd.core.inventory import Kept
from syncd.core.package_orders import PackageOrders, PackageReport
from syncd.core.protocol import (
    ChainHead,
    ClientTree,
    FeedHead,
    Former,
    GetItem,
    Hello,
    Listing,
    Parity,
    Result,
    Rotten,
    RunSummary,
    Written,
)
from syncd.wire.messages import (
    BatchItem,
    ChangeCardsRequest,
    ClientsRequest,
    GetRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    PollRequest,
    RemoveRequest,
    Taken,
)

PREFIX = "/api/v1"
Q = TypeVar("Q")
A = TypeVar("A")


class Framed(StrEnum):
    """Which body is no single JSON value. A batch is one of `syncd.wire.framing`; lines end with an empty one."""

    NO = "no"
    REQUEST = "request"
    ANSWER = "answer"
    LINES = "lines"


class Endpoint(msgspec.Struct, Generic[Q, A], frozen=True):
    """One kind of request. `path`: below PREFIX, with `{names}` of what varies in it.

    `request`, `answer`: the type of the JSON, of each frame's header, or of each line; `bytes` for a document's own; None
    where headers say all. `writes`: needs the lease's number and a number of its own.
    """

    path: str
    request: type[Q] | None
    answer: type[A] | None
    about: str
    writes: bool = False
    framed: Framed = Framed.NO
    method: str = "POST"

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def spoken(self) -> bool:
        """Whether the request is one JSON value."""
        return self.method == "POST" and self.framed is not Framed.REQUEST and self.request is not None

    def at(self, **names: str) -> str:
        """The path to one thing."""
        return self.path.format(**names)


HELLO = Endpoint(
    "/hello", HelloRequest, Hello,
    "Greet: take the lease, and hear what changed since the cursor. Engines that know no `/poll` listen here: `wait` "
    "(seconds, 60 at most) for a change, `brief` to hear only whose documents changed",
)  # fmt: skip
POLL = Endpoint(
    "/poll", PollRequest, FeedHead,
    "The long-poll: where the feed is, as soon as that is elsewhere than the cursor, or after `wait` seconds (60 at most)",
)  # fmt: skip
TREES = Endpoint("/trees", ClientsRequest, list[ClientTree], "Folder trees and rules of clients")
LISTINGS = Endpoint(
    "/listings", ClientsRequest, Listing, "Complete listings, each with its own count and digest", framed=Framed.LINES
)
LOOKUP = Endpoint(
    "/lookup", LookupRequest, list[RemoteDoc | None],
    "What became of documents, each by its id: live, deleted, withdrawn, or null where it is missing",
)  # fmt: skip
PARITY = Endpoint("/parity", ClientsRequest, list[Parity], "Count and digest of what both sides should hold")
HEADS = Endpoint(
    "/heads", ClientsRequest, list[ChainHead],
    "The head of the event stream that each run's summary left; of the whole cabinet, no client is named",
)  # fmt: skip
TREE_AT = Endpoint(
    "/tree-at", HistoryRequest, list[Former], "A client's live documents as they were at a moment (seconds since 1970)"
)
VERSIONS = Endpoint(
    "/versions", ClientsRequest, list[Former], "Every version kept of one client's documents, those in the bin too"
)
INVENTORY = Endpoint(
    "/inventory", ClientsRequest, list[Kept],
    "Every version kept of one client's documents as they are in one moment, those in the bin too, with who sent and who "
    "received it; without what the cabinet withdrew",
)  # fmt: skip
REHASH = Endpoint(
    "/rehash", ClientsRequest, list[Rotten],
    "Versions of one client whose bytes are missing or not what they were; reads everything",
)  # fmt: skip
GET = Endpoint(
    "/get", GetRequest, GetItem, "Bodies of documents; what may not be had is left out", framed=Framed.ANSWER
)
CONTENT: Endpoint[None, bytes] = Endpoint(
    "/content/{version}", None, bytes,
    "One version, by `Range`. `Syncd-Modified`: the file's own date (seconds since 1970), where it is known", method="GET",
)  # fmt: skip
PUT: Endpoint[Any, Written] = Endpoint(
    "/put", BatchItem, Written,  # type: ignore[arg-type]  # a union
    "Documents with their bytes, and folders without any, each before what goes into it; all in one transaction",
    writes=True, framed=Framed.REQUEST,
)  # fmt: skip
HEAL = Endpoint(
    "/heal", GetItem, list[Result], "Bytes of versions that the portal lost; taken only as the version's very content",
    writes=True, framed=Framed.REQUEST,
)  # fmt: skip
MOVE = Endpoint("/move", MoveRequest, Written, "Move documents and folders", writes=True)
REMOVE = Endpoint("/remove", RemoveRequest, Written, "Documents to the bin, or withdrawn", writes=True)
SUMMARY = Endpoint(
    "/summary", RunSummary, Taken,
    "What a run did; receipts; what waits for agreement. Sets that wait have totals of all their lines and bring the first "
    "of them; more come as `lines` of further summaries of the same run, once for each set",
    writes=True,
)  # fmt: skip
CARDS = Endpoint(
    "/cards", ClientsRequest, Cards,
    "Every client's card as it is, and the cabinet's people; of the whole cabinet, no client is named",
)  # fmt: skip
CHANGE_CARDS = Endpoint(
    "/change-cards", ChangeCardsRequest, list[CardResult],
    "Change clients' cards, and create clients, where a correspondent gave the cabinet's engine that right. It needs no lease: "
    "nothing of a document is decided by it",
)  # fmt: skip
TASKS = Endpoint(
    "/tasks", TaskReport, Tasks,
    "The tasks that people planned at the desk, where the lease is this engine's; and what became of them, beside the jobs of its "
    "configuration. It needs no number of a write: nothing of a document is decided by it",
)  # fmt: skip
PACKAGES = Endpoint(
    "/packages", PackageReport, PackageOrders,
    "What people ordered of exchange packages, where the lease is this engine's; and what became of it. It needs no number of a "
    "write: nothing of a document is decided by it",
)  # fmt: skip
PACKAGE: Endpoint[None, bytes] = Endpoint(
    "/package/{package}", None, bytes, "An exchange package that somebody handed in, by `Range`", method="GET"
)
PACKAGE_HEAD: Endpoint[None, None] = Endpoint(
    "/package-upload/{package}", None, None, "How much of a package that was ordered has come: `Upload-Offset`",
    method="HEAD",
)  # fmt: skip
PACKAGE_PATCH: Endpoint[bytes, None] = Endpoint(
    "/package-upload/{package}", bytes, None,
    "More of it, from `Upload-Offset`; `Upload-Length`: all of it. 204 with `Upload-Offset`", method="PATCH",
)  # fmt: skip
TUS_CREATE: Endpoint[None, Result] = Endpoint(
    "/tus", None, Result,
    "Begin a large upload (tus 1.0): `Upload-Length`, and `Upload-Metadata: item <base64 of a PutItem>`. 201, or 422 with "
    "why it is refused",
    writes=True,
)  # fmt: skip
TUS_HEAD: Endpoint[None, None] = Endpoint("/tus/{upload}", None, None, "How much of an upload has come", method="HEAD")
TUS_PATCH = Endpoint(
    "/tus/{upload}", bytes, Written, "More of an upload. The answer to the last byte is the document's; before it, 204",
    writes=True, method="PATCH",
)  # fmt: skip

ENDPOINTS: tuple[Endpoint[Any, Any], ...] = (
    HELLO, POLL, TREES, LISTINGS, LOOKUP, PARITY, HEADS, TREE_AT, VERSIONS, INVENTORY, REHASH, GET, CONTENT, PUT, HEAL, MOVE,
    REMOVE, SUMMARY, CARDS, CHANGE_CARDS, TASKS, PACKAGES, PACKAGE, PACKAGE_HEAD, PACKAGE_PATCH, TUS_CREATE, TUS_HEAD, TUS_PATCH,
)  # fmt: skip
