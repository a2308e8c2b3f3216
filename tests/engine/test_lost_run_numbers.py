"""A lost state goes on with the numbers the portal knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import Hello
from tests.simulation.engine_in_memory import Lab, fresh_state


def test_the_first_run_of_a_new_state_follows_what_was_reported(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    ask = lab.remote.hello

    async def hello(*args: object) -> Hello:
        return replace(await ask(*args), last_run=41)  # type: ignore[arg-type]

    lab.remote.hello = hello  # type: ignore[method-assign, assignment]
    assert lab.run()["run"] == 42
    ask_again, lab.remote.hello = lab.remote.hello, ask  # type: ignore[method-assign]
    lab.write("Achats/a.pdf", b"a")
    done = lab.run()
    assert done["run"] == 43 and [e.path for _, e in lab.state.journal.events(run=43)] == ["Achats/a.pdf"]
    lab.state, lab.remote.hello = fresh_state(), ask_again  # type: ignore[method-assign]
    assert lab.run()["run"] == 42


@pytest.mark.parametrize("last", [2**53, 2**53 - 1, 2**40, 2**32, 2**31, 2**28 + 100])
@pytest.mark.parametrize("unknown", [True, False], ids=["lost", "known"])
def test_a_number_that_no_run_has_counts_for_nothing(tmp_path: Path, last: int, unknown: bool) -> None:
    """A portal's answer, whatever it is, never makes the next number one that no summary may hold."""
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    lab.write("Achats/a.pdf", b"a")
    lab.converge()
    before, ask = lab.run()["run"], lab.remote.hello

    async def hello(*args: object) -> Hello:
        return replace(await ask(*args), last_run=last, unknown_cursor=unknown)  # type: ignore[arg-type]

    lab.remote.hello = hello  # type: ignore[method-assign, assignment]
    for n in range(1, 3):
        lab.write(f"Achats/{n}.pdf", b"b")
        assert lab.run()["run"] == before + n
    lab.remote.hello = ask  # type: ignore[method-assign]
    assert lab.run()["run"] == before + 3
    assert max(s.run for s in lab.portal.summaries) < before + 4


def test_requests_are_those_of_this_run(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    lab.converge()
    assert lab.run()["requests"] == lab.run()["requests"] == 2
