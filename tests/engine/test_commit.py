"""Outcomes are written down in one place, and a dry run shows what a run then does."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from msgspec.structs import replace

import syncd.engine.apply
from syncd.core.effects import Effects
from syncd.core.folder_rules import FolderRule
from syncd.engine.apply import commit
from tests.simulation.engine_in_memory import Lab

APPLY = Path(str(syncd.engine.apply.__file__)).parent
READS = {"trees.base.load", "arrivals.find", "clients.all"}  # of the state, by those who carry a plan out
ALSO = {
    "batch_size.py": {"progress.read", "progress.change"},  # how the line behaved: no outcome of an action
    "local.py": {"set_asides.intended"},
}


def _called(node: ast.expr) -> str:
    """`trees.base.load` of `self.ctx.state.trees.base.load`; '' for what is not of the state."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(names[: names.index("state")])) if "state" in names else ""


@pytest.mark.parametrize("file", sorted(p.name for p in APPLY.glob("*.py") if p.name != "commit.py"))
def test_nothing_else_that_carries_plans_out_changes_the_state(file: str) -> None:
    tree = ast.parse((APPLY / file).read_text(encoding="utf-8"))
    called = {_called(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)} - {""}
    assert called <= READS | ALSO.get(file, set())


def test_that_such_a_call_would_be_seen() -> None:
    call = ast.parse("self.ctx.state.trees.base.put(client, doc)", mode="eval").body
    assert isinstance(call, ast.Call) and _called(call.func) == "trees.base.put"


def test_everything_that_an_outcome_may_change_is_written() -> None:
    written = inspect.getsource(commit)
    missing = [
        name for name in Effects.__struct_fields__ if f"e.{name}" not in written and f"changed.{name}" not in written
    ]
    assert not missing


def test_a_dry_run_shows_what_a_run_then_does(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"), FolderRule("Ventes")))
    lab.run()
    for name in ("sent", "moved", "deleted", "edited online"):
        lab.write(f"Achats/{name}.pdf", name.encode())
    lab.converge()
    client = lab.clients["001"]
    lab.write("Achats/sent.pdf", b"another version")
    lab.write("Achats/new.pdf", b"new")
    lab.rename("Achats/moved.pdf", "Ventes/moved.pdf")
    lab.portal.remove(client, "Achats/deleted.pdf")
    lab.deposit("Achats/edited online.pdf", b"a version of the portal's")
    lab.deposit("Ventes/deposited.pdf", b"deposited")
    settings = lab.settings
    lab.settings = replace(settings, dry_run=True)
    lab.run()
    shown = {(e.action, e.path, e.origin, e.to, e.version) for e in lab.events}
    assert all(e.dry_run for e in lab.events) and len(shown) == 6
    before = lab.here()
    lab.settings = settings
    assert before == lab.here()
    lab.run()
    assert {(e.action, e.path, e.origin, e.to, e.version) for e in lab.events} == shown
    lab.check()
