"""One small tree of errors; each knows the exit code it ends a command with (DESIGN 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.core.words.phrase import Sentence


class SyncdError(Exception):
    """Something a person has to know, in one sentence: what, where, what to do.

    `message` and `mend` are English; `said` and `said_mend` the same, in the reader's language where they are Sentences.
    """

    exit_code = 1
    reason = ""  # a stable code with words for people (core.words), where there is one
    cause = ""  # what the system or the network said of it, to stand beside those words

    def __init__(
        self, message: str | Sentence, *, mend: str | Sentence = "", reason: str = "", cause: str = ""
    ) -> None:
        super().__init__(str(message))
        self.said, self.said_mend = message, mend
        self.message, self.mend = str(message), str(mend)
        self.reason, self.cause = reason or self.reason, cause or self.cause

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class UsageError(SyncdError):
    """A wrong option, an unreadable configuration, or nothing to do for this command."""

    exit_code = 2


class BadPath(UsageError):
    """A path that is absolute, climbs, or holds a part no side may hold (RULES 1). `reason`: what a refusal of it is
    called, `bad_name` or `too_long`.
    """

    def __init__(self, message: str, *, reason: str = "bad_name", mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.reason = reason


class NotPossible(UsageError):
    """What somebody asked for does not go. `reason`: what a refusal of it is called (DESIGN 2), or `taken`."""

    def __init__(self, message: str, *, reason: str, mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.reason = reason


class MirrorError(SyncdError):
    """The mirror's root is missing or is not ours: nothing may happen (RULES 5)."""

    def __init__(self, reason: str, message: str | Sentence, *, mend: str | Sentence = "") -> None:
        super().__init__(message, mend=mend)
        self.reason = reason


class Refused(SyncdError):
    """The portal refuses the key, the right, or is another cabinet's."""

    exit_code = 5

    def __init__(self, reason: str, message: str, *, mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.reason = reason


class Unreachable(SyncdError):
    """The portal does not answer, or what answers is not the portal."""

    exit_code = 6
    reason = "portal_away"

    def __init__(self, message: str, *, reason: str = "", cause: str = "", mend: str = "") -> None:
        super().__init__(message, mend=mend, reason=reason, cause=cause)


class NotSent(SyncdError):
    """The mail server is away or refuses; the text says why. Try again later."""


class StateFailed(SyncdError):
    """The engine's memory cannot be written: what is done from here on would not be remembered."""

    reason = "state_failed"


class JournalsHeld(SyncdError):
    """Some journals could not be written, mostly because another program has them open; all others were. `since`: a moment
    in time, or 0.
    """

    def __init__(self, message: str, *, since: float = 0.0) -> None:
        super().__init__(message)
        self.since = since


class WornOut(SyncdError):
    """The state counts its generations beyond any honest number: somebody else's came in (RULES 7)."""

    reason = "generations"

    def __init__(self) -> None:
        from syncd.core.words import faults

        super().__init__(faults.WORN.of(), mend=faults.WORN_MEND.of())


class AlreadyRunning(SyncdError):
    """Another engine works on this mirror, or another process serves this portal."""

    exit_code = 11
    reason = "held"
