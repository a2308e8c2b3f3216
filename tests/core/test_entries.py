"""ECR and FEC as people read them: period, lines, what both sides sum to; samples are of our own making."""

from __future__ import annotations

from datetime import date

import pytest

from syncd.core.entries import Entries, read


def ecr(*entries: tuple[str, str, str, list[tuple[str, str, str]]]) -> list[str]:
    """(journal, day `jjmmaaaa`, piece, [(account, debit, credit)]) each."""
    out = ["VER   02000008550", "DOS   007868  SARL DUPONT", "EXO   0101202531122025"]
    for journal, day, piece, moves in entries:
        out.append(f"ECR   {journal:2}{day}{piece:8}{'FACTURE EDF':30}")
        out += [f"MVT   {account:10}{'EDF ' + account:30}{debit:>13}{credit:>13}" for account, debit, credit in moves]
        out.append("ECHMVT" + f"{'27.81':>13}" + " " * 10 + "30092025")
    return [line + "\r\n" for line in out]


GOOD = ecr(
    ("AC", "31082025", "F1", [("62260000", "27.81", ""), ("44566000", "5.56", "0.00"), ("401PROXYP", "", "33.37")]),
    ("BQ", "02092025", "F2", [("401PROXYP", "33.37", ""), ("51200000", "", "33.37")]),
)


def test_an_ecr_is_read_with_its_period_and_its_balance() -> None:
    found = read(GOOD, 3)
    assert isinstance(found, Entries)
    assert (found.form, found.lines, found.debit, found.credit, found.odd, found.balanced) == (
        "ecr",
        5,
        6674,
        6674,
        0,
        True,
    )
    assert (found.first, found.last, found.journals) == (date(2025, 8, 31), date(2025, 9, 2), ("AC", "BQ"))
    line = found.shown[0]
    assert (line.account, line.piece, line.label, line.debit) == ("62260000", "F1", "EDF 62260000", 2781)
    assert len(found.shown) == 3


HEAD = (
    "JournalCode{0}JournalLib{0}EcritureNum{0}EcritureDate{0}CompteNum{0}CompteLib{0}CompAuxNum{0}CompAuxLib{0}PieceRef{0}"
    "PieceDate{0}EcritureLib{0}Debit{0}Credit{0}EcritureLet{0}DateLet{0}ValidDate{0}Montantdevise{0}Idevise"
)  # fmt: skip


def fec(mark: str, *lines: tuple[str, str, str]) -> list[str]:
    rows = [
        mark.join(
            [
                "AC",
                "Achats",
                "1",
                day,
                "607",
                "Achats",
                "",
                "",
                "P1",
                day,
                "Facture",
                debit,
                credit,
                "",
                "",
                day,
                "",
                "",
            ]
        )
        for day, debit, credit in lines
    ]
    return [line + "\r\n" for line in ("\ufeff" + HEAD.format(mark), *rows)]


@pytest.mark.parametrize("mark", ["\t", "|"])
def test_a_fec_is_read_whatever_parts_its_columns(mark: str) -> None:
    found = read(fec(mark, ("20250131", "1234,56", "0,00"), ("20251231", "", "1234,56")), 10)
    assert found is not None and found.balanced and (found.form, found.lines, found.debit) == ("fec", 2, 123456)
    assert (found.first, found.last) == (date(2025, 1, 31), date(2025, 12, 31))


def test_a_fec_of_more_columns_is_one_and_a_wrong_balance_is_seen() -> None:
    lines = fec("|", ("20250131", "10,00", ""), ("20250131", "", "9,99"))
    lines = [lines[0].rstrip("\r\n") + "|Extra\r\n", *lines[1:]]
    found = read(lines, 10)
    assert found is not None and not found.balanced and (found.debit, found.credit) == (1000, 999)


@pytest.mark.parametrize("amount", ["1e400", "NaN", "1.234,56", "douze", "--1", "9" * 40, "１２"])
def test_what_is_no_amount_is_counted_and_not_guessed(amount: str) -> None:
    found = read(fec("\t", ("20250131", amount, ""), ("20250132", "1,00", "")), 10)
    assert found is not None and (found.lines, found.odd, found.debit) == (2, 2, 0) and not found.balanced


@pytest.mark.parametrize("first", ["", "VER", "a;b;c", "JournalCode\tJournalLib", "VER   x", "PK\x03\x04"])
def test_anything_else_is_neither(first: str) -> None:
    assert read([first, "ECR   AC31082025"], 10) is None


def test_a_cut_line_is_odd_and_nothing_fails() -> None:
    found = read([line[:50] for line in GOOD], 10)
    assert found is not None and found.lines == 5
    assert read(["VER   02000008550", "MVT   ", "ECR   ", "MVT   6"], 10) is not None
