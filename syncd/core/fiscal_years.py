"""Fiscal years and the scope of a client (RULES 4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from syncd.core import paths


class Scope(StrEnum):
    ALL = "all"
    OPEN_PLUS_ONE = "open+1"
    OPEN = "open"


class Exercise(msgspec.Struct, frozen=True):
    label: str
    start: date
    end: date
    closed: bool = False


def of_folder(name: str, code: str, exercises: Sequence[Exercise]) -> Exercise | None:
    """The exercise a folder is named after: `2026`, `2025-2026`, `202512`, `<code>_202512`, or its label."""
    text = name.strip()
    if code and text.startswith(code + "_"):
        text = text[len(code) + 1 :]
    for exercise in exercises:
        names = {
            exercise.label,
            f"{exercise.end:%Y%m}",
            f"{exercise.start:%Y}-{exercise.end:%Y}"
            if exercise.start.year != exercise.end.year
            else f"{exercise.end:%Y}",
        }
        if text in names:
            return exercise
    if re.fullmatch(r"\d{4}", text):
        # a bare year names the exercise that ends in it, even when the exercise spans two years
        ending = [e for e in exercises if e.end.year == int(text)]
        if len(ending) == 1:
            return ending[0]
    return None


def in_scope(path: str, code: str, scope: Scope, exercises: Sequence[Exercise]) -> bool:
    """True when a document at `path` may be published under `scope`. No exercise above it: in scope."""
    if scope is Scope.ALL or not exercises:
        return True
    return folder_in_scope(paths.parent(path), code, scope, exercises)


def folder_in_scope(folder: str, code: str, scope: Scope, exercises: Sequence[Exercise]) -> bool:
    if scope is Scope.ALL or not exercises or not folder:
        return True
    for part in reversed(folder.split("/")):
        exercise = of_folder(part, code, exercises)
        if exercise is None:
            continue
        if not exercise.closed:
            return True
        if scope is Scope.OPEN:
            return False
        closed = [e for e in exercises if e.closed]
        return exercise == max(closed, key=lambda e: e.end)
    return True
