"""The cabinets of one portal: made, named, closed and opened again by whoever runs it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from syncd.core.errors import UsageError
from syncd.core.plain_text import one_line
from syncd.portal.models import Cabinet, EngineToken, Invitation, ProgramKey, User
from syncd.portal.people.accounts import WITHDRAWN, end_sessions
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.rights import Operator

_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def add(name: str, email: str, password: str, admin: str, host: str) -> Cabinet:
    """A cabinet and its first administrator. Raises UsageError for a name, an address or a host that is another's."""
    name = one_line(name, 200)
    if not name:
        raise UsageError("the cabinet needs a name.")
    host = checked_host(host)
    if Cabinet.objects.filter(name__iexact=name).exists():
        raise UsageError(f"there is a cabinet called '{name}' already.", mend="See: syncd portal cabinet list DIR.")
    if host and Cabinet.objects.filter(host=host).exists():
        raise UsageError(f"'{host}' is another cabinet's.", mend="See: syncd portal cabinet list DIR.")
    if User.objects.filter(Q(sign_in=email.lower()) | Q(email__iexact=email, is_active=True)).exists():
        raise UsageError(f"'{email}' signs in to this portal already.", mend="Give the administrator another address.")
    kept = make_password(password)  # takes its time: before the transaction
    with transaction.atomic():
        cabinet = Cabinet.objects.create(name=name, host=host)
        User.objects.create(cabinet=cabinet, sign_in=email.lower(), email=email, name=one_line(admin), password=kept)
        audit.record_of_any(Operator(cabinet.id, cabinet.name), "cabinet_added", name)
    return cabinet


def checked_host(host: str) -> str:
    """As it is kept; '' for none. Raises UsageError."""
    host = host.strip().lower().rstrip(".")
    if host and not _HOST.fullmatch(host):
        raise UsageError(f"'{host}' is no name of a host.", mend="Give it as documents.cabinet-martin.fr.")
    return host


def listed() -> QuerySet[Any]:
    """By name, with `open_clients`, `people` and `keys` that hold."""
    return Cabinet.objects.annotate(
        open_clients=Count("clients", filter=Q(clients__closed=False), distinct=True),
        people=Count("users", filter=Q(users__is_active=True), distinct=True),
        keys=Count("tokens", filter=Q(tokens__revoked_at__isnull=True), distinct=True),
    ).order_by("name")


def close(cabinet: Cabinet) -> int:
    """Nobody of it signs in any more and no engine's key holds; nothing is deleted. How many people that concerns."""
    with writing(cabinet.id):
        for keys in (EngineToken, ProgramKey):
            keys.objects.filter(cabinet=cabinet, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
        people = list(User.objects.filter(cabinet=cabinet, is_active=True))
        Invitation.objects.filter(user__cabinet=cabinet).delete()
        for user in people:
            end_sessions(user)
        User.objects.filter(cabinet=cabinet, is_active=True).update(revoked_by=None, **WITHDRAWN)
        audit.record_of_any(Operator(cabinet.id, cabinet.name), "cabinet_closed", cabinet.name)
    return len(people)


def reopen(cabinet: Cabinet, sign_in: str) -> None:
    """That correspondent signs in as before, and gives the others their access back on the pages. Raises UsageError."""
    with writing(cabinet.id):
        who = User.objects.filter(cabinet=cabinet, role="correspondent", sign_in=sign_in.lower())
        if not who.update(is_active=True, revoked_by=None):
            raise UsageError(
                f"'{sign_in}' is no correspondent of '{cabinet.name}'.", mend="See: syncd portal person list DIR."
            )
        audit.record_of_any(Operator(cabinet.id, cabinet.name), "cabinet_opened", sign_in)
