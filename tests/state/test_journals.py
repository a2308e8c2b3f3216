"""A journal is continued where it was left, and says what one written anew would say."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.cli.output import warn
from syncd.core.errors import JournalsHeld
from syncd.core.events import Event
from syncd.core.protocol import ClientState
from syncd.core.run_result import RunResult, of_line
from syncd.core.verdicts import Verdict
from syncd.disk import private, rename
from syncd.operations import reporting
from syncd.state.store import open_store
from syncd.wiring import report_writing
from tests.weight import peak

AT = 1_795_600_000.0
MONTH = "2026-11"


def tell(store: Any, *paths: str) -> None:
    for n, path in enumerate(paths):
        store.journal.record(1, AT + n, Event("001", "upload", path, size=5))


@pytest.fixture
def config(tmp_path: Path) -> Any:
    return SimpleNamespace(mirror=SimpleNamespace(logs=str(tmp_path / "logs")), timezone="Europe/Paris", language="fr")


def written(config: Any) -> dict[str, str]:
    found = Path(config.mirror.logs).rglob("2026-11.*")
    return {p.suffix: p.read_bytes().decode() for p in found}


def test_continued_or_anew_it_is_the_same_journal(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    tell(store, "Achats/é.pdf", "=1+1.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    inode = next(Path(config.mirror.logs).rglob("*.csv")).stat().st_ino
    tell(store, "Ventes/a.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    continued = written(config)
    assert next(Path(config.mirror.logs).rglob("*.csv")).stat().st_ino == inode  # not a new file
    for path in Path(config.mirror.logs).rglob("2026-11.*"):
        path.unlink()
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    assert written(config) == continued and continued[".csv"].count("\r\n") == 4


def test_one_that_somebody_cut_is_written_anew_beside_what_they_left(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    tell(store, "Achats/a.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    text = next(Path(config.mirror.logs).rglob("*.log"))
    text.write_text("nothing happened")
    tell(store, "Achats/b.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    said = text.read_text()
    assert "Achats/a.pdf" in said and "Achats/b.pdf" in said and "nothing happened" not in said
    (kept,) = text.parent.glob("2026-11 (avant le *).log")
    assert kept.read_text() == "nothing happened"


def test_a_lost_state_goes_on_with_the_journals_that_are_there(tmp_path: Path, config: Any) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    store = open_store(tmp_path / "old")
    tell(store, "Achats/a.pdf", "Achats/b.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    before = written(config)
    store = open_store(tmp_path / "new")
    tell(store, "Ventes/c.pdf")
    for _ in range(2):
        report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    tell(store, "Ventes/d.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    after = written(config)
    for suffix in (".log", ".csv"):
        assert after[suffix].startswith(before[suffix])
        more = after[suffix][len(before[suffix]) :]
        assert [more.count(n) for n in ("Ventes/c.pdf", "Ventes/d.pdf", "Achats/")] == [1, 1, 0], more
    assert report_writing.rebuild_journals(config, store) == 0  # nobody of that name is a client of the new state yet


def test_a_state_put_back_goes_on_too_and_nothing_of_before_is_lost(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    tell(store, "Achats/a.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    mark = store.journal.written("001")
    assert mark is not None
    tell(store, "Achats/b.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    before = written(config)
    store.conn.execute("delete from events where line like '%b.pdf%'")  # the copy knows nothing of it
    store.journal.set_written("001", mark)
    tell(store, "Achats/c.pdf")
    report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    after = written(config)
    assert all(after[s].startswith(before[s]) and after[s].count("Achats/c.pdf") == 1 for s in (".log", ".csv"))


def test_a_crash_between_a_journal_and_its_mark_doubles_nothing(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    tell(store, "Achats/a.pdf")
    for first in (True, False):
        before = store.journal.written("001")
        report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
        if not first:
            tell(store, "Achats/b.pdf", "Achats/c.pdf")
            report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
            text = next(Path(config.mirror.logs).rglob("*.log"))
            text.write_bytes(text.read_bytes()[:-9])
        whole = written(config)
        store.conn.execute("delete from meta where key = 'journal 001'")
        if before is not None:
            store.journal.set_written("001", before)
        report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
        again = written(config)
        assert again[".csv"] == whole[".csv"]
        assert [again[".log"].count(f"Achats/{n}.pdf") for n in "abc"] == ([1, 0, 0] if first else [1, 1, 1])


def test_numbers_of_runs_go_on_after_those_the_reports_tell_of(tmp_path: Path, config: Any) -> None:
    from syncd.report import report_files

    logs = Path(config.mirror.logs)
    assert report_files.last_run(logs) == 0
    for name in ("runs/2026/10/2026-10-30_10h00_000099.log", "runs/2026/11/2026-11-02_10h00_000041.json"):
        (logs / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / name).write_text("{}")
    (logs / "runs/2026/11/2026-11-03.json").write_text('{"type":"event"}\n{"type":"summary","run":57}\n')
    assert report_files.last_run(logs) == 57
    store = open_store(tmp_path)
    store.journal.go_on_from(report_files.last_run(logs))
    assert [store.journal.start_run(AT), store.journal.start_run(AT)] == [58, 59]
    store.journal.go_on_from(57)
    assert store.journal.start_run(AT) == 60
    for odd in ("9007199254740992", "999999999999", "004294967296", "9" * 40):
        (logs / f"runs/2026/11/2026-11-04_10h00_{odd}.json").write_text("{}")
    assert report_files.last_run(logs) == 57
    (logs / "runs/2026/11/2026-11-05.json").write_text('{"run":9007199254740992}\n')
    assert report_files.last_run(logs) == 41, "the newest of that month that can be one"
    store.journal.go_on_from(2**30)
    assert store.journal.start_run(AT) == 61


@pytest.mark.parametrize("poison", [2**53, 2**53 - 1, 2**40, 2**31, 2**31 - 1])
@pytest.mark.parametrize("where", ["a run", "the floor"])
def test_a_state_that_an_impossible_number_came_into_goes_on(tmp_path: Path, where: str, poison: int) -> None:
    store = open_store(tmp_path)
    assert [store.journal.start_run(AT), store.journal.start_run(AT)] == [1, 2]
    if where == "a run":
        store.conn.execute("insert into runs (id, started) values (?, ?)", (poison, AT))
    else:
        store.conn.execute("insert or replace into meta values ('runs_before', ?)", (str(poison),))
    assert [store.journal.start_run(AT), store.journal.start_run(AT)] == [3, 4]
    assert store.journal.runs(1)[0].id in (4, poison if poison < 2**31 else 4)
    store.journal.go_on_from(90)
    assert store.journal.start_run(AT) == 91


def test_what_was_begun_early_is_left_alone_and_what_could_not_be_is_written_later(
    tmp_path: Path, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.clients.put(ClientState("a", "001", "SARL Dupont", 1))
    tell(store, "Achats/a.pdf")
    logs = Path(config.mirror.logs)
    logs.write_text("no directory")
    report_writing.begin_journals(config, store, 1, AT)
    logs.unlink()
    report_writing.begin_journals(config, store, 1, AT)
    early = written(config)
    assert "Achats/a.pdf" in early[".log"] and early[".csv"].count("\r\n") == 2
    with monkeypatch.context() as patch:
        patch.setattr(report_writing, "month_rows", None)  # nobody asks again
        report_writing.write_journals(config, store, {"001": "SARL Dupont"}, MONTH)
    assert written(config) == early


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Files that another program has open as a spreadsheet on Windows has: they can be read, not written, renamed or replaced."""
    names: set[Path] = set()

    def refused(*paths: object) -> None:
        for path in paths:
            if Path(str(path)) in names:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))

    opened, replace, moved = private.opened_like_above, Path.replace, rename.move_no_replace
    monkeypatch.setattr(private, "opened_like_above", lambda path, flags: refused(path) or opened(path, flags))
    monkeypatch.setattr(Path, "replace", lambda self, target: refused(self, target) or replace(self, target))
    monkeypatch.setattr(rename, "move_no_replace", lambda a, b: refused(a) or moved(a, b))
    return names


def cabinet(tmp_path: Path, *codes: str) -> Any:
    store = open_store(tmp_path)
    for n, code in enumerate(codes):
        store.clients.put(ClientState(f"client-{n}", code, f"Client {code}", 1))
    return store


def happened(store: Any, run: int, *lines: tuple[str, str], at: float = AT) -> RunResult:
    """Events of a run, (code, path) each; how it ended."""
    for code, path in lines:
        store.journal.record(run, at, Event(code, "upload", path, size=5))
    return RunResult(run=run, started=at, verdict=Verdict.DONE, counts={"uploaded": len(lines)})


def journal_of(config: Any, code: str, suffix: str = ".csv", month: str = MONTH) -> Path:
    (found,) = Path(config.mirror.logs, "clients").glob(f"{code} - */{month}{suffix}")
    return found


def test_a_journal_open_in_a_spreadsheet_holds_up_no_other_and_is_continued_once_it_is_closed(
    tmp_path: Path, config: Any, held: set[Path]
) -> None:
    store = cabinet(tmp_path, "001", "002", "003")
    report_writing.write_reports(config, store, happened(store, 1, ("001", "a"), ("002", "a")), ["text"])
    held.add(journal_of(config, "001"))
    with pytest.raises(
        JournalsHeld, match=r"001 - Client 001/2026-11.csv' ne peut pas être écrit \(Permission denied\)\. Fermez-le"
    ):
        report_writing.write_reports(
            config, store, happened(store, 2, *((c, "b.pdf") for c in ("001", "002", "003"))), ["text"]
        )
    for code in ("002", "003"):
        assert all("b.pdf" in journal_of(config, code, form).read_text() for form in (".csv", ".log")), code
    assert "b.pdf" in journal_of(config, "001", ".log").read_text()  # that one nobody has open
    assert "b.pdf" not in journal_of(config, "001").read_text()
    assert len(list(Path(config.mirror.logs).rglob("runs/**/*.log"))) == 2
    with pytest.raises(JournalsHeld):  # whatever the next pass is about
        report_writing.write_reports(config, store, happened(store, 3, ("002", "c.pdf")), ["text"])
    held.clear()
    report_writing.write_reports(config, store, happened(store, 4), ["text"])  # a pass that did nothing
    for form in (".csv", ".log"):
        said = journal_of(config, "001", form).read_text()
        assert [said.count(name) for name in ("a", "b.pdf")][1] == 1, said
    before = {path: path.stat().st_mtime_ns for path in Path(config.mirror.logs).rglob("2026-11.*")}
    report_writing.write_reports(config, store, happened(store, 5), ["text"])
    assert before == {path: path.stat().st_mtime_ns for path in Path(config.mirror.logs).rglob("2026-11.*")}
    assert not [p for p in Path(config.mirror.logs).rglob("*") if p.name.startswith(".") or "avant" in p.name]


def test_a_journal_that_stays_held_is_trouble_after_a_day_and_only_said_until_then(
    tmp_path: Path, config: Any, held: set[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = cabinet(tmp_path, "001")
    clock = [AT]
    monkeypatch.setattr("syncd.wiring.report_writing.time.time", lambda: clock[0])
    report_writing.write_reports(config, store, happened(store, 1, ("001", "a.pdf")), ["text"])
    held.add(journal_of(config, "001"))
    result = happened(store, 2, ("001", "b.pdf"))
    assert reporting.kept(config, store, result, ["text"], warn) == result
    assert "Fermez-le là où il est ouvert" in capsys.readouterr().err and not store.progress.read().reports_unwritten
    for clock[0] in (AT + 80_000, AT + 90_000):
        report_writing.keep_journals(config, store)
        shown = reporting.kept(config, store, happened(store, 3), ["text"], warn)
        assert capsys.readouterr().err.count("\n") == 1
    assert shown.exit_code == 3 and "2026-11.csv" in shown.unwritten == store.progress.read().reports_unwritten
    assert len(list(Path(config.mirror.logs).rglob("runs/**/*.log"))) == 2, "a pass that did nothing writes nothing"
    held.clear()
    report_writing.keep_journals(config, store)
    assert not report_writing.held(store)
    assert reporting.kept(config, store, happened(store, 4), ["text"], warn).exit_code == 0
    assert not store.progress.read().reports_unwritten and not capsys.readouterr().err


def test_what_is_missing_in_a_month_that_is_over_comes_into_that_month(
    tmp_path: Path, config: Any, held: set[Path]
) -> None:
    store = cabinet(tmp_path, "001", "002")
    report_writing.write_reports(config, store, happened(store, 1, ("001", "a.pdf")), ["text"])
    held.add(november := journal_of(config, "001"))
    with pytest.raises(JournalsHeld):
        report_writing.write_reports(config, store, happened(store, 2, ("001", "b.pdf")), ["text"])
    december = AT + 10 * 86_400
    with pytest.raises(JournalsHeld):
        report_writing.write_reports(config, store, happened(store, 3, ("001", "c.pdf"), at=december), ["text"])
    assert "c.pdf" in journal_of(config, "001", month="2026-12").read_text()
    held.clear()
    report_writing.write_reports(config, store, happened(store, 4, ("002", "d.pdf"), at=december), ["text"])
    assert "b.pdf" in november.read_text() and "c.pdf" not in november.read_text()
    assert journal_of(config, "001", month="2026-12").read_text().count("c.pdf") == 1


def test_a_journal_that_is_new_or_was_cut_and_is_held_leaves_nothing_lying(
    tmp_path: Path, config: Any, held: set[Path]
) -> None:
    store = cabinet(tmp_path, "001", "002")
    report_writing.write_reports(config, store, happened(store, 1, ("001", "a.pdf"), ("002", "a.pdf")), ["text"])
    cut, gone = journal_of(config, "001"), journal_of(config, "002")
    cut.write_text("cut")
    gone.write_text("")  # as good as not there, and held
    held |= {cut, gone}
    for run in (2, 3, 4):
        with pytest.raises(JournalsHeld, match="ainsi qu'un autre"):
            report_writing.write_reports(
                config, store, happened(store, run, ("001", "b.pdf"), ("002", "b.pdf")), ["text"]
            )
    assert sorted(p.name for p in cut.parent.iterdir()) == ["2026-11.csv", "2026-11.log"] and cut.read_text() == "cut"
    with pytest.raises(JournalsHeld):
        report_writing.rebuild_journals(config, store)
    held.clear()
    assert report_writing.rebuild_journals(config, store) == 2
    assert all(path.read_text().count("b.pdf") == 3 for path in (cut, gone))
    assert next(cut.parent.glob("2026-11 (avant le *).csv")).read_text() == "cut"


def test_a_days_report_that_is_held_gives_the_pass_a_report_of_its_own(
    tmp_path: Path, config: Any, held: set[Path]
) -> None:
    store = cabinet(tmp_path, "001")
    report_writing.write_reports(config, store, happened(store, 1, ("001", "a.pdf")), ["text one\n"], day=True)
    (day,) = Path(config.mirror.logs).rglob("runs/**/*.log")
    held.add(day)
    report_writing.write_reports(config, store, happened(store, 2, ("001", "b.pdf")), ["text two\n"], day=True)
    (own,) = Path(config.mirror.logs).rglob("runs/**/*_000002.log")
    assert own.read_text() == "text two\n" and "b.pdf" in day.with_suffix(".json").read_text()
    assert "b.pdf" in journal_of(config, "001").read_text()
    held.clear()
    report_writing.write_reports(config, store, happened(store, 3, ("001", "c.pdf")), ["text three\n"], day=True)
    assert day.read_text().count("text") == 2 and not list(day.parent.glob("*_000003*"))


def test_lines_of_a_run_client_by_client_are_all_of_them_in_their_order(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for run in (1, 2):
        for n in range(20):
            client = ("b", "", "a")[n % 3]
            store.journal.record(run, 1000.0 - n, Event(client, "upload", f"{run}/{n}"))
    lines = list(store.journal.run_events(2, by_client=True))
    assert [x.client for x in lines] == [""] * 7 + ["a"] * 6 + ["b"] * 7
    assert [x.path for x in lines if x.client == "b"] == [f"2/{n}" for n in range(0, 20, 3)]
    assert sorted(x.path for x in lines) == sorted(x.path for x in store.journal.run_events(2))
    assert list(store.journal.run_events(3, by_client=True)) == []


def test_a_report_is_a_piece_for_each_client_and_reads_as_one_text(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    for code in ("001", "002"):
        store.journal.record(1, AT, Event(code, "upload", "Achats/a.pdf", size=5))
    summary = {"verdict": "done", "run": 1, "started": AT, "uploaded": 2}
    pieces = report_writing.render_run(config, store, of_line(summary))
    assert [p.count("Achats/a.pdf") for p in pieces] == [0, 1, 1, 0]
    head, first, second, totals = pieces
    assert (
        head.startswith("Terminé") and "001" in first and "002" in second and totals == "Au total : 2 mis en ligne.\n"
    )
    report_writing.write_reports(config, store, of_line(summary), pieces)
    (kept,) = Path(config.mirror.logs).rglob("runs/**/*.log")
    assert kept.read_text() == "".join(pieces) and "\n\n\n" not in kept.read_text()
    assert "".join(report_writing.render_run(config, store, of_line({**summary, "run": 2, "uploaded": 0}))).endswith(
        "à jour.\n"
    )


def test_journals_and_report_of_many_documents_pass_through_and_are_not_held(tmp_path: Path, config: Any) -> None:
    store = open_store(tmp_path)
    store.clients.put(ClientState("a", "001", "SARL Dupont", 1))
    with store.atomic():
        for n in range(20_000):
            path = f"Achats/facture {n:05d}.pdf"
            store.journal.record(1, AT, Event("001", "upload", path, size=5))
    summary = {"verdict": "done", "run": 1, "started": AT, "uploaded": 20_000}
    assert (
        peak(
            lambda: report_writing.write_reports(
                config, store, of_line(summary), report_writing.render_run(config, store, of_line(summary))
            )
        )
        < 2_000_000
    )
    early = written(config)
    assert early[".csv"].count("\r\n") == 20_001 and early[".log"].count("facture") == 20_000
