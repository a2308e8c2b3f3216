"""A state that cannot be written is told to people at once, and once, though nothing can be queued; its end is told too."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.config.load import loads
from syncd.core.errors import StateFailed
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.engine.scheduler import Pass, Why
from syncd.service.mirror_service import Reporter
from syncd.wiring import assembly, service_parts
from tests.service.test_notifier import CONFIG


def test_a_state_that_is_full_is_told_once_and_its_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    store = assembly.store(config, writes=True)
    sent: list[str] = []

    def send(mails: list[tuple[str, bytes]]) -> list[str]:
        sent.extend(str(message_from_bytes(m, policy=policy.default)["Subject"]) for _, m in mails)
        return [""] * len(mails)

    monkeypatch.setattr(service_parts, "smtp", lambda config: SimpleNamespace(send=send))
    reporter = Reporter(config, store, lambda event, **fields: None)

    def full(*_: Any) -> None:
        raise StateFailed("The state database cannot be written (disk I/O error).")

    async def while_full() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("syncd.service.day_end.end", full)
            patch.setattr(reporter.post, "after", full)
            ticking = asyncio.create_task(reporter.ticking())
            reporter.log("state_failed", error="no room")
            for n in range(3):  # a pass that could begin and be given up is told of as little
                given_up = RunResult(
                    verdict=Verdict.ABANDONED, reason="state_failed", run=n + 1, started=1.0, ended=2.0
                )
                reporter(Pass(Why.EVENTS), given_up, 0)
                await asyncio.sleep(0.3)
            ticking.cancel()

    asyncio.run(while_full())
    (subject,) = sent
    assert subject.startswith("Synchronisation arrêtée") and "ne peut pas être écrite" in subject
    reporter(Pass(Why.FULL), RunResult(verdict=Verdict.DONE, run=9, started=10.0, ended=11.0), 0)
    reporter.post.tick(20_000.0)
    ((_, _, over),) = store.outboxes.due_mails(20_000.0)
    assert str(message_from_bytes(over, policy=policy.default)["Subject"]).startswith("Rétabli")
    store.close()
