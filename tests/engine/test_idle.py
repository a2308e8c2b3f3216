"""A client where nothing moved is looked at, never walked or planned; any change is seen at the next run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.local import DiskMirror
from syncd.ports.local import RACY_NS
from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    made = Lab(tmp_path, (FolderRule("Achats"), FolderRule("Ventes")), ("001", "002"))
    made.believed = iter(lambda: 0, 1)  # type: ignore[assignment]
    made.run()
    for code in ("001", "002"):
        made.write("Achats/facture.pdf", b"of " + code.encode(), code)
        made.write("Achats/2026/autre.pdf", b"another of " + code.encode(), code)
    made.converge()
    made.walked = []  # type: ignore[attr-defined]
    scan = DiskMirror.scan

    def watched(self: DiskMirror, client: str, *args: object) -> object:
        made.walked.append(client[:3])  # type: ignore[attr-defined]
        return scan(self, client, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(DiskMirror, "scan", watched)
    return made


def walked(lab: Lab) -> list[str]:
    lab.walked.clear()  # type: ignore[attr-defined]
    lab.run()
    return list(lab.walked)  # type: ignore[attr-defined]


def test_nobody_is_walked_where_nothing_moved(lab: Lab) -> None:
    assert walked(lab) == [] == walked(lab)


CHANGES: dict[str, Callable[[Lab], object]] = {
    "a save here": lambda lab: lab.write("Achats/facture.pdf", b"edited", "002"),
    "a document here": lambda lab: lab.write("Ventes/new.pdf", b"new", "002"),
    "a removal here": lambda lab: lab.unlink("Achats/2026/autre.pdf", "002"),
    "a deposit": lambda lab: lab.deposit("Ventes/theirs.pdf", b"theirs", "002"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_client_is_walked_until_its_plan_is_empty_then_looked_at_again(
    lab: Lab, change: Callable[[Lab], object]
) -> None:
    change(lab)
    assert walked(lab) == ["002"] and lab.changes
    assert walked(lab) == ["002"] and not lab.changes
    assert walked(lab) == []
    lab.check()


def test_what_makes_no_difference_is_walked_once(lab: Lab) -> None:
    (lab.dir("001") / "Achats" / "Thumbs.db").write_bytes(b"x")
    assert walked(lab) == ["001"] and walked(lab) == []


def test_what_was_read_too_soon_is_walked_until_it_can_be_believed(lab: Lab) -> None:
    lab.believed = iter((0, RACY_NS, RACY_NS, 0, 0))  # type: ignore[assignment]
    lab.write("Achats/facture.pdf", b"edited", "001")
    assert [walked(lab) for _ in range(5)] == [["001"]] * 4 + [[]]
