"""What goes wrong again and again is tried again after a growing pause (HAZARDS 63).

A document that cannot be placed or is not given, one that is taken away as soon as it came, one that is barred on its way;
and what cannot be renamed here: it is tried three times, said once, and tried again from time to time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeGuard

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
)
from syncd.core.entry import Problem
from syncd.core.events import shown
from syncd.core.folder_rules import Refusal
from syncd.core.no_room import no_room
from syncd.core.outcomes import Applied, Conflict, Failed, Outcome, Refused
from syncd.core.plan import Plan
from syncd.core.time_units import DAY
from syncd.ports.state import Pause

if TYPE_CHECKING:
    from syncd.engine.apply.work import ClientWork

FIRST, LONGEST = 600.0, 6 * 3600.0
FORGOTTEN = DAY  # after so long it is a new story
TRIES, NOT_RENAMED = 3, "not_renamed"
IN_BETWEEN = ("proxy_limit", "proxy_barred", "line_cut", "portal_failed")  # it did not come to be kept by the portal

Pauses = Mapping[str, Pause]
Bringing = Download | KeepBoth
Renaming = MoveFolder | MoveLocal


def fetched(action: Bringing) -> Fetch | Download:
    """What is brought by it."""
    if isinstance(action, KeepBoth):
        assert action.fetch is not None
        return action.fetch
    return action


def passes(error: OSError) -> bool:
    """Whether it is over one day without anybody's doing: such a thing is tried at every run."""
    return no_room(error)


# -- before a plan is carried out --------------------------------------------------------------------------------------


def hold(plan: Plan, pauses: Pauses, now: float) -> tuple[Plan, bool]:
    """The plan without what is paused, which is said as before; and whether something that others rest on is left."""
    go, problems, refusals, stuck = list[Action](), list[Problem](), list[Refusal](), list[Renaming]()
    for action in plan.actions:
        pause = _pause(pauses, action)
        if pause is None or not 0 < pause.until - now <= LONGEST:
            go.append(action)
        elif isinstance(action, MoveFolder | MoveLocal):
            stuck.append(action)
        elif isinstance(action, Upload):
            refusals.append(Refusal(action.path, pause.reason, pause.detail))
        else:
            problems.append(Problem(action.path, pause.reason, pause.detail))
    if stuck:
        go = _leave_there(go, stuck)
    notices = [Refusal(move.path, NOT_RENAMED, shown(move.disk)) for move in stuck]
    held = replace(
        plan, actions=tuple(go), problems=(*plan.problems, *problems), refusals=(*plan.refusals, *refusals),
        notices=(*plan.notices, *notices),
    )  # fmt: skip
    return held, bool(stuck)


def _leave_there(go: Sequence[Action], stuck: Sequence[Renaming]) -> list[Action]:
    """What rests on them is not agreed: documents are still where they were (RULES 2)."""
    folders = [paths.key(move.path) for move in stuck if isinstance(move, MoveFolder)]
    return [a for a in go if not (isinstance(a, Record | Forget) and lies_in(a, folders))]


def lies_in(action: Record | Forget, moving: Sequence[str]) -> bool:
    """Whether what is agreed lies in one of these folders, by key."""
    at = paths.key(action.path)
    return bool(moving) and any(paths.is_below(at, folder) for folder in moving)


# -- after an outcome --------------------------------------------------------------------------------------------------


def after(work: ClientWork, outcome: Outcome, now: float) -> Pause | str | None:
    """The pause that follows from an outcome; the name of the one that is over; None: neither."""
    action = outcome.action
    if isinstance(outcome, Applied):
        if isinstance(action, Download | KeepBoth) and _taken_away(work, action):
            return _longer(work.pauses, _name(action), _what(action), now, "taken_away")
        return name if work.pauses and (name := _name(action)) in work.pauses else None
    if isinstance(outcome, Refused):
        barred = isinstance(action, Upload) and outcome.reason in IN_BETWEEN
        return (
            _longer(work.pauses, _name(action), _what(action), now, outcome.reason, outcome.detail) if barred else None
        )
    if isinstance(action, MoveFolder | MoveLocal) and _name(action):
        here = isinstance(outcome, Conflict) and not outcome.online
        return _in_vain(work.pauses, action, now) if here or (isinstance(outcome, Failed) and outcome.rests) else None
    if isinstance(outcome, Failed) and outcome.rests and _brings(action):
        return _longer(work.pauses, _name(action), _what(action), now, outcome.reason, outcome.detail)
    return None


def given_up(pause: Pause) -> bool:
    """Whether it is a rename that was tried often enough."""
    return pause.reason == NOT_RENAMED and pause.tries >= TRIES


def _taken_away(work: ClientWork, action: Bringing) -> bool:
    """What had been there before, and comes again as it was: somebody may take it away again."""
    if not isinstance(action, Download) or action.expect is not None or action.vacate or work.row.recovery:
        return False
    old = work.base.docs.get(action.doc)
    return old is not None and not old.left and (old.version, old.content) == (action.version, action.content)


def _name(action: Action) -> str:
    """Under what an action is remembered; '' for one that never is."""
    if isinstance(action, MoveFolder):
        return f"move {action.id}" if action.side is Side.LOCAL else ""
    if isinstance(action, MoveLocal):
        return "" if action.set_aside else f"move {action.doc}"
    if isinstance(action, Upload):
        return f"send {paths.key(action.path)}"
    return fetched(action).doc if _brings(action) else ""


def _brings(action: Action) -> TypeGuard[Bringing]:
    """Whether it fetches something; a document here that only makes room for another one does not."""
    return isinstance(action, Download) or (isinstance(action, KeepBoth) and action.fetch is not None)


def _what(action: Action) -> str:
    """Which try of it: another version, or another place, is another story."""
    if isinstance(action, MoveFolder | MoveLocal):
        return f"{action.disk}\0{action.to_disk}"
    if isinstance(action, Upload):
        return f"{action.doc or ''} {action.content.size} {action.content.hex}"
    assert isinstance(action, Download | KeepBoth)
    return f"{fetched(action).version_id} {action.disk}"


def _pause(pauses: Pauses, action: Action) -> Pause | None:
    """What is remembered of this very try. What frees a name for others is no matter of its own, and never paused."""
    if isinstance(action, Download) and action.vacate:
        return None
    name = _name(action)
    pause = pauses.get(name) if name else None
    return pause if pause is not None and pause.what == _what(action) else None


def _tries(pauses: Pauses, name: str, what: str, now: float) -> int:
    before = pauses.get(name)
    going_on = before is not None and before.what == what and before.until > now - FORGOTTEN
    return before.tries + 1 if before is not None and going_on else 1


def _in_vain(pauses: Pauses, action: Renaming, now: float) -> Pause:
    tries = _tries(pauses, _name(action), _what(action), now)
    until = now + (LONGEST if tries >= TRIES else 0.0)
    return Pause(_name(action), _what(action), tries, until, NOT_RENAMED, shown(action.disk))


def _longer(pauses: Pauses, name: str, what: str, now: float, reason: str, detail: str = "") -> Pause:
    tries = _tries(pauses, name, what, now)
    rest = min(LONGEST, FIRST * 2 ** min(tries - 2, 20)) if tries > 1 else 0.0  # once may be chance
    return Pause(name, what, tries, now + rest, reason, detail)
