"""How a run ended: what is stored of it, shown, and told (DESIGN 4). Its JSON line is the last of `run --json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.core.errors import SyncdError
from syncd.core.verdicts import Tally, Verdict, exit_code


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: documents by what was done with them (core.verdicts). `waiting`, `stopped`: codes of clients.

    `started`, `ended`: seconds since 1970; `ended` 0 while it goes on. `partial`: it was about some clients only. `message`: why it
    was given up, in English; `reason`: its code, `cause`: what the system said of it. `documents`: how many a task was about.
    `unwritten`: why its report could not be written. `fault`: what it was given up for, while this process knows it: whoever
    says it to people has its own sentence there, which is not written down.
    """

    verdict: Verdict = Verdict.RUNNING
    label: str = ""
    counts: Mapping[str, int] = {}
    waiting: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    requests: int = 0
    exit_code: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    run: int = 0
    started: float = 0.0
    ended: float = 0.0
    dry_run: bool = False
    partial: bool = False
    message: str = ""
    reason: str = ""
    cause: str = ""
    documents: int | None = None
    unwritten: str = ""
    fault: SyncdError | None = None

    @property
    def abandoned(self) -> bool:
        return self.verdict is Verdict.ABANDONED

    def count(self, name: str) -> int:
        return self.counts.get(name, 0)

    def as_dict(self) -> dict[str, Any]:
        """The JSON line: nothing is said of what does not apply."""
        line: dict[str, Any] = {
            "type": "summary", "verdict": self.verdict.value, "label": self.label, **self.counts,
            "waiting": list(self.waiting), "stopped": list(self.stopped), "requests": self.requests,
            "exit_code": self.exit_code, "bytes_up": self.bytes_up, "bytes_down": self.bytes_down,
            "run": self.run, "started": self.started, "ended": self.ended,
        }  # fmt: skip
        for name, flag in (("dry_run", self.dry_run), ("partial", self.partial)):
            if flag:
                line[name] = True
        if self.message:
            line["message"], line["reason"] = self.message, self.reason
        if self.cause:
            line["cause"] = self.cause
        if self.documents is not None:
            line["documents"] = self.documents
        if self.unwritten:
            line["unwritten"] = self.unwritten
        return line


def of_tally(tally: Tally, label: str, requests: int, **more: Any) -> RunResult:
    """Of a run that has just ended. `more`: the fields that its tally does not know."""
    return RunResult(
        verdict=tally.verdict(), label=label, counts=dict(tally.counts), waiting=tuple(sorted(tally.waiting)),
        stopped=tuple(sorted(tally.stopped)), requests=requests, exit_code=exit_code(tally.codes), bytes_up=tally.bytes_up,
        bytes_down=tally.bytes_down, **more,
    )  # fmt: skip


_OWN = frozenset(RunResult.__struct_fields__) - {"counts", "fault"}


def of_line(line: Mapping[str, Any]) -> RunResult:
    """What `as_dict` made the line from. Of a later version's line the numbers it does not know are counts."""
    known = {name: value for name, value in line.items() if name in _OWN}
    counts = {n: v for n, v in line.items() if n not in _OWN and isinstance(v, int) and not isinstance(v, bool)}
    return msgspec.convert({**known, "counts": counts}, RunResult)
