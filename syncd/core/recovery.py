"""Recognising that one side was put back from a backup, and what that makes of its silence (RULES 7).

Every run that changes anything raises a *generation*, written in turn to the state (started), the markers of root
and clients, the portal, and the state again (completed). A place that is behind the others was restored.
"""

from __future__ import annotations

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


class Seen(msgspec.Struct, frozen=True):
    """`started`, `completed`: of the state. `root`, `clients`: of the markers, as read now; `root_written`,
    `written`: what the state last wrote to them. `cursor_known`: False when the portal no longer knows our cursor.
    """

    started: int
    completed: int
    portal: int
    root: int
    root_written: int
    clients: Mapping[str, int] = msgspec.field(default_factory=dict)
    written: Mapping[str, int] = msgspec.field(default_factory=dict)
    cursor_known: bool = True


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
    """
    highest = max([seen.portal, seen.root, *seen.clients.values()])
    everywhere = set()
    if highest > seen.started:
        everywhere.add(Restored.STATE)
    if seen.root < seen.root_written:
        everywhere.add(Restored.MIRROR)
    if not seen.cursor_known or seen.portal < seen.completed:
        everywhere.add(Restored.PORTAL)
    clients = {
        client: frozenset({Restored.MIRROR})
        for client, marker in seen.clients.items()
        if marker < seen.written.get(client, 0) and Restored.MIRROR not in everywhere
    }
    return Finding(frozenset(everywhere), clients, max(highest, seen.started))


def read_marks(text: str) -> Marks:
    return frozenset(Restored(m) for m in text.split(",") if m)


def write_marks(marks: Iterable[Restored]) -> str:
    return ",".join(sorted(marks))
