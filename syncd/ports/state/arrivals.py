"""What jobs bring into the mirror (intake, migration): whose it is, whence it came, and whether it is done with."""

from __future__ import annotations

from typing import Protocol

import msgspec

from syncd.core.content import Content, Stamp


class Arrival(msgspec.Struct, frozen=True):
    """A content that was brought for a client (its id), written down before the document has its name in the mirror.

    `origin`: by which way (core.origins). `source`: where it came from, in the job's own words. `path`: the place in the
    client's directory, as on disk. `at`: when it lay there, 0 before. `done`: when its source was put away, the portal having answered for it; 0: not yet.
    """

    client: str
    content: Content
    origin: str
    source: str
    path: str
    at: float
    done: float = 0.0


class Attempt(msgspec.Struct, frozen=True):
    """A file that could not be taken, as it was. `since`: when it was first seen like this."""

    place: str
    stamp: Stamp
    tries: int
    reason: str
    since: float


class ArrivalStore(Protocol):
    """One content is one arrival of a client's, whatever it is called."""

    def find(self, client: str, content: Content) -> Arrival | None: ...

    def open(self, origin: str, client: str | None = None) -> list[Arrival]:
        """Those of that origin whose source is not put away, oldest first; of one client (its id), or of all."""
        ...

    def put(self, arrival: Arrival) -> None:
        """In the place of what was written down of this content."""
        ...

    def finish(self, client: str, content: Content, at: float) -> None: ...

    def drop(self, client: str, content: Content) -> None:
        """It was never placed, or is gone."""
        ...

    def forget(self, before: float) -> None:
        """What was done with earlier, and attempts as old."""
        ...

    def attempts(self) -> dict[str, Attempt]:
        """By place."""
        ...

    def put_attempt(self, attempt: Attempt) -> None: ...

    def drop_attempt(self, place: str) -> None: ...
