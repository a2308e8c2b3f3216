"""What one person deposits within half an hour is one deposit; a document is replaced by a new version of its own type."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.portal.test_rights_revoked_midway import Engine
from tests.portal.upload_client import Depositor


def test_half_an_hour_is_one_acknowledgement_and_one_letter(office: Any) -> None:
    from django.conf import settings

    from syncd.portal.documents import deposit
    from syncd.portal.models import Deposit
    from syncd.portal.notifications import notices
    from syncd.portal.people.visibility import person_of

    marie, paul = person_of(office.marie), person_of(office.paul)
    first = deposit.begin(marie, office.one, "batch-one")
    assert deposit.begin(marie, office.one, "batch-two").id == first.id
    assert deposit.begin(paul, office.one, "batch-one").id != first.id  # another person's is another
    Deposit.objects.update(last_at=first.at - timedelta(seconds=settings.QUIET + 1))
    notices.gather()
    assert Deposit.objects.get(id=first.id).told_at is None  # its half hour goes on
    old = first.at - timedelta(minutes=31)
    Deposit.objects.update(at=old, last_at=old)
    notices.gather()
    assert Deposit.objects.get(id=first.id).told_at == old
    assert deposit.begin(marie, office.one, "batch-one").id == first.id
    assert deposit.begin(marie, office.one, "batch-three").id != first.id


@pytest.mark.parametrize(
    ("name", "folder", "status"), [("b.txt", "Achats", 201), ("b.pdf", "Achats", 422), ("b.txt", "Ventes", 201)]
)
def test_what_is_replaced_is_a_new_version_by_whoever_may_deposit(
    office_there: Any, name: str, folder: str, status: int
) -> None:
    from syncd.portal.models import Document

    person = Depositor(office_there.marie, office_there.one.code)
    asyncio.run(person.deposit("Achats", "a.txt", b"one"))
    document = Document.objects.get(client=office_there.one)
    created = asyncio.run(person.create(folder, name, 3, {"over": document.id}))
    assert created.status_code == status
    if status == 201:
        said = asyncio.run(person.patch(created.headers["location"], 0, b"two"))
        assert "version" in said.headers["syncd-deposit"]
        kept = Document.objects.get(client=office_there.one)
        assert (kept.id, kept.version, kept.path) == (document.id, 2, "Achats/a.txt")


@pytest.mark.parametrize(("by", "status"), [("boss", 422), ("marie", 201)])
def test_whoever_may_not_delete_replaces_what_their_own_side_put_there(office_there: Any, by: str, status: int) -> None:
    from syncd.portal.models import Document, Grant

    asyncio.run(Depositor(getattr(office_there, by), office_there.one.code).deposit("Achats", "a.txt", b"one"))
    document = Document.objects.get(client=office_there.one)
    marie = Depositor(office_there.marie, office_there.one.code)
    Grant.objects.filter(user=office_there.marie).update(verbs="view deposit download")
    assert asyncio.run(marie.create("Achats", "a.txt", 3, {"over": document.id})).status_code == status
    if status == 422:
        assert Document.objects.get(id=document.id).version == 1


def test_nobody_replaces_what_they_do_not_see(office_there: Any) -> None:
    from syncd.portal.models import Document

    boss = Depositor(office_there.boss, office_there.two.code)
    asyncio.run(boss.deposit("Achats", "a.txt", b"one"))
    other = Document.objects.get(client=office_there.two)
    marie = Depositor(office_there.marie, office_there.one.code)
    assert asyncio.run(marie.create("Achats", "a.txt", 3, {"over": other.id})).status_code == 422


def test_whoever_announces_hundreds_holds_up_no_engine_and_nobody_else(
    shared: Path, office_there: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each announcement is a write: they waited for each other in the threads that everybody asks in."""
    from syncd.portal.documents import deposit
    from syncd.portal.models import Client

    marie, boss = (Depositor(each, office_there.one.code) for each in (office_there.marie, office_there.boss))
    boss.app = marie.app
    engine = Engine(office_there)
    engine.app = marie.app
    refusal, free = deposit.refusal, threading.Event()

    def slow(person: Any, client: Client, *rest: Any) -> Any:
        assert person.id != office_there.marie.id or free.wait(60)
        return refusal(person, client, *rest)

    monkeypatch.setattr(deposit, "refusal", slow)

    async def work() -> None:
        storm = [asyncio.create_task(marie.create("Achats", f"{n}.pdf", 10)) for n in range(80)]
        await asyncio.sleep(0.3)
        assert (await asyncio.wait_for(engine.hello(), 20)).status_code == 200
        assert (await asyncio.wait_for(boss.create("Achats", "boss.pdf", 10), 20)).status_code == 201
        free.set()
        said = sorted([(await each).status_code for each in storm])
        assert said == [201] * 60 + [503] * 20  # who asked too much at once asks again

    try:
        asyncio.run(work())
    finally:
        free.set()
