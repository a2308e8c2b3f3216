"""Who may what with a company's quotes and invoices: default deny, by each use case; nobody of the cabinet, not even by a question."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from syncd.portal.invoicing.content import Content, Kind
from tests.portal import private_rows
from tests.portal.invoicing.conftest import BUYER, LINES, SELLER, TODAY, issued, written

PORTAL = Path(__file__).parents[3] / "syncd" / "portal"
pytestmark = pytest.mark.usefixtures("no_files")
RANK = {"": 0, "read": 1, "draft": 2, "issue": 3, "manage": 4}


def uses(company: Any) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    """Each use case: the least level, and a call of it by an actor."""
    from syncd.portal.invoicing import (
        customers,
        drafts,
        exports,
        files,
        issuing,
        keys,
        listing,
        profile,
        sending,
        sheet_import,
    )
    from syncd.portal.invoicing.profile import Profile

    filled = sheet_import.model(company.person, company.client, "customers")
    one, quote, invoice, draft = company.client, issued(company, Kind.QUOTE), issued(company), written(company)
    customer = customers.keep_customer(company.person, one, BUYER)
    day = date(2026, 1, 1)

    def on(function: Callable[..., Any], *given: Any, **named: Any) -> Callable[[Any], Any]:
        return lambda actor: function(actor, one, *given, **named)

    return {
        "look": ("read", on(profile.look)), "listed": ("read", on(listing.listed, listing.Wanted())),
        "seen": ("read", on(drafts.seen, invoice.id)), "customers": ("read", on(customers.customers)),
        "articles": ("read", on(customers.articles)), "csv": ("read", on(exports.csv_of, day, TODAY)),
        "xlsx": ("read", on(exports.xlsx_of, day, TODAY)), "opened": ("read", on(files.opened, invoice.id)),
        "mail": ("read", on(exports.mail_of, invoice.id)), "make": ("read", on(files.make, invoice)),
        "begin": ("draft", on(drafts.begin, Kind.QUOTE)), "copy": ("draft", on(drafts.copy, invoice.id)),
        "save": ("draft", on(drafts.save, draft.id, Content(buyer=BUYER, lines=LINES))),
        "prepay": ("draft", on(drafts.prepay, quote.id, Decimal(30))), "bill": ("draft", on(drafts.bill, quote.id)),
        "credit": ("draft", on(drafts.credit, invoice.id)), "correct": ("draft", on(drafts.correct, invoice.id)),
        "keep customer": ("draft", on(customers.keep_customer, BUYER)), "keep article": ("draft", on(customers.keep_article, LINES[0])),
        "model": ("draft", on(sheet_import.model, "customers")),
        "take in": ("draft", lambda actor: sheet_import.take_in(actor, one, "customers", io.BytesIO(filled))),
        "retire": ("draft", on(customers.retire, customer_id=customer)), "throw away": ("draft", on(drafts.throw_away, written(company).id)),
        "profile": ("issue", on(profile.save, Profile(seller=SELLER))), "logo": ("issue", on(profile.choose_logo, None)),
        "reference": ("issue", on(profile.keep_reference, "")), "confirm": ("issue", on(profile.confirm_numbers)), "start": ("issue", on(profile.start_after, "credit", 3)),
        "issue": ("issue", on(issuing.issue, draft.id, TODAY)), "send": ("issue", on(sending.send, invoice.id)),
        "holders": ("manage", on(keys.holders)), "trail": ("manage", on(keys.trail)), "give": ("manage", on(keys.give, company.marie.id, "")),
    }  # fmt: skip


def closed(answer: Any) -> None:
    """A file that an answer holds."""
    for part in answer if isinstance(answer, tuple) else ():
        if hasattr(part, "read"):
            part.close()


@pytest.mark.parametrize("level", RANK)
def test_each_level_may_what_it_says_and_nothing_more(
    company: Any, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    from syncd.portal.invoicing import files, keys
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Code, Refusal

    monkeypatch.setattr(files, "written", lambda frozen, logo: b"%PDF-1.7 x\n%%EOF\n")
    Grant.objects.filter(user=company.paul, kind="*").update(verbs="view deposit download")
    if level in ("read", "draft", "issue"):
        keys.give(company.person, company.client, company.paul.id, level)
    actor = company.person if level == "manage" else person_of(User.objects.get(id=company.paul.id))
    for name, (least, does) in uses(company).items():
        with transaction.atomic():
            try:
                closed(does(actor))
                done = True
            except Refusal as e:
                done = e.code is not Code.NOT_ALLOWED_HERE
                assert not done or RANK[level] >= RANK[least], (name, e)
            transaction.set_rollback(True)
        assert done == (RANK[level] >= RANK[least]), (level, name)


def test_nobody_of_the_cabinet_asks_the_database_anything(company: Any) -> None:
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    boss = person_of(User.objects.get(id=company.boss.id))
    for name, (_least, does) in uses(company).items():
        with private_rows.untouched(private_rows.ANY), pytest.raises(Refusal):
            does(boss)
        assert name


def test_a_key_ends_with_the_password_that_somebody_else_could_choose(company: Any) -> None:
    from syncd.portal.invoicing import entry, keys, listing
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    keys.give(company.person, company.client, company.paul.id, "issue")
    paul = person_of(User.objects.get(id=company.paul.id))
    assert listing.listed(paul, company.client, listing.Wanted()).total == 0 and entry.has_place(paul)
    User.objects.filter(id=paul.id).update(let_in_at=datetime.now(UTC) + timedelta(seconds=1))
    with pytest.raises(Refusal):
        listing.listed(paul, company.client, listing.Wanted())
    assert not entry.has_place(paul)
    company.client.closed = True
    company.client.save()
    with pytest.raises(Refusal):
        issued(company)  # a company that is switched off reads, and writes nothing
    assert listing.listed(company.person, company.client, listing.Wanted()).total == 0


MAY_NAME_THEM = {
    "models/__init__.py",
    "documents/integrity.py",
    "operations/backup.py",
}  # the latter: bytes without names


def test_nobody_but_the_wing_names_these_rows() -> None:
    from django.apps import apps

    named = re.compile(
        r"models\.sales|portal_sales|models import sales|\bSales(Key|Profile|Logo|Customer|Article|Series|Document|Act)\b"
    )
    found = set()
    for path in PORTAL.rglob("*.py"):
        at = path.relative_to(PORTAL).as_posix()
        mine = at.startswith(("invoicing/", "migrations/", "models/sales"))
        if not mine and named.search(path.read_text(encoding="utf-8")):
            found.add(at)
    assert found == MAY_NAME_THEM
    rows = {m for m in apps.get_models() if m.__module__.endswith("models.sales")}
    assert len(rows) == 8
    for model in apps.get_models():
        assert model in rows or not ({f.related_model for f in model._meta.get_fields()} & rows), model.__name__


def test_rows_are_given_by_an_entered_client_alone(company: Any) -> None:
    from django.apps import apps

    from syncd.portal.models.sales import NotAsked

    for model in (m for m in apps.get_models() if m.__module__.endswith("models.sales")):
        for ask in ("all", "count", "first", "exists"):
            with pytest.raises(NotAsked):
                getattr(model._default_manager, ask)()
    calling = {p.name for p in (PORTAL / "invoicing").glob("*.py") if ".of_client(" in p.read_text(encoding="utf-8")}
    assert calling == {"entry.py"}


def test_another_company_s_rows_are_not_there(company: Any) -> None:
    """By its ids: of a second company whose space the same person manages."""
    from syncd.portal.invoicing import customers, drafts
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.private_space import keys
    from syncd.portal.refusals import Code, Refusal

    invoice, customer = issued(company), customers.keep_customer(company.person, company.client, BUYER)
    Grant.objects.create(user=company.marie, client=company.two, kind="*", verbs="view deposit")
    marie = person_of(User.objects.get(id=company.marie.id))
    keys.open_space(marie, company.two)
    for does in (
        partial(drafts.seen, marie, company.two, invoice.id), partial(drafts.credit, marie, company.two, invoice.id),
        partial(customers.keep_customer, marie, company.two, BUYER, customer),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            does()
        assert refused.value.code is Code.SALES_GONE


def test_listing_asks_the_same_however_many_there_are(
    company: Any, django_assert: Callable[[Callable[[], Any]], int]
) -> None:
    from syncd.portal.invoicing import listing

    issued(company)
    written(company)
    few = django_assert(lambda: listing.listed(company.person, company.client, listing.Wanted()))
    for _ in range(12):
        issued(company)
        written(company)
    many = django_assert(lambda: listing.listed(company.person, company.client, listing.Wanted()))
    assert few == many <= 8
    words = listing.listed(company.person, company.client, listing.Wanted(family="invoice", words="mairie f2026-0003"))
    assert [e.row.number for e in words.entries] == ["F2026-0003"]
    assert listing.listed(company.person, company.client, listing.Wanted(state="draft")).total == 13


@pytest.fixture
def django_assert() -> Callable[[Callable[[], Any]], int]:
    def count(does: Callable[[], Any]) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            does()
        return len(asked)

    return count
