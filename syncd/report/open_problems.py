"""What people were told before and still holds: said again in every report, with what it is about (DESIGN 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, tzinfo

import msgspec

from syncd.core import paths, plan_totals, words
from syncd.core.events import Event
from syncd.core.reasons import Family, family
from syncd.report.event_sentences import held, would

NAMED = 10  # documents of one reason


class Held(msgspec.Struct, frozen=True):
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


class Refused(msgspec.Struct, frozen=True):
    """A refusal or problem that was told before, and still holds. `client`: its code; `detail`: as it was last told."""

    client: str
    path: str
    reason: str
    since: float
    detail: str = ""


class Standing(msgspec.Struct, frozen=True):
    waiting: Sequence[Held] = ()
    refused: Sequence[Refused] = ()
    stopped: Sequence[Refused] = ()
    cabinet: Sequence[Refused] = ()  # of no client: OF_THE_CABINET


class Alike(msgspec.Struct, frozen=True):
    """What still holds of one client for one reason and cause."""

    client: str
    reason: str
    cause: str
    of: Sequence[Refused]

    @property
    def since(self) -> float:
        return min(one.since for one in self.of)


def by_cause(several: Sequence[Refused]) -> list[Alike]:
    """Client by client. What fills a refusal's sentence is each document's own (its size, its type): it is no cause."""
    groups: defaultdict[tuple[str, str, str], list[Refused]] = defaultdict(list)
    for one in several:
        cause = "" if family(one.reason) is Family.REFUSAL else one.detail
        groups[one.client, one.reason, cause].append(one)
    return [Alike(*key, groups[key]) for key in sorted(groups)]


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
