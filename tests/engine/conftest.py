"""What several modules begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Lab:
    """Clients in use: the module's CODES, with its FOLDERS and a first document each."""
    folders, codes = request.module.FOLDERS, request.module.CODES
    lab = Lab(tmp_path / "lab", folders, codes)
    lab.run()
    for code in codes:
        lab.write("Achats/first.pdf", code.encode(), code)
    lab.converge()
    return lab
