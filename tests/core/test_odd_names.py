"""Names that programs and other systems leave: never a control to a terminal, never a stranger's lock, never lost."""

from __future__ import annotations

import json

import pytest

from syncd.cli import output
from syncd.core import ignore_patterns, naming, paths, words
from syncd.core.folder_rules import ClientRules, FolderRule, refuse
from syncd.local import office_locks


def rules(folder: FolderRule) -> ClientRules:
    return ClientRules(folders=[folder])


@pytest.mark.parametrize("character", ["\n", "\x1b", "\x07", "\t", "\u0085", "\u2028", "\u200b", "\ufeff"])
def test_a_refused_name_and_its_reason_hold_no_control_for_a_terminal(character: str) -> None:
    refusal = refuse(rules(FolderRule("Achats")), f"Achats/fac{character}ture.pdf", 10)
    assert refusal is not None and refusal.reason == "bad_name"
    said = paths.printable(refusal.path) + words.reason(refusal.reason, refusal.detail)
    assert character not in said
    assert character not in naming.windows_safe(f"fac{character}ture.pdf")


def test_an_event_is_one_line_for_every_reader(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\u2028b\u2029c\u0085d"
    output.line({"path": name})
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    assert json.loads(out)["path"] == name


@pytest.mark.parametrize("name", ["5B2F1000", "0A123456", "4913", "bilan.xlsx.sb-1a2b3c4d-Xy9z0W"])
def test_what_programs_write_while_they_save_is_ignored(name: str) -> None:
    assert ignore_patterns.BUILTIN.name(name)


@pytest.mark.parametrize(
    "name", ["20251231", "5b2f1000", "5B2F1000.pdf", "5B2F10000", "4913.pdf", "49130", "bilan.sb-2.xlsx"]
)
def test_what_people_write_is_not(name: str) -> None:
    assert not ignore_patterns.BUILTIN.name(name)


@pytest.mark.parametrize(
    ("lock", "names", "opened"),
    [
        ("~$1.xlsx", ["1.xlsx", "11.xlsx", "21.xlsx", "A1.xlsx", "101.xlsx"], {"1.xlsx"}),
        ("~$1.xlsx", ["11.xlsx", "21.xlsx"], set()),
        ("~$bilan 2026.xlsx", ["bilan 2026.xlsx", "xxbilan 2026.xlsx"], {"bilan 2026.xlsx"}),
        ("~$lan 2026.docx", ["bilan 2026.docx", "plan 2026.docx"], {"bilan 2026.docx", "plan 2026.docx"}),
        ("~$note.docx", ["note.docx"], {"note.docx"}),
    ],
)
def test_a_lock_is_of_the_document_it_names(lock: str, names: list[str], opened: set[str]) -> None:
    assert set(office_locks.opened([lock, *names])) == opened


@pytest.mark.parametrize("extension", ["gif", "jfif", "heif", "bmp", "edi", "dsn", "fec", "afb", "p7m", "7z"])
def test_formats_of_the_trade_are_taken(extension: str) -> None:
    assert refuse(rules(FolderRule("Achats")), f"Achats/a.{extension}", 10) is None


@pytest.mark.parametrize("extension", ["xlsm", "docm", "xlsb"])
def test_documents_with_macros_wait_for_the_cabinets_word_and_the_reason_says_how(extension: str) -> None:
    path = f"Achats/a.{extension}"
    refusal = refuse(rules(FolderRule("Achats")), path, 10)
    assert refusal is not None
    assert "dans le modèle" in words.reason(refusal.reason, refusal.detail)
    allowed = FolderRule("Achats", extensions=frozenset({extension}))
    assert refuse(rules(allowed), path, 10) is None
