"""Clients as people look for them: every word somewhere in code, name, site, group, sector or responsible, folded."""

from __future__ import annotations

from django.db.models import Q

from syncd.core.search_folding import wanted_words


def clients_with(words: str) -> Q:
    """Of clients: those that hold every word."""
    found = Q()
    for word in wanted_words(words):
        found &= (
            Q(folded__contains=word) | Q(folded_place__contains=word) | Q(responsible__folded__contains=word)
        )  # fmt: skip
    return found


def called(words: str) -> Q:
    """Of clients: every word is in the code or the name."""
    found = Q()
    for word in wanted_words(words):
        found &= Q(folded__contains=word)
    return found
