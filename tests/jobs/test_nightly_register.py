"""The files of clients in a service: once a night, after one o'clock, at the next start where the machine was off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncd.config.model import Config, IntakeKeys, MirrorKeys, ScheduleKeys
from syncd.core.events import Event
from syncd.jobs.client_register.nightly import LOOK, NightlyRegister, since
from tests.jobs.test_client_register import Portal
from tests.simulation.engine_in_memory import fresh_state

PARIS = ZoneInfo("Europe/Paris")


def at(text: str, zone: ZoneInfo = PARIS) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("done", "now", "due"),
    [
        ("2026-11-27T01:10", "2026-11-28T00:59", None), ("2026-11-27T01:10", "2026-11-28T01:00", "2026-11-28T01:00"),
        ("2026-11-28T01:00", "2026-11-28T23:00", None), ("2026-11-20T01:00", "2026-11-28T09:00", "2026-11-21T01:00"),
    ],
)  # fmt: skip
def test_it_is_due_from_one_oclock_on_until_it_was_done(done: str, now: str, due: str | None) -> None:
    assert since(at(done), at(now), PARIS) == (at(due) if due else None)


def test_whoever_never_did_it_does_so_at_once() -> None:
    assert since(0.0, 5.0, PARIS) == 5.0


class Machine:
    def __init__(self, tmp_path: Path, timezone: str = "Europe/Paris") -> None:
        self.now, self.portal, self.state, self.said = 0.0, Portal(), fresh_state(), list[Event]()
        self.config_dir = tmp_path / "import" / "config"
        self.config_dir.mkdir(parents=True)
        config = Config(
            MirrorKeys(logs=str(tmp_path / "logs")), schedule=ScheduleKeys(settle=0.0), intake=IntakeKeys(root=str(tmp_path / "import")),
            timezone=timezone,
        )  # fmt: skip
        self.nightly = NightlyRegister(config, lambda: self.now, lambda _: self.portal)
        recorder = SimpleNamespace(
            record=lambda event, whose: self.said.append(event), forget_resolved=lambda whose: None
        )
        self.ctx: Any = SimpleNamespace(
            clock=SimpleNamespace(now=lambda: self.now), state=self.state, recorder=recorder
        )

    def write(self, text: str, name: str = "dossiers.txt") -> Path:
        path = self.config_dir / name
        path.write_text(text, encoding="utf-8")
        return path

    def tick(self, now: float) -> int:
        """How many changes the portal was asked for."""
        before, self.now = len(self.portal.asked), now
        assert asyncio.run(self.nightly(self.ctx, asked=None)) == frozenset()
        assert self.nightly.due == now + LOOK
        return len(self.portal.asked) - before


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.tick(at("2026-11-20T12:00"))
    return made


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Paris", "2026-10-24"),
        ("Europe/Paris", "2026-03-28"),
        ("Europe/London", "2026-10-24"),
        ("Atlantic/Azores", "2026-10-24"),
    ],
)
def test_the_night_in_which_clocks_change_does_it_once(tmp_path: Path, zone: str, night: str) -> None:
    machine, there = Machine(tmp_path, zone), ZoneInfo(zone)
    machine.tick(at(f"{night}T12:00", there))
    done = 0
    start = datetime.fromisoformat(f"{night}T22:00").replace(tzinfo=there).astimezone(UTC)
    for quarter in range(4 * 9):
        machine.write(f"n{quarter};Client {quarter};;;\n")
        done += bool(machine.tick((start + timedelta(minutes=15 * quarter)).timestamp()))
    assert done == 1


def test_what_lies_there_is_left_until_the_night_and_a_machine_that_was_off_does_it_at_its_start(
    machine: Machine,
) -> None:
    path = machine.write("001;Neuf;;;\n")
    assert machine.tick(at("2026-11-20T18:00")) == 0 and path.exists()
    assert machine.tick(at("2026-11-23T08:30")) == 1 and not path.exists()
    machine.write("002;Neuf;;;\n")
    assert machine.tick(at("2026-11-23T12:00")) == 0 and machine.tick(at("2026-11-24T01:00")) == 1


def test_an_extraction_that_is_late_is_waited_for_and_not_all_day(machine: Machine) -> None:
    assert machine.tick(at("2026-11-21T01:00")) == 0
    machine.write("001;Neuf;;;\n")
    assert machine.tick(at("2026-11-21T01:15")) == 1
    machine.tick(at("2026-11-22T05:30"))  # nothing came that night
    machine.write("002;Neuf;;;\n")
    assert machine.tick(at("2026-11-22T05:45")) == 0


def test_a_file_that_is_held_back_is_said_and_taken_once_it_is_whole(machine: Machine) -> None:
    machine.state.progress.change(register_lines={"dossiers.txt": 10})
    path = machine.write("001;Neuf;;;\n")
    assert machine.tick(at("2026-11-21T01:00")) == 0 and path.exists()
    (said,) = machine.said
    assert (said.reason, said.path, said.detail) == ("register_held", "config/dossiers.txt", "1 lignes au lieu de 10")
    machine.write("".join(f"{n:03};Client {n};;;\n" for n in range(9)))
    assert machine.tick(at("2026-11-21T01:15")) == 9 and not path.exists()
    assert machine.state.progress.read().register_lines == {"dossiers.txt": 9}


def test_a_portal_that_is_away_is_asked_again(machine: Machine) -> None:
    from syncd.core.errors import Unreachable

    path, machine.portal.away = machine.write("001;Neuf;;;\n"), True
    with pytest.raises(Unreachable):
        machine.tick(at("2026-11-21T01:00"))
    assert machine.nightly.due == machine.now + LOOK and path.exists()
    machine.portal.away = False
    assert machine.tick(at("2026-11-21T01:15")) == 1


def test_what_waits_for_the_right_is_looked_at_again_the_next_night(machine: Machine) -> None:
    machine.portal = Portal(right=False)
    path = machine.write("001;Neuf;;;\n")
    machine.tick(at("2026-11-21T01:00"))
    machine.portal = Portal()
    assert machine.tick(at("2026-11-21T12:00")) == 0 and path.exists()
    assert machine.tick(at("2026-11-22T01:00")) == 1


def test_a_share_that_cannot_be_read_is_a_sentence_and_is_looked_at_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.core.errors import SyncdError
    from syncd.jobs.client_register.extraction_directory import Extraction

    def away(_: Extraction) -> None:
        raise OSError(5, "Input/output error")

    machine.write("001;Neuf;;;\n")
    with monkeypatch.context() as m:
        m.setattr(Extraction, "files", away)
        with pytest.raises(SyncdError, match="Input/output error"):
            machine.tick(at("2026-11-21T01:00"))
    assert machine.nightly.due == machine.now + LOOK and machine.tick(at("2026-11-21T01:15")) == 1
