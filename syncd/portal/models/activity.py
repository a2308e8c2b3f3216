"""The feed that engines read, and what runs reported."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.encrypted_text import SealedText


class FeedRow(models.Model):
    """One change: `kind` says of what (doc, folder, client, relist, answer, sync, task); each row has a random tag (RULES 7)."""

    cabinet = models.ForeignKey(  # found by seq_once
        Cabinet, on_delete=models.CASCADE, related_name="feed", db_index=False
    )
    seq = models.BigIntegerField()
    tag = models.CharField(max_length=32)
    kind = models.CharField(max_length=10)
    client = models.CharField(max_length=32, blank=True)
    object = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cabinet", "seq"], name="seq_once")]  # noqa: RUF012


class RunReport(models.Model):
    """`reason`: why it was given up, with `cause`, what the network or the disk said of it."""

    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="runs")
    run = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    verdict = models.CharField(max_length=20)
    exit_code = models.IntegerField()
    counts = models.JSONField(default=dict)
    chain_head = models.CharField(max_length=64)
    reason = models.CharField(max_length=40, blank=True, default="")
    cause = models.CharField(max_length=300, blank=True, default="")


class RunLine(models.Model):
    """What a run did for one client; nothing where it did, and newly told, nothing."""

    run = models.ForeignKey(RunReport, on_delete=models.CASCADE, related_name="lines")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="runs")
    verdict = models.CharField(max_length=20)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "client"], name="line_once")]  # noqa: RUF012


class OpenReport(models.Model):
    """What the engine told of a client and still holds; `path` '' is about the client as a whole. `detail`: what fills
    the reason's sentence (core.reasons). `ignored_at`: somebody said that nothing is to be done about it, `ignored_by` who;
    it stands until the engine no longer tells of it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="reports")
    path = models.CharField(max_length=4096, blank=True)
    reason = models.CharField(max_length=40)
    since = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True, default="")
    ignored_at = models.DateTimeField(null=True)
    ignored_by = models.CharField(max_length=200, blank=True, default="", db_default="")


class WaitingSet(models.Model):
    """A set of actions that waits for agreement, as the engine last showed it. `actions`: its first lines; `totals`: as
    the engine counted all of them, empty when it is older than they are. `agreed`: what somebody answered, None: nobody
    yet, or the engine has looked since and still shows it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="waiting")
    reason = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    actions = models.JSONField(default=list)
    totals = models.JSONField(default=list)
    since = models.DateTimeField(auto_now_add=True)
    agreed = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)


class WaitingLines(models.Model):
    """Further lines of a set: `count` of them, from the `first`-th on."""

    of = models.ForeignKey(WaitingSet, on_delete=models.CASCADE, related_name="more")
    first = models.IntegerField()
    count = models.IntegerField()
    actions = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "first"], name="lines_once")]  # noqa: RUF012


class Letter(models.Model):
    """A mail that waits to be sent, or was (`sent_at`). Tried again at `due_at`, later each time; `fault`: the server's word.
    `reply_to`: who reads an answer; `unsubscribe`: the address that ends such mails, '' where nobody goes without.
    `user`: whose it is; `topic`, `about`: of what, and of which of those (ids), where that is asked again before it goes;
    `number`: what its Message-ID is made of, '' for its own id; `before`: the same of those that it follows."""

    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="letters")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = SealedText()
    html = SealedText()
    queued_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(auto_now_add=True)
    tries = models.IntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    reply_to = models.CharField(max_length=500, blank=True, default="", db_default="")
    unsubscribe = models.CharField(max_length=500, blank=True, default="", db_default="")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=20, blank=True, default="", db_default="")
    about = models.CharField(max_length=1000, blank=True, default="", db_default="")
    number = models.CharField(max_length=64, blank=True, default="", db_default="")
    before = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        indexes = [  # noqa: RUF012
            models.Index(fields=["topic"], name="letter_waiting", condition=Q(sent_at__isnull=True))
        ]
