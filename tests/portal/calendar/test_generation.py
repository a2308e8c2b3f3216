"""Legal dates from a card's facts: golden dates with their sources, every closing, every company, odd exercises."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from syncd.core.fiscal_facts import FLAGS, FORMS, Facts, closing_day, flags_of, month_first
from syncd.portal.calendar import generation, periods, rule_files
from syncd.portal.calendar.day_tables import day_of, initial
from syncd.portal.calendar.generation import Calendar, Event, Generator
from syncd.portal.calendar.rule_reader import parse

DAY = timedelta(days=1)
COMPANY = Facts(
    name="Exemple", siren="732829320", legal_form="sarl", vat_regime="monthly", profit_category="bic", profit_tax="is", headcount="0",
    closing_day="12-31", department="29", flags=frozenset({"is_3000"}),
)  # fmt: skip


def of(facts: Facts, first: int = 2026, last: int = 2026) -> Calendar:
    return Generator(rule_files.shipped()).calendar(facts, date(first, 1, 1), date(last, 12, 31))


def days(facts: Facts, rule: str, first: int = 2026, last: int = 2026) -> list[date]:
    return [e.day for e in of(facts, first, last).events if e.rule.id == rule]


def changed(**facts: object) -> Facts:
    from msgspec.structs import replace

    return replace(COMPANY, **facts)


BNC = changed(legal_form="ei", profit_category="bnc", profit_tax="ir")
GOLDEN = [
    # IS instalment of 15 March 2026, a Sunday: comptaverse.fr
    (COMPANY, "is-acompte", date(2026, 3, 16)),
    # IS balance of a closing on 31 December: 15 May, LEGIARTI000006299585
    (COMPANY, "is-solde-decembre", date(2026, 5, 15)),
    # 5 → 20 May 2026, 4 → 19 May 2027, 3 → 18 May 2028: BOI-CF-CPF-20-15, tdnim.com, edifiscale.com
    (COMPANY, "liasse-is-decembre", date(2026, 5, 20)),
    (COMPANY, "liasse-is-decembre", date(2027, 5, 19)),
    (COMPANY, "liasse-is-decembre", date(2028, 5, 18)),
    (BNC, "liasse-bnc", date(2026, 5, 20)),
    # the last CA12, of 2026: 4 May 2027 (legifiscal.fr, rydge.fr)
    (changed(vat_regime="simplified"), "tva-ca12", date(2027, 5, 4)),
    # DES of December 2025: 13 January 2026, liberall-conseil.com
    (changed(flags=frozenset({"eu_trade"})), "des", date(2026, 1, 13)),
    # DSN of December 2025: 5 and 15 January 2026, liberall-conseil.com
    (changed(headcount="50+"), "dsn-50", date(2026, 1, 5)),
    (changed(headcount="11-49"), "dsn", date(2026, 1, 15)),
    # the quarter of the farmers' VAT: the 5th of the second month after (CIBS A161-28), here a Sunday of April's quarter
    (changed(vat_regime="farm_quarterly"), "tva-agricole-trimestre", date(2026, 5, 5)),
    # a farm that closes on 30 June: the 5th of the fifth month after
    (changed(vat_regime="farm_yearly", closing_day="06-30"), "tva-agricole-exercice", date(2026, 11, 5)),
    # income returns of 2026 by department: propulsebyca.fr
    (changed(legal_form="ei", profit_tax="ir", department="19"), "revenus-2026-1", date(2026, 5, 21)),
    (changed(legal_form="ei", profit_tax="ir", department="2A"), "revenus-2026-2", date(2026, 5, 28)),
    (changed(legal_form="ei", profit_tax="ir", department="974"), "revenus-2026-3", date(2026, 6, 4)),
    # the DSN of April 2027 falls on Saturday 15 May, before Whit Monday: Tuesday the 18th
    (changed(headcount="1-10"), "dsn", date(2027, 5, 18)),
]


@pytest.mark.parametrize(("facts", "rule", "day"), GOLDEN)
def test_golden_dates(facts: Facts, rule: str, day: date) -> None:
    assert day in days(facts, rule, day.year, day.year)


@pytest.mark.parametrize("year", [2015, 2016, 2017])
def test_the_second_working_day_is_the_one_of_the_published_table(year: int) -> None:
    """BOI-CF-CPF-20-15: 5 May 2015, 3 May 2016, 3 May 2017."""
    legal = {2015: 5, 2016: 3, 2017: 3}[year]
    assert days(changed(vat_regime="simplified"), "tva-ca12", year, year) == [date(year, 5, legal)]


def test_the_tenth_open_day_is_the_one_of_the_published_calendar() -> None:
    """edouane.com, after the customs' own calendar of 2021: the days of DEB and DES, December 2020 to December 2021."""
    published = ((1, 13), (2, 11), (3, 11), (4, 13), (5, 15), (6, 11), (7, 12), (8, 12), (9, 11), (10, 12), (11, 13), (12, 11))  # fmt: skip
    found = days(changed(flags=frozenset({"eu_trade"})), "des", 2021, 2022)
    assert found[:13] == [*(date(2021, month, day) for month, day in published), date(2022, 1, 13)]


def test_every_closing_day_has_four_instalments_in_order_one_a_quarter() -> None:
    for n in range(365):
        closing = date(2025, 1, 1) + n * DAY
        found = [e for e in of(changed(closing_day=f"{closing:%m-%d}"), 2025, 2028).events if e.rule.id == "is-acompte"]
        for _end, group in itertools.groupby(sorted(found, key=lambda e: e.key), key=lambda e: e.end):
            four = sorted(group, key=lambda e: e.number)
            if len(four) == 4:  # those of an exercise that the window cuts are fewer
                assert [e.legal.month % 3 for e in four] == [0] * 4 and {e.legal.day for e in four} == {15}
                assert all(85 < (b.legal - a.legal).days < 95 for a, b in itertools.pairwise(four))
                assert four[0].start <= four[0].legal <= four[0].start + timedelta(days=118)
        assert len({e.legal for e in found if e.legal.year == 2026}) == 4, closing


def every_company() -> Iterator[Facts]:
    departments = [f"{n:02}" for n in range(1, 96) if n != 20] + ["2A", "2B", "971", "972", "973", "974", "976"]
    for department, form in itertools.product(departments, FORMS):
        for name in ("Abel", "Zoé", "Hugo", "Isidore") if form == "ei" else ("Exemple",):
            for siren in ("000", "687", "697", "747", "757", "787", "797", "997") if form != "ei" else ("732",):
                yield changed(department=department, legal_form=form, name=name, siren=siren + "829320")


def test_every_company_has_one_day_of_the_month_for_its_vat() -> None:
    rows = rule_files.shipped().tables["tva"]
    for facts in every_company():
        assert day_of(rows, facts) in range(15, 25), facts


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        (changed(department="75", legal_form="ei", name="Hugo"), 15),
        (changed(department="94", legal_form="ei", name="Isidore"), 17),
        (changed(department="92", siren="687829320"), 19),
        (changed(department="92", siren="697829320"), 20),
        (changed(department="93", siren="797829320"), 21),
        (changed(department="75", legal_form="sa", siren="747829320"), 23),
        (changed(department="75", legal_form="sa", siren="757829320"), 24),
        (changed(department="75", legal_form="association"), 24),
        (changed(legal_form="ei", name="Étienne"), 16),
        (changed(legal_form="ei", name="d'Arc"), 16),
        (changed(legal_form="ei", name="Le Goff"), 19),
        (changed(legal_form="ei", name="Saint-Jean"), 19),
        (changed(), 21),
        (changed(legal_form="sa"), 24),
        (changed(legal_form="association"), 24),
        (changed(legal_form="ei", name="Жан"), "name"),
        (changed(legal_form="ei", name="12"), "name"),
        (changed(department=""), "department"),
        (changed(department="75", siren=""), "siren"),
        (changed(legal_form=""), "legal_form"),
    ],
)
def test_the_day_of_the_vat_return_is_the_one_of_the_table(facts: Facts, day: int | str) -> None:
    """comptabox.fr, after CGI ann. IV, art. 39-1."""
    assert day_of(rule_files.shipped().tables["tva"], facts) == day


def test_initials() -> None:
    assert [initial(n) for n in ("Étienne", "d'Arc", "Œuvre", "  ça", "1er Pas", "")] == ["E", "D", "O", "C", "E", ""]


def test_a_closing_on_the_last_of_february_stays_the_last() -> None:
    found = periods.exercises(changed(closing_day="02-29"), date(2023, 1, 1), date(2028, 12, 31))
    assert [p.end for p in found] == [date(y, 2, 29 if y % 4 == 0 else 28) for y in range(2023, 2029)]
    assert all(a.end + DAY == b.start for a, b in itertools.pairwise(found))


def test_eighteen_months_are_said_and_their_instalments_not_guessed() -> None:
    long = changed(
        closing_day="", exercises=((date(2024, 7, 1), date(2025, 6, 30)), (date(2025, 7, 1), date(2026, 12, 31)))
    )
    found = of(long)
    assert found.irregular == ((date(2025, 7, 1), date(2026, 12, 31)),)
    assert not [e for e in found.events if e.rule.id == "is-acompte"]
    after = of(long, 2027, 2027)
    assert [e.day for e in after.events if e.rule.id == "is-acompte"][:1] == [date(2027, 3, 15)]
    assert "liasse-is-decembre" in {e.rule.id for e in after.events}


def test_a_first_exercise_has_neither_instalments_nor_a_return_before_it() -> None:
    first = changed(exercises=((date(2026, 2, 1), date(2026, 12, 31)),))
    assert {e.rule.id for e in of(first).events} == {"tva-ca3", "cfe-solde"}
    flagged = changed(
        exercises=((date(2026, 1, 1), date(2026, 12, 31)),), flags=frozenset({"is_3000", "first_exercise"})
    )
    assert {e.rule.id for e in of(flagged).events} == {"tva-ca3", "cfe-solde"}
    assert "is-acompte" in {e.rule.id for e in of(flagged, 2027, 2027).events}


def test_what_the_card_does_not_say_is_missing_and_not_guessed() -> None:
    assert of(Facts()).events == () and "vat_regime" in of(Facts()).missing
    without = of(changed(closing_day=""))
    assert without.missing == ("closing_day",)
    assert {e.rule.id for e in without.events} == {"tva-ca3", "cfe-solde"}
    assert of(COMPANY).missing == ()


def test_a_period_belongs_to_the_rule_under_which_it_began() -> None:
    """The simplified regime ends with 2026, or with the exercise that was open then."""
    december = {e.key for e in of(changed(vat_regime="simplified"), 2026, 2027).events if e.rule.id.startswith("tva")}
    assert december == {
        "tva-ca12@2025-12-31", "tva-acompte-juillet@2026-12-31", "tva-acompte-decembre@2026-12-31", "tva-ca12@2026-12-31",
        "tva-ca3-ancien-rsi@2027-03-31", "tva-ca3-ancien-rsi@2027-06-30", "tva-ca3-ancien-rsi@2027-09-30",
    }  # fmt: skip
    september = changed(vat_regime="simplified", closing_day="09-30")
    found = {e.key for e in of(september, 2027, 2028).events if e.rule.id.startswith("tva")}
    assert {"tva-acompte-juillet@2027-12-31", "tva-ca12e@2027-09-30", "tva-ca3-ancien-rsi@2027-12-31"} <= found
    assert not {"tva-acompte-decembre@2027-12-31", "tva-ca3-ancien-rsi@2027-09-30", "tva-ca12e@2028-09-30"} & found


def test_e_reporting_begins_for_the_large_in_september_2026_and_for_others_a_year_later() -> None:
    large, other = (changed(flags=frozenset({"e_reporting", *more})) for more in (["large"], []))
    begins = {
        name: days(facts, "e-reporting-decade", 2026, 2027)[0] for name, facts in (("large", large), ("other", other))
    }
    assert begins == {"large": date(2026, 9, 21), "other": date(2027, 9, 20)}  # the 20th of September 2026 is a Sunday
    keys = [e.key for e in of(large, 2026, 2028).events]
    assert len(keys) == len(set(keys))


def test_keys_are_one_each_and_days_work() -> None:
    everything = changed(
        flags=frozenset(FLAGS) - {"first_exercise", "msa_employer"}, headcount="50+", vat_regime="quarterly"
    )
    found = of(everything, 2026, 2030).events
    assert len({e.key for e in found}) == len(found) > 300
    assert all(e.day.weekday() < 6 for e in found) and list(found) == sorted(found, key=lambda e: (e.day, e.key))
    assert all(e.rule.source and e.rule.seen for e in found)


def test_the_same_facts_give_the_same_dates_whatever_was_asked_before() -> None:
    one = of(COMPANY, 2026, 2027)
    both: list[Event] = [*of(COMPANY).events, *of(COMPANY, 2027, 2027).events]
    assert list(one.events) == both
    assert generation.calendar(COMPANY, date(2026, 1, 1), date(2027, 12, 31)) == one


def test_five_hundred_clients_and_two_years_in_two_seconds() -> None:
    """A quarter of it, in a quarter of the time, for a machine of our own."""
    clients = [changed(name=f"Client {n}", closing_day=f"{1 + n % 12:02}-28", headcount="1-10") for n in range(125)]
    by, begun = Generator(rule_files.shipped()), time.process_time()
    assert sum(len(by.calendar(c, date(2026, 1, 1), date(2027, 12, 31)).events) for c in clients) > 5000
    assert time.process_time() - begun < 0.5
    changes = [changed(name="Un autre", closing_day=f"{1 + n % 12:02}-15") for n in range(20)]
    begun = time.process_time()
    for one in changes:
        by.calendar(one, date(2026, 1, 1), date(2027, 12, 31))
    assert (time.process_time() - begun) / len(changes) < 0.02


@pytest.mark.parametrize(
    ("text", "kept"), [("31/12", "31/12"), ("30-6", "30/06"), ("29/02", "29/02"), (" 1.1 ", "01/01")]
)
def test_a_closing_day_as_people_write_it(text: str, kept: str) -> None:
    assert closing_day(text) == kept == closing_day(kept)
    assert month_first(kept) == "-".join(reversed(kept.split("/"))) and month_first("") == ""


@pytest.mark.parametrize("text", ["31/11", "12/31", "31", "fin décembre", "0/1", "1/0", "١/١"])
def test_what_is_no_closing_day(text: str) -> None:
    with pytest.raises(ValueError):
        closing_day(text)


def test_flags_of_a_later_version_are_left_aside() -> None:
    assert flags_of("is_3000 of_2031  cfe_3000") == {"is_3000", "cfe_3000"}


RULE = """[[rule]]
id = "a"
title = "A"
title_en = "A"
every = "month"
due = { kind = "after_period", months = 1, day = 15 }
source = "S"
seen = 2026-11-28
kind = "tax"
"""


def test_a_rule_that_nobody_verified_or_a_year_ago_is_to_be_checked() -> None:
    from msgspec.structs import replace

    rule = parse(RULE, "a.toml").rules[0]
    assert rule.to_check(date(2026, 11, 28))
    assert not replace(rule, verified_on=date(2026, 11, 28)).to_check(date(2027, 11, 28))
    assert replace(rule, verified_on=date(2026, 11, 28)).to_check(date(2027, 11, 29))
