"""What is told at once, what only in the digest: new trouble, and its end; known trouble with its age (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from syncd.core.reasons import Reason

AT_MOST = 3600.0  # one mail of trouble in so many seconds
FOR_A_DAY = (Reason.VANISHED_HERE,)  # what is no longer told of is not over: nobody is told that it is
NOTHING: Mapping[str, float] = {}
REPORTS = "reports"  # the reason of the trouble that run reports and journals cannot be written
PATIENCE = 900.0  # a pass that was given up is trouble once it has lasted this long …
AT_ONCE = (Reason.STOP_ROOT_MARKER, Reason.STATE_FAILED, Reason.DISK_FAILED, Reason.PORTAL_FULL)  # … but these, at once


class Trouble(msgspec.Struct, frozen=True):
    """`client`: its code, '' for the whole cabinet. Times in seconds since 1970; `told` and `ended`: 0 when not yet."""

    key: str
    client: str
    reason: str
    detail: str = ""
    since: float = 0.0
    told: float = 0.0
    ended: float = 0.0


class Told(msgspec.Struct, frozen=True):
    """`news` and `over` go out now, in one mail; `kept` is what is remembered."""

    news: tuple[Trouble, ...]
    over: tuple[Trouble, ...]
    kept: tuple[Trouble, ...]


def watch(
    before: Mapping[str, Trouble], now_there: Mapping[str, Trouble], judged: Callable[[Trouble], bool], now: float
) -> list[Trouble]:
    """The troubles there are after a pass. `judged`: whether that pass could see that a trouble is over."""
    out = []
    for key, trouble in before.items():
        if key in now_there:
            out.append(replace(trouble, detail=now_there[key].detail, ended=0.0))
        elif trouble.ended or not judged(trouble):
            out.append(trouble)
        elif trouble.told and trouble.reason not in FOR_A_DAY:
            out.append(replace(trouble, ended=now))
    return out + [replace(t, since=now) for key, t in now_there.items() if key not in before]


def tell(troubles: list[Trouble], now: float, last: float, lately: Mapping[str, float] = NOTHING) -> Told:
    """What to mail now. `last`: when the last mail of trouble went out; `lately`: keys that were told within AT_MOST.

    A new client or kind of trouble never waits. What was told within the hour, and is there again, does, and so does an
    end; an end goes along with whatever goes.
    """
    due = [t for t in troubles if not t.told and not t.ended and now - t.since >= _patience(t)]
    over = [t for t in troubles if t.ended]
    quiet = now - last < AT_MOST
    news = [t for t in due if not quiet or t.key not in lately]
    if quiet and not news:
        return Told((), (), tuple(troubles))
    kept = [replace(t, told=now) if t in news else t for t in troubles if not t.ended]
    return Told(tuple(news), tuple(over), tuple(kept))


def _patience(trouble: Trouble) -> float:
    """What may pass by itself waits; what waits for somebody does not."""
    waits = trouble.reason == "abandoned" and trouble.detail.partition(" ")[0] not in AT_ONCE
    return PATIENCE if waits else 0.0
