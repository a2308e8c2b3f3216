"""Every code that is written into the audit has its words: the trail is read by people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SYNCD = Path(__file__).parent.parent.parent / "syncd"
FORMER = {"exercise_added"}  # stands in trails of before
WRITES = {"record", "record_of_any", "record_each", "record_of"}


def _names(tree: ast.Module) -> dict[str, str]:
    """The module's own names for texts."""
    found = dict[str, str]()
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                for name, value in pairs:
                    if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found[name.id] = value.value
    return found


def _codes(what: ast.expr, names: dict[str, dict[str, str]], here: str) -> Iterator[str]:
    """Those that the expression may be; of one that is put together, its beginning with a star."""
    match what:
        case ast.Constant(value=str() as code):
            yield code
        case ast.IfExp(body=one, orelse=other):
            yield from _codes(one, names, here)
            yield from _codes(other, names, here)
        case ast.JoinedStr(values=[ast.Constant(value=str() as begin), *_]):
            yield f"{begin}*"
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            yield names[module][name]
        case ast.Name(id=name):
            yield names[here][name]
        case _:
            raise AssertionError(f"{here}: cannot tell which code this is: {ast.unparse(what)}")


def written() -> dict[str, str]:
    """By code: where it is written."""
    trees = {
        p: ast.parse(p.read_text(encoding="utf-8"))
        for where in ("portal", "cli", "operations")
        for p in sorted((SYNCD / where).rglob("*.py"))
        if "migrations" not in p.parts
    }
    names = {path.stem: _names(tree) for path, tree in trees.items()}
    found = dict[str, str]()
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITES
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "audit"
            ):
                for code in _codes(node.args[1], names, path.stem):
                    found[code] = f"{path.name}:{node.lineno}"
    return found


def test_every_code_that_is_written_has_words(portal_directory: Path) -> None:
    from syncd.portal.people import invitations, sign_in_attempts
    from syncd.portal.web.settings import WHAT

    codes = written()
    assert len(codes) > 60 and {"sign_in", "own_wrong_password", "calendar_shown", "invited_*"} <= codes.keys()
    formed = {"invited_*": [f"invited_{kind}" for kind in invitations.KINDS]}
    knocks = {sign_in_attempts.SIGN_IN: "knock", sign_in_attempts.SECOND: "knock"}  # become lines in `answer`
    every = {c: at for code, at in {**codes, **knocks}.items() for c in formed.get(code, [code])}
    assert {code: at for code, at in every.items() if code not in WHAT} == {}
    assert not [code for code in every if code.endswith("*")], "put together: its codes belong into `formed`"


def test_no_words_are_kept_for_a_code_that_nobody_writes(portal_directory: Path) -> None:
    from syncd.portal.people import sign_in_attempts
    from syncd.portal.web.settings import WHAT

    codes = written() | {sign_in_attempts.SIGN_IN: "", sign_in_attempts.SECOND: ""}
    begun = tuple(code[:-1] for code in codes if code.endswith("*"))
    assert [code for code in WHAT if code not in codes | dict.fromkeys(FORMER, "") and not code.startswith(begun)] == []
