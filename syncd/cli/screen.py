"""What the command line shows of an operation: lines of JSON, or a bar while it lasts and then its report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from syncd.cli.output import Bar, language, line, say_all, warn
from syncd.cli.signals import ending

if TYPE_CHECKING:
    from syncd.core.events import Event
    from syncd.core.run_result import RunResult
    from syncd.core.words.phrase import Phrase
    from syncd.operations.observer import HowFar


class Screen:
    """An Observer (syncd.operations). `title`: what the bar calls it."""

    def __init__(self, *, as_json: bool, title: Phrase | None = None) -> None:
        self.as_json, self._title = as_json, title

    @contextlib.contextmanager
    def working(self, client: str) -> Iterator[HowFar]:
        with Bar(f"{self._title(language()) if self._title else ''} {client}".strip()) as bar:
            yield lambda done, of, what: bar(done, of)

    def event(self, event: Event) -> None:
        if self.as_json:
            line(event.as_dict())

    def ended(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        if self.as_json:
            line(result.as_dict())
        else:
            self.show(result, told, report)

    def show(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        say_all(report())

    def warn(self, sentence: str) -> None:
        warn(f"syncd: {sentence}")

    def stopping(self, stop: Callable[[int], object]) -> contextlib.AbstractContextManager[None]:
        return ending(stop)
