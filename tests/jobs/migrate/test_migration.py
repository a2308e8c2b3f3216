"""Documents from before reach their client once, whatever happens on the way; the old tree stays as it is."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.errors import UsageError
from syncd.core.guards import Limits
from syncd.core.migration.mapping import MapRow
from syncd.core.verdicts import Verdict
from syncd.disk.directory import Directory
from syncd.disk.hashing import content_of
from syncd.jobs.migrate.values import Gate
from syncd.local import mirror_copies
from syncd.local.old_tree import DiskOldTree
from syncd.ports.state import Arrival
from tests.jobs.migrate.office import CODES, Office, errors, listed

FIRST = {
    "001/2025/Achats/facture.pdf": "Achats/2025/facture.pdf",
    "001/Achats/2024/EDF/janvier.pdf": "Achats/2024/EDF/janvier.pdf",
    "001/juridique/statuts.pdf": "Juridique/statuts.pdf",
    "001/2025/Social/Paie/Martin/bulletin.pdf": "Social/Paie/2025/Martin/bulletin.pdf",
}


def test_documents_go_to_folder_and_exercise_and_then_online(office: Office) -> None:
    for source in FIRST:
        office.write(source)
    before = office.digests()
    report = office.migrate()
    assert report.verdict is Verdict.DONE and report.exit_code == 0
    assert office.of(report).done == office.of(report).found == len(FIRST)
    assert office.here() == {to: source.encode() for source, to in FIRST.items()}
    office.lab.write("Juridique/by hand.pdf", b"somebody's own")
    office.lab.converge()
    assert office.online() == office.here() and office.digests() == before
    assert sorted(office.lab.portal.origins.values()) == ["", *["migration"] * len(FIRST)]


def test_what_a_scanner_brought_and_is_not_done_with_stays_the_scanner_s(office: Office) -> None:
    """Its source is put away only once the portal has answered for that very content."""
    client, content = office.lab.clients["001"], content_of(b"scanned")
    arrival = Arrival(client, content, "scanner", "001/scan.pdf", "Achats/scan.pdf", 1.0)
    office.lab.state.arrivals.put(arrival)
    office.write("001/2025/Achats/a.pdf", b"scanned")
    office.migrate()
    assert office.lab.state.arrivals.find(client, content) == arrival


def test_what_a_scanner_brought_a_moment_ago_comes_no_second_time(office: Office) -> None:
    client = office.lab.clients["001"]
    office.lab.write("Juridique/scan.pdf", b"scanned")
    office.lab.state.arrivals.put(
        Arrival(client, content_of(b"scanned"), "scanner", "001/x", "Juridique/scan.pdf", 1.0)
    )
    office.write("001/2025/Achats/a.pdf", b"scanned")
    assert office.of(office.migrate()).already == 1 and list(office.here()) == ["Juridique/scan.pdf"]


def test_a_document_keeps_its_date(office: Office) -> None:
    os.utime(office.write("001/2025/Achats/a.pdf"), (1_500_000_000, 1_500_000_000))
    office.migrate()
    assert (office.lab.dir() / "Achats/2025/a.pdf").stat().st_mtime == 1_500_000_000


def test_the_same_again_takes_and_reads_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in FIRST:
        office.write(source)
    office.migrate()

    def opened(*_: object) -> int:
        raise AssertionError("a settled document is read again")

    monkeypatch.setattr("syncd.local.old_tree.DiskOldTree.read", opened)
    for online in (0, len(FIRST)):
        again = office.of(office.migrate())
        assert (again.copied, again.already, again.earlier) == (0, 0, len(FIRST)) and again.verdict is Verdict.DONE
        assert again.online == online
        office.lab.converge()
    assert len(office.online()) == len(FIRST)


def test_what_the_client_has_already_counts_as_done(office: Office) -> None:
    """Wherever it lies there, under whatever name; on either side; and what came twice in the old tree, too."""
    office.lab.write("Juridique/autre nom.pdf", b"had here")
    office.lab.deposit("Achats/depot.pdf", b"had online")
    office.lab.converge()
    office.write("001/2025/Achats/x.pdf", b"had here")
    office.write("001/2025/Achats/y.pdf", b"had online")
    office.write("001/2025/Achats/z.pdf", b"twice")
    office.write("001/Juridique/z.pdf", b"twice")
    found = office.of(office.migrate())
    assert (found.copied, found.already, found.found) == (1, 3, 4) and found.verdict is Verdict.DONE
    assert sorted(office.here()) == ["Achats/2025/z.pdf", "Achats/depot.pdf", "Juridique/autre nom.pdf"]


def test_another_client_s_content_is_no_reason_to_leave_a_document_out(office: Office) -> None:
    office.write("001/Juridique/modele.pdf", b"a form")
    office.write("002/Juridique/modele.pdf", b"a form")
    office.migrate()
    assert office.here("001") == office.here("002") == {"Juridique/modele.pdf": b"a form"}


def test_nothing_that_lies_there_is_replaced(office: Office) -> None:
    office.lab.write("Achats/2025/facture.pdf", b"ours")
    office.lab.deposit("Achats/2025/depot.pdf", b"theirs")
    (office.lab.dir() / "Achats/2025").mkdir(parents=True, exist_ok=True)
    office.write("001/2025/Achats/facture.pdf", b"old")
    office.write("001/2025/Achats/FACTURE.PDF", b"old, in other letters")
    office.lab.run()
    shutil.rmtree(office.lab.dir() / "Achats/2025")  # what is online has its name as well
    office.lab.write("Achats/2025/facture.pdf", b"ours")
    office.write("001/2025/Achats/depot.pdf", b"old deposit")
    office.migrate()
    assert office.here() == {
        "Achats/2025/facture.pdf": b"ours", "Achats/2025/FACTURE (2).PDF": b"old, in other letters",
        "Achats/2025/facture (3).pdf": b"old", "Achats/2025/depot (2).pdf": b"old deposit",
    }  # fmt: skip


def test_a_folder_keeps_the_spelling_that_it_has_on_disk(office: Office) -> None:
    (office.lab.dir() / "Achats/2025/EDF e\u0301lec").mkdir(parents=True)
    office.write("001/Achats/2025/edf \u00e9lec/a.pdf")
    office.migrate()
    assert list(office.here()) == ["Achats/2025/EDF e\u0301lec/a.pdf"]


# -- fair order, budgets ----------------------------------------------------------------------------------------------------


class Minute:
    """A clock on which each document takes a while."""

    def __init__(self, each: float) -> None:
        self.each, self.now = each, 0.0

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def test_ten_launches_of_a_minute_take_each_document_once_and_the_last_client_before_the_first_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.jobs.migrate.batch.MOST", 7)
    wanted = {(code, n) for code in CODES for n in range(60)}
    for code, n in wanted:
        office.write(f"{code}/2025/Achats/{n}.pdf")
    turns: list[list[str]] = []
    for _ in range(30):
        report = office.migrate(gate=Gate(60.0, Minute(3.0)))
        turns.append([c.code for c in report.clients])
        if report.verdict is Verdict.DONE:
            break
        assert report.verdict is Verdict.BUDGET and report.exit_code == 10
        assert {c.verdict for c in report.clients} <= {Verdict.RUNNING, Verdict.DONE}
        assert set(turns[-1]) | set(report.waiting) == set(CODES)
    assert turns[:4] == [["001"], ["002"], ["zz9"], ["001"]] and turns[-1]
    for code in CODES:
        assert len(office.here(code)) == 60
    assert report.verdict is Verdict.DONE and all(c.done == c.found == 60 for c in report.clients)


def test_however_short_the_time_a_launch_gets_on(office: Office) -> None:
    for n in range(3):
        office.write(f"001/2025/Achats/{n}.pdf")
    for n in range(1, 4):
        office.migrate(gate=Gate(0.0))
        assert len(office.here()) == n


def test_switched_off_it_ends_between_two_documents(office: Office) -> None:
    for n in range(5):
        office.write(f"001/2025/Achats/{n}.pdf")
    gate = Gate(None)
    job = office.job(gate=gate)

    real = mirror_copies.DiskMirrorCopies.copy
    taken = []

    def copy(self: mirror_copies.DiskMirrorCopies, *args: object) -> object:
        taken.append(args)
        if len(taken) == 2:
            job.stop(143)
        return real(self, *args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mirror_copies.DiskMirrorCopies, "copy", copy)
        report = job.run()
    assert report.verdict is Verdict.ABANDONED and report.exit_code == 143
    assert office.of(report).verdict is Verdict.ABANDONED and office.of(report).copied == 2
    assert len(office.here()) == 2
    office.migrate()
    assert len(office.here()) == 5


# -- what goes wrong -----------------------------------------------------------------------------------------------------


def test_the_four_reasons_and_the_others_are_said_and_the_rest_is_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.write("001/2025/Achats/large.pdf", b"x" * 1001)
    (office.write("001/2025/Achats/empty.pdf")).write_bytes(b"")
    office.write("001/2025/Achats/tool.exe")
    gone = office.write("001/2025/Achats/gone.pdf")
    office.write("001/2025/Achats/good.pdf")
    read = DiskOldTree.read

    def vanishing(self: DiskOldTree, path: str, expect: object) -> int:
        if path.endswith("gone.pdf"):
            gone.unlink(missing_ok=True)
        return read(self, path, expect)  # type: ignore[arg-type]

    monkeypatch.setattr(DiskOldTree, "read", vanishing)
    report = office.migrate()
    found = office.of(report)
    assert errors(found) == {
        "001/2025/Achats/large.pdf": "too_large", "001/2025/Achats/empty.pdf": "empty",
        "001/2025/Achats/tool.exe": "extension_not_allowed", "001/2025/Achats/gone.pdf": "vanished",
    }  # fmt: skip
    assert found.verdict is report.verdict is Verdict.WARNING and report.exit_code == 3
    assert (found.done, found.found) == (1, 5) and list(office.here()) == ["Achats/2025/good.pdf"]


def test_a_limit_that_was_raised_lets_a_refused_document_in(office: Office) -> None:
    office.write("001/2025/Achats/large.pdf", b"x" * 1001)
    office.migrate()
    raised = tuple(
        replace(rule, max_size=0) for rule in office.lab.portal.spaces[office.lab.clients["001"]].tree.folders
    )
    office.change("001", folders=raised)
    office.lab.run()
    assert office.of(office.migrate()).copied == 1


def test_a_share_that_vanishes_is_a_warning_and_nothing_counts_as_missing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        office.write(f"001/2025/Achats/{n}.pdf")
    office.write("002/2025/Achats/b.pdf")
    away = office.old.with_name("away")
    read = DiskOldTree.read

    def unmounted(self: DiskOldTree, path: str, expect: object) -> int:
        if path.endswith("2.pdf") and not away.exists():  # its mount point is left behind, empty
            office.old.rename(away)
            office.old.mkdir()
            self._root.close()
            self._root = Directory.at(str(office.old))
        return read(self, path, expect)  # type: ignore[arg-type]

    monkeypatch.setattr(DiskOldTree, "read", unmounted)
    report = office.migrate()
    assert report.verdict is Verdict.WARNING and report.reason == "source_away" and report.exit_code == 3
    found = office.of(report)
    assert not found.errors and not found.listed and found.copied == 2 and report.waiting == ("002",)
    office.old.rmdir()
    away.rename(office.old)
    monkeypatch.undo()
    assert office.migrate().verdict is Verdict.DONE
    assert len(office.here("001")) == 4 and len(office.here("002")) == 1


def test_an_old_tree_that_is_not_there_is_said(office: Office) -> None:
    shutil.rmtree(office.old)
    with pytest.raises(OSError, match="No such file"):
        office.job()


def test_a_full_disk_ends_it_and_the_next_one_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("001/2025/Achats/a.pdf")
    office.write("002/2025/Achats/b.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(mirror_copies.DiskMirrorCopies, "free_bytes", lambda self: 1000)
        report = office.migrate()
    assert report.verdict is Verdict.ERROR and report.reason == "disk_full" and not office.here()
    assert office.migrate().verdict is Verdict.DONE and office.here() and office.here("002")


@pytest.mark.parametrize("step", ["sync", "sync_names"])
def test_a_disk_that_fails_for_a_whole_batch_ends_it_and_nothing_is_forgotten(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("syncd.jobs.migrate.batch.MOST", 2)
    for n in range(5):
        office.write(f"001/2025/Achats/{n}.pdf")
    failing: list[object] = []

    def fails(self: object, some: object) -> None:
        failing.append(some)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(mirror_copies.DiskMirrorCopies, step, fails)
        report = office.migrate()
    assert len(failing) == 1 and report.verdict is Verdict.ERROR and report.reason == "disk_failed"
    assert report.exit_code == 3 and not office.of(report).errors
    found = office.of(office.migrate())
    assert (found.done, found.found, found.verdict) == (5, 5, Verdict.DONE)
    assert sorted(office.here()) == [f"Achats/2025/{n}.pdf" for n in range(5)]


def test_a_client_s_directory_of_another_marker_is_left_alone(office: Office) -> None:
    office.write("001/2025/Achats/a.pdf")
    office.write("002/2025/Achats/b.pdf")
    shutil.copy(office.lab.dir("002") / ".syncd/client.json", office.lab.dir("001") / ".syncd/client.json")
    report = office.migrate()
    assert office.of(report).verdict is Verdict.ERROR and office.of(report).stopped == "stop_client_marker"
    assert not office.here("001") and office.here("002") and report.verdict is Verdict.ERROR


def test_a_link_is_not_followed(office: Office, tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    office.write("001/2025/Achats/a.pdf")
    (office.old / "001/2025/Achats/link.pdf").symlink_to(tmp_path / "secret.pdf")
    (office.old / "001/2025/Achats/below").symlink_to(tmp_path)
    found = office.of(office.migrate())
    assert {reason for reason, _ in listed(found).values()} == {"link"} and len(found.listed) == 2
    assert list(office.here()) == ["Achats/2025/a.pdf"]


# -- whose it is, and where it goes -----------------------------------------------------------------------------------------


def test_what_matches_nothing_is_listed_never_guessed(office: Office) -> None:
    office.write("001/2019/Achats/a.pdf")
    office.write("001/Achats/2019/b.pdf")
    office.write("001/Divers/x/c.pdf")
    office.write("001/Divers/d.pdf")
    office.write("001/loose.pdf")
    office.write("001/2025/facture.pdf")
    office.write("001/Achats/2025/2024/e.pdf")
    office.write("1/2025/Achats/f.pdf")
    office.write("autre/g.pdf")
    office.write("002_2019/Achats/h.pdf")
    office.write("racine.pdf")
    report = office.migrate()
    found = listed(office.of(report))
    assert found == {
        "001/2019": ("unknown_exercise", 1), "001/Achats/2019": ("unknown_exercise", 1), "001/Divers": ("unknown_folder", 2),
        "001": ("no_folder", 1), "001/2025": ("no_folder", 1),
    }  # fmt: skip
    unclaimed = {one.source: (one.reason, one.detail) for one in report.unclaimed}
    assert unclaimed == {
        "1": ("unknown_code", ""), "autre": ("unknown_code", ""), "002_2019": ("unknown_exercise", "2019"),
        "racine.pdf": ("loose", ""),
    }  # fmt: skip
    assert list(office.here()) == ["Achats/2025/2024/e.pdf"] and report.verdict is Verdict.WARNING


def test_older_exercises_stay_where_they_are(office: Office) -> None:
    for year in (2022, 2023, 2024, 2025):
        office.write(f"001/{year}/Achats/{year}.pdf")
    found = office.of(office.migrate())
    assert sorted(office.here()) == ["Achats/2024/2024.pdf", "Achats/2025/2025.pdf"]
    assert found.left == 2 and found.found == 2 and found.verdict is Verdict.DONE and not found.listed


@pytest.mark.parametrize("kind", ["autonome", "auxiliaire"])
def test_of_a_company_that_keeps_its_books_only_what_is_open_is_taken(office: Office, kind: str) -> None:
    office.card("001", kind_of_work=kind)
    for year in (2024, 2025):
        office.write(f"001/{year}/Achats/{year}.pdf")
    office.migrate()
    assert list(office.here()) == ["Achats/2025/2025.pdf"]


def test_of_a_copy_nothing_is_taken(office: Office) -> None:
    office.card("001", kind_of_file="copie")
    office.write("001/2025/Achats/a.pdf")
    report = office.migrate()
    assert not office.here() and office.of(report).found == 0 and report.verdict is Verdict.DONE


def test_two_clients_never_share_a_directory(office: Office) -> None:
    office.write("gef/Achats/a.pdf")
    for rows in (
        [MapRow("gef", "001", "Achats", row=2), MapRow("gef", "002", "Achats", row=3)],
        [MapRow("gef/Achats", "002", "Achats", row=2), MapRow("gef", "001", "Achats", row=3)],
    ):
        with pytest.raises(UsageError, match="is given twice"):
            office.migrate(rows=rows)
    assert not office.here("001") and not office.here("002") and not office.memory.reports(1)


def test_a_name_that_two_clients_could_have_is_refused_before_any_copy(tmp_path: Path) -> None:
    made = Office(tmp_path, ("001", "001_2025"))
    made.write("001/2025/Achats/a.pdf")
    made.write("001_2025/Achats/a.pdf")
    with pytest.raises(UsageError, match="may be that of several clients"):
        made.migrate()
    assert not made.here("001")
    made.close()


def test_a_mapping_says_whose_where_and_of_when_archives_too(office: Office) -> None:
    office.write("Dupont/vieux/a.pdf")
    office.write("Dupont/vieux/statuts/b.pdf")
    office.write("Martin 2025/Achats/c.pdf")
    rows = [
        MapRow("Dupont/vieux", "001", "Achats", "2022"), MapRow("Dupont/vieux/statuts", "001", "juridique"),
        MapRow("Martin 2025", "002", "", "2025"), MapRow("Absent", "002"), MapRow("Ailleurs", "999"),
    ]  # fmt: skip
    report = office.migrate(rows=rows)
    assert sorted(office.here("001")) == ["Achats/2022/a.pdf", "Juridique/b.pdf"]
    assert list(office.here("002")) == ["Achats/2025/c.pdf"]
    assert {(one.source, one.reason) for one in report.unclaimed} == {
        ("Absent", "absent"),
        ("Ailleurs", "unknown_code"),
    }
    assert office.of(office.migrate(rows=rows)).copied == 0
    assert sorted(office.here("001")) == ["Achats/2022/a.pdf", "Juridique/b.pdf"]


def test_a_bag_of_another_cabinet_is_taken_for_what_it_carries(office: Office) -> None:
    office.write("001/bagit.txt", b"BagIt-Version: 1.0\n")
    office.write("001/manifest-sha256.txt", b"x")
    office.write("001/data/Achats/2025/a.pdf")
    found = office.of(office.migrate())
    assert list(office.here()) == ["Achats/2025/a.pdf"] and not found.listed


def test_names_that_windows_cannot_hold_are_mapped_or_listed(office: Office) -> None:
    office.write("001/2025/Achats/CON.pdf")
    office.write("001/2025/Achats/a: b?.pdf")
    office.write("001/2025/Achats/caf\u00e9.pdf", b"composed")
    office.write("001/2025/Achats/cafe\u0301.pdf", b"decomposed")
    office.write("001/2025/Achats/dossier. /x.pdf")
    deep = "/".join(["d" * 60] * 5)
    office.write(f"001/2025/Achats/{deep}/x.pdf", b"300 characters")
    office.write("001/2025/Achats/" + os.fsdecode(b"\xff.pdf"), b"bytes")
    found = office.of(office.migrate())
    assert sorted(office.here().items()) == sorted({
        "Achats/2025/_CON.pdf": b"001/2025/Achats/CON.pdf", "Achats/2025/a- b-.pdf": b"001/2025/Achats/a: b?.pdf",
        "Achats/2025/caf\u00e9 (2).pdf": b"composed", "Achats/2025/caf\u00e9.pdf": b"decomposed",
        "Achats/2025/dossier/x.pdf": b"001/2025/Achats/dossier. /x.pdf", f"Achats/2025/{deep}/x.pdf": b"300 characters",
    }.items())  # fmt: skip
    assert errors(found) == {"001/2025/Achats/\\xff.pdf": "bad_name"} and found.renamed >= 3
    office.lab.converge()
    assert len(office.online()) == 6


# -- guards --------------------------------------------------------------------------------------------------------------


def test_a_plan_that_was_agreed_to_covers_its_own_documents_and_no_others(office: Office) -> None:
    office.lab.settings = replace(office.lab.settings, limits=Limits())
    for n in range(250):
        office.write(f"001/2025/Achats/{n}.pdf")
    office.write("001/2025/Social/Paie/bulletin.pdf")
    job = office.job(agreed=True)
    job.plan()
    office.write("001/2025/Achats/came later.pdf")
    job.run()
    office.lab.write("Social/not of it.pdf", b"somebody's own")
    summary = office.lab.run()
    assert summary["uploaded"] == 251 and summary["exit_code"] == 4
    waiting = {e.path for row in office.lab.state.guards.waiting() for e in row.lines if e.action == "upload"}
    assert waiting == {"Achats/2025/came later.pdf", "Social/not of it.pdf"}


def test_without_an_agreement_its_publications_count_like_any_other(office: Office) -> None:
    office.lab.settings = replace(office.lab.settings, limits=Limits())
    office.write("001/2025/Achats/a.pdf")
    office.plan()
    office.migrate()
    assert office.lab.run()["exit_code"] == 4 and not office.online()


def test_an_agreement_does_not_cover_what_is_another_client_s(office: Office) -> None:
    office.lab.settings = replace(office.lab.settings, limits=Limits(first_publication="allow"))
    for n in range(6):
        office.lab.write(f"Juridique/{n}.pdf", b"of 002: %d" % n, "002")
        office.write(f"001/Juridique/{n}.pdf", b"of 002: %d" % n)
    office.lab.converge()
    office.migrate(agreed=True)
    assert office.lab.run()["exit_code"] == 4 and not office.online()
    assert {row.reason for row in office.lab.state.guards.waiting()} == {"guard_other_client"}
