"""Whatever writes for a cabinet locks the cabinet's row before it looks at anything (ADR 22), and asks again after that."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.portal.test_use_cases import PORTAL, WINGS

SAVEPOINT = "one savepoint within the transaction that holds the lock"
NEW = "the cabinet is made in it: there is no row to lock yet"
ALONE = "nobody writes for any cabinet meanwhile, or may yet"
COPIES = "copies of what documents say, of all cabinets: a command forgets them, and they are read anew"
BARE = {
    "clients.import_xlsx.create": SAVEPOINT,
    "documents.lifecycle.move_many": SAVEPOINT,
    "messages.threads.made": SAVEPOINT,
    "programs.deposits._remember": SAVEPOINT,
    "operations.cabinets.add": NEW,
    "operations.installation.found_cabinet": NEW,
    "documents.invoice_facts.forget": COPIES,
    "operations.moved.no_writers": ALONE,
    "operations.table_copy.carry": ALONE,
}


NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)  # a Monday morning, on which people may be written to


def bare() -> Iterator[str]:
    for wing in WINGS:
        for path in sorted((PORTAL / wing).glob("*.py")):
            for function in ast.parse(path.read_text(encoding="utf-8")).body:
                for node in ast.walk(function):
                    if isinstance(node, ast.Attribute) and node.attr == "atomic":
                        yield f"{wing.replace('/', '.')}.{path.stem}.{getattr(function, 'name', '')}"


def test_no_wing_opens_a_transaction_without_the_lock() -> None:
    assert sorted(set(bare())) == sorted(BARE), (
        "use writing, alone or publishing (records/feed), or list it with its reason"
    )


def unlocked(asked: Sequence[str]) -> list[str]:
    """What each outermost transaction asked first, where that is not the cabinet's row."""
    depth, found = 0, []
    for n, sql in enumerate(asked):
        if sql.startswith("SAVEPOINT"):
            depth += 1
            first = next((s for s in asked[n + 1 :] if not s.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))), "")
            if depth == 1 and 'FROM "portal_cabinet"' not in first:
                found.append(first)
        elif sql.startswith("RELEASE"):
            depth -= 1
    return found


@pytest.fixture
def awaited(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A request of every month and one that was reminded of, as on a server: the lock is asked for."""
    from django.conf import settings

    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.records import feed

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    monkeypatch.setattr(settings, "QUIET", 0.0)
    User.objects.filter(id=office.marie.id).update(email="marie@example.fr")
    office.boss_, office.marie_ = person_of(office.boss), person_of(office.marie)
    due = NOW.date() + timedelta(days=20)
    wish = Wish("TVA", [ListItem("Relevés", "bank")], due, monthly=True)
    office.request = asking.ask(office.boss_, [office.one], wish, NOW).requests[0]
    office.item = office.request.items.get()
    monkeypatch.setattr(feed, "server_database", SimpleNamespace(embedded=lambda: False))
    return office


def _remind(office: Any) -> None:
    from syncd.portal.messages.requests import reminders

    reminders.remind(office.boss_, office.request, NOW)
    reminders.remind_each(office.boss_, [office.request.id], NOW)


def _late(office: Any) -> None:
    from syncd.portal.messages.requests import late_clients

    late_clients.remind(office.boss_, [office.one], NOW)


def _months(office: Any) -> None:
    from syncd.portal.messages.requests import asking

    assert asking.make_due(NOW + timedelta(days=40)) == 1


def _deleted(office: Any) -> None:
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import Document

    answers.give(office.marie_, office.item, [office.document])
    Document.objects.filter(id=office.document.id).update(tombstone="x", deleted_at=datetime.now(UTC))
    assert answers.look_again(datetime.now(UTC)) == 1


def _letters(office: Any) -> None:
    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Letter

    noon = NOW + timedelta(hours=2)
    reminders.gather(noon)
    assert Letter.objects.update(tries=1) == 1
    reminders.revise(noon)


def _alerts(office: Any) -> None:
    from syncd.portal.calendar import alerts

    alerts.ask(office.boss_, office.one, "", 7)
    alerts.gather(datetime.now(UTC) + timedelta(days=2))


def _tasks(office: Any) -> None:
    from syncd.core.desk_tasks import TaskReport
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Engine
    from syncd.portal.sync import planned_tasks

    Cabinet.objects.filter(id=office.cabinet.id).update(lease_instance="one")
    planned_tasks.exchange(Engine(office.cabinet.id), TaskReport("one"))


def _invoices(office: Any) -> None:
    from syncd.portal.documents import invoice_facts

    assert invoice_facts.keep(office.bill)


@pytest.mark.parametrize("act", [_remind, _late, _months, _deleted, _letters, _alerts, _tasks, _invoices])
def test_the_cabinets_row_is_asked_for_first(awaited: Any, put: Callable[..., Any], act: Callable[[Any], None]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.support.invoices import cii

    awaited.document = put(awaited.one, "Banque/a.pdf", b"x")
    awaited.bill = put(awaited.one, "Achats/a.xml", cii("A-1"))
    with CaptureQueriesContext(connection) as asked:
        act(awaited)
    said = [q["sql"] for q in asked]
    assert any(s.startswith("SAVEPOINT") for s in said) and unlocked(said) == []


# -- asked again after the lock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["one", "each", "late"])
def test_who_lost_the_right_while_the_lock_was_waited_for_reminds_nobody(awaited: Any, how: str) -> None:
    """The page was asked for by somebody who is nobody any more when the lock is there."""
    from syncd.portal.messages.requests import late_clients, reminders
    from syncd.portal.models import DocumentRequest, User
    from syncd.portal.refusals import Refusal

    User.objects.filter(id=awaited.boss.id).update(is_active=False)
    with pytest.raises(Refusal):
        if how == "one":
            reminders.remind(awaited.boss_, awaited.request)
        elif how == "each":
            reminders.remind_each(awaited.boss_, [awaited.request.id])
        else:
            late_clients.remind(awaited.boss_, [awaited.one])
    assert not DocumentRequest.objects.exclude(pressed_on=None).exists()


def test_a_letter_is_of_what_is_awaited_when_the_lock_is_there(awaited: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given while a round waits for the lock is not asked for in its letter."""
    from contextlib import contextmanager

    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Letter, RequestedItem
    from syncd.portal.records import feed

    noon = NOW + timedelta(hours=2)
    held = feed.writing

    @contextmanager
    def late(cabinet: str) -> Iterator[None]:
        with held(cabinet):
            RequestedItem.objects.update(how="cabinet")  # somebody was there before
            yield

    monkeypatch.setattr("syncd.portal.messages.requests.reminders.writing", late)
    reminders.gather(noon)
    assert not Letter.objects.exists()


def test_facts_of_a_version_that_is_another_by_now_are_not_kept(
    awaited: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import invoice_facts
    from syncd.portal.models import Document, InvoiceFacts
    from tests.support.invoices import cii

    bill, read = put(awaited.one, "Achats/a.xml", cii("A-1")), invoice_facts._read

    def replaced(version: str) -> Any:
        found = read(version)
        other = put(awaited.one, "Achats/b.xml", cii("B-1"))
        Document.objects.filter(id=bill.id).update(version_id=other.version_id)
        return found

    monkeypatch.setattr(invoice_facts, "_read", replaced)
    assert not invoice_facts.keep(bill) and not InvoiceFacts.objects.exists()


def test_what_was_forgotten_while_it_was_read_is_read_anew(
    awaited: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import invoice_facts
    from syncd.portal.models import InvoiceFacts
    from tests.support.invoices import cii

    put(awaited.one, "Achats/a.xml", cii("A-1"))
    keep = invoice_facts.keep

    def forgotten(document: Any) -> bool:
        kept = keep(document)
        invoice_facts.forget()
        return kept

    monkeypatch.setattr(invoice_facts, "keep", forgotten)
    invoice_facts.read_some(60.0, lambda: False)
    monkeypatch.setattr(invoice_facts, "keep", keep)
    invoice_facts.read_some(60.0, lambda: False)
    assert InvoiceFacts.objects.count() == 1
