"""Everything a run says goes through here once: to the state's stream, to the tally, to whoever listens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from syncd.core.events import Event
from syncd.core.restored_backups import plausible
from syncd.core.verdicts import Tally
from syncd.engine.context import Emit, Ports, Settings, Stop

T = TypeVar("T")
TOGETHER = 2000  # to a transaction: each is a wait for the disk
LATE = 1.0  # seconds that what is in hand may still take
NOBODY = "-"  # whose lines are the root's: a directory that is no client


class Whose(Protocol):
    """A client, at whichever stage of a pass."""

    @property
    def id(self) -> str: ...

    @property
    def code(self) -> str: ...


class Recorder:
    def __init__(self, ports: Ports, settings: Settings, emit: Emit) -> None:
        self.ports, self.settings, self._emit = ports, settings, emit
        self.tally = Tally()
        self.by_client: dict[str, Tally] = {}  # of what is new
        self.whole: dict[str, Tally] = {}  # what was said before and still holds too: what it is judged by
        self.started = ports.clock.now()
        self.stop_code, self.turn = 0, ""
        self._end: float | None = None if settings.max_duration is None else self.started + settings.max_duration
        self._told: dict[str, set[tuple[str, str]]] = {}

    @functools.cached_property
    def run(self) -> int:
        """The run's number. The state learns of the run when it is first asked for: a wait for the disk."""
        return self.ports.state.journal.start_run(self.started)

    def never_began(self) -> None:
        """What was asked for was wrong: no run is left that looks as if it went on."""
        if "run" in self.__dict__:
            self.ports.state.journal.drop_run(self.run, self.ports.clock.now())

    def known_before(self, last: int) -> None:
        """The portal was told of runs up to `last`: a state that has come less far was lost, and goes on after it. A number
        that no honest run has is nobody's, and said nothing of."""
        if last >= self.run and plausible(last, self.run):
            with self.ports.state.atomic():
                self.ports.state.journal.go_on_from(last)
                self.__dict__["run"] = self.ports.state.journal.renumber(self.run)

    def record(self, event: Event, client: str = "") -> None:
        """Record and pass on. Inside a transaction of the caller's, the event stands or falls with it."""
        if self.settings.dry_run:
            event = replace(event, dry_run=True)
        if event.action in ("refused", "problem", "waiting", "stopped") and client:
            now = self.ports.clock.now()
            new = self.ports.state.journal.open_report(client, event.path, event.reason, now, event.detail)
            self._told.setdefault(client, set()).add((event.path, event.reason))
            event = replace(event, new=new, warning=event.warning and new)
        if event.new:  # what was said before and still holds is counted and shown, not written again
            self.ports.state.journal.record(self.run, self.ports.clock.now(), event)
        self.tally.add(event)
        if event.client:
            self.whole.setdefault(event.client, Tally()).add(event)
        if event.client and event.new:
            if event.client not in self.by_client:
                self.by_client[event.client] = Tally()
            self.by_client[event.client].add(event)
        self._emit(event)

    def refused(self, whose: Whose, path: str, reason: str, detail: str = "") -> None:
        self.record(Event(whose.code, "refused", path, reason=reason, detail=detail), whose.id)

    def problem(
        self, whose: Whose, path: str, reason: str, detail: str = "", *, notice: bool = False, warning: bool = False
    ) -> None:
        said = Event(whose.code, "problem", path, reason=reason, detail=detail, notice=notice, warning=warning)
        self.record(said, whose.id)

    def stopped(self, whose: Whose, reason: str, detail: str = "") -> None:
        self.record(Event(whose.code, "stopped", reason=reason, detail=detail), whose.id)

    def forget_resolved(self, client: str) -> None:
        """What is no longer refused may be new again one day."""
        self.ports.state.journal.close_reports(client, self._told.get(client, set()))

    def between(self, client: str = "") -> None:
        """Called between two documents: raises Stop when somebody, or the budget, said so. `client`: whose turn it is."""
        self.turn = client or self.turn
        if code := self.stopping():
            raise Stop(code)

    def each(self, items: Sequence[T], do: Callable[[T], None], client: str = "") -> None:
        """Many to a transaction; the run may end (Stop) between two of them. What was done stays done."""
        for n in range(0, len(items), TOGETHER):
            self.between(client)
            with self.ports.state.atomic():
                for item in items[n : n + TOGETHER]:
                    do(item)

    def stop(self, code: int) -> None:
        """The run is to end with this code. Called from a signal's handler: between any two instructions."""
        self._end, self.stop_code = self.ports.clock.now(), code

    def stopping(self) -> int:
        """The code the run is to end with before its next document; 0: it goes on."""
        if self.stop_code:
            return self.stop_code
        return 10 if self._end is not None and self.ports.clock.now() >= self._end else 0

    def overdue(self) -> bool:
        """Whether it was to end a moment ago: what is in hand is left to the next one."""
        return self._end is not None and self.ports.clock.now() >= self._end + LATE
