"""`syncd migrate` and its report, as typed: what is shown, what is written, and who puts online what was copied."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from syncd.cli.group import cli
from syncd.config.load import load
from syncd.core.errors import SyncdError, UsageError
from syncd.core.run_result import RunResult
from syncd.operations import run as passes
from syncd.state.file_name import FILE
from syncd.state.store import SCHEMA
from syncd.wiring import migration, service_parts
from tests.jobs.migrate.office import Office

CONFIG = """
language = "fr"
[portal]
url = "http://127.0.0.1:1"
token_file = "{0}/token"
[mirror]
root = "{0}/lab/root"
state = "{0}/state"
logs = "{0}/logs"
"""


class Typed:
    """The office of the migration's own tests, with its memory on disk and a configuration. `passed`: what passes were
    asked for."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.base = Office(base), base
        self.passed: list[passes.Pass] = []
        for name in ("state", "logs"):
            (base / name).mkdir(mode=0o700)
        (base / "token").write_text("key")
        self.office.lab.state.progress.change(cabinet=self.office.lab.portal.cabinet, root="r" * 32, engine="e" * 32)
        with closing(sqlite3.connect(base / "state" / FILE)) as kept:
            self.office.lab.state.conn.backup(kept)
            kept.execute(f"pragma user_version = {SCHEMA}")
        (base / "syncd.toml").write_text(CONFIG.format(base))

        def passing(config: Any, asked: passes.Pass, observer: Any, looks: Any = None) -> RunResult:
            self.passed.append(asked)
            return RunResult()

        monkeypatch.setattr(passes, "run", passing)

    def __call__(self, *words: object) -> tuple[int, str]:
        line = ["--config", str(self.base / "syncd.toml"), *map(str, words)]
        done = CliRunner().invoke(cli, line, standalone_mode=False, catch_exceptions=True)
        if done.exception is not None:
            raise done.exception
        return int(done.return_value or 0), done.output

    def lines(self, *words: object) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self(*words, "--json")[1].splitlines()]

    def reports(self) -> list[Path]:
        return sorted((self.base / "logs").rglob("*.*"))


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = Typed(tmp_path, monkeypatch)
    made.office.write("001/2025/Achats/a.pdf")
    made.office.write("001/2025/Achats/vide.pdf").write_bytes(b"")
    made.office.write("002 - Client 002/Juridique/b.pdf")
    made.office.write("Autre/c.pdf")
    yield made
    made.office.close()


def test_a_dry_run_shows_the_plan_and_writes_nothing(typed: Any) -> None:
    before = sorted(p for p in typed.base.rglob("*"))
    code, said = typed("migrate", typed.office.old, "--dry-run")
    assert code == 3 and "Ce que la reprise ferait" in said and "Sans --yes" in said
    assert "001 - Client 001 : 2 documents" in said and "Autre – aucun client n'a ce code" in said
    assert sorted(p for p in typed.base.rglob("*")) == before and not typed.passed


def test_what_was_copied_is_told_reported_and_put_online(typed: Any) -> None:
    code, said = typed("migrate", typed.office.old, "--yes")
    assert code == 3 and said.index("Ce que la reprise ferait") < said.index("Cet accord vaut") < said.index(
        "Résultat : "
    )
    assert "Compte rendu : " in said
    assert list(typed.office.here("001")) == ["Achats/2025/a.pdf"] and list(typed.office.here("002")) == [
        "Juridique/b.pdf"
    ]
    assert [asked.clients for asked in typed.passed] == [("001", "002")]
    assert [p.suffix for p in typed.reports()] == [".csv", ".json", ".log"]
    assert all(p.parent.parent.parent == typed.base / "logs/migrations" for p in typed.reports())
    assert typed.reports()[0].read_bytes().startswith(b"\xef\xbb\xbfCode dossier;")
    code, said = typed("migrate", typed.office.old)
    assert code == 3 and "pas encore en ligne : il suit" in said
    assert len(typed.passed) == 2  # nothing new, but the pass here put nothing online


def test_a_service_is_asked_for_the_pass(typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_parts, "service_runs", lambda config: True)
    _, said = typed("migrate", typed.office.old)
    assert not typed.passed and "La mise en ligne suit au prochain passage." in said
    with closing(sqlite3.connect(typed.base / "state" / FILE)) as kept:
        assert kept.execute("select clients from requests").fetchall() == [('["001", "002"]',)]


def test_lines_for_a_program(typed: Any) -> None:
    found = typed.lines("migrate", typed.office.old)
    documents = {
        (line["source"], line["outcome"], line.get("path", "")) for line in found if line["type"] == "document"
    }
    assert documents == {
        ("001/2025/Achats/a.pdf", "copied", "Achats/2025/a.pdf"), ("001/2025/Achats/vide.pdf", "refused", ""),
        ("002 - Client 002/Juridique/b.pdf", "copied", "Juridique/b.pdf"), ("Autre", "listed", ""),
    }  # fmt: skip
    whole = found[-1]
    assert whole["type"] == "migration" and (whole["copied"], whole["failed"], whole["exit_code"]) == (2, 1, 3)
    assert [line["client"] for line in found if line["type"] == "migrated"] == ["001", "002"]


def test_a_report_is_shown_again_and_filtered(typed: Any) -> None:
    typed("migrate", typed.office.old)
    assert "Reprise de l'antériorité n° 1" in typed("report", "--migration")[1]
    for verdict in ("warning", "Avertissement"):
        text = typed("report", 1, "--migration", "--only", f"verdict={verdict}", "--csv")[1]
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
        assert {row[0] for row in rows[1:]} == {"001"}
    assert [line.get("client") for line in typed.lines("report", "--migration", "--only", "client=002")] == [
        "002",
        None,
    ]
    for words in (["--only", "colour=red"], ["--only", "verdict=red"], ["9"]):
        with pytest.raises(UsageError):
            typed("report", "--migration", *words)


def test_a_mapping_file_is_read_as_text_and_as_a_workbook(typed: Any) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["source", "code", "dossier cible", "exercice"], ["Autre", "001", "Juridique", 2022], [None, None]):
        book.active.append(row)
    book.save(typed.base / "carte.xlsx")
    (typed.base / "carte.csv").write_bytes("source;code;dossier cible\r\nAutre;002;Juridique\r\n".encode("cp1252"))
    assert typed("migrate", typed.office.old, "--map", typed.base / "carte.xlsx")[0] == 0
    assert list(typed.office.here("001")) == ["Juridique/2022/c.pdf"]
    assert typed("migrate", typed.office.old, "--map", typed.base / "carte.csv")[0] == 0
    assert list(typed.office.here("002")) == ["Juridique/c.pdf"]
    (typed.base / "zut.xlsx").write_bytes(b"no workbook")
    for name in ("zut.xlsx", "absente.csv"):
        with pytest.raises(UsageError, match="cannot be read"):
            typed("migrate", typed.office.old, "--map", typed.base / name)


def test_what_cannot_be_begun_is_one_sentence(typed: Any, tmp_path: Path) -> None:
    for source, said in (
        (tmp_path / "nowhere", "cannot be reached"), (typed.base / "lab/root", "lie one in the other"),
        (typed.base / "lab/root/001 - Client 001", "lie one in the other"), (typed.base, "lie one in the other"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            typed("migrate", source)
    with pytest.raises(UsageError, match="--max-duration"):
        typed("migrate", typed.office.old, "--max-duration", "soon")
    config = typed.base / "syncd.toml"
    with migration.lock(load(config)), pytest.raises(UsageError, match="at work already"):
        typed("migrate", typed.office.old)
    (typed.base / "lab/root/.syncd/root.json").unlink()
    with pytest.raises(SyncdError, match="does not hold this cabinet's marker"):
        typed("migrate", typed.office.old)
    assert not typed.office.here()


def test_a_report_that_cannot_be_written_is_said_and_the_documents_are_there(typed: Any) -> None:
    (typed.base / "logs").rmdir()
    (typed.base / "logs").write_text("a file")
    (typed.office.old / "001/2025/Achats/vide.pdf").unlink()
    (typed.office.old / "Autre/c.pdf").unlink()
    (typed.office.old / "Autre").rmdir()
    code, said = typed("migrate", typed.office.old)
    assert code == 3 and "ne peut pas être écrit" in said and "Résultat : Terminé" in said
    assert list(typed.office.here("001")) == ["Achats/2025/a.pdf"]
