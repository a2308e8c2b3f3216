"""Electronic invoices, as many as wanted: CII, UBL, and PDFs that bring them along."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.hostile_files import page, pdf, stream

SAMPLES = Path(__file__).parents[1] / "data" / "invoices"
SELLER, BUYER = "732829320", "552100554"  # numbers that can be


def cii(
    number: str = "F2026-001", issued: str = "20261121", gross: str = "1234.56", *, seller: str = "EDF Entreprises", seller_siren: str = SELLER,
    buyer_siren: str = BUYER, code: str = "380", currency: str = "EUR", due: str = "20261221",
) -> bytes:  # fmt: skip
    """Of the profile EN 16931, with one line."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{escape(number)}</ram:ID><ram:TypeCode>{code}</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format="102">{issued}</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:Name>Électricité</ram:Name></ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>0.25</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="KWH">4115.2</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>1028.80</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>{escape(seller)}</ram:Name><ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{seller_siren}</ram:ID></ram:SpecifiedLegalOrganization></ram:SellerTradeParty><ram:BuyerTradeParty><ram:Name>SARL Dupont</ram:Name><ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{buyer_siren}</ram:ID></ram:SpecifiedLegalOrganization></ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode><ram:ApplicableTradeTax><ram:CalculatedAmount>205.76</ram:CalculatedAmount><ram:BasisAmount>1028.80</ram:BasisAmount><ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax><ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">{due}</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms><ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>1028.80</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="{currency}">205.76</ram:TaxTotalAmount><ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount><ram:DuePayableAmount>{gross}</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>""".encode()


def ubl(
    number: str = "F2026-001", issued: str = "2026-11-21", gross: str = "1234.56", *, root: str = "Invoice"
) -> bytes:
    """With nothing that may be left out."""
    return f"""<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>{escape(number)}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>EDF Entreprises</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal></{root}>""".encode()


def factur_x(xml: bytes, name: str = "factur-x.xml", *, nested: bool = False, named: bool = True) -> bytes:
    """A PDF of one page that brings the file. `nested`: its name lies two levels down; not `named`: no table of names has it."""
    catalog, pages, sheet, content = page()
    title = f"({name})".encode()
    leaf = b"<</Names [%s 6 0 R]>>" % title
    tree = b"<</Kids [<</Limits [%s %s] /Kids [8 0 R]>>]>>" % (title, title) if nested else b"8 0 R"
    more = b"/AF [6 0 R]" + (b" /Names <</EmbeddedFiles %s>>" % tree if named else b"")
    return pdf(
        catalog[:-2] + more + b">>", pages, sheet, content, b"<<>>",
        b"<</Type /Filespec /F %s /UF %s /AFRelationship /Data /EF <</F 7 0 R /UF 7 0 R>>>>" % (title, title),
        stream(xml, b"/Type /EmbeddedFile /Subtype /text#2Fxml"), leaf,
    )  # fmt: skip


def flipped(data: bytes, seed: int, bits: int = 8) -> bytes:
    """The same with some bits of it turned over."""
    import random

    chance, out = random.Random(seed), bytearray(data)
    for _ in range(bits):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)
