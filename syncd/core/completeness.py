"""Whether a scan is all there: its bytes decide. A PDF by its end, a TIFF by the bounds of all that it refers to.

That a picture loads is no proof: a reader shows the pages of a TIFF that was cut in its last strip, with a warning.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import msgspec

from syncd.core.reasons import Reason

At = Callable[[int, int], bytes]  # (offset, count) → the bytes there, fewer at the end

NEAR = 1024  # bytes at the beginning and at the end in which a PDF has its marks
MOST_PAGES = 5000
MOST_STRIPS = 1_000_000  # of all pages
_PDF, _TIFF = (".pdf",), (".tif", ".tiff")
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_DATA = {273: 279, 324: 325, 513: 514}  # where pieces of a picture begin → how long each is: strips, tiles, JPEG
_NUMBERS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}


class Cut(Exception):
    """Something lies outside the file, or refers to itself."""


def is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:NEAR]


def fault(at: At, size: int, extension: str) -> Reason | None:
    """Why the file may not be taken as it is; None when nothing is missing. `extension`: with its dot, in lower case.

    UNFINISHED may be whole a moment later; NOT_WHAT_IT_SAYS is another kind of file than its name tells.
    """
    head = at(0, min(size, NEAR))
    if is_pdf(head):
        return None if b"%%EOF" in at(max(0, size - NEAR), NEAR) else Reason.UNFINISHED
    if form := _Form.of(head):
        return None if _whole(form, at, size) else Reason.UNFINISHED
    if extension in _PDF or extension in _TIFF:
        return Reason.NOT_WHAT_IT_SAYS if size else Reason.EMPTY
    return None


class _Form(msgspec.Struct, frozen=True):
    """How a TIFF counts: byte order, and the widths of BigTIFF where it is one."""

    order: str
    big: bool

    @classmethod
    def of(cls, head: bytes) -> _Form | None:
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        number = struct.unpack(order + "H", head[2:4])[0] if order and len(head) >= 4 else 0
        return cls(order, number == 43) if order and number in (42, 43) else None

    @property
    def word(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def width(self) -> int:
        return 8 if self.big else 4

    @property
    def entry(self) -> int:
        return 20 if self.big else 12

    def number(self, form: str, data: bytes) -> int:
        wanted = struct.calcsize(form)
        if len(data) < wanted:
            raise Cut
        return int(struct.unpack(form, data[:wanted])[0])


def _whole(form: _Form, at: At, size: int) -> bool:
    try:
        strips = 0
        for page, offset in enumerate(_directories(form, at, size)):
            strips += _checked(form, at, size, offset)
            if page >= MOST_PAGES or strips > MOST_STRIPS:
                return False
    except Cut:
        return False
    return True


def _directories(form: _Form, at: At, size: int) -> Iterator[int]:
    """Where each page's directory lies, to the 0 that ends their chain. Raises Cut."""
    where = 8 if form.big else 4
    offset, seen = form.number(form.word, at(where, form.width)), set[int]()
    if not offset:
        raise Cut
    while offset:
        if offset in seen:
            raise Cut
        seen.add(offset)
        yield offset
        count, begins = _count(form, at, offset)
        offset = form.number(form.word, at(begins + count * form.entry, form.width))


def _count(form: _Form, at: At, offset: int) -> tuple[int, int]:
    """How many entries a directory has, and where they begin. Raises Cut."""
    kind = form.order + ("Q" if form.big else "H")
    count = form.number(kind, at(offset, struct.calcsize(kind)))
    if not 0 < count < 65536:
        raise Cut
    return count, offset + struct.calcsize(kind)


def _checked(form: _Form, at: At, size: int, offset: int) -> int:
    """How many pieces of picture a directory names, all of which lie inside the file. Raises Cut."""
    count, begins = _count(form, at, offset)
    entries = at(begins, count * form.entry)
    if len(entries) < count * form.entry:
        raise Cut
    values = dict[int, tuple[int, int, int]]()  # tag → type, count, where its values lie
    head = form.order + ("HHQ" if form.big else "HHI")
    for n in range(count):
        tag, kind, many = struct.unpack_from(head, entries, n * form.entry)
        length, inline = many * _SIZES.get(kind, 1), begins + n * form.entry + form.entry - form.width
        place = inline if length <= form.width else form.number(form.word, at(inline, form.width))
        if place + length > size:
            raise Cut
        values[tag] = (kind, many, place)
    return sum(_pieces(form, at, size, values, starts, lengths) for starts, lengths in _DATA.items())


def _pieces(
    form: _Form, at: At, size: int, values: dict[int, tuple[int, int, int]], starts: int, lengths: int
) -> int:  # fmt: skip
    if starts not in values:
        return 0
    offsets = _numbers(form, at, values[starts])
    counts = _numbers(form, at, values[lengths]) if lengths in values else [0] * len(offsets)
    if len(counts) < len(offsets) or any(o + n > size for o, n in zip(offsets, counts, strict=False)):
        raise Cut
    return len(offsets)


def _numbers(form: _Form, at: At, value: tuple[int, int, int]) -> list[int]:
    kind, many, place = value
    letter = _NUMBERS.get(kind)
    if letter is None or many > MOST_STRIPS:
        raise Cut
    data = at(place, many * _SIZES[kind])
    if len(data) < many * _SIZES[kind]:
        raise Cut
    return list(struct.unpack(f"{form.order}{many}{letter}", data))
