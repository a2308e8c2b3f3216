"""A lost state goes on with the numbers the portal knows."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from syncd.core.exchange import Hello
from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab, fresh_state


def test_the_first_run_of_a_new_state_follows_what_was_reported(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    ask = lab.remote.hello

    async def hello(*args: object) -> Hello:
        return replace(await ask(*args), last_run=41)  # type: ignore[arg-type]

    lab.remote.hello = hello  # type: ignore[method-assign]
    assert lab.run()["run"] == 42
    lab.write("Achats/a.pdf", b"a")
    done = lab.run()
    assert done["run"] == 43 and [e["path"] for _, e in lab.state.events(run=43)] == ["Achats/a.pdf"]
    lab.state = fresh_state()
    assert lab.run()["run"] == 42


def test_requests_are_those_of_this_run(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    lab.converge()
    assert lab.run()["requests"] == lab.run()["requests"] == 2
