"""A migration of the service's calendar, put together from a configuration: agreed to, reported, its pass asked for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.config.load import load
from syncd.core.errors import UsageError
from syncd.core.verdicts import Verdict
from syncd.jobs.migrate import launch
from syncd.jobs.migrate.migration import Migration
from syncd.schedule.calendar import calendar
from syncd.schedule.job import Job
from syncd.state.file_name import FILE
from syncd.wiring import service_parts
from tests.cli.test_migrate import Typed


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    made = Typed(tmp_path, monkeypatch)
    made.office.write("001/2025/Achats/a.pdf")
    return made


def test_it_covers_its_list_writes_its_report_and_asks_for_the_pass(typed: Typed) -> None:
    config = load(typed.base / "syncd.toml")
    job = Job("GEF", calendar("daily 20:00"), migrate=str(typed.office.old), max_duration=60.0)
    begun: list[Migration] = []
    report = launch.task(config, job, begun.append)
    assert report.verdict is Verdict.DONE and len(begun) == 1 and list(typed.office.here()) == ["Achats/2025/a.pdf"]
    assert [p.suffix for p in typed.reports()] == [".csv", ".json", ".log"]
    with closing(sqlite3.connect(typed.base / "state" / FILE)) as state:
        assert state.execute("select count(*), max(by_whom) from agreements").fetchone() == (1, "migration")
        assert state.execute("select clients from requests").fetchall() == [('["001"]',)]
        state.execute("delete from requests")
        state.commit()
    assert launch.task(config, job, begun.append).clients[0].earlier == 1
    with closing(sqlite3.connect(typed.base / "state" / FILE)) as state:  # no pass was made meanwhile
        assert state.execute("select clients from requests").fetchall() == [('["001"]',)]
    typed.office.close()


def test_one_that_is_ended_while_it_plans_does_nothing(typed: Typed) -> None:
    config = load(typed.base / "syncd.toml")
    job = Job("GEF", calendar("daily 20:00"), migrate=str(typed.office.old))
    report = launch.task(config, job, lambda launched: launched.stop(143))
    assert report.verdict is Verdict.ABANDONED and not typed.office.here() and not typed.reports()
    for broken in (replace(job, map=str(typed.base / "absente.csv")), replace(job, migrate="/nowhere/at/all")):
        with pytest.raises(UsageError):
            launch.task(config, broken, lambda launched: None)
    typed.office.close()


def test_a_job_that_migrates_is_no_pass(typed: Typed) -> None:
    path = typed.base / "syncd.toml"
    path.write_text(path.read_text() + "\n[[job]]\nname = 'GEF'\nwhen = 'daily 20:00'\nmigrate = '/srv/gef'\n")
    config = load(path)
    assert [job.migrate for job in config.jobs] == ["/srv/gef"] and service_parts.timetable(config).next(0.0) is None
    assert "GEF – daily 20:00 – reprise de /srv/gef" in typed("schedule", "list")[1]
    typed.office.close()
