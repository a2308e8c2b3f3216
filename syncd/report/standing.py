"""What people were told before and still holds: said again in every report, with what it is about (DESIGN 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from syncd.core import paths, plan_totals, words
from syncd.core.events import Event
from syncd.report.lines import held, would

NAMED = 10  # documents of one reason


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for agreement in one client, since when. `declined_by`, `declined_at`: who said no, when; 0: nobody."""

    client: str
    reason: str
    lines: Sequence[Event]
    since: float
    declined_by: str = ""
    declined_at: float = 0.0

    def why(self, zone: tzinfo | None, language: str) -> str:
        """`en attente de votre accord : première mise en ligne`, or that somebody said no, and nothing is done."""
        said = words.reason(self.reason, "", language)
        if not self.declined_at:
            return said
        return words.declined(said, self.declined_by, datetime.fromtimestamp(self.declined_at, zone), language)

    def would(self, language: str) -> str:
        """`12 documents à mettre en ligne, 3 documents à remplacer en ligne`: the whole set, counted."""
        counts = plan_totals.by_change(plan_totals.totals(self.lines, paths.top))
        return would(counts, language) or held("adopt", 1, language)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal or problem that was told before, and still holds. `client`: its code."""

    client: str
    path: str
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class Standing:
    waiting: Sequence[Held] = ()
    refused: Sequence[Refused] = ()
    stopped: Sequence[Refused] = ()


def by_reason(several: Sequence[Refused]) -> list[tuple[str, str, list[Refused]]]:
    """(client, reason, of which documents), in that order."""
    groups: defaultdict[tuple[str, str], list[Refused]] = defaultdict(list)
    for one in several:
        groups[(one.client, one.reason)].append(one)
    return [(client, reason, groups[client, reason]) for client, reason in sorted(groups)]


def named(several: Sequence[Refused], language: str, most: int = NAMED) -> str:
    """`Achats/a.exe, Achats/b.exe et 4 autres documents`; the client itself where no document is named."""
    names = [one.path for one in several if one.path][:most]
    if not names:
        return "dossier du client" if language == "fr" else "the client's directory"
    more = len(several) - len(names)
    if not more:
        return ", ".join(names)
    if language == "fr":
        return f"{', '.join(names)} et {words.count(more, 'autre document', 'autres documents')}"
    return f"{', '.join(names)} and {more} more"
