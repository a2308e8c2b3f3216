"""A run over more than it holds at a time does, and says, what a run that holds everything would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from tests.simulation.engine_in_memory import Lab

CODES = ("001", "002", "003")


@pytest.fixture(params=[1, 25_000], ids=["one client at a time", "all at once"])
def lab(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("syncd.engine.open.scan.PORTION", request.param)
    made = Lab(tmp_path, (FolderRule("Achats"),), CODES)
    made.run()
    return made


def test_the_guard_of_the_cabinet_sees_all_clients_before_anything_is_done_to_the_first(lab: Lab) -> None:
    for code in CODES:
        for n in range(4):
            lab.write(f"Achats/{n}.pdf", b"%d of %s" % (n, code.encode()), code)
    lab.converge()
    lab.settings = replace(lab.settings, limits=Limits(max_changes=100, cabinet_changes=5, first_publication="allow"))
    for code in CODES:
        for n in range(2):
            lab.write(f"Achats/{n}.pdf", b"another %d of %s" % (n, code.encode()), code)
    summary = lab.run()
    assert sorted(summary["waiting"]) == list(CODES) and summary["uploaded"] == 0
    for code in CODES:
        assert lab.online(code)["Achats/0.pdf"] == b"0 of %s" % code.encode()


def test_what_is_found_is_told_once(lab: Lab) -> None:
    for code in CODES:
        lab.write("Achats/good.pdf", b"good", code)
        lab.write("Achats/empty.pdf", b"", code)
        lab.write("Divers/lost.pdf", b"nowhere", code)
    summary = lab.run()
    assert (summary["uploaded"], summary["refused"]) == (3, 3)
    said = [(e.client, e.reason) for e in lab.events if e.action in ("refused", "problem")]
    assert sorted(said) == sorted([(c, r) for c in CODES for r in ("empty", "unknown_folder")])
    again = lab.run()
    assert again["uploaded"] == 0 and again["refused"] == 3


def test_little_work_in_many_portions_crosses_in_one_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.engine.open.scan.PORTION", 3)  # documents: each client is a portion
    lab = Lab(tmp_path, (FolderRule("Achats"),), CODES)
    lab.run()
    for code in CODES:
        for n in range(3):
            lab.write(f"Achats/{n}.pdf", b"%d of %s" % (n, code.encode()), code)
    lab.converge()
    for code in CODES:
        lab.write("Achats/0.pdf", b"edited in %s" % code.encode(), code)
    sent: list[int] = []
    put = lab.remote.put

    async def counted(items: Sequence[Any]) -> Any:
        sent.append(len(items))
        return await put(items)

    monkeypatch.setattr(lab.remote, "put", counted)
    assert lab.run()["uploaded"] == 3 and sent == [3]
    for code in CODES:
        assert lab.online(code)["Achats/0.pdf"] == b"edited in %s" % code.encode()
