"""What people plan for the engine to do at set times, and what it says of it."""

from __future__ import annotations

from django.db import models

from syncd.portal.models.clients import Cabinet
from syncd.portal.models.ids import new_id


class PlannedTask(models.Model):
    """`kind`, `frequency`, `first`, `minute`, `every`, `days`, `source`, `max_minutes`: as core.desk_tasks has them. `revision`: the
    cabinet's count of changes when it was changed last. `next_at` and what follows: as the engine last told; `verdict` '': it
    was never done."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="planned")
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=200, blank=True)
    frequency = models.CharField(max_length=40)
    first = models.DateField()
    minute = models.SmallIntegerField()
    every = models.SmallIntegerField(default=0)
    days = models.JSONField(default=list)
    max_minutes = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
    revision = models.BigIntegerField()
    changed_by = models.CharField(max_length=200, blank=True)
    next_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=20, blank=True)
    counts = models.JSONField(default=dict)
    reason = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=300, blank=True)


class EngineCalendar(models.Model):
    """What the cabinet's engine last told of its own: `jobs` of its configuration (core.desk_tasks.ConfiguredJob), the names of
    the old trees that a task may migrate, and up to which `revision` it has the tasks."""

    cabinet = models.OneToOneField(Cabinet, on_delete=models.CASCADE, primary_key=True, related_name="calendar")
    told_at = models.DateTimeField()
    revision = models.BigIntegerField(default=0)
    sources = models.JSONField(default=list)
    jobs = models.JSONField(default=list)
