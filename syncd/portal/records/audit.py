"""Who did what, when, from where; pruned after 12 months. A line stands in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from syncd.portal.models import Audit, User
from syncd.portal.rights import Actor, Person, Program

KEPT = timedelta(days=365)


def record(actor: Actor, what: str, about: str = "") -> None:
    """People's acts, and other programs': what an engine does, or a command, its own journal tells."""
    if isinstance(actor, Person):
        _write(actor.cabinet, actor.id, actor.name, what, about, actor.address)
    elif isinstance(actor, Program):
        _write(actor.cabinet, "", actor.name, what, about, actor.address)


def record_of_any(actor: Actor, what: str, about: str) -> None:
    """The same, also of an engine and of a command: what people look for at the desk, whoever did it."""
    if isinstance(actor, Person | Program):
        record(actor, what, about)
    else:
        _write(actor.cabinet, "", actor.name, what, about)


def record_each(actor: Actor, what: str, abouts: Sequence[str]) -> None:
    """As `record`, once for each."""
    if isinstance(actor, Person):
        now = datetime.now(UTC)
        Audit.objects.bulk_create(
            (
                Audit(
                    cabinet_id=actor.cabinet, at=now, by=actor.name, user_id=actor.id, address=actor.address[:64], what=what,
                    about=about[:400],
                )
                for about in abouts
            ),
            batch_size=500,
        )  # fmt: skip


def record_of(account: User, what: str, about: str) -> None:
    """In the account's own name: what the portal's operator did to it."""
    _write(account.cabinet_id, account.id, str(account), what, about)


def _write(cabinet: str, person: str, name: str, what: str, about: str, address: str = "") -> None:
    Audit.objects.create(
        cabinet_id=cabinet, at=datetime.now(UTC), by=name, user_id=person, address=address[:64], what=what,
        about=about[:400],
    )  # fmt: skip


def prune() -> None:
    Audit.objects.filter(at__lt=datetime.now(UTC) - KEPT).delete()
