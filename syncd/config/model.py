"""The keys of the configuration, their types and defaults."""

from __future__ import annotations

import msgspec

from syncd.schedule.calendar import Bandwidth
from syncd.schedule.job import Job


class MirrorKeys(msgspec.Struct, frozen=True):
    root: str = ""
    state: str = ""
    logs: str = ""
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class PortalKeys(msgspec.Struct, frozen=True):
    url: str = ""
    token_file: str = ""
    ca_file: str = ""


class ScheduleKeys(msgspec.Struct, frozen=True):
    """Seconds."""

    interval: float = 900.0
    settle: float = 2.0
    bandwidth: Bandwidth = msgspec.field(default_factory=Bandwidth)


class GuardKeys(msgspec.Struct, frozen=True):
    max_changes: int = 20
    max_share: float = 0.20
    first_publication: str = "ask"


class MailKeys(msgspec.Struct, frozen=True):
    smtp: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    send_at: tuple[str, ...] = ("18:00",)
    language: str = "fr"
    send: str = "digest"
    user: str = ""
    password_file: str = ""


class RecipientKeys(msgspec.Struct, frozen=True):
    """Somebody who gets mail of a portfolio: `clients` (codes), and those whose card on the portal names one of `sites` …

    Neither: all clients. `trouble`: told at once as well.
    """

    address: str = ""
    clients: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    responsibles: tuple[str, ...] = ()
    trouble: bool = True


class MonitorKeys(msgspec.Struct, frozen=True):
    """`ping`: an address that is told of each pass's start and end, for whoever watches from outside."""

    ping: str = ""


class Config(msgspec.Struct, frozen=True):
    mirror: MirrorKeys = msgspec.field(default_factory=MirrorKeys)
    portal: PortalKeys = msgspec.field(default_factory=PortalKeys)
    schedule: ScheduleKeys = msgspec.field(default_factory=ScheduleKeys)
    guards: GuardKeys = msgspec.field(default_factory=GuardKeys)
    mail: MailKeys = msgspec.field(default_factory=MailKeys)
    monitor: MonitorKeys = msgspec.field(default_factory=MonitorKeys)
    jobs: tuple[Job, ...] = ()
    recipients: tuple[RecipientKeys, ...] = ()
    language: str = "fr"
    timezone: str = "Europe/Paris"


# key → kind; `required` ones have no default. The names are those of the file.
KEYS: dict[str, dict[str, str]] = {
    "": {"language": "language", "timezone": "timezone"},
    "mirror": {"root": "path!", "state": "path!", "logs": "path!", "exclude": "texts", "ignore": "patterns"},
    "portal": {"url": "url!", "token_file": "path!", "ca_file": "path"},
    "schedule": {"interval": "interval", "settle": "duration", "bandwidth": "bandwidth"},
    "guards": {"max_changes": "count", "max_share": "share", "first_publication": "ask|allow"},
    "mail": {
        "smtp": "smtp",
        "from": "mail",
        "to": "mails",
        "send_at": "times",
        "language": "language",
        "send": "digest|each",
        "user": "text",
        "password_file": "path",
    },
    "monitor": {"ping": "url"},
}

# tables that may stand several times
LISTS: dict[str, dict[str, str]] = {
    "job": {
        "name": "text!",
        "when": "calendar!",
        "clients": "texts",
        "start": "date",
        "active": "flag",
        "max_duration": "interval",
    },
    "recipient": {
        "address": "mail!",
        "clients": "texts",
        "sites": "texts",
        "groups": "texts",
        "sectors": "texts",
        "responsibles": "texts",
        "trouble": "flag",
    },
}
