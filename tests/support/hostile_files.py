"""Files of strangers who mean harm, or had bad luck: bombs, loops, sizes that nobody has, locked ones, broken ones; as many as wanted."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator


def pdf(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1."""
    out, at = bytearray(b"%PDF-1.7\n"), list[int]()
    for n, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in at)
    out += b"trailer\n<</Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, trailer, table)
    return bytes(out)


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(data), more, data)


def page(content: bytes = b"", box: bytes = b"0 0 595 842", resources: bytes = b"", more: bytes = b"") -> list[bytes]:
    return [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources <<%s>> %s>>" % (box, resources, more),
        content or stream(b"0 0 1 rg 100 100 300 400 re f"),
    ]


def invoice(text: str = "FACTURE") -> bytes:
    """A fine one of one page."""
    said = f"BT /F 24 Tf 72 700 Td ({text}) Tj ET 1 0 0 rg 72 600 200 40 re f".encode("latin-1")
    font = b"/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"
    return pdf(*page(stream(said), resources=font))


def _deflated(size: int) -> bytes:
    return zlib.compress(b"0 0 m 9 9 l S\n" * (size // 14), 1)


def png(width: int, height: int, data: bytes = b"", kind: int = 2) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data or zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )  # fmt: skip


def jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"  # fmt: skip


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def tiff(width: int, height: int, following: int = 0) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 1)]  # fmt: skip
    packed = b"".join(struct.pack("<HHII", *e) for e in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + packed + struct.pack("<I", following)


def workbook(sheet: bytes, pad: int = 0) -> bytes:
    import openpyxl

    made, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
        if pad:
            target.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * (pad // 17))
    return out.getvalue()


def _far() -> bytes:
    cells = b"".join(
        b'<row r="%d"><c r="%s%d"><v>1</v></c></row>' % (r, c, r) for r, c in ((1, b"A"), (1048576, b"XFD"))
    )
    return workbook(
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + cells + b"</sheetData></worksheet>"
    )  # fmt: skip


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
) + b"]><l>&m;</l>"  # fmt: skip
FORM = b"<</Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources <</XObject <</X 5 0 R>>>>"
BAD: dict[str, Callable[[], bytes]] = {
    "empty.pdf": lambda: b"",
    "head.pdf": lambda: b"%PDF-1.7",
    "loop of pages.pdf": lambda: pdf(b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000>>"),
    "own parent.pdf": lambda: pdf(b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1>>"),
    "vast.pdf": lambda: pdf(*page(box=b"0 0 1000000 1000000")),
    "endless.pdf": lambda: pdf(*page(box=b"0 0 1e38 1")),
    "no size.pdf": lambda: pdf(*page(box=b"0 0 0 0")),
    "negative.pdf": lambda: pdf(*page(box=b"9 9 -9 -9", more=b"/UserUnit 1000000")),
    "bomb.pdf": lambda: pdf(*page(stream(_deflated(150_000_000), b"/Filter /FlateDecode"))),
    "twice packed.pdf": lambda: pdf(*page(stream(zlib.compress(_deflated(150_000_000), 9), b"/Filter [/FlateDecode /FlateDecode]"))),
    "image.pdf": lambda: pdf(
        *page(stream(b"595 0 0 842 0 0 cm /X Do"), resources=b"/XObject <</X 5 0 R>>"),
        stream(zlib.compress(b"\0" * 10**6), b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode"),
    ),
    "form in itself.pdf": lambda: pdf(
        *page(stream(b"/X Do /X Do"), resources=b"/XObject <</X 5 0 R>>"), FORM + b" /Length 11>>\nstream\n/X Do /X Do\nendstream"
    ),
    "deep.pdf": lambda: pdf(b"<</Type /Catalog /Pages 2 0 R>>", b"[" * 500_000 + b"]" * 500_000),
    "saves.pdf": lambda: pdf(*page(stream(b"q " * 2_000_000 + b"0 0 9 9 re f"))),
    "xref loop.pdf": lambda: invoice().replace(b"/Root", b"/Prev 9 /Root"),
    "locked.pdf": lambda: pdf(
        *page(), b"<</Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <%s> /U <%s>>>" % (b"ab" * 32, b"cd" * 32),
        trailer=b"/Encrypt 5 0 R /ID [<00><00>]",
    ),
    "unknown lock.pdf": lambda: pdf(*page(), b"<</Filter /Foo /V 9>>", trailer=b"/Encrypt 5 0 R /ID [<00><00>]"),
    "million.png": lambda: png(10**6, 10**6),
    "wide.png": lambda: png(2**31 - 1, 1),
    "grey bomb.png": lambda: png(60_000, 60_000, _deflated(60_000_000), 0),
    "torn.png": lambda: png(100, 100)[:60],
    "large.jpg": lambda: jpeg(65_535, 65_535),
    "torn.jpg": lambda: jpeg(10, 10)[:30],
    "large.bmp": lambda: bmp(2**30, 2**30),
    "large.tif": lambda: tiff(2**31, 2**31),
    "loop.tif": lambda: tiff(10, 10, following=8),
    "torn.heic": lambda: b"\0\0\0\x1cftypheic\0\0\0\0mif1heic" + b"\xff" * 500,
    "box.heic": lambda: b"\0\0\0\x1cftypheic\0\0\0\0mif1heic" + struct.pack(">I", 2**32 - 1) + b"meta" + b"\0" * 90,
    "torn.webp": lambda: b"RIFF\xff\xff\xff\x7fWEBPVP8X" + b"\xff" * 60,
    "canvas.gif": lambda: b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\0" * 768 + b",\0\0\0\0\xff\xff\xff\xff\0\x08" + b"\xff" * 300,
    "far.xlsx": _far,
    "strings.xlsx": lambda: workbook(b"<worksheet><sheetData/></worksheet>", 60_000_000),
    "no sheet.xlsx": lambda: b"PK\x03\x04" + b"\0" * 400,
    "loop.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + b"\0" * 2000,
    "loop.msg": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + b"\0" * 3000,
    "laughs.xml": lambda: LAUGHS,
    "outside.xml": lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "deep.xml": lambda: b"<a>" * 1_000_000,
    "attributes.xml": lambda: b"<a " + b" ".join(b'a%d="%s"' % (n, b"x" * 40) for n in range(50_000)) + b"/>",
    "boxes.eml": lambda: b"Subject: x\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    ),
    "headers.eml": lambda: b"Subject: " + b"=?utf-8?q?" * 200_000 + b"\n\nx",
    "address.eml": lambda: b"From: " + b"(" * 100_000 + b"\nSubject: x\n\nx",
    "line.csv": lambda: b'"' + b"x;" * 3_000_000,
    "zeros.csv": lambda: b"\0" * 1_000_000,
    "html.eml": lambda: b"Subject: x\nContent-Type: text/html\n\n" + b"<div>" * 400_000,
}  # fmt: skip


def files(many: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes): each of the known ones, then fine ones hurt at random, the same at every call."""
    for n, (name, make) in enumerate(BAD.items()):
        if n < many:
            yield name, make()
    chance = random.Random(20_261_128)
    whole = [("hurt.pdf", invoice()), ("hurt.png", png(40, 40, zlib.compress(b"\0" * 4840))), ("hurt.tif", tiff(9, 9) + b"x" * 99), ("hurt.xlsx", workbook(b"<worksheet/>")), ("hurt.heic", BAD["torn.heic"]())]  # fmt: skip
    for n in range(many - len(BAD)):
        name, data = chance.choice(whole)
        hurt = bytearray(data)
        for _ in range(chance.randint(1, 30)):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        yield f"{n} {name}", bytes(hurt[: chance.randint(len(hurt) // 2, len(hurt))])
