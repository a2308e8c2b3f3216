"""At a portal of an older version the engine goes on: answers as that version gave them (tests/data/wire)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.core.errors import SyncdError
from syncd.core.protocol import Caller, Cursor
from syncd.remote.http import HttpRemote
from syncd.wire.endpoints import PREFIX
from tests.remote.test_hostile_answers import VERBS, ask

ME = Caller("e", "machine", "instance")


class Older:
    """A portal of 8cf244d to which a document has come since it was greeted. `asked`: path and body of each request."""

    def __init__(self) -> None:
        told = Path(__file__).parents[1] / "data" / "wire" / "8cf244d-answers.json"
        self.greeting, self.poll, self.listened = json.loads(told.read_text(encoding="utf-8"))
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, body = request.url.path.removeprefix(PREFIX), json.loads(request.content)
        self.asked.append((path, body))
        said = self.poll if path == "/poll" else self.listened if body.get("cursor") else self.greeting
        return httpx.Response(said["status"], content=said["body"].encode(), headers={"Content-Type": said["type"]})


def test_whoever_listens_there_does_so_by_greeting() -> None:
    portal = Older()

    async def listen(remote: HttpRemote) -> tuple[Cursor, Cursor]:
        before = (await remote.hello(ME, None)).cursor
        return before, await remote.poll(ME, before, 20.0)

    VERBS["listen"] = listen
    try:
        before, head = ask("listen", portal)
    finally:
        del VERBS["listen"]
    assert (head.epoch, head.seq) == (before.epoch, before.seq + 1)
    greeted = ask("hello", portal)
    assert (greeted.tasks, greeted.packages) == (0, 0)  # nor is it asked for any
    del portal.asked[-1]
    assert [path for path, _ in portal.asked] == ["/hello", "/poll", "/hello"]
    listening = portal.asked[-1][1]
    assert listening["wait"] == 20.0 and listening["caller"]["lease"] is False


def test_what_an_older_portal_cannot_do_at_all_is_one_sentence() -> None:
    """As a portal says it from now on; the older ones knew no such sentence, and all that is asked of them but `poll`."""
    said = {
        "code": "endpoint",
        "message": "This portal knows no POST /parity: it is of another version than the engine.",
    }
    with pytest.raises(SyncdError, match="another version") as told:
        ask("parity", lambda request: httpx.Response(404, content=json.dumps(said).encode()))
    assert told.value.reason == "portal_refuses"
