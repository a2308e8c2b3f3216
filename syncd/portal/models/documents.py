"""Folders, documents, and every version of every document."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from syncd.portal.models.clients import Client
from syncd.portal.models.ids import new_id


class Folder(models.Model):
    """`path` is NFC inside the client; `key` decides sameness (core.paths.key)."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="folders")
    path = models.CharField(max_length=4096)
    key = models.CharField(max_length=4096)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["client", "key"], condition=Q(deleted_at__isnull=True), name="folder_once")
        ]


class Document(models.Model):
    """The current version is denormalised (`size`, `sha256`, `version`, `version_id`).

    `tombstone`: id of the deletion, '' while live. `by_company`: its first version came from the company.
    `deleted_origin`: cabinet or company, whose person (or engine) deleted it. `left_at`: removed at the cabinet, still online; `left_kept_at`: when somebody said that it stays so. `folded`: the place as people look for it (core.search_folding). `kind`: of the folder it lies in, '' where nobody may see it: what
    query sets are cut by (people.visibility). `reference`: of an accounting entry, say. `downloads`: by people;
    `engine_downloads`: by the cabinet's engine.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    client = models.ForeignKey(  # found by document_latest: an index of its own is one more to write
        Client, on_delete=models.PROTECT, related_name="documents", db_index=False
    )
    path = models.CharField(max_length=4096)
    key = models.CharField(max_length=4096)
    folded = models.CharField(max_length=8192, blank=True, default="", db_default="")
    kind = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    version = models.IntegerField(default=1)
    version_id = models.CharField(max_length=32)
    by_company = models.BooleanField(default=False)
    tombstone = models.CharField(max_length=32, blank=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.CharField(max_length=200, blank=True)
    deleted_origin = models.CharField(max_length=10, blank=True, default="", db_default="")
    withdrawn = models.BooleanField(default=False)
    left_at = models.DateTimeField(null=True)
    left_kept_at = models.DateTimeField(null=True)
    downloads = models.IntegerField(default=0)
    engine_downloads = models.IntegerField(default=0, db_default=0)
    reference = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["client", "key"], condition=Q(tombstone=""), name="document_once")
        ]
        indexes = [  # noqa: RUF012
            models.Index(fields=["client", "tombstone", "-created_at"], name="document_latest"),
            models.Index(
                fields=["client", "tombstone", "kind", "created_at"],
                name="document_waits",
                condition=Q(kind="inbox", tombstone=""),
            ),
            models.Index(fields=["client", "created_at", "kind"], name="document_sent", condition=Q(by_company=True)),
            models.Index(fields=["client"], name="document_left", condition=Q(left_at__isnull=False)),
        ]

    @property
    def kept_at_cabinet(self) -> bool:
        """Whether people may be told so: it arrived there, and was not removed there since."""
        return self.received_at is not None and self.left_at is None


class Past(models.Model):
    """Where a document was, and whether it was live, until a moment: written whenever that changes."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="pasts")
    until = models.DateTimeField()
    path = models.CharField(max_length=4096)
    live = models.BooleanField()


class Version(models.Model):
    """A version's id is its blob's name. `xxh3`: of its bytes when SHA-256 last proved them, '' while it has not
    (documents.integrity). `received_at`: placed at the cabinet, or opened by a person of it.

    `way`: by which it came into the cabinet's mirror (core.origins), '' where somebody saved it there, or it came online.
    `treated_at`: a person of the cabinet ticked that it was dealt with. `modified_at`: the file's own date, where it was told
    (core.modified_dates).
    """

    id = models.CharField(max_length=32, primary_key=True)
    document = models.ForeignKey(  # found by number_once
        Document, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.IntegerField()
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    xxh3 = models.CharField(max_length=32, blank=True)
    by = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    way = models.CharField(max_length=20, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    treated_at = models.DateTimeField(null=True)
    treated_by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="number_once")]  # noqa: RUF012
        indexes = [  # noqa: RUF012
            models.Index(fields=["document"], name="version_untreated", condition=Q(origin="company", treated_at=None))
        ]
