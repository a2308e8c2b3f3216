"""A rename is refused like a deposit under that name would be, and many of them are told at once (RULES 2, 4, 5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.core.folder_rules import ClientRules, FolderRule, refuse_move
from syncd.core.guards import Limits
from syncd.core.run_result import of_line
from syncd.service.notifier import Notifier
from syncd.wiring import report_writing
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab

TREE = (
    FolderRule("Achats", extensions=frozenset({"pdf", "jpg"})),
    FolderRule("Banque", extensions=frozenset({"pdf"})),
    FolderRule("Autres", extensions=frozenset()),
)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, TREE)
    made.run()
    for n in range(45):
        made.write(f"Achats/{n:02}.pdf", b"invoice %d" % n)
        made.write(f"Autres/{n:02}.pdf", b"other %d" % n)
    made.write("Achats/photo.jpg", b"a photo")
    made.converge()
    made.settings = replace(made.settings, limits=Limits(first_publication="allow"))
    return made


def test_what_a_deposit_would_be_refused_for() -> None:
    rules = ClientRules("001", TREE)
    for old, new, reason in (
        ("Achats/a.pdf", "Achats/a.exe", "extension_not_allowed"),
        ("Achats/a.pdf", "Achats/a", "extension_not_allowed"),
        ("Achats/a.pdf", "Achats/a.pdf.locked", "extension_not_allowed"),
        ("Achats/a.jpg", "Banque/a.jpg", "extension_not_allowed"),
        ("Autres/a.pdf", "Autres/a.exe", "extension_not_allowed"),
        ("Achats/a.pdf", "Achats/a?.pdf", "bad_name"),
        ("Achats/a.pdf", "Achats/b.PDF", ""),
        ("Achats/a.pdf", "Autres/a.locked", ""),
        ("Banque/old.tiff", "Banque/new.tiff", ""),  # so it was before: nothing new comes in
        ("Banque/old.tiff", "Banque/new.docx", "extension_not_allowed"),
    ):
        said = refuse_move(rules, old, new)
        assert (said.reason if said else "") == reason, (old, new)


def test_a_local_rename_to_a_refused_name_stays_here(lab: Lab) -> None:
    online = lab.online()
    lab.rename("Achats/00.pdf", "Achats/00.exe")
    lab.rename("Achats/photo.jpg", "Banque/photo.jpg")
    for _ in range(2):
        summary = lab.run()
        assert lab.online() == online and summary["left"] == summary["moved"] == summary["set_aside"] == 0
        assert {(e.path, e.reason, e.detail) for e in lab.events if e.action == "refused"} == {
            ("Achats/00.exe", "extension_not_allowed", ".exe"),
            ("Banque/photo.jpg", "extension_not_allowed", ".jpg"),
        }
    assert lab.here()["Achats/00.exe"] == b"invoice 0"
    lab.rename("Achats/00.exe", "Achats/zero.pdf")
    lab.run()
    assert lab.online()["Achats/zero.pdf"] == b"invoice 0" and "Achats/00.pdf" not in lab.online()


def test_a_new_version_online_comes_back_under_its_own_name(lab: Lab) -> None:
    lab.rename("Achats/00.pdf", "Achats/00.exe")
    lab.run()
    lab.deposit("Achats/00.pdf", b"a newer invoice")
    lab.run()
    lab.run()
    here = lab.here()
    assert here["Achats/00.pdf"] == b"a newer invoice" and here["Achats/00.exe"] == b"invoice 0"
    assert lab.online()["Achats/00.pdf"] == b"a newer invoice" and "Achats/00.exe" not in lab.online()


def test_a_mass_rename_to_a_refused_type_is_told_at_once_and_counts(lab: Lab, tmp_path: Path) -> None:
    online = lab.online()
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    post = Notifier(config, lab.state, lambda *_, **__: None)
    post.tick(lab.clock.now())
    for n in range(30):
        lab.rename(f"Achats/{n:02}.pdf", f"Achats/{n:02}.pdf.locked")
    lab.write("Achats/44.pdf", b"written over")
    summary = lab.run()
    assert lab.online() == online and summary["verdict"] == "warning" and summary["left"] == 0
    assert [e.detail for e in lab.events if e.reason == "renamed_here"] == ["30"]
    assert [e.reason for e in lab.events if e.action == "waiting"] == ["guard_changes"]  # the one that was written over
    report = "".join(report_writing.render_run(config, lab.state, of_line(summary)))
    assert "• Client 001 (001) : 30 documents ont été renommés au cabinet en un type non accepté" in report
    now = lab.clock.now()
    post.after(of_line(summary), None, now)
    post.tick(now)
    ((_, _, mail),) = lab.state.outboxes.due_mails(now)
    assert b"renomm" in mail
    for n in range(30):
        lab.rename(f"Achats/{n:02}.pdf.locked", f"Achats/{n:02}.pdf")
    lab.run()
    assert lab.run()["uploaded"] == 0 and not [e for e in lab.events if e.reason == "renamed_here"]
    assert "renamed_here" not in {told.reason for told in lab.state.journal.open_reports()}


def test_a_mass_change_of_type_that_is_accepted_waits(lab: Lab) -> None:
    online = lab.online()
    for n in range(30):
        lab.rename(f"Autres/{n:02}.pdf", f"Autres/{n:02}.pdf.locked")
    lab.rename("Autres/44.pdf", "Autres/forty-four.pdf")
    lab.run()
    (row,) = lab.state.guards.waiting()
    assert row.reason == "guard_changes" and len(row.lines) == 30
    assert set(online) - set(lab.online()) == {"Autres/44.pdf"}
    lab.state.guards.agree(row.client, row.digests, lab.clock.now(), "cabinet")
    assert lab.run()["moved"] == 30 and lab.state.guards.waiting() == []


def test_a_folder_carries_all_that_is_inside(lab: Lab) -> None:
    lab.write("Achats/Photos/a.jpg", b"one")
    lab.run()
    lab.rename("Achats/Photos", "Banque/Photos")
    lab.converge()
    assert lab.online()["Banque/Photos/a.jpg"] == b"one"
