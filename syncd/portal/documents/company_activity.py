"""What happened to a company's documents: deposited, made available by the cabinet, dealt with; the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from syncd.core.search_folding import wanted_words
from syncd.portal.models import Client, Document, Version
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person

WHATS = ("deposited", "published", "treated")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields cut nothing. `what`: one of WHATS; `since`, `until`: moments, the later one left out."""

    what: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


def happened(actor: Person, client: Client, wanted: Wanted) -> QuerySet[Version, dict[str, Any]]:
    """`at`, `what`, `who` (a name), `document`, `version` (its number) each, of what the actor may see and is not in the bin."""
    seen = Document.objects.filter(visible(actor), client=client, tombstone="")
    for word in wanted_words(wanted.words):
        seen = seen.filter(folded__contains=word)
    versions = Version.objects.filter(document__in=seen.values("id"))
    kinds = {
        "deposited": _rows(versions.filter(origin="company"), "deposited", "created_at", "by", wanted),
        "published": _rows(versions.exclude(origin="company"), "published", "created_at", "by", wanted),
        "treated": _rows(versions.filter(treated_at__isnull=False), "treated", "treated_at", "treated_by", wanted),
    }
    chosen = [kinds[wanted.what]] if wanted.what in kinds else list(kinds.values())
    return chosen[0].union(*chosen[1:], all=True).order_by("-at", "document")


def _rows(
    versions: QuerySet[Version], what: str, moment: str, name: str, wanted: Wanted
) -> QuerySet[Version, dict[str, Any]]:
    within = Q()
    if wanted.since is not None:
        within &= Q(**{f"{moment}__gte": wanted.since})
    if wanted.until is not None:
        within &= Q(**{f"{moment}__lt": wanted.until})
    named = versions.filter(within).annotate(at=F(moment), what=Value(what), who=F(name), version=F("number"))
    return named.order_by().values("at", "what", "who", "document", "version")
