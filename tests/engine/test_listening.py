"""While it waits for news the service asks where the portal's feed is; what moved it is put together once, for the pass."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import Hello
from syncd.engine import Ports
from syncd.engine.scheduler import Pass, Scheduler, Why
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab


class Service(Lab):
    """`greetings`: what each `hello` answered; `polls`: how often it was asked where the feed is."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, (FolderRule("Achats"),), ("001", "002"))
        self.believed = itertools.repeat(0)
        self.run()
        self.greetings, self.polls = list[Hello](), 0
        hello, poll = self.remote.hello, self.remote.poll

        async def greeted(*args: Any) -> Hello:
            self.greetings.append(await hello(*args))
            return self.greetings[-1]

        async def polled(*args: Any) -> Any:
            self.polls += 1
            return await poll(*args)

        self.remote.hello, self.remote.poll = greeted, polled  # type: ignore[method-assign, assignment]

    def scheduler(self) -> Scheduler:
        parts = Ports(self.remote, DiskMirror(str(self.root), settle=0.0), self.state, self.clock)
        events: Any = SimpleNamespace(follow=lambda directories: None)
        timetable: Any = SimpleNamespace(next=lambda at: None)
        made = Scheduler(parts, self.settings, events, timetable, 900.0, lambda *told: None, lambda *said, **more: None)
        made._due, made.full_at = None, 1e12
        return made

    def serve(self, work: Callable[[Scheduler], Awaitable[None]]) -> None:
        async def whole() -> None:
            await work(self.scheduler())

        asyncio.run(whole())


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


async def heard(scheduler: Scheduler, seconds: float = 0.3) -> bool:
    """Whether the long-poll has something to say within that time."""
    try:
        await asyncio.wait_for(scheduler._listen(), seconds)
    except TimeoutError:
        return False
    return True


def test_a_woken_pass_is_told_what_changed_once(service: Service) -> None:
    service.deposit("Achats/a.pdf", b"deposited", "002")

    async def work(scheduler: Scheduler) -> None:
        await scheduler._listen()
        assert service.greetings == [] and service.polls == 1
        woken = scheduler._work()
        assert woken == Pass(Why.EVENTS, frozenset())
        await scheduler._pass_alone(woken)
        assert scheduler._work() is None

    service.serve(work)
    (greeting,) = service.greetings
    assert {d.client for d in greeting.docs} == {service.clients["002"]}
    assert (service.dir("002") / "Achats" / "a.pdf").read_bytes() == b"deposited"


def test_what_a_pass_over_some_clients_is_told_of_others_is_not_forgotten(service: Service) -> None:
    """It moves the cursor: the long-poll says nothing of it any more."""
    service.deposit("Achats/a.pdf", b"deposited", "002")

    async def work(scheduler: Scheduler) -> None:
        await scheduler._pass_alone(Pass(Why.JOB, None, frozenset({"001"})))
        assert set(scheduler.dirty.due) == {service.clients["002"]}
        then = scheduler._work()
        assert then == Pass(Why.EVENTS, frozenset({service.clients["002"]}))
        await scheduler._pass_alone(then)

    service.serve(work)
    assert (service.dir("002") / "Achats" / "a.pdf").read_bytes() == b"deposited"


def test_a_pass_that_cannot_begin_is_not_begun_again_and_again(service: Service) -> None:
    """The root is away: the feed stays ahead, and the portal would say so at once, every time."""
    service.deposit("Achats/a.pdf", b"deposited", "002")
    service.root.rename(service.base / "away")

    async def work(scheduler: Scheduler) -> None:
        assert await heard(scheduler)
        woken = scheduler._work()
        assert woken is not None
        await scheduler._pass_alone(woken)
        assert not await heard(scheduler) and service.polls == 1
        assert scheduler._work() is None and 0 < scheduler._rest() <= 60

    service.serve(work)


def test_a_portal_that_was_put_back_to_the_very_cursor_is_noticed(service: Service) -> None:
    """Only what its answers to our own writes had named shows that it was restored."""
    seen = service.state.progress.cursor()
    assert seen is not None
    service.state.progress.set_seen(type(seen)(seen.epoch, seen.seq + 3, "f" * 32))

    async def work(scheduler: Scheduler) -> None:
        assert await heard(scheduler)
        woken = scheduler._work()
        assert woken is not None
        await scheduler._pass_alone(woken)
        assert service.greetings[-1].unknown_cursor

    service.serve(work)
