"""What the engine remembers. One writer; everything inside `atomic()` happens or does not."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, Known, RemoteDoc, RemoteFolder, SetAsideRecord
from syncd.core.protocol import NO_CARD, Card, ClientState, ClientTree, Cursor, LeftNote, Receipt
from syncd.core.restored_backups import NOTHING, Marks
from syncd.core.snapshot import Base, Remote

LEFT = "left"  # under which name the windows count what was removed here and stays online


class ClientRow(msgspec.Struct, frozen=True):
    """A client as remembered. `dir`: its directory's name, '' before it has one; `listed`: observations are complete.

    `completed`: keys of top-level folders of which a publication was acknowledged. `clean`: the last plan was empty, and nothing was
    observed online since: only a change here can make work. `generation`: what was last written to its marker.
    `recovery`: which sides were restored and are not reconciled yet (RULES 7). `card`: as the portal last said it.
    """

    id: str
    code: str
    name: str
    tree: int
    closed: bool
    dir: str
    listed: bool
    finished: bool
    completed: frozenset[str]
    rules: ClientTree | None
    clean: bool = False
    generation: int = 0
    recovery: Marks = NOTHING
    card: Card = NO_CARD


class WaitingRow(msgspec.Struct, frozen=True):
    """`declined_at`: when `declined_by` said no to this very set (seconds since 1970); 0: nobody did."""

    client: str
    reason: str
    digest: str
    digests: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    since: float
    declined_by: str = ""
    declined_at: float = 0.0


class Pause(msgspec.Struct, frozen=True):
    """A document that is not fetched again before `until` (seconds since 1970), after so many `tries`. `what`: the version
    and the place it is about; another one is tried at once. `reason`, `detail`: what is said of it meanwhile."""

    doc: str
    what: str
    tries: int
    until: float
    reason: str
    detail: str = ""


class Request(msgspec.Struct, frozen=True):
    """What another process asks the service for: a pass, or an errand (`kind`: engine.maintenance.requests says which, and what they
    `wish`). `clients`: codes, or places as `CODE/PATH`, empty for all; `max_duration`: seconds."""

    id: int
    clients: tuple[str, ...]
    max_duration: float | None = None
    kind: str = "pass"
    wish: dict[str, Any] = {}


class State(Protocol):
    def atomic(self) -> AbstractContextManager[Any]: ...

    def get(self, key: str, default: str = "") -> str: ...

    def set(self, key: str, value: str) -> None: ...

    def cursor(self) -> Cursor | None: ...

    def set_cursor(self, cursor: Cursor) -> None: ...

    def seen(self) -> Cursor | None:
        """The furthest place in the feed that any answer of the portal named."""
        ...

    def set_seen(self, cursor: Cursor) -> None:
        """Keeps the further one; another epoch begins anew."""
        ...

    # clients
    def open_reports(self) -> Sequence[tuple[str, str, str, float]]: ...

    def clients(self) -> list[ClientRow]: ...

    def put_client(self, state: ClientState) -> None: ...

    def put_tree(self, tree: ClientTree) -> None: ...

    def set_client_dir(self, client: str, name: str) -> None: ...

    def set_listed(self, client: str, listed: bool) -> None: ...

    def set_completed(self, client: str, tops: Iterable[str]) -> None: ...

    def set_written(self, generation: int, clients: Iterable[str], *, root: bool = True) -> None:
        """The generation last written to the root's marker and to those of `clients`."""
        ...

    def mark(self, client: str, marks: Marks) -> None:
        """Reconcile this client: it is listed anew; a restored portal's agreements are void."""
        ...

    def unmark(self, client: str) -> None: ...

    def lost_online(self, client: str) -> None:
        """The portal no longer knows this client: nothing moves any more until it is created again."""
        ...

    def lost(self) -> frozenset[str]:
        """Ids of those, until the portal names them again."""
        ...

    def found_online(self, client: str) -> None:
        """The portal names it again: it is listed anew."""
        ...

    def followed(self, client: str) -> frozenset[str]:
        """Tombstones that were followed here."""
        ...

    def requeue(self, client: str, now: float) -> None:
        """Tell the portal again what it forgot: receipts of what the company deposited, and what was left."""
        ...

    def set_clean(self, client: str, clean: bool, look: bytes = b"") -> None:
        """`look`: `Scan.look` of the walk that found it clean."""
        ...

    def looks(self) -> dict[str, bytes]:
        """How the directories of clean clients looked, by client's id, where that is known."""
        ...

    # observations
    def known(self, client: str) -> dict[str, Known]: ...

    def observe_local(self, client: str, changed: Mapping[str, Known | None]) -> None:
        """By `disk`; None: nothing is known of it any more."""
        ...

    def observe_doc(self, client: str, doc: RemoteDoc) -> None: ...

    def wanted_again(self, client: str, doc: str) -> bool:
        """A document that was left online and is asked for has no base any more. Whether it is one."""
        ...

    def observe_docs(self, client: str, docs: Iterable[RemoteDoc], folders: Iterable[RemoteFolder]) -> None:
        """Replace all observations of a client by a complete listing."""
        ...

    def observe_folder(self, client: str, folder: RemoteFolder, live: bool) -> None: ...

    def settled(self, client: str) -> Iterator[tuple[str, str, str]]:
        """(id, name on disk, path) of documents that are as agreed on both sides, as far as was ever seen."""
        ...

    def remote(self, client: str, but: Collection[str] = ()) -> Remote:
        """`but`: ids of documents that are not wanted."""
        ...

    def base(self, client: str, but: Collection[str] = ()) -> Base: ...

    def folder_places(self, client: str) -> builtins.set[tuple[str, int]]:
        """(disk, inode) of the base's folders."""
        ...

    def totals(self) -> dict[str, int]:
        """Documents in the base, by client."""
        ...

    def unlisted_base(self, client: str) -> list[str]:
        """Ids of base documents that the observations lack."""
        ...

    def where_inode(self, inode: int, size: int, not_client: str) -> list[tuple[str, str, bytes]]:
        """(client directory, disk, SHA-256) of documents seen in other clients' directories."""
        ...

    def awaits(self, client: str, disk: str, stamp: Stamp) -> bool:
        """Whether a document that is new at `disk` may be one that is known: by its place, its inode or its size, of
        what was seen or agreed here, set aside, or is online."""
        ...

    def online_keys(self, client: str) -> builtins.set[str]:
        """Keys of the paths of the client's documents online, as far as observed."""
        ...

    def elsewhere(self, contents: Iterable[bytes], not_client: str) -> builtins.set[bytes]:
        """Which of these SHA-256 are another client's: held now, set aside, or lately held."""
        ...

    def had(self, client: str, content: Content) -> None:
        """The client had this content: `elsewhere` says so of it for a long time, whatever becomes of it."""
        ...

    def forget_former(self, days: float = 400.0) -> None:
        """What clients had, or what was doubted, longer ago."""
        ...

    def doubt(self, client: str, contents: Iterable[bytes]) -> None:
        """These SHA-256 were held back as another client's."""
        ...

    def doubted(self, client: str) -> frozenset[bytes]:
        """What was, and did not go online since."""
        ...

    def undoubt(self, client: str, sha256: bytes) -> None: ...

    def held_online(self, client: str) -> builtins.set[bytes]:
        """SHA-256 of every version of the client's live documents, as far as observed."""
        ...

    # what both sides agreed on
    def put_base(self, client: str, doc: BaseDoc, *, over: str = "") -> None: ...

    def forget(self, client: str, doc: str) -> None: ...

    def put_folder(self, client: str, folder: BaseFolder) -> None: ...

    def forget_folder(self, folder: str) -> None: ...

    def move_folder(self, client: str, folder: str, new: str, new_disk: str, *, online: str) -> None:
        """Base, local observations and set-asides below a moved folder follow it. `online`: where it was online until our
        own move, so what was observed there follows too; '' for a move *followed* here, which was observed already."""
        ...

    # set-asides
    def intend_set_aside(self, client: str, record: SetAsideRecord) -> int: ...

    def settle_set_aside(self, row: int, record: SetAsideRecord | None) -> None: ...

    def put_set_aside(self, client: str, record: SetAsideRecord) -> None: ...

    def intended(self) -> list[tuple[int, str, SetAsideRecord]]: ...

    def forget_set_aside(self, client: str, doc: str) -> None: ...

    # guards
    def window(self, client: str, now: float) -> dict[str, int]: ...

    def windows(self, now: float) -> dict[str, dict[str, int]]: ...

    def count(self, client: str, kind: str, now: float) -> None: ...

    def uncount(self, client: str, kind: str) -> None:
        """One of those counted is undone."""
        ...

    def agreed(self, client: str, now: float) -> frozenset[str]: ...

    def agree(self, client: str, digests: Sequence[str], now: float, by: str) -> None: ...

    def use_agreement(self, client: str, digest: str) -> None: ...

    def pauses(self, client: str) -> dict[str, Pause]:
        """By document."""
        ...

    def pause(self, client: str, pause: Pause) -> None: ...

    def end_pause(self, client: str, doc: str) -> None: ...

    def forget_pauses(self, before: float) -> None:
        """Those that were over by then."""
        ...

    def put_waiting(self, client: str, waiting: Sequence[WaitingRow]) -> None: ...

    def waiting(self, client: str | None = None) -> list[WaitingRow]: ...

    def decline(self, client: str, digest: str, now: float, by: str) -> None:
        """Somebody said no to the set that waits under this digest: it goes on waiting, and is said so."""
        ...

    # what other processes ask of the service
    def changed(self) -> bool:
        """Whether another connection has written since the last call."""
        ...

    def open_requests(self) -> list[Request]:
        """One that was withdrawn is none any more."""
        ...

    def tell_progress(self, request: int, done: int, of: int, what: str) -> None:
        """For whoever asked. `of`: 0 where nobody knows how many."""
        ...

    def answer(self, request: int, run: int, answer: Mapping[str, Any]) -> None: ...

    # outboxes, reports, runs
    def queue_receipt(self, receipt: Receipt) -> None: ...

    def queue_left(self, note: LeftNote) -> None: ...

    def outbox(self, limit: int = 5000) -> tuple[list[Receipt], list[LeftNote], int]:
        """What the portal has yet to be told, and the mark to give to `sent`."""
        ...

    def sent(self, mark: int) -> None: ...

    def told(self, client: str, path: str, reason: str, now: float) -> bool:
        """Remember a refusal or problem; True when it is new since it was last absent."""
        ...

    def untold(self, client: str, still: builtins.set[tuple[str, str]]) -> None: ...

    def start_run(self, now: float) -> int: ...

    def go_on_from(self, run: int) -> None:
        """Numbers of runs go on after this one, which an earlier state had; nothing where that is not plausible."""
        ...

    def renumber(self, run: int) -> int:
        """A run that told nothing yet gets the number that is next; which."""
        ...

    def drop_run(self, run: int, now: float) -> None:
        """A run that was given up before it did anything: forgotten, or ended as such when it told something."""
        ...

    def end_run(self, run: int, now: float, summary: Mapping[str, Any]) -> None: ...

    def add_event(self, run: int, at: float, line: Mapping[str, Any]) -> None: ...

    def find_run(self, run: int) -> dict[str, Any] | None: ...

    def events(
        self, *, run: int | None = None, client: str | None = None, start: float = 0, end: float = 1e18
    ) -> Iterator[tuple[float, dict[str, Any]]]:
        """(when, line) in order, as they are read."""
        ...

    def chain_head(self) -> str: ...
