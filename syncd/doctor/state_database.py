"""The state database: whole, its stream of events unbroken, and what it is still reconciling."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from syncd.config.model import Config
from syncd.core import words
from syncd.core.errors import AlreadyRunning, SyncdError
from syncd.core.reasons import Family, family
from syncd.core.words import doctor as said
from syncd.disk import private
from syncd.doctor.finding import Finding, Level, failed
from syncd.wiring import assembly
from syncd.wiring.assembly import Store


def examine(config: Config) -> Iterator[Finding]:
    language = config.language
    yield from _token(config)
    yield from _closed(config)
    directory = Path(config.mirror.state)
    if not (directory / "state.db").exists():
        yield Finding("state", Level.WARNING, said.NO_STATE(language), said.NO_STATE_MEND(language))
        return
    try:
        damaged = assembly.state_faults(config)
    except SyncdError as e:
        yield failed("state", e, language)
        return
    if damaged:
        yield Finding("state", Level.BAD, said.DAMAGED(language), said.DAMAGED_MEND(language), code=1)
        return
    yield Finding("state", Level.OK, said.STATE(language))
    try:
        store = assembly.store(config, writes=False)
    except SyncdError as e:
        yield failed("state", e, language)
        return
    with contextlib.closing(store):
        yield from _events(store, language)
    try:
        with assembly.lock(config):
            pass
    except AlreadyRunning:
        yield Finding("lock", Level.OK, said.RUNNING(language))


def _events(store: Store, language: str) -> Iterator[Finding]:
    if (at := store.journal.broken_link()) is not None:
        text = said.JOURNAL_BROKEN(language, at=at)
        yield Finding("journal", Level.BAD, text, said.JOURNAL_MEND(language), code=3)
    else:
        yield Finding("journal", Level.OK, said.JOURNAL(language))
    yield from _stopped(store, language)
    for row in store.clients.all():
        for mark in sorted(row.recovery) if not row.closed else ():
            what = said.RECOVERING[mark](language)
            text = said.OF_CLIENT(language, code=row.code, name=row.name, what=what)
            yield Finding("recovery", Level.WARNING, text, said.GOES_ON(language))


def _stopped(store: Store, language: str) -> Iterator[Finding]:
    """Clients that the last look at them left alone, and why."""
    rows = {r.id: r for r in store.clients.all() if not r.closed}
    for told in store.journal.open_reports():
        if told.client in rows and family(told.reason) is Family.STOP:
            client, why = rows[told.client], words.reason(told.reason, told.detail, language)
            text = said.OF_CLIENT(language, code=client.code, name=client.name, what=f"{why}.")
            mend = said.UNMARKED(language) if told.reason == "stop_client_marker" else ""
            yield Finding("client", Level.BAD, text, mend, code=3)


def _closed(config: Config) -> Iterator[Finding]:
    """Whether the machine's other accounts may look into what tells of every client."""
    language = config.language
    if os.name != "posix":
        state = Path(config.mirror.state)
        if state.exists() and (who := private.readers(state)):
            text = said.READABLE_BY(language, place=state, who=", ".join(who))
            yield Finding("private", Level.WARNING, text, said.READABLE_BY_MEND(language))
        else:
            yield Finding("private", Level.OK, said.STATE_CLOSED(language))
        return
    wide = False
    places = ((config.mirror.state, 0o077, "chmod 700"), (config.mirror.logs, 0o007, "chmod o-rwx"))
    for place, others, mend in places:
        if Path(place).exists() and Path(place).stat().st_mode & others:
            wide = True
            yield Finding("private", Level.WARNING, said.READABLE(language, place=place), f"{mend} {place}")
    if not wide:
        yield Finding("private", Level.OK, said.BOTH_CLOSED(language))


def _token(config: Config) -> Iterator[Finding]:
    language = config.language
    try:
        assembly.token(config)
    except SyncdError as e:
        yield failed("token", e, language)
        return
    path = Path(config.portal.token_file)
    if os.name == "posix" and path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding("token", Level.WARNING, said.KEY_READABLE(language, path=path), f"chmod 600 {path}")
    elif path.exists() and (who := private.readers(path)):
        text = said.KEY_READABLE_BY(language, path=path, who=", ".join(who))
        yield Finding("token", Level.WARNING, text, said.KEY_READABLE_MEND(language, path=path))
    else:
        yield Finding("token", Level.OK, said.KEY(language))
