"""Where a scan goes: whose directory, which folder, which exercise; and where it is better to ask than to guess."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from syncd.core.fiscal_years import Exercise, Scope
from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.core.intake import Dossier, Place, Unplaced, dossier, place

CODES = {"007868": 1, "7868": 2, "008562": 3, "FARM_1": 4, "007868_b": 5}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("007868", Dossier("007868")), ("7868", Dossier("7868")), ("07868", None), ("007868_2025", Dossier("007868", "2025")),
        ("007868_2025-2026", Dossier("007868", "2025-2026")), ("FARM_1", Dossier("FARM_1")), ("farm_1", None),
        ("FARM_1_202306", Dossier("FARM_1", "202306")), ("007868 ", None), (" 007868", None), ("007868_", None),
        ("_2025", None), ("007868_b", Dossier("007868_b")), ("007868_b_2025", Dossier("007868_b", "2025")), ("", None),
        ("008562 - SARL Dupont", None), ("９９", None),
    ],
)  # fmt: skip
def test_a_directory_is_whose_it_says_letter_for_letter(name: str, expected: Dossier | None) -> None:
    assert dossier(name, CODES) == expected


YEARS = (
    Exercise("2024", date(2024, 1, 1), date(2024, 12, 31), closed=True), Exercise("2025", date(2025, 1, 1), date(2025, 12, 31)),
    Exercise("2026", date(2026, 1, 1), date(2026, 12, 31)),
)  # fmt: skip
FARM = (
    Exercise("2022-2023", date(2022, 7, 1), date(2023, 6, 30)), Exercise("2023-2024", date(2023, 7, 1), date(2024, 6, 30)),
)  # fmt: skip
FOLDERS = (
    FolderRule("À classer", kind="inbox"), FolderRule("Achats", kind="purchases"),
    FolderRule("Banque", kind="bank", per_exercise=True), FolderRule("Fiscalité"), FolderRule("Fiscalité/TVA"),
    FolderRule("Reçu", direction=Direction.TO_CABINET),
)  # fmt: skip
CALENDAR = ClientRules("007868", FOLDERS, exercises=YEARS)
FARMER = ClientRules("007868", FOLDERS, exercises=FARM)
WITHOUT = ClientRules("007868", FOLDERS)

# (rules, exercise of the directory, below it) → path; with "?" where it was not told which exercise
TABLE: list[tuple[ClientRules, str, str, str]] = [
    (CALENDAR, "", "scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "Factures/scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "factures/janvier/scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "Inconnu/scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "Achats/scan.pdf", "Achats/scan.pdf"),
    (CALENDAR, "", "ACHATS/scan.pdf", "Achats/scan.pdf"),
    (CALENDAR, "", "a\u0300 CLASSER/scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "fiscalité/tva/scan.pdf", "Fiscalité/TVA/scan.pdf"),
    (CALENDAR, "", "Fiscalite\u0301/Autre/scan.pdf", "Fiscalité/Autre/scan.pdf"),
    (CALENDAR, "", "Achats/Fournisseurs/EDF/scan.pdf", "Achats/Fournisseurs/EDF/scan.pdf"),
    (CALENDAR, "", "Achats/2025/scan.pdf", "Achats/2025/scan.pdf"),
    (CALENDAR, "", "Achats/20251231 EDF.pdf", "Achats/20251231 EDF.pdf"),
    (CALENDAR, "2025", "scan.pdf", "À classer/2025/scan.pdf"),
    (CALENDAR, "2025", "Factures/scan.pdf", "À classer/2025/scan.pdf"),
    (CALENDAR, "2025", "Achats/scan.pdf", "Achats/2025/scan.pdf"),
    (CALENDAR, "202512", "Achats/scan.pdf", "Achats/2025/scan.pdf"),
    (CALENDAR, "2025", "Achats/EDF/scan.pdf", "Achats/2025/EDF/scan.pdf"),
    (CALENDAR, "2025", "Achats/2026/scan.pdf", "Achats/2026/scan.pdf"),
    (CALENDAR, "2019", "Achats/scan.pdf", "?À classer/scan.pdf"),
    (CALENDAR, "été", "scan.pdf", "?À classer/scan.pdf"),
    (CALENDAR, "", "2025/scan.pdf", "À classer/2025/scan.pdf"),
    (CALENDAR, "", "2025/Achats/scan.pdf", "Achats/2025/scan.pdf"),
    (CALENDAR, "", "202512/Achats/EDF/scan.pdf", "Achats/2025/EDF/scan.pdf"),
    (CALENDAR, "", "2019/Achats/scan.pdf", "À classer/scan.pdf"),
    (CALENDAR, "", "Banque/scan.pdf", "?À classer/scan.pdf"),
    (CALENDAR, "", "Banque/20250131 relevé.pdf", "Banque/2025/20250131 relevé.pdf"),
    (CALENDAR, "", "Banque/relevé 2026-02-28.pdf", "Banque/2026/relevé 2026-02-28.pdf"),
    (CALENDAR, "", "Banque/relevé 20260228.pdf", "?À classer/relevé 20260228.pdf"),
    (CALENDAR, "", "Banque/202601311 x.pdf", "?À classer/202601311 x.pdf"),
    (CALENDAR, "", "Banque/20260231 x.pdf", "?À classer/20260231 x.pdf"),
    (CALENDAR, "", "Banque/20190131 x.pdf", "?À classer/20190131 x.pdf"),
    (CALENDAR, "", "Banque/2025/scan.pdf", "Banque/2025/scan.pdf"),
    (CALENDAR, "2026", "Banque/scan.pdf", "Banque/2026/scan.pdf"),
    (CALENDAR, "2026", "Banque/20250131 x.pdf", "Banque/2026/20250131 x.pdf"),
    (FARMER, "202306", "Achats/scan.pdf", "Achats/2022-2023/scan.pdf"),
    (FARMER, "2022-2023", "Achats/scan.pdf", "Achats/2022-2023/scan.pdf"),
    (FARMER, "2023", "Achats/scan.pdf", "Achats/2022-2023/scan.pdf"),
    (FARMER, "2024", "scan.pdf", "À classer/2023-2024/scan.pdf"),
    (FARMER, "2025", "Achats/scan.pdf", "?À classer/scan.pdf"),
    (FARMER, "", "202406/Banque/scan.pdf", "Banque/2023-2024/scan.pdf"),
    (FARMER, "", "Banque/20230630 x.pdf", "Banque/2022-2023/20230630 x.pdf"),
    (FARMER, "", "Banque/20230701 x.pdf", "Banque/2023-2024/20230701 x.pdf"),
    (FARMER, "", "Banque/x 2024-06-30 y.pdf", "Banque/2023-2024/x 2024-06-30 y.pdf"),
    (FARMER, "", "Banque/x 2024-07-01.pdf", "?À classer/x 2024-07-01.pdf"),
    (WITHOUT, "", "Banque/scan.pdf", "Banque/scan.pdf"),
    (WITHOUT, "", "Achats/2025/scan.pdf", "Achats/2025/scan.pdf"),
    (WITHOUT, "", "2025/scan.pdf", "À classer/scan.pdf"),
    (WITHOUT, "2025", "Achats/scan.pdf", "?À classer/scan.pdf"),
    (CALENDAR, "", "Achats/scan: n°1?.pdf", "Achats/scan- n°1-.pdf"),
    (CALENDAR, "", "Achats/e\u0301te\u0301.PDF", "Achats/été.PDF"),
    (CALENDAR, "", "Achats/nul.pdf", "Achats/_nul.pdf"),
    (CALENDAR, "", "Achats/x. /scan.pdf", "Achats/x/scan.pdf"),
]


@pytest.mark.parametrize(("rules", "exercise", "below", "expected"), TABLE)
def test_where_a_scan_goes(rules: ClientRules, exercise: str, below: str, expected: str) -> None:
    *parts, name = below.split("/")
    found = place(rules, Dossier("007868", exercise), parts, name, 100)
    assert isinstance(found, Place)
    assert ("?" if found.unsure else "") + found.path == expected


@pytest.mark.parametrize(
    ("rules", "below", "size", "reason"),
    [
        (CALENDAR, "Achats/scan.exe", 100, "extension_not_allowed"),
        (CALENDAR, "Achats/scan", 100, "extension_not_allowed"),
        (CALENDAR, "Achats/scan.pdf", 0, "empty"),
        (CALENDAR, "Achats/scan.pdf", 21_000_000, "too_large"),
        (CALENDAR, "Reçu/scan.pdf", 100, "direction"),
        (replace(CALENDAR, scope=Scope.OPEN), "Achats/2024/scan.pdf", 100, "out_of_scope"),
        (replace(CALENDAR, withheld=frozenset({"achats"})), "Achats/scan.pdf", 100, "no_right"),
        (replace(CALENDAR, direction=Direction.NONE), "Achats/scan.pdf", 100, "direction"),
        (ClientRules("007868", (FolderRule("Achats"),)), "scan.pdf", 100, "unknown_folder"),
        (CALENDAR, "Achats/~$scan.pdf", 100, "bad_name"),
        (CALENDAR, "Achats/" + "d/" * 120 + "scan.pdf", 100, "too_long"),
    ],
)
def test_what_may_not_go_online_is_not_placed(rules: ClientRules, below: str, size: int, reason: str) -> None:
    *parts, name = below.split("/")
    found = place(rules, Dossier("007868"), parts, name, size)
    assert isinstance(found, Unplaced) and found.reason == reason
