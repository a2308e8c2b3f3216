"""Where the documents of one bag go: what a directory and a ZIP have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from syncd.core.bag.layout import Entry
from syncd.disk.directory import Directory
from syncd.ports.remote import Sink

PARTIAL = "part-"


def partial(entry: Entry) -> str:
    """The file in which a document arrives."""
    return PARTIAL + entry.kept.version_id


Settling = Callable[[], dict[str, str]]  # gives the versions that the disk cannot hold, and why


class Holder(Protocol):
    """Every method raises OSError. What was taken and not settled may be asked for again after a power cut, not after a
    kill."""

    place: str

    def held(self) -> set[str]:
        """Versions that it holds already, of an earlier attempt."""
        ...

    def take(self, entry: Entry, data: bytes, modified: float | None) -> None: ...

    def sink(self, entry: Entry) -> Sink:
        """For a large document: what came of it before a kill is there still."""
        ...

    def came(self, entry: Entry) -> None:
        """The sink of this document holds its very content."""
        ...

    def settle(self) -> Settling:
        """What makes all that was taken until now stay, also after a power cut: to be called in another thread, one after
        the other."""
        ...

    def close(self, files: Iterable[tuple[str, bytes]]) -> None:
        """With all that a bag holds besides its documents it is whole. May be done again, with others."""
        ...

    def release(self) -> None:
        """What is open is closed, whether the bag is whole or not. Raises nothing."""
        ...


class SinkMaker(Protocol):
    def __call__(self, directory: Directory, name: str) -> Sink: ...
