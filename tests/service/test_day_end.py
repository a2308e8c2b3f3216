"""The guards' day ends by its own name, whether mail is sent or not; new trouble never waits for the hour."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncd.config.load import loads
from syncd.core import alert_timing
from syncd.core.alert_timing import Trouble
from syncd.service import day_end
from syncd.service.notifier import Notifier
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import fresh_state

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
EVENING = NOON + 6 * 3600


@pytest.mark.parametrize("mail", [True, False], ids=["with mail", "without"])
def test_the_guards_day_ends_at_the_hour_of_the_digest_by_itself(tmp_path: Path, mail: bool) -> None:
    text = CONFIG if mail else CONFIG.partition("[mail]")[0]
    config, store = loads(text.format(tmp_path), "syncd.toml", {}), fresh_state()
    assert not day_end.end(config, store, NOON)
    store.guards.count("c1", "set_asides", NOON + 1)
    assert not day_end.end(config, store, EVENING - 1) and store.guards.window("c1", EVENING) == {"set_asides": 1}
    assert day_end.end(config, store, EVENING) and store.guards.window("c1", EVENING) == {}
    store.guards.count("c1", "set_asides", EVENING + 1)
    assert not day_end.end(config, store, EVENING + 60) and store.guards.window("c1", EVENING + 60) == {"set_asides": 1}


def test_a_digest_that_is_sent_resets_no_guard(tmp_path: Path) -> None:
    config, store = loads(CONFIG.format(tmp_path), "syncd.toml", {}), fresh_state()
    post = Notifier(config, store, lambda *_, **__: None)
    post.tick(NOON)
    store.guards.count("c1", "set_asides", NOON + 1)
    post.tick(EVENING)
    assert store.outboxes.due_mails(EVENING) and store.guards.window("c1", EVENING) == {"set_asides": 1}


def test_a_digest_is_owed_until_it_lies_in_the_outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, store = loads(CONFIG.format(tmp_path), "syncd.toml", {}), fresh_state()
    post = Notifier(config, store, lambda *_, **__: None)
    day_end.end(config, store, NOON)
    post.tick(NOON)
    assert day_end.end(config, store, EVENING)
    with monkeypatch.context() as patch:
        patch.setattr(post, "_digest", lambda now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            post.tick(EVENING)
    store.guards.count("c1", "set_asides", EVENING + 1)
    assert not day_end.end(config, store, EVENING + 30)  # what cannot be told does not open the windows again
    post.tick(EVENING + 30)
    assert len(store.outboxes.due_mails(EVENING + 30)) == 1 and store.guards.window("c1", EVENING + 30) == {
        "set_asides": 1
    }
    post.tick(EVENING + 60)
    assert len(store.outboxes.due_mails(EVENING + 60)) == 1


def trouble(client: str, reason: str, **more: Any) -> Trouble:
    return Trouble(f"{client}:{reason}", client, reason, since=1.0, **more)


def test_a_new_client_or_kind_of_trouble_never_waits_for_the_hour() -> None:
    known = trouble("001", "guard_changes", told=1000.0)
    another, kind = trouble("002", "guard_changes"), trouble("001", "unreadable")
    told = alert_timing.tell([known, another, kind], 1060.0, 1000.0, {known.key: 1000.0})
    assert told.news == (another, kind)


def test_what_was_told_within_the_hour_and_comes_back_waits_for_it() -> None:
    back = trouble("001", "unreadable")
    early = alert_timing.tell([back], 1060.0, 1000.0, {back.key: 1000.0})
    assert early.news == () and early.kept == (back,)
    assert alert_timing.tell([back], 4700.0, 1000.0, {}).news == (back,)


def test_an_end_waits_for_the_hour_unless_something_goes_out_anyway() -> None:
    over, fresh = trouble("001", "unreadable", told=900.0, ended=1050.0), trouble("002", "unreadable")
    assert alert_timing.tell([over], 1060.0, 1000.0).over == ()
    assert alert_timing.tell([over, fresh], 1060.0, 1000.0).over == (over,)
