"""What stands is said again, whole, in the second report about it (HAZARDS 70)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.run_result import of_line
from syncd.local.mirror import DiskMirror
from syncd.state.store import Store, _connect
from syncd.wiring import reports
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, (FolderRule("Achats"),))
    made.run()
    return made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return loads(CONFIG.format(tmp_path), "syncd.toml", {})


def report(lab: Lab, config: Config) -> str:
    summary = lab.run()
    return "".join(reports.render_run(config, lab.state, of_line(summary))).replace("\u00a0", " ")


def test_what_waits_keeps_its_reason_and_its_count(lab: Lab, config: Config) -> None:
    lab.settings = replace(lab.settings, limits=Limits())
    for n in range(3):
        lab.write(f"Achats/{n}.pdf", b"document %d" % n)
    report(lab, config)
    lab.write("Achats/late.pdf", b"one more")
    for _ in range(2):
        again = report(lab, config)
        assert (
            "Client 001 (001) : en attente de votre accord : première mise en ligne (4 documents à mettre en ligne)"
            in again
        )
        assert "beaucoup de changements" not in again and "syncd approve 001" in again


def test_a_refusal_is_named_with_its_age(lab: Lab, config: Config) -> None:
    for n in range(12):
        lab.write(f"Achats/{n:02}.exe", b"program %d" % n)
    report(lab, config)
    lab.clock.time += 3 * 3600
    again = report(lab, config)
    assert "Toujours en cours :" in again and "Client 001 (001), Achats/00.exe, Achats/01.exe" in again
    assert "et 2 autres documents : type de fichier non accepté, depuis 3 h." in again


def test_an_error_that_stands_is_named(lab: Lab, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.deposit("Achats/facture.pdf", b"theirs")

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(DiskMirror, "place", refuses)
    assert lab.run()["verdict"] == "error"
    again = report(lab, config)
    assert again.startswith("Erreur") and "Client 001 (001), Achats/facture.pdf : illisible" in again


def test_a_portal_hears_of_all_that_is_open_again_after_the_memory_was_put_back(lab: Lab) -> None:
    """It was told in between of what this memory does not know, and « À voir » stayed for good."""
    heard: list[Any] = []
    real = lab.remote.summary

    async def summary(said: Any) -> Any:
        heard.append(said.reports)
        return await real(said)

    lab.remote.summary = summary  # type: ignore[method-assign]
    lab.run()
    before = _connect(":memory:")
    lab.state.conn.backup(before)
    lab.write("Achats/mine.pdf", b"a document")
    lab.write("Achats/x.exe", b"a program")
    lab.run()
    assert [r.reason for r in heard[-1]] == ["extension_not_allowed"]
    lab.state = Store(before)
    lab.unlink("Achats/x.exe")
    lab.run()
    assert heard[-1] == ()
