"""What electronic invoices say is kept by version, follows what comes and goes, and is the same when it is made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.support.invoices import cii, factur_x, ubl


def read() -> int:
    from syncd.portal.documents import invoice_facts

    done = 0
    while more := invoice_facts.read_some(60.0, lambda: False):
        done += more
    return done


def table() -> list[dict[str, Any]]:
    from syncd.portal.models import InvoiceFacts

    return [{**row} for row in InvoiceFacts.objects.order_by("version").values()]


def numbers() -> dict[str, str]:
    from syncd.portal.models import Document, InvoiceFacts

    versions = dict(Document.objects.values_list("version_id", "path"))
    return {versions.get(v, ""): n for v, n in InvoiceFacts.objects.values_list("version_id", "number")}


def test_what_comes_is_read_and_nothing_of_the_rest_has_a_row(office: Any, put: Callable[..., Any]) -> None:
    before = put(office.one, "Achats/avant.pdf", factur_x(cii("A-1")))
    assert read() == 1 and numbers() == {"Achats/avant.pdf": "A-1"}
    put(office.one, "Achats/ubl.xml", ubl("U-1"))
    put(office.foreign, "Achats/x.xml", cii("X-1"))
    for name, data in (
        ("a.pdf", factur_x(b"<a/>", "notes.xml")),
        ("a.txt", b"text"),
        ("b.xml", b"<a/>"),
        ("c.jpg", b"\xff\xd8\xff"),
    ):
        put(office.one, f"Achats/{name}", data)
    assert read() == 6 and sorted(numbers().values()) == ["A-1", "U-1", "X-1"]
    (row,) = [r for r in table() if r["number"] == "A-1"]
    assert (row["document_id"], row["client_id"], row["cabinet_id"]) == (before.id, office.one.id, office.cabinet.id)
    assert (row["form"], row["gross"], row["seller_key"]) == ("facturx", Decimal("1234.56"), "732829320")
    assert read() == 0


def test_what_was_there_before_is_read_backwards_and_new_documents_come_first(
    office: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import invoice_facts

    for n in range(5):
        put(office.one, f"Achats/{n}.xml", cii(f"A-{n}"))
    monkeypatch.setattr(invoice_facts, "AT_ONCE", 2)
    steps = iter([False, False, False, False, True])
    assert invoice_facts.read_some(60.0, lambda: next(steps, True)) < 5
    assert "A-4" in numbers().values() and "A-0" not in numbers().values()
    put(office.one, "Achats/new.xml", cii("NEW"))
    turns = iter([False, False, True])
    invoice_facts.read_some(60.0, lambda: next(turns, True))
    assert "NEW" in numbers().values() and "A-0" not in numbers().values()
    read()
    assert sorted(numbers().values()) == ["A-0", "A-1", "A-2", "A-3", "A-4", "NEW"]


def test_a_table_that_is_made_again_is_the_same_and_no_document_changed(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.documents import invoice_facts
    from syncd.portal.models import Version
    from syncd.portal.storage import blob_store

    for n in range(3):
        put(office.one, f"Achats/{n}.pdf", factur_x(cii(f"A-{n}", gross=f"{n}.10")))
    read()
    before = table()
    invoice_facts.forget()
    assert table() == [] and read() >= 3 and table() == before
    for version in Version.objects.all():
        with blob_store().open(version.id) as kept:
            assert hashlib.sha256(kept.read()).digest() == bytes(version.sha256)


def test_facts_follow_the_version_and_go_with_it(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.models import Document, InvoiceFacts, Version

    document = put(office.one, "Achats/a.xml", cii("OLD"))
    read()
    put(office.one, "Achats/a.xml", cii("NEW"))
    read()
    current = Document.objects.get(id=document.id)
    assert InvoiceFacts.objects.get(version_id=current.version_id).number == "NEW"
    Version.objects.get(document=document, number=1).delete()
    assert [row["number"] for row in table()] == ["NEW"]


def test_a_new_reader_reads_all_again_and_what_is_lost_or_too_much_is_left_out(
    office: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import invoice_facts
    from syncd.portal.readers.worker_client import Busy, TooMuch
    from syncd.portal.storage import blob_store

    put(office.one, "Achats/a.xml", cii("A"))
    lost = put(office.one, "Achats/b.xml", cii("B"))
    read()
    monkeypatch.setattr(invoice_facts, "MAKER", 2)
    store = type(blob_store())
    opened = store.open

    def missing(self: Any, version: str) -> Any:
        if version == lost.version_id:
            raise FileNotFoundError
        return opened(self, version)

    monkeypatch.setattr(store, "open", missing)
    assert read() == 2 and {(r["number"], r["maker"]) for r in table()} == {("A", 2), ("B", 1)}

    class Occupied:
        fault: type[Exception] = Busy
        asked = 0

        def ask(self, *_: Any, **__: Any) -> bytes:
            self.asked += 1
            raise self.fault

    busy = Occupied()
    monkeypatch.setattr(invoice_facts, "reader", lambda: busy)
    put(office.one, "Achats/c.xml", cii("C"))
    assert invoice_facts.read_some(60.0, lambda: busy.asked > 9) == 0  # others are being read: it comes again
    assert busy.asked == 1, "whoever is busy is not asked again at once"
    busy.fault = TooMuch
    assert invoice_facts.read_some(60.0, lambda: False) == 1 and len(table()) == 2
