"""What is issued is a PDF/A-3 with one `factur-x.xml`, whatever people typed; its bytes are kept, checked and sent as they are."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.portal.invoicing import facturx_library
from syncd.portal.invoicing.content import Buyer, Kind
from tests.portal.invoicing.conftest import BUYER, LINES, TODAY, issued, written

HOSTILE = Buyer(
    "<b>Durand</b> & Fils \u202e\u2066 \U0001f9a9 " + "x" * 200, True, BUYER.siren, street="</style><script>alert(1)</script>",
    postcode="75001", city="Paris {{ 7*7 }} {% load x %}",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _stopped() -> Any:
    yield
    from syncd.portal.invoicing.sheet_press import press
    from syncd.portal.readers.worker_client import checker

    press().stop()
    checker().stop()


def test_an_invoice_is_issued_kept_and_sent(company: Any, tmp_path: Path) -> None:
    """The whole way, with all that checks: rules of others, the sheet, the file, the deposit by copy."""
    from syncd.portal.documents import integrity
    from syncd.portal.invoicing import files, sending
    from syncd.portal.models import Document
    from syncd.portal.storage import blob_store

    row = issued(company, buyer=HOSTILE)
    assert row.checked == "XSD EN 16931, EN 16931, BR-FR"
    with files.opened(company.person, company.client, row.id)[1] as source:
        pdf = source.read()
    xml = facturx_library.inside(pdf)
    assert facturx_library.terms_of(xml)["BG-7"]["name"].startswith("<b>Durand</b> & Fils")
    assert b"/AFRelationship /Alternative" in pdf or b"Alternative" in pdf
    if shutil.which("pdfdetach"):
        (tmp_path / "f.pdf").write_bytes(pdf)
        told = subprocess.run(["pdfdetach", "-list", tmp_path / "f.pdf"], capture_output=True, text=True, check=True)
        assert told.stdout.splitlines() == ["1 embedded files", "1: factur-x.xml"]
    assert [f for f in integrity.check(blob_store(), repair=False, served=False) if row.file_id in f.where] == []
    assert not Document.objects.filter(client=company.client).exists()
    number = sending.send(company.person, company.client, row.id)
    sent = Document.objects.get(client=company.client)
    assert number and sent.path.startswith("Ventes/Facture F2026-0001 - ") and sent.path.endswith(".pdf")
    assert bytes(sent.sha256) == bytes(row.file_sha256) and sent.version_id != row.file_id


def test_the_sheet_alone_is_pdf_a_3b(company: Any, no_files: None) -> None:
    """By another's judgement, which knows no embedded files: so of the sheet, before the XML goes in."""
    from pikepdf import Pdf
    from pikepdf.pdfa import validate_written

    from syncd.portal.invoicing import drafts, sheet
    from syncd.portal.invoicing.sheet_press import press

    row = issued(company, Kind.QUOTE, buyer=HOSTILE, note="Ligne 1\nLigne 2 \U0001f9a9", lines=LINES * 20)
    pdf = press().pdf(sheet.html(drafts.frozen_of(row), b""))
    with Pdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) > 1  # its number is on every page
    report = validate_written(io.BytesIO(pdf), "3b")
    assert [str(f) for f in report.findings if f.kind == "violation"] == []


def test_a_sheet_fetches_nothing_and_holds_no_markup_of_others(company: Any, no_files: None) -> None:
    from syncd.portal.invoicing import drafts, sheet
    from syncd.portal.invoicing.sheet_press import Failed, press

    page = sheet.html(drafts.frozen_of(issued(company, buyer=HOSTILE)), b"")
    assert "<script" not in page and "&lt;b&gt;Durand" in page and "49" not in page.split("Paris")[1][:20]
    made = press().pdf('<img src="file:///etc/passwd"><link rel=stylesheet href="http://127.0.0.1:1/x"><p>ok')
    assert made.startswith(b"%PDF") and b"root:" not in made
    with pytest.raises(Failed):
        press().pdf("x" * 50, seconds=0.0)
    assert press().pdf("<p>again").startswith(b"%PDF")


def test_logos(company: Any, refused: Callable[[Callable[[], Any]], str]) -> None:
    from PIL import Image

    from syncd.portal.invoicing import profile
    from syncd.portal.invoicing.entry import enter

    marie, one = company.person, company.client

    def image(mode: str, size: tuple[int, int], form: str, **more: Any) -> io.BytesIO:
        out = io.BytesIO()
        Image.new(mode, size, 0).save(out, form, **more)
        out.seek(0)
        return out

    exif = Image.Exif()
    exif[0x8825] = {1: "N"}
    for good in (
        image("CMYK", (300, 100), "JPEG"),
        image("RGB", (50, 50), "JPEG", exif=exif),
        image("RGBA", (1, 9000), "PNG"),
    ):
        profile.choose_logo(marie, one, good)
        kept = profile.look(marie, one).look.logo
        drawn = profile.logo(enter(marie, one), kept)
        with Image.open(io.BytesIO(drawn)) as seen:
            assert (seen.format, seen.mode) == ("PNG", "RGB") and not seen.getexif() and max(seen.size) <= 900
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    for bad in (svg, io.BytesIO(b"%PDF-1.4"), io.BytesIO(b""), io.BytesIO(b"\x89PNG\r\n" + b"0" * 5_000_001)):
        assert refused(partial(profile.choose_logo, marie, one, bad)) == "sales_logo"
    assert profile.look(marie, one).look.logo == kept
    profile.choose_logo(marie, one, None)
    assert profile.look(marie, one).look.logo == ""


def test_without_the_libraries_one_sentence_says_so(
    company: Any, refused: Callable[[Callable[[], Any]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.invoicing import issuing, sheet_press

    draft = written(company)
    monkeypatch.setattr(sheet_press, "available", lambda: False)
    assert refused(lambda: issuing.issue(company.person, company.client, draft.id, TODAY)) == "sales_no_library"


def test_what_platforms_would_refuse_gets_no_number(
    company: Any, refused: Callable[[Callable[[], Any]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours that no form foresees: the rules of others find it first."""
    from syncd.portal.invoicing import einvoice_terms, issuing

    draft = written(company)
    terms = einvoice_terms.terms
    monkeypatch.setattr(einvoice_terms, "terms", lambda frozen: terms(frozen) | {"BT-110": "1.00"})
    assert refused(lambda: issuing.issue(company.person, company.client, draft.id, TODAY)) == "sales_rules"
    monkeypatch.setattr(einvoice_terms, "terms", terms)
    assert issuing.issue(company.person, company.client, draft.id, TODAY).number == "F2026-0001"


def test_a_change_while_it_is_issued_is_seen(
    company: Any, no_files: None, refused: Callable[[Callable[[], Any]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.invoicing import drafts, issuing, xml_validity

    draft = written(company)

    def meanwhile(frozen: Any) -> tuple[bytes, str]:
        changed = msgspec.structs.replace(drafts.content_of(draft), note="autre")
        drafts.save(company.person, company.client, draft.id, changed)
        return b"", "XSD"

    monkeypatch.setattr(xml_validity, "checked_xml", meanwhile)
    assert refused(lambda: issuing.issue(company.person, company.client, draft.id, TODAY)) == "sales_changed"
