"""What a document says, for whoever looks before opening it: rows of a table, text, a mail, XML that can be read."""

from __future__ import annotations

import contextlib
import csv
import itertools
import xml.parsers.expat as expat
from typing import BinaryIO

import msgspec

from syncd.portal.readers import entries, invoices, kinds, mails, pictures, sheets
from syncd.portal.readers.values import Preview, Scan, Table, Text

ROWS, COLUMNS, CELL = 100, 40, 200
TEXT = 200_000  # characters
READ = 1_000_000  # bytes of a text
_XML = 5_000_000
_INDENT, _DEEP = "  ", 60


def preview(source: BinaryIO, extension: str) -> bytes:
    """JSON of a `values.Preview`. Raises ValueError, or whatever a library raises, where there is nothing to show."""
    return msgspec.json.encode(_preview(source, extension))


def _preview(source: BinaryIO, extension: str) -> Preview:
    kind = kinds.sniffed(source)
    if kind in ("zip", "ole") and extension in kinds.SHEETS:
        return sheets.table(source, ROWS, COLUMNS)
    if kind == "ole" and extension == "msg":
        return mails.outlook(source)
    if kind == "zip" and extension == "dex":
        return entries.members(source)
    if kind in kinds.PICTURES:
        return Scan(pictures.pages(source))
    if kind:
        raise ValueError("nothing to read")
    if extension == "eml":
        return mails.mail(source)
    if extension == "xml":
        return _xml(source)
    if extension in kinds.TABLES:
        return _table(decoded(source.read(READ)))
    if extension in kinds.ENTRIES and (found := entries.entries(source)) is not None:
        return found
    if extension in kinds.TEXTS or extension in kinds.ENTRIES:
        text = decoded(source.read(READ + 1))
        return Text(text[:TEXT], len(text) > TEXT)
    raise ValueError("nothing to read")


def _xml(source: BinaryIO) -> Preview:
    """An electronic invoice as one; anything else as it is written."""
    with contextlib.suppress(ValueError):
        found = invoices.invoice(source)
        if found.facts.form in invoices.SHOWN:
            return found
    source.seek(0)
    return Text(*_indented(source.read(_XML)), marked=True)


def decoded(data: bytes) -> str:
    """As UTF-8 or UTF-16, where it says so, else as Windows wrote it. Raises ValueError at what is no text."""
    mark = next((name for at, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")) if data.startswith(at)), "")
    if mark:
        text = data.decode(mark, "replace")
    elif b"\0" in data:
        raise ValueError("no text")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as e:
            cut = e.start >= len(data) - 4 and e.reason == "unexpected end of data"
            text = data.decode("utf-8-sig", "ignore") if cut else data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _table(text: str) -> Table:
    lines = text[:TEXT].split("\n")
    head = "\n".join(lines[:20])
    counts = {mark: head.count(mark) for mark in (";", "\t", "|", ",")}
    mark = max(counts, key=lambda m: counts[m])
    found, wide = list[tuple[str, ...]](), False
    rows = csv.reader(lines, delimiter=mark)
    for row in itertools.islice(rows, ROWS):
        if not row:
            continue
        wide = wide or len(row) > COLUMNS
        found.append(tuple(cell[:CELL] for cell in row[:COLUMNS]))
    return Table(tuple(found), wide or next(rows, None) is not None)


def _indented(data: bytes) -> tuple[str, bool]:
    """Each element on its own line, within its parent. What the document would have fetched or expanded is refused."""
    out, size = list[str](), 0
    open_: list[bool] = []  # of each element around: whether others are inside
    words: list[str] = []

    class Full(Exception):
        pass

    def put(text: str, line: bool) -> None:
        nonlocal size
        piece = ("\n" + _INDENT * min(len(open_), _DEEP) if line and out else "") + text
        size += len(piece)
        out.append(piece)
        if size > TEXT:
            raise Full

    def said() -> None:
        text = "".join(words).strip()
        words.clear()
        if text:
            put(_escaped(text), bool(open_ and open_[-1]))

    def start(name: str, attributes: dict[str, str]) -> None:
        said()
        if open_:
            open_[-1] = True
        given = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
        put(f"<{name}{given}>", True)
        open_.append(False)

    def end(name: str) -> None:
        said()
        put(f"</{name}>", open_.pop())

    def declared(*_: object) -> int:
        raise ValueError("entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words.append
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = parser.ExternalEntityRefHandler = declared
    try:
        parser.Parse(data, len(data) < _XML)
    except Full:
        return "".join(out)[:TEXT], True
    return "".join(out), len(data) >= _XML


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
