"""What a run holds of a client's documents where nothing moved."""

from __future__ import annotations

from pathlib import Path

from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab
from tests.weight import peak

COUNT = 1500


def test_a_document_where_nothing_moved_weighs_its_place_stat_and_content(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),), ("001",))
    lab.converge()
    for n in range(COUNT):
        lab.write(f"Achats/{2000 + n % 20}/Facture {n:06d}.pdf", b"document %d" % n)
    lab.run()
    lab.converge()
    lab.write("Achats/2000/Facture 000000.pdf", b"edited")
    assert peak(lab.run) / COUNT < 900
    assert lab.online()["Achats/2000/Facture 000000.pdf"] == b"edited"
