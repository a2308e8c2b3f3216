"""What can be read of a document without opening it: values that cross from the process that reads to whoever shows them."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Table(msgspec.Struct, frozen=True, tag="table", gc=False):
    """The first rows. `more`: there are others, or other columns."""

    rows: tuple[tuple[str, ...], ...]
    more: bool


class Text(msgspec.Struct, frozen=True, tag="text", gc=False):
    """The beginning, lines ending with \\n. `marked`: it is XML, indented."""

    text: str
    more: bool
    marked: bool = False


class Attachment(msgspec.Struct, frozen=True, gc=False):
    name: str
    size: int


class Mail(msgspec.Struct, frozen=True, tag="mail", gc=False):
    """`headers`: (name, value) of those that people read."""

    headers: tuple[tuple[str, str], ...]
    text: str
    more: bool
    attachments: tuple[Attachment, ...]


class Entries(msgspec.Struct, frozen=True, tag="entries", gc=False):
    """Accounting entries. `form`: ecr or fec; days and amounts as people read them. `odd`: lines that cannot be read; `more`: there
    are others that were not. `rows`: day, journal, piece, account, label, debit, credit of the first.
    """

    form: str
    lines: int
    first: str
    last: str
    debit: str
    credit: str
    balanced: bool
    odd: int
    journals: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: bool


class Scan(msgspec.Struct, frozen=True, tag="scan", gc=False):
    """An image of several pages, to be seen as pictures."""

    pages: int


Preview: TypeAlias = Table | Text | Mail | Entries | Scan
