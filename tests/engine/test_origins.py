"""What a job brought into the mirror goes online with its way; it is the content's own, wherever it lies when it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.disk.hashing import content_of
from syncd.ports.state import Arrival
from tests.simulation.engine_in_memory import Lab

LARGE = b"x" * 9_000_000


@pytest.mark.parametrize("data", [b"small", LARGE], ids=["small", "large"])
def test_what_was_brought_goes_online_with_its_way(tmp_path: Path, data: bytes) -> None:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats"),))
    lab.run()
    client = lab.clients["001"]
    lab.state.arrivals.put(Arrival(client, content_of(data), "scanner", "001/s.pdf", "Achats/s.pdf", 1.0))
    lab.write("Achats/elsewhere by now.pdf", data)
    lab.write("Achats/by hand.pdf", b"by hand")
    lab.converge()
    space = lab.portal.spaces[client]
    ways = {}
    for path in ("Achats/elsewhere by now.pdf", "Achats/by hand.pdf"):
        live = space.live(path)
        assert live is not None
        ways[path] = lab.portal.origins[live.doc.version_id]
    assert ways == {"Achats/elsewhere by now.pdf": "scanner", "Achats/by hand.pdf": ""}
