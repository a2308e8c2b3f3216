"""`index.html`: a bag's documents in their folders, for any browser, from any disk, without a script or a network."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from syncd.core import paths, words
from syncd.core.bag.layout import Entry
from syncd.core.words import bag as said
from syncd.report.bag.facts import Bag

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(slots=True)
class Node:
    """A folder of the bag: what is right in it."""

    name: str
    anchor: str = ""
    folders: dict[str, Node] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`link`: '' for a document that is not there, of which `note` says why."""

    name: str
    link: str
    size: str
    stored: str
    received: str
    note: str


def index_page(bag: Bag) -> Iterator[bytes]:
    """In pieces."""
    tree = _tree(bag)
    stream = _template().stream(
        bag=bag, tree=tree, head={name: phrase(bag.language) for name, phrase in said.HEAD.items()},
        nothing=said.NO_DOCUMENT(bag.language), folders=said.FOLDERS(bag.language),
        documents=lambda count: said.DOCUMENTS(bag.language, count),
    )  # fmt: skip
    stream.enable_buffering(200)
    for piece in stream:
        yield piece.encode()


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader

    env = Environment(loader=PackageLoader("syncd.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return env.get_template("bag.html")


def _tree(bag: Bag) -> Node:
    root = Node("")
    for e in bag.entries:
        node = root
        node.count += 1
        for part in paths.parent(e.place).split("/")[1:]:
            node = node.folders.setdefault(part, Node(part))
            node.count += 1
        node.rows.append(_row(bag, e))
    for n, folder in enumerate(root.folders.values(), 1):
        folder.anchor = f"d{n}"
    return root


def _row(bag: Bag, entry: Entry) -> Row:
    k, why = entry.kept, bag.why(entry)
    stored = said.STORED(bag.language, at=bag.when(k.at), by=bag.by(k)) if k.at else ""
    return Row(
        paths.name(entry.place), "" if why else quote(entry.place), words.size(k.content.size, bag.language), stored,
        bag.when(k.received_at), why,
    )  # fmt: skip
