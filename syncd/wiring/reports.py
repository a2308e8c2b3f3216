"""What a run leaves to be read: reports and journals, from the stream into the cabinet's directory of logs."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from syncd.config.model import Config
from syncd.config.times import local_time
from syncd.core import alerts
from syncd.core.errors import SyncdError, UsageError
from syncd.core.events import PROBLEMS, REFUSALS, STORMS
from syncd.engine import unexpected_errors
from syncd.report import files, journal, run_report
from syncd.report.standing import Held, Refused, Standing
from syncd.state.store import Store
from syncd.wiring.assembly import names


def render_run(config: Config, state: Store, summary: dict[str, Any]) -> list[str]:
    """A run's report in the cabinet's language, from its events in the stream; in pieces."""
    at = local_time(config, summary["started"])
    events = state.run_lines(summary["run"], by_client=True)
    return run_report.render(summary, events, names(state), at, config.language, standing(state))


def standing(state: Store, follows: Callable[[str], bool] = lambda code: True) -> Standing:
    """What was told and still holds, of the clients that somebody `follows`."""
    codes = {r.id: r.code for r in state.clients() if follows(r.code)}
    told = [Refused(codes[c], path, why, since) for c, path, why, since in state.open_reports() if c in codes]
    return Standing(
        [
            Held(codes[w.client], w.reason, w.lines, w.since, w.declined_by, w.declined_at)
            for w in state.waiting()
            if w.client in codes
        ],
        [r for r in told if r.reason in (*REFUSALS, *PROBLEMS, *STORMS)],
        [r for r in told if r.reason.startswith("stop_")],
    )


def write_reports(
    config: Config, state: Store, summary: dict[str, Any], text: Sequence[str], *, day: bool = False
) -> None:
    """The run's files and the touched clients' journals; a pass that did nothing writes nothing.

    `day`: into the day's file, one section per pass (a pass that events started).
    """
    run = summary["run"]
    quiet = next(state.run_text(run), None) is None and (summary["verdict"] == "done" or day)
    if quiet and not state.get(alerts.UNWRITTEN):  # after one that could not be written, the next shows that it can
        return
    logs, at = Path(config.mirror.logs), local_time(config, summary["started"])
    pages: list[tuple[Path, Iterable[str]]]

    def lines() -> Iterator[str]:
        for line in state.run_text(run):
            yield f"{line}\n"
        yield json.dumps(summary, ensure_ascii=False) + "\n"

    if day:
        files.append(files.day_path(logs, at, ".log"), [*text, "\n", files.RULE])
        files.append(files.day_path(logs, at, ".json"), lines())
    else:
        pages = [(files.run_path(logs, at, run, ".log"), text), (files.run_path(logs, at, run, ".json"), lines())]
        files.write_all(pages)
    _write_journals_of(config, state, run, at)


def keep_reports(
    config: Config, state: Store, summary: dict[str, Any], text: Sequence[str], *, day: bool = False
) -> str:
    """As `write_reports`; why they could not be written, '' when they were. It is remembered: people are told by other ways."""
    why = ""
    try:
        write_reports(config, state, summary, text, day=day)
    except OSError as e:
        why = f"{e.strerror or e}" + (f" '{e.filename}'" if e.filename else "")
    except SyncdError as e:
        why = str(e)
    except Exception as e:
        why = f"unexpected error ({unexpected_errors.note('report', e)})"
    with contextlib.suppress(SyncdError):
        if why != state.get(alerts.UNWRITTEN):
            state.set(alerts.UNWRITTEN, why)
    return why


def begin_journals(config: Config, state: Store, run: int, started: float) -> None:
    """What a run told until now. Whatever fails here fails again in `write_reports`, when the run has ended."""
    with contextlib.suppress(Exception):
        _write_journals_of(config, state, run, local_time(config, started))


def _write_journals_of(config: Config, state: Store, run: int, at: datetime) -> None:
    called = names(state)
    told = {code: called[code] for code in state.clients_told(run) if code in called}
    write_journals(config, state, told, f"{at:%Y-%m}")


def write_journals(config: Config, state: Store, clients: Mapping[str, str], month: str) -> None:
    """The journals of `YYYY-MM` of clients (code → name), from the stream: continued where they were left. What is there
    already is never written over: an earlier state's lines stay, and a journal somebody cut keeps a name of its own.
    """
    last, anew, left = state.last_event(), list[tuple[Path, Iterable[str]]](), dict[str, tuple[Path, Path]]()
    for code, name in clients.items():
        pair = _journal_paths(config, code, name, month)
        mark = state.get(f"journal {code}").split()
        sizes = [files.size(path) for path in pair]
        if mark == [month, str(last), *map(str, sizes)]:
            continue
        left[code] = pair
        known = [int(size) for size in mark[2:4]] if mark[:1] == [month] else [-1, -1]
        after = int(mark[1]) if mark[:1] == [month] else 0
        more = functools.partial(month_rows, config, state, code, month, after=after)
        for (path, whole), size, was, form in zip(
            journal_files(config, state, code, name, month),
            sizes,
            known,
            (journal.lines, journal.more_rows),
            strict=True,
        ):
            rest = functools.partial(_form, form, more, config.language)
            if size <= 0:
                anew.append((path, whole))
            elif size < was:
                files.set_aside(path, datetime.now(ZoneInfo(config.timezone)))
                anew.append((path, whole))
            elif was < 0:
                files.go_on(path, 0, whole, rest)
            else:
                files.go_on(path, was, rest(), rest)
    files.write_all(anew)
    with state.atomic():
        for code, (text, table) in left.items():
            state.set(f"journal {code}", f"{month} {last} {files.size(text)} {files.size(table)}")


def _form(
    form: Callable[..., Iterable[str]], rows: Callable[[], Iterable[journal.Row]], language: str
) -> Iterable[str]:
    return form(rows(), language)


def _journal_paths(config: Config, code: str, name: str, month: str) -> tuple[Path, Path]:
    logs = Path(config.mirror.logs)
    return files.journal_path(logs, code, name, month, ".log"), files.journal_path(logs, code, name, month, ".csv")


def journal_files(
    config: Config, state: Store, code: str, name: str, month: str
) -> Iterator[tuple[Path, Iterable[str]]]:
    """A client's journal of `YYYY-MM`, both files, whole."""
    rows = functools.partial(month_rows, config, state, code, month)
    text, table = _journal_paths(config, code, name, month)
    yield text, journal.text(f"{code} - {name} : {month}", rows(), config.language)
    yield table, journal.table(rows(), config.language)


def rebuild_journals(config: Config, state: Store) -> int:
    """Every journal there ever was, written anew; how many. What lies there otherwise keeps a name of its own."""
    zone, called = ZoneInfo(config.timezone), names(state)
    now = datetime.now(zone)
    wanted = {
        (str(line["client"]), f"{datetime.fromtimestamp(at, zone):%Y-%m}")
        for at, line in state.events() if line.get("client") in called and line["action"] != "waiting"
    }  # fmt: skip
    for code, month in sorted(wanted):
        for path, pieces in journal_files(config, state, code, called[code], month):
            if files.size(path) > 0 and not files.same(path, pieces):
                files.set_aside(path, now)
        files.write_all(journal_files(config, state, code, called[code], month))
    return len(wanted)


def month_rows(config: Config, state: Store, code: str, month: str, *, after: int = 0) -> Iterator[journal.Row]:
    """Events of a client in `YYYY-MM`, in local time, as they are read. Raises UsageError for another form of month."""
    zone = ZoneInfo(config.timezone)
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f"'{month}' is no month.", mend="Write it as 2026-11.") from None
    end = start.replace(year=start.year + (start.month == 12), month=start.month % 12 + 1)
    found = state.events(client=code, start=start.timestamp(), end=end.timestamp(), after=after)
    return ((datetime.fromtimestamp(when, zone), line) for when, line in found)
