"""Every code has its words in both languages, and they stand where words belong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import syncd
from syncd.core import naming, words
from syncd.core.errors import BadPath, MirrorError, SyncdError, Unreachable, UsageError
from syncd.core.reasons import Disappeared, Family, Reason, Said, Several, Sizes, family, known, parameters
from syncd.core.verdicts import COUNTS
from syncd.core.words import administration, commands, doctor, faults
from syncd.core.words.phrase import Counted, Phrase

BAD_NAMES = ("a\udce9", "x" * 300, "a?*.pdf", "a\u200b.pdf", "a. ", " a", "CON.txt", "a .pdf")


def test_every_reason_has_its_sentence_and_its_family() -> None:
    assert set(words.REASONS) == set(Reason)
    for prefix, of in (("guard_", Family.GUARD), ("stop_", Family.STOP)):
        assert {r for r in Reason if r.startswith(prefix)} == {r for r in Reason if r.family is of} - {Reason.GUARD}
    assert known("told_by_a_later_version") is None and family("told_by_a_later_version") is None


def test_whatever_a_run_counts_is_said_in_its_total() -> None:
    for name in COUNTS:
        assert [words.totals({name: 2}, language) != [] for language in ("fr", "en")] == [name != "folders"] * 2, name


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
# `search_folding` is a table of letters, `typography` the rules of the spaces between them, and the traits of a disk are measured with a
# letter that bears an accent.
ALLOWED = (
    "portal/", "report/", "core/words/", "core/search_folding.py", "core/typography.py", "disk/posix/traits.py", "disk/windows/traits.py",
    "jobs/retrieve/target.py", "core/private_space.py",
)  # fmt: skip
# French that no accent gives away, as it begins or stands alone.
UNACCENTED = re.compile(
    r"\b(Le|La|Les|Aucun|Aucune|Rien|Vous|Votre|dans|pour|avec|dossiers?|synchronisation|plateforme)\b"
)


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
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told and _french(n.value)
        ]
    assert found == []


def _french(text: str) -> bool:
    return bool(FRENCH.search(text) or len(UNACCENTED.findall(text)) > 1)


def test_french_is_known_with_and_without_accents() -> None:
    assert _french("Créé") and _french("Les comptes rendus et journaux iront dans") and not _french("Les is a name")


ROOMS = (administration, commands, doctor, faults)


def _phrases() -> Iterator[tuple[str, Phrase]]:
    def inside(name: str, value: object) -> Iterator[tuple[str, Phrase]]:
        if isinstance(value, Phrase):
            yield name, value
        elif isinstance(value, Counted):
            yield name, Phrase(value.french[1], value.english[1])
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from inside(f"{name}[{key}]", item)
        elif isinstance(value, tuple):
            for item in value:
                yield from inside(name, item)

    for room in ROOMS:
        for name, value in vars(room).items():
            if name.isupper() or name.startswith("ASK_"):
                yield from inside(f"{room.__name__}.{name}", value)


def test_every_phrase_is_said_in_both_languages_with_the_same_values() -> None:
    found = list(_phrases())
    assert len(found) > 200
    for name, phrase in found:
        french, english = ({f for _, f, _, _ in Formatter().parse(text) if f} for text in phrase)
        assert name.endswith("ANSWERED") or french == english, name
        quoted = re.sub("“[^”]*”", "", phrase.english)
        assert phrase.french and phrase.english and not FRENCH.search(quoted), name


def test_every_phrase_is_said_by_somebody() -> None:
    root = Path(syncd.__file__).parent
    code = "".join(p.read_text(encoding="utf-8") for p in root.rglob("*.py") if "words" not in p.parts)
    said = set(re.findall(r"\b[A-Z][A-Z_]+\b", code))
    unsaid = [n for room in ROOMS for n in vars(room) if n.isupper() and n not in said]
    assert unsaid == []


@pytest.mark.parametrize(
    ("error", "french"),
    [
        (Unreachable("It does not answer.", cause="no_answer"), "La plateforme ne répond pas (« aucune réponse à temps »). Vérifiez la connexion, puis prévenez l'hébergeur."),
        (UsageError(faults.NO_CLIENT.of(codes="9"), mend=faults.SEE_CLIENTS.of()), "aucun client n'a le code 9. Voir : syncd client list."),
        (MirrorError("stop_root_marker", faults.ROOT_AWAY.of(root="/r", why="gone")), "La racine des dossiers '/r' ne peut pas être atteinte (gone)."),
        (BadPath("'..' climbs."), "'..' climbs."),
        (UsageError("--x {y}", mend="No."), "--x {y} No."),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_fault_is_said_in_the_readers_language(error: SyncdError, french: str) -> None:
    assert str(words.fault(error, "fr")) == french
    assert str(words.fault(error, "en")) == str(error) and not FRENCH.search(str(error))
