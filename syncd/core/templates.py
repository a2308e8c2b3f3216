"""Folder trees given to clients, from TOML text (tree_templates/README.md describes the format)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from syncd.core import naming, paths, private_space, words
from syncd.core.errors import BadPath, UsageError
from syncd.core.folder_rules import (
    DEFAULT_EXTENSIONS,
    DEFAULT_MAX_SIZE,
    NEVER,
    Direction,
    Expected,
    FolderRule,
    OnLocalRemoval,
)
from syncd.core.toml_reader import BadToml, Mistake, Mistakes, Toml

KINDS = (
    "inbox", "purchases", "sales", "bank", "cash", "payroll", "tax", "legal", "accounts", "information", "other",
    "internal", "expenses", "stock", "assets", "loans", "vehicle", "contributions", "contracts", "rents", "charges",
    "works", "deeds", "meetings", "cooperatives", "aids", "leases", "herd", "equipment", "members", "grants", "events",
    "fec", "ecritures",
)  # fmt: skip
_TOP_KEYS = ("name", "title", "description", "client_delete", "defaults", "folder")
_FOLDER_KEYS = (
    "path",
    "kind",
    "direction",
    "max_size",
    "on_local_removal",
    "extensions",
    "restricted",
    "per_exercise",
    "expected",
)
_UNITS = {"": 1, "o": 1, "b": 1, "ko": 1000, "kb": 1000, "mo": 10**6, "mb": 10**6, "go": 10**9, "gb": 10**9}


class Template(msgspec.Struct, frozen=True):
    name: str
    title: str
    folders: tuple[FolderRule, ...]
    client_delete: str = "allow"


class TemplateError(UsageError):
    def __init__(self, source: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(m.sentence(source) for m in mistakes))


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
        toml = Toml(text)
    except BadToml as e:
        raise TemplateError(source, [e.mistake]) from None
    reader = _Reader(toml)
    template = reader.read(toml.values)
    if reader.mistakes:
        raise TemplateError(source, sorted(reader.mistakes.found, key=lambda m: m.line))
    return template


class _Reader:
    def __init__(self, toml: Toml) -> None:
        self.toml, self.mistakes = toml, Mistakes()

    def read(self, data: dict[str, Any]) -> Template:
        for key in data:
            if key not in _TOP_KEYS:
                self.mistakes.unknown("key", key, _TOP_KEYS, self.toml.line("", key))
        title = data.get("title", data.get("name", ""))
        if not isinstance(data.get("name"), str) or not data["name"].strip():
            self.mistakes.add(1, "the template has no name.", 'Add: name = "commerce".')
        client_delete = data.get("client_delete", "allow")
        if client_delete not in ("allow", "request"):
            line = self.toml.line("", "client_delete")
            self.mistakes.add(line, f"client_delete is {client_delete!r}.", "Use 'allow' or 'request'.")
        defaults = data.get("defaults", {})
        if not isinstance(defaults, dict):
            line = self.toml.line("", "defaults") or self.toml.line("defaults")
            self.mistakes.add(line, "defaults is not a table.", "Write [defaults].")
            defaults = {}
        base = self.folder(defaults, FolderRule(path=""), None)
        folders = self.folders(data.get("folder", []), base)
        return Template(str(data.get("name", "")), str(title), tuple(folders), str(client_delete))

    def folders(self, raw: Any, base: FolderRule) -> list[FolderRule]:
        """Each after the one it lies in, and taking from it what it does not say."""
        if not isinstance(raw, list) or not raw:
            self.mistakes.add(1, "the template has no folder.", "Add a [[folder]] with a path.")
            return []
        found: list[FolderRule] = []
        seen: dict[str, int] = {}
        for n, item in enumerate(raw):
            line = self.toml.line("folder", "path", n)
            if not isinstance(item, dict):
                self.mistakes.add(line, "folder is not a table.", "Write [[folder]].")
                continue
            key = paths.key(str(item.get("path", "")))
            above = next((f for f in reversed(found) if paths.is_below(key, paths.key(f.path))), base)
            rule = self.folder(item, above, n)
            if not rule.path:
                continue
            at, up = paths.key(rule.path), paths.parent(rule.path)
            if at in seen:
                self.mistakes.add(line, f"folder '{rule.path}' is declared twice (line {seen[at]}).", "Keep one.")
            seen[at] = self.toml.line("folder", nth=n)
            if up and paths.key(up) not in seen:
                self.mistakes.add(line, f"folder '{rule.path}' comes before '{up}'.", f"Declare '{up}' first.")
            found.append(rule)
        return found

    def flag(self, item: dict[str, Any], key: str, default: bool, line: int) -> bool:
        value = item.get(key, default)
        if not isinstance(value, bool):
            self.mistakes.add(line, f"{key} {value!r} is neither true nor false.", "Write true or false.")
            return True
        return value

    def folder(self, item: dict[str, Any], base: FolderRule, nth: int | None) -> FolderRule:
        """The `nth` [[folder]], with what it does not say taken from `base`; None: [defaults]."""
        default = nth is None

        def where(key: str) -> int:
            return self.toml.line("defaults" if nth is None else "folder", key, nth or 0)

        known = _FOLDER_KEYS[1:] if default else _FOLDER_KEYS
        for key in item:
            if key not in known:
                self.mistakes.unknown("key", key, known, where(key))
        path = ""
        if not default:
            raw = item.get("path")
            if not isinstance(raw, str):
                self.mistakes.add(where(""), "a folder has no path.", 'Add: path = "Achats".')
            else:
                try:
                    path = paths.check(raw)
                except BadPath as e:
                    self.mistakes.add(where("path"), str(e), "Write it relative, with '/'.")
                self.check_names(path, where)
        kind = item.get("kind", base.kind)
        if kind not in KINDS:
            near = difflib.get_close_matches(str(kind), KINDS, 1)
            self.mistakes.add(
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
                self.mistakes.add(
                    where("max_size"),
                    f"max_size {item['max_size']!r} is no size.",
                    "Write '20 MB', or 'none' for no limit.",
                )
        restricted = self.flag(item, "restricted", base.restricted, where("restricted"))
        per_exercise = self.flag(item, "per_exercise", False, where("per_exercise"))  # never inherited: it would nest
        extensions = self.extensions(item, base, where)
        expected = self.choice(
            Expected, item.get("expected", Expected.NEVER), "expected", where
        )  # nor this: one is enough
        return FolderRule(path, str(kind), direction, limit, removal, extensions, restricted, per_exercise, expected)

    def check_names(self, path: str, where: Callable[[str], int]) -> None:
        """Whether its folders can be called so."""
        for part in path.split("/") if path else []:
            if fault := naming.windows_fault(part):
                self.mistakes.add(
                    where("path"),
                    f"folder name '{part}' cannot exist on Windows ({words.detailed(fault, 'en')}).",
                    f"Use '{naming.windows_safe(part)}'.",
                )
        if private_space.holds(path, {}):
            self.mistakes.add(
                where("path"),
                f"'{paths.top(path)}' is the name of each company's private space, which is in no template.",
                "Give the folder another name.",
            )

    def choice(self, enum: Any, value: object, key: str, where: Callable[[str], int]) -> Any:
        try:
            return enum(value)
        except ValueError:
            self.mistakes.add(where(key), f"{key} is {value!r}.", f"Use one of: {', '.join(enum)}.")
            return next(iter(enum))

    def extensions(self, item: dict[str, Any], base: FolderRule, where: Callable[[str], int]) -> frozenset[str]:
        if "extensions" not in item:
            return base.extensions
        raw = item["extensions"]
        if raw == "default":
            return DEFAULT_EXTENSIONS
        if not isinstance(raw, list) or not all(isinstance(e, str) for e in raw):
            self.mistakes.add(
                where("extensions"),
                "extensions is not a list of texts.",
                'Write: extensions = ["pdf", "xml"].',
            )
            return base.extensions
        given = frozenset(e.lower().lstrip(".") for e in raw)
        for bad in sorted(given & NEVER):
            self.mistakes.add(
                where("extensions"),
                f"extension '{bad}' is a program.",
                "Remove it: programs and scripts are never accepted.",
            )
        return given


__all__ = ["DEFAULT_MAX_SIZE", "KINDS", "Mistake", "Template", "TemplateError", "parse", "size_in_bytes"]
