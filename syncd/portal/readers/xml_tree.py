"""XML of strangers as a tree: nothing is fetched, nothing is expanded, and there is an end to all of it.

A DOCTYPE is refused outright: no form of an invoice has one, and with it go entities, in every size.
"""

from __future__ import annotations

import codecs
import xml.parsers.expat as expat
from collections.abc import Collection, Iterator, Mapping

DEEP, MANY, TEXT = 100, 500_000, 20_000  # elements within elements; elements; characters of one
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BLANKS = b" \t\r\n"


class Node:
    """An element by its local name. `size`: characters of its own text, also where not all are kept."""

    __slots__ = ("attributes", "children", "name", "size", "space", "text")

    def __init__(self, name: str, space: str, attributes: Mapping[str, str]) -> None:
        self.name, self.space, self.attributes = name, space, attributes
        self.text, self.size = "", 0
        self.children: list[Node] = []

    def all(self, path: str) -> Iterator[Node]:
        """Those at `A/B`, below this one; `A|C` is either. In the file's order."""
        first, _, rest = path.partition("/")
        names = first.split("|")
        for child in self.children:
            if child.name in names:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def one(self, path: str) -> Node:
        """The first of them; an empty one where there is none."""
        return next(self.all(path), _NOTHING)

    def said(self, *paths: str) -> str:
        """The first text that is not empty, at the first path that has one."""
        return next((text for path in paths for node in self.all(path) if (text := node.text.strip())), "")


_NOTHING = Node("", "", {})


def tree(data: bytes, heavy: Collection[str] = (), rows: Collection[str] = (), most: int = 0) -> tuple[Node, int]:
    """The root, and how many elements of `rows` there were: beyond the first `most` they are not kept. Of an element of `heavy` no
    text is kept, its size alone. Raises ValueError for what is no XML, or more than anybody writes.
    """
    text, encoding = _without_mark(data)
    try:
        return _parsed(text, encoding, heavy, rows, most)
    except expat.ExpatError as e:
        if encoding or _is_utf8(text):
            raise ValueError(str(e)) from None
    try:  # it says UTF-8, or nothing, and Windows wrote it
        return _parsed(text, "windows-1252", heavy, rows, most)
    except (expat.ExpatError, LookupError) as e:
        raise ValueError(str(e)) from None


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so may be XML."""
    for mark, _ in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip(_BLANKS).startswith(b"<")


def _without_mark(data: bytes) -> tuple[bytes, str]:
    """As the parser is to read it: a mark, or the zeros of UTF-16, count for more than what the declaration says."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            if name == "utf-8":
                return data[len(mark) :].lstrip(_BLANKS), name
            return data[len(mark) :].decode(name, "replace").encode(), "utf-8"
    if data[:2] in (b"<\0", b"\0<"):
        name = "utf-16-le" if data[:1] == b"<" else "utf-16-be"
        return data.decode(name, "replace").encode(), "utf-8"
    return data.lstrip(_BLANKS), ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(
    data: bytes, encoding: str, heavy: Collection[str], rows: Collection[str], most: int
) -> tuple[Node, int]:  # fmt: skip
    parser = expat.ParserCreate(encoding or None, namespace_separator=" ")
    parser.buffer_text = True
    top = Node("", "", {})
    open_, seen, counted = [top], 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal seen
        seen += 1
        if seen > MANY or len(open_) > DEEP:
            raise ValueError("more than an invoice holds")
        space, _, local = name.rpartition(" ")
        node = Node(local, space, attributes)
        open_[-1].children.append(node)
        open_.append(node)

    def end(name: str) -> None:
        nonlocal counted
        node = open_.pop()
        if node.name in rows:
            counted += 1
            if counted > most:
                open_[-1].children.pop()

    def words(text: str) -> None:
        node = open_[-1]
        node.size += len(text)
        if node.name not in heavy and len(node.text) < TEXT:
            node.text += text[:TEXT]

    def declared(*_: object) -> None:
        raise ValueError("a document type")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    parser.StartDoctypeDeclHandler = declared
    parser.Parse(data, True)
    return top.children[0], counted
