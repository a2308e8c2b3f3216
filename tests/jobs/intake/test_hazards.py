"""What scanners, shares and people do to a robot, one by one: each scan is one document, and no source goes before it is proved."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import SyncdError
from syncd.disk.directory import Directory
from syncd.disk.hashing import content_of
from syncd.jobs.intake.share import Share
from syncd.local.mirror import DiskMirror
from syncd.ports.state import Arrival
from tests.jobs.intake.robot import ONE, OTHER, Robot
from tests.support.scans import pdf, tiff


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


def aged(path: Path, seconds: float = 100.0) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_a_scan_goes_online_and_its_source_is_put_away(robot: Robot) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    assert robot.said() == [("intake", "Achats/scan.pdf", "")] and robot.online() == {}
    assert robot.claims() == robot.left()  # nothing of it is removed, and it is nobody else's
    robot.look()  # the portal has not answered yet
    assert robot.said() == [] and robot.claims() == robot.left() != []
    robot.lab.run()
    robot.look()
    assert robot.online() == {"Achats/scan.pdf": pdf()} and robot.origins() == {"scanner"}
    assert robot.left() == [f".traites/2026-11/{ONE}/Achats/scan.pdf"]
    robot.look()
    assert robot.said() == []


def test_with_delete_a_source_is_removed_once_it_is_online(tmp_path: Path) -> None:
    robot = Robot(tmp_path, delete=True)
    robot.scan(f"{ONE}/scan.pdf", pdf())
    robot.look()
    assert robot.claims() == robot.left() != []
    robot.lab.run()
    robot.look()
    assert robot.left() == [] and robot.online() == {"À classer/scan.pdf": pdf()}


@pytest.mark.parametrize("closes", [False, True], ids=["page by page", "closed and opened again"])
@pytest.mark.parametrize("form", ["pdf", "tif"])
def test_a_scan_that_grows_is_one_document_of_its_full_size(tmp_path: Path, form: str, closes: bool) -> None:
    """A page every four seconds for forty, ticks in between: the scanner's clock goes by the file's date."""
    robot = Robot(tmp_path, settle=2.0)
    pages = [pdf("p", n) if form == "pdf" else tiff([b"page"] * n) for n in range(1, 11)]
    path = robot.scan(f"{ONE}/Achats/scan.{form}", b"")
    held = path.open("r+b")
    for data in pages:
        if closes:
            held.close()
            held = path.open("r+b")
        held.seek(0)
        held.write(data)
        held.flush()
        robot.look()
        assert robot.said() == [] and robot.claims() == []
    held.close()
    robot.intake._seen.update({k: (st, at - 60) for k, (st, at) in robot.intake._seen.items()})  # a minute later
    robot.whole()
    assert robot.online() == {f"Achats/scan.{form}": pages[-1]}


def test_a_file_that_is_held_open_is_taken_when_it_is_free(robot: Robot, monkeypatch: Any) -> None:
    held, move = [True], Directory.move

    def busy(self: Directory, name: str, into: Directory, to: str) -> None:
        if held and to.startswith(".syncd-"):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), name)
        move(self, name, into, to)

    monkeypatch.setattr(Directory, "move", busy)
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    for _ in range(4):
        robot.look()
    assert robot.left() == [f"{ONE}/Achats/scan.pdf"] and [e.reason for e in robot.events] == ["locked"]
    held.clear()
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}


def test_a_temporary_name_is_let_be_until_it_is_the_scans_own(robot: Robot) -> None:
    path = robot.scan(f"{ONE}/Achats/scan.pd~", pdf())
    robot.scan(f"{ONE}/Achats/.scan.pdf", pdf("hidden"))
    for _ in range(5):
        robot.look()
    assert robot.said() == []
    path.rename(path.with_name("scan.pdf"))
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}


def test_one_name_for_three_scans_is_three_documents(robot: Robot) -> None:
    """A scanner that always writes scan.pdf, or the same again under another case."""
    for n in range(3):
        robot.scan(f"{ONE}/Achats/{'SCAN' if n == 2 else 'scan'}.pdf", pdf(f"number {n}"))
        robot.look(counts=False)
    robot.whole()
    assert sorted(robot.online().values()) == sorted(pdf(f"number {n}") for n in range(3))
    assert {p.lower() for p in robot.online()} == {"achats/scan.pdf", "achats/scan (2).pdf", "achats/scan (3).pdf"}
    assert len(robot.left()) == 3 and all(p.startswith(".traites/") for p in robot.left())


@pytest.mark.parametrize("when", ["in one pass", "before it is online", "afterwards"])
def test_the_same_bytes_twice_are_said_and_are_one_document(robot: Robot, when: str) -> None:
    robot.scan(f"{ONE}/Achats/a.pdf", pdf())
    if when != "in one pass":
        robot.look()
    if when == "afterwards":
        robot.lab.run()
        robot.look()
    robot.scan(f"{ONE}/b.pdf", pdf())
    robot.look()
    doubles = [e for e in robot.events if e.reason == "already_received"]
    assert len(doubles) == 1 and doubles[0].notice
    robot.lab.run()
    robot.look()
    assert list(robot.online().values()) == [pdf()]
    assert sorted(p.split("/")[0] for p in robot.left()) == [".doublons", ".traites"]


def test_of_the_same_bytes_the_one_that_says_its_folder_is_taken(robot: Robot) -> None:
    robot.scan(f"{ONE}/a.pdf", pdf())
    robot.scan(f"{ONE}/Achats/b.pdf", pdf())
    robot.whole()
    assert set(robot.online()) == {"Achats/b.pdf"}


def test_the_same_bytes_for_another_dossier_are_its_document(robot: Robot) -> None:
    """Leading zeros are the dossier's: 007868 and 7868 are two."""
    for code in (ONE, OTHER):
        robot.scan(f"{code}/Achats/scan.pdf", pdf(code))
    robot.whole()
    assert [robot.online(code) for code in (ONE, OTHER)] == [{"Achats/scan.pdf": pdf(c)} for c in (ONE, OTHER)]


BAD = {
    "empty.pdf": b"", "program.pdf": b"MZ\x90\x00" * 20, "tool.exe": b"MZ", "cut.pdf": pdf()[:30],
    "cycle.tif": b"II*\0\x08\0\0\0\1\0\0\1\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0", "outside.tif": tiff([b"x" * 50])[:60],
    "pages.tif": tiff([b"x"] * 10)[:-1],
}  # fmt: skip


def test_what_cannot_be_taken_is_put_away_with_a_note_after_three_looks_and_the_rest_goes_on(robot: Robot) -> None:
    for name, data in BAD.items():
        robot.scan(f"{ONE}/Achats/{name}", data)
    robot.scan(f"{ONE}/Achats/good.pdf", pdf())
    robot.look()
    assert ("intake", "Achats/good.pdf", "") in robot.said()
    for _ in range(4):
        robot.look(counts=False)  # events are no looks
    assert len(robot.left()) == len(BAD) + 1 and robot.said() == []
    robot.look()
    robot.anew()
    robot.look()
    said = robot.said()
    assert sorted(p for _, p, _ in said) == sorted(f"Achats/{n}" for n in BAD) and {a for a, _, _ in said} == {
        "refused"
    }
    for name, data in BAD.items():
        away = robot.share / ".rejets" / ONE / "Achats" / name
        assert away.read_bytes() == data
        note = away.with_name(f"{name}.txt").read_text(encoding="utf-8")
        assert f"{ONE}/Achats/{name}" in note and "21/11/2026" in note and len(note.splitlines()) == 3
    robot.look()
    assert robot.said() == []


def test_a_scan_that_was_cut_is_taken_when_it_is_whole(robot: Robot) -> None:
    whole = tiff([b"one page"] * 3)
    for cut in (60, 120):
        robot.scan(f"{ONE}/Achats/scan.tif", whole[:-cut])
        robot.look()
        robot.look()
    robot.scan(f"{ONE}/Achats/scan.tif", whole)
    robot.whole()
    assert robot.online() == {"Achats/scan.tif": whole} and robot.lab.state.arrivals.attempts() == {}


@pytest.mark.parametrize("top", ["009999", "007868 ", "07868", "99_2025", f"{ONE}_x_y"])
def test_nobodys_scans_wait_in_the_quarantine_and_are_said_once(robot: Robot, top: str) -> None:
    robot.scan(f"{top}/Achats/scan.pdf", pdf())
    for _ in range(3):
        robot.look()
    assert robot.left() == [f".quarantaine/{top}/Achats/scan.pdf"]
    reports = [(r.path, r.reason) for r in robot.lab.state.journal.open_reports() if r.client == "-intake"]
    assert reports == [(top, "unknown_dossier")]
    told = [e for _, e in robot.lab.state.journal.events(client="") if e.reason == "unknown_dossier"]
    assert len(told) == 1 and robot.online() == {} == robot.online(OTHER)


def test_a_closed_dossier_is_quarantined_and_taken_when_it_is_open_again(robot: Robot) -> None:
    robot.lab.state.conn.execute("update clients set closed = 1 where code = ?", (ONE,))
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    assert robot.left() == [f".quarantaine/{ONE}/Achats/scan.pdf"]
    assert [e.reason for e in robot.events] == ["closed_dossier"]
    robot.lab.state.conn.execute("update clients set closed = 0 where code = ?", (ONE,))
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}
    assert robot.left() == [f".traites/2026-11/{ONE}/Achats/scan.pdf"]
    assert [r for r in robot.lab.state.journal.open_reports() if r.client == "-intake"] == []


def test_while_the_portal_is_away_nothing_is_removed_and_nothing_fails(robot: Robot) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    for _ in range(5):
        robot.look()
        robot.lab.clock.time += 900
    assert len(robot.claims()) == 1 == len(robot.left())
    overdue = [e for e in robot.events if e.reason == "not_online"]
    assert [e.detail for e in overdue] == ["21/11/2026 14:03"] and overdue[0].notice
    robot.lab.run()
    robot.look()
    assert robot.left() == [f".traites/2026-11/{ONE}/Achats/scan.pdf"]


def test_two_robots_on_one_share_take_each_file_once(tmp_path: Path) -> None:
    one = Robot(tmp_path / "one")
    two = Robot(tmp_path / "two", at=one.share)
    datas = {pdf(f"scan {n}") for n in range(40)}
    for n, data in enumerate(sorted(datas)):
        one.scan(f"{ONE}/Achats/scan {n}.pdf", data)
    real, turn = Share.claim, [0]

    def both(self: Share, found: Any) -> Any:
        turn[0] += 1
        if turn[0] == 20:  # in the very middle the other one takes what is there
            two.look()
        return real(self, found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Share, "claim", both)
        one.look()
    for robot in (one, two):
        robot.lab.run()
        robot.look()
    first, second = list(one.online().values()), list(two.online().values())
    assert len(first) + len(second) == 40 and {*first, *second} == datas and min(len(first), len(second)) > 10
    assert len(one.left()) == 40 and all(p.startswith(".traites/") for p in one.left())


def test_a_share_that_goes_away_in_the_middle_says_so_and_nothing_is_gone(robot: Robot, monkeypatch: Any) -> None:
    for n in range(6):
        robot.scan(f"{ONE}/Achats/{n}.pdf", pdf(str(n)))
    robot.scan(f"{ONE}/Achats/bad.pdf", b"%PDF-")
    robot.look()
    before, attempts = robot.left(), robot.lab.state.arrivals.attempts()
    stamp, seen = Share.content, [0]

    def away(self: Share, found: Any) -> Any:
        seen[0] += 1
        if seen[0] == 3:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stamp(self, found)

    robot.lab.run()
    with monkeypatch.context() as patch:
        patch.setattr(Share, "content", away)
        with pytest.raises(SyncdError, match="cannot be read"):
            robot.look()
    robot.share.rename(robot.share.with_name("elsewhere"))
    with pytest.raises(SyncdError) as told:
        robot.look()
    assert told.value.reason == "share_away" and robot.lab.state.arrivals.attempts() == attempts != {}
    robot.share.with_name("elsewhere").rename(robot.share)
    robot.look()
    assert len([p for p in robot.left() if p.startswith(".traites/")]) == 6 and len(before) == 7
    assert len(robot.online()) == 6


def test_a_link_is_said_and_not_followed(robot: Robot, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(pdf("secret"))
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    (robot.share / ONE / "Achats" / "link.pdf").symlink_to(outside / "secret.pdf")
    (robot.share / ONE / "Banque").symlink_to(outside)
    (robot.share / OTHER).symlink_to(outside)
    os.mkfifo(robot.share / ONE / "pipe.pdf")
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()} and robot.online(OTHER) == {}
    links = {e.path for e in robot.events if e.reason == "link"}
    assert links == {f"{ONE}/Achats/link.pdf", f"{ONE}/Banque", f"{ONE}/pipe.pdf", OTHER}
    assert (outside / "secret.pdf").read_bytes() == pdf("secret")


def test_a_scan_that_is_written_to_after_it_was_claimed_is_not_put_away_as_what_it_was(robot: Robot) -> None:
    path = robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    with path.open("ab") as held:  # a scanner that had it open all the while
        robot.look()
        robot.lab.run()
        held.write(b"% more\n%%EOF\n")
        held.flush()
        robot.look()
        assert len(robot.claims()) == 1
    robot.whole()
    assert sorted(robot.online().values()) == sorted([pdf(), pdf() + b"% more\n%%EOF\n"])


def test_what_was_replaced_while_it_was_read_is_the_old_or_the_new_and_never_a_mix(
    robot: Robot, monkeypatch: Any
) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf("old"))
    read = Share.read

    def replaced(self: Share, found: Any, expect: Any) -> bytes:
        new = robot.share / ".syncd" / "new"
        new.write_bytes(pdf("the new one"))
        os.replace(new, robot.share / found.place)
        return read(self, found, expect)

    with monkeypatch.context() as patch:
        patch.setattr(Share, "read", replaced)
        robot.look()
    assert robot.said() == []
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf("the new one")}


def test_what_somebody_took_out_of_the_folders_before_it_was_online_is_not_thrown_away(robot: Robot) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    robot.lab.unlink("Achats/scan.pdf", ONE)
    for _ in range(3):
        robot.look()
    assert robot.left() == [f".rejets/{ONE}/Achats/scan.pdf", f".rejets/{ONE}/Achats/scan.pdf.txt"]
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}


def test_what_somebody_moved_before_it_was_online_is_proved_where_it_lies(robot: Robot) -> None:
    robot.scan(f"{ONE}/scan.pdf", pdf())
    robot.look()
    robot.lab.rename("À classer/scan.pdf", "Achats/EDF.pdf", ONE)
    robot.lab.run()
    robot.look()
    assert robot.online() == {"Achats/EDF.pdf": pdf()} and robot.origins() == {"scanner"}
    assert robot.left() == [f".traites/2026-11/{ONE}/scan.pdf"]


@pytest.mark.parametrize("then", ["written over", "removed"])
def test_what_somebody_changed_once_it_was_online_is_put_away(robot: Robot, then: str) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    robot.lab.run()
    if then == "removed":
        robot.lab.unlink("Achats/scan.pdf", ONE)
    else:
        robot.lab.write("Achats/scan.pdf", b"of a person", ONE)
    robot.lab.run()  # and the robot did not look meanwhile
    robot.look()
    assert robot.left() == [f".traites/2026-11/{ONE}/Achats/scan.pdf"] and robot.said() == []


def test_where_only_the_journal_knows_that_it_was_online_nothing_is_deleted(tmp_path: Path) -> None:
    """The portal may have been put back since."""
    robot = Robot(tmp_path, delete=True)
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    robot.lab.run()
    robot.lab.write("Achats/scan.pdf", b"of a person", ONE)
    robot.lab.run()
    robot.look()
    assert robot.left() == [f".traites/2026-11/{ONE}/Achats/scan.pdf"]


def test_what_somebody_wrote_over_before_it_was_online_is_not_thrown_away(robot: Robot) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    robot.lab.write("Achats/scan.pdf", b"of a person", ONE)
    robot.lab.run()
    for _ in range(3):
        robot.look()
    assert robot.online() == {"Achats/scan.pdf": b"of a person"}
    aside = f".rejets/{ONE}/Achats/scan.pdf"
    assert robot.left() == [aside, f"{aside}.txt"] and (robot.share / aside).read_bytes() == pdf()


def test_no_scan_is_brought_into_another_clients_directory(robot: Robot) -> None:
    """Two directories that changed their names: the marker says whose each is."""
    one, other = robot.lab.dir(ONE), robot.lab.dir(OTHER)
    one.rename(one.with_name("x"))
    other.rename(one)
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    assert robot.said() == [] and robot.left() == [f"{ONE}/Achats/scan.pdf"]


def test_a_dry_run_tells_the_plan_and_writes_nothing(robot: Robot) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.scan(f"{ONE}/Achats/bad.pdf", b"%PDF-")
    robot.scan("009999/scan.pdf", pdf())
    before = robot.left()
    for _ in range(4):
        robot.look(dry_run=True)
        said = [(e.action, e.path, e.reason) for e in robot.events]
    assert robot.left() == before and not (robot.share / ".syncd").exists()
    assert ("intake", "Achats/scan.pdf", "") in said and ("problem", "009999", "unknown_dossier") in said
    robot.look()
    assert ("intake", "Achats/scan.pdf", "") in robot.said()


@pytest.mark.parametrize("earlier", ["", "taken", "online"])
def test_a_dry_run_says_what_is_a_double(robot: Robot, earlier: str) -> None:
    robot.scan(f"{ONE}/Achats/a.pdf", pdf())
    if earlier:
        robot.look()
    if earlier == "online":
        robot.lab.run()
        robot.look()
    robot.scan(f"{ONE}/Achats/b.pdf", pdf())
    robot.scan(f"{OTHER}/Achats/b.pdf", pdf())
    before = robot.left()
    robot.look(dry_run=True)
    planned = [(e.client, e.action, e.path, e.reason, e.detail) for e in robot.events]
    assert robot.left() == before
    robot.look()
    done = [(e.client, e.action, e.path, e.reason, e.detail) for e in robot.events]
    assert set(planned) == set(done) and (ONE, "problem", "Achats/b.pdf", "already_received", done[0][4]) in planned
    assert [p for p in robot.left() if p.startswith(".doublons/")] == [f".doublons/{ONE}/Achats/b.pdf"]


def test_a_large_scan_goes_in_pieces(robot: Robot) -> None:
    data = pdf("x" * 9_000_000)
    robot.scan(f"{ONE}/Achats/large.pdf", data)
    robot.whole()
    assert robot.online() == {"Achats/large.pdf": data}
    assert list(robot.lab.dir(ONE).glob(".syncd/tmp/*")) == []


@pytest.mark.parametrize("step", ["temp", "sync_temps", "place", "sync_names", "stat"])
def test_a_client_whose_directory_fails_is_named_and_the_others_scans_are_taken(
    robot: Robot, monkeypatch: Any, step: str
) -> None:
    robot.scan(f"{ONE}/Achats/bad.pdf", pdf("bad"))
    robot.scan(f"{OTHER}/Achats/good.pdf", pdf("good"))
    real = getattr(DiskMirror, step)

    def failing(self: DiskMirror, at: Any, *args: Any) -> Any:
        if ONE in str(at):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, at, *args)

    with monkeypatch.context() as patch:
        patch.setattr(DiskMirror, step, failing)
        robot.look()
        told = [(e.client, e.path, e.reason) for e in robot.events if e.action == "problem"]
        assert told == [(ONE, "Achats/bad.pdf", "failed")] and robot.events[-1].warning
    robot.lab.run()
    assert robot.online(OTHER) == {"Achats/good.pdf": pdf("good")}
    robot.whole()
    assert robot.online() == {"Achats/bad.pdf": pdf("bad")} and robot.claims() == []
    assert [r for r in robot.lab.state.journal.open_reports() if r.client == "-intake"] == []


def test_what_a_migration_brought_a_moment_ago_is_no_second_document(robot: Robot) -> None:
    robot.lab.write("Achats/old.pdf", pdf(), ONE)
    state, client = robot.lab.state, robot.lab.clients[ONE]
    state.arrivals.put(Arrival(client, content_of(pdf()), "migration", "gef/old.pdf", "Achats/old.pdf", 1.0, 1.0))
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    robot.look()
    assert [e.reason for e in robot.events] == ["already_received"]
    robot.lab.run()
    assert robot.online() == {"Achats/old.pdf": pdf()}


def test_a_full_disk_takes_nothing_and_the_scan_stays(robot: Robot, monkeypatch: Any) -> None:
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    with monkeypatch.context() as patch:
        patch.setattr(DiskMirror, "free_bytes", lambda self: 0)
        robot.look()
    assert [e.reason for e in robot.events] == ["disk_full"] and len(robot.claims()) == 1
    robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}


def test_however_many_there_are_few_are_in_hand_at_a_time(robot: Robot, monkeypatch: Any) -> None:
    from syncd.jobs.intake import placing

    monkeypatch.setattr(placing, "MOST", 7)
    held, add = [0], placing.Batch.add

    def counted(self: placing.Batch, ready: placing.Ready) -> None:
        add(self, ready)
        held[0] = max(held[0], len(self._waiting))

    monkeypatch.setattr(placing.Batch, "add", counted)
    for n in range(60):
        robot.scan(f"{ONE}/Achats/{n}.pdf", pdf(str(n)))
    robot.whole()
    assert held == [6] and len(robot.online()) == 60
