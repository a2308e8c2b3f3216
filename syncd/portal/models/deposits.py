"""What people did with documents: deposits with their number, who opened what."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.documents import Document
from syncd.portal.models.ids import new_id


class Deposit(models.Model):
    """What one person put at once: one "accusé de dépôt". `batch`: the browser's own word for it. `told_at`: people were
    told of what came until then. `program`: whose deposit it is, where it is no person's.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="deposits")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="deposits")
    number = models.CharField(max_length=20)
    batch = models.CharField(max_length=64)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="deposits")
    program = models.ForeignKey("ProgramKey", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["cabinet", "number"], name="deposit_number_once"),
            models.UniqueConstraint(fields=["user", "client", "batch"], name="deposit_batch_once"),
            models.UniqueConstraint(fields=["program", "client", "batch"], name="deposit_word_once"),
        ]
        indexes = [models.Index(fields=["told_at", "last_at"], name="deposit_untold")]  # noqa: RUF012


class PendingNotice(models.Model):
    """A deposit that somebody's next summary tells of. `after`: what they, or others, were told of it until then; null:
    nothing yet. `at`: since when it waits."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pending_notices")
    deposit = models.ForeignKey(Deposit, on_delete=models.CASCADE, related_name="+")
    after = models.DateTimeField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "deposit"], name="pending_notice_once")]  # noqa: RUF012


class DepositLine(models.Model):
    """One document of a deposit. `given`: its name when it came; `outcome`: stored, version, beside (what it was to replace is another's by now), already, again (the cabinet had removed it), refused (`reason`). `emitter`: as a program signs it. `item`: of a request that it was sent for, until that is answered."""

    deposit = models.ForeignKey(Deposit, on_delete=models.CASCADE, related_name="lines")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="deposit_lines")
    version_id = models.CharField(max_length=32, blank=True)
    given = models.CharField(max_length=4096)
    path = models.CharField(max_length=4096, blank=True)
    size = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    emitter = models.CharField(max_length=40, blank=True, default="", db_default="")
    item = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["id"], name="line_unanswered", condition=~models.Q(item=""))]  # noqa: RUF012

    STORED: ClassVar[tuple[str, ...]] = ("stored", "version", "again", "beside")
    """Outcomes of a line whose document is there because of it."""


class Opened(models.Model):
    """A person looked at, or downloaded, a version. `origin`: cabinet or company."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="opened")
    version_id = models.CharField(max_length=32)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    verb = models.CharField(max_length=10)
    at = models.DateTimeField()


class DeletionRequest(models.Model):
    """A company asks the cabinet to delete a document: where the template says `client_delete = "request"`.

    There as long as nobody answered. `told_at`: the cabinet's people were.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="deletion_request")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)


class Audit(models.Model):
    """Who did what, when, from where: kept apart from the evidence of deposits, pruned after 12 months."""

    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="audit")
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    user_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=64, blank=True)
    what = models.CharField(max_length=40)
    about = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["cabinet", "-at"], name="audit_latest")]  # noqa: RUF012
