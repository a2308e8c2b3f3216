"""Approved platforms that invoices are fetched from: how each client's is reached, and what it holds."""

from __future__ import annotations

from django.db import models

from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.documents import Document
from syncd.portal.models.encrypted_text import SealedText


class FlowConnection(models.Model):
    """One client's. `address`: of the flow service, without the version; `token_address`: '' where `secret` is a bearer's token, else
    where a token is given for `ident` and `secret`. `cursor`: where a listing goes on, '' where none is under way; `seen`: until when
    changes were listed, by the platform's clock; `deep_at`: when they were last looked for far back. `failures`: one after the
    other, the last of which is `failure`. `test`: '', wanted, ok, or why not.
    """

    client = models.OneToOneField(
        Client, primary_key=True, on_delete=models.CASCADE, related_name="flow_connection"
    )  # fmt: skip
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="flow_connections")
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=500)
    token_address = models.CharField(max_length=500, blank=True)
    ident = models.CharField(max_length=200, blank=True)
    secret = SealedText(blank=True)
    scope = models.CharField(max_length=200, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    on = models.BooleanField(default=False)
    start = models.DateField()
    cursor = models.TextField(blank=True)
    seen = models.DateTimeField(null=True)
    deep_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    failure = models.CharField(max_length=20, blank=True)
    failed_at = models.DateTimeField(null=True)
    test = models.CharField(max_length=20, blank=True)
    tested_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["on", "next_at"], name="flow_due")]  # noqa: RUF012


class Flow(models.Model):
    """One invoice that a platform holds. `host`: the platform's; `version_id`, `view_version_id`: what the document's versions are
    to be, written before they are; `forced`: somebody says that it is the client's all the same.
    """

    connection = models.ForeignKey(FlowConnection, on_delete=models.CASCADE, related_name="flows")
    host = models.CharField(max_length=255)
    flow_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    forced = models.BooleanField(default=False)
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    version_id = models.CharField(max_length=32, blank=True)
    view_version_id = models.CharField(max_length=32, blank=True)
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["connection", "host", "flow_id"], name="flow_once"),
        ]
        indexes = [models.Index(fields=["connection", "state", "next_at"], name="flow_waiting")]  # noqa: RUF012
