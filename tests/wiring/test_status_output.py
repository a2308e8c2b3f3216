"""What commands say of clients: codes for programs, one number everywhere, nothing of closed ones; stops have a way back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from syncd.cli.client import list_
from syncd.cli.status import status
from syncd.config.load import loads
from syncd.core import words
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc
from syncd.core.protocol import ClientState, Receipt
from syncd.core.restored_backups import Restored
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.doctor import state_database
from syncd.doctor.finding import Level
from syncd.state.store import open_store
from tests.service.test_notifier import CONFIG
from tests.support.places import both


@pytest.fixture
def store(tmp_path: Path) -> Any:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    (tmp_path / "syncd.toml").write_text(CONFIG.format(tmp_path))
    made = open_store(tmp_path / "state")
    for code, closed in (("001", False), ("002", True)):
        made.clients.put(ClientState(code, code, f"Client {code}", 1, closed))
        made.clients.mark(code, frozenset({Restored.PORTAL}))
    for n in range(3):
        made.trees.base.put("001", BaseDoc(f"d{n}", *both(f"Achats/{n}"), Content(1, bytes(32)), 1, Stamp(1, 1, 1, 1), left=n > 0))  # fmt: skip
    yield made
    made.close()


def told(tmp_path: Path, command: Any) -> list[dict[str, Any]]:
    done = CliRunner().invoke(
        command, ["--json"], obj=SimpleNamespace(config=str(tmp_path / "syncd.toml")), catch_exceptions=False
    )
    return [json.loads(line) for line in done.output.splitlines()]


def test_states_are_codes_and_documents_one_number(tmp_path: Path, store: Any) -> None:
    store.conn.commit()
    one, two = [x for x in told(tmp_path, status) if x["type"] == "client"]
    assert (one["state"], one["label"], two["state"], two["label"]) == (
        "not_yet",
        "Pas encore synchronisé",
        "closed",
        "Fermé",
    )
    assert (one["documents"], one["left"]) == (1, 2)
    assert one["restored"] == ["portal"] and two["restored"] == []  # nobody will reconcile a closed one
    listed = told(tmp_path, list_)
    assert {x["type"] for x in listed} == {"client"} and [x["documents"] for x in listed] == [1, 0]


def test_figures_for_whoever_watches_many_installations(tmp_path: Path, store: Any) -> None:
    now = time.time()
    store.outboxes.queue_receipt(Receipt("001", "d0", 1, now - 60))
    store.outboxes.queue_mail("a@example.fr", b"unsent", now - 30)
    store.journal.open_report("001", "Achats/x", "failed", now)
    run = store.journal.start_run(now - 10)
    given_up = RunResult(verdict=Verdict.ABANDONED, exit_code=6, message="m", reason="portal_failed", cause="500 x")
    store.journal.end_run(run, now - 4, given_up)
    store.conn.commit()
    (health,) = [x for x in told(tmp_path, status) if x["type"] == "health"]
    assert (health["outbox"], health["mails"], health["errors"], health["exit_code"]) == (1, 1, 1, 6)
    assert round(health["duration"]) == 6 and round(health["outbox_since"] - now) == -60
    assert health["free"]["root"] > 0 and health["free"]["logs"] > 0
    done = CliRunner().invoke(status, ["--metrics"], obj=SimpleNamespace(config=str(tmp_path / "syncd.toml")))
    figures = dict(line.rsplit(" ", 1) for line in done.output.splitlines())
    assert float(figures["syncd_outbox"]) == 1 and 59 < float(figures["syncd_outbox_oldest_seconds"]) < 90
    assert 29 < float(figures["syncd_mails_oldest_seconds"]) < 60 and figures["syncd_service_running"] == "0"
    assert figures['syncd_clients{state="closed"}'] == "1" and round(float(figures["syncd_last_run_seconds"])) == 6
    assert "Achats" not in done.output and "Client" not in done.output
    said = CliRunner().invoke(status, [], obj=SimpleNamespace(config=str(tmp_path / "syncd.toml"))).output
    assert "Interrompue : la plateforme a répondu une erreur" in said and "(500 x)" in said


def test_a_portal_that_answered_in_the_future_says_that_the_clock_is_wrong(tmp_path: Path, store: Any) -> None:
    store.progress.change(portal_seen=time.time() + 2 * 86_400)
    store.conn.commit()
    said = CliRunner().invoke(status, [], obj=SimpleNamespace(config=str(tmp_path / "syncd.toml"))).output
    assert "vérifiez l'heure de ce poste" in said and "il y a -" not in said and "-1" not in said


def test_doctor_names_a_stopped_client_and_the_way_back(tmp_path: Path, store: Any) -> None:
    store.journal.open_report("001", "", "stop_client_marker", 1.0)
    store.journal.open_report("002", "", "stop_client_marker", 1.0)
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    found = [f for f in state_database.examine(config) if f.about in ("client", "recovery")]
    assert [(f.about, f.text[:3], f.level) for f in found] == [
        ("client", "001", Level.BAD),
        ("recovery", "001", Level.WARNING),
    ]
    assert "repère" in found[0].text and "syncd init" in found[0].mend and "syncd approve" in found[0].mend


def test_details_of_the_engine_are_said_in_the_readers_language() -> None:
    assert words.reason("failed", "disk_full") == "erreur technique, sera repris (disque plein)"
    assert words.reason("failed", "disk_full", "en").endswith("(disk full)")
    assert words.reason("failed", "rotten_online 3 no_sound_copy", "en").endswith(
        "(damaged online, version 3: no sound copy at the cabinet)"
    )
    assert words.reason("failed", "Permission denied: {0}").endswith("(Permission denied: {0})")
    assert all(french and english for french, english in words.DETAILS.values())


def test_no_french_is_made_in_the_engine() -> None:
    import re

    for path in (Path(__file__).parents[2] / "syncd" / "engine").rglob("*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = re.sub(r'"""|#.*', "", line)
            assert not re.search(r'"[^"]*[éèêàçùœ][^"]*"', code), f"{path.name}:{number}: {line.strip()}"


def test_after_a_run_that_was_given_up_nobody_is_up_to_date(tmp_path: Path, store: Any) -> None:
    now = time.time()
    store.clients.set_listed("001", True)
    done = RunResult(verdict=Verdict.DONE, started=now - 20, ended=now - 15)
    store.journal.end_run(store.journal.start_run(now - 20), now - 15, done)
    assert [x["state"] for x in told(tmp_path, status) if x["type"] == "client"] == ["fine", "closed"]
    cut = RunResult(verdict=Verdict.ABANDONED, exit_code=6, reason="portal_failed")
    store.journal.end_run(store.journal.start_run(now - 10), now - 5, cut)
    assert [x["state"] for x in told(tmp_path, status) if x["type"] == "client"] == ["behind", "closed"]
