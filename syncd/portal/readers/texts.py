"""All words of a document, to be found by: of a PDF that holds text, a workbook, a table, a mail, XML or plain text."""

from __future__ import annotations

import itertools
import time
import unicodedata
import xml.parsers.expat as expat
from collections.abc import Iterator
from typing import BinaryIO

from syncd.portal.readers import kinds, mails, sheets
from syncd.portal.readers.previews import decoded
from syncd.portal.readers.values import Mail

TEXT_KINDS = kinds.SHEETS | kinds.TABLES | kinds.TEXTS | {"xml", "eml", "msg", "pdf"}
_READ = 4_000_000  # bytes of a text
_PIECE = 65_536
_HYPHEN = "\ufffe"  # how PDFium says that a word goes on in the next line
_GONE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\ufeff"))


def text(source: BinaryIO, extension: str, most: int, within: float) -> bytes:
    """UTF-8, at most so many characters, one space between words; of what takes longer than `within` seconds, what was read by then.

    Raises ValueError, or whatever a library raises, where there is nothing to read.
    """
    until = time.monotonic() + within
    words, size = list[str](), 0
    for piece in _pieces(source, extension):
        said = plain(piece[:most])
        words.append(said)
        size += len(said) + 1
        if size > most or time.monotonic() > until:
            break
    return " ".join(w for w in words if w)[:most].encode("utf-8", "replace")


def plain(text: str) -> str:
    """As it is kept: composed, on one line. What is made of two letters for print alone is two letters."""
    joined = text.replace(f"{_HYPHEN}\r\n", "").replace(_HYPHEN, "").translate(_GONE)
    return " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFKC", joined)).split())


def _pieces(source: BinaryIO, extension: str) -> Iterator[str]:
    kind = kinds.sniffed(source)
    if kind == "pdf":
        yield from _of_pdf(source)
    elif kind in ("zip", "ole") and extension in kinds.SHEETS:
        yield from sheets.texts(source)
    elif kind == "ole" and extension == "msg":
        yield from _of_mail(mails.outlook(source))
    elif kind:
        raise ValueError("nothing to read")
    elif extension == "eml":
        yield from _of_mail(mails.mail(source))
    elif extension == "xml":
        yield from _of_xml(source)
    elif extension in kinds.TABLES or extension in kinds.TEXTS:
        yield decoded(source.read(_READ))
    else:
        raise ValueError("nothing to read")


def _of_pdf(source: BinaryIO) -> Iterator[str]:
    """Page by page; one that is broken is left out."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    for n in range(len(document)):
        try:
            page = document[n]
            words = page.get_textpage()
        except pypdfium2.PdfiumError:
            yield ""
            continue
        yield words.get_text_range()
        words.close()
        page.close()


def _of_mail(mail: Mail) -> Iterator[str]:
    yield from (value for _, value in mail.headers)
    yield mail.text
    yield from (attached.name for attached in mail.attachments)


def _of_xml(source: BinaryIO) -> Iterator[str]:
    """Texts and values; what the document would have fetched or expanded is refused."""
    found = list[str]()

    def start(_name: str, attributes: dict[str, str]) -> None:
        found.extend([" ", *itertools.chain.from_iterable((value, " ") for value in attributes.values())])

    def declared(*_: object) -> int:
        raise ValueError("entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = start, found.append
    parser.EndElementHandler = lambda _name: found.append(" ")
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = parser.ExternalEntityRefHandler = declared
    while data := source.read(_PIECE):
        parser.Parse(data, False)
        whole, _, begun = "".join(found).rpartition(" ")
        found[:] = [begun]
        yield whole
    yield "".join(found)
