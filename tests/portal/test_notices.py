"""When people are told of a deposit: after a quiet while, once, and of what came later once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest


def test_a_deposit_that_goes_on_after_a_pause_is_told_of_again_with_the_later_documents_alone(
    make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.documents import deposit as deposits
    from syncd.portal.models import Cabinet, Deposit, Document, Letter, User
    from syncd.portal.notifications import notices
    from syncd.portal.people import accounts
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import PRESETS, Role
    from syncd.portal.storage import blob_store

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    boss = User.objects.create(
        cabinet=cabinet, sign_in="boss.news", email="boss@example.fr", role="correspondent", mail_pace="now"
    )
    client = make_client(cabinet, "n01")
    marie = accounts.create(
        person_of(boss), accounts.Wish("Marie", "marie.news", Role.CONTACT, PRESETS["all"], clients=[client])
    )

    def put(name: str) -> None:
        import io

        staged, content = blob_store().stage_from(io.BytesIO(name.encode()))
        begun = deposits.begin(person_of(marie), client, "one-batch")
        deposits.take(person_of(marie), begun, deposits.Incoming("Achats", name, content.size), staged, content)

    def an_hour_passes() -> None:
        hour = timedelta(hours=1)
        for deposit in Deposit.objects.filter(client=client):
            Deposit.objects.filter(id=deposit.id).update(
                at=deposit.at - hour,
                last_at=deposit.last_at - hour,
                told_at=deposit.told_at - hour if deposit.told_at else None,
            )
        for document in Document.objects.filter(client=client):
            Document.objects.filter(id=document.id).update(created_at=document.created_at - hour)

    def told() -> list[str]:
        notices.gather()
        return [letter.text for letter in Letter.objects.filter(cabinet=cabinet).order_by("id")]

    put("first.pdf")
    assert told() == []  # it is not quiet yet
    an_hour_passes()
    (first,) = told()
    assert "first.pdf" in first and len(told()) == 1
    put("later.pdf")
    assert len(told()) == 1
    an_hour_passes()
    _, second = told()
    assert "later.pdf" in second and "first.pdf" not in second
    assert len(told()) == 2


def test_what_is_published_is_said_as_new_or_as_a_new_version(office: Any, put: Any) -> None:
    from datetime import UTC, datetime

    from syncd.portal.models import Document
    from syncd.portal.notifications import deposit_mails

    since = datetime.now(UTC)
    old, new = put(office.one, "Achats/old.pdf", b"1"), put(office.one, "Achats/new.pdf", b"2")
    Document.objects.filter(id=old.id).update(created_at=since - timedelta(days=1))
    old.refresh_from_db()
    said = deposit_mails.new_and_changed([old, new, old], since).replace("\u00a0", " ")
    assert said == "1 nouveau document et 2 nouvelles versions"
    assert deposit_mails.new_and_changed([old], since).replace("\u00a0", " ") == "1 nouvelle version"
    assert deposit_mails.new_and_changed([new, new], since).replace("\u00a0", " ") == "2 nouveaux documents"


def test_what_is_deposited_again_has_its_letter_too(office: Any, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    from datetime import UTC, datetime

    from django.conf import settings

    from syncd.portal.documents import deposit
    from syncd.portal.models import Deposit, Document, Letter, User
    from syncd.portal.notifications import notices
    from syncd.portal.people.visibility import person_of
    from syncd.portal.storage import blob_store

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    User.objects.filter(id=office.boss.id).update(email="boss@example.fr", mail_pace="now")
    document = put(office.one, "Achats/orange.pdf", b"again")
    Document.objects.filter(id=document.id).update(left_at=datetime.now(UTC))
    contact = next(
        u
        for u in User.objects.filter(cabinet=office.cabinet)
        if person_of(u).reaches(office.one.id) and not person_of(u).role.of_cabinet
    )
    staged, content = blob_store().stage_from(io.BytesIO(b"again"))
    line = deposit.take(
        person_of(contact),
        deposit.begin(person_of(contact), office.one, "b"),
        deposit.Incoming("Achats", "orange.pdf", 5),
        staged,
        content,
    )
    assert line.outcome == "again"
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    Deposit.objects.update(at=hour_ago, last_at=hour_ago)
    notices.gather()
    assert [x for x in Letter.objects.filter(cabinet=office.cabinet) if "orange.pdf" in x.text]


@pytest.mark.parametrize("preset", ["work_without_payroll", "all"])
def test_what_the_responsible_may_not_see_is_told_to_the_correspondents(
    office: Any, put: Any, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    from datetime import UTC, datetime

    from django.conf import settings

    from syncd.portal.models import DeletionRequest, Deposit, DepositLine, Grant, Letter, Portfolio, User
    from syncd.portal.notifications import notices
    from syncd.portal.rights import CABINET_PRESETS

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    User.objects.filter(id=office.boss.id).update(email="boss@example.fr", mail_pace="now")
    of = {"cabinet": office.cabinet, "mail_pace": "now", "email": "anna@example.fr"}
    anna = User.objects.create(sign_in="anna", name="Anna", role="assistant", parent=office.boss, **of)
    Portfolio.objects.create(user=anna, field="all", value="")
    for kind, verbs in CABINET_PRESETS[preset].items():
        Grant.objects.create(user=anna, kind=kind, verbs=" ".join(verbs))
    office.one.responsible = anna
    office.one.save()
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    slip, bill = put(office.one, "Social/paie.pdf", b"1"), put(office.one, "Achats/facture.pdf", b"2")
    deposit = Deposit.objects.create(
        cabinet=office.cabinet, client=office.one, number="2026-000001", batch="b", user=office.marie, by="Marie",
        origin="company", at=hour_ago, last_at=hour_ago,
    )  # fmt: skip
    for document in (slip, bill):
        DepositLine.objects.create(
            deposit=deposit, document=document, version_id=document.version_id, given=document.path, path=document.path,
            size=1, outcome="stored",
        )  # fmt: skip

    def told() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {"anna@example.fr": set(), "boss@example.fr": set()}
        for letter in Letter.objects.filter(to__in=found):
            found[letter.to] |= {name for name in ("paie.pdf", "facture.pdf") if name in letter.text}
        Letter.objects.all().delete()
        return found

    apart = {"anna@example.fr": {"facture.pdf"}, "boss@example.fr": {"paie.pdf"}}
    wanted = apart if preset != "all" else {"anna@example.fr": {"paie.pdf", "facture.pdf"}, "boss@example.fr": set()}
    notices.gather()
    assert told() == wanted
    for document in (slip, bill):
        DeletionRequest.objects.create(document=document, client=office.one, by="Marie", at=hour_ago)
    notices.gather()
    assert told() == wanted
