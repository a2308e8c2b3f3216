"""All files of a bag but its documents, in the order in which they are written: each proves those before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from syncd import __version__
from syncd.core.bag.manifests import BAGIT, MANIFEST, SUMS, TAG_MANIFEST, checksums, info, manifest
from syncd.report.bag.document_table import document_table
from syncd.report.bag.facts import Bag
from syncd.report.bag.index_page import index_page
from syncd.report.bag.read_me import read_me

NAMES = ("bagit.txt", "bag-info.txt", "index.html", "documents.csv", "LISEZ-MOI.txt")


def tag_files(bag: Bag, extra: Mapping[str, bytes] = {}) -> Iterator[tuple[str, bytes]]:
    """(place in the bag, content). `extra`: files that it holds besides, a journal."""
    payload = [(e.kept.content.hex, e.place) for e in bag.held]
    pages = {
        "index.html": b"".join(index_page(bag)),
        "documents.csv": document_table(bag),
        "LISEZ-MOI.txt": read_me(bag),
        **extra,
    }
    files = {
        "bagit.txt": BAGIT,
        "bag-info.txt": _info(bag),
        MANIFEST: manifest(payload),
        **pages,
        SUMS: checksums(payload + [(_digest(data), place) for place, data in pages.items()]),
    }
    yield from files.items()
    yield TAG_MANIFEST, manifest((_digest(data), place) for place, data in files.items())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _info(bag: Bag) -> bytes:
    """RFC 8493, 2.2.2."""
    size = sum(e.kept.content.size for e in bag.held)
    return info(
        {
            "Source-Organization": bag.cabinet,
            "External-Identifier": bag.code,
            "External-Description": bag.title,
            "Bagging-Date": f"{bag.at:%Y-%m-%d}",
            "Payload-Oxum": f"{size}.{len(bag.held)}",
            "Bag-Group-Identifier": bag.code if bag.of > 1 else "",
            "Bag-Count": f"{bag.part} of {bag.of}" if bag.of > 1 else "",
            "Bag-Software-Agent": f"syncd {__version__}",
        }
    )
