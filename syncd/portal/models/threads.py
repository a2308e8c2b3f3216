"""What is said between a client and its cabinet: threads, each of one subject, and their entries, which never change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from syncd.core.search_folding import fold
from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.deposits import Deposit
from syncd.portal.models.documents import Document
from syncd.portal.models.folded import Folded, FoldedManager
from syncd.portal.models.ids import new_id


class Thread(Folded):
    """Whoever may read it is found by client and `kind` (of folders), or, about a `document`, by that document's own kind
    (people.visibility.messages).

    `last`: the number of its last entry, `last_at` its moment; `shared`, `shared_at`: the same of the last that the
    company sees; 0 and null: there is none, and for the company there is no thread. `question`: '', `asked` or
    `answered`; `asked_by`: the side that asked, `cabinet` or `company`.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(  # found by thread_cabinet
        Cabinet, on_delete=models.PROTECT, related_name="threads", db_index=False
    )
    client = models.ForeignKey(  # found by thread_client
        Client, on_delete=models.PROTECT, related_name="threads", db_index=False
    )
    subject = models.CharField(max_length=200)
    folded = models.CharField(max_length=400)
    kind = models.CharField(max_length=40)
    document = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="thread")
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    last = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    shared = models.IntegerField(default=0)
    shared_at = models.DateTimeField(null=True)
    question = models.CharField(max_length=10, blank=True, default="")
    asked_by = models.CharField(max_length=10, blank=True, default="")

    objects = FoldedManager["Thread"]()
    FOLDED_OF: ClassVar[frozenset[str]] = frozenset({"subject"})

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(
                fields=["client", "kind", "folded"], condition=Q(document__isnull=True), name="thread_once"
            )
        ]
        indexes = [  # noqa: RUF012
            models.Index(fields=["cabinet", "-last_at", "-id"], name="thread_cabinet"),
            models.Index(fields=["client", "-last_at", "-id"], name="thread_client"),
            models.Index(fields=["client", "-shared_at", "-id"], name="thread_company"),
        ]

    def folds(self) -> dict[str, str]:
        return {"folded": fold(self.subject)[:400]}


class ThreadEntry(models.Model):
    """`number`: its place in the thread, from 1. `kind`: one of messages.entries.Kind. `internal`: the cabinet alone sees it.

    `document`: what it is about, whose name is shown to those who may see it; `deposit`: whose receipt it is; `ref`: what
    else it is about, by its own table's id. Written once: a correction is a further entry.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    thread = models.ForeignKey(  # found by entry_once
        Thread, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    number = models.IntegerField()
    kind = models.CharField(max_length=10)
    internal = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    folded = models.TextField(blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    at = models.DateTimeField()
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    deposit = models.ForeignKey(Deposit, null=True, on_delete=models.PROTECT, related_name="entries")
    ref = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "number"], name="entry_once")]  # noqa: RUF012

    def save(self, *args: Any, **options: Any) -> None:
        """Raises TypeError of one that is written already."""
        if not self._state.adding:
            raise TypeError("an entry is written once")
        super().save(*args, **options)


class ThreadReader(models.Model):
    """Somebody who reads a thread. `told`: they are told of what is new in it; `read`: the number up to which they saw it;
    `unread`: there is more by now of which they are told. `mail_since`: since when a mail about it waits; null: none does.
    `mailed`: the number up to which mails told.
    """

    thread = models.ForeignKey(  # found by reader_once
        Thread, on_delete=models.CASCADE, related_name="readers", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    told = models.BooleanField(default=False)
    read = models.IntegerField(default=0)
    unread = models.BooleanField(default=False)
    mailed = models.IntegerField(default=0)
    mail_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="reader_once")]  # noqa: RUF012
        indexes = [  # noqa: RUF012
            models.Index(fields=["user"], name="reader_unread", condition=Q(unread=True)),
            models.Index(fields=["mail_since"], name="reader_mail", condition=Q(mail_since__isnull=False)),
        ]


class ThreadReading(models.Model):
    """Somebody saw the thread up to entry `number`, first at that moment."""

    thread = models.ForeignKey(  # found by reading_of
        Thread, on_delete=models.CASCADE, related_name="readings", db_index=False
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    number = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["thread", "number"], name="reading_of")]  # noqa: RUF012
