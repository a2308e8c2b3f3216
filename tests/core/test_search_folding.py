"""What two texts share that a person takes for the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core import search_folding
from syncd.core.search_folding import fold


@pytest.mark.parametrize(
    ("said", "folded"),
    [("Énergies", "energies"), ("Œuvre", "oeuvre"), ("L’Été", "l'ete"), ("STRASSE", "strasse"), ("e\u0301", "e"), ("Noël\u00a0!", "noel !")],
)  # fmt: skip
def test_folding(said: str, folded: str) -> None:
    assert fold(said) == folded


@given(text=st.text(alphabet=st.characters(max_codepoint=0x24FF) | st.sampled_from("éœ’\u0301\u034f\uac00ﬁ")))
def test_folding_letter_by_letter_is_folding_the_whole(text: str) -> None:
    whole = unicodedata.normalize("NFKD", text.translate(search_folding._LIKE))
    assert fold(text) == "".join(c for c in whole if not unicodedata.combining(c)).casefold()
