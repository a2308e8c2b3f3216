"""What one client's turn comes to: counted as it happens, told document by document, named up to a limit."""

from __future__ import annotations

from collections.abc import Container

from msgspec.structs import replace

from syncd.core.content import Content
from syncd.core.migration.report import LEFT, SHOWN, ClientReport, NotTaken, verdict_of
from syncd.core.paths import printable
from syncd.core.verdicts import Verdict
from syncd.jobs.migrate.values import Tell, Told
from syncd.ports.migration import Dealt
from syncd.ports.state import ClientRow

DIGEST = 32  # bytes of a SHA-256


class Tally:
    def __init__(self, row: ClientRow, started: float, tell: Tell) -> None:
        self._row, self._started, self._tell = row, started, tell
        self._counts = dict.fromkeys(
            ("found", "copied", "already", "earlier", "renamed", "bytes", "left", "online", "failed", "more"), 0
        )
        self._errors: list[NotTaken] = []
        self._listed: dict[tuple[str, str, str], int] = {}
        self._stopped = ""
        self.absent: list[bytes] = []  # SHA-256 of what is done with, and not seen online

    def report(self, now: float, verdict: Verdict | None, late: int = 0) -> ClientReport:
        """`verdict`: of a turn that was cut short; else what its counts say."""
        listed = [NotTaken(at, reason, detail, n) for (at, reason, detail), n in self._listed.items()]
        for one in listed:
            self._say(one.source, "listed", reason=one.reason, detail=one.detail, documents=one.documents)
        more = self._counts["more"] + max(0, len(listed) - SHOWN)
        found = ClientReport(
            self._row.code, self._row.name, self._row.card, self._started, now,
            errors=tuple(self._errors), listed=tuple(listed[:SHOWN]), stopped=self._stopped,
        )  # fmt: skip
        found = replace(found, **{**self._counts, "more": more, "late": late})
        cut_short = verdict is not None and not self._stopped
        return replace(found, verdict=verdict if cut_short else verdict_of(found))

    def stopped(self, reason: str) -> None:
        self._stopped = reason

    def earlier(self, sha256: bytes, *, online: bool) -> None:
        self._count("found", "earlier", *(("online",) if online else ()))
        if not online:
            self.absent.append(sha256)

    def again(self, dealt: Dealt, online: Container[bytes]) -> None:
        """All of a directory that looks as it did when it was dealt with."""
        digests = dealt.digests
        away = [one for n in range(0, len(digests), DIGEST) if (one := digests[n : n + DIGEST]) not in online]
        self.absent += away
        here = len(digests) // DIGEST - len(away)
        self._counts["found"] += len(digests) // DIGEST
        self._counts["earlier"] += len(digests) // DIGEST
        self._counts["online"] += here
        for path, reason, detail, size in dealt.refused:
            self.refused(path, reason, detail, size)
        for at, reason, detail, documents in dealt.listed:
            self.listed(at, reason, detail, documents)

    def already(self, source: str, content: Content, *, online: bool) -> None:
        self._count("found", "already", *(("online",) if online else ()))
        if not online:
            self.absent.append(content.sha256)
        self._say(source, "already", size=content.size, sha256=content.hex)

    def copied(self, source: str, path: str, content: Content, *, renamed: bool) -> None:
        self._count("found", "copied", *(("renamed",) if renamed else ()))
        self._counts["bytes"] += content.size
        self._say(source, "copied", path=path, size=content.size, sha256=content.hex)

    def would_copy(self, source: str, path: str, size: int, *, renamed: bool) -> None:
        self._count("found", "copied", *(("renamed",) if renamed else ()))
        self._counts["bytes"] += size
        self._say(source, "copy", path=path, size=size)

    def refused(self, source: str, reason: str, detail: str = "", size: int = 0) -> None:
        self._count("found", "failed")
        if len(self._errors) < SHOWN:
            self._errors.append(NotTaken(printable(source), reason, detail))
        else:
            self._counts["more"] += 1
        self._say(source, "refused", reason=reason, detail=detail, size=size)

    def listed(self, at: str, reason: str, detail: str = "", documents: int = 1) -> None:
        if reason in LEFT:
            self._counts["left"] += documents
            return
        key = (printable(at), reason, detail)
        self._listed[key] = self._listed.get(key, 0) + documents

    def _count(self, *names: str) -> None:
        for name in names:
            self._counts[name] += 1

    def _say(self, source: str, outcome: str, **more: object) -> None:
        self._tell(Told(self._row.code, printable(source), outcome, **more))  # type: ignore[arg-type]
