"""What a cabinet asks a company for: requests, the items of each, the documents that answer them, who was reminded when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from syncd.portal.models.accounts import User
from syncd.portal.models.activity import Letter
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.documents import Document
from syncd.portal.models.ids import new_id


class RequestSeries(models.Model):
    """A request that is made again every month: the `made`-th comes on `next_on`. `start_on`, `due_on`: of the first one;
    `items`: as a list's (messages.requests.lists); `told`: ids of the people who are told, empty: all who may answer."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="request_series")
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    items = models.JSONField(default=list)
    cadence = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    start_on = models.DateField()
    due_on = models.DateField()
    made = models.IntegerField(default=1)
    next_on = models.DateField(null=True, db_index=True)


class DocumentRequest(models.Model):
    """`due_on`: when all of it is to be there; `cadence`: when people are reminded (messages.requests.cadence), `remind_on`: the
    next day of it, null once nothing is awaited any more; `pressed_on`: when the cabinet last reminded by hand; `told`: ids of the people who are, empty: all who may answer."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="document_requests")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="document_requests", db_index=False)
    series = models.ForeignKey(RequestSeries, null=True, on_delete=models.SET_NULL, related_name="requests")
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    cadence = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    remind_on = models.DateField(null=True)
    pressed_on = models.DateField(null=True)

    class Meta:
        indexes = [  # noqa: RUF012
            models.Index(fields=["client", "-made_at"], name="request_latest"),
            models.Index(fields=["client"], name="request_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["remind_on"], name="request_reminded", condition=Q(remind_on__isnull=False)),
        ]


class RequestedItem(models.Model):
    """One thing that is asked for: `expected` documents of a `kind` of folder, of a period (`start`, `end`; null: of none).

    `how` it was closed: documents, waived (« sans objet », `word` says why), cabinet; '' while it is open. `again`: why it was
    opened again: refused (`again_reason`), deleted (both name the document: `again_name`) or reopened, with `again_word`.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    request = models.ForeignKey(DocumentRequest, on_delete=models.CASCADE, related_name="items")
    position = models.IntegerField(default=0)
    label = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    start = models.DateField(null=True)
    end = models.DateField(null=True)
    expected = models.IntegerField(default=1)
    note = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=10, blank=True)
    word = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)
    again = models.CharField(max_length=10, blank=True)
    again_name = models.CharField(max_length=300, blank=True)
    again_reason = models.CharField(max_length=20, blank=True)
    again_word = models.CharField(max_length=300, blank=True)


class ItemAnswer(models.Model):
    """A document that was given for an item. `refused_at`: the cabinet could not use it, `reason` one of
    messages.requests.answers.REASONS, `word` beside it. `gone`: it was in the bin when last looked at."""

    item = models.ForeignKey(RequestedItem, on_delete=models.CASCADE, related_name="answers")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="answers")
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    refused_at = models.DateTimeField(null=True)
    refused_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    word = models.CharField(max_length=300, blank=True)
    gone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "document"], name="answer_once")]  # noqa: RUF012


class RequestNotice(models.Model):
    """The day that a person was last told of a request. `letter`: by which, while the portal keeps it."""

    request = models.ForeignKey(DocumentRequest, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="request_notices")
    on = models.DateField()
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="request_notices")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="request_notice_once")]  # noqa: RUF012


class OwnRequestList(models.Model):
    """A list of items that a cabinet keeps for its requests. `items`: as a shipped list's."""

    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="request_lists")
    name = models.CharField(max_length=100)
    title = models.CharField(max_length=100)
    items = models.JSONField(default=list)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cabinet", "name"], name="request_list_once")]  # noqa: RUF012
