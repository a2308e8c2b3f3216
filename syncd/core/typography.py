"""French as it is printed: spaces that no line breaks at, and the curved apostrophe; in pages, mails, and what scripts say.

Only spaces and apostrophes that are there are changed, and none in an address, a tag, code, or what is filled in later: names
of documents go into a sentence after it was set. `portal/scripts/words.js` says the same; one table tests both.
"""

from __future__ import annotations

import re

NBSP, NARROW = "\u00a0", "\u202f"

_RULES = r"""
    (?P<kept> <code>.*?</code> | <[^<>]*> | https?://\S+ | `[^`]*` | \{\{[^{}]*\}\} | \{\w*\} | %\(\w+\)s )
    | (?P<narrow> [ \u00a0\u202f]+ (?=[;?!»]) | (?<=«) [ \u00a0\u202f]+ )
    | (?P<wide> [ \u00a0\u202f]+ (?= :(?!\w) )
        | (?: (?<=\d) | (?<=\}) | (?<=\)s) ) [ \u00a0\u202f] (?= (?: Ko|Mo|Go|%|€|min|px ) (?!\w) )
        | (?<=n°) [ ] )
    | (?P<apostrophe> (?<=[^\W\d_]) ' (?= [^\W\d_] | \{ | %\( | < ) )
    """  # compiled when something is said: most runs say nothing
_SET = {"narrow": NARROW, "wide": NBSP, "apostrophe": "’"}


def french(text: str) -> str:
    """U+202F before ; ? ! » and after «, U+00A0 before : and units, ’ for '. Done twice it is as done once."""
    return re.sub(_RULES, lambda m: _SET.get(m.lastgroup or "", m[0]), text, flags=re.VERBOSE)
