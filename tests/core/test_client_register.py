"""dossiers.txt, users.txt and Export_PAR as programs write them (samples of our own: no public one is known), and what of them is new."""

from __future__ import annotations

from datetime import date

import pytest

from syncd.core import client_register, delimited_text, safe_xml
from syncd.core.client_cards import CardChange, Cards, ClientCard, Colleague
from syncd.core.client_register import Misread, Register
from syncd.core.fiscal_years import Exercise
from syncd.core.register_difference import Difference, Unknown, Why, difference, shrunk

COLUMNS = ("code", "name", "closing", "responsible", "site")
USERS = ("sign_in", "name", "email", "clients")
ID = "0" * 31
ANNE = Colleague("amartin", "Anne Martin", "anne@martin.fr")
YEAR = Exercise("2026", date(2026, 1, 1), date(2026, 12, 31))


def card(n: int, code: str, changeable: bool = True, **values: str) -> ClientCard:
    return ClientCard(f"{ID}{n}", code, values, ("amartin", "Anne Martin"), (YEAR,), changeable=changeable)


def of(text: str, known: Cards, users: str = "", par: dict[str, bytes] | None = None) -> Difference:
    parts = [client_register.dossiers(text.encode(), COLUMNS), client_register.members(users.encode(), USERS)]
    told = [client_register.parameters(n, d, ["siret = Dossier/Siret"]) for n, d in (par or {}).items()]
    return difference(client_register.together(parts, [t for t in told if t is not None]), known)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", ["\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_whatever_wrote_it(encoding: str, separator: str, end: str) -> None:
    lines = (
        ["007868", "Société Générale d'Élevage", "31/12/2026", "Anne", "Île-de-France"],
        ["7868", '"Dupont"', "", "", ""],
    )
    text = end.join([separator.join(lines[0]), "", separator.join(lines[1]), ""])
    rows = delimited_text.rows(text.encode(encoding))
    assert [row.cells[:2] for row in rows] == [("007868", "Société Générale d'Élevage"), ("7868", "Dupont")]
    assert [row.line for row in rows] == [1, 3] and rows[0].cells[4] == "Île-de-France"


def test_quotes_hold_what_divides_and_a_stray_one_swallows_nothing() -> None:
    assert delimited_text.rows(b'1;"Dupont; fils"\n2;b\n')[0].cells == ("1", "Dupont; fils")
    assert [r.cells for r in delimited_text.rows(b'1;"Dupont\n2;b\n3;c\n')] == [
        ("1", '"Dupont'),
        ("2", "b"),
        ("3", "c"),
    ]


@pytest.mark.parametrize("data", [b"1;a\0b\n", b"\0" * 50, b"x" * 200_000])
def test_what_is_no_table_is_said(data: bytes) -> None:
    with pytest.raises(Misread, match=r"^dossiers\.txt: "):
        client_register.dossiers(data, COLUMNS)


def test_a_first_line_may_name_the_columns_but_not_others_than_are_read() -> None:
    named = "Code dossier;Raison sociale;Clôture;Collaborateur;Site\n007868;Dupont;31/12/2026;Anne;Lyon\n"
    (found,) = client_register.dossiers(named.encode(), COLUMNS).dossiers
    assert (found.where, found.values["name"], found.ends) == ("dossiers.txt:2", "Dupont", date(2026, 12, 31))
    with pytest.raises(Misread, match=r"column 5 is called 'Raison sociale', and .* reads it as site"):
        client_register.dossiers(b"Code;Nom;Cloture;Responsable;Raison sociale\n1;a;b;c;d\n", COLUMNS)
    (skipped,) = client_register.dossiers(b"x;007868;Dupont\n", ("", "code", "name")).dossiers
    assert (skipped.code, skipped.values) == ("007868", {"name": "Dupont"})


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("31/12/2026", date(2026, 12, 31)), ("30.6.2026", date(2026, 6, 30)), ("2026-02-28", date(2026, 2, 28)), ("20261231", date(2026, 12, 31)),
        ("202402", date(2024, 2, 29)), ("31/12", None), ("31/02/2026", None), ("202613", None), ("00000000", None), ("jamais", None), ("", None),
    ],
)  # fmt: skip
def test_a_closing_date_is_one_with_its_year(text: str, ends: date | None) -> None:
    assert client_register.closing(text) == ends


def test_what_is_new_what_changes_and_what_is_the_same() -> None:
    known = Cards((card(1, "007868", name="Dupont", site="Lyon"), card(2, "7868", name="Autre")), (ANNE,), creates=True)
    found = of("007868;Dupont;31/12/2026;AMARTIN;Nantes\n7868;Autre;;;\n001;Neuf;30/06/2027;anne martin;Paris\n", known)
    year = Exercise("2027", date(2026, 7, 1), date(2027, 6, 30))
    assert found.created == (
        CardChange("001", "", {"name": "Neuf", "responsible": "anne martin", "site": "Paris"}, year),
    )
    (changed,) = found.changed
    assert changed.change == CardChange("007868", f"{ID}1", {"site": "Nantes"}) and changed.before == {"site": "Lyon"}
    assert (found.same, found.unknown) == (1, ())


def test_an_empty_cell_clears_nothing_and_digits_are_the_same_however_they_are_spaced() -> None:
    there = card(1, "1", name="Un", site="Lyon", siret="73282932000074", kind_of_file="copie")
    lines = client_register.dossiers(b"1;;732 829 320 00074;Copie\n", ("code", "site", "siret", "kind_of_file"))
    assert difference(lines, Cards((there,))) == Difference(same=1)


def test_a_change_that_was_made_is_none_any_more() -> None:
    known = Cards((card(1, "1", name="Un"),), (ANNE,), creates=True)
    (changed,) = of("1;Deux;31/12/2027;;Lyon\n", known).changed
    assert changed.change.exercise == Exercise("2027", date(2027, 1, 1), date(2027, 12, 31))
    after = ClientCard(
        f"{ID}1", "1", {"name": "Deux", "site": "Lyon"}, (), (YEAR, changed.change.exercise), changeable=True
    )
    assert of("1;Deux;31/12/2027;;Lyon\n", Cards((after,))) == Difference(same=1)


def test_what_nobody_knows_is_named_and_the_rest_is_done() -> None:
    shut = ClientCard(f"{ID}3", "3", {"name": "Trois"}, closed=True, changeable=True)
    known = Cards((card(1, "00a", name="Un"), card(2, "2", name="Deux", site="Lyon"), shut), (ANNE,), creates=True)
    text = "00A;Un;;;\n2;Deux;;Paul;Nantes\n3;Trois;;;\n4;;;;\né!;x;;;\n5;Cinq;;;\n5;Sept;;;\n6;Six;;;\n6;Six;;;\n2b;x;15/03/1890;;\n"
    found = of(text, known, users="amartin;Anne;;2 9\nzoe;Zoé Petit;;\n;;;4\n")
    assert [(u.why, u.what, u.where) for u in found.unknown] == [
        (Why.NO_CODE, "é!", "dossiers.txt:5"), (Why.NO_CODE, "", "users.txt:3"), (Why.TWICE, "5", "dossiers.txt:7"),
        (Why.TWIN, "00A", "dossiers.txt:1"), (Why.PERSON, "Paul", "dossiers.txt:2"), (Why.CLOSED, "3", "dossiers.txt:3"),
        (Why.NO_NAME, "4", "dossiers.txt:4"), (Why.CLIENT, "9", "users.txt:1"), (Why.PERSON, "zoe", "users.txt:2"),
    ]  # fmt: skip
    assert [c.code for c in found.created] == ["6", "2b"] and found.changed[0].change.values == {"site": "Nantes"}


def test_without_the_right_nothing_is_planned_and_it_is_said() -> None:
    known = Cards((card(1, "1", changeable=False, name="Un"), card(2, "2", name="Deux")), ())
    found = of("1;Autre;;;\n2;Autre;;;\n3;Trois;;;\n", known)
    assert [c.code for c in found.changes] == ["2"] and found.wants_right
    assert [(u.why, u.code) for u in found.unknown] == [(Why.NO_RIGHT, "1"), (Why.NO_RIGHT, "3")]
    assert not of("2;Autre;;;\n", known).wants_right


def test_an_exercise_that_does_not_follow_is_named_and_not_made() -> None:
    found = of("1;Un;31/12/2030;;\n", Cards((card(1, "1", name="Un"),)))
    assert found.unknown == (Unknown(Why.EXERCISE, "2030-12-31", "dossiers.txt:1", "1"),) and not found.changes


def test_parameters_add_what_the_list_does_not_say_and_make_no_client() -> None:
    par = {f"007868-{when}_PAR.xml": f"<PAR><Dossier><Siret>{siret}</Siret></Dossier></PAR>".encode()
           for when, siret in (("202612", "73282932000074"), ("201912", "1"))}  # fmt: skip
    par["009-202612_par.XML"] = b"<PAR/>"
    par["autre.xml"] = b"not one of them"
    found = of("007868;Dupont;;;\n", Cards((card(1, "007868", name="Dupont"),)), par=par)
    (changed,) = found.changed
    assert changed.change.values == {"siret": "73282932000074"} and changed.change.exercise is None
    assert found.unknown == (Unknown(Why.CLIENT, "009", "009-202612_par.XML", "009"),)


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [({}, 3, False), ({"dossiers.txt": 500}, 400, False), ({"dossiers.txt": 500}, 399, True), ({"dossiers.txt": 500}, 0, True), ({"dossiers.txt": 3}, 3, False)],
)  # fmt: skip
def test_a_file_that_lost_more_than_a_fifth_is_named(before: dict[str, float], now: int, held: bool) -> None:
    assert bool(shrunk(before, {"dossiers.txt": now})) is held


_BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
_FILE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    "data",
    [
        _BOMB,
        _FILE,
        b"<a>" * 5000,
        b"<a>&none;</a>",
        b"<a></b>",
        b"",
        b"<a/><b/>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<a>\0</a>",
    ],
)
def test_xml_that_is_none_or_means_harm_is_refused(data: bytes) -> None:
    with pytest.raises(safe_xml.BadXml):
        safe_xml.parse(data)
    with pytest.raises(Misread, match=r"^1-202612_PAR\.xml: "):
        client_register.parameters("1-202612_PAR.xml", data, ())


def test_xml_is_read_in_the_encoding_it_names_and_without_prefixes() -> None:
    root = safe_xml.parse(
        '<?xml version="1.0" encoding="windows-1252"?><p:a xmlns:p="x"><p:b c="é">été</p:b></p:a>'.encode("cp1252")
    )
    assert (root.tag, root.findtext("b")) == ("a", "été")
    found = client_register.parameters("1-202612_PAR.xml", b'<a><b c="Lyon"/></a>', ["site = b/@c", "group = none"])
    assert found is not None and found.values == {"site": "Lyon"} and found.ends == date(2026, 12, 31)


@pytest.mark.parametrize("line", ["siret", "siret = ", "colour = a/b", "siret = a[", "code = a"])
def test_a_path_that_says_nothing_is_refused_with_what_to_write(line: str) -> None:
    with pytest.raises(ValueError, match=r"write a field and a path|is no path"):
        client_register.mapped(line)


def test_nothing_is_the_difference_of_nothing() -> None:
    assert difference(Register(), Cards()) == Difference()
