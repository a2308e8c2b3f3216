"""Uploads under way in a portal whose documents lie in an object storage (storage/shared_uploads). Elsewhere they are files, and
these tables are empty."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Upload(models.Model):
    """By the key of whoever began it. `person` '': the cabinet's engine, or a file of its own; `touched`: when something of it
    came last, seconds since 1970 by the database's clock."""

    key = models.CharField(max_length=100, primary_key=True)
    person = models.CharField(max_length=32, blank=True)
    client = models.CharField(max_length=32, blank=True)
    size = models.BigIntegerField()
    arrived = models.BigIntegerField(default=0)
    touched = models.FloatField(db_index=True)
    about = models.BinaryField()

    class Meta:
        indexes = [  # noqa: RUF012
            models.Index(fields=["person"], condition=~Q(person=""), name="upload_of_person"),
            models.Index(fields=["client"], condition=~Q(person=""), name="upload_of_client"),
        ]


class UploadPiece(models.Model):
    """The object that holds its bytes from `at`; of it, the first `size` count."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    at = models.BigIntegerField()
    size = models.IntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "at"], name="piece_once")]  # noqa: RUF012
