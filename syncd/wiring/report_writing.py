"""What a run leaves to be read: reports and journals, from the stream into the cabinet's directory of logs."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core.brand_colour import sound
from syncd.core.errors import JournalsHeld, SyncdError, UsageError
from syncd.core.reasons import OF_THE_CABINET, STORMS, Family, family
from syncd.core.run_result import RunResult
from syncd.core.time_units import DAY
from syncd.core.verdicts import Verdict
from syncd.core.words import commands
from syncd.engine import unexpected_errors
from syncd.ports.state import HeldJournals
from syncd.report import journal, report_files, run_report
from syncd.report.message import Sender, reachable
from syncd.report.open_problems import Held, Refused, Standing
from syncd.state.journal import Written
from syncd.state.store import Store
from syncd.wiring.assembly import names


def render_run(config: Config, state: Store, result: RunResult) -> list[str]:
    """A run's report in the cabinet's language, from its events in the stream; in pieces."""
    at = local_time(config, result.started)
    events = state.journal.run_events(result.run, by_client=True)
    return run_report.render(result, events, names(state), at, config.language, standing(state))


def standing(state: Store, follows: Callable[[str], bool] = lambda code: True) -> Standing:
    """What was told and still holds, of the clients that somebody `follows`."""
    codes = {r.id: r.code for r in state.clients.all() if follows(r.code)}
    told, cabinet = list[Refused](), list[Refused]()
    for r in state.journal.open_reports():
        if r.client in codes or r.reason in OF_THE_CABINET:
            of = told if r.client in codes else cabinet
            of.append(Refused(codes.get(r.client, ""), r.path, r.reason, r.since, r.detail))
    return Standing(
        [
            Held(codes[w.client], w.reason, w.lines, w.since, w.declined_by, w.declined_at)
            for w in state.guards.waiting()
            if w.client in codes
        ],
        [r for r in told if family(r.reason) in (Family.REFUSAL, Family.PROBLEM) or r.reason in STORMS],
        [r for r in told if family(r.reason) is Family.STOP],
        cabinet,
    )


def sender(config: Config, state: Store) -> Sender:
    """The cabinet as its mails show it, by what the portal last said of it."""
    told, home = state.progress.read(), reachable(config.portal.url)
    return Sender(told.cabinet_name, sound(told.cabinet_colour), f"{home}/logo" if home and told.cabinet_logo else "")


def write_reports(config: Config, state: Store, result: RunResult, text: Sequence[str], *, day: bool = False) -> None:
    """The run's files and the touched clients' journals; a pass that did nothing writes nothing, but for journals that
    could not be written before.

    `day`: into the day's file, one section per pass (a pass that events started). Raises OSError, JournalsHeld; either
    once everything else has been written.
    """
    run, at = result.run, local_time(config, result.started)
    quiet = next(state.journal.run_text(run), None) is None and (result.verdict is Verdict.DONE or day)
    if not quiet or (
        state.progress.read().reports_unwritten and not held(state)
    ):  # the next one shows that it can be written again
        try:
            _write_run(config, state, result, text, day=day)
        except OSError:
            with contextlib.suppress(JournalsHeld):
                _write_journals_of(config, state, run, at)
            raise
    _write_journals_of(config, state, run, at)


def _write_run(config: Config, state: Store, result: RunResult, text: Sequence[str], *, day: bool) -> None:
    run, at, logs = result.run, local_time(config, result.started), Path(config.mirror.logs)

    def lines() -> Iterator[str]:
        for line in state.journal.run_text(run):
            yield f"{line}\n"
        yield json.dumps(result.as_dict(), ensure_ascii=False) + "\n"

    own: list[tuple[Path, Iterable[str]]] = []
    for suffix, section, whole in ((".log", [*text, "\n", report_files.RULE], text), (".json", lines(), lines())):
        try:
            if day:
                report_files.append(report_files.day_path(logs, at, suffix), section)
                continue
        except OSError:  # another program may have the day's file open: the pass gets its own
            pass
        own.append((report_files.run_path(logs, at, run, suffix), whole))
    report_files.write_all(own)


PATIENCE = DAY  # seconds that a journal may be open in a spreadsheet before that is trouble


def keep_reports(config: Config, state: Store, result: RunResult, text: Sequence[str], *, day: bool = False) -> str:
    """As `write_reports`; why they could not be written, '' when they were. It is remembered: people are told by other ways.
    Journals that are held count after PATIENCE; until then `held` alone says it.
    """
    why = ""
    try:
        write_reports(config, state, result, text, day=day)
    except OSError as e:
        why = f"{e.strerror or e}" + (f" '{e.filename}'" if e.filename else "")
    except JournalsHeld as e:
        why = str(e) if e.since < time.time() - PATIENCE else ""
    except SyncdError as e:
        why = str(e)
    except Exception as e:
        why = f"unexpected error ({unexpected_errors.note('report', e)})"
    with contextlib.suppress(SyncdError):
        if why != state.progress.read().reports_unwritten:
            state.progress.change(reports_unwritten=why)
    return why


def begin_journals(config: Config, state: Store, run: int, started: float) -> None:
    """What a run told until now. Whatever fails here fails again in `write_reports`, when the run has ended."""
    with contextlib.suppress(Exception):
        _write_journals_of(config, state, run, local_time(config, started))


def _write_journals_of(config: Config, state: Store, run: int, at: datetime) -> None:
    codes = state.journal.clients_of(run)
    called = names(state) if codes else {}
    told = {code: called[code] for code in codes if code in called}
    write_journals(config, state, told, f"{at:%Y-%m}")


def write_journals(config: Config, state: Store, clients: Mapping[str, str], month: str) -> None:
    """The journals of `YYYY-MM` of clients (code → name), from the stream: continued where they were left. What is there
    already is never written over: an earlier state's lines stay, and a journal somebody cut keeps a name of its own.

    A journal's fault stays its own (on Windows, a spreadsheet that has it open): the others are written, and that one at
    the next call, whatever that is about. Once all have been tried, raises JournalsHeld; OSError where one cannot be written
    for another reason than that somebody has it.
    """
    note = state.progress.read().journals_held
    called = {**(names(state) if note.months else {}), **clients}
    faults: dict[Path, OSError] = {}
    months: dict[str, list[str]] = {}
    for due in sorted({month, *note.months}):
        codes = {*note.months.get(due, ()), *(clients if due == month else ())}
        if not codes:
            continue
        known = {code: called[code] for code in sorted(codes & called.keys())}
        found, left = _write_month(config, state, known, due)
        faults |= found
        if left:
            months[due] = left
    now = HeldJournals(note.since or time.time(), _said(faults, config.language), months) if faults else HeldJournals()
    if now != note:
        state.progress.change(journals_held=now)
    for fault in faults.values():
        if not isinstance(fault, PermissionError):  # nobody has it open: the disk, or what stands in its place
            raise fault
    if faults:
        raise JournalsHeld(now.said, since=now.since)


def keep_journals(config: Config, state: Store) -> None:
    """Those that could not be written before are tried again, and no others; see `held`."""
    if months := state.progress.read().journals_held.months:
        with contextlib.suppress(JournalsHeld, OSError):
            write_journals(config, state, {}, max(months))


def held(state: Store) -> str:
    """A sentence about the journals that could not be written for now; '' where there are none."""
    return state.progress.read().journals_held.said


def _said(faults: Mapping[Path, OSError], language: str) -> str:
    path, fault = next(iter(faults.items()))
    others = {1: "", 2: commands.ANOTHER(language)}.get(len(faults), commands.OTHERS(language, number=len(faults) - 1))
    return commands.JOURNAL_HELD(language, path=path, why=fault.strerror or fault, others=others)


def _write_month(
    config: Config, state: Store, clients: Mapping[str, str], month: str
) -> tuple[dict[Path, OSError], list[str]]:
    """Which files could not be written, and the codes of their clients."""
    last, now = state.journal.last(), datetime.now(ZoneInfo(config.timezone))
    anew, due = list[tuple[Path, Iterable[str]]](), dict[str, tuple[Path, Path]]()
    faults: dict[Path, OSError] = {}
    for code, name in clients.items():
        pair = _journal_paths(config, code, name, month)
        before = state.journal.written(code)
        sizes = [report_files.size(path) for path in pair]
        if before == Written(month, last, *sizes):
            continue
        due[code] = pair
        going_on = before is not None and before.month == month
        known, after = ((before.text, before.table), before.last) if before is not None and going_on else ((-1, -1), 0)
        more = _rows_for_both(functools.partial(month_rows, config, state, code, month, after=after))
        forms = (journal.lines, journal.more_rows)
        for page, was, form in zip(journal_files(config, state, code, name, month), known, forms, strict=True):
            try:
                if not _continued(page, was, functools.partial(_form, form, more, config.language), now):
                    anew.append(page)
            except OSError as e:
                faults[page[0]] = e
    faults |= report_files.write_each(anew)
    left = [code for code, pair in due.items() if faults.keys() & set(pair)]
    with state.atomic():
        for code in due.keys() - set(left):
            text, table = due[code]
            state.journal.set_written(code, Written(month, last, report_files.size(text), report_files.size(table)))
    return faults, left


HELD = 10_000  # rows of one client that are kept for its second file


def _rows_for_both(rows: Callable[[], Iterator[journal.Row]]) -> Callable[[], Iterable[journal.Row]]:
    """Read once for both of a client's files, unless there are very many: then again for each."""
    held: list[journal.Row] | None = None

    def read() -> Iterable[journal.Row]:
        nonlocal held
        if held is not None:
            return held
        coming = rows()
        first = list(itertools.islice(coming, HELD + 1))
        if len(first) <= HELD:
            held = first
            return held
        return itertools.chain(first, coming)

    return read


def _continued(page: tuple[Path, Iterable[str]], was: int, rest: Callable[[], Iterable[str]], now: datetime) -> bool:
    """Append what is missing; False where the file is to be written anew, since it is not there, or no more."""
    path, whole = page
    size = report_files.size(path)
    if size <= 0:
        return False
    if size < was:
        report_files.set_aside(path, now)
        return False
    if was < 0:
        report_files.go_on(path, 0, whole, rest)
    else:
        report_files.go_on(path, was, rest(), rest)
    return True


def _form(
    form: Callable[..., Iterable[str]], rows: Callable[[], Iterable[journal.Row]], language: str
) -> Iterable[str]:
    return form(rows(), language)


def _journal_paths(config: Config, code: str, name: str, month: str) -> tuple[Path, Path]:
    logs = Path(config.mirror.logs)
    return report_files.journal_path(logs, code, name, month, ".log"), report_files.journal_path(
        logs, code, name, month, ".csv"
    )


def journal_files(
    config: Config, state: Store, code: str, name: str, month: str
) -> Iterator[tuple[Path, Iterable[str]]]:
    """A client's journal of `YYYY-MM`, both files, whole."""
    rows = functools.partial(month_rows, config, state, code, month)
    text, table = _journal_paths(config, code, name, month)
    yield text, journal.text(f"{code} - {name} : {month}", rows(), config.language)
    yield table, journal.table(rows(), config.language)


def rebuild_journals(config: Config, state: Store) -> int:
    """Every journal there ever was, written anew; how many. What lies there otherwise keeps a name of its own. Raises
    JournalsHeld once all have been tried."""
    zone, called = ZoneInfo(config.timezone), names(state)
    now = datetime.now(zone)
    wanted = {
        (event.client, f"{datetime.fromtimestamp(at, zone):%Y-%m}")
        for at, event in state.journal.events() if event.client in called and event.action != "waiting"
    }  # fmt: skip
    faults: dict[Path, OSError] = {}
    for code, month in sorted(wanted):
        for path, pieces in journal_files(config, state, code, called[code], month):
            try:
                if report_files.size(path) > 0 and not report_files.same(path, pieces):
                    report_files.set_aside(path, now)
            except OSError as e:
                faults[path] = e
        pages = [p for p in journal_files(config, state, code, called[code], month) if p[0] not in faults]
        faults |= report_files.write_each(pages)
    if faults:
        raise JournalsHeld(_said(faults, config.language))
    return len(wanted)


def month_rows(config: Config, state: Store, code: str, month: str, *, after: int = 0) -> Iterator[journal.Row]:
    """Events of a client in `YYYY-MM`, in local time, as they are read. Raises UsageError for another form of month."""
    zone = ZoneInfo(config.timezone)
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f"'{month}' is no month.", mend="Write it as 2026-11.") from None
    end = start.replace(year=start.year + (start.month == 12), month=start.month % 12 + 1)
    found = state.journal.events(client=code, start=start.timestamp(), end=end.timestamp(), after=after)
    return ((datetime.fromtimestamp(when, zone), event) for when, event in found)
