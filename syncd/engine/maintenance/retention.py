"""What came out of replacements is kept in `.syncd/replaced/` until the portal surely holds it (RULES 6)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.engine.apply.local import stop_client
from syncd.engine.backoff import FORGOTTEN
from syncd.engine.context import Job, Parts
from syncd.engine.recorder import Recorder
from syncd.ports.local import ClientStopped, Stale

DAY = 86400.0
KEEP = 30 * DAY


def sweep(parts: Parts, recorder: Recorder, jobs: Sequence[Job]) -> None:
    """Once a day: drop copies older than a month whose very content the portal holds as a live document's version."""
    now = parts.clock.now()
    if 0 <= now - float(parts.state.get("swept", "0")) < DAY:
        return
    for job in jobs:
        if not job.dir or job.adopt:
            continue
        recorder.between()
        try:
            _sweep(parts, job)
        except ClientStopped as e:  # that client's: the others are swept
            stop_client(recorder, job, e)
        except (OSError, Stale):  # looked at again another day
            continue
    parts.state.forget_pauses(now - FORGOTTEN)
    parts.state.set("swept", repr(now))


def _sweep(parts: Parts, job: Job) -> None:
    old = parts.mirror.kept(job.dir, KEEP)
    if not old:
        return
    held = parts.state.held_online(job.id)
    for name, stamp, content in old:
        if content.sha256 in held:
            parts.mirror.drop_kept(job.dir, name, stamp)
