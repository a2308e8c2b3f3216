"""Programs at the portal's own door, in the test's own process."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.programs import program
from tests.portal.programs.program import Caller, make


@pytest.fixture
def caller(office_there: Any, shared: Any) -> Callable[..., Caller]:
    """A program with a key of the cabinet, seen by every thread."""

    def made(*scopes: str, **wish: Any) -> Caller:
        return Caller(make(office_there.cabinet, *scopes, **wish))

    return made


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request asks of the database is asked in the test's own thread: it sees what the test has written, and is undone
    with it. The request itself runs in another."""
    from syncd.portal.api import fair_queue, orm_threads

    asked: program.Asked = queue.SimpleQueue()

    async def here(function: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        asked.put((function, loop, done))
        return await done

    async def run(pool: Any, function: Any, *args: Any) -> Any:
        return await here(orm_threads.bound(function, *args))

    async def turn(room: Any, who: Any, function: Any, receive: Any) -> Any:
        return await here(function)

    monkeypatch.setattr(program, "HERE", asked)
    monkeypatch.setattr(orm_threads, "_run", run)
    monkeypatch.setattr(orm_threads, "close_old_connections", lambda: None)
    monkeypatch.setattr(fair_queue.Room, "run", turn)
