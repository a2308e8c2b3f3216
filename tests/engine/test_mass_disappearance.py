"""Ransomware that encrypts and renames: told at once, nothing sent, and not as something to be removed online (HAZARDS 52)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.core import guards, words
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.run_result import of_line
from syncd.service.notifier import Notifier
from syncd.wiring import report_writing
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, (FolderRule("Achats", extensions=frozenset({"pdf"})),))
    made.run()
    for n in range(60):
        made.write(f"Achats/{n:02}.pdf", b"invoice %d" % n)
    made.converge()
    made.settings = replace(made.settings, limits=Limits(first_publication="allow"))
    return made


def encrypt(lab: Lab, first: int, last: int) -> None:
    for n in range(first, last):
        lab.unlink(f"Achats/{n:02}.pdf")
        lab.write(f"Achats/{n:02}.pdf.locked", b"encrypted %d" % n)


def test_a_storm_of_disappearances_is_told_at_once(lab: Lab, tmp_path: Path) -> None:
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    post = Notifier(config, lab.state, lambda *_, **__: None)
    post.tick(lab.clock.now())
    encrypt(lab, 0, 30)
    summary = lab.run()
    assert (
        summary["verdict"] == "warning" and summary["uploaded"] == summary["removed"] == 0 and len(lab.online()) == 60
    )
    (said,) = [e for e in lab.events if e.reason == "vanished_here"]
    assert said.detail == "30 30" and said.warning
    report = "".join(report_writing.render_run(config, lab.state, of_line(summary)))
    assert (
        "• Client 001 (001) : 30 documents ont disparu au cabinet, 30 fichiers de type inconnu sont apparus" in report
    )
    now = lab.clock.now()
    post.after(of_line(summary), None, now)
    post.tick(now)
    ((_, _, mail),) = lab.state.outboxes.due_mails(now)
    assert b"disparu" in mail
    again = lab.run()
    assert "30 documents ont disparu au cabinet" in "".join(
        report_writing.render_run(config, lab.state, of_line(again))
    )
    post.after(of_line(again), None, now + 1)
    assert [t.reason for t in lab.state.outboxes.troubles().values() if t.reason == "vanished_here" and not t.ended]
    lab.state.guards.close_windows()
    done = lab.run()
    post.after(of_line(done), None, now + 2)
    assert not [t for t in lab.state.outboxes.troubles().values() if t.reason == "vanished_here"], (
        "nobody is told that it is over"
    )


@pytest.mark.parametrize(
    ("gone", "kept", "many"),
    [
        ({"a": 20}, {"a": 0}, ""),
        ({"a": 21}, {"a": 70}, "a"),
        ({"a": 20, "b": 20, "c": 20}, {}, "abc"),
        ({"a": 20, "b": 2}, {"b": 50}, ""),
        ({"a": 12, "b": 12, "c": 1}, {"a": 12, "b": 12, "c": 50}, "ab"),
        ({"a": 10, "b": 10}, {}, ""),
        ({"a": 4, "b": 4, "c": 4, "d": 4, "e": 4, "f": 4}, {}, ""),
        (dict.fromkeys("abcdefghijkl", 9), dict.fromkeys("abcdefghijklm", 91), "abcdefghijkl"),
        (dict.fromkeys("abcdefghijkl", 9), dict.fromkeys("abcdefghijklm", 1000), ""),
    ],
)
def test_what_too_many_are_is_asked_of_one_client_and_of_all_together(
    gone: dict[str, int], kept: dict[str, int], many: str
) -> None:
    assert guards.vanished(gone, kept, Limits()) == frozenset(many)


@pytest.mark.parametrize("how", ["encrypted", "taken away"])
def test_a_storm_over_many_small_clients_is_told_at_once_with_their_names(tmp_path: Path, how: str) -> None:
    codes = ("001", "002", "003")
    lab = Lab(tmp_path, (FolderRule("Achats", extensions=frozenset({"pdf"})),), (*codes, "004"))
    lab.run()
    for code in (*codes, "004"):
        for n in range(20):
            lab.write(f"Achats/{n:02}.pdf", b"%d of %s" % (n, code.encode()), code)
    lab.converge()
    lab.settings = replace(lab.settings, limits=Limits(first_publication="allow"))
    for code in codes:
        for n in range(20):
            if how == "encrypted":
                lab.rename(f"Achats/{n:02}.pdf", f"Achats/{n:02}.pdf.locked", code)
                lab.write(f"Achats/{n:02}.pdf.locked", b"encrypted %d of %s" % (n, code.encode()), code)
            else:
                lab.unlink(f"Achats/{n:02}.pdf", code)
    summary = lab.run()
    told = [e for e in lab.events if e.reason in ("vanished_here", "renamed_here") and e.warning]
    assert [e.client for e in told] == list(codes) and summary["verdict"] == "warning"
    assert all(len(lab.online(code)) == 20 for code in codes)


def test_pieces_of_a_storm_add_up_and_a_few_removals_are_nobodys_trouble(lab: Lab) -> None:
    for start in (0, 7, 14):
        encrypt(lab, start, start + 7)
        lab.run()
        assert not [e for e in lab.events if e.reason == "vanished_here"] or start == 14
    assert [e.detail for e in lab.events if e.reason == "vanished_here"] == ["21 21"]


def test_the_sentence_in_both_languages() -> None:
    assert words.reason("vanished_here", "1 0").startswith("1 document a disparu au cabinet : ")
    assert "500 documents disappeared" in words.reason("vanished_here", "500 500", "en")


def test_what_was_taken_again_is_no_storm_any_more(lab: Lab) -> None:
    encrypt(lab, 0, 30)
    lab.run()
    assert "vanished_here" in {told.reason for told in lab.state.journal.open_reports()}
    for n in range(30):
        lab.portal.want_back(lab.clients["001"], f"Achats/{n:02}.pdf")  # « Reprendre au cabinet »
        lab.unlink(f"Achats/{n:02}.pdf.locked")
    lab.run()
    assert len(lab.here()) == 60 and lab.state.journal.open_reports() == []
    assert lab.run()["verdict"] == "done"


def test_what_was_put_back_by_hand_is_no_storm_any_more(lab: Lab) -> None:
    for n in range(30):
        lab.rename(f"Achats/{n:02}.pdf", f"../away/{n:02}.pdf")
    lab.run()
    assert "vanished_here" in {told.reason for told in lab.state.journal.open_reports()}
    for n in range(30):
        lab.write(f"Achats/{n:02}.pdf", b"invoice %d" % n)
    lab.run()
    assert "vanished_here" not in {told.reason for told in lab.state.journal.open_reports()}
