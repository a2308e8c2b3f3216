"""What is wrong with a file of rules is said with its line and what to write instead; nothing of it is taken."""

from __future__ import annotations

import pytest

from syncd.portal.calendar import rule_files
from syncd.portal.calendar.rule_reader import RuleError, joined, parse

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


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('id = "a"', 'id = "A b"', 2, "'A b' is no id"),
        ('title = "A"', "", 1, "a rule has no title"),
        ('source = "S"', 'source = " "', 7, "a rule has no source"),
        ("seen = 2026-11-28", "", 1, "seen is no date"),
        ("seen = 2026-11-28", 'seen = "2026"', 8, "seen is no date"),
        ("seen = 2026-11-28", "seen = 2026-11-28T00:00:00", 8, "seen is no date"),
        ('kind = "tax"', 'kind = "taxes"', 9, "unknown kind 'taxes'. Did you mean 'tax'?"),
        ('every = "month"', 'every = "months"', 5, "unknown every 'months'. Did you mean 'month'?"),
        ("day = 15", "day = 31", 6, "day 31 is not in every month. Use a day up to 28"),
        ("day = 15", 'day = "nowhere"', 0, ""),
        ("months = 1, ", "", 6, "after_period says no months"),
        ("after_period", "sometimes", 6, "due has no known kind"),
        ("day = 15", "day = 15, hour = 12", 6, "unknown key 'hour'"),
        ('kind = "tax"', 'kind = "tax"\napplies = { colour = ["red"] }', 10, "unknown fact 'colour'"),
        ('kind = "tax"', 'kind = "tax"\napplies = { vat_regime = ["montly"] }', 10, "unknown vat_regime 'montly'. Did you mean 'monthly'?"),
        ('kind = "tax"', 'kind = "tax"\napplies = { flags_not = ["grande"] }', 10, "unknown flags 'grande'"),
        ('kind = "tax"', 'kind = "tax"\napplies = { vat_regime = "monthly" }', 10, "vat_regime is no list of words"),
        ('kind = "tax"', 'kind = "tax"\nvalid_from = 2027-01-01\nvalid_to = 2026-01-01', 11, "valid_to is before valid_from"),
        ('kind = "tax"', 'kind = "tax"\ncolour = 1', 10, "unknown key 'colour'"),
        ('kind = "tax"', 'kind = "tax"\nshift = "no"', 2, "rule 'a'"),
        ("after_period", "in_month", 6, "in_month says no month"),
        ('kind = "after_period", months = 1, day = 15', 'kind = "working_day", after = "02-30", n = 2', 6, "'02-30' is no day of a year"),
        ('kind = "after_period", months = 1, day = 15', 'kind = "instalments", day = 15, first = [["11-20", "02-19", 3]]', 5, "instalments follow"),
        ("[[rule]]", "[rules]\n[[rule]]", 1, "unknown table 'rules'"),
        ("[[rule]]", "[[rule]", 1, "not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line_and_its_mend(old: str, new: str, line: int, said: str) -> None:
    text = RULE.replace(old, new, 1)
    if not said:
        with pytest.raises(RuleError, match="names the table 'nowhere', which is nowhere"):
            joined([("a.toml", parse(text, "a.toml"))])
        return
    with pytest.raises(RuleError) as caught:
        parse(text, "a.toml")
    first = caught.value.mistakes[0]
    assert first.line == line and said in first.sentence("a.toml"), str(caught.value)


def test_two_rules_of_one_id_never_hold_at_once() -> None:
    early = RULE.replace('kind = "tax"', 'kind = "tax"\nvalid_to = 2026-12-31')
    late = RULE.replace('kind = "tax"', 'kind = "tax"\nvalid_from = 2027-01-01')
    assert len(parse(early + late, "a.toml").rules) == 2
    with pytest.raises(RuleError, match="two rules 'a' hold at once"):
        parse(early + RULE, "a.toml")
    with pytest.raises(RuleError, match=r"b\.toml: two rules 'a' hold at once"):
        joined([("a.toml", parse(RULE, "a.toml")), ("b.toml", parse(late, "b.toml"))])


def test_every_mistake_is_said_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        parse(RULE.replace("months", "month") + RULE.replace("tax", "taxe"), "a.toml")
    assert [m.line for m in caught.value.mistakes] == [6, 18]


@pytest.mark.parametrize(
    "row", ["day = 15", 'table = "t"\nday = 31', 'table = "t"\nday = 15\ncolour = 1', 'table = "t"\nday = "x"']
)
def test_a_row_of_a_table_names_it_and_a_day(row: str) -> None:
    with pytest.raises(RuleError):
        parse(f"[[day]]\n{row}\n", "a.toml")


def test_the_shipped_rules_name_their_sources() -> None:
    book = rule_files.shipped()
    assert len(book.rules) > 40 and all(r.source and r.title_en for r in book.rules)
    assert all(r.note for r in book.rules if r.verified_on is None), "what was not verified says why"
