"""Whose a directory is, and where a document goes: the tables that the migration decides by."""

from __future__ import annotations

from datetime import date

import pytest

from syncd.core.fiscal_years import Exercise, Scope
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.migration.claims import Claim, by_name
from syncd.core.migration.placing import Listed, Place, Target, document_of, folder_of
from syncd.core.migration.turns import in_turn

FARM = Exercise("2023", date(2022, 7, 1), date(2023, 6, 30))  # `202306`, `2022-2023`
OPEN, LAST, OLD = (Exercise(str(y), date(y, 1, 1), date(y, 12, 31), closed=y < 2025) for y in (2025, 2024, 2023))
FOLDERS = (FolderRule("Achats"), FolderRule("Social"), FolderRule("Social/Paie"), FolderRule("Reçus"))
RULES = ClientRules("007868", FOLDERS, exercises=(OLD, LAST, OPEN))


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("007868", Claim("007868", "007868")),
        ("007868 - SARL Dupont", Claim("007868 - SARL Dupont", "007868")),
        ("007868 – SARL Dupont", Claim("007868 – SARL Dupont", "007868")),
        ("007868_2025", Claim("007868_2025", "007868", exercise="2025")),
        ("007868_202412", Claim("007868_202412", "007868", exercise="2024")),
        ("007868_2025 - SARL Dupont", Claim("007868_2025 - SARL Dupont", "007868", exercise="2025")),
        ("A_B", Claim("A_B", "A_B")),
        ("A_B_2025", Claim("A_B_2025", "A_B", exercise="2025")),
        ("7868", None),
        ("007868 SARL Dupont", None),
        ("0078680", None),
        ("007868_1999", None),
        ("007868_", None),
        ("a_b", None),
        ("SARL Dupont - 007868", None),
    ],
)
def test_whose_directory_it_is(name: str, claim: Claim | None) -> None:
    found = by_name([name], {"007868": RULES.exercises, "A_B": (OPEN,)})
    assert found.claims == ((claim,) if claim is not None else ())
    assert len(found.unclaimed) == (claim is None)


@pytest.mark.parametrize(
    ("below", "target"),
    [
        ("Achats", "Achats"),
        ("Achats/2025", "Achats/2025"),
        ("2025/Achats", "Achats/2025"),
        ("202512/achats/EDF/x", "Achats/2025/EDF/x"),
        ("007868_2025/ACHATS", "Achats/2025"),
        ("2025/Social/paie/Martin", "Social/Paie/2025/Martin"),
        ("Social/Paie/2024/Martin", "Social/Paie/2024/Martin"),
        ("Social/2024/Paie", "Social/2024/Paie"),
        ("Rec\u0327us/2025", "Reçus/2025"),
        ("Achats/2025/2025", "Achats/2025/2025"),
        ("Achats/EDF/2024", "Achats/EDF/2024"),
        ("Achats/12345", "Achats/12345"),
    ],
)
def test_where_documents_of_a_directory_go(below: str, target: str) -> None:
    assert folder_of(Claim("x", "007868"), RULES, Scope.OPEN_PLUS_ONE, below) == Target(target)


@pytest.mark.parametrize(
    ("below", "reason", "at"),
    [
        ("", "no_folder", ""),
        ("2025", "no_folder", "2025"),
        ("Divers/Achats", "unknown_folder", "Divers"),
        ("2025/Divers/x", "unknown_folder", "2025/Divers"),
        ("2019/Achats", "unknown_exercise", "2019"),
        ("Achats/2019", "unknown_exercise", "Achats/2019"),
        ("Achats/EDF/2019/x", "unknown_exercise", "Achats/EDF/2019"),
        ("2024/Achats/2025", "two_exercises", "2024/Achats/2025"),
        ("2023/Achats", "out_of_scope", "2023"),
        ("Achats/EDF/2023", "out_of_scope", "Achats/EDF/2023"),
    ],
)
def test_what_goes_nowhere_says_why_and_where(below: str, reason: str, at: str) -> None:
    found = folder_of(Claim("x", "007868"), RULES, Scope.OPEN_PLUS_ONE, below)
    assert isinstance(found, Listed) and (found.reason, found.at) == (reason, at)


def test_an_exercise_that_somebody_chose_is_taken_however_old() -> None:
    claim = Claim("x", "007868", "Achats", "2023", chosen=True)
    assert folder_of(claim, RULES, Scope.OPEN_PLUS_ONE, "EDF") == Target("Achats/2023/EDF")


def test_but_not_where_the_client_s_own_scope_keeps_it_at_the_cabinet() -> None:
    rules = ClientRules("007868", FOLDERS, scope=Scope.OPEN, exercises=RULES.exercises)
    claim = Claim("x", "007868", "Achats", "2023", chosen=True)
    found = folder_of(claim, rules, Scope.OPEN_PLUS_ONE, "")
    assert isinstance(found, Listed) and found.reason == "out_of_scope"


def test_a_year_of_farmers_is_known_by_its_last_month() -> None:
    rules = ClientRules("007868", FOLDERS, exercises=(FARM,))
    for name in ("202306", "2022-2023", "2023"):
        assert folder_of(Claim("x", "007868"), rules, Scope.OPEN, f"{name}/Achats") == Target("Achats/2023")


@pytest.mark.parametrize(
    ("name", "path"), [("a.pdf", "a.pdf"), ("CON.pdf", "_CON.pdf"), ("a?.pdf", "a-.pdf"), ("e\u0301.pdf", "\u00e9.pdf")]
)
def test_what_a_document_is_called(name: str, path: str) -> None:
    found = document_of(Target("Achats"), RULES, name, 3)
    assert isinstance(found, Place) and found.path == f"Achats/{path}"


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("a.pdf", 0, "empty"), ("a.pdf", 21_000_000, "too_large"), ("a.exe", 3, "extension_not_allowed"),
        ("supp_a.pdf", 3, "unknown_supp"), ("\udcff.pdf", 3, "bad_name"), ("a" * 300 + ".pdf", 3, ""),
    ],
)  # fmt: skip
def test_why_a_document_is_refused(name: str, size: int, reason: str) -> None:
    found = document_of(Target("Achats"), RULES, name, size)
    assert (found.reason if isinstance(found, Listed) else "") == reason


def test_who_was_served_longest_ago_comes_first() -> None:
    assert in_turn(["b", "a", "z", "n"], {"a": 3, "b": 2}) == ["n", "z", "b", "a"]
