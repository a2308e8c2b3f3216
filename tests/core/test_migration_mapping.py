"""A mapping file as people write it: what it says, and what is wrong in which row."""

from __future__ import annotations

import pytest

from syncd.core.errors import UsageError
from syncd.core.migration import mapping
from syncd.core.migration.mapping import MapRow

WHOLE = [MapRow("Dupont é", "007868", "Achats", "2023", 2), MapRow("Martin/2024", "7868", "", "", 4)]
TEXT = "source;code;dossier cible;exercice\r\nDupont é;007868;Achats;2023\r\n;;;\r\nMartin\\2024;7868;;\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_as_spreadsheets_save_it(encoding: str, separator: str) -> None:
    data = TEXT.replace(";", separator).encode(encoding)
    assert mapping.of_csv(data, "x.csv") == WHOLE


def test_columns_stand_in_any_order_and_others_are_let_be() -> None:
    text = "Remarque;CODE;Source;Exercice\nvu;001;a;2024\n"
    assert mapping.of_csv(text.encode(), "x.csv") == [MapRow("a", "001", "", "2024", 2)]


def test_quotes_and_spaces_within_a_name_stay() -> None:
    text = 'source;code\n"a;b  c";001\n'
    assert mapping.of_csv(text.encode(), "x.csv") == [MapRow("a;b  c", "001", "", "", 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no row below"),
        ("source;code\n", "has no row below"),
        ("a;b\nx;001\n", "has no first row"),
        ("source;code\n../x;001\n", "row 2: path '../x'"),
        ("source;code\n/abs;001\nx;\n", "row 3: no client code"),
        ("source;code\n;001\n", "row 2: empty path"),
        ("source;code;dossier cible\nx;001;../y\n", "row 2: path '../y'"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(text: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        mapping.of_csv(text.encode(), "carte.csv")
    assert said in str(told.value) and "carte.csv" in str(told.value)


def test_what_is_no_text_is_said() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        mapping.of_csv(b"PK\3\4\0\0\xff", "x.csv")
