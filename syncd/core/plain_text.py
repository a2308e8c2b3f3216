"""Text as a person gives it: a small file with whatever mark their editor put at its beginning, a name in one line."""

from __future__ import annotations

import re
import unicodedata

from syncd.core.paths import UNSEEN

# Letters, signs and marks that leave a blank, or nothing, on every screen, though their category says otherwise.
_BLANK = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"

_SAID = frozenset("\n\t\u200c\u200d\ufe0f")  # the last three join letters of some scripts, and the parts of an emoji
_BREAKING = re.compile(r"[^\S\u00a0\u202f]+")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(data: bytes) -> str:
    """UTF-8 with or without a mark, or UTF-16 with one; lines end with \\n. Raises ValueError with what to do."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text: save it as UTF-8") from None
    if "\0" in text:
        raise ValueError("it is no text: save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str, most: int = 200, *, printed: bool = False) -> str:
    """A name, a label, a reference: blanks as one, nothing that no reader sees, at most `most` characters; '' where
    nothing is left that anybody could tell from another (marks alone, say). `printed`: it keeps the spaces that no line
    breaks at (core.typography)."""
    seen = "".join(
        c if c.isprintable() or unicodedata.category(c) not in UNSEEN else " " for c in re.sub(_BLANK, " ", text)
    )
    line = " ".join(_BREAKING.split(seen.strip()) if printed else seen.split())[:most]
    return line if any(unicodedata.category(c)[0] in "LNPS" for c in line) else ""


def many_lines(text: str, most: int) -> str:
    """What somebody says, in lines that end with \\n: nothing that a screen does not show or that turns the order of what it
    shows, no more than one empty line at a time, at most `most` characters; '' where nothing is left that anybody reads.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")[: 4 * most]
    seen = "".join(c if c in _SAID or unicodedata.category(c) not in UNSEEN else "" for c in plain)
    lines = "\n".join(line.rstrip() for line in seen.split("\n"))
    said = re.sub(r"\n{3,}", "\n\n", lines).strip("\n")[:most]
    return said if any(unicodedata.category(c)[0] in "LNPS" for c in said) else ""
