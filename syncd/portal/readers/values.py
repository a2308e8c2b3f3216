"""What can be read of a document without opening it: values that cross from the process that reads to whoever shows them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import msgspec

from syncd.core.invoices import Facts


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


class Party(msgspec.Struct, frozen=True, gc=False):
    """Seller or buyer, as the sheet shows it: `lines` of its address, `contact` of its people."""

    name: str = ""
    siren: str = ""
    vat: str = ""
    lines: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True, gc=False):
    """A line of an invoice. `rate`: of VAT, in percent; what is no number is None."""

    name: str
    detail: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    rate: Decimal | None
    net: Decimal | None


class Tax(msgspec.Struct, frozen=True, gc=False):
    """VAT by rate. `why`: why there is none."""

    rate: Decimal | None
    base: Decimal | None
    amount: Decimal | None
    why: str


class Invoice(msgspec.Struct, frozen=True, tag="invoice", gc=False):
    """An electronic invoice as people read it. `beyond`: lines that are not among `items`; `sums`: (what, amount) between the lines
    and the total; `notes`, `terms`: what it says in words; `refers`: (what, number) of other documents; `paid_to`: accounts.
    """

    facts: Facts
    seller: Party
    buyer: Party
    items: tuple[Item, ...]
    beyond: int
    taxes: tuple[Tax, ...]
    sums: tuple[tuple[str, Decimal], ...]
    notes: tuple[str, ...]
    terms: tuple[str, ...]
    refers: tuple[tuple[str, str], ...]
    paid_to: tuple[str, ...]
    attachments: tuple[Attachment, ...]


class Part(StrEnum):
    """What of an invoice's validity is looked at: the XML's form, the rules of EN 16931, those of French exchanges (BR-FR)."""

    SCHEMA = "schema"
    RULES = "rules"
    FRENCH = "french"


class Unchecked(StrEnum):
    """Why a part was not looked at. ABSENT: its rules are not installed; NO_RULES: there are none for such an invoice."""

    ABSENT = "absent"
    NO_RULES = "no_rules"
    TOO_MUCH = "too_much"
    FAILED = "failed"
    BUSY = "busy"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What does not hold. `rule`: its code (BR-CO-15), '' of a schema; `warning`: valid all the same."""

    rule: str
    text: str
    warning: bool = False


class Check(msgspec.Struct, frozen=True, gc=False):
    """A part: looked at when there is no `why`. `against`: the set of rules, as it is called; `beyond`: findings that are not listed."""

    part: Part
    against: str
    findings: tuple[Finding, ...] = ()
    beyond: int = 0
    why: Unchecked | None = None

    @property
    def valid(self) -> bool:
        return self.why is None and all(f.warning for f in self.findings)


class Validity(msgspec.Struct, frozen=True, gc=False):
    """Of an invoice: each part by itself. Valid is what every part was looked at of, and found so."""

    checks: tuple[Check, ...]

    @property
    def valid(self) -> bool:
        return all(c.valid for c in self.checks)

    def of(self, part: Part) -> Check:
        return next(c for c in self.checks if c.part is part)


Preview: TypeAlias = Table | Text | Mail | Entries | Scan | Invoice
