"""One asker's many requests wait for each other; the others are served between them (HAZARDS 49)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

pytestmark = pytest.mark.usefixtures("portal")
MARIE, PAUL = ("marie", "10.0.0.1"), ("paul", "10.0.0.2")


async def never() -> None:
    await asyncio.Event().wait()


def playing(threads: int, play: Callable[[Any, Callable[..., Any]], Any]) -> None:
    """`play(room, ask)`: `ask(who, gate)` asks for something that lasts until the gate opens."""
    from syncd.portal.api.fair_queue import Room

    async def work() -> None:
        room: Any = Room("test", threads)

        def ask(who: tuple[str, str], gate: threading.Event, receive: Any = never) -> asyncio.Task[Any]:
            return asyncio.ensure_future(room.run(who, lambda: gate.wait(20), receive))

        await asyncio.wait_for(play(room, ask), 20)
        assert (room._free, room._waiting, room._working, room._at, room._inside) == (threads, {}, {}, {}, {})

    asyncio.run(work())


def test_whoever_asks_for_much_leaves_threads_to_the_others() -> None:
    async def play(room: Any, ask: Any) -> None:
        shut, opened = threading.Event(), threading.Event()
        opened.set()
        hers = [ask(MARIE, shut) for _ in range(30)]
        await asyncio.sleep(0)
        for _ in range(20):
            assert await ask(PAUL, opened)  # while all of hers last
        assert not any(task.done() for task in hers)
        shut.set()
        await asyncio.gather(*hers)

    playing(8, play)


def test_sessions_that_one_address_makes_up_leave_threads_to_the_others() -> None:
    async def play(room: Any, ask: Any) -> None:
        shut, opened = threading.Event(), threading.Event()
        opened.set()
        made_up = [ask((f"made up {n}", "10.0.0.9"), shut) for n in range(100)]
        await asyncio.sleep(0)
        for _ in range(20):
            assert await ask(PAUL, opened)  # while all of those last
        assert not any(task.done() for task in made_up)
        shut.set()
        await asyncio.gather(*made_up)

    for threads in (3, 5, 8):
        playing(threads, play)


def test_of_one_address_whoever_waits_longest_is_next() -> None:
    async def play(room: Any, ask: Any) -> None:
        order = list[int]()

        def asked(n: int) -> Any:
            return asyncio.ensure_future(room.run((f"session {n}", "10.0.0.9"), lambda: order.append(n), never))

        gates = [threading.Event() for _ in range(2)]
        first = [ask((f"first {n}", "10.0.0.9"), gate) for n, gate in enumerate(gates)]
        await asyncio.sleep(0)
        tasks = [asked(n) for n in range(10)]
        await asyncio.sleep(0)
        gates[0].set()
        await asyncio.gather(*tasks)
        assert order == list(range(10))
        gates[1].set()
        await asyncio.gather(*first)

    playing(3, play)


def test_with_one_thread_each_has_a_turn() -> None:
    async def play(room: Any, ask: Any) -> None:
        order = list[str]()

        def asked(who: tuple[str, str], n: int) -> Any:
            return asyncio.ensure_future(room.run(who, lambda: order.append(f"{who[0]}{n}"), never))

        gate = threading.Event()
        first = ask(MARIE, gate)
        await asyncio.sleep(0)
        tasks = [asked(MARIE, n) for n in range(5)]
        await asyncio.sleep(0)
        tasks += [asked(PAUL, n) for n in range(2)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, *tasks)
        assert order == ["marie0", "paul0", "marie1", "paul1", "marie2", "marie3", "marie4"]

    playing(1, play)


def test_a_queue_of_one_asker_or_one_address_has_its_own_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.api import fair_queue
    from syncd.portal.api.form_bodies import Refused

    monkeypatch.setattr(fair_queue, "OF_ASKER", 5)
    monkeypatch.setattr(fair_queue, "OF_ADDRESS", 8)

    async def play(room: Any, ask: Any) -> None:
        gate = threading.Event()
        tasks = [ask(MARIE, gate) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Refused):
            await ask(MARIE, gate)
        tasks += [ask((f"made up {n}", MARIE[1]), gate) for n in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Refused):
            await ask(("another", MARIE[1]), gate)
        tasks.append(ask(PAUL, gate))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)

    playing(2, play)


def test_who_hung_up_or_was_cut_short_gives_the_turn_back() -> None:
    async def play(room: Any, ask: Any) -> None:
        gate, away = threading.Event(), asyncio.Event()
        first = ask(MARIE, gate)
        await asyncio.sleep(0)
        gone, cut = ask(MARIE, gate, away.wait), ask(PAUL, gate)
        await asyncio.sleep(0)
        away.set()
        with pytest.raises(ClientDisconnect):
            await gone
        cut.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut
        gate.set()
        await first

    playing(1, play)


@pytest.mark.parametrize("cookie", ["sessionid", "__Host-session"])  # what it is called over http, and over https
def test_two_people_of_one_address_are_two_askers(cookie: str) -> None:
    from django.test import override_settings

    from syncd.portal.api.fair_queue import asker

    said = [
        {"client": ("10.0.0.9", 1), "headers": [(b"cookie", f"langue=fr; {cookie}={who}".encode())]}
        for who in ("marie", "paul")
    ]
    with override_settings(SESSION_COOKIE_NAME=cookie):
        assert [asker(scope)[0] for scope in said] == ["marie", "paul"]
