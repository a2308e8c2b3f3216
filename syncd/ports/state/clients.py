"""The clients: their place on disk, their rules, how far they have come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from syncd.core.client_classification import NO_CARD, Card
from syncd.core.protocol import ClientState, ClientTree
from syncd.core.restored_backups import NOTHING, Marks


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


class ClientStore(Protocol):
    def all(self) -> list[ClientRow]:
        """By code."""
        ...

    def put(self, state: ClientState) -> None: ...

    def put_tree(self, tree: ClientTree) -> None:
        """The client's rules as the portal says them now; it is no longer clean."""
        ...

    def set_dir(self, client: str, name: str) -> None: ...

    def set_listed(self, client: str, listed: bool) -> None: ...

    def set_completed(self, client: str, tops: Iterable[str]) -> None: ...

    def set_generation(self, generation: int, clients: Iterable[str]) -> None:
        """What was last written to the markers of these clients."""
        ...

    def mark(self, client: str, marks: Marks) -> None:
        """Reconcile this client: it is listed anew; a restored portal's agreements are void."""
        ...

    def unmark(self, client: str) -> None: ...

    def set_lost(self, client: str, lost: bool) -> None:
        """The portal no longer knows this client: nothing moves any more until it is created again. Not `lost`: the portal
        names it again, and it is listed anew. `Progress.lost_clients` holds them."""
        ...

    def set_clean(self, client: str, clean: bool, look: bytes = b"") -> None:
        """`look`: `Scan.look` of the walk that found it clean."""
        ...

    def looks(self) -> dict[str, bytes]:
        """How the directories of clean clients looked, by client's id, where that is known."""
        ...
