"""After a pass that was given up the next one waits, longer each time, whatever the portal or the disk tells (HAZARDS 63)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import StateFailed, Unreachable
from syncd.engine.scheduler import Pass, Scheduler, Why
from tests.engine.test_listening import Service, heard

HOUR = 3600.0
MANY = 40  # passes in an hour: nobody waits for the end of an endless row


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def failing(error: Exception) -> Callable[..., Any]:
    async def fails(*_: Any, **__: Any) -> Any:
        raise error

    return fails


async def served(scheduler: Scheduler, seconds: float, *, saving: str = "") -> list[float]:
    """When passes began within that time of a clock that jumps to what is due. `saving`: a client where somebody saves
    all the while."""
    at, began = [0.0], list[float]()
    scheduler._now = lambda: at[0]  # type: ignore[method-assign]
    while at[0] < seconds and len(began) < MANY:
        if saving:
            scheduler.dirty.event(saving, at[0])
        work = scheduler._work()
        if work is not None:
            began.append(at[0])
            await scheduler._pass_alone(work)
        elif not await heard(scheduler, 0.05):
            at[0] += max(scheduler._rest(), 1.0)
    return began


def pauses(began: list[float]) -> list[float]:
    return [round(b - a) for a, b in itertools.pairwise(began)]


def hour(service: Service, *, saving: str = "") -> list[float]:
    began: list[float] = []

    async def work(scheduler: Scheduler) -> None:
        began.extend(await served(scheduler, HOUR, saving=saving))

    service.serve(work)
    return began


FAULTS = {
    "500 to an upload": Unreachable("500", reason="portal_failed"),
    "507 to an upload": Unreachable("507", reason="portal_full"),
    "reset at an upload": Unreachable("ReadError"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_portal_that_answers_but_fails_the_work_is_asked_after_growing_pauses(service: Service, name: str) -> None:
    """It answers where its feed is, so that it was « back » at once, each time."""
    service.remote.put = failing(FAULTS[name])  # type: ignore[method-assign]
    service.write("Achats/mine.pdf", b"saved here", "001")
    began = hour(service, saving=service.clients["001"])
    assert 4 <= len(began) <= 9
    assert pauses(began)[:4] == sorted(pauses(began)[:4]) and pauses(began)[0] >= 60


def test_a_state_that_cannot_be_written_is_tried_after_growing_pauses(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StateFailed("The state database cannot be written (disk I/O error).")

    service.deposit("Achats/a.pdf", b"deposited", "002")
    monkeypatch.setattr(service.state.journal, "start_run", full)
    assert 4 <= len(hour(service, saving=service.clients["001"])) <= 9


def test_an_unmounted_disk_is_looked_for_once_a_minute(service: Service) -> None:
    service.deposit("Achats/a.pdf", b"deposited", "002")
    service.root.rename(service.base / "away")

    async def work(scheduler: Scheduler) -> None:
        began = await served(scheduler, 600.0, saving=service.clients["001"])
        assert 5 <= len(began) <= 11
        (service.base / "away").rename(service.root)
        scheduler.wake.set()

    service.serve(work)


def test_a_portal_that_was_away_is_served_as_soon_as_it_is_back(service: Service) -> None:
    """However long it was away, and however many passes failed meanwhile."""
    hello, poll = service.remote.hello, service.remote.poll
    service.write("Achats/mine.pdf", b"saved here", "001")

    async def work(scheduler: Scheduler) -> None:
        service.remote.hello = failing(Unreachable("away"))  # type: ignore[method-assign]
        service.remote.poll = failing(Unreachable("away"))  # type: ignore[method-assign]
        assert len(await served(scheduler, HOUR, saving=service.clients["001"])) < 9
        service.remote.hello, service.remote.poll = hello, poll  # type: ignore[method-assign]
        scheduler.poll_pause = 0.0
        assert await heard(scheduler)
        then = scheduler._work()
        assert then == Pass(Why.FULL)
        await scheduler._pass_alone(then)

    service.serve(work)
    assert service.online("001") == {"Achats/mine.pdf": b"saved here"}


def test_after_a_pass_that_went_well_the_pauses_begin_anew(service: Service) -> None:
    put = service.remote.put
    service.write("Achats/mine.pdf", b"saved here", "001")

    async def work(scheduler: Scheduler) -> None:
        service.remote.put = failing(Unreachable("500", reason="portal_failed"))  # type: ignore[method-assign]
        await served(scheduler, 1000.0, saving=service.clients["001"])
        assert scheduler.setbacks > 2
        service.remote.put = put  # type: ignore[method-assign]
        await scheduler._pass_alone(Pass(Why.FULL))
        assert scheduler.setbacks == 0
        scheduler.dirty.event(service.clients["001"], scheduler._now())
        assert scheduler._work() == Pass(Why.EVENTS, frozenset({service.clients["001"]}))

    service.serve(work)


def test_a_portal_that_says_where_it_is_and_answers_nothing_else_is_asked_less_and_less(service: Service) -> None:
    """It is back each time, as far as the long-poll goes; each pass fails at its first request."""
    service.remote.hello = failing(Unreachable("500", reason="portal_failed"))  # type: ignore[method-assign]
    slept = list[float]()

    async def work(scheduler: Scheduler) -> None:
        real = scheduler._leave_alone

        async def at_once() -> None:
            slept.append(scheduler.poll_pause)
            task = asyncio.ensure_future(real())
            await asyncio.sleep(0)
            task.cancel()

        scheduler._leave_alone = at_once  # type: ignore[method-assign]
        await served(scheduler, 60.0, saving=service.clients["001"])

    service.serve(work)
    assert slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
