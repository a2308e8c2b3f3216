"""Strangers' files are read by a process of its own: what asks for too much ends alone, and the next one is read (HAZARDS 51)."""

from __future__ import annotations

import io
import json
import os
import resource
import time
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.portal.readers import worker_client
from syncd.portal.readers.values import Attachment, Entries, Mail, Preview, Scan, Table, Text
from syncd.portal.readers.worker_client import Reader, TooMuch, Unreadable, reader
from tests.core.test_entries import ecr, fec
from tests.support import hostile_files
from tests.support.hostile_files import invoice


def small(data: bytes, width: int = 112, height: int = 144, page: int = 0) -> Any:
    from PIL import Image

    made = reader().ask("picture", io.BytesIO(data), width=width, height=height, page=page)
    return Image.open(io.BytesIO(made)).convert("RGB")


def image(kind: str, size: tuple[int, int] = (400, 200), mode: str = "RGB", **options: Any) -> bytes:
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    out, made = io.BytesIO(), Image.new("RGB", size, "white")
    made.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    made.convert(mode).save(out, kind, **options)
    return out.getvalue()


def read(data: bytes, extension: str) -> Preview:
    given = reader().ask("preview", io.BytesIO(data), extension=extension)
    found: Preview = msgspec.json.decode(given, type=Preview)
    return found


def test_a_pdf_becomes_a_picture_of_its_page() -> None:
    found = small(invoice(), 100, 200)
    assert found.size == (100, 142)
    data = found.tobytes()
    red = sum(1 for r, g, b in zip(data[::3], data[1::3], data[2::3], strict=True) if r > 200 and g < 80 and b < 80)
    assert 100 < red < 400  # the bar that is drawn there


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "HEIF"])
def test_images_of_each_kind_become_pictures(kind: str) -> None:
    found = small(image(kind))
    assert found.size == (112, 56)
    left, right = found.getpixel((10, 28)), found.getpixel((100, 28))
    assert left[0] > 150 and left[1] < 60 and min(right) > 240


def test_a_photo_stands_upright_and_a_scan_in_black_and_white_keeps_its_lines() -> None:
    from PIL import Image, ImageDraw

    turned = Image.Exif()
    turned[0x0112] = 6
    assert small(image("JPEG", exif=turned)).size == (72, 144)
    scan, out = Image.new("1", (1120, 1440), 1), io.BytesIO()
    ImageDraw.Draw(scan).line((0, 705, 1120, 705), 0, 3)
    scan.save(out, "TIFF", compression="group4")
    assert min(small(out.getvalue()).convert("L").tobytes()) < 230  # not left out between two that are kept


def test_pages_of_a_scan_are_counted_and_each_can_be_seen() -> None:
    from PIL import Image

    out = io.BytesIO()
    first, second = Image.new("RGB", (50, 50), "white"), Image.new("RGB", (50, 50), "black")
    first.save(out, "TIFF", save_all=True, append_images=[second])
    assert read(out.getvalue(), "tif") == Scan(2)
    assert small(out.getvalue(), page=1).getpixel((9, 9)) == (0, 0, 0)
    with pytest.raises(Unreadable):
        small(out.getvalue(), page=2)


def test_the_first_rows_of_a_workbook_are_read_as_people_write_them() -> None:
    import datetime as dt

    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    sheet: Any = book.active
    sheet.append(["Fournisseur", "HT", dt.date(2026, 11, 21), 12.5, 44000, True])
    for n in range(150):
        sheet.append([f"ligne {n}"])
    book.save(out)
    found = read(out.getvalue(), "xlsx")
    assert isinstance(found, Table) and found.more and len(found.rows) == 100
    assert found.rows[0] == ("Fournisseur", "HT", "21/11/2026", "12,5", "44000", "✓")


@pytest.mark.parametrize(
    ("data", "rows"),
    [("é;b\r\n1;2\r\n".encode("cp1252"), (("é", "b"), ("1", "2"))), ("a,b\n".encode("utf-16"), (("a", "b"),)),
     (b'"x;y";2\n', (("x;y", "2"),)), (b"JournalCode|Lib\nAC|Achats\n", (("JournalCode", "Lib"), ("AC", "Achats")))],
)  # fmt: skip
def test_a_table_of_text_is_read_whatever_wrote_it(data: bytes, rows: object) -> None:
    assert read(data, "csv") == Table(rows, False)  # type: ignore[arg-type]


def test_entries_are_read_with_what_they_sum_to() -> None:
    """As ISACOMPTA's text exchange and as the FEC of the law; what bears the name and is neither is text."""
    data = "".join(ecr(("AC", "31082025", "F1", [("607", "1234.50", ""), ("401É", "", "1234.50")]))).encode("cp1252")
    found = read(data, "ecr")
    assert isinstance(found, Entries) and (found.form, found.lines, found.balanced) == ("ecr", 2, True)
    assert (found.first, found.debit, found.journals) == ("31/08/2025", "1\u202f234,50", ("AC",))
    assert found.rows[1] == ("31/08/2025", "AC", "F1", "401É", "EDF 401É", "", "1\u202f234,50")
    other = read("".join(fec("|", ("20250131", "10,00", ""))).encode(), "txt")
    assert isinstance(other, Entries) and (other.form, other.balanced, other.credit) == ("fec", False, "0,00")
    assert isinstance(read(b"no entries\n", "ecr"), Text) and isinstance(read(b"VER   x\n", "txt"), Text)


def test_an_archive_of_a_dex_says_what_it_holds_and_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("<b>.ecr", b"0" * 5_000_000)
    assert read(out.getvalue(), "dex") == Table((("<b>.ecr", "5000000"),), False)
    with pytest.raises(Unreadable):
        read(b"PK\x03\x04 no archive", "dex")


def test_xml_is_indented_and_nothing_of_it_is_fetched() -> None:
    assert read(b"<?xml version='1.0'?><a x='&lt;1'><b>t &amp; u</b><c/></a>", "xml") == Text(
        '<a x="&lt;1">\n  <b>t &amp; u</b>\n  <c></c>\n</a>', False, True
    )


def test_a_mail_is_read_without_opening_it() -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Édith <e@x.fr>", "c@cabinet.fr", "Été à l'étude"
    mail.set_content("texte")
    mail.add_alternative("<p>Bonjour<br>à vous</p><script>x()</script>", subtype="html")
    mail.add_attachment(b"1234", maintype="application", subtype="pdf", filename="facture é.pdf")
    found = read(bytes(mail), "eml")
    assert found == Mail(
        (("From", "Édith <e@x.fr>"), ("To", "c@cabinet.fr"), ("Subject", "Été à l'étude")), "texte", False,
        (Attachment("facture é.pdf", 4),),
    )  # fmt: skip
    only = EmailMessage()
    only["Subject"] = "x"
    only.set_content("<p>Bonjour<br>à vous</p><style>b{}</style>", subtype="html")
    assert read(bytes(only), "eml").text == "Bonjour\nà vous"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", hostile_files.BAD)
def test_a_hostile_file_ends_as_one_that_cannot_be_read_and_takes_nobody_along(name: str) -> None:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = hostile_files.BAD[name]()
    built = time.monotonic() - began
    for do, given in (("picture", {"width": 112, "height": 144}), ("preview", {"extension": name.rpartition(".")[2]})):
        try:
            made = reader().ask(do, io.BytesIO(data), seconds=3.0, **given)
        except (Unreadable, TooMuch):
            continue
        assert made and len(made) < 1_000_000
        if do == "preview":
            assert b"root:" not in made and made.count(b"ha") < 100
    assert time.monotonic() - began - built < 25
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 900_000  # kB: what the file itself is made in
    assert small(invoice()).size[0] > 90


def test_a_process_that_is_gone_is_started_again_and_what_was_asked_is_answered() -> None:
    mine = Reader()
    try:
        assert mine.ask("picture", io.BytesIO(invoice()), width=20, height=20)
        assert mine._process is not None
        first = mine._process.pid
        os.kill(first, 9)
        assert mine.ask("picture", io.BytesIO(invoice()), width=20, height=20)
        assert mine._process.pid != first
    finally:
        mine.stop()


def test_it_knows_nothing_of_the_portals_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_PORTAL_SMTP_PASSWORD", "a secret of the portal's")
    mine = Reader()
    try:
        mine.ask("picture", io.BytesIO(invoice()), width=20, height=20)
        assert mine._process is not None
        assert b"secret" not in Path(f"/proc/{mine._process.pid}/environ").read_bytes()
    finally:
        mine.stop()


def test_its_memory_does_not_grow_with_what_it_reads() -> None:
    mine = Reader()
    try:
        sizes = []
        for _ in range(3):
            for n in range(40):
                mine.ask("picture", io.BytesIO(invoice(f"n {n}")), width=112, height=144)
            assert mine._process is not None
            status = Path(f"/proc/{mine._process.pid}/status").read_text()
            sizes.append(int(status.split("VmRSS:")[1].split()[0]))
        assert sizes[2] - sizes[1] < 500  # kB
    finally:
        mine.stop()


def test_who_reads_loads_neither_the_portal_nor_its_database() -> None:
    import subprocess
    import sys

    code = "import sys, json, syncd.portal.readers.worker as p; p.pictures.load(); print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert not {"django", "sqlite3", "syncd.portal.models", "httpx"} & set(loaded)
    assert worker_client.AT_ONCE == 2
