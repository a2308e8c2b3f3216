"""The robot of a service: every quarter of an hour, and sooner when something happens on the share or a pass has ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core import words
from syncd.engine.context import Context
from syncd.jobs.intake.intake import Intake, Options
from syncd.ports.file_events import FileEvents
from syncd.ports.state import Request

NAME = "intake"  # of requests for it
INTERVAL = 900.0
SOONER = 1.0  # after an event: what else comes with it is looked at together


def options(config: Config) -> Options:
    keys = config.intake
    return Options(
        keys.root, keys.aside, lambda at: f"{local_time(config, at):%Y-%m}",
        lambda at: words.date_time(local_time(config, at)), keys.delete, config.language, keys.export,
    )  # fmt: skip


class ScheduledIntake:
    """A ScheduledTask (engine.passes). `clock`: of the event loop."""

    name = NAME

    def __init__(self, config: Config, clock: Callable[[], float]) -> None:
        self._intake, self._clock = Intake(options(config)), clock
        self.due = clock()
        self._full, self._open = clock(), False

    async def __call__(self, ctx: Context, *, asked: Request | None) -> frozenset[str]:
        now = self._clock()
        counts = asked is not None or self._full <= now
        if counts:
            self._full = now + INTERVAL
        self.due = self._full  # whatever becomes of this one
        done = await asyncio.to_thread(partial(self._intake, ctx, counts=counts))
        self._open = bool(done.waiting)
        if done.young:
            self.sooner(done.young)
        return done.placed

    def sooner(self, seconds: float = SOONER) -> None:
        self.due = min(self.due, self._clock() + seconds)

    def passed(self) -> None:
        """A pass has ended: what waits for the portal's answer may have it."""
        if self._open:
            self.sooner(0.0)

    async def listen(self, events: FileEvents, wake: Callable[[], None]) -> None:
        """Events only make it sooner. A share that tells nothing, or is away, is looked at by the clock all the same."""
        while True:
            with contextlib.suppress(OSError):
                events.follow(await asyncio.to_thread(self._intake.tops))
                async for names in events.stream():
                    if "" in names:  # a dossier's first scan made its directory
                        events.follow(await asyncio.to_thread(self._intake.tops))
                    self.sooner()
                    wake()
            await asyncio.sleep(INTERVAL)
