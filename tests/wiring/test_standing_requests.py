"""What `status` and `approve --list` say of requests, of a run that was killed and of one that was never begun."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from syncd.cli.approve import approve
from syncd.cli.status import status
from syncd.core import words
from syncd.core.errors import UsageError
from syncd.core.events import Event
from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import ClientState
from syncd.ports.state import WaitingRow
from syncd.state.store import Store, open_store
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def store(tmp_path: Path) -> Any:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    (tmp_path / "syncd.toml").write_text(CONFIG.format(tmp_path))
    made = open_store(tmp_path / "state")
    made.clients.put(ClientState("001", "001", "Client 001", 1, False))
    lines = tuple(Event("001", "upload", f"Ventes/{n}.pdf") for n in range(43))
    folder = Event("001", "make_folder", "Ventes/2026", folder=True)
    row = WaitingRow("001", "guard_first_publication", "d1", tuple(f"a{n}" for n in range(44)), (*lines, folder), 1.0)
    made.guards.put_waiting("001", [row])
    made.conn.commit()
    yield made
    made.close()


def said(tmp_path: Path, command: Any, *args: str) -> str:
    done = CliRunner().invoke(
        command, list(args), obj=SimpleNamespace(config=str(tmp_path / "syncd.toml")), standalone_mode=False
    )
    assert done.exception is None, done.exception
    return done.output.replace("\u00a0", " ")


def test_status_counts_documents_as_the_desk_does(tmp_path: Path, store: Store) -> None:
    assert "43 changements retenus" in said(tmp_path, status)


def test_status_says_who_declined(tmp_path: Path, store: Store) -> None:
    store.guards.decline("001", "d1", 1_795_800_000.0, "Marie Martin")
    store.conn.commit()
    assert "par Marie Martin, rien n'est fait : première mise en ligne" in said(tmp_path, status)
    assert "par Marie Martin, rien n'est fait" in said(tmp_path, approve, "--list")
    store.guards.agree("001", tuple(f"a{n}" for n in range(44)), 2.0, "cabinet")
    store.conn.commit()
    assert "Marie Martin" not in said(tmp_path, status)


def test_everything_that_waits_is_listed_and_nothing_agreed_to(tmp_path: Path, store: Store) -> None:
    text = said(tmp_path, approve, "--list")
    assert text.count("Ventes/") == 43 and "Accord enregistré" not in text
    assert [json.loads(x)["client"] for x in said(tmp_path, approve, "--list", "--json").splitlines()] == ["001"]
    assert store.guards.agreed("001", 2.0) == frozenset()


def test_a_run_that_was_killed_is_not_going_on(tmp_path: Path, store: Store) -> None:
    store.journal.start_run(1_795_800_000.0)
    store.conn.commit()
    text = said(tmp_path, status)
    assert "arrêtée net avant sa fin" in text and "En cours" not in text


def test_a_client_that_does_not_exist_leaves_no_run_behind(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats"),))
    lab.run()
    (before,) = lab.state.journal.runs(5)
    lab.settings = replace(lab.settings, only=frozenset({"999999"}))
    with pytest.raises(UsageError, match="999999"):
        lab.run()
    assert [r.id for r in lab.state.journal.runs(5) if r.ended is None] == []
    assert before.result.verdict == "done"


def test_a_client_is_judged_by_what_still_waits_as_its_pass_is(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats", extensions=frozenset({"pdf"})),))
    lab.run()
    lab.settings = replace(lab.settings, limits=replace(lab.settings.limits, first_publication="ask"))
    lab.write("Achats/1.pdf", b"one")
    lab.run()
    lab.deposit("Achats/2.pdf", b"two")
    summary = lab.run()
    (client,) = lab.portal.summaries[-1].clients
    assert client.verdict == summary["verdict"] == "warning" and client.counts["downloaded"] == 1


def test_no_connection_is_said_in_the_readers_language() -> None:
    assert words.reason("portal_away", "no_connection").endswith("(aucune connexion n'aboutit)")
    assert words.reason("portal_away", "no_answer", "en").endswith("(no answer in time)")
