"""XML that another program wrote, read without what XML can do to its reader: no document type, no entities of its own, no depth
without an end."""

from __future__ import annotations

import xml.parsers.expat as expat
from xml.etree.ElementTree import Element, TreeBuilder

DEEPEST, MOST = 100, 200_000  # elements one in another, and in all


class BadXml(ValueError):
    """It is none, or none that is read."""


def parse(data: bytes) -> Element:
    """Its root; names without the prefix of their namespace. Raises BadXml."""
    builder, parser = TreeBuilder(), expat.ParserCreate()
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST:
            raise BadXml("it has more elements than such a file needs")
        builder.start(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(":")[2])

    def no_type(*_: object) -> None:
        raise BadXml("it has a document type of its own")

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = no_type
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError, AssertionError) as e:
        raise BadXml(str(e)) from None
