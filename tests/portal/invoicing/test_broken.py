"""What a reader broke in quotes and invoices: numbers, amounts, and what a page says of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from syncd.portal.invoicing.content import Kind
from syncd.portal.invoicing.invoice_lines import Line
from tests.portal.invoicing.conftest import BUYER, SELLER, TODAY, issued, opened, written

pytestmark = pytest.mark.usefixtures("no_files")
Refused = Callable[[Callable[[], object]], str]


def test_a_prepayment_is_credited_and_not_corrected(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing

    quote = issued(company, Kind.QUOTE, lines=(Line("A", D(1), D(1000)),))
    part = drafts.prepay(company.person, company.client, quote.id, D(30))
    part = issuing.issue(company.person, company.client, part.id, TODAY)
    assert refused(lambda: drafts.correct(company.person, company.client, part.id)) == "sales_prepaid"


def test_a_part_of_a_closing_invoice_can_be_credited(company: Any) -> None:
    from syncd.portal.invoicing import drafts, issuing

    person, client = company.person, company.client
    quote = issued(company, Kind.QUOTE, lines=(Line("A", D(1), D(600)), Line("B", D(1), D(400))))
    issuing.issue(person, client, drafts.prepay(person, client, quote.id, D(70)).id, TODAY)
    rest = issuing.issue(person, client, drafts.bill(person, client, quote.id).id, TODAY)
    back = drafts.credit(person, client, rest.id)
    content = drafts.content_of(back)
    part = (msgspec.structs.replace(content.lines[0], price=D(100)),)
    drafts.save(person, client, back.id, msgspec.structs.replace(content, lines=part))
    assert drafts.frozen_of(issuing.issue(person, client, back.id, TODAY)).totals.net == D(100)


def test_the_sheet_has_all_decimals_that_were_typed(company: Any) -> None:
    from syncd.portal.invoicing import drafts, sheet

    line = Line("A", D(1000), D("0.123456"), rebate=D("12.25"))
    said = sheet.html(drafts.frozen_of(issued(company, lines=(line,))), b"")
    assert "12,25" in said and "0,123456" in said


def test_impossible_numbers_are_kept_as_a_draft(company: Any) -> None:
    from syncd.portal.invoicing.taxes import Category, Tax

    written(company, lines=(Line("A", D(10) ** 12, D(10) ** 12, rebate=D(10) ** 9),))
    written(company, with_vat=True, lines=(Line("A", D(1), D(1), Tax(Category.STANDARD, D(-100))),))


def test_no_date_goes_back_in_a_series_that_two_families_share(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import drafts, issuing, profile
    from syncd.portal.invoicing.profile import Prefixes, Profile

    person, client = company.person, company.client
    profile.save(person, client, Profile(seller=SELLER, prefixes=Prefixes(invoice="X-", credit="X-")))
    back = drafts.credit(person, client, issued(company).id)
    before = TODAY - timedelta(days=1)
    assert refused(lambda: issuing.issue(person, client, back.id, before)) == "sales_antedated"


def test_quotes_have_no_numbers_of_invoices(company: Any, refused: Refused) -> None:
    from syncd.portal.invoicing import profile
    from syncd.portal.invoicing.profile import Prefixes, Profile

    shared = Profile(seller=SELLER, prefixes=Prefixes(invoice="X-", quote="X-"))
    assert refused(lambda: profile.save(company.person, company.client, shared)) == "sales_prefix"


def test_after_a_restore_to_before_the_first_profile_the_last_numbers_are_asked_for(
    office: Any, refused: Refused
) -> None:
    from syncd.portal.invoicing import profile
    from syncd.portal.operations import restored

    restored.begin_anew(revoke_keys=False)
    office.cabinet.refresh_from_db()
    company = opened(office)
    assert refused(lambda: issued(company)) == "sales_restored"
    profile.start_after(company.person, company.client, "invoice", 7)
    profile.confirm_numbers(company.person, company.client)
    assert issued(company).number == "F2026-0008"


@pytest.mark.parametrize("address", ["a@", "a@[b", "a@b, c@d", "<a@b"])
def test_a_letter_goes_to_one_address_or_none(company: Any, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    import io

    from syncd.portal.invoicing import exports, files

    row = issued(company, buyer=msgspec.structs.replace(BUYER, email=address))
    monkeypatch.setattr(files, "opened", lambda *_: (row, io.BytesIO(b"%PDF")))
    _, letter = exports.mail_of(company.person, company.client, row.id)
    assert not [line for line in letter.split(b"\r\n") if line.startswith(b"To:")]
