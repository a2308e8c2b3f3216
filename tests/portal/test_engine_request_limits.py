"""What one key asks for is bounded by what there is, and ends when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from syncd.wire.messages import ClientsRequest, encode
from tests.portal.upload_client import Engine


def asked(engine: Engine, path: str, clients: list[str]) -> Any:
    async def ask() -> Any:
        async with engine.line() as line:
            return await line.post(path, content=encode(ClientsRequest(clients)))

    return asyncio.run(ask())


def test_a_client_named_a_thousand_times_is_answered_once(office_there: Any) -> None:
    engine = Engine(office_there.cabinet)
    asyncio.run(engine.put(office_there.one, {"Achats/a.pdf": b"1"}))
    many = [office_there.one.id] * 1000
    for path in ("/trees", "/parity", "/versions", "/inventory"):
        once, often = asked(engine, path, [office_there.one.id]), asked(engine, path, many)
        assert (often.status_code, often.content) == (200, once.content), path
    assert asked(engine, "/listings", many).content.count(b"\n") == 2  # the client, and the end


@pytest.mark.parametrize("path", ["/versions", "/inventory", "/rehash"])
def test_all_of_a_client_is_asked_for_one_at_a_time(office_there: Any, path: str) -> None:
    answer = asked(Engine(office_there.cabinet), path, [office_there.one.id, office_there.two.id])
    assert answer.status_code == 400 and "at most 1" in answer.text


def test_reading_all_again_ends_when_nobody_waits_for_it(office_there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.documents import integrity

    begun, ended = threading.Event(), threading.Event()

    def endless(cabinet: str, client: str, blobs: object, over: Callable[[], bool]) -> list[Any]:
        begun.set()
        while not over():
            threading.Event().wait(0.01)
        ended.set()
        return []

    monkeypatch.setattr(integrity, "rotten", endless)
    engine = Engine(office_there.cabinet)

    async def leave() -> None:
        async with engine.line() as line:
            asking = asyncio.ensure_future(line.post("/rehash", content=encode(ClientsRequest([office_there.one.id]))))
            await asyncio.to_thread(begun.wait, 20)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(leave())
    assert ended.wait(20)
