"""The accounting software's files at night: applied once, kept, removed; held back, left alone, or taken up again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.client_cards import CardChange, CardResult, Cards, ClientCard, Colleague
from syncd.core.errors import Unreachable
from syncd.jobs.client_register.update import Options, Report, update
from syncd.report import register_report

COLUMNS = {
    "dossiers": ("code", "name", "closing", "responsible", "site"),
    "users": ("sign_in", "name", "email", "clients"),
}
NOW = 1_796_000_000.0


class Portal:
    """Cards that are changed as they are asked to be."""

    def __init__(self, *, right: bool = True) -> None:
        self.right, self.asked, self.away = right, list[CardChange](), False
        self.known = {"007868": ClientCard("a" * 32, "007868", {"name": "Dupont", "site": "Lyon"}, changeable=right)}

    async def cards(self) -> Cards:
        if self.away:
            raise Unreachable("away")
        return Cards(tuple(self.known.values()), (Colleague("amartin", "Anne Martin"),), self.right)

    async def change(self, changes: Sequence[CardChange]) -> list[CardResult]:
        for one in changes:
            self.asked.append(one)
            before = self.known.get(one.code) or ClientCard("b" * 32, one.code, changeable=True)
            responsible = (one.values["responsible"],) if "responsible" in one.values else before.responsible
            years = (*before.exercises, *([one.exercise] if one.exercise else []))
            values = {**before.values, **one.values}
            self.known[one.code] = replace(before, values=values, responsible=responsible, exercises=years)
        return [CardResult(c.code, "ok") for c in changes]

    async def close(self) -> None: ...


class Night:
    def __init__(self, tmp_path: Path) -> None:
        self.config, self.kept, self.portal = tmp_path / "config", tmp_path / "kept", Portal()
        self.lines: dict[str, float] = {}
        self.config.mkdir()

    def write(self, name: str, text: str, age: float = 3600.0) -> Path:
        path = self.config / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("cp1252"))
        os.utime(path, (NOW - age, NOW - age))
        return path

    def turn(self, **how: Any) -> Report:
        def render(report: Report) -> str:
            return register_report.text(report, "fr")

        options = Options(str(self.config), str(self.kept), COLUMNS, 60.0, render)
        report = asyncio.run(update(options, self.portal, self.lines, NOW, "2026-11-28_01h00", **how))
        if report.kept:
            self.lines = {**self.lines, **report.lines}
        return report


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def test_what_is_new_is_applied_then_the_files_are_kept_and_removed(night: Night) -> None:
    lists = night.write("dossiers.txt", "007868\tDupont\t31/12/2026\tAMARTIN\tNantes\r\n001\tÉlevage\t\t\t\r\n")
    night.write("users.txt", "amartin;Anne;;\nzoe;Zoé;;\n")
    par = night.write("Export_PAR/007868-202612_PAR.xml", "<PAR/>")
    other = night.write("Extraction-Demat.exe.config", "x")
    data = lists.read_bytes()
    report = night.turn()
    assert [c.code for c in night.portal.asked] == ["001", "007868"] and not report.held
    assert night.portal.known["001"].values["name"] == "Élevage"
    there = night.kept / "2026-11-28_01h00"
    assert (there / "dossiers.txt").read_bytes() == data and (there / "Export_PAR" / par.name).exists()
    told = (there / "compte-rendu.txt").read_text(encoding="utf-8")
    for said in ("Créés : 1", "site : Lyon → Nantes", "exercice : 2026", "« zoe » n'a pas d'accès", "users.txt:2"):
        assert said in told
    assert other.exists() and sorted(p.name for p in night.config.rglob("*") if p.is_file()) == [other.name]


def test_the_same_files_again_change_nothing(night: Night) -> None:
    text = "007868;Dupont;31/12/2026;amartin;Nantes\n001;Neuf;;;\n"
    night.write("dossiers.txt", text)
    night.turn()
    before = len(night.portal.asked)
    night.write("dossiers.txt", text)
    report = night.turn()
    assert (report.difference.same, len(night.portal.asked)) == (2, before) and not list(night.config.iterdir())


def test_a_dry_run_shows_the_same_and_writes_nothing(night: Night) -> None:
    path = night.write("dossiers.txt", "007868;Dupont;;;Nantes\n", age=0.0)
    report = night.turn(dry_run=True)
    assert [c.change.values for c in report.difference.changed] == [{"site": "Nantes"}]
    assert path.exists() and not night.portal.asked and not night.kept.exists()


def test_a_file_that_lost_a_fifth_is_held_back_until_somebody_agrees(night: Night) -> None:
    night.lines = {"dossiers.txt": 500}
    path = night.write("dossiers.txt", "".join(f"{n};Client {n};;;\n" for n in range(399)))
    report = night.turn()
    (held,) = report.held
    assert (
        (held.before, held.now) == (500, 399) and path.exists() and not night.portal.asked and not night.kept.exists()
    )
    assert "n'a plus que 399 lignes, au lieu de 500" in register_report.text(report, "fr")
    assert len(night.turn(dry_run=True).difference.created) == 399  # what it would be is shown all the same
    assert len(night.turn(agreed=True).difference.created) == 399 and not path.exists()
    assert night.lines["dossiers.txt"] == 399


def test_what_is_still_being_written_is_left_for_later(night: Night) -> None:
    path = night.write("dossiers.txt", "007868;Dup", age=2.0)
    assert night.turn().young == 58.0 and path.exists() and not night.portal.asked
    night.write("dossiers.txt", "007868;Dupont;;;\n", age=-7200.0)  # a clock that is ahead
    assert night.turn().difference.same == 1 and not path.exists()


@pytest.mark.parametrize("text", ["Code;Raison sociale;Site;x;y\n1;a;b;c;d\n", "\0\0"])
def test_a_file_that_is_not_what_the_configuration_says_is_named_and_nothing_is_taken(night: Night, text: str) -> None:
    night.write("dossiers.txt", text)
    report = night.turn()
    assert (
        report.held[0].why.startswith("dossiers.txt: ")
        and not night.portal.asked
        and len(list(night.config.iterdir())) == 1
    )


def test_a_file_of_parameters_that_means_harm_holds_everything_back(night: Night) -> None:
    night.write("dossiers.txt", "007868;Dupont;;;Nantes\n")
    night.write("Export_PAR/1-202612_PAR.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert "document type" in night.turn().held[0].why and not night.portal.asked


def test_a_link_is_not_followed(night: Night, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("007868;Dupont;;;Paris\n")
    (night.config / "dossiers.txt").symlink_to(secret)
    assert "it is no file" in night.turn().held[0].why and secret.exists() and not night.portal.asked
    (night.config / "dossiers.txt").unlink()
    (night.config / "Export_PAR").symlink_to(tmp_path)
    assert night.turn() == Report()


def test_without_the_right_the_files_wait_for_it(night: Night) -> None:
    night.portal = Portal(right=False)
    path = night.write("dossiers.txt", "007868;Dupont;;;Nantes\n001;Neuf;;;\n")
    report = night.turn()
    assert report.stays and path.exists() and not night.portal.asked
    assert "en attente du droit" in register_report.text(report, "fr")
    night.portal = Portal()
    assert not night.turn().stays and not path.exists() and len(night.portal.asked) == 2


def test_a_portal_that_is_away_costs_nothing(night: Night) -> None:
    path = night.write("dossiers.txt", "007868;Dupont;;;Nantes\n")
    night.portal.away = True
    with pytest.raises(Unreachable):
        night.turn()
    assert path.exists() and not night.kept.exists()


def test_a_file_that_came_meanwhile_is_not_removed_with_the_one_that_was_read(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = night.write("dossiers.txt", "007868;Dupont;;;Nantes\n")
    change = night.portal.change

    async def slowly(changes: Sequence[CardChange]) -> list[CardResult]:
        path.unlink()
        night.write("dossiers.txt", "007868;Dupont;;;Rennes, après\n")
        return await change(changes)

    monkeypatch.setattr(night.portal, "change", slowly)
    night.turn()
    assert "Rennes" in path.read_bytes().decode("cp1252")


@pytest.mark.parametrize("step", ["change", "keep", "remove"])
def test_ended_at_any_step_it_is_the_same_in_the_end(night: Night, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.jobs.client_register.extraction_directory import Extraction

    night.write("dossiers.txt", "007868;Dupont;;;Nantes\n001;Neuf;;;\n")

    class Killed(BaseException): ...

    def killed(*_: object) -> None:
        raise Killed

    where = night.portal if step == "change" else Extraction
    with monkeypatch.context() as m:
        m.setattr(where, step, killed)
        with pytest.raises(Killed):
            night.turn()
    assert (night.config / "dossiers.txt").exists()
    night.turn()
    assert len([c for c in night.portal.asked if c.code == "001"]) == 1 and not list(night.config.iterdir())
    assert (night.kept / "2026-11-28_01h00" / "dossiers.txt").exists()


def test_nothing_there_is_nothing_to_say(night: Night, tmp_path: Path) -> None:
    assert night.turn() == Report() and register_report.text(Report(), "en") == "No configuration file.\n"
    night.config.rmdir()
    assert night.turn() == Report()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_is_said_in_both_languages(language: str) -> None:
    from syncd.core.register_difference import Difference, Unknown, Why

    unknown = tuple(Unknown(why, "x", "dossiers.txt:1") for why in Why)
    refused = (CardResult("1", "refused", "code_taken", "pris"), CardResult("2", "ok", faults={"siret": "faux"}))
    said = register_report.text(
        Report(("dossiers.txt",), difference=Difference(unknown=unknown), results=refused), language
    )
    assert len(said.splitlines()) >= len(Why) + 7 and "pris" in said and "faux" in said


def test_every_field_of_a_line_for_programs_is_described(night: Night) -> None:
    from syncd.core.register_difference import Difference, Unknown, Why
    from syncd.jobs.client_register.update import Held
    from tests.cli.test_json_fields import fields

    night.write("dossiers.txt", "007868;Dupont;31/12/2026;;Nantes\n001;Neuf;31/12/2026;;\n")
    told = night.turn(dry_run=True)
    refused = (CardResult("1", "refused", "code_taken", "pris"), CardResult("2", "ok", faults={"siret": "faux"}))
    unknown = Difference(
        told.difference.created, told.difference.changed, (Unknown(Why.TWIN, "1", "dossiers.txt:1", "1"),)
    )
    lines = list(
        register_report.lines(
            replace(told, held=(Held("users.txt", "", 5, 1),), difference=unknown, results=refused), "fr"
        )
    )
    assert [line["action"] for line in lines] == ["held", "create", "change", "unknown", "refused", "refused"]
    for line in lines:
        assert set(line) <= fields("card", "intake"), line
