"""A scan is whole when nothing that it refers to lies outside it: every cut is seen, whoever wrote it."""

from __future__ import annotations

import struct
import time

import pytest

from syncd.core import completeness
from syncd.core.reasons import Reason
from tests.support.scans import pdf, tiff


def fault(data: bytes, extension: str = ".tif") -> str | None:
    return completeness.fault(lambda offset, count: data[offset : offset + count], len(data), extension)


FORMS = {
    "little": tiff([b"x" * 40, b"y" * 30]), "big end first": tiff([b"x" * 40, b"y" * 30], ">"),
    "BigTIFF": tiff([b"x" * 40, b"y" * 30], big=True), "BigTIFF, big end first": tiff([b"x" * 40], ">", big=True),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_tiff_is_whole_and_no_cut_of_it_is(form: str) -> None:
    whole = FORMS[form]
    assert fault(whole) is None
    assert [n for n in range(4, len(whole)) if fault(whole[:n]) is None] == []


def test_what_a_scanner_had_written_when_a_page_was_done_is_whole() -> None:
    assert fault(tiff([b"one"])) is None and fault(tiff([b"one", b"two"])) is None


def _chain(places: list[int], data: bytes = b"") -> bytes:
    out = bytearray(struct.pack("<2sHI", b"II", 42, places[0]) + data)
    for place in places[1:]:
        out += struct.pack("<HHHIII", 1, 256, 4, 1, 8, place)
    return bytes(out)


def _strip(offset: int, length: int) -> bytes:
    return struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 273, 4, 1, offset, 279, 4, 1, length, 0)


BROKEN = {
    "a directory that follows itself": _chain([8, 8]),
    "two that follow each other": _chain([8, 26, 8]),
    "ten thousand directories": _chain([8 + 18 * n for n in range(10_000)] + [0]),
    "no directory": _chain([0]),
    "a directory outside": _chain([400]),
    "an empty directory": struct.pack("<2sHIHI", b"II", 42, 8, 0, 0),
    "a strip outside": _strip(8, 4000),
    "a strip that begins outside": _strip(4_000_000_000, 1),
    "a million million strips": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 273, 4, 2**31, 8, 0),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_hostile_tiff_is_refused_at_once(what: str) -> None:
    began = time.process_time()
    assert fault(BROKEN[what]) == Reason.UNFINISHED
    assert time.process_time() - began < 2.0


def test_a_pdf_ends_with_its_mark() -> None:
    whole = pdf("a", 30)
    assert fault(whole, ".pdf") is None and fault(b"\r\n junk\r\n" + whole, ".pdf") is None
    assert fault(whole + b"\0" * 900, ".pdf") is None
    for cut in (1, 5, 40, 200):
        assert fault(whole[: -cut - 1], ".pdf") == Reason.UNFINISHED


@pytest.mark.parametrize(
    ("data", "extension", "expected"),
    [
        (b"MZ\x90\x00", ".pdf", Reason.NOT_WHAT_IT_SAYS),
        (b"MZ\x90\x00", ".tif", Reason.NOT_WHAT_IT_SAYS),
        (b"", ".pdf", Reason.EMPTY),
        (b"II", ".tiff", Reason.NOT_WHAT_IT_SAYS),
        (b"a;b\r\n", ".csv", None),
        (pdf(), ".tif", None),
        (pdf()[:20], ".bin", Reason.UNFINISHED),
        (tiff(), ".pdf", None),
    ],
)
def test_the_bytes_decide_and_the_name_only_where_they_say_nothing(data: bytes, extension: str, expected: str) -> None:
    assert fault(data, extension) == expected
