"""Parts of the cabinet's clients as people read them: « Site Nantes – 23 clients »."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.portal.clients.segments import Segment
from syncd.portal.language import counted

WORDS: Mapping[str, str] = {
    "all": noop("Tous les clients"), "responsible": noop("Les clients que je suis"), "site": noop("Site {name}"),
    "group": noop("Groupe {name}"), "sector": noop("Secteur {name}"),
}  # fmt: skip


def said(segment: Segment) -> str:
    return _(WORDS[segment.field]).format(name=segment.value)


def choices(found: Iterable[Segment]) -> list[dict[str, Any]]:
    return [{"name": s.name, "said": said(s), "count": counted(s.count, "client", "clients")} for s in found]
