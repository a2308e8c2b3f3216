"""A company's private space, in tables of its own: no query on documents, whoever writes it, finds a row of it (ADR 25).

Names, and who did what, lie sealed. Rows are given by `private_space.spaces` alone, to whoever holds a key: `objects` refuses
every other question.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from syncd.core import paths
from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Client
from syncd.portal.models.encrypted_text import SealedText
from syncd.portal.models.ids import new_id

_M = TypeVar("_M", bound=models.Model)


class NotEntered(Exception):
    """A question about private rows that names no entered space: a fault of whoever wrote it."""


def name_key(name: str) -> str:
    """Says of two names whether they are the same place, and tells neither."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"syncd.portal.private 1\0", hashlib.sha256)
    made.update(paths.key(name).encode())
    return made.hexdigest()


def _unreadable() -> str:
    return _("nom illisible")


class Closed(models.Manager[_M]):
    """Default deny: rows of one client, for `private_space.spaces`, and of nobody else."""

    def get_queryset(self) -> QuerySet[_M]:
        raise NotEntered(self.model.__name__)

    def within(self, client: str) -> QuerySet[_M]:
        """Of that client's space; by `private_space.spaces` alone, which has asked for the right."""
        return super().get_queryset().filter(client_id=client)


class ClosedVersions(Closed["PrivateVersion"]):
    def kept(self) -> QuerySet[PrivateVersion, Any]:
        """Ids, sizes and digests of all, whose bytes are checked; nothing of where they are."""
        return models.Manager.get_queryset(self).order_by("id").values("id", "size", "sha256")


class ClosedKeys(Closed["PrivateKey"]):
    def of_person(self, user: str) -> QuerySet[PrivateKey]:
        return models.Manager.get_queryset(self).filter(user_id=user)


class PrivateSpace(models.Model):
    """`recovery`: SHA-256 of what was printed when it was opened, and gives a voided key of a manager back."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    root = models.CharField(max_length=32)
    recovery = models.CharField(max_length=64)
    opened_by = SealedText(blank=True)
    opened_at = models.DateTimeField()

    objects: ClassVar[Closed[Any]] = Closed()


class PrivateKey(models.Model):
    """What a person may there. `verbs`: space-separated."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    verbs = models.CharField(max_length=100)
    by = SealedText(blank=True)
    at = models.DateTimeField()

    objects: ClassVar[ClosedKeys] = ClosedKeys()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="private_key_once")]  # noqa: RUF012


class PrivateFolder(models.Model):
    """`inside`: the folder it lies in, '' of the space's own. `bin`: id of the deletion it went with, '' while it is there."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    inside = models.CharField(max_length=32, blank=True)
    name = SealedText(blank=True, broken=_unreadable)
    key = models.CharField(max_length=64)
    bin = models.CharField(max_length=32, blank=True)

    objects: ClassVar[Closed[Any]] = Closed()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["client", "inside", "key"], condition=Q(bin=""), name="private_folder_once")
        ]


class PrivateDocument(models.Model):
    """The current version is denormalised, as of documents."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    folder = models.CharField(max_length=32)
    name = SealedText(broken=_unreadable)
    key = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    version = models.IntegerField(default=1)
    version_id = models.CharField(max_length=32)
    changed_at = models.DateTimeField()
    changed_by = SealedText(blank=True)
    bin = models.CharField(max_length=32, blank=True)
    binned_at = models.DateTimeField(null=True)
    binned_by = SealedText(blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_number = models.CharField(max_length=20, blank=True)
    sent_version = models.IntegerField(default=0)

    objects: ClassVar[Closed[Any]] = Closed()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(
                fields=["client", "folder", "key"], condition=Q(bin=""), name="private_document_once"
            )
        ]


class PrivateVersion(models.Model):
    """A version's id is its blob's name, as of documents; the bytes of both lie together."""

    id = models.CharField(max_length=32, primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(PrivateDocument, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    by = SealedText(blank=True)
    at = models.DateTimeField()
    modified_at = models.DateTimeField(null=True)

    objects: ClassVar[ClosedVersions] = ClosedVersions()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="private_number_once")]  # noqa: RUF012


class PrivateAct(models.Model):
    """Who did what there: the company's own trail, which nobody of the cabinet reads. `what`: a code; `about`: of what."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = SealedText(blank=True)
    what = models.CharField(max_length=20)
    about = SealedText(blank=True)

    objects: ClassVar[Closed[Any]] = Closed()
