"""What stands is said again, whole, in the second report about it (HAZARDS 70)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core import words
from syncd.core.folder_rules import FolderRule, OnLocalRemoval
from syncd.core.guards import Limits
from syncd.core.protocol import GetItem
from syncd.core.run_result import of_line
from syncd.disk.directory import Directory
from syncd.local.mirror import DiskMirror
from syncd.ports.remote import NotGiven
from syncd.report.digest import digest
from syncd.service.notifier import Notifier
from syncd.state.store import Store, _connect
from syncd.wiring import report_writing
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab
from tests.support.mails import plain


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
    return "".join(report_writing.render_run(config, lab.state, of_line(summary))).replace("\u00a0", " ")


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


def heard(lab: Lab) -> list[Any]:
    """The open reports of each summary from now on; None: those of before."""
    found: list[Any] = []
    real = lab.remote.summary

    async def summary(said: Any) -> Any:
        found.append(said.reports)
        return await real(said)

    lab.remote.summary = summary  # type: ignore[method-assign, assignment]
    return found


def test_what_stands_keeps_its_cause(lab: Lab, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """« erreur technique » alone says nothing that anybody could do (the second report, the portal's page, the mail)."""
    why = {"Achats/lost.pdf": "not_given", "Achats/spoilt.pdf": "other_content", "Achats/also.pdf": "not_given"}
    versions = {}
    for path in why:
        lab.deposit(path, f"theirs, {path}".encode())
        stored = lab.portal.spaces[lab.clients["001"]].live(path)
        assert stored is not None
        versions[stored.doc.version_id] = why[path]

    async def spoilt(items: Sequence[GetItem], take: Callable[[GetItem, bytes], None]) -> None:
        raise NotGiven({i.version_id: versions[i.version_id] for i in items})

    monkeypatch.setattr(lab.remote, "get", spoilt)
    told = heard(lab)
    report(lab, config)
    again = report(lab, config)
    assert (
        "Achats/also.pdf, Achats/lost.pdf : erreur technique, sera repris (non fourni par la plateforme), depuis"
        in again
    )
    assert "Achats/spoilt.pdf : erreur technique, sera repris (contenu reçu différent), depuis" in again
    assert {r.path: r.detail for r in told[0]} == why and told[1:] == [None]
    post = Notifier(config, lab.state, lambda *_, **__: None)
    evening = plain(digest(post.day(post.recipients[0], [], lab.clock.now())))
    assert "Achats/spoilt.pdf : erreur technique, sera repris (contenu reçu différent)" in evening


def test_another_cause_of_what_stands_is_told_and_is_no_news(lab: Lab) -> None:
    journal, told = lab.state.journal, heard(lab)
    assert journal.open_report(lab.clients["001"], "", "stop_not_ours", 1.0, "first")
    assert not journal.open_report(lab.clients["001"], "", "stop_not_ours", 2.0, "second")
    assert [(r.detail, r.since) for r in journal.open_reports()] == [("second", 1.0)]
    lab.write("Achats/x.exe", b"a program")
    lab.run()
    (said,) = told[-1]
    assert (said.reason, said.detail) == ("extension_not_allowed", ".exe")


def test_a_portal_hears_of_all_that_is_open_again_after_the_memory_was_put_back(lab: Lab) -> None:
    """It was told in between of what this memory does not know, and « À voir » stayed for good."""
    told = heard(lab)
    lab.run()
    before = _connect(":memory:")
    lab.state.conn.backup(before)
    lab.write("Achats/mine.pdf", b"a document")
    lab.write("Achats/x.exe", b"a program")
    lab.run()
    assert [r.reason for r in told[-1]] == ["extension_not_allowed"]
    lab.state = Store(before)
    lab.unlink("Achats/x.exe")
    lab.run()
    assert told[-1] == ()


def taken_away(lab: Lab) -> Callable[[], object]:
    """By a virus scanner, say: whenever it comes."""
    lab.deposit("Achats/facture.pdf", b"theirs")
    lab.run()
    for _ in range(3):
        (lab.dir() / "Achats" / "facture.pdf").unlink(missing_ok=True)
        lab.run()
    return lambda: None


def not_renamed(lab: Lab) -> Callable[[], object]:
    """The disk will not, three runs long."""
    lab.deposit("Achats/facture.pdf", b"theirs")
    lab.converge()
    patch, real = pytest.MonkeyPatch(), Directory.move

    def move(self: Directory, name: str, into: Directory, to: str) -> None:
        if name == "facture.pdf":
            raise PermissionError(13, "Permission denied")
        real(self, name, into, to)

    patch.setattr(Directory, "move", move)
    stored = lab.portal.spaces[lab.clients["001"]].live("Achats/facture.pdf")
    assert stored is not None
    lab.portal.move_doc(lab.clients["001"], stored.doc.id, "Achats/juin.pdf")
    for _ in range(3):
        lab.run()
    return patch.undo


def not_a_folder(lab: Lab) -> Callable[[], object]:
    """A person's file bears the name of a folder of the tree."""
    place, kept = lab.dir() / "Achats", lab.base / "kept"
    place.rename(kept)
    place.write_bytes(b"of a person")
    lab.run()
    return lambda: (place.unlink(), kept.rename(place))


@pytest.mark.parametrize("holds", [taken_away, not_renamed, not_a_folder])
def test_a_problem_is_said_again_while_it_holds_and_no_longer(
    tmp_path: Path, config: Config, holds: Callable[[Lab], Callable[[], object]]
) -> None:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats", on_local_removal=OnLocalRemoval.RESTORE),))
    lab.run()
    reason = holds.__name__
    mend = holds(lab)
    sentence = words.reason(reason).partition(" ;")[0]

    def standing() -> list[str]:
        return [r.reason for r in lab.state.journal.open_reports()]

    assert standing().count(reason) == 1
    for _ in range(2):
        lab.clock.time += 60
        again = report(lab, config)
        (said,) = [e for e in lab.events if e.reason == reason]
        assert not said.new and sentence in again, again
        assert standing().count(reason) == 1
    mend()
    lab.clock.time += 7 * 3600
    lab.converge()
    assert reason not in standing() and sentence not in report(lab, config)
    lab.check()


def test_an_emptied_document_is_not_said_to_be_whole_while_the_disk_takes_nothing(
    lab: Lab, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.write("Achats/seed.pdf", b"seed")
    lab.run()
    (lab.dir() / "Achats" / "seed.pdf").write_bytes(b"")

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DiskMirror, "temp", full)
        for _ in range(2):
            said = report(lab, config)
            assert lab.here() == {"Achats/seed.pdf": b""}
            assert "Achats/seed.pdf : devenu vide" in said and "remis dès que possible" in said
            assert "contenu remis" not in said
    lab.run()
    assert lab.here() == {"Achats/seed.pdf": b"seed"}
