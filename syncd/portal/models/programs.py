"""Keys that a cabinet gives to other programs."""

from __future__ import annotations

from django.db import models

from syncd.portal.models.clients import Cabinet
from syncd.portal.models.ids import new_id


class ProgramKey(models.Model):
    """What one program may. `sha256`: of the key's secret half, the half that is random 256-bit and kept nowhere.

    `scopes`, `kinds`: words with spaces between; `restricted`: also the restricted folders of those kinds. `reach`: the
    clients, as lines of a portfolio ([field, value]); `networks`: as of an engine's. `expires_at` null: it has no end.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="program_keys")
    name = models.CharField(max_length=200)
    emitter = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    scopes = models.CharField(max_length=200)
    kinds = models.CharField(max_length=1000, blank=True)
    restricted = models.BooleanField(default=False)
    reach = models.JSONField(default=list)
    networks = models.CharField(max_length=500, blank=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_from = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True)


class ProgramRequest(models.Model):
    """A deposit that a program made under a word of its own (`word`): the same word never makes another. `digest`: of what was
    asked, its bytes included."""

    program = models.ForeignKey(ProgramKey, on_delete=models.CASCADE, related_name="+")
    word = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    line = models.ForeignKey("DepositLine", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "word"], name="program_word_once")]  # noqa: RUF012


class EntryReference(models.Model):
    """An accounting entry that a document belongs to, as `emitter` says it. `said`: journal/day/piece, as it is looked for."""

    document = models.ForeignKey("Document", on_delete=models.CASCADE, related_name="entries")
    emitter = models.CharField(max_length=40)
    journal = models.CharField(max_length=20)
    day = models.DateField()
    piece = models.CharField(max_length=60)
    said = models.CharField(max_length=100)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["document", "emitter", "said"], name="entry_reference_once")
        ]
        indexes = [models.Index(fields=["said"], name="entry_reference_said")]  # noqa: RUF012
