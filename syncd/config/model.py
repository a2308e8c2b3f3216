"""The keys of the configuration, each declared once: its type, its default, and its kind (config.validators) beside it.

A kind with '!' has to be given.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec

from syncd.schedule.calendar import Bandwidth, Calendar
from syncd.schedule.job import Job

_Path = Annotated[str, "path"]
_Texts = Annotated[tuple[str, ...], "texts"]
COLUMNS: dict[str, tuple[str, ...]] = {
    "dossiers": ("code", "name", "closing", "responsible", "site"),
    "users": ("sign_in", "name", "email", "clients"),
    "par": (),
}


class MirrorKeys(msgspec.Struct, frozen=True):
    root: Annotated[str, "path!"] = ""
    state: Annotated[str, "path!"] = ""
    logs: Annotated[str, "path!"] = ""
    exclude: _Texts = ()
    ignore: Annotated[tuple[str, ...], "patterns"] = ()
    link: Annotated[bool, "flag"] = False


class PortalKeys(msgspec.Struct, frozen=True):
    url: Annotated[str, "url!"] = ""
    token_file: Annotated[str, "path!"] = ""
    ca_file: _Path = ""


class ScheduleKeys(msgspec.Struct, frozen=True):
    """Seconds."""

    interval: Annotated[float, "interval"] = 900.0
    settle: Annotated[float, "duration"] = 2.0
    bandwidth: Annotated[Bandwidth, "bandwidth"] = msgspec.field(default_factory=Bandwidth)


class GuardKeys(msgspec.Struct, frozen=True):
    max_changes: Annotated[int, "count"] = 20
    max_share: Annotated[float, "share"] = 0.20
    first_publication: Annotated[str, "ask|allow"] = "ask"


class MailKeys(msgspec.Struct, frozen=True):
    """`to`: who gets all of it; `operator`: those of them, or others, whose mails also name commands to type."""

    smtp: Annotated[str, "smtp"] = ""
    sender: Annotated[str, "mail"] = msgspec.field(name="from", default="")
    to: Annotated[tuple[str, ...], "mails"] = ()
    operator: Annotated[tuple[str, ...], "mails"] = ()
    send_at: Annotated[tuple[str, ...], "times"] = ("18:00",)
    language: Annotated[str, "language"] = "fr"
    send: Annotated[str, "digest|each"] = "digest"
    user: Annotated[str, "text"] = ""
    password_file: _Path = ""


class RecipientKeys(msgspec.Struct, frozen=True):
    """Somebody who gets mail of a portfolio: `clients` (codes), and those whose card on the portal names one of `sites` …

    Neither: all clients. `trouble`: told at once as well.
    """

    address: Annotated[str, "mail!"] = ""
    clients: _Texts = ()
    sites: _Texts = ()
    groups: _Texts = ()
    sectors: _Texts = ()
    responsibles: _Texts = ()
    trouble: Annotated[bool, "flag"] = True


class JobKeys(msgspec.Struct, frozen=True):
    """A pass of some or all clients at set times; with `migrate`, the old tree that documents are taken from instead, by the
    file `map` where its directories' names do not say whose they are."""

    name: Annotated[str, "text!"] = ""
    when: Annotated[Calendar | None, "calendar!"] = None
    clients: _Texts = ()
    start: Annotated[date | None, "date"] = None
    active: Annotated[bool, "flag"] = True
    max_duration: Annotated[float | None, "interval"] = None
    migrate: _Path = ""
    map: _Path = ""


class OldTreeKeys(msgspec.Struct, frozen=True):
    """An old tree that people at the desk may plan a migration of, by this name; `path` and `map` as of a job's."""

    name: Annotated[str, "text!"] = ""
    path: Annotated[str, "path!"] = ""
    map: _Path = ""


class MonitorKeys(msgspec.Struct, frozen=True):
    """`ping`: an address that is told of each pass's start and end, for whoever watches from outside."""

    ping: Annotated[str, "url"] = ""


class IntakeKeys(msgspec.Struct, frozen=True):
    """The share that scanners write to; no `root`: there is none. `quarantine`: below `root` where it is not said. `export`: where
    what comes for the accounting software is put. `delete`: a scan is removed once it is online, not kept in `.traites`.
    `columns`: of which fields the lines of a file are, by the file's name without its extension; `par`: what is read from files
    of parameters, `siret = Dossier/Siret`.
    """

    root: _Path = ""
    export: _Path = ""
    delete: Annotated[bool, "flag"] = False
    quarantine: _Path = ""
    columns: Annotated[dict[str, tuple[str, ...]], "columns"] = msgspec.field(default_factory=lambda: dict(COLUMNS))

    @property
    def aside(self) -> str:
        return self.quarantine or str(Path(self.root) / ".quarantaine")


class TopKeys(msgspec.Struct, frozen=True):
    language: Annotated[str, "language"] = "fr"
    timezone: Annotated[str, "timezone"] = "Europe/Paris"


class Config(msgspec.Struct, frozen=True):
    mirror: MirrorKeys = msgspec.field(default_factory=MirrorKeys)
    portal: PortalKeys = msgspec.field(default_factory=PortalKeys)
    schedule: ScheduleKeys = msgspec.field(default_factory=ScheduleKeys)
    guards: GuardKeys = msgspec.field(default_factory=GuardKeys)
    mail: MailKeys = msgspec.field(default_factory=MailKeys)
    monitor: MonitorKeys = msgspec.field(default_factory=MonitorKeys)
    intake: IntakeKeys = msgspec.field(default_factory=IntakeKeys)
    jobs: tuple[Job, ...] = ()
    recipients: tuple[RecipientKeys, ...] = ()
    old_trees: tuple[OldTreeKeys, ...] = ()
    language: str = "fr"
    timezone: str = "Europe/Paris"


def _kinds(keys: type[msgspec.Struct]) -> dict[str, str]:
    """The kind of each key, by its name in the file."""
    hints: dict[str, Any] = get_type_hints(keys, include_extras=True)
    named = zip(keys.__struct_encode_fields__, keys.__struct_fields__, strict=True)
    return {name: hints[field].__metadata__[0] for name, field in named}


# section → key → kind, by the names of the file
KEYS: dict[str, dict[str, str]] = {
    name: _kinds(keys)
    for name, keys in (
        ("", TopKeys),
        ("mirror", MirrorKeys),
        ("portal", PortalKeys),
        ("schedule", ScheduleKeys),
        ("guards", GuardKeys),
        ("mail", MailKeys),
        ("monitor", MonitorKeys),
        ("intake", IntakeKeys),
    )
}

# tables that may stand several times
LISTS: dict[str, dict[str, str]] = {
    "job": _kinds(JobKeys),
    "recipient": _kinds(RecipientKeys),
    "old_tree": _kinds(OldTreeKeys),
}
