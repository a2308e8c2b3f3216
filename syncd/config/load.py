"""Reading: file, then SYNCD_SECTION_KEY over it, then checks."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.config import validators
from syncd.config.model import (
    KEYS,
    LISTS,
    Config,
    GuardKeys,
    IntakeKeys,
    MailKeys,
    MirrorKeys,
    MonitorKeys,
    OldTreeKeys,
    PortalKeys,
    RecipientKeys,
    ScheduleKeys,
)
from syncd.core.errors import UsageError
from syncd.core.mail_address import server
from syncd.core.plain_text import decoded
from syncd.core.toml_reader import BadToml, Mistakes, Toml
from syncd.schedule.job import Job

NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "9p",
        "afs",
        "ncpfs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
    ]
)


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration, or UsageError with every mistake: file, line, what, mend."""
    environ = os.environ if environ is None else environ
    try:
        text = decoded(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"there is no configuration at '{path}'.",
            mend="Make one with 'syncd setup engine' (Debian package) or 'syncd init', or name it with --config.",
        ) from None
    except (OSError, ValueError) as e:
        raise UsageError(f"'{path}' cannot be read: {getattr(e, 'strerror', None) or e}.") from None
    return loads(text, str(path), environ)


def loads(text: str, source: str, environ: Mapping[str, str]) -> Config:
    """The configuration in `text`; `source` names it in mistakes."""
    try:
        toml = Toml(text)
    except BadToml as e:
        raise UsageError(e.mistake.sentence(source)) from None
    reader = _Reader(toml)
    config = reader.read(environ)
    if reader.mistakes:
        raise UsageError(reader.mistakes.sentences(source))
    return config


class _Reader:
    def __init__(self, toml: Toml) -> None:
        self.toml, self.mistakes = toml, Mistakes()
        self.values: dict[str, dict[str, Any]] = {section: {} for section in KEYS}
        self.given = set[tuple[str, str]]()  # rightly or wrongly

    def read(self, environ: Mapping[str, str]) -> Config:
        lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
        sections = [*[s for s in KEYS if s], *LISTS]
        for name, value in self.toml.values.items():
            if name in LISTS:
                lists[name] = self.tables(name, value)
            elif isinstance(value, dict) and name in KEYS and name:
                for key, item in value.items():
                    self.take(name, key, item, self.toml.line(name, key))
            elif isinstance(value, dict):
                self.mistakes.unknown("section", name, sections, self.toml.line(name))
            elif isinstance(value, list) and value and all(isinstance(t, dict) for t in value):
                self.mistakes.unknown("table", name, [*LISTS, *[s for s in KEYS if s]], self.toml.line(name))
            else:
                self.take("", name, value, self.toml.line("", name))
        self.variables(environ)
        for section, keys in KEYS.items():
            for key, kind in keys.items():
                if kind.endswith("!") and not self.values[section].get(key) and (section, key) not in self.given:
                    self.mistakes.add(self.toml.line(section), f"[{section}] {key} is missing.")
        return self.made(lists)

    def variables(self, environ: Mapping[str, str]) -> None:
        for section, keys in KEYS.items():
            for key, kind in keys.items():
                variable = "_".join(["SYNCD", *([section] if section else []), key]).upper()
                if variable in environ:
                    try:
                        raw = validators.from_variable(kind.rstrip("!"), environ[variable])
                    except ValueError as e:
                        self.mistakes.add(0, f"{key} = {_shown(environ[variable])}: {e}.", where=variable)
                    else:
                        self.take(section, key, raw, 0, variable)

    def made(self, lists: Mapping[str, list[dict[str, Any]]]) -> Config:
        values = self.values
        if "from" in values["mail"]:
            values["mail"]["sender"] = values["mail"].pop("from")
        config = Config(
            MirrorKeys(**values["mirror"]), PortalKeys(**values["portal"]), ScheduleKeys(**values["schedule"]),
            GuardKeys(**values["guards"]), MailKeys(**values["mail"]), MonitorKeys(**values["monitor"]),
            IntakeKeys(**values["intake"]), tuple(_job(t) for t in lists["job"]), tuple(RecipientKeys(**t) for t in lists["recipient"]),
            tuple(OldTreeKeys(**t) for t in lists["old_tree"]), **values[""],
        )  # fmt: skip
        self.together(config)
        return config

    def tables(self, name: str, value: Any) -> list[dict[str, Any]]:
        """`[[job]]` and its like; one with a mistake is said and left out."""
        if not isinstance(value, list) or not all(isinstance(t, dict) for t in value):
            self.mistakes.add(
                self.toml.line(name) or self.toml.line("", name), f"write it as [[{name}]], with its keys below."
            )
            return []
        out = []
        for n, table in enumerate(value):
            taken: dict[str, Any] = {}
            before = len(self.mistakes.found)
            for key, item in table.items():
                kind, line = LISTS[name].get(key), self.toml.line(name, key, n)
                if kind is None:
                    self.mistakes.unknown("key", key, list(LISTS[name]), line)
                    continue
                try:
                    taken[key] = validators.value(kind.rstrip("!"), item)
                except ValueError as e:
                    self.mistakes.add(line, f"{key} = {_shown(item)}: {e}.")
            for key, kind in LISTS[name].items():
                if kind.endswith("!") and not table.get(key):
                    self.mistakes.add(self.toml.line(name, nth=n), f"[[{name}]] {n + 1}: {key} is missing.")
            if len(self.mistakes.found) == before:
                out.append(taken)
        return out

    def take(self, section: str, key: str, raw: Any, line: int, where: str = "") -> None:
        kind = KEYS[section].get(key)
        if kind is None:
            self.mistakes.unknown("key", key, list(KEYS[section]), line, where)
            return
        self.given.add((section, key))
        try:
            self.values[section][key] = validators.value(kind.rstrip("!"), raw)
        except ValueError as e:
            self.mistakes.add(line, f"{key} = {_shown(raw)}: {e}.", where=where)

    def together(self, config: Config) -> None:
        m = config.mirror
        if not (m.root and m.state and m.logs):
            return
        root = Path(m.root).resolve()
        for key, value in (("state", m.state), ("logs", m.logs)):
            if Path(value).resolve().is_relative_to(root):
                self.mistakes.add(
                    self.toml.line("mirror", key),
                    f"{key} lies inside the mirror's root: put it elsewhere, or it would be taken for a document.",
                )
        self.migrations(config)
        self.share(config)
        mail = config.mail
        wrongly = self.given & {("mail", "from"), ("mail", "to")} and self.mistakes
        if mail.smtp and not wrongly and not (mail.sender and (mail.to or mail.operator or config.recipients)):
            self.mistakes.add(self.toml.line("mail", "smtp"), "smtp needs 'from', and 'to' or a [[recipient]].")
        if mail.password_file and mail.smtp and not server(mail.smtp).private:
            self.mistakes.add(
                self.toml.line("mail", "password_file"), "a password goes over smtps:// or smtp+starttls:// only."
            )
        if (kind := file_system(Path(m.state))) in NETWORK:
            self.mistakes.add(
                self.toml.line("mirror", "state"),
                f"state is on a network file system ({kind}): put it on a local disk.",
            )

    def migrations(self, config: Config) -> None:
        """What a [[job]] or a task of the desk is to migrate lies outside the mirror, and the mirror outside it."""
        root = Path(config.mirror.root).resolve()
        for job in config.jobs:
            tree = Path(job.migrate).resolve()
            wrong = ""
            if job.map and not job.migrate:
                wrong = "map needs 'migrate', the old tree that it speaks of"
            elif job.migrate and job.clients:
                wrong = "migrate takes what the tree holds, of every client: leave 'clients' out"
            elif job.migrate and (tree.is_relative_to(root) or root.is_relative_to(tree)):
                wrong = "migrate and [mirror] root lie in one another: keep them apart"
            if wrong:
                self.mistakes.add(self.toml.line("job"), f"[[job]] {job.name}: {wrong}.")

        for n, old in enumerate(config.old_trees):
            tree, wrong = Path(old.path).resolve(), ""
            if tree.is_relative_to(root) or root.is_relative_to(tree):
                wrong = "path and [mirror] root lie in one another: keep them apart"
            elif old.name in {other.name for other in config.old_trees[:n]}:
                wrong = "two old trees have this name: give each its own"
            if wrong:
                self.mistakes.add(self.toml.line("old_tree"), f"[[old_tree]] {old.name}: {wrong}.")

    def share(self, config: Config) -> None:
        """The scanners' share and what belongs to it lie outside the mirror, and the mirror outside them."""
        keys, mirror = config.intake, Path(config.mirror.root).resolve()
        if not keys.root:
            for key in sorted({k for s, k in self.given if s == "intake"} - {"root", "columns"}):
                self.mistakes.add(self.toml.line("intake", key), f"[intake] {key} needs 'root', the scanners' share.")
            return
        for key in ("root", "export", "quarantine"):
            if not (value := getattr(keys, key)):
                continue
            at = Path(value).resolve()
            if at.is_relative_to(mirror) or mirror.is_relative_to(at):
                line = self.toml.line("intake", key)
                self.mistakes.add(line, f"[intake] {key} and [mirror] root lie in one another: keep them apart.")


def _shown(raw: Any) -> str:
    """A value in a mistake: not all of a long one, and no password that was written into an address."""
    text = re.sub(r"//[^/@]*@", "//…@", repr(raw))
    return text if len(text) <= 120 else f"{text[:100]}…"


def _job(table: dict[str, Any]) -> Job:
    return Job(
        table["name"], table["when"], frozenset(table.get("clients", ())), table.get("start"), table.get("active", True),
        table.get("max_duration"), table.get("migrate", ""), table.get("map", ""),
    )  # fmt: skip


def file_system(path: Path) -> str:
    """The type of the file system a path is, or will be, on; '' where the system does not say."""
    if sys.platform == "win32":
        from syncd.disk.windows import drives

        return drives.file_system(str(path))
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
