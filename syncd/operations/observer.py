"""Who looks on while an operation works: a terminal, a program that reads lines, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from syncd.core.events import Event
    from syncd.core.run_result import RunResult

HowFar = Callable[[int, int, str], None]  # (done, of or 0, what)


class Observer(Protocol):
    """Is told what happens, when it happens; none of its methods may raise."""

    def working(self, client: str) -> AbstractContextManager[HowFar]:
        """While the operation is at this client ('' for all of them); gives who is told how far it is."""
        ...

    def event(self, event: Event) -> None:
        """One thing that was done, refused or found."""
        ...

    def ended(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        """How it ended. `told`: the number of its events; `report`: its words, in pieces, if they are wanted."""
        ...

    def warn(self, sentence: str) -> None:
        """What somebody has to know, and what the operation goes on after."""
        ...

    def stopping(self, stop: Callable[[int], object]) -> AbstractContextManager[None]:
        """While it lasts, whoever ends the operation has `stop` called with the exit code."""
        ...
