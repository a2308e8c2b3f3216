"""Electronic invoices, known by their bytes: Factur-X and ZUGFeRD of every age, CII, UBL. Read for people; nothing is ever altered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from syncd.core.invoices import Facts, Form
from syncd.portal.readers import invoice_cii, invoice_pdf, invoice_ubl, invoice_words, kinds, xml_tree
from syncd.portal.readers.values import Invoice, Party
from syncd.portal.readers.xml_tree import Node

SHOWN = frozenset({Form.FACTUR_X, Form.ZUGFERD_1, Form.CII, Form.UBL})
LARGEST, ITEMS = 20_000_000, 500
_HEAVY = frozenset({invoice_cii.HEAVY, invoice_ubl.HEAVY})
_ROWS = invoice_ubl.ROWS | {invoice_cii.ROW}
_ENVELOPES, _NEAR = 4, 10  # elements around an invoice that networks put it into; and beside it
_ORDER = "SCRDMCCBDACIOMessageStructure"
_STATUS = "CrossDomainAcknowledgementAndResponse"


def facts(source: BinaryIO) -> bytes:
    """JSON of `Facts`. Raises ValueError for what is no electronic invoice."""
    return msgspec.json.encode(invoice(source).facts)


def sheet(source: BinaryIO) -> bytes:
    """JSON of `values.Invoice`. Raises ValueError for what is none, or cannot be read."""
    found = invoice(source)
    if found.facts.form not in SHOWN:
        raise ValueError("no invoice to show")
    return msgspec.json.encode(found)


def invoice(source: BinaryIO) -> Invoice:
    """Raises ValueError for what is no electronic invoice: it may be one that is broken, too, unless it is a PDF's."""
    return read(source)[0]


def read(source: BinaryIO) -> tuple[Invoice, bytes]:
    """The invoice, and the XML that says it, none of one that is broken. Raises ValueError."""
    if kinds.sniffed(source) == "pdf":
        return _of_pdf(source)
    head = source.read(kinds.HEAD)
    if not xml_tree.looks_like(head):
        raise ValueError("no XML")
    data = head + source.read(LARGEST + 1 - len(head))
    if len(data) > LARGEST:
        raise ValueError("larger than an invoice is")
    return of_xml(data), data


def of_xml(data: bytes, of_pdf: bool = False) -> Invoice:
    """Raises ValueError."""
    root, lines = xml_tree.tree(data, _HEAVY, _ROWS, ITEMS)
    for node in _within(root, _ENVELOPES):
        form = _form(node)
        match form:
            case None:
                continue
            case Form.CII | Form.ZUGFERD_1:
                return invoice_cii.read(node, Form.FACTUR_X if of_pdf and form is Form.CII else form, lines)
            case Form.UBL:
                return invoice_ubl.read(node, form, lines)
            case _:
                return _bare(form, invoice_words.line(node.said("ExchangedDocument/ID")))
    raise ValueError("no invoice")


def _within(root: Node, deep: int) -> Iterator[Node]:
    yield root
    if deep:
        for child in root.children[:_NEAR]:
            yield from _within(child, deep - 1)


def _form(node: Node) -> Form | None:
    """By the element's own name; by its namespace where a program called it otherwise."""
    match node.name:
        case "CrossIndustryInvoice":
            return Form.CII
        case "CrossIndustryDocument":
            return Form.ZUGFERD_1
        case name if name == _STATUS:
            return Form.STATUS
        case name if name == _ORDER:
            return Form.ORDER
        case name if name in invoice_ubl.ROOTS and (not node.space or node.space.startswith("urn:oasis:")):
            return Form.UBL if any(node.all("AccountingSupplierParty|LegalMonetaryTotal|IssueDate")) else None
    if "CrossIndustryInvoice" in node.space and any(node.all("ExchangedDocument")):
        return Form.CII
    return None


def _of_pdf(source: BinaryIO) -> tuple[Invoice, bytes]:
    broken = False
    for name, data in invoice_pdf.attached(source):
        known = invoice_pdf.is_known(name)
        if not known and not xml_tree.looks_like(data[: kinds.HEAD]):
            continue
        try:
            return of_xml(data, of_pdf=True), data
        except ValueError:
            broken = broken or known
    if broken:
        return _bare(Form.BROKEN), b""
    raise ValueError("no invoice within")


def _bare(form: Form, number: str = "") -> Invoice:
    return Invoice(Facts(form, number), Party(), Party(), (), 0, (), (), (), (), (), (), ())
