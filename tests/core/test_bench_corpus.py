"""What is measured with: every document of a corpus of any size has its client."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

CORPUS = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "measure" / "corpus.py"))


@pytest.mark.parametrize("count", [1, 499, 500, 501, 700, 1_000, 1_999])
def test_a_client_for_each_document_and_none_without(count: int) -> None:
    assert CORPUS["codes"](count) == sorted({code for code, _, _ in CORPUS["documents"](count, 1, 2)})
