"""Paths, names, folder rules, exercises, guards, templates: small decisions that would hurt."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core import fiscal_years as ex
from syncd.core import guards, ignore_patterns, naming, paths, verdicts, words
from syncd.core.actions import Action, SetAside, Upload, digest
from syncd.core.content import Content, Stamp
from syncd.core.errors import BadPath
from syncd.core.events import Event
from syncd.core.folder_rules import ClientRules, Direction, FolderRule, Refusal, refuse
from syncd.core.paths import ClientPath
from syncd.core.templates import TemplateError, parse
from tests.support.places import both

STAMP = Stamp(1, 1, 1, 1)


@pytest.mark.parametrize("bad", ["", "/a", "a//b", "a/../b", "./a", "a/.", "a\\b", "a\x00", "a/\n", "..", "\udcff"])
def test_paths_that_no_side_may_hold(bad: str) -> None:
    with pytest.raises(BadPath):
        paths.check(bad)


@pytest.mark.parametrize(
    "bad", ["/".join("a" * 3000), "/".join("a" * (paths.MAX_DEPTH + 1)), "é" * 2049, "\u0958" * 1365]
)
def test_paths_longer_or_deeper_than_any_side_takes(bad: str) -> None:
    with pytest.raises(BadPath) as told:
        paths.check(bad)
    assert told.value.reason == "too_long" and len(str(told.value)) < 400
    assert refuse(ClientRules("", [FolderRule("a")]), "a/" + bad, 1) == Refusal("a/" + bad, "too_long")


@pytest.mark.parametrize("good", ["/".join("a" * paths.MAX_DEPTH), "é" * 2048, "a" * 4096])
def test_paths_as_long_and_deep_as_both_sides_take(good: str) -> None:
    assert paths.check(good) == good


def test_a_path_that_climbs_is_refused_for_its_name() -> None:
    with pytest.raises(BadPath) as told:
        paths.check("a/../b")
    assert told.value.reason == "bad_name"


@given(st.text(min_size=1, max_size=20))
def test_the_key_does_not_depend_on_the_form_or_the_case_of_accents(text: str) -> None:
    assert paths.key(unicodedata.normalize("NFD", text)) == paths.key(unicodedata.normalize("NFC", text))
    assert paths.key(paths.key(text)) == paths.key(text)


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\x00"), min_size=1, max_size=300))
def test_made_names_hold_in_a_file_system_and_keep_their_extension(stem: str) -> None:
    name = stem + ".pdf"
    for made in (
        naming.set_aside("A/" + name, lambda p: False),
        naming.conflict_copy("A/" + name, "2026-11-21 14h03", lambda p: False),
    ):
        last = made.rpartition("/")[2]
        assert len(last.encode()) <= 255 and last.endswith(".pdf")


@given(st.text(max_size=60))
def test_a_safe_name_is_safe_for_windows(name: str) -> None:
    assert naming.windows_fault(naming.windows_safe(name)) == ""


def test_a_conflict_stamp_is_replaced_never_doubled() -> None:
    once = naming.conflict_copy("A/x.pdf", "2026-11-21 14h03", lambda p: False)
    twice = naming.conflict_copy(once, "2026-11-22 09h00", lambda p: False)
    assert twice == "A/x (version du cabinet 2026-11-22 09h00).pdf"
    assert naming.conflict_copy("A/x.pdf", "2026-11-21 14h03", {once}.__contains__).endswith("14h03) 2.pdf")


@pytest.mark.parametrize(
    "name", ["~$bilan.xlsx", ".~lock.x.ods#", "THUMBS.DB", "a.TMP", "._x", ".syncd", ".syncd-x", "x.part"]
)
def test_ignored_whatever_the_case(name: str) -> None:
    assert ignore_patterns.BUILTIN.name(name)


def test_ignored_patterns_of_the_cabinet_hide_all_below() -> None:
    ignore = ignore_patterns.Ignore(["brouillons/", "*.bak"])
    assert (
        ignore.anywhere("Achats/brouillons/x.pdf")
        and ignore.anywhere("Achats/x.bak")
        and not ignore.anywhere("Achats/x.pdf")
    )


YEARS = (
    ex.Exercise("2023", date(2023, 1, 1), date(2023, 12, 31), True),
    ex.Exercise("2024", date(2024, 1, 1), date(2024, 12, 31), True),
    ex.Exercise("2024-2025", date(2024, 7, 1), date(2025, 6, 30)),
)


@pytest.mark.parametrize(
    ("path", "all_", "plus", "open_"),
    [
        ("Achats/x.pdf", True, True, True), ("Achats/2023/x.pdf", True, False, False), ("Achats/2024/x.pdf", True, True, False),
        ("Achats/007868_202506/x.pdf", True, True, True), ("Achats/2024-2025/deep/x.pdf", True, True, True),
        ("Achats/2023/2024-2025/x.pdf", True, True, True), ("Achats/202312/x.pdf", True, False, False),
    ],
)  # fmt: skip
def test_scope(path: str, all_: bool, plus: bool, open_: bool) -> None:
    got = tuple(
        ex.in_scope(path, "007868", scope, YEARS) for scope in (ex.Scope.ALL, ex.Scope.OPEN_PLUS_ONE, ex.Scope.OPEN)
    )
    assert got == (all_, plus, open_)


def test_a_none_folder_stays_none_whatever_lies_below() -> None:
    rules = ClientRules("1", (FolderRule("Interne", direction=Direction.NONE), FolderRule("Interne/x")))
    assert (
        rules.folder_direction("interne/X/y") is Direction.NONE and rules.folder_direction("Ailleurs") is Direction.NONE
    )


def aside(n: int) -> SetAside:
    return SetAside(f"d{n}", *both(f"Achats/{n}"), ClientPath(f"Achats/supp_{n}"), Content(1, bytes(32)), STAMP, "t")


def new(n: int, top: str = "Achats") -> Upload:
    return Upload(*both(f"{top}/{n}"), Content(1, n.to_bytes(32)), STAMP)


@pytest.mark.parametrize(
    ("actions", "history", "reason"),
    [
        ([aside(n) for n in range(20)], guards.History(100), None),
        ([aside(n) for n in range(21)], guards.History(100), "guard_changes"),
        ([aside(n) for n in range(21)], guards.History(106), None),
        ([aside(n) for n in range(1)], guards.History(100, {"set_asides": 20}), "guard_changes"),
        ([aside(n) for n in range(4)], guards.History(4), None),
        ([aside(n) for n in range(5)], guards.History(5), "guard_emptied_side"),
        ([aside(n) for n in range(21)], guards.History(100, agreed=frozenset(digest(aside(n)) for n in range(21))), None),
        ([new(1)], guards.History(0, client_completed=False), "guard_first_publication"),
        ([new(n) for n in range(20)], guards.History(9, completed=frozenset({"ventes"})), None),
        ([new(1)], guards.History(9, completed=frozenset({"ventes"}), restricted=frozenset({"achats"})), "guard_first_publication"),
        ([new(1)], guards.History(9, completed=frozenset({"achats"}), restricted=frozenset({"achats"})), None),
        ([new(n) for n in range(21)], guards.History(9, completed=frozenset({"achats"})), None),
        ([new(n) for n in range(21)], guards.History(9, completed=frozenset({"ventes"})), "guard_first_publication"),
        ([new(n) for n in range(201)], guards.History(9, completed=frozenset({"achats"})), "guard_many_new"),
        ([new(n) for n in range(5)], guards.History(9, completed=frozenset({"achats"}), elsewhere=frozenset(n.to_bytes(32) for n in range(5))), "guard_other_client"),
        ([new(n) for n in range(4)], guards.History(9, completed=frozenset({"achats"}), elsewhere=frozenset(n.to_bytes(32) for n in range(5))), None),
    ],
)  # fmt: skip
def test_guards_at_their_limits(actions: list[Action], history: guards.History, reason: str | None) -> None:
    review = guards.review(actions, history, guards.Limits())
    assert [w.reason for w in review.waiting] == ([reason] if reason else [])
    assert len(review.go) + sum(len(w.actions) for w in review.waiting) == len(actions)


@pytest.mark.parametrize("ask", ["ask", "allow"])
@pytest.mark.parametrize("completed", [False, True])
def test_another_clients_documents_are_named_beside_any_other_reason(ask: str, completed: bool) -> None:
    foreign = [new(n) for n in range(5)]
    history = guards.History(
        9, client_completed=completed, elsewhere=frozenset(a.content.sha256 for a in foreign), restricted=frozenset({"achats"})
    )  # fmt: skip
    review = guards.review([*foreign, new(9)], history, guards.Limits(first_publication=ask))
    said = {w.reason: list(w.actions) for w in review.waiting}
    assert said.pop("guard_other_client") == foreign
    assert said == ({"guard_first_publication": [new(9)]} if ask == "ask" else {})
    adopting = guards.adopting(review, [*foreign, new(9)])
    assert adopting.go == () and {w.reason: list(w.actions) for w in adopting.waiting} == {
        "guard_first_publication": [new(9)], "guard_other_client": foreign,
    }  # fmt: skip


def over(n: int) -> Upload:
    return Upload(*both(f"Achats/{n}"), Content(1, bytes([n]) * 32), STAMP, f"d{n}", 1)


def test_new_documents_wait_with_the_overwrites_of_their_client() -> None:
    storm, note = [over(n) for n in range(21)], new(99)
    history = guards.History(30, completed=frozenset({"achats"}))
    review = guards.review([*storm, note], history, guards.Limits())
    assert review.go == () and [(w.reason, len(w.actions)) for w in review.waiting] == [("guard_changes", 22)]
    few = guards.review([*storm[:3], note], history, guards.Limits())
    assert few.go == (*storm[:3], note)
    summed = guards.hold_changes(few, frozenset())
    assert summed.go == () and [(w.reason, len(w.actions)) for w in summed.waiting] == [("guard_changes", 4)]
    agreed = guards.hold_changes(few, frozenset({digest(note)}))
    assert agreed.go == (note,)


def test_an_agreement_names_what_was_seen_not_when() -> None:
    later = SetAside(
        "d1", *both("Achats/1"), ClientPath("Achats/supp_2_1"), Content(1, bytes(32)), Stamp(1, 9, 9, 9), "t"
    )
    edited = SetAside("d1", *both("Achats/1"), ClientPath("Achats/supp_1"), Content(2, bytes(32)), STAMP, "t")
    assert digest(aside(1)) == digest(later) != digest(edited)


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([3, 4], 4), ([10, 4, 3], 10), ([3, 130], 130), ([6, 5], 5), ([2, 11], 11)]
)
def test_the_first_of_several_exit_codes(codes: list[int], code: int) -> None:
    assert verdicts.exit_code(codes) == code


def test_a_known_refusal_keeps_the_exit_code_but_not_the_warning() -> None:
    fresh, known = verdicts.Tally(), verdicts.Tally()
    fresh.add(Event("1", "refused", "x", reason="empty"))
    known.add(Event("1", "refused", "x", reason="empty", new=False))
    assert (fresh.verdict(), known.verdict()) == (verdicts.Verdict.WARNING, verdicts.Verdict.DONE)
    assert verdicts.exit_code(fresh.codes) == verdicts.exit_code(known.codes) == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('direction = "bth"', "direction"), ("max_size = true", "max_size"), ('extensions = ["exe"]', "program"),
        ('path = "CON"', "Windows"), ('kynd = "tax"', "Did you mean 'kind'"), ('path = "../x"', "'..'"),
    ],
)  # fmt: skip
def test_template_mistakes_name_line_and_mend(line: str, says: str) -> None:
    text = f'name = "x"\n\n[[folder]]\npath = "Achats"\n\n[[folder]]\n{line}\n' + (
        "" if line.startswith("path") else 'path = "B"\n'
    )
    with pytest.raises(TemplateError) as e:
        parse(text, "x.toml")
    assert says in str(e.value) and e.value.mistakes[0].line == 7


@pytest.mark.parametrize(("count", "text"), [(0, "0 o"), (999, "999 o"), (1200, "1,2 Ko"), (25_000_000, "25 Mo")])
def test_sizes_as_the_french_write_them(count: int, text: str) -> None:
    assert words.size(count).replace("\u00a0", " ") == text


def test_every_reason_has_both_languages_and_nothing_is_said_of_zeros() -> None:
    assert all(fr and en for fr, en in words.REASONS.values())
    assert words.totals({"uploaded": 1, "downloaded": 0, "refused": 2}) == ["1 mis en ligne", "2 refusés"]


@given(st.text(st.sampled_from("ab./\\é\u0301\u0958\x00\x1b\x85\u2028\ud800 "), max_size=8) | st.text(max_size=8))
def test_a_sound_path_is_what_the_check_gives_back(text: str) -> None:
    try:
        expected = paths.check(text) == text
    except BadPath:
        expected = False
    assert paths.is_sound(text) is expected
    assert not expected or _by_parts(text)


def _by_parts(path: str) -> bool:
    """The rule in other words (RULES 1)."""
    return all(
        part not in ("", ".", "..") and all(unicodedata.category(c) not in ("Cc", "Cs") and c != "\\" for c in part)
        for part in path.split("/")
    )


def test_half_a_letter_is_no_text() -> None:
    """Linux shows bytes that mean nothing by such signs, Windows keeps half a pair as it is: neither can be sent."""
    assert [paths.is_decoded(name) for name in ("é.pdf", "😀.pdf", "\udcff.pdf", "\ud83d.pdf")] == [
        True,
        True,
        False,
        False,
    ]
