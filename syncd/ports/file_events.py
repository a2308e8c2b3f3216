"""What happens on the cabinet's file server between two passes: hints of where to look, never facts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Protocol


class FileEvents(Protocol):
    """An event only marks a client dirty; one that is missed is found by the full pass."""

    def follow(self, directories: Iterable[str]) -> None:
        """Names of the client directories below the root that are to be watched from now on; the root always is."""
        ...

    def stream(self) -> AsyncIterator[frozenset[str]]:
        """Names of directories below the root in which something moved; '' stands for the root itself."""
        ...

    @property
    def how(self) -> str:
        """`events`, or `polling` where the file system tells nothing or the system's limit of watches is reached."""
        ...
