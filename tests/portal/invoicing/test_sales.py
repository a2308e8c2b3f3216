"""Quote → prepayments → the rest → credit notes: what is issued, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
import pytest

from syncd.portal.invoicing.content import Content, Kind
from tests.portal.invoicing.conftest import BUYER, LINES, SELLER, TODAY, issued, written

D = Decimal
Refused = Callable[[Callable[[], Any]], str]
pytestmark = pytest.mark.usefixtures("no_files")


def test_a_quote_becomes_a_prepayment_and_the_rest_to_the_cent(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    quote = issued(company, Kind.QUOTE)
    assert (quote.number, quote.kind) == ("D2026-0001", "quote")
    parts = [drafts.prepay(marie, one, quote.id, D(p)) for p in (30, 40)]
    made = [issuing.issue(marie, one, part.id, TODAY) for part in parts]
    rest = drafts.bill(marie, one, quote.id)
    assert rest.kind == "final" and drafts.bill(marie, one, quote.id).id == rest.id  # a second click
    made.append(issuing.issue(marie, one, rest.id, TODAY))
    assert [m.number for m in made] == ["F2026-0001", "F2026-0002", "F2026-0003"]
    whole = drafts.frozen_of(quote).totals
    of_parts = [drafts.frozen_of(m).totals for m in made]
    for n, each in enumerate(whole.taxes):
        assert sum(t.taxes[n].net for t in of_parts) == each.net
        assert sum(t.taxes[n].vat for t in of_parts) == each.vat
    assert refused(lambda: drafts.bill(marie, one, quote.id)) == "sales_invoiced"
    assert refused(lambda: drafts.prepay(marie, one, quote.id, D(10))) == "sales_invoiced"


def test_what_came_in_between_is_seen_when_it_is_issued(company: Any, refused: Refused) -> None:
    """A prepayment issued beside a draft of the rest; two drafts that would close one quote; prepayments beyond it."""
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    quote = issued(company, Kind.QUOTE)
    rest, part = drafts.bill(marie, one, quote.id), drafts.prepay(marie, one, quote.id, D(60))
    other = drafts.prepay(marie, one, quote.id, D(60))
    issuing.issue(marie, one, part.id, TODAY)
    assert refused(lambda: issuing.issue(marie, one, rest.id, TODAY)) == "sales_changed"
    assert refused(lambda: issuing.issue(marie, one, other.id, TODAY)) == "sales_beyond"
    assert refused(lambda: drafts.prepay(marie, one, quote.id, D(60))) == "sales_beyond"
    assert drafts.bill(marie, one, quote.id).kind == "final"  # the same draft, with what was asked for by now
    assert issuing.issue(marie, one, rest.id, TODAY).number == "F2026-0002"


def test_what_is_taken_back_of_a_prepayment_is_not_taken_off(company: Any) -> None:
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    quote = issued(company, Kind.QUOTE)
    part = issuing.issue(marie, one, drafts.prepay(marie, one, quote.id, D(30)).id, TODAY)
    back = issuing.issue(marie, one, drafts.credit(marie, one, part.id).id, TODAY)
    assert (back.number, drafts.frozen_of(back).content.of_prepayment) == ("A2026-0001", True)
    rest = drafts.bill(marie, one, quote.id)
    assert rest.kind == "invoice" and drafts.content_of(rest).totals() == drafts.frozen_of(quote).totals


def test_credit_notes(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    invoice = issued(company)
    credit = drafts.credit(marie, one, invoice.id)
    content = drafts.content_of(credit)
    part = msgspec.structs.replace(content, lines=content.lines[:1])
    drafts.save(marie, one, credit.id, part)
    credit = issuing.issue(marie, one, credit.id, TODAY)
    assert drafts.content_of(credit).preceding[0].number == invoice.number
    again = drafts.credit(marie, one, invoice.id)
    assert refused(lambda: issuing.issue(marie, one, again.id, TODAY)) == "sales_credit_beyond"
    assert refused(lambda: drafts.credit(marie, one, credit.id)) == "sales_no_credit"
    assert refused(lambda: drafts.correct(marie, one, invoice.id) and issuing.issue(marie, one, _last(company), TODAY)) == "sales_credit_beyond"  # fmt: skip


def _last(company: Any) -> str:
    from syncd.portal.invoicing.entry import enter

    return str(enter(company.person, company.client).documents.filter(number="").order_by("-changed_at")[0].id)


def test_a_corrected_invoice_takes_the_place_of_one(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    invoice = issued(company)
    corrected = issuing.issue(marie, one, drafts.correct(marie, one, invoice.id).id, TODAY)
    assert corrected.number == "F2026-0002"
    credit = drafts.credit(marie, one, invoice.id)
    assert refused(lambda: issuing.issue(marie, one, credit.id, TODAY)) == "sales_credit_beyond"


def test_what_is_issued_changes_never(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, profile
    from syncd.portal.invoicing.profile import Profile

    marie, one = company.person, company.client
    invoice = issued(company)
    before = invoice.frozen
    profile.save(
        marie, one, Profile(seller=msgspec.structs.replace(SELLER, name="Autre nom", legal="", franchise=True))
    )
    assert refused(lambda: drafts.save(marie, one, invoice.id, Content())) == "sales_issued"
    assert refused(lambda: drafts.throw_away(marie, one, invoice.id)) == "sales_issued"
    row = drafts.seen(marie, one, invoice.id)[1]
    assert row.frozen == before and drafts.frozen_of(row).seller.name == "Atelier Dupont"


def test_drafts_have_no_number_and_leave_no_gap(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing

    marie, one = company.person, company.client
    kept, gone = written(company), written(company)
    drafts.throw_away(marie, one, gone.id)
    assert refused(lambda: drafts.seen(marie, one, gone.id)) == "sales_gone"
    drafts.save(marie, one, kept.id, Content(buyer=BUYER))
    assert refused(lambda: issuing.issue(marie, one, kept.id, TODAY)) == "sales_lacks"
    drafts.save(marie, one, kept.id, Content(buyer=BUYER, lines=LINES))
    assert issuing.issue(marie, one, kept.id, TODAY).number == "F2026-0001"
    assert refused(lambda: issuing.issue(marie, one, kept.id, TODAY)) == "sales_issued"


def test_a_clock_set_back_issues_nothing(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import issuing

    issued(company)
    draft = written(company)
    before = TODAY - timedelta(days=1)
    assert refused(lambda: issuing.issue(company.person, company.client, draft.id, before)) == "sales_antedated"
    assert issued(company, today=date(2027, 1, 2)).number == "F2027-0001"  # a new year, a new series


def test_numbers_go_on_from_another_program(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import profile
    from syncd.portal.invoicing.profile import Prefixes, Profile

    marie, one = company.person, company.client
    profile.start_after(marie, one, "invoice", 41)
    assert issued(company, today=date.today()).number.endswith("-0042")
    assert refused(lambda: profile.start_after(marie, one, "invoice", 7)) == "sales_started"
    assert refused(lambda: profile.start_after(marie, one, "credit", -1)) == "sales_start"
    for prefix in ("é", "F ", "F1", "x" * 40):
        assert refused(partial(profile.save, marie, one, Profile(prefixes=Prefixes(invoice=prefix)))) == "sales_prefix"


def test_the_next_ones_start_from_the_reference(company: Any) -> None:
    from syncd.portal.invoicing import drafts, profile

    marie, one = company.person, company.client
    model = written(company, note="Merci de votre confiance.", rebate=D(3))
    profile.keep_reference(marie, one, model.id)
    content = drafts.content_of(drafts.begin(marie, one, Kind.INVOICE))
    assert (content.note, content.rebate, content.lines) == ("Merci de votre confiance.", D(3), ())


def test_what_people_type_lies_sealed(company: Any) -> None:
    from django.db import connection

    issued(company)
    written(company)
    with connection.cursor() as cursor:
        cursor.execute("select content, frozen, summary, changed_by from portal_salesdocument")
        assert all(value == "" or value.startswith("sealed:") for row in cursor.fetchall() for value in row)
