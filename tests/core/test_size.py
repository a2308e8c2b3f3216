"""The check of sizes names what is too long, and nothing else."""

from __future__ import annotations

import runpy
from pathlib import Path

FAULTS = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "check_size.py"))["faults"]


def test_a_long_file_and_a_long_function_are_named(tmp_path: Path) -> None:
    top = tmp_path / "syncd"
    (top / "portal" / "migrations").mkdir(parents=True)
    whole = "def f():\n" + "    pass\n" * 59
    (top / "whole.py").write_text(whole + "\n" * 340)
    (top / "long.py").write_text(whole + "\n" * 341)
    (top / "class.py").write_text("class C:\n    async def g(self):\n" + "        pass\n" * 60)
    (top / "portal" / "migrations" / "0001.py").write_text("def f():\n" + "    pass\n" * 500)
    assert list(FAULTS(top)) == [
        "syncd/class.py:2: g has 61 lines, at most 60",
        "syncd/long.py: 401 lines, at most 400",
    ]


def test_of_a_test_the_file_alone_counts_and_what_may_be_longer_only_shrinks(tmp_path: Path) -> None:
    top = tmp_path / "tests"
    for where, lines in (("test_long.py", 401), ("portal/test_rights.py", 691), ("simulation/storm.py", 400)):
        (top / where).parent.mkdir(parents=True, exist_ok=True)
        (top / where).write_text("def f():\n" + "    pass\n" * 99 + "\n" * (lines - 100))
    assert list(FAULTS(top)) == [
        "tests/portal/test_rights.py: 691 lines, at most 690",
        "tests/simulation/storm.py: it fits by now, its row of LONGER goes",
        "tests/test_long.py: 401 lines, at most 400",
    ]
