"""What a client's space still takes is planned; the rest is refused, and nothing else is held up by it."""

from __future__ import annotations

from syncd.core.actions import Action, MakeFolder, Side, Upload
from syncd.core.content import Content, Stamp
from syncd.core.entry import RemoteDoc
from syncd.core.folder_rules import Refusal
from syncd.core.paths import ClientPath
from syncd.core.plan import Plan
from syncd.core.planner.quota import within
from tests.support.places import both

STAMP = Stamp(1, 1, 1, 1)


def upload(name: str, size: int, doc: str | None = None) -> Upload:
    return Upload(*both(f"Achats/{name}"), Content(size, b""), STAMP, doc, 1 if doc else 0)


def test_what_does_not_fit_is_refused_and_smaller_ones_go() -> None:
    folder: Action = MakeFolder(Side.REMOTE, *both("Achats/x"))
    held = Refusal("Achats/a.exe", "extension_not_allowed")
    plan = Plan((folder, upload("a", 60), upload("b", 50), upload("c", 40), upload("d", 1)), (held,))
    found, left = within(plan, {}, 100)
    assert found.actions == (folder, upload("a", 60), upload("c", 40))
    assert found.refusals == (held, Refusal("Achats/b", "quota"), Refusal("Achats/d", "quota")) and left == 0


def test_a_version_counts_for_what_it_adds_and_one_that_frees_always_goes() -> None:
    online = {n: RemoteDoc(n, ClientPath(f"Achats/{n}"), Content(50, b"x"), 1) for n in ("1", "2", "3")}
    plan = Plan((upload("1", 30, "1"), upload("2", 70, "2"), upload("3", 51, "3"), upload("n", 1)))
    found, left = within(plan, online, 0)
    assert found.actions == (upload("1", 30, "1"), upload("2", 70, "2")) and left == 0
    assert {r.path for r in found.refusals} == {"Achats/3", "Achats/n"}
    assert within(Plan((upload("1", 50, "1"),)), online, 0)[0].refusals == ()


def test_what_else_the_plan_says_is_said_whether_there_is_a_limit_or_not() -> None:
    plan = Plan((upload("a", 1),), renamed=21, unseen=(ClientPath("Achats/link"),))
    found, _ = within(plan, {}, 100)
    assert (found.renamed, found.unseen) == (21, ("Achats/link",))
