"""What no browser sends and anybody can: digits that are none, numbers and days without end, NULs. Never a 500."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.portal.upload_client import Depositor

ODD = ("²", "٣", "-1", "1_0", " 1", "", "9" * 30, "9" * 5000, "0x10", "1e9")
DAYS = ("0001-01-01", "9999-12-31", "1899-12-31", "2201-01-01", "20260101", "2026-W01-1", "2026-02-30", "²026-01-01")


@pytest.mark.parametrize("text", ODD, ids=lambda t: ascii(t)[:20])
def test_a_number_is_ascii_and_bounded_or_nothing(text: str) -> None:
    from syncd.core.untrusted_numbers import number

    assert number(text) is None
    assert (number("0"), number("12", 12), number("13", 12), number("007")) == (0, 12, None, 7)


@pytest.mark.parametrize("text", DAYS, ids=lambda t: ascii(t)[:20])
def test_a_day_is_one_that_time_zones_cannot_break_or_nothing(portal: Any, text: str) -> None:
    from datetime import date

    from syncd.core.untrusted_numbers import day
    from syncd.portal.web.forms import midnight

    assert day(text) is None
    assert midnight(day("1900-01-01")) and midnight(day("2200-12-31"), 1) and day("2026-11-27") == date(2026, 11, 27)


def test_pages_answer_odd_values_without_failing(
    office: Any, put: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    document = put(office.one, "Achats/a.pdf", b"one")
    boss = browse(office.boss)
    boss.raise_request_exception = False
    for odd in (*ODD, *DAYS):
        if odd:
            assert boss.get(f"/documents/{document.id}/fichier", {"version": odd}).status_code == 404
            assert boss.get(f"/documents/{document.id}/facture", {"v": odd}).status_code == 404
        for page, *names in (  # together what a page reads whatever the others are
            ("/recherche", "since", "until"), ("/synchronisation/comptes-rendus", "since", "page", "run"),
            ("/synchronisation/comptes-rendus.csv", "until"), ("/reglages/historique", "page"), ("/activite", "page"), ("/clients", "page", "sort"),
            ("/clients", "site"), ("/a-faire", "client"), ("/echanges", "after", "unread"), ("/calendrier", "month", "whose"),
            ("/calendrier/000001", "month"), ("/calendrier/000001/feuille", "quarter"),
        ):  # fmt: skip
            assert boss.get(page, {**dict.fromkeys(names, odd), "q": "a"}).status_code == 200, (page, odd)
        assert boss.post(f"/documents/{document.id}/action", {"do": "version", "to": odd}).status_code < 500
        assert boss.post("/a-faire/signalement", {"id": odd, "do": "raise"}).status_code < 500
        for do in ("event", "move", "move_entry", "comment", "hide", "tick", "alert", "remove"):
            given = {
                "do": do,
                "day": odd,
                "days": odd,
                "key": f"tva-ca3@{odd}",
                "id": odd,
                "title": odd,
                "text": odd,
                "month": odd,
                "document": odd,
            }
            assert boss.post("/calendrier/000001/action", given).status_code < 500, (do, odd)
        done = boss.post("/reglages/dossiers", {"key-1": "achats", "place-1": odd, "label-1": ""})
        assert done.status_code < 500, odd
        done = boss.post(
            f"/clients/{office.one.code}/arborescence", {"do": "exercise", "label": "2026", "start": odd, "end": odd}
        )
        assert done.status_code < 500, odd


def test_a_nul_is_refused_at_the_door(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    boss.raise_request_exception = False
    for done in (
        boss.get("/dossiers/%00"), boss.get("/recherche?q=a%00b"), boss.post("/reglages/dossiers", {"key-1": "a\0", "place-1": "1"}),
    ):  # fmt: skip
        assert done.status_code == 400 and "illisible" in done.content.decode()


def test_deposits_with_odd_values_are_refused_in_a_sentence(shared: Path, office_there: Any) -> None:
    marie = Depositor(office_there.marie, office_there.one.code)

    async def work() -> None:
        for odd in ODD:
            done = await marie.create("Achats", "a.pdf", odd)
            assert done.status_code == 400 and done.json()["message"] == "La demande est illisible.", odd
        for meta in ({"name": "a\0.pdf"}, {"client": "\0"}, {"folder": "Achats\0"}):
            done = await marie.create("Achats", "a.pdf", 5, meta)
            assert done.status_code == 400, meta
        assert (await marie.deposit("Achats", "a.pdf", b"whole"))["outcome"] == "stored"

    asyncio.run(work())


@pytest.mark.parametrize("text", ["²", "0", "32", "9" * 5000], ids=lambda t: ascii(t)[:9])
def test_a_day_of_the_month_that_is_none_is_a_sentence(text: str) -> None:
    from syncd.schedule import calendar

    with pytest.raises(ValueError, match="days of a month"):
        calendar.calendar(f"monthly {text} 06:00")


def test_a_refusals_detail_from_elsewhere_never_breaks_a_report() -> None:
    from syncd.core import words

    assert "²" in words.reason("too_large", "² 3")


@pytest.mark.parametrize("run", [2**53, 2**53 - 1, 2**40, 2**32])
def test_a_number_that_no_run_has_is_not_taken(office: Any, run: int) -> None:
    """Nor told to anybody, where one was taken before there was a bound."""
    from django.utils import timezone

    from syncd.core.protocol import Caller, RunSummary
    from syncd.portal.models import RunReport
    from syncd.portal.rights import Engine
    from syncd.portal.sync import changes, run_summaries

    me, now = Caller("engine", "machine", "instance"), timezone.now()
    run_summaries.take_summary(
        Engine(office.cabinet.id), RunSummary(41, 0.0, 1.0, "done", {"uploaded": 1}, 0, "0" * 64, 1)
    )
    with pytest.raises(ValueError, match="number of a run"):
        run_summaries.take_summary(
            Engine(office.cabinet.id), RunSummary(run, 0.0, 1.0, "done", {"uploaded": 1}, 0, "0" * 64, 1)
        )
    RunReport.objects.create(
        cabinet=office.cabinet, run=run, started_at=now, ended_at=now, verdict="done", exit_code=0, counts={},
        chain_head="0" * 64,
    )  # fmt: skip
    assert changes.hello(Engine(office.cabinet.id), me, None).last_run == 41


@pytest.mark.parametrize("generation", [2**63 - 1, 2**63, 2**40, -1])
def test_a_generation_that_no_engine_counts_to_is_not_taken(office: Any, generation: int) -> None:
    from syncd.core.protocol import Caller, RunSummary
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Engine
    from syncd.portal.sync import changes, run_summaries

    me = Caller("engine", "machine", "instance")
    changes.hello(Engine(office.cabinet.id), me, None)
    with pytest.raises(ValueError, match="generation"):
        run_summaries.take_summary(
            Engine(office.cabinet.id), RunSummary(1, 0.0, 1.0, "done", {}, 0, "0" * 64, generation)
        )
    with pytest.raises(ValueError, match="generation"):
        changes.hello(
            Engine(office.cabinet.id), Caller("engine", "machine", "instance", generation=generation, anew=True), None
        )
    assert Cabinet.objects.get(id=office.cabinet.id).generation == 0
