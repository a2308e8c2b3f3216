"""Reading: file, then SYNCD_SECTION_KEY over it, then checks."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from syncd.config.durations import duration
from syncd.config.model import (
    KEYS,
    LISTS,
    Config,
    GuardKeys,
    MailKeys,
    MirrorKeys,
    MonitorKeys,
    PortalKeys,
    RecipientKeys,
    ScheduleKeys,
)
from syncd.core.address import safe
from syncd.core.errors import UsageError
from syncd.core.mail_address import mail_address, server
from syncd.core.plain import decoded
from syncd.schedule.calendar import bandwidth, calendar, clock_time
from syncd.schedule.job import Job

MOST = 1_000_000_000
NETWORK = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ncpfs", "ceph", "glusterfs", "fuse.glusterfs"]
)


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration, or UsageError with every mistake: file, line, what, mend."""
    environ = os.environ if environ is None else environ
    try:
        text = decoded(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"there is no configuration at '{path}'.",
            mend="Make one with 'syncd init', or name it with --config.",
        ) from None
    except (OSError, ValueError) as e:
        raise UsageError(f"'{path}' cannot be read: {getattr(e, 'strerror', None) or e}.") from None
    return loads(text, str(path), environ)


def loads(text: str, source: str, environ: Mapping[str, str]) -> Config:
    """The configuration in `text`; `source` names it in mistakes."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise UsageError(f"'{source}' is not valid TOML: {e}.") from None
    reader = _Reader(source, text)
    config = reader.read(data, environ)
    if reader.mistakes:
        raise UsageError("\n".join(reader.mistakes))
    return config


class _Reader:
    def __init__(self, source: str, text: str) -> None:
        self.source, self.lines, self.mistakes = source, text.splitlines(), list[str]()
        self.given = set[tuple[str, str]]()  # rightly or wrongly

    def place(self, section: str, key: str) -> str:
        here = ""
        for n, line in enumerate(self.lines, 1):
            if table := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
                here = table[1]
                if here == section and not key:
                    return f"{self.source}:{n}"
            elif here == section and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
                return f"{self.source}:{n}"
        return self.source

    def wrong(self, where: str, message: str) -> None:
        self.mistakes.append(f"{where}: {message}")

    def read(self, data: dict[str, Any], environ: Mapping[str, str]) -> Config:
        values: dict[str, dict[str, Any]] = {s: {} for s in KEYS}
        lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
        for name, value in data.items():
            if name in LISTS:
                lists[name] = self.tables(name, value)
                continue
            if isinstance(value, dict):
                if name not in KEYS or not name:
                    self.unknown(name, "section", [*[s for s in KEYS if s], *LISTS], self.place(name, ""))
                    continue
                for key, item in value.items():
                    self.take(values, name, key, item, self.place(name, key))
            elif isinstance(value, list) and value and all(isinstance(t, dict) for t in value):
                self.unknown(name, "table", [*LISTS, *[s for s in KEYS if s]], self.place(name, ""))
            else:
                self.take(values, "", name, value, self.place("", name))
        for section, keys in KEYS.items():
            for key, kind in keys.items():
                variable = "_".join(["SYNCD", *([section] if section else []), key]).upper()
                if variable in environ:
                    raw: Any = environ[variable]
                    if kind in ("texts", "times", "patterns", "mails"):
                        raw = [part.strip() for part in raw.split(",") if part.strip()]
                    elif kind in ("count", "share"):
                        raw = self.number(raw, variable)
                    self.take(values, section, key, raw, variable)
        for section, keys in KEYS.items():
            for key, kind in keys.items():
                if kind.endswith("!") and not values[section].get(key) and (section, key) not in self.given:
                    self.wrong(self.place(section, ""), f"[{section}] {key} is missing.")
        mail = values["mail"]
        if "from" in mail:
            mail["sender"] = mail.pop("from")
        config = Config(
            MirrorKeys(**values["mirror"]), PortalKeys(**values["portal"]), ScheduleKeys(**values["schedule"]),
            GuardKeys(**values["guards"]), MailKeys(**mail), MonitorKeys(**values["monitor"]),
            tuple(_job(t) for t in lists["job"]), tuple(RecipientKeys(**t) for t in lists["recipient"]), **values[""],
        )  # fmt: skip
        self.together(config)
        return config

    def tables(self, name: str, value: Any) -> list[dict[str, Any]]:
        """`[[job]]` and its like; one with a mistake is said and left out."""
        if not isinstance(value, list) or not all(isinstance(t, dict) for t in value):
            self.wrong(self.place(name, ""), f"write it as [[{name}]], with its keys below.")
            return []
        out = []
        for n, table in enumerate(value, 1):
            taken: dict[str, Any] = {}
            where = f"{self.source}: [[{name}]] {n}"
            before = len(self.mistakes)
            for key, item in table.items():
                kind = LISTS[name].get(key)
                if kind is None:
                    self.unknown(key, "key", list(LISTS[name]), where)
                    continue
                try:
                    taken[key] = self.value(kind.rstrip("!"), item)
                except ValueError as e:
                    self.wrong(where, f"{key} = {_shown(item)}: {e}.")
            for key, kind in LISTS[name].items():
                if kind.endswith("!") and not table.get(key):
                    self.wrong(where, f"{key} is missing.")
            if len(self.mistakes) == before:
                out.append(taken)
        return out

    def number(self, raw: str, where: str) -> Any:
        try:
            return float(raw) if "." in raw else int(raw)
        except ValueError:
            self.wrong(where, f"{_shown(raw)} is no number.")
            return 0

    def unknown(self, name: str, what: str, known: list[str], where: str) -> None:
        near = difflib.get_close_matches(name, known, 1)
        self.wrong(
            where,
            f"unknown {what} '{name}'." + (f" Did you mean '{near[0]}'?" if near else f" Known: {', '.join(known)}."),
        )

    def take(self, values: dict[str, dict[str, Any]], section: str, key: str, raw: Any, where: str) -> None:
        kind = KEYS[section].get(key)
        if kind is None:
            self.unknown(key, "key", list(KEYS[section]), where)
            return
        self.given.add((section, key))
        try:
            values[section][key] = self.value(kind.rstrip("!"), raw)
        except ValueError as e:
            self.wrong(where, f"{key} = {_shown(raw)}: {e}.")

    def value(self, kind: str, raw: Any) -> Any:
        if kind == "texts":
            if not isinstance(raw, list) or not all(isinstance(t, str) for t in raw):
                raise ValueError('give a list of texts, as ["a", "b"]')
            return tuple(_clean(t) for t in raw)
        if kind == "patterns":
            return tuple(_pattern(t) for t in self.value("texts", raw))
        if kind == "mails":
            return tuple(mail_address(t) for t in self.value("texts", raw))
        if kind == "count":
            if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= MOST:
                raise ValueError(f"give a whole number from 0 to {MOST}")
            return raw
        if kind == "share":
            if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 1:
                raise ValueError("give a share from 0 to 1")
            return float(raw)
        if kind == "duration":
            return duration(raw)
        if kind == "interval":
            if not (seconds := duration(raw)):
                raise ValueError("give a duration above 0, as 30s, 15m or 2h")
            return seconds
        if kind == "flag":
            if not isinstance(raw, bool):
                raise ValueError("use true or false")
            return raw
        if kind == "date":
            return raw if isinstance(raw, date) and not isinstance(raw, datetime) else _day(raw)
        if kind == "times":
            for text in self.value("texts", raw):
                clock_time(text)
            return tuple(raw)
        if not isinstance(raw, str):
            raise ValueError("give a text")
        raw = _clean(raw)
        if "|" in kind and raw not in kind.split("|"):
            raise ValueError("use " + " or ".join(f"'{word}'" for word in kind.split("|")))
        if kind == "smtp" and raw:
            server(raw)
        if kind == "mail" and raw:
            return mail_address(raw)
        if kind == "calendar":
            return calendar(raw)
        if kind == "bandwidth":
            return bandwidth(raw)
        if kind == "language" and raw not in ("fr", "en"):
            raise ValueError("use 'fr' or 'en'")
        if kind == "timezone":
            try:
                zoneinfo.ZoneInfo(raw)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("this time zone is not known") from None
        if kind == "url":
            return str(safe(raw))
        if kind == "path" and not Path(raw).is_absolute():
            raise ValueError("give an absolute path")
        return raw

    def together(self, config: Config) -> None:
        m = config.mirror
        if not (m.root and m.state and m.logs):
            return
        root = Path(m.root).resolve()
        for key, value in (("state", m.state), ("logs", m.logs)):
            if Path(value).resolve().is_relative_to(root):
                self.wrong(
                    self.place("mirror", key),
                    f"{key} lies inside the mirror's root: put it elsewhere, or it would be taken for a document.",
                )
        mail = config.mail
        wrongly = self.given & {("mail", "from"), ("mail", "to")} and self.mistakes
        if mail.smtp and not wrongly and not (mail.sender and (mail.to or config.recipients)):
            self.wrong(self.place("mail", "smtp"), "smtp needs 'from', and 'to' or a [[recipient]].")
        if mail.password_file and mail.smtp and not server(mail.smtp).private:
            self.wrong(self.place("mail", "password_file"), "a password goes over smtps:// or smtp+starttls:// only.")
        if (kind := file_system(Path(m.state))) in NETWORK:
            self.wrong(
                self.place("mirror", "state"),
                f"state is on a network file system ({kind}): put it on a local disk.",
            )


def _shown(raw: Any) -> str:
    """A value in a mistake: not all of a long one, and no password that was written into an address."""
    text = re.sub(r"//[^/@]*@", "//…@", repr(raw))
    return text if len(text) <= 120 else f"{text[:100]}…"


def _clean(text: str) -> str:
    """Nothing that no path, name or header may hold."""
    if any(ord(c) < 32 or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("it holds a sign that cannot be printed, or is no UTF-8 text")
    return text


def _pattern(text: str) -> str:
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([text])
    except ValueError:
        raise ValueError(f"'{text}' is no gitignore pattern: write '*.bak' or 'Brouillons/'") from None
    return text


def _day(raw: Any) -> date:
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueError("give a day as 2026-12-01") from None


def _job(table: dict[str, Any]) -> Job:
    return Job(
        table["name"], table["when"], frozenset(table.get("clients", ())), table.get("start"), table.get("active", True),
        table.get("max_duration"),
    )  # fmt: skip


def file_system(path: Path) -> str:
    """The type of the file system a path is, or will be, on; '' where the system does not say."""
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return ""
    path = path.resolve()
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind
