"""What electronic invoices say: copies that can be made again, by version; the documents stay what they are."""

from __future__ import annotations

from django.db import models

from syncd.core.invoices import Kind, kind
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.documents import Document, Version


class InvoiceFacts(models.Model):
    """`core.invoices.Facts` of one version, gone with it. `number_key`, `seller_key`: what two of one invoice share; `folded`: names and
    number as people look for them. Amounts with four decimals. `maker`: by which reader.
    """

    version = models.OneToOneField(Version, primary_key=True, on_delete=models.CASCADE, related_name="invoice")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="invoices")
    client = models.ForeignKey(  # found by invoice_same
        Client, on_delete=models.CASCADE, related_name="invoices", db_index=False
    )
    cabinet = models.ForeignKey(  # found by invoice_gross
        Cabinet, on_delete=models.CASCADE, related_name="invoices", db_index=False
    )
    maker = models.IntegerField()
    form = models.CharField(max_length=10)
    profile = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=10, blank=True)
    number = models.CharField(max_length=200, blank=True)
    number_key = models.CharField(max_length=200, blank=True)
    issued = models.DateField(null=True)
    due = models.DateField(null=True)
    delivered = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    seller = models.CharField(max_length=200, blank=True)
    seller_key = models.CharField(max_length=400, blank=True)
    seller_siren = models.CharField(max_length=9, blank=True)
    seller_vat = models.CharField(max_length=40, blank=True)
    buyer = models.CharField(max_length=200, blank=True)
    buyer_siren = models.CharField(max_length=9, blank=True)
    buyer_vat = models.CharField(max_length=40, blank=True)
    net = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    vat = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    gross = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    payable = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    folded = models.CharField(max_length=1600, blank=True)

    class Meta:
        indexes = [  # noqa: RUF012
            models.Index(fields=["client", "number_key"], name="invoice_same"),
            models.Index(fields=["cabinet", "gross"], name="invoice_gross"),
        ]

    @property
    def kind(self) -> Kind:
        return kind(self.code)


class InvoiceReading(models.Model):
    """How far a cabinet's documents were read: all changes of the feed above `below`, up to `upto`. `maker`: by which reader."""

    cabinet = models.OneToOneField(Cabinet, primary_key=True, on_delete=models.CASCADE, related_name="invoice_reading")
    maker = models.IntegerField()
    upto = models.BigIntegerField()
    below = models.BigIntegerField()
