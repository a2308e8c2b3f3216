"""What a company writes itself: its customers, articles, quotes and invoices, in tables that no query on documents finds (ADR 26).

What people typed lies sealed. Rows are given by `invoicing.entry` alone, to whoever holds a key: `objects` refuses every other
question, as of a private space.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Client
from syncd.portal.models.encrypted_text import SealedText
from syncd.portal.models.ids import new_id

_M = TypeVar("_M", bound=models.Model)


class NotAsked(Exception):
    """A question about rows of a company's sales that names no entered client: a fault of whoever wrote it."""


class ClosedSales(models.Manager[_M]):
    """Default deny: rows of one client, for `invoicing.entry`, and of nobody else."""

    def get_queryset(self) -> QuerySet[_M]:
        raise NotAsked(self.model.__name__)

    def of_client(self, client: str) -> QuerySet[_M]:
        """By `invoicing.entry` alone, which has asked for the right."""
        return super().get_queryset().filter(client_id=client)


class ClosedSalesKeys(ClosedSales["SalesKey"]):
    def of_person(self, user: str) -> QuerySet[SalesKey]:
        return models.Manager.get_queryset(self).filter(user_id=user)


class ClosedSalesDocuments(ClosedSales["SalesDocument"]):
    def kept(self) -> QuerySet[SalesDocument, Any]:
        """Ids, sizes and digests of all files, whose bytes are checked; nothing of what they are."""
        rows = models.Manager.get_queryset(self).exclude(file_id="").order_by("file_id")
        return rows.values("file_id", "file_size", "file_sha256")


class SalesKey(models.Model):
    """What a person may there: one of invoicing.keys.LEVELS. Whoever manages the private space needs none."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=10)
    by = SealedText(blank=True)
    at = models.DateTimeField()

    objects: ClassVar[ClosedSalesKeys] = ClosedSalesKeys()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="sales_key_once")]  # noqa: RUF012


class SalesProfile(models.Model):
    """How a company sells: invoicing.profile.Profile as JSON, sealed. `epoch`: the cabinet's, under which its numbers are known to be
    the last ones; another one since: the portal was put back, and somebody says first which numbers were given."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    data = SealedText()
    epoch = models.CharField(max_length=32, blank=True, default="", db_default="")
    changed_at = models.DateTimeField()

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()


class SalesLogo(models.Model):
    """A logo as it was drawn anew; issued sheets name it by its digest, so none is ever deleted."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    picture = models.BinaryField()

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "sha256"], name="sales_logo_once")]  # noqa: RUF012


class SalesCustomer(models.Model):
    """`data`: content.Buyer as JSON, sealed. `retired`: no longer offered."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    data = SealedText()
    retired = models.BooleanField(default=False)

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()


class SalesArticle(models.Model):
    """`data`: invoice_lines.Line as JSON, sealed."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    data = SealedText()
    retired = models.BooleanField(default=False)

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()


class SalesSeries(models.Model):
    """`last`: the last number given in a series, whose row is locked while one is given."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=30)
    last = models.IntegerField()

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "series"], name="sales_series_once")]  # noqa: RUF012


class SalesDocument(models.Model):
    """A quote or an invoice. `content`: content.Content, while it is a draft; `frozen`: content.Frozen, once it has its number.

    `summary`: what a list says of it. `source`: id of the document it follows from, '' of none. `closed`: of a quote, that its
    sale is invoiced to the end. `file_*`: the PDF with its XML, made from what is frozen; `checked`: the rules that it passed.
    `sent_*`: the deposit by copy.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=32, blank=True)
    number = models.CharField(max_length=35, blank=True)
    family = models.CharField(max_length=10)
    issued = models.DateField(null=True)
    content = SealedText(blank=True)
    frozen = SealedText(blank=True)
    summary = SealedText(blank=True)
    closed = models.BooleanField(default=False)
    file_id = models.CharField(max_length=32, blank=True)
    file_size = models.BigIntegerField(default=0)
    file_sha256 = models.BinaryField(max_length=32, default=b"")
    checked = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_number = models.CharField(max_length=20, blank=True)
    changed_at = models.DateTimeField()
    changed_by = SealedText(blank=True)

    objects: ClassVar[ClosedSalesDocuments] = ClosedSalesDocuments()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["client", "number"], condition=~Q(number=""), name="sales_number_once")
        ]
        indexes = [models.Index(fields=["client", "family", "issued"], name="sales_by_day")]  # noqa: RUF012


class SalesAct(models.Model):
    """Who did what there: the company's own trail. `what`: a code; `about`: of what."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = SealedText(blank=True)
    what = models.CharField(max_length=20)
    about = SealedText(blank=True)

    objects: ClassVar[ClosedSales[Any]] = ClosedSales()
