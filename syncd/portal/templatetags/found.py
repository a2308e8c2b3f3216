"""What was looked for, marked where it stands: `{{ name|marked:words }}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from syncd.core.search_folding import found_in
from syncd.core.text_search import Piece

register = template.Library()


@register.filter
def marked(text: str, words: str) -> SafeString:
    """Escaped, each place in a `mark`."""
    said, at = [], 0
    for start, end in found_in(str(text), words or ""):
        said += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*said, escape(text[at:])]))  # noqa: S308 - every part of the text is escaped


@register.filter
def excerpt_of(said: Mapping[str, Sequence[Piece]], document: str) -> SafeString:
    """Where the words stand in what a document says: escaped, each in a `mark`; '' for nothing."""
    pieces = (said or {}).get(document, ())
    return mark_safe("".join(f"<mark>{escape(p.text)}</mark>" if p.found else escape(p.text) for p in pieces))  # noqa: S308 - escaped
