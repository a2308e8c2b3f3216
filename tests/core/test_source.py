"""What holds of every file of the product, and of every test, whatever it is about."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import syncd

ROOT = Path(__file__).parents[2]


def left_open(source: str) -> list[int]:
    """Lines that list a directory and leave it open, should what is done to an entry fail."""
    tree = ast.parse(source)
    closed = {id(i.context_expr) for node in ast.walk(tree) if isinstance(node, ast.With) for i in node.items}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("scandir") and id(node) not in closed
    ]


def test_a_directory_that_is_listed_is_closed() -> None:
    found = {p.relative_to(ROOT).as_posix(): left_open(p.read_text("utf-8")) for p in (ROOT / "syncd").rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}
    assert left_open("with os.scandir(a) as e:\n  pass\nfor e in os.scandir(a):\n  pass") == [3]


def test_what_a_test_leaves_open_fails_it(tmp_path: Path) -> None:
    (tmp_path / "test_leaks.py").write_text(
        "import gc, os\n"
        "def test_file():\n    open(__file__)\n    gc.collect()\n"
        "def test_listing():\n    next(os.scandir('.'))\n    gc.collect()\n"
        "class Late:\n    def __del__(self):\n        raise ValueError\n"
        "def test_what_nobody_can_catch():\n    Late()\n    gc.collect()\n"
        "def test_whole():\n    pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-p", "no:cacheprovider", tmp_path],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert "3 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def test_the_version_stands_in_one_place() -> None:
    """`syncd/__init__.py`: the changelog's last cut, and the names of what is delivered, are held to it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "version" not in project and project["dynamic"] == ["version"]
    cuts = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)
    assert cuts[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(syncd.__version__)} – \d{{4}}-\d\d-\d\d", cuts[1])
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {v for page in pages for v in re.findall(r"\bsyncd[_-](\d+\.\d+\.\d+)[_-]", page.read_text("utf-8"))}
    assert named == {syncd.__version__}
