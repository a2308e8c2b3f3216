"""Relative paths inside a client, and the key that decides sameness (RULES 1).

There are two kinds, and mypy tells them apart. A `ClientPath` is a path as the client and the portal know it: canonical, the
portal's spelling of the top-level folder. A `DiskPath` is the same place as it is spelled on the cabinet's disk.
What takes a path of either kind gives one of the same kind.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NewType, TypeGuard, TypeVar

from syncd.core.errors import BadPath

ClientPath = NewType("ClientPath", str)
DiskPath = NewType("DiskPath", str)
P = TypeVar("P", ClientPath, DiskPath, str)
TOP, NOWHERE = ClientPath(""), DiskPath("")  # the client itself; where a place below it is meant, none

MAX_PATH_BYTES = 4096  # of a whole path inside its client; what a disk can hold may be less
MAX_NEW_BYTES = 2000  # of a place that is new online: what an index of any database holds; older ones may be longer
MAX_NAME_BYTES = 255
MAX_DEPTH = 100  # parts of a path, the document's own name included: nothing that walks a tree goes deeper
_MOST_OF_ONE = 12  # bytes of one character in NFC: UTF-8 grows to three times, of four bytes (Unicode, UAX 15, 14.1)
_NO_PART = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")  # empty, '.' or '..'
_SURROGATE = re.compile("[\ud800-\udfff]")  # no text of any encoding
_BYTES = re.compile("[\ud800-\udfff]")  # what a file system holds and cannot be decoded; on Windows half of a pair
_NOT_PLAIN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\\\\]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # what Unicode calls Cc


def nfc(text: str) -> str:
    """The composed form: how a name is written on the portal."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=8192)
def key(path: str) -> str:
    """Two paths with one key are the same place: NFC(casefold(NFC(name))), part by part."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def check(path: str) -> ClientPath:
    """Return `path` in NFC when it is relative, inside the client, short enough, and free of control characters.

    Raises BadPath naming the offending part. Used at every border: the wire, the command line, listings.
    """
    if not isinstance(path, str) or not path:
        raise BadPath("empty path.")
    if is_sound(path):
        return path
    if is_too_long(path):
        raise BadPath(
            f"path '{printable(path[:60])}…' is too long (limits: {MAX_PATH_BYTES} bytes, {MAX_DEPTH} folders deep).",
            reason="too_long",
        )
    if path.startswith("/") or "\\" in path:
        raise BadPath(f"path {path!r} is absolute or holds a backslash: give it relative to the client.")
    if _SURROGATE.search(path):
        raise BadPath(f"path {path!r} is not valid Unicode.")
    if _NO_PART.search(path):
        raise BadPath(f"path {path!r} holds an empty, '.' or '..' part.")
    if _CONTROL.search(path):
        raise BadPath(f"path {path!r} holds a control character.")
    return ClientPath(nfc(path))


def is_sound(path: str) -> TypeGuard[ClientPath]:
    """Whether `check` gives this very path back. Asked of every path of every listing."""
    if path.isascii():
        if not path or len(path) > MAX_PATH_BYTES or not path.isprintable() or "\\" in path:
            return False
        if path.count("/") >= MAX_DEPTH:
            return False
    elif (
        is_too_long(path)
        or (not path.isprintable() and _NOT_PLAIN.search(path))
        or "\\" in path
        or not unicodedata.is_normalized("NFC", path)
    ):
        return False
    if path[0] == "/" or path[-1] == "/" or "//" in path:
        return False
    return not (path[0] == "." or "/." in path) or not _NO_PART.search(path)


def is_too_long(path: str, most: int = MAX_PATH_BYTES) -> bool:
    """Whether no side takes a path of this length or depth; one for this disk alone may be shorter."""
    if len(path) > most or path.count("/") >= MAX_DEPTH:
        return True
    if len(path) * _MOST_OF_ONE <= most:
        return False
    return not path.isascii() and len(nfc(path).encode("utf-8", "surrogatepass")) > most


def parent(path: P) -> P:
    """The folder a path lies in; '' at the top of the client."""
    return path.rpartition("/")[0]  # type: ignore[return-value]


def name(path: str) -> str:
    return path.rpartition("/")[2]


def join(folder: P, last: str) -> P:
    return f"{folder}/{last}" if folder else last  # type: ignore[return-value]


def top(path: P) -> P:
    """The top-level folder of a path."""
    return path.partition("/")[0]  # type: ignore[return-value]


def is_below(path: str, folder: str) -> bool:
    """True when `path` is `folder` itself or lies under it (by exact spelling)."""
    return path == folder or path.startswith(folder + "/")


def rebase(path: P, old: P, new: P) -> P:
    """`path`, after the folder `old` was moved to `new`."""
    return new + path[len(old) :] if is_below(path, old) else path  # type: ignore[return-value]


def ancestors(path: P) -> list[P]:
    """Folders above `path`, the top level first: 'A/B/x.pdf' gives ['A', 'A/B']."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]  # type: ignore[misc]


def split_ext(filename: str) -> tuple[str, str]:
    """Stem and extension with its dot; a leading dot is no extension; `.tar.gz` counts as `.gz`."""
    stem, dot, ext = filename.rpartition(".")
    if not dot or not stem:
        return filename, ""
    return stem, dot + ext


def is_plain(text: str) -> bool:
    """Whether a text for people holds nothing that a terminal or a report would obey."""
    return text.isprintable() or not (_CONTROL.search(text) or _SURROGATE.search(text))


def is_decoded(name: str) -> bool:
    """Whether a name as the system lists it is text, and not bytes that mean nothing."""
    return name.isascii() or _BYTES.search(name) is None


UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format, half a pair, and what begins a new line or paragraph


def printable(path: str) -> str:
    """A readable escape of what a file system holds but a report must not (bytes, control, direction marks)."""
    if path.isprintable():
        return path
    out = []
    for c in path:
        if "\udc80" <= c <= "\udcff":
            out.append(f"\\x{ord(c) - 0xDC00:02x}")
        elif unicodedata.category(c) in UNSEEN:
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(c)
    return "".join(out)
