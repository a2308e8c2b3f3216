"""What people add to the calendar that follows from a client's card, and who is told of it. Legal dates are not kept."""

from __future__ import annotations

from django.db import models

from syncd.portal.models.accounts import User
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.documents import Document
from syncd.portal.models.ids import new_id


class CalendarEntry(models.Model):
    """`kind`: event or comment of the cabinet, note of a company. For the clients that `field` and `value` name, as a portfolio
    does (people.visibility); for one alone, it is `client` too. `key`: of the date that it is about, '' for one of its own.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.CASCADE, related_name="calendar_entries")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="calendar_entries")
    kind = models.CharField(max_length=10)
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=120, blank=True)
    day = models.DateField()
    title = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    revision = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["cabinet", "day"], name="calendar_entry_day")]  # noqa: RUF012


class CalendarChange(models.Model):
    """What the cabinet says of one of a client's dates in the place of the rules: another `day`, or `hidden`, and `why`."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="calendar_changes")
    key = models.CharField(max_length=120)
    day = models.DateField(null=True)
    hidden = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now=True)
    revision = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="change_once")]  # noqa: RUF012


class CalendarTick(models.Model):
    """One of a client's dates that is dealt with; `document`: what shows it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="calendar_ticks")
    key = models.CharField(max_length=120)
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="tick_once")]  # noqa: RUF012


class CalendarAlert(models.Model):
    """Whoever wants a mail `days` before one of a client's dates, by `key`, or before each ('')."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_alerts")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="calendar_alerts")
    key = models.CharField(max_length=120, blank=True)
    days = models.SmallIntegerField()
    next_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client", "key"], name="alert_once")]  # noqa: RUF012


class CalendarTold(models.Model):
    """A date that an alert told of, as it was then: another day is a correction, told once."""

    alert = models.ForeignKey(CalendarAlert, on_delete=models.CASCADE, related_name="told")
    key = models.CharField(max_length=120)
    day = models.DateField(null=True)
    title = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "key"], name="told_once")]  # noqa: RUF012
