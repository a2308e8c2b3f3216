"""What lies on the share and is no client's: quarantined once nothing of it moves any more, and said for as long as it lies there."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable

from syncd.core.events import Event, shown
from syncd.core.reasons import NOBODYS, Reason
from syncd.engine.context import Context
from syncd.jobs.intake.share import REPORTS, Found, Share, Strange
from syncd.ports.local import in_use

HELD = {errno.EBUSY, errno.EACCES, errno.EPERM, errno.ETXTBSY, errno.EAGAIN}


class Strays:
    """Of one pass. `settled`: whether nothing of a file moves any more."""

    def __init__(self, ctx: Context, share: Share, settled: Callable[[Found], bool]) -> None:
        self._ctx, self._share, self._settled = ctx, share, settled
        self._told = set[str]()

    def files(self, top: str, waits: bool) -> list[Found]:
        """What lies there now: it is listed whole before the first of it moves. Raises OSError."""
        try:
            return self._sorted(self._share.files(top, waiting=waits))
        except FileNotFoundError:
            return []

    def directory(self, top: str, waits: bool, reason: Reason) -> None:
        """A dossier's that no client in use is named for."""
        files = self.files(top, waits)
        self._set_aside(files)
        if files:
            self._tell(top, reason)

    def loose(self) -> None:
        """Files that lie in no dossier's directory, in the root and in the quarantine."""
        for waits in (False, True):
            for found in self._sorted(self._share.loose(waiting=waits)):
                self._set_aside([found])
                self._tell(found.given, Reason.LOOSE_SCAN)

    def _sorted(self, there: Iterable[Found | Strange]) -> list[Found]:
        found = list[Found]()
        for each in there:
            if isinstance(each, Strange):
                self._tell(each.place, Reason.LINK)
            else:
                found.append(each)
        return sorted(
            found, key=lambda f: (not f.parts, f.parts, f.stamp.mtime_ns, f.name)
        )  # who says which folder first

    def _set_aside(self, files: Iterable[Found]) -> None:
        if self._ctx.settings.dry_run:
            return
        for found in files:
            if found.waits or not self._settled(found):
                continue
            try:
                self._share.set_aside(found)
            except FileNotFoundError:  # somebody else took it, or took it away
                continue
            except OSError as e:
                if e.errno not in HELD and not in_use(e):
                    raise

    def _tell(self, place: str, reason: Reason) -> None:
        """Somebody has to see to it."""
        if place in self._told:
            return
        self._told.add(place)
        said = Event("", "problem", shown(place), reason=reason, notice=True, warning=reason in NOBODYS)
        self._ctx.recorder.record(said, REPORTS)
