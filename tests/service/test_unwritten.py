"""Reports that cannot be written are trouble: told by mail, since nobody reads of it where they should lie, and its end too."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from syncd.config.load import loads
from syncd.core.events import Event
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.engine.scheduler import Pass, Why
from syncd.service.mirror_service import Reporter
from syncd.wiring import assembly
from tests.service.test_notifier import CONFIG

HOUR = 3600.0


def test_reports_that_cannot_be_written_are_told_by_mail_until_one_is(tmp_path: Path) -> None:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    store = assembly.store(config, writes=True)
    said: list[tuple[str, dict[str, Any]]] = []
    reporter = Reporter(config, store, lambda event, **fields: said.append((event, fields)))
    now = 1_000_000.0

    def passes(told: int = 0) -> list[str]:
        """A pass that told so much; the subjects of what was mailed about reports."""
        nonlocal now
        now += 2 * HOUR
        run = store.journal.start_run(now)
        result = RunResult(verdict=Verdict.DONE, run=run, started=now, ended=now + 1, counts={"uploaded": told})
        for n in range(told):
            store.journal.record(run, now, Event("", "problem", f"{n}", reason="link"))
        store.journal.end_run(run, now + 1, result)
        said.clear()
        reporter(Pass(Why.FULL), result, told)
        reporter.post.tick(now + 2)
        due = store.outboxes.due_mails(now + 2)
        for mail, *_ in due:
            store.outboxes.mail_sent(mail)
        subjects = [str(message_from_bytes(m, policy=policy.default)["Subject"]) for _, _, m in due]
        return [subject for subject in subjects if "comptes rendus" in subject]

    passes()
    assert passes(1) == [] and any((tmp_path / "logs" / "runs").rglob("*.log"))
    (tmp_path / "logs").rename(tmp_path / "before")
    (tmp_path / "logs").write_text("a file")
    (told,) = passes(1)
    assert "comptes rendus ne peuvent pas être écrits" in told and not told.startswith("Rétabli")
    assert [fields["error"] for event, fields in said if event == "report_failed"] == [
        f"Not a directory '{tmp_path}/logs/runs'"
    ]
    assert passes() == [], "known, and still so"
    (tmp_path / "logs").unlink()
    (over,) = passes()
    assert over.startswith("Rétabli")
    assert any((tmp_path / "logs" / "runs").rglob("*.log")) and passes() == []
    store.close()
