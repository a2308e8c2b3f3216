"""Where things stand, for `syncd status`: read from the file as it is, in one view that can write nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from syncd.state.file_name import FILE

_CLIENTS = (
    "select c.code, c.name, c.closed, c.listed, c.recovery, coalesce(d.n, 0), coalesce(d.gone, 0), w.reasons, w.n, t.reasons"
    " from clients c"
    " left join (select client, sum(left_here = 0) n, sum(left_here) gone from base_documents group by client) d on d.client = c.id"
    " left join (select client, group_concat(reason) reasons, sum((select count(*) from json_each(lines)"
    "   where json_extract(value, '$.action') not in ('make_folder', 'record', 'forget'))) n from waiting group by client) w"
    "   on w.client = c.id"
    " left join (select client, group_concat(reason) reasons from told group by client) t on t.client = c.id"
    # one that the portal lost and that was made anew is the new one
    " where (?1 is null or c.code = ?1) and not (c.closed and exists (select 1 from clients n where n.code = c.code and not n.closed))"
    " order by c.code"
)
_DECLINED = (
    "select c.code, json_group_array(json_array(w.reason, w.declined_by, w.declined_at)) from waiting w"
    " join clients c on c.id = w.client where w.declined_at > 0 group by c.code"
)


class LastRun(NamedTuple):
    """`ended`: None while it goes on. `reason`, `cause`: why it was given up. Times are seconds since 1970."""

    run: int
    started: float
    verdict: str
    exit_code: int | None
    ended: float | None
    reason: str
    cause: str


class Declined(NamedTuple):
    reason: str
    by: str
    at: float


class ClientOverview(NamedTuple):
    """`left`: documents that stay online only. `waiting`, `reports`: reasons; `held`: how many changes wait."""

    code: str
    name: str
    closed: bool
    listed: bool
    restored: tuple[str, ...]
    documents: int
    left: int
    waiting: tuple[str, ...]
    held: int
    reports: tuple[str, ...]
    declined: tuple[Declined, ...]


class Overview(NamedTuple):
    """`outbox`: how much the portal has yet to be told; `mails`: how many are to go out, `mails_failed`: after an attempt.
    `…_since`: the oldest, seconds since 1970. `reports`: how many hold, by reason."""

    last: LastRun | None
    clients: tuple[ClientOverview, ...]
    portal_seen: float
    next_full: float
    outbox: int
    outbox_since: float | None
    mails: int
    mails_since: float | None
    mails_failed: int
    reports: Mapping[str, int]


class Unreadable(Exception):
    """The state's database is of another version, or damaged."""


def overview(directory: Path, client: str | None = None) -> Overview:
    """`client`: the code of the one that is asked about. Raises Unreadable; what the system forbids is sqlite3's own error."""
    uri = f"{(directory / FILE).as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as conn:
        try:
            conn.execute("begin")  # all of it as at one moment
            return _overview(conn, client)
        except sqlite3.OperationalError as e:
            from syncd.state.file_access import refusal

            if refusal(e) is not None:
                raise
            raise Unreadable(str(e)) from None


def _overview(conn: sqlite3.Connection, client: str | None) -> Overview:
    declined = dict(conn.execute(_DECLINED).fetchall())
    clients = tuple(_client(row, declined.get(row[0], "[]")) for row in conn.execute(_CLIENTS, (client,)).fetchall())
    meta = dict(conn.execute("select key, value from meta where key in ('portal_seen', 'next_full')").fetchall())
    (mails, mails_since) = conn.execute("select count(*), min(made) from mails").fetchone()
    first = conn.execute("select body from outbox where kind = 'receipt' order by row limit 1").fetchone()
    return Overview(
        _last(conn), clients, float(meta.get("portal_seen", 0)), float(meta.get("next_full", 0)),
        conn.execute("select count(*) from outbox").fetchone()[0], json.loads(first[0]).get("at") if first else None,
        mails, mails_since, conn.execute("select count(*) from mails where attempts > 0").fetchone()[0],
        dict(conn.execute("select reason, count(*) from told group by reason").fetchall()),
    )  # fmt: skip


def _last(conn: sqlite3.Connection) -> LastRun | None:
    sql = "select id, started, verdict, exit_code, ended, summary from runs order by id desc limit 1"
    row = conn.execute(sql).fetchone()
    if row is None:
        return None
    run, started, verdict, exit_code, ended, summary = row
    line = json.loads(summary or "{}")
    return LastRun(run, started, verdict, exit_code, ended, line.get("reason", ""), line.get("cause", ""))


def _client(row: Any, declined: str) -> ClientOverview:
    code, name, closed, listed, recovery, documents, left, waiting, held, reports = row
    return ClientOverview(
        code, name, bool(closed), bool(listed), _split(recovery), documents, left, _split(waiting), held or 0,
        _split(reports), tuple(Declined(*d) for d in json.loads(declined)),
    )  # fmt: skip


def _split(joined: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (joined or "").split(",")))
