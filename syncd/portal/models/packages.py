"""Exchange packages that wait at the portal: made for a company, or handed in by it; what the engine is to do with each."""

from __future__ import annotations

from django.db import models

from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.ids import new_id


class ExchangePackage(models.Model):
    """`way`: core.packages.manifest.Way. `state`: exchange.states. `act`: what the engine is to do (core.package_orders.Act), '' for
    nothing; `number` counts what it was to do. `by`: who ordered it, or handed it in; `dealt_by`: who said what is to be done
    with it. `full`, `purpose`, `comment`: as wished, then as its list says. `tell`: ids of the people who are to be told, once it is made;
    `attach`: it goes with the mail. `name`, `size`, `sha256`: of the file; `stored`: it lies here. `sequence` to `sealed`: of its list.
    `folders`: that were chosen, all when empty; `trust`: the key that somebody compared. `told`: what it is and would
    do; `outcome`: what became of it, on the side that took it (both PackageDone). `acknowledged_at`: since when the company is known to have
    dealt with it. `kinds`: of the folders that crossed when it was made.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="packages_held")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="packages")
    way = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    act = models.CharField(max_length=20, blank=True)
    number = models.IntegerField(default=0)
    by = models.CharField(max_length=200, blank=True)
    dealt_by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()
    full = models.BooleanField(default=False)
    purpose = models.CharField(max_length=200, blank=True)
    comment = models.CharField(max_length=2000, blank=True)
    tell = models.JSONField(default=list)
    attach = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    stored = models.BooleanField(default=False)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    created = models.DateTimeField(null=True)
    documents = models.IntegerField(default=0)
    sealed = models.BooleanField(default=False)
    folders = models.JSONField(default=list)
    trust = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=dict)
    acknowledged_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)
    kinds = models.JSONField(default=list)

    class Meta:
        indexes = [  # noqa: RUF012
            models.Index(fields=["client", "way", "at"], name="package_of"),
            models.Index(fields=["cabinet"], name="package_ordered", condition=~models.Q(act="")),
        ]


class PackageKey(models.Model):
    """The cabinet's public key, as its engine last said it; '' until it has one. Without a row no engine ever asked for orders."""

    cabinet = models.OneToOneField(Cabinet, on_delete=models.CASCADE, primary_key=True, related_name="package_key")
    key = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField()
