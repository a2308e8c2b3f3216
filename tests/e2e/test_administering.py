"""What whoever installs and administers meets at the command line."""

from __future__ import annotations

import pytest

from tests.e2e.world import World, syncd

pytestmark = pytest.mark.e2e


def test_an_option_at_the_wrong_place_and_an_unknown_folder_are_said_as_what_they_are(world: World) -> None:
    done = syncd("run", "--config", world.config)
    assert done.code == 2 and "syncd --config FILE run" in done.err
    done = world.put("Achat/facture.pdf", "x", check=False)
    assert done.code == 3 and done.out == "no_right\n"
    assert "n'a pas de dossier « Achat »" in done.err and "Achats" in done.err and "accès" not in done.err
