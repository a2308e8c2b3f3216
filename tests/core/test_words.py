"""Every code has its words in both languages, and they stand where words belong."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import syncd
from syncd.core import naming, words
from syncd.core.reasons import Disappeared, Family, Reason, Said, Several, Sizes, family, known, parameters

BAD_NAMES = ("a\udce9", "x" * 300, "a?*.pdf", "a\u200b.pdf", "a. ", " a", "CON.txt", "a .pdf")


def test_every_reason_has_its_sentence_and_its_family() -> None:
    assert set(words.REASONS) == set(Reason)
    for prefix, of in (("guard_", Family.GUARD), ("stop_", Family.STOP)):
        assert {r for r in Reason if r.startswith(prefix)} == {r for r in Reason if r.family is of} - {Reason.GUARD}
    assert known("told_by_a_later_version") is None and family("told_by_a_later_version") is None


@pytest.mark.parametrize("made", [Sizes(2_000_000, 1_000_000), Disappeared(21, 3), Said("Marie"), Said("")])
def test_parameters_are_what_their_text_says(made: Sizes | Disappeared | Said) -> None:
    code = {Sizes: Reason.TOO_LARGE, Disappeared: Reason.VANISHED_HERE, Said: Reason.LOCKED}[type(made)]
    assert parameters(code, str(made)) == made


def test_numbers_that_do_not_fit_are_words() -> None:
    assert parameters(Reason.RENAMED_HERE, "12") == Several(12)
    assert parameters(Reason.TOO_LARGE, "12") == Said("12") and parameters(Reason.LOCKED, "12") == Said("12")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_why_windows_refuses_a_name_is_said_in_the_readers_language(name: str) -> None:
    fault = naming.windows_fault(name)
    french, english = (words.reason(Reason.BAD_NAME, fault, language) for language in ("fr", "en"))
    assert fault and fault.partition(" ")[0] in words.DETAILS and french.partition("(")[2] != english.partition("(")[2]
    assert english.isascii() or "\u200b" in english


FRENCH = re.compile("[àâçéèêëîïôùûœÀÂÇÉÈÊÎÏÔÙÛŒ«»]")
# The command line and the doctor speak to people, in French so far; `search_folding` is a table of letters, and the traits of a
# disk are measured with a letter that bears an accent.
ALLOWED = ("portal/", "report/", "core/words.py", "cli/", "doctor/", "core/search_folding.py", "disk/posix/traits.py", "disk/windows/traits.py")  # fmt: skip


def test_french_for_people_lives_where_words_belong() -> None:
    root = Path(syncd.__file__).parent
    found = []
    for path in root.rglob("*.py"):
        where = path.relative_to(root).as_posix()
        if where.startswith(ALLOWED):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
        found += [
            f"{where}:{n.lineno}"
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told and FRENCH.search(n.value)
        ]
    assert found == []
