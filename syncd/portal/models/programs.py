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
