"""Folder trees given to clients, from TOML text (tree_templates/README.md describes the format)."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from syncd.core import naming, paths
from syncd.core.errors import BadPath, UsageError
from syncd.core.folder_rules import (
    DEFAULT_EXTENSIONS,
    DEFAULT_MAX_SIZE,
    NEVER,
    Direction,
    FolderRule,
    OnLocalRemoval,
)

KINDS = (
    "inbox", "purchases", "sales", "bank", "cash", "payroll", "tax", "legal", "accounts", "information", "other",
    "internal", "expenses", "stock", "assets", "loans", "vehicle", "contributions", "contracts", "rents", "charges",
    "works", "deeds", "meetings", "cooperatives", "aids", "leases", "herd", "equipment", "members", "grants", "events",
    "fec",
)  # fmt: skip
_TOP_KEYS = ("name", "title", "description", "client_delete", "defaults", "folder")
_FOLDER_KEYS = ("path", "kind", "direction", "max_size", "on_local_removal", "extensions", "restricted", "per_exercise")
_UNITS = {"": 1, "o": 1, "b": 1, "ko": 1000, "kb": 1000, "mo": 10**6, "mb": 10**6, "go": 10**9, "gb": 10**9}


class Template(msgspec.Struct, frozen=True):
    name: str
    title: str
    folders: tuple[FolderRule, ...]
    client_delete: str = "allow"


class Mistake(msgspec.Struct, frozen=True):
    """Line (from 1), what is wrong, and what to write instead."""

    line: int
    message: str
    mend: str


class TemplateError(UsageError):
    def __init__(self, source: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{source}:{m.line}: {m.message} {m.mend}".rstrip() for m in mistakes))


def size_in_bytes(value: object) -> int:
    """`20 MB`, `20 Mo`, `512 KB`, 1000000, or `none` (0: no limit). Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int):
        if value < 0:
            raise ValueError(value)
        return value
    text = str(value).strip().lower()
    if text in ("none", "unlimited", "aucune"):
        return 0
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)", text)
    if not match or match[2] not in _UNITS:
        raise ValueError(value)
    return int(float(match[1].replace(",", ".")) * _UNITS[match[2]])


def parse(text: str, source: str = "template") -> Template:
    """The template in `text`, or TemplateError with every mistake, its line and its mend."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        found = re.search(r"line (\d+)", str(e))
        raise TemplateError(source, [Mistake(int(found[1]) if found else 1, f"not valid TOML: {e}.", "")]) from None
    reader = _Reader(text)
    template = reader.read(data)
    if reader.mistakes:
        raise TemplateError(source, sorted(reader.mistakes, key=lambda m: m.line))
    return template


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.mistakes: list[Mistake] = []
        self.starts = [n for n, line in enumerate(self.lines, 1) if re.match(r"\s*\[\[\s*folder\s*\]\]", line)]

    def line(self, key: str, start: int = 1, end: int | None = None) -> int:
        for n in range(start, (end or len(self.lines)) + 1):
            if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self.lines[n - 1]):
                return n
        return start

    def wrong(self, line: int, message: str, mend: str = "") -> None:
        self.mistakes.append(Mistake(line, message, mend))

    def unknown(self, key: str, known: Sequence[str], line: int) -> None:
        near = difflib.get_close_matches(key, known, 1)
        self.wrong(
            line,
            f"unknown key '{key}'.",
            f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.",
        )

    def read(self, data: dict[str, Any]) -> Template:
        for key in data:
            if key not in _TOP_KEYS:
                self.unknown(key, _TOP_KEYS, self.line(key))
        title = data.get("title", data.get("name", ""))
        if not isinstance(data.get("name"), str) or not data["name"].strip():
            self.wrong(1, "the template has no name.", 'Add: name = "commerce".')
        client_delete = data.get("client_delete", "allow")
        if client_delete not in ("allow", "request"):
            self.wrong(
                self.line("client_delete"),
                f"client_delete is {client_delete!r}.",
                "Use 'allow' or 'request'.",
            )
        defaults = data.get("defaults", {})
        if not isinstance(defaults, dict):
            self.wrong(self.line("defaults"), "defaults is not a table.", "Write [defaults].")
            defaults = {}
        base = self.folder(defaults, FolderRule(path=""), self.line_of_table("defaults"), None, default=True)
        folders: list[FolderRule] = []
        seen: dict[str, int] = {}
        raw = data.get("folder", [])
        if not isinstance(raw, list) or not raw:
            self.wrong(1, "the template has no folder.", "Add a [[folder]] with a path.")
            raw = []
        for n, item in enumerate(raw):
            start = self.starts[n] if n < len(self.starts) else 1
            end = self.starts[n + 1] - 1 if n + 1 < len(self.starts) else len(self.lines)
            if not isinstance(item, dict):
                self.wrong(start, "folder is not a table.", "Write [[folder]].")
                continue
            above = next(
                (
                    f
                    for f in reversed(folders)
                    if paths.is_below(paths.key(str(item.get("path", ""))), paths.key(f.path))
                ),
                None,
            )
            rule = self.folder(item, above or base, start, end)
            if not rule.path:
                continue
            at = paths.key(rule.path)
            if at in seen:
                self.wrong(
                    self.line("path", start, end),
                    f"folder '{rule.path}' is declared twice (line {seen[at]}).",
                    "Keep one.",
                )
            seen[at] = start
            up = paths.parent(rule.path)
            if up and paths.key(up) not in seen:
                self.wrong(
                    self.line("path", start, end),
                    f"folder '{rule.path}' comes before '{up}'.",
                    f"Declare '{up}' first.",
                )
            folders.append(rule)
        return Template(str(data.get("name", "")), str(title), tuple(folders), str(client_delete))

    def flag(self, item: dict[str, Any], key: str, default: bool, line: int) -> bool:
        value = item.get(key, default)
        if not isinstance(value, bool):
            self.wrong(line, f"{key} {value!r} is neither true nor false.", "Write true or false.")
            return True
        return value

    def line_of_table(self, table: str) -> int:
        return next((n for n, text in enumerate(self.lines, 1) if re.match(rf"\s*\[\s*{table}\s*\]", text)), 1)

    def folder(
        self, item: dict[str, Any], base: FolderRule, start: int, end: int | None, *, default: bool = False
    ) -> FolderRule:
        known = _FOLDER_KEYS[1:] if default else _FOLDER_KEYS
        for key in item:
            if key not in known:
                self.unknown(key, known, self.line(key, start, end))

        def where(key: str) -> int:
            return self.line(key, start, end)

        path = ""
        if not default:
            raw = item.get("path")
            if not isinstance(raw, str):
                self.wrong(start, "a folder has no path.", 'Add: path = "Achats".')
            else:
                try:
                    path = paths.check(raw)
                except BadPath as e:
                    self.wrong(where("path"), str(e), "Write it relative, with '/'.")
                for part in path.split("/") if path else []:
                    if fault := naming.windows_fault(part):
                        self.wrong(
                            where("path"),
                            f"folder name '{part}' cannot exist on Windows ({fault}).",
                            f"Use '{naming.windows_safe(part)}'.",
                        )
        kind = item.get("kind", base.kind)
        if kind not in KINDS:
            near = difflib.get_close_matches(str(kind), KINDS, 1)
            self.wrong(
                where("kind"),
                f"unknown kind '{kind}'.",
                f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(KINDS)}.",
            )
            kind = base.kind
        direction = self.choice(Direction, item.get("direction", base.direction), "direction", where)
        removal = self.choice(
            OnLocalRemoval, item.get("on_local_removal", base.on_local_removal), "on_local_removal", where
        )
        limit = base.max_size
        if "max_size" in item:
            try:
                limit = size_in_bytes(item["max_size"])
            except ValueError:
                self.wrong(
                    where("max_size"),
                    f"max_size {item['max_size']!r} is no size.",
                    "Write '20 MB', or 'none' for no limit.",
                )
        restricted = self.flag(item, "restricted", base.restricted, where("restricted"))
        per_exercise = self.flag(item, "per_exercise", False, where("per_exercise"))  # never inherited: it would nest
        extensions = self.extensions(item, base, where)
        return FolderRule(path, str(kind), direction, limit, removal, extensions, restricted, per_exercise)

    def choice(self, enum: Any, value: object, key: str, where: Any) -> Any:
        try:
            return enum(value)
        except ValueError:
            self.wrong(where(key), f"{key} is {value!r}.", f"Use one of: {', '.join(enum)}.")
            return next(iter(enum))

    def extensions(self, item: dict[str, Any], base: FolderRule, where: Any) -> frozenset[str]:
        if "extensions" not in item:
            return base.extensions
        raw = item["extensions"]
        if raw == "default":
            return DEFAULT_EXTENSIONS
        if not isinstance(raw, list) or not all(isinstance(e, str) for e in raw):
            self.wrong(
                where("extensions"),
                "extensions is not a list of texts.",
                'Write: extensions = ["pdf", "xml"].',
            )
            return base.extensions
        given = frozenset(e.lower().lstrip(".") for e in raw)
        for bad in sorted(given & NEVER):
            self.wrong(
                where("extensions"),
                f"extension '{bad}' is a program.",
                "Remove it: programs and scripts are never accepted.",
            )
        return given


__all__ = ["DEFAULT_MAX_SIZE", "KINDS", "Mistake", "Template", "TemplateError", "parse", "size_in_bytes"]
