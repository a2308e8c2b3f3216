"""`documents.csv`: a row for each document of a bag, for a French Excel."""

from __future__ import annotations

from syncd.core.bag.layout import Entry
from syncd.core.words import bag as said
from syncd.report.bag.facts import Bag
from syncd.report.spreadsheet import sheet


def document_table(bag: Bag) -> bytes:
    return sheet([column(bag.language) for column in said.COLUMNS], (_row(bag, e) for e in bag.entries)).encode()


def _row(bag: Bag, entry: Entry) -> tuple[str, ...]:
    k, why = entry.kept, bag.why(entry)
    state = "bin" if k.binned else "online" if k.current else "version"
    return (
        "" if why else entry.place, k.path, str(k.content.size), k.content.hex, k.doc, str(k.version),
        said.STATES[state](bag.language), bag.when(k.at), bag.by(k), bag.origin(k), bag.when(k.received_at), bag.received_by(k),
        bag.when(k.deleted_at), k.deleted_by, k.reference,
        said.NO(bag.language, why=why) if why else said.YES(bag.language),
    )  # fmt: skip
