"""What waits for agreement, as the portal is told of it: counted whole, its lines in pieces (RULES 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from syncd.core import paths, plan_totals
from syncd.core.folder_rules import ClientRules
from syncd.core.protocol import WaitingLines, WaitingPlan
from syncd.ports.state import State, WaitingRow

PIECE = 500  # lines
TOGETHER = 10_000  # lines in one request: a first day may have a million
_SHOWN = ("action", "client", "path", "from", "to", "side", "folder", "size", "version", "replaces")


def plans(rows: Sequence[WaitingRow], rules: Mapping[str, ClientRules]) -> tuple[WaitingPlan, ...]:
    """Each with its totals and its first lines, so many that they fit together. `rules`: by client's id."""
    most = _first(rows)
    return tuple(
        WaitingPlan(
            w.client, w.reason, w.digest, _lines(w, 0, most),
            plan_totals.totals(w.lines, _folder_of(rules.get(w.client, ClientRules()))),
        )
        for w in rows
    )  # fmt: skip


def _first(rows: Sequence[WaitingRow]) -> int:
    """How many lines of each set go with every summary."""
    return min(PIECE, max(1, TOGETHER // max(1, len(rows))))


def _lines(row: WaitingRow, first: int, end: int) -> tuple[dict[str, Any], ...]:
    return tuple({k: v for k, v in line.as_dict().items() if k in _SHOWN} for line in row.lines[first:end])


def _folder_of(rules: ClientRules) -> Callable[[str], str]:
    known: dict[str, str] = {}

    def of(path: str) -> str:
        folder = paths.parent(path) or path
        if folder not in known:
            rule = rules.rule(folder)
            known[folder] = rule.path if rule is not None else paths.top(folder)
        return known[folder]

    return of


def say_again(state: State) -> None:
    """Another portal, or one that was put back, may have heard nothing of what waits, and of the open reports."""
    state.progress.change(waiting_said="", reports_said="")


def said(rows: Sequence[WaitingRow]) -> str:
    """What `Progress.waiting_said` is once the portal has every line of these sets."""
    return hashlib.sha256("\n".join(sorted(f"{w.client} {w.digest}" for w in rows)).encode()).hexdigest()


def more(state: State, rows: Sequence[WaitingRow]) -> Iterator[tuple[WaitingLines, ...]]:
    """The lines the portal does not have yet, beyond the first of each set: one tuple for each further request."""
    if state.progress.read().waiting_said == said(rows):
        return
    pieces: list[WaitingLines] = []
    for row in rows:
        for first in range(_first(rows), len(row.lines), PIECE):
            pieces.append(WaitingLines(row.client, row.digest, first, _lines(row, first, first + PIECE)))
            if len(pieces) * PIECE >= TOGETHER:
                yield tuple(pieces)
                pieces = []
    if pieces:
        yield tuple(pieces)
