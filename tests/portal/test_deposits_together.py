"""What one person deposits within half an hour is one deposit; a document is replaced by a new version of its own type."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

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
