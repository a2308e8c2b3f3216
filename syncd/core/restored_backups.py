"""Recognising that one side was put back from a backup, and what that makes of its silence (RULES 7).

Every run that changes anything raises a *generation*, written in turn to the state (started), the markers of root
and clients, the portal, and the state again (completed). A place that is behind the others was restored.

Whoever may write in a client's directory may write into its marker: a marker's generation counts only with a seal made
with a key of the state (RULES 6). Of any other marker the ids count once the portal confirms them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class Restored(StrEnum):
    """What was put back, or lost. While a client is marked so, absence on that side proves nothing."""

    PORTAL = "portal"
    STATE = "state"
    MIRROR = "mirror"


Marks = frozenset[Restored]
NOTHING: Marks = frozenset()
HERE: Marks = frozenset({Restored.STATE, Restored.MIRROR})


MOST = 2**40  # no honest generation comes near it: ten runs a second would take three thousand years


MOST_RUNS = 2**32  # nor an honest number of a run: one a second would take a hundred years
FAR = 2**28  # by how much at most one that is told may be beyond those that are known: eight years of one a second


def plausible(run: int, known: int) -> bool:
    """Whether runs up to `run` may have been, where those up to `known` were: a number somebody made up counts for nothing."""
    return 0 <= run <= known + FAR and run < MOST_RUNS // 2


def seal(key: str, cabinet: str, owner: str, generation: int) -> str:
    """The code of a marker's generation. `owner`: the id of the client, or of the root; `key`: the state's."""
    said = f"{cabinet}\n{owner}\n{generation}".encode()
    return hmac.digest(key.encode(), said, "sha256").hex()[:32]


def sealed(key: str, cabinet: str, owner: str, generation: int, code: str) -> bool:
    """Whether the code was made with this key; no key has made any."""
    return bool(key and code) and hmac.compare_digest(seal(key, cabinet, owner, generation), code)


class Seen(msgspec.Struct, frozen=True):
    """`started`, `completed`: of the state. `root`, `clients`: of the markers, as read now; `root_written`,
    `written`: what the state last wrote to them. `cursor_known`: False when the portal no longer knows our cursor.

    `root_sealed`, `unsealed`: whether the root's generation counts, and the clients whose does not; `foreign`: those of them
    whose marker bears another state's code.
    """

    started: int
    completed: int
    portal: int
    root: int
    root_written: int
    clients: Mapping[str, int] = msgspec.field(default_factory=dict)
    written: Mapping[str, int] = msgspec.field(default_factory=dict)
    cursor_known: bool = True
    root_sealed: bool = True
    unsealed: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


class Finding(msgspec.Struct, frozen=True):
    """`everywhere` holds for all clients; `clients` for single ones. `generation`: the highest seen anywhere."""

    everywhere: Marks
    clients: Mapping[str, Marks]
    generation: int

    @property
    def any(self) -> bool:
        return bool(self.everywhere or self.clients)


def recognise(seen: Seen) -> Finding:
    """Marker or portal above started: the state is old. A marker below what was last written *to it*: that client,
    or the whole mirror, was restored. The portal below completed, or not knowing our cursor: the portal was.

    A marker whose generation does not count, and is not what the state knows, or which another state wrote: which of the
    two was restored cannot be said. Of the client both are taken for restored, so that nothing is inferred from either; the root's number, which
    nobody is raised to, only says which of the two people are told. A portal's number beyond any honest one says nothing.
    """
    counting = {client: n for client, n in seen.clients.items() if client not in seen.unsealed}
    portal = seen.portal if seen.portal < MOST else seen.completed
    highest = max([portal, seen.root if seen.root_sealed else 0, *counting.values()])
    everywhere = set()
    if highest > seen.started:
        everywhere.add(Restored.STATE)
    if seen.root < seen.root_written:
        everywhere.add(Restored.MIRROR)
    elif not seen.root_sealed and seen.root not in (seen.root_written, seen.started):
        everywhere.add(Restored.STATE)
    if not seen.cursor_known or portal < seen.completed:
        everywhere.add(Restored.PORTAL)
    clients = {
        client: frozenset({Restored.MIRROR})
        for client, marker in counting.items()
        if marker < seen.written.get(client, 0) and Restored.MIRROR not in everywhere
    }
    clients |= {
        client: HERE
        for client in seen.unsealed
        if not HERE & everywhere
        and (client in seen.foreign or seen.clients[client] not in (seen.written.get(client, 0), seen.started))
    }
    return Finding(frozenset(everywhere), clients, max(highest, seen.started))


def read_marks(text: str) -> Marks:
    return frozenset(Restored(m) for m in text.split(",") if m)


def write_marks(marks: Iterable[Restored]) -> str:
    return ",".join(sorted(marks))
