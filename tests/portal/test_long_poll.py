"""The feed's long-poll: a verb of its own, that answers where the feed is and puts nothing together."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.portal.test_rights_revoked_midway import Engine, done


@pytest.fixture
def engine(shared: Path, office_there: Any) -> Engine:
    return Engine(office_there)


async def poll(engine: Engine, wait: float, **cursor: Any) -> Any:
    import msgspec

    asked = {"protocol": 1, "instance": "i", "cursor": {**(engine.cursor or {}), **cursor}, "wait": wait}
    answer = await engine.ask("/poll", msgspec.json.encode(asked))
    assert answer.status_code == 200, answer.text
    return answer.json()


def changed(engine: Engine) -> None:
    from syncd.portal.records.feed import publishing

    with publishing(engine.office.cabinet.id) as feed:
        feed.client(engine.office.one.id)


def test_it_answers_as_soon_as_the_feed_moves_and_a_cursor_alone(engine: Engine) -> None:
    async def work() -> None:
        await engine.hello()
        before, began = engine.cursor, time.monotonic()
        waiting = asyncio.create_task(poll(engine, 50.0))
        await asyncio.sleep(0.4)
        assert not waiting.done()
        await done(lambda: changed(engine))
        said = await waiting
        assert set(said) == {"cursor"} and said["cursor"]["seq"] == before["seq"] + 1  # type: ignore[index]
        assert time.monotonic() - began < 15
        assert (await poll(engine, 50.0))["cursor"] == said["cursor"]  # from the place before: at once
        engine.cursor = said["cursor"]
        assert (await poll(engine, 0.1))["cursor"] == said["cursor"]
        assert (await poll(engine, 50.0, tag="f" * 32))["cursor"] == said["cursor"]  # a place it never had

    asyncio.run(work())


def test_whoever_listens_keeps_its_lease_and_nobody_elses(engine: Engine) -> None:
    from syncd.portal.models import Cabinet

    def until(seconds: float | None = None) -> float:
        row = Cabinet.objects.filter(id=engine.office.cabinet.id)
        if seconds is not None:
            row.update(lease_until=time.time() + seconds)
        return row.get().lease_until - time.time()

    async def work() -> None:
        await engine.hello()
        await done(lambda: until(5.0))
        await poll(engine, 0.0)
        assert await done(until) > 200
        await done(lambda: (until(5.0), Cabinet.objects.update(lease_instance="another")))
        await poll(engine, 0.0)
        assert await done(until) < 5

    asyncio.run(work())


def test_it_reads_no_document_and_no_row_of_the_feed(office: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.rights import Engine as Actor
    from syncd.portal.sync import changes

    with CaptureQueriesContext(connection) as queries:
        changes.listening(Actor(office.cabinet.id), "instance")
    assert not any(
        table in q["sql"] for q in queries for table in ("portal_document", "portal_version", "portal_feedrow")
    )


def test_an_engine_of_an_older_version_listens_by_its_greeting_as_before(engine: Engine) -> None:
    """`wait`, with and without `brief`: what it was told then."""

    async def work() -> None:
        await engine.hello()
        before = engine.cursor
        for brief in (False, True):
            engine.cursor = before
            waiting = asyncio.create_task(engine.hello(cursor=before, wait=30.0, brief=brief))
            await asyncio.sleep(0.1)
            await done(lambda: changed(engine))
            said = (await waiting).json()
            assert said["cursor"] != before
            assert [c["id"] for c in said["clients"]] == ([] if brief else [engine.office.one.id])
            assert said["moved"] == ([engine.office.one.id] if brief else [])

    asyncio.run(work())


def test_one_key_that_waits_many_times_is_refused_and_its_other_questions_are_answered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.api import key_limits, long_poll

    monkeypatch.setattr(long_poll, "OF_CABINET", 3)
    monkeypatch.setattr(key_limits, "PAUSE", 0.0)

    async def work() -> None:
        await engine.hello()
        waiting = [asyncio.create_task(engine.hello(cursor=engine.cursor, wait=30.0)) for _ in range(3)]
        await asyncio.sleep(0.3)
        refused = await engine.hello(cursor=engine.cursor, wait=30.0)
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert (await engine.hello(cursor=engine.cursor)).status_code == 200
        await done(lambda: changed(engine))
        assert [(await each).status_code for each in waiting] == [200] * 3

    asyncio.run(work())


def test_a_flood_of_one_key_costs_no_look_at_the_database_and_its_greeting_is_answered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.api import key_limits
    from syncd.portal.sync import engine_keys

    looked = list[str]()
    look_up = engine_keys.engine_token
    monkeypatch.setattr(engine_keys, "engine_token", lambda key, at: (looked.append(key), look_up(key, at))[1])
    monkeypatch.setattr(key_limits, "OF_KEY", 5)
    monkeypatch.setattr(key_limits, "PAUSE", 0.2)

    async def work() -> None:
        await engine.hello()
        waiting = [asyncio.create_task(poll(engine, 30.0)) for _ in range(5)]
        await asyncio.sleep(0.3)
        before, asked = len(looked), b'{"protocol":1,"instance":"i","wait":30}'
        began = time.monotonic()
        flood = await asyncio.gather(*(engine.ask("/poll", asked) for _ in range(50)))
        assert {(f.status_code, f.json()["code"]) for f in flood} == {(503, "busy")}
        assert time.monotonic() - began >= 0.2  # late: whoever asks again at once asks seldom
        assert len(looked) == before
        assert (await engine.hello(cursor=engine.cursor)).status_code == 200
        await done(lambda: changed(engine))
        for each in waiting:
            await each
        assert (await poll(engine, 0.1))["cursor"]

    asyncio.run(work())
