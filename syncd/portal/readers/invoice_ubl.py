"""UBL 2 (OASIS): invoices, credit notes, and what a buyer writes in the seller's name."""

from __future__ import annotations

from syncd.core.invoices import Facts, Form, amount, day, profile
from syncd.portal.readers import invoice_words as words
from syncd.portal.readers.values import Attachment, Invoice, Item, Party, Tax
from syncd.portal.readers.xml_tree import Node

HEAVY = "EmbeddedDocumentBinaryObject"
ROWS = frozenset({"InvoiceLine", "CreditNoteLine", "DebitNoteLine"})
ROOTS = {
    "Invoice": "380",
    "CreditNote": "381",
    "DebitNote": "383",
    "SelfBilledInvoice": "389",
    "SelfBilledCreditNote": "261",
}
"""By root: the code (BT-3) of one that says none."""
_TOTAL = "LegalMonetaryTotal|RequestedMonetaryTotal"
_BETWEEN = {
    "LineExtensionAmount": "lines", "ChargeTotalAmount": "charges", "AllowanceTotalAmount": "allowances",
    "PrepaidAmount": "prepaid", "PayableRoundingAmount": "rounding",
}  # fmt: skip
_REFERS = {
    "OrderReference/ID": "order", "ContractDocumentReference/ID": "contract", "OrderReference/SalesOrderID": "seller_order",
    "BillingReference/InvoiceDocumentReference/ID": "invoice",
}  # fmt: skip


def read(root: Node, form: Form, lines: int) -> Invoice:
    """`lines`: how many there were, of which not all are kept."""
    seller = _party(root.one("AccountingSupplierParty/Party"))
    buyer = _party(root.one("AccountingCustomerParty/Party"))
    total, items = root.one(_TOTAL), tuple(map(_item, root.all("|".join(ROWS))))
    return Invoice(
        _facts(root, form, seller, buyer), seller, buyer, items, max(0, lines - len(items)),
        tuple(map(_tax, root.all("TaxTotal/TaxSubtotal"))),
        tuple((what, sum_) for name, what in _BETWEEN.items() if (sum_ := amount(total.said(name))) is not None),
        words.notes(n.text for n in root.all("Note")), words.notes(n.text for n in root.all("PaymentTerms/Note")),
        tuple((what, words.line(n.text)) for path, what in _REFERS.items() for n in root.all(path) if n.text.strip())[: words.FEW],
        words.notes(n.text for n in root.all("PaymentMeans/PayeeFinancialAccount/ID")),
        tuple(map(_attached, root.all(f"AdditionalDocumentReference/Attachment/{HEAVY}"))),
    )  # fmt: skip


def _facts(root: Node, form: Form, seller: Party, buyer: Party) -> Facts:
    total, currency = root.one(_TOTAL), words.line(root.said("DocumentCurrencyCode"), 3).upper()[:3]

    def sum_(*names: str) -> str:
        return words.in_currency([n for name in names for n in total.all(name)], currency)

    code = root.said("InvoiceTypeCode", "CreditNoteTypeCode") or ROOTS.get(root.name, "380")
    return Facts(
        form, words.line(root.said("ID")), day(root.said("IssueDate")), words.line(code, 10),
        day(root.said("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")), day(root.said("Delivery/ActualDeliveryDate")),
        currency, seller.name, seller.siren, seller.vat, buyer.name, buyer.siren, buyer.vat,
        words.sum_of(sum_("TaxExclusiveAmount")), words.sum_of(words.in_currency(list(root.all("TaxTotal/TaxAmount")), currency)),
        words.sum_of(sum_("TaxInclusiveAmount")), words.sum_of(sum_("PayableAmount")), profile(root.said("CustomizationID")),
    )  # fmt: skip


def _party(node: Node) -> Party:
    legal, address, person = node.one("PartyLegalEntity"), node.one("PostalAddress"), node.one("Contact")
    vat = next(
        (words.vat_number(tax.said("CompanyID")) for tax in node.all("PartyTaxScheme")
         if tax.said("TaxScheme/ID").upper() in ("VAT", "") and tax.said("CompanyID")), "",
    )  # fmt: skip
    known = [*legal.all("CompanyID"), *node.all("PartyIdentification/ID"), *node.all("EndpointID")]
    town = f"{address.said('PostalZone')} {address.said('CityName')}"
    return words.party(
        legal.said("RegistrationName") or node.said("PartyName/Name"), words.siren(known, vat), vat,
        (address.said("StreetName"), address.said("AdditionalStreetName"), address.said("AddressLine/Line"), town, address.said("Country/IdentificationCode")),
        (person.said("Name"), person.said("Telephone"), person.said("ElectronicMail")),
    )  # fmt: skip


def _item(node: Node) -> Item:
    what = node.one("Item")
    return words.item(
        what.said("Name") or what.said("Description"), what.said("Description") if what.said("Name") else "",
        node.one("InvoicedQuantity|CreditedQuantity|DebitedQuantity"), node.one("Price/PriceAmount"),
        what.said("ClassifiedTaxCategory/Percent"), node.said("LineExtensionAmount"),
    )  # fmt: skip


def _tax(node: Node) -> Tax:
    return words.tax(
        node.said("TaxCategory/Percent", "Percent"), node.said("TaxableAmount"), node.said("TaxAmount"),
        node.said("TaxCategory/TaxExemptionReason"),
    )  # fmt: skip


def _attached(node: Node) -> Attachment:
    return Attachment(words.line(node.attributes.get("filename", "")) or "?", node.size * 3 // 4)
