"""Customers and articles from Excel, invoices for the accountant's software: hostile cells are text, and stay it."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.portal.invoicing.conftest import BUYER, TODAY, issued

pytestmark = pytest.mark.usefixtures("no_files")


def sheet(*rows: list[str]) -> io.BytesIO:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    out.seek(0)
    return out


def test_customers_and_articles_come_from_a_sheet(company: Any) -> None:
    from syncd.portal.invoicing import customers, sheet_import

    marie, one = company.person, company.client
    model = load_workbook(io.BytesIO(sheet_import.model(marie, one, "customers"))).active
    assert model is not None
    heads = [str(c.value) for c in model[1]]
    rows = [
        ["Mairie", "", "552 100 554", "", "", "2 place", "75001", "Paris", "", "", ""],
        ["Jeanne", "Non", "", "", "", "", "29200", "Brest", "", "", ""],
        ["Faux", "", "123456789", "", "", "", "", "", "", "", ""],
        ["", "", "552100554", "", "", "", "", "", "", "", ""],
    ]
    done = sheet_import.take_in(marie, one, "customers", sheet(heads, *rows))
    assert (done.added, done.changed, [f.row for f in done.faults]) == (2, 0, [4, 5])
    again = sheet_import.take_in(marie, one, "customers", sheet(heads, ["MAIRIE", "", "552100554", *[""] * 8]))
    assert (again.added, again.changed) == (0, 1)
    kept = customers.customers(marie, one)
    assert [(c.buyer.name, c.buyer.business, c.buyer.siren) for c in kept] == [
        ("Jeanne", False, ""), ("MAIRIE", True, "552100554"),
    ]  # fmt: skip
    done = sheet_import.take_in(
        marie, one, "articles",
        sheet(["Désignation", "Prix HT", "TVA", "Unité", "Bien ou service"], ["Vis", "1 234,56", "5,5", "kg", "Bien"], ["Pose", "x", "20", "", ""], ["Conseil", "80", "AE", "heure", ""]),
    )  # fmt: skip
    assert (done.added, [f.row for f in done.faults]) == (2, [3])
    vis = customers.articles(marie, one)[1].line
    assert (vis.price, str(vis.tax.rate), vis.unit, vis.goods) == (Decimal("1234.56"), "5.5", "KGM", True)


def test_a_sheet_that_is_none_is_refused(company: Any) -> None:
    from syncd.portal.invoicing import sheet_import
    from syncd.portal.refusals import Refusal

    for bad in (io.BytesIO(b"PK\x03\x04x"), sheet(["Autre"], ["x"]), sheet()):
        with pytest.raises(Refusal):
            sheet_import.take_in(company.person, company.client, "customers", bad)


def test_what_is_exported_is_no_formula(company: Any) -> None:
    import msgspec

    from syncd.portal.invoicing import drafts, exports, issuing

    marie, one = company.person, company.client
    hostile = msgspec.structs.replace(BUYER, name='=HYPERLINK("http://x")')
    invoice = issued(company, buyer=hostile)
    issuing.issue(marie, one, drafts.credit(marie, one, invoice.id).id, TODAY)
    told = exports.csv_of(marie, one, date(2026, 1, 1), date(2026, 12, 31)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told), delimiter=";"))
    assert [r["Numéro"] for r in rows] == ["F2026-0001"] * 2 + ["A2026-0001"] * 2
    assert rows[0]["Client"].startswith("'=") and rows[2]["Base HT"] == f"-{rows[0]['Base HT']}"
    assert rows[2]["Facture d'origine"] == "F2026-0001"
    book = load_workbook(io.BytesIO(exports.xlsx_of(marie, one, date(2026, 1, 1), TODAY))).active
    assert book is not None and book["F2"].data_type == "s" and str(book["F2"].value).startswith("'=")
    assert exports.csv_of(marie, one, date(2025, 1, 1), date(2025, 12, 31)).count(b"\r\n") == 1


def test_a_mail_is_ready_and_its_headers_hold_nothing_of_others(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    from syncd.portal.invoicing import exports, files

    monkeypatch.setattr(files, "written", lambda frozen, logo: b"%PDF-1.7 x")
    hostile = msgspec.structs.replace(BUYER, name="A\r\nBcc: x@y.example", email="a@b.example\r\nBcc: z@y.example")
    row = issued(company, buyer=hostile)
    _name, raw = exports.mail_of(company.person, company.client, row.id)
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None and mail["To"] is None and mail["X-Unsent"] == "1"
    (attached,) = list(mail.iter_attachments())
    assert attached.get_content() == b"%PDF-1.7 x"
