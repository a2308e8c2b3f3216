"""A document that cannot be placed or is not given, is taken away as soon as it came, or is barred on its way, is tried again
after a growing pause (HAZARDS 63);
what cannot be renamed here is tried three times, said once, and tried again from time to time."""

from __future__ import annotations

import errno

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import (
    Action,
    Download,
    Fetch,
    Forget,
    KeepBoth,
    MoveFolder,
    MoveLocal,
    Record,
    Side,
    Upload,
    path_of,
)
from syncd.core.entry import Problem
from syncd.core.events import shown
from syncd.core.folder_rules import Refusal
from syncd.engine.context import Job, Parts, Settings
from syncd.ports.local import ClientStopped, Stale, in_use
from syncd.ports.state import Pause

FIRST, LONGEST = 600.0, 6 * 3600.0
FORGOTTEN = 24 * 3600.0  # after so long it is a new story
TRIES, NOT_RENAMED = 3, "not_renamed"
_EVERYBODYS = {errno.ENOSPC, errno.EDQUOT}  # there is room again one day, and then at once


def fetched(action: Download | KeepBoth) -> Fetch:
    """What is brought by it."""
    if isinstance(action, KeepBoth):
        assert action.fetch is not None
        return action.fetch
    return Fetch(action.doc, action.content, action.version, action.version_id, action.by_company)


def hold(parts: Parts, settings: Settings, job: Job) -> None:
    """Take out of the plan what is paused, and say why as before. A client asked for by name is tried at once."""
    job.pauses = parts.state.pauses(job.id)
    if not job.pauses or settings.only or job.plan is None:
        return
    now, go, problems, refusals = parts.clock.now(), list[Action](), list[Problem](), list[Refusal]()
    stuck = list[MoveFolder | MoveLocal]()
    for action in job.plan.actions:
        pause = _pause(job, action)
        if pause is None or not 0 < pause.until - now <= LONGEST:
            go.append(action)
        elif isinstance(action, MoveFolder | MoveLocal):
            stuck.append(action)
        elif isinstance(action, Upload):
            refusals.append(Refusal(action.path, pause.reason, pause.detail))
        else:
            problems.append(Problem(path_of(action), pause.reason, pause.detail))
    if problems or refusals:
        plan = replace(job.plan, problems=(*job.plan.problems, *problems), refusals=(*job.plan.refusals, *refusals))
        job.plan = replace(plan, actions=tuple(go))
    if stuck:
        _leave_there(job, go, stuck)


def _leave_there(job: Job, go: list[Action], stuck: list[MoveFolder | MoveLocal]) -> None:
    """What rests on them is not agreed: documents are still where they were (RULES 2)."""
    assert job.plan is not None
    folders = [paths.key(move.path) for move in stuck if isinstance(move, MoveFolder)]
    left = [a for a in go if not (isinstance(a, Record | Forget) and lies_in(a, folders))]
    notices = [Refusal(move.path, NOT_RENAMED, shown(move.disk)) for move in stuck]
    job.plan = replace(job.plan, actions=tuple(left), notices=(*job.plan.notices, *notices))
    job.stumbled = True


def lies_in(action: Record | Forget, moving: list[str]) -> bool:
    """Whether what is agreed lies in one of these folders, by key."""
    at = paths.key(path_of(action))
    return bool(moving) and any(paths.is_below(at, folder) for folder in moving)


def _moves(action: Action) -> str:
    """Under what a move here is remembered; '' for anything else."""
    if isinstance(action, MoveFolder) and action.side is Side.LOCAL:
        return f"move {action.id}"
    if isinstance(action, MoveLocal) and not action.set_aside:
        return f"move {action.doc}"
    return ""


def moved_in_vain(parts: Parts, job: Job, action: Action, error: OSError | Stale) -> bool:
    """It would not be renamed. True: not for the first times, and it rests from now on. What is open, or a disk that is
    full, is another matter."""
    name = _moves(action)
    if not name or not isinstance(action, MoveFolder | MoveLocal) or isinstance(error, ClientStopped):
        return False
    if isinstance(error, OSError) and (error.errno in _EVERYBODYS or in_use(error)):
        return False
    now, before = parts.clock.now(), job.pauses.get(name)
    going_on = before is not None and before.what == _where(action) and before.until > now - FORGOTTEN
    tries = before.tries + 1 if before is not None and going_on else 1
    until = now + (LONGEST if tries >= TRIES else 0.0)
    parts.state.pause(job.id, Pause(name, _where(action), tries, until, NOT_RENAMED, shown(action.disk)))
    return tries >= TRIES


def moved(parts: Parts, job: Job, action: Action) -> None:
    """It has been renamed. In the caller's transaction."""
    if _moves(action) in job.pauses:
        parts.state.end_pause(job.id, _moves(action))


def _where(action: MoveFolder | MoveLocal) -> str:
    return f"{action.disk}\0{action.to_disk}"


def _pause(job: Job, action: Action) -> Pause | None:
    """What is remembered of this very download. What frees a name for others is no matter of its own, and never paused."""
    if isinstance(action, MoveFolder | MoveLocal):
        pause = job.pauses.get(_moves(action))
        return pause if pause is not None and pause.what == _where(action) else None
    if isinstance(action, Upload):
        pause = job.pauses.get(_sent(action))
        return pause if pause is not None and pause.what == _sending(action) else None
    if isinstance(action, Download) and action.vacate:
        return None
    if not isinstance(action, Download | KeepBoth) or (isinstance(action, KeepBoth) and action.fetch is None):
        return None
    pause = job.pauses.get(fetched(action).doc)
    return pause if pause is not None and pause.what == _what(action) else None


def _what(action: Download | KeepBoth) -> str:
    return f"{fetched(action).version_id} {action.disk}"


def failed(parts: Parts, job: Job, action: Download | KeepBoth, error: OSError, reason: str) -> None:
    """The disk did not take it."""
    if error.errno not in _EVERYBODYS and reason != "locked":
        said = (error.strerror or str(error)) if reason == "failed" else ""
        _again(parts, job, fetched(action).doc, _what(action), reason, said)


def not_given(parts: Parts, job: Job, action: Download | KeepBoth, reason: str, detail: str) -> None:
    """The portal does not give it as it said."""
    _again(parts, job, fetched(action).doc, _what(action), reason, detail)


def barred(parts: Parts, job: Job, action: Upload, reason: str, detail: str) -> None:
    """Something between here and the portal does not let it through."""
    _again(parts, job, _sent(action), _sending(action), reason, detail)


def sent(parts: Parts, job: Job, action: Upload) -> None:
    """It is online. In the caller's transaction."""
    if _sent(action) in job.pauses:
        parts.state.end_pause(job.id, _sent(action))


def _sent(action: Upload) -> str:
    """Under what an upload is remembered."""
    return f"send {paths.key(action.path)}"


def _sending(action: Upload) -> str:
    return f"{action.doc or ''} {action.content.size} {action.content.hex}"


def placed(parts: Parts, job: Job, action: Download | KeepBoth) -> None:
    """It is in its place. In the caller's transaction. What had been there before may be taken away again."""
    fetch = fetched(action)
    base = job.base.docs.get(fetch.doc)
    if (
        isinstance(action, Download) and action.expect is None and not action.vacate and not job.row.recovery
        and base is not None and not base.left and (base.version, base.content) == (fetch.version, fetch.content)
    ):  # fmt: skip
        _again(parts, job, fetch.doc, _what(action), "taken_away")
    elif fetch.doc in job.pauses:
        parts.state.end_pause(job.id, fetch.doc)


def _again(parts: Parts, job: Job, name: str, what: str, reason: str, detail: str = "") -> None:
    now, before = parts.clock.now(), job.pauses.get(name)
    going_on = before is not None and before.what == what and before.until > now - FORGOTTEN
    tries = before.tries + 1 if before is not None and going_on else 1
    rest = min(LONGEST, FIRST * 2 ** min(tries - 2, 20)) if tries > 1 else 0.0  # once may be chance
    parts.state.pause(job.id, Pause(name, what, tries, now + rest, reason, detail))
