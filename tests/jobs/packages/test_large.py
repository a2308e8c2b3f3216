"""Documents that are too large to be held in memory, taken from a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.jobs.packages import applier
from tests.jobs.packages.sides import Sides


def test_two_equal_large_documents_of_one_package_are_both_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applier, "LARGE", 10)
    sides = Sides(tmp_path)
    same = {"Achats/a.pdf": b"%PDF the very same", "Ventes/b.pdf": b"%PDF the very same"}
    for path, data in same.items():
        sides.write(path, data)
    done = sides.take_cabinet(sides.send_company().file).result
    assert done is not None and done.later == ()
    assert sides.cabinet() == sides.online() == same
