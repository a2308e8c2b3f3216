"""The glossary is the code's: its words are used, and those that went stay away (docs/glossary.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.lists

ROOT = Path(__file__).parent.parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
HELD, GONE = GLOSSARY.split("## Words that went")
WORDS = re.findall(r"^\| ([A-Z]\w+) \|", HELD, flags=re.MULTILINE)
FILES = [p for p in (ROOT / "syncd").rglob("*.py") if "migrations" not in p.parts]


@pytest.fixture(scope="module")
def code() -> set[str]:
    """Every identifier of the product, and each of its parts, in small letters: `ClientScan` is `client` and `scan`, too."""
    found = set[str]()
    for path in FILES:
        for name in set(re.findall(r"[A-Za-z_]\w+", path.read_text(encoding="utf-8"))):
            parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
            found.add(name.lower().replace("_", ""))
            found.update(part.lower() for part in parts)
    return found


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_glossary_is_a_word_of_the_code(word: str, code: set[str]) -> None:
    assert word.lower() in code


def test_no_word_stands_twice_and_no_row_lacks_its_meaning() -> None:
    assert len(WORDS) == len(set(WORDS)) > 25
    rows = re.findall(r"^\| [A-Z]\w+ \|.*$", HELD, flags=re.MULTILINE)
    assert all(len(cells := row.strip("| ").split(" | ")) == 4 and cells[3] for row in rows)


def test_a_word_that_went_names_no_module() -> None:
    gone = re.findall(r"`(\w+)`", GONE)
    assert len(gone) > 20
    assert not [str(p.relative_to(ROOT)) for p in FILES if p.stem in gone]
