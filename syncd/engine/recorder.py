"""Everything a run says goes through here once: to the state's stream, to the tally, to whoever listens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from syncd.core.actions import Action
from syncd.core.events import Event, of_action
from syncd.core.restored_backups import plausible
from syncd.core.verdicts import Tally
from syncd.engine.context import Emit, Job, Parts, Settings, Stop

T = TypeVar("T")
TOGETHER = 2000  # to a transaction: each is a wait for the disk
LATE = 1.0  # seconds that what is in hand may still take
NOBODY = "-"  # whose lines are the root's: a directory that is no client


class Recorder:
    def __init__(self, parts: Parts, settings: Settings, emit: Emit) -> None:
        self.parts, self.settings, self._emit = parts, settings, emit
        self.tally = Tally()
        self.by_client: dict[str, Tally] = {}  # of what is new
        self.whole: dict[str, Tally] = {}  # what was said before and still holds too: what it is judged by
        self.started = parts.clock.now()
        self.stop_code, self.turn = 0, ""
        self._end: float | None = None if settings.max_duration is None else self.started + settings.max_duration
        self._told: dict[str, set[tuple[str, str]]] = {}

    @functools.cached_property
    def run(self) -> int:
        """The run's number. The state learns of the run when it is first asked for: a wait for the disk."""
        return self.parts.state.start_run(self.started)

    def never_began(self) -> None:
        """What was asked for was wrong: no run is left that looks as if it went on."""
        if "run" in self.__dict__:
            self.parts.state.drop_run(self.run, self.parts.clock.now())

    def known_before(self, last: int) -> None:
        """The portal was told of runs up to `last`: a state that has come less far was lost, and goes on after it. A number
        that no honest run has is nobody's, and said nothing of."""
        if last >= self.run and plausible(last, self.run):
            with self.parts.state.atomic():
                self.parts.state.go_on_from(last)
                self.__dict__["run"] = self.parts.state.renumber(self.run)

    def tell(self, event: Event, client: str = "") -> None:
        """Record and pass on. Inside a transaction of the caller's, the event stands or falls with it."""
        if self.settings.dry_run:
            event = replace(event, dry_run=True)
        if event.action in ("refused", "problem", "waiting", "stopped") and client:
            new = self.parts.state.told(client, event.path, event.reason, self.parts.clock.now())
            self._told.setdefault(client, set()).add((event.path, event.reason))
            event = replace(event, new=new, warning=event.warning and new)
        if event.new:  # what was said before and still holds is counted and shown, not written again
            self.parts.state.add_event(self.run, self.parts.clock.now(), event.as_dict())
        self.tally.add(event)
        if event.client:
            self.whole.setdefault(event.client, Tally()).add(event)
        if event.client and event.new:
            if event.client not in self.by_client:
                self.by_client[event.client] = Tally()
            self.by_client[event.client].add(event)
        self._emit(event)

    def done(self, job: Job, action: Action, **extra: object) -> None:
        event = of_action(job.code, action, **extra)
        if event is not None:
            self.tell(event)

    def refused(self, job: Job, path: str, reason: str, detail: str = "") -> None:
        self.tell(Event(job.code, "refused", path, reason=reason, detail=detail), job.id)

    def problem(
        self, job: Job, path: str, reason: str, detail: str = "", *, notice: bool = False, warning: bool = False
    ) -> None:
        said = Event(job.code, "problem", path, reason=reason, detail=detail, notice=notice, warning=warning)
        self.tell(said, job.id)

    def stopped(self, job: Job, reason: str, detail: str = "") -> None:
        self.tell(Event(job.code, "stopped", reason=reason, detail=detail), job.id)

    def forget_settled(self, client: str) -> None:
        """What is no longer refused may be new again one day."""
        self.parts.state.untold(client, self._told.get(client, set()))

    def between(self, client: str = "") -> None:
        """Called between two documents: raises Stop when somebody, or the budget, said so. `client`: whose turn it is."""
        self.turn = client or self.turn
        if code := self.stopping():
            raise Stop(code)

    def each(self, items: Sequence[T], do: Callable[[T], None], client: str = "") -> None:
        """Many to a transaction; the run may end (Stop) between two of them. What was done stays done."""
        for n in range(0, len(items), TOGETHER):
            self.between(client)
            with self.parts.state.atomic():
                for item in items[n : n + TOGETHER]:
                    do(item)

    def stop(self, code: int) -> None:
        """The run is to end with this code. Called from a signal's handler: between any two instructions."""
        self._end, self.stop_code = self.parts.clock.now(), code

    def stopping(self) -> int:
        """The code the run is to end with before its next document; 0: it goes on."""
        if self.stop_code:
            return self.stop_code
        return 10 if self._end is not None and self.parts.clock.now() >= self._end else 0

    def overdue(self) -> bool:
        """Whether it was to end a moment ago: what is in hand is left to the next one."""
        return self._end is not None and self.parts.clock.now() >= self._end + LATE
