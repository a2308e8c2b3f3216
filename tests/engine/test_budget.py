"""A run that may not take longer: the next one begins with the client whose turn it was."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab


def test_the_last_letters_of_the_alphabet_are_not_starved(tmp_path: Path) -> None:
    codes = ("001", "002", "003")
    lab = Lab(tmp_path, (FolderRule("Achats"),), codes)
    lab.run()
    full, spent = lab.settings, []
    lab.settings = replace(full, max_duration=0.03)  # the clock of the lab moves on with each look at it
    lab.write("Achats/late.pdf", b"of the last one", "003")
    for n in range(8):
        for m in range(20):  # the first client never comes to an end
            lab.portal.deposit(lab.clients["001"], f"Achats/{n}-{m}.pdf", b"%d-%d" % (n, m))
            lab.portal.remove(lab.clients["001"], f"Achats/{n - 1}-{m}.pdf")
        spent.append(lab.run()["exit_code"])
        if "Achats/late.pdf" in lab.online("003"):
            break
    assert 10 in spent and "Achats/late.pdf" in lab.online("003"), spent
    lab.settings = full
    lab.converge()
    assert lab.state.progress.read().resume_at == ""
