"""Cross Industry Invoice (UN/CEFACT), of Factur-X, ZUGFeRD and XRechnung; and of ZUGFeRD 1, which called its parts otherwise."""

from __future__ import annotations

from syncd.core.invoices import Facts, Form, amount, day, profile
from syncd.portal.readers import invoice_words as words
from syncd.portal.readers.values import Attachment, Invoice, Item, Party, Tax
from syncd.portal.readers.xml_tree import Node

HEAVY, ROW = "AttachmentBinaryObject", "IncludedSupplyChainTradeLineItem"
_DOCUMENT = "ExchangedDocument|HeaderExchangedDocument"
_CONTEXT = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
_TRADE = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREED = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_DELIVERED = "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery"
_SETTLED = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_BETWEEN = {
    "LineTotalAmount": "lines", "ChargeTotalAmount": "charges", "AllowanceTotalAmount": "allowances",
    "TotalPrepaidAmount": "prepaid", "RoundingAmount": "rounding",
}  # fmt: skip
_REFERS = {
    "BuyerOrderReferencedDocument": "order", "ContractReferencedDocument": "contract",
    "SellerOrderReferencedDocument": "seller_order",
}  # fmt: skip


def read(root: Node, form: Form, lines: int) -> Invoice:
    """`lines`: how many there were, of which not all are kept."""
    document, trade = _document(root), root.one(_TRADE)
    agreed, settled = trade.one(_AGREED), trade.one(_SETTLED)
    seller, buyer = _party(agreed.one("SellerTradeParty")), _party(agreed.one("BuyerTradeParty"))
    sums, items = settled.one(_SUMS), tuple(map(_item, trade.all(ROW)))
    return Invoice(
        _facts(root, document, trade, form, seller, buyer), seller, buyer, items, max(0, lines - len(items)),
        tuple(map(_tax, settled.all("ApplicableTradeTax"))),
        tuple((what, sum_) for name, what in _BETWEEN.items() if (sum_ := amount(sums.said(name))) is not None),
        words.notes(n.text for n in document.all("IncludedNote/Content")),
        words.notes(n.text for n in settled.all("SpecifiedTradePaymentTerms/Description")),
        _refers(agreed, settled), words.notes(n.text for n in settled.all("SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID")),
        tuple(map(_attached, agreed.all("AdditionalReferencedDocument/AttachmentBinaryObject"))),
    )  # fmt: skip


def _document(root: Node) -> Node:
    """By its name; by what it holds where a program called it otherwise."""
    return next(root.all(_DOCUMENT), None) or next(
        (n for n in root.children if any(n.all("IssueDateTime"))), root.one("")
    )


def _facts(root: Node, document: Node, trade: Node, form: Form, seller: Party, buyer: Party) -> Facts:
    settled = trade.one(_SETTLED)
    sums, currency = settled.one(_SUMS), words.line(settled.said("InvoiceCurrencyCode"), 3).upper()[:3]

    def total(name: str) -> str:
        return words.in_currency(list(sums.all(name)), currency)

    return Facts(
        form, words.line(document.said("ID")), day(document.said("IssueDateTime/DateTimeString|DateTime")),
        words.line(document.said("TypeCode"), 10), day(settled.said("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString|DateTime")),
        day(trade.one(_DELIVERED).said("ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString|DateTime")), currency,
        seller.name, seller.siren, seller.vat, buyer.name, buyer.siren, buyer.vat,
        words.sum_of(total("TaxBasisTotalAmount")), words.sum_of(total("TaxTotalAmount")),
        words.sum_of(total("GrandTotalAmount")), words.sum_of(total("DuePayableAmount")),
        profile(root.one(_CONTEXT).said("GuidelineSpecifiedDocumentContextParameter/ID")),
    )  # fmt: skip


def _party(node: Node) -> Party:
    legal, address, person = (
        node.one("SpecifiedLegalOrganization"),
        node.one("PostalTradeAddress"),
        node.one("DefinedTradeContact"),
    )
    registered = list(node.all("SpecifiedTaxRegistration/ID"))
    vat = next((words.vat_number(n.text) for n in registered if n.attributes.get("schemeID", "") in ("VA", "")), "")
    known = [*legal.all("ID"), *node.all("GlobalID"), *node.all("ID"), *node.all("URIUniversalCommunication/URIID")]
    town = f"{address.said('PostcodeCode')} {address.said('CityName')}"
    return words.party(
        node.said("Name") or legal.said("TradingBusinessName"), words.siren(known, vat), vat,
        (address.said("LineOne"), address.said("LineTwo"), address.said("LineThree"), town, address.said("CountryID")),
        (person.said("PersonName"), person.said("TelephoneUniversalCommunication/CompleteNumber"), person.said("EmailURIUniversalCommunication/URIID")),
    )  # fmt: skip


def _item(node: Node) -> Item:
    product, agreed = (
        node.one("SpecifiedTradeProduct"),
        node.one("SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"),
    )
    settled = node.one("SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement")
    sums = settled.one("SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation")
    note = node.said("AssociatedDocumentLineDocument/IncludedNote/Content")
    return words.item(
        product.said("Name") or note, product.said("Description") or (note if product.said("Name") else ""),
        node.one("SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery").one("BilledQuantity"),
        agreed.one("NetPriceProductTradePrice/ChargeAmount"),
        settled.said("ApplicableTradeTax/RateApplicablePercent", "ApplicableTradeTax/ApplicablePercent"), sums.said("LineTotalAmount"),
    )  # fmt: skip


def _tax(node: Node) -> Tax:
    return words.tax(
        node.said("RateApplicablePercent", "ApplicablePercent"), node.said("BasisAmount"), node.said("CalculatedAmount"),
        node.said("ExemptionReason"),
    )  # fmt: skip


def _refers(agreed: Node, settled: Node) -> tuple[tuple[str, str], ...]:
    found = [(what, agreed.said(f"{name}/IssuerAssignedID", f"{name}/ID")) for name, what in _REFERS.items()]
    found += [
        ("invoice", n.said("IssuerAssignedID", "ID")) for n in settled.all("InvoiceReferencedDocument")
    ]  # fmt: skip
    return tuple((what, words.line(number)) for what, number in found if number)[: words.FEW]


def _attached(node: Node) -> Attachment:
    return Attachment(words.line(node.attributes.get("filename", "")) or "?", node.size * 3 // 4)
