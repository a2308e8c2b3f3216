"""Numbers are given without a gap and without a double, however many issue at once and however many are killed meanwhile."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from syncd.portal.invoicing.content import Kind
from tests.portal.invoicing.conftest import TODAY, written

MANY = int(os.environ.get("SYNCD_NUMBERS", "240"))  # 1000 by hand (docs/testing.md): each commit waits for the disk
THREADS, KILLED = 20, MANY // 20


class Killed(BaseException):
    """As a process that ends: nothing catches it on its way out of the transaction."""


def test_many_in_three_series_by_twenty_threads(
    company_there: Any, no_files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError, connection

    from syncd.portal.invoicing import issuing
    from syncd.portal.invoicing.entry import Sales, enter
    from syncd.portal.models.ids import new_id

    marie, one = company_there.person, company_there.client
    model = {"quote": written(company_there, Kind.QUOTE), "invoice": written(company_there)}
    model["credit"] = written(company_there)
    ids: list[str] = []
    for n in range(MANY):
        row = model[("quote", "invoice", "credit")[n % 3]]
        row.id, row.family = new_id(), ("quote", "invoice", "credit")[n % 3]
        row.save(force_insert=True)
        ids.append(row.id)
    noted, lock, doomed = Sales.note, threading.Lock(), set(random.Random(27).sample(ids, KILLED))

    def killed(sales: Sales, what: str, about: str = "") -> None:
        noted(sales, what, about)
        with lock:
            victim = current.id in doomed
            doomed.discard(current.id)
        if victim:
            raise Killed

    current = threading.local()
    monkeypatch.setattr(Sales, "note", killed)

    def issue(some: list[str]) -> None:
        for document in some:
            current.id = document
            while True:
                try:
                    issuing.issue(marie, one, document, TODAY)
                    break
                except Killed:
                    connection.close()  # and with it all that was not committed
                except OperationalError:  # twenty at one file: whoever waited too long asks again
                    connection.close()
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(issue, [ids[n::THREADS] for n in range(THREADS)]))
    rows = enter(marie, one).documents.exclude(number="")
    for n, prefix in enumerate(("D2026-", "F2026-", "A2026-")):
        count = len(range(n, MANY, 3))
        numbers = sorted(rows.filter(number__startswith=prefix).values_list("number", flat=True))
        assert numbers == [f"{prefix}{n:04}" for n in range(1, count + 1)]
    assert doomed == set()


def test_a_crash_after_the_number_makes_the_file_later(
    company: Any, no_files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.invoicing import files, issuing
    from syncd.portal.refusals import Code, Refusal

    row = issuing.issue(company.person, company.client, written(company).id, TODAY)
    assert (row.number, row.file_id) == ("F2026-0001", "")

    def away(frozen: Any, logo: bytes) -> bytes:
        raise Refusal(Code.SALES_NO_SHEET)

    monkeypatch.setattr(files, "written", away)
    with pytest.raises(Refusal):
        files.opened(company.person, company.client, row.id)
    monkeypatch.setattr(files, "written", lambda frozen, logo: b"%PDF- made later " + frozen.number.encode())
    again, source = files.opened(company.person, company.client, row.id)
    with source:
        assert source.read() == b"%PDF- made later F2026-0001"
    monkeypatch.setattr(files, "written", lambda frozen, logo: b"another")
    files.make(company.person, company.client, again)  # of two at once the first stays
    with files.opened(company.person, company.client, row.id)[1] as source:
        assert source.read() == b"%PDF- made later F2026-0001"


def test_a_series_that_two_families_share_gives_each_number_once(
    company: Any, no_files: None, refused: Callable[[Callable[[], Any]], str]
) -> None:
    from syncd.portal.invoicing import drafts, issuing, profile
    from syncd.portal.invoicing.profile import Prefixes, Profile
    from tests.portal.invoicing.conftest import SELLER

    marie, one = company.person, company.client
    profile.save(marie, one, Profile(seller=SELLER, prefixes=Prefixes(invoice="X-", credit="X-")))
    invoice = issuing.issue(marie, one, written(company).id, TODAY)
    credit = issuing.issue(marie, one, drafts.credit(marie, one, invoice.id).id, TODAY)
    assert [invoice.number, credit.number] == ["X-0001", "X-0002"]


def test_a_portal_put_back_gives_no_number_before_somebody_says_which_were_given(
    company: Any, no_files: None, refused: Callable[[Callable[[], Any]], str]
) -> None:
    from syncd.portal.invoicing import issuing, profile
    from syncd.portal.operations import restored

    marie, one = company.person, company.client
    first, draft = written(company), written(company)
    assert issuing.issue(marie, one, first.id, TODAY).number == "F2026-0001"
    restored.begin_anew(revoke_keys=False)
    assert refused(lambda: issuing.issue(marie, one, draft.id, TODAY)) == "sales_restored"
    assert refused(lambda: profile.start_after(marie, one, "invoice", 0)) == "sales_started"
    profile.start_after(marie, one, "invoice", 7)
    profile.confirm_numbers(marie, one)
    assert issuing.issue(marie, one, draft.id, TODAY).number == "F2026-0008"
    assert refused(lambda: profile.start_after(marie, one, "invoice", 20)) == "sales_started"
