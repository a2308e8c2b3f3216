"""What a disk's error says of the action that met it."""

from __future__ import annotations

import errno

from syncd.core.actions import Action
from syncd.core.no_room import no_room
from syncd.core.outcomes import Conflict, Failed
from syncd.engine import action_backoff
from syncd.ports.local import Stale, in_use


def reason_of(error: OSError) -> str:
    """The problem's code."""
    if in_use(error):
        return "locked"
    if error.errno == errno.ENAMETOOLONG:
        return "too_long"
    if no_room(error):
        return "disk_full"
    if error.errno == errno.ENOENT:
        return "vanished"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EIO):
        return "unreadable"
    return "failed"


def failure(action: Action, error: OSError | Stale, reason: str = "") -> Conflict | Failed:
    """An adapter could not do it, or saw something else than planned. `reason`: a better code than the error's own."""
    if isinstance(error, Stale):
        return Conflict(action, online=False)
    reason = reason or reason_of(error)
    rests = reason != "locked" and not action_backoff.passes(error)
    return failed(action, reason, error.strerror or str(error), rests=rests)


def failed(action: Action, reason: str, detail: str = "", *, rests: bool = False) -> Failed:
    """`detail` is told where the reason alone says nothing."""
    return Failed(action, reason, detail if reason == "failed" else "", rests=rests)
