"""Names that syncd makes or judges: conflict copies, `supp_`, names safe for Windows (RULES 2–4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from syncd.core import paths
from syncd.core.paths import P

SUPP = "supp_"
_STAMP = re.compile(r" \(version du cabinet \d{4}-\d\d-\d\d \d\dh\d\d\)( \d+)?$")
_SUPP = re.compile(r"^supp_(\d+_)?")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\ud800-\udfff\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_ORDINARY = re.compile(
    r"[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff](?:[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff _.,'()&+=@#!%-]{0,120}[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff_()-])?"
)  # nothing to look for
_DEVICES = frozenset(["CON", "PRN", "AUX", "NUL", "COM", "LPT"])  # how a reserved name begins
_RESERVED = re.compile(r"^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)(\..*)?$", re.IGNORECASE)


def shorten(stem: str, rest: str, limit: int = paths.MAX_NAME_BYTES) -> str:
    """`stem + rest` cut in its stem so that it holds in `limit` UTF-8 bytes and 255 UTF-16 units."""
    while stem and (len((stem + rest).encode("utf-8", "surrogateescape")) > limit):
        stem = stem[:-1]
        while stem and unicodedata.combining(stem[-1]):
            stem = stem[:-1]
    return stem.rstrip(" ") + rest if stem else rest


def conflict_stem(name: str) -> str:
    """The stem without an earlier conflict stamp: a copy that conflicts again gets its stamp replaced."""
    return _STAMP.sub("", paths.split_ext(name)[0])


def is_conflict_copy(name: str) -> bool:
    return _STAMP.search(paths.split_ext(name)[0]) is not None


def conflict_copy(path: P, stamp: str, taken: Callable[[P], bool]) -> P:
    """`<stem> (version du cabinet <stamp>)<ext>` beside `path`; taken: ` 2`, ` 3`, …"""
    folder, ext = paths.parent(path), paths.split_ext(paths.name(path))[1]
    stem = conflict_stem(paths.name(path))
    n = 1
    while True:
        suffix = f" (version du cabinet {stamp})" + (f" {n}" if n > 1 else "") + ext
        candidate = paths.join(folder, shorten(stem, suffix))
        if not taken(candidate):
            return candidate
        n += 1


def set_aside(path: P, taken: Callable[[P], bool]) -> P:
    """`supp_<name>` beside `path`; taken: `supp_2_<name>`, … The extension is never cut (RULES 3)."""
    folder, (stem, ext) = paths.parent(path), paths.split_ext(paths.name(path))
    n = 1
    while True:
        prefix = SUPP if n == 1 else f"{SUPP}{n}_"
        candidate = paths.join(folder, prefix + shorten(stem, ext, paths.MAX_NAME_BYTES - len(prefix)))
        if not taken(candidate):
            return candidate
        n += 1


def unsupp(name: str) -> str:
    """The name a set-aside had, as far as its own name tells."""
    return _SUPP.sub("", name)


def second_name(path: P, taken: Callable[[P], bool]) -> P:
    """`facture (2).pdf`: another name for another document deposited under a taken one."""
    folder, (stem, ext) = paths.parent(path), paths.split_ext(paths.name(path))
    n = 2
    while True:
        candidate = paths.join(folder, shorten(stem, f" ({n}){ext}"))
        if not taken(candidate):
            return candidate
        n += 1


def windows_fault(name: str) -> str:
    """Why Windows cannot hold this name (a code of words.DETAILS, and what fills it), '' when it can."""
    if _ORDINARY.fullmatch(name) and " ." not in name and name[:3].upper() not in _DEVICES:
        return ""
    if not paths.is_decoded(name):
        return "unreadable_bytes"
    if len(name.encode("utf-8", "surrogatepass")) > paths.MAX_NAME_BYTES:
        return "name_too_long"
    if _FORBIDDEN.search(name):
        return "forbidden_character " + "".join(paths.printable(c) for c in sorted(set(_FORBIDDEN.findall(name))))
    if _INVISIBLE.search(name):
        return "invisible_character"
    if name != name.rstrip(". "):
        return "dot_or_space_at_end"
    if name != name.lstrip(" "):
        return "space_at_start"
    if _RESERVED.match(name):
        return "reserved_name"
    if paths.split_ext(name)[0].endswith(" "):
        return "space_before_extension"
    return ""


def path_fault(path: str) -> tuple[str, str] | None:
    """Reason and detail why no place of this name can be published, judging its last part; None when it can."""
    if paths.is_too_long(path, paths.MAX_NEW_BYTES):
        return "too_long", ""
    fault = windows_fault(paths.name(path))
    return ("bad_name", fault) if fault else None


def windows_safe(name: str) -> str:
    """A name Windows can hold, close to the one given (used at deposit; the new name is shown)."""
    name = _INVISIBLE.sub("", paths.nfc(name))
    name = "".join(c for c in name if unicodedata.category(c) not in paths.UNSEEN or c in "\u200c\u200d")
    name = _FORBIDDEN.sub("-", name).strip(" ").rstrip(". ")
    stem, ext = paths.split_ext(name)
    name = stem.rstrip(" ") + ext
    if _RESERVED.match(name):
        name = "_" + name
    stem, ext = paths.split_ext(name or "document")
    return shorten(stem, ext)
