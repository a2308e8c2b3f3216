"""A batch whose line breaks: what came is placed, told and received; the next run brings the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from syncd.core.errors import Unreachable
from syncd.core.folder_rules import FolderRule
from syncd.core.paths import DiskPath
from syncd.core.protocol import GetItem
from syncd.engine.context import Ports
from syncd.engine.run import run_once
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

DOCUMENTS = {f"Achats/{n}.pdf": b"document %d" % n for n in range(6)}


@pytest.mark.parametrize("most", [2000, 2], ids=["one batch", "batches of two"])
def test_what_came_before_the_line_broke_is_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr("syncd.engine.apply.batches.BATCH_COUNT", most)
    lab = Lab(tmp_path, (FolderRule("Achats"),), ("001",))
    lab.converge()
    for path, data in DOCUMENTS.items():
        lab.deposit(path, data)
    get, asked = lab.remote.get, list[GetItem]()

    async def breaking(items: Sequence[GetItem], take: Callable[[GetItem, bytes], None]) -> None:
        def one(item: GetItem, data: bytes) -> None:
            asked.append(item)
            if len(asked) == 4:
                raise Unreachable("The line broke.")
            take(item, data)

        await get(items, one)

    monkeypatch.setattr(lab.remote, "get", breaking)
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    summary = asyncio.run(run_once(parts, lab.settings, lab.events.append)).as_dict()
    assert (summary["verdict"], summary["exit_code"], summary["downloaded"]) == ("abandoned", 6, 3)
    assert len(lab.here()) == 3
    summary = lab.run()
    assert (summary["verdict"], summary["downloaded"]) == ("done", 3) and len(asked) == 4 + 3
    assert lab.here() == DOCUMENTS
    lab.check()


def test_a_document_the_disk_did_not_take_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),), ("001",))
    lab.converge()
    for path, data in DOCUMENTS.items():
        lab.deposit(path, data)
    temp = DiskMirror.temp

    def failing(
        self: DiskMirror, client: str, data: bytes, modified: float | None = None, to: DiskPath | None = None
    ) -> str:
        if data == b"document 2":
            raise OSError(5, "Input/output error")
        return temp(self, client, data, modified, to)

    monkeypatch.setattr(DiskMirror, "temp", failing)
    summary = lab.run()
    assert (summary["downloaded"], summary["problems"], summary["exit_code"]) == (5, 1, 3)
    monkeypatch.undo()
    assert lab.run()["downloaded"] == 1 and lab.here() == DOCUMENTS
