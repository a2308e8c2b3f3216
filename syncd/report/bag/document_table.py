"""`documents.csv`: a row for each document of a bag, for a French Excel."""

from __future__ import annotations

import csv
import io

from syncd.core.bag.layout import Entry
from syncd.core.words import bag as said
from syncd.report.bag.facts import Bag
from syncd.report.journal import defused


def document_table(bag: Bag) -> bytes:
    """UTF-8 with its mark, `;`, and no cell that a spreadsheet would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column(bag.language) for column in said.COLUMNS])
    writer.writerows([defused(cell) for cell in _row(bag, e)] for e in bag.entries)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _row(bag: Bag, entry: Entry) -> tuple[str, ...]:
    k, why = entry.kept, bag.why(entry)
    state = "bin" if k.binned else "online" if k.current else "version"
    return (
        "" if why else entry.place, k.path, str(k.content.size), k.content.hex, k.doc, str(k.version),
        said.STATES[state](bag.language), bag.when(k.at), bag.by(k), bag.origin(k), bag.when(k.received_at), bag.received_by(k),
        bag.when(k.deleted_at), k.deleted_by, k.reference,
        said.NO(bag.language, why=why) if why else said.YES(bag.language),
    )  # fmt: skip
