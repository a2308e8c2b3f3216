"""What the service says, for the system's event log: its start, its end, and trouble that stands; each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

INFORMATION, WARNING, ERROR = "information", "warning", "error"
STARTED, STOPPED, TROUBLE, OVER = 1, 2, 3, 4  # numbers of events: people filter by them

_BAD = ("abandoned", "error")
_ASIDE = ("report_failed", "mail_failed", "mail_not_sent", "configuration_kept")


class EventLog:
    """Called like the log's `say`; `write(kind, number, text)` gets what an administrator should find."""

    def __init__(self, write: Callable[[str, int, str], None]) -> None:
        self._write = write
        self._standing: dict[str, str] = {}

    def __call__(self, event: str, **fields: Any) -> None:
        error = str(fields.get("error") or "")
        if event == "started":
            self._write(INFORMATION, STARTED, f"syncd works: {fields.get('root')} and {fields.get('portal')}.")
        elif event == "stopped":
            self.stopped(int(fields.get("code") or 0))
        elif event == "pass":
            verdict = fields.get("verdict")
            if verdict == "abandoned" and not error:
                return  # it was asked to end
            bad = verdict in _BAD
            self._stands("pass", error or "a pass failed; 'syncd report' says why", ERROR) if bad else self._over(
                "pass"
            )
        elif event == "portal_away":
            self._stands("portal", error or "the portal does not answer", WARNING)
        elif event == "portal_back":
            self._over("portal")
        elif event in _ASIDE and error:
            self._stands(event, error, WARNING)

    def stopped(self, code: int) -> None:
        if code in (0, 130, 143):
            self._write(INFORMATION, STOPPED, "syncd was asked to end, and ended between two documents.")
        else:
            self._write(ERROR, STOPPED, f"syncd ended with code {code}; the service manager starts it again.")

    def failed(self, why: str) -> None:
        """The service could not go on."""
        self._write(ERROR, TROUBLE, why)

    def _stands(self, what: str, why: str, kind: str) -> None:
        if self._standing.get(what) != why:
            self._standing[what] = why
            self._write(kind, TROUBLE, why)

    def _over(self, what: str) -> None:
        if why := self._standing.pop(what, ""):
            self._write(INFORMATION, OVER, f"It is well again: {why}")
