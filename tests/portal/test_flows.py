"""Invoices fetched from an approved platform: each once, where its facts say, whatever the platform answers and wherever the power goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.flow_platform import IDENT, SECRET, Platform, serving
from tests.support.hostile_files import invoice as plain_pdf
from tests.support.invoices import BUYER, cii, factur_x

OTHER = "404833048"


@pytest.fixture
def platform() -> Iterator[Any]:
    made = Platform()
    with serving(made) as address:
        made.address = address  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def at(office: Any, platform: Any, person: Callable[[Any], Any], settings: Any) -> Any:
    """The first client, connected to the platform and on; `look` is one pass, whether it is due or not."""
    from syncd.portal.flows import connections, passes
    from syncd.portal.flows.transport import Line
    from syncd.portal.models import FlowConnection

    settings.PLATFORMS_HERE = True
    office.one.siren = BUYER
    office.one.save()
    actor = person(office.boss)
    given = connections.Given(
        "Ma plateforme", platform.address + "/flow-service", SECRET, (datetime.now(UTC) - timedelta(days=30)).date(),
        platform.address + "/token", IDENT,
    )  # fmt: skip
    connections.connect(actor, office.one, given)
    connections.switch(actor, office.one, True)

    def row() -> Any:
        return FlowConnection.objects.select_related("client__cabinet").get(client=office.one)

    def look(times: int = 1) -> Any:
        found = None
        for _ in range(times):
            with Line() as line:
                found = passes.look(row(), line, lambda: False)
        return found

    def due() -> None:
        """Whatever waits for its time has waited."""
        row().flows.update(next_at=datetime.now(UTC))
        FlowConnection.objects.update(next_at=datetime.now(UTC))

    return SimpleNamespace(office=office, actor=actor, given=given, look=look, row=row, due=due, platform=platform)


def paths_of(client: Any) -> list[str]:
    from syncd.portal.models import Document

    return sorted(Document.objects.filter(client=client, tombstone="").values_list("path", flat=True))


def states(at: Any) -> dict[str, tuple[str, str]]:
    return {f.flow_id: (f.state, f.reason) for f in at.row().flows.all()}


@pytest.fixture
def settings() -> Iterator[Any]:
    from django.conf import settings

    before = settings.PLATFORMS_HERE
    yield settings
    settings.PLATFORMS_HERE = before


def test_an_invoice_goes_where_its_facts_say_with_its_receipt_and_its_readable_view(at: Any) -> None:
    from syncd.portal.models import Deposit, Document, FeedRow

    xml = cii()
    at.platform.add("f1", xml, name="edf.xml", view=plain_pdf())
    at.platform.add("f2", factur_x(cii("F-2", seller_siren=BUYER, buyer_siren=OTHER)), name="../../vente:1.XML")
    at.platform.add("f3", plain_pdf(), name="scan")
    assert at.look() is None
    assert paths_of(at.office.one) == [
        "Achats/edf.pdf",
        "Achats/edf.xml",
        "Ventes/vente-1.XML.pdf",
        "À classer/scan.pdf",
    ]
    stored = Document.objects.get(client=at.office.one, path="Achats/edf.xml")
    assert bytes(stored.sha256) == hashlib.sha256(xml).digest()
    assert FeedRow.objects.filter(object=stored.id).exists()  # the engine fetches it as anything
    (receipt,) = Deposit.objects.filter(client=at.office.one)
    assert (receipt.by, receipt.origin, receipt.lines.count()) == ("Plateforme Ma plateforme", "company", 4)
    assert {s for s, _ in states(at).values()} == {"stored"}
    assert at.row().failure == "" and at.row().passed_at is not None


def test_the_next_look_asks_once_and_brings_nothing_twice(at: Any) -> None:
    at.platform.add("f1", cii())
    at.look()
    before, asked = paths_of(at.office.one), len(at.platform.asked)
    at.look(3)
    assert paths_of(at.office.one) == before
    assert at.platform.asked[asked:] == ["POST /flow-service/v1/flows/search"] * 3  # the token is kept
    where = at.platform.bodies[-1]["where"]
    assert where["flowType"] == ["SupplierInvoice"] and where["flowDirection"] == ["In"] and "updatedAfter" in where


def test_pages_go_on_where_they_ended_and_a_cursor_that_comes_again_ends_them(at: Any) -> None:
    at.platform.page = 2
    start = datetime.now(UTC) - timedelta(hours=1)
    for n in range(7):
        at.platform.add(f"f{n}", cii(f"N-{n}"), name=f"{n}.xml", updated=start + timedelta(seconds=n))
    at.look()
    assert len(paths_of(at.office.one)) == 7
    entry = at.platform.add("f9", cii("N-9"), name="9.xml").entry()
    searches = len(at.platform.bodies)

    def again(request: Request) -> Response | None:
        if not request.url.path.endswith("/search"):
            return None
        return JSONResponse({"results": [entry], "nextCursor": "c-for-ever"})

    at.platform.odd = again
    at.due()
    at.look()
    assert "Achats/9.xml" in paths_of(at.office.one) and at.row().cursor == "" and len(at.platform.bodies) == searches
    assert at.platform.asked.count("POST /flow-service/v1/flows/search") < 20


def test_a_cursor_that_is_forgotten_there_is_replaced_by_the_date(at: Any) -> None:
    from syncd.portal.models import FlowConnection

    at.platform.add("f1", cii())
    FlowConnection.objects.update(cursor="c99")
    at.platform.forgotten.add("c99")
    assert at.look() is None
    assert states(at) == {"f1": ("stored", "")} and at.row().cursor == ""


def test_a_flow_of_somebody_else_is_held_until_the_cabinet_says_and_seen_by_nobody_else(at: Any, browse: Any) -> None:
    from syncd.portal.flows import connections
    from syncd.portal.refusals import Refusal

    at.platform.add("f1", cii(buyer_siren=OTHER), name="autre.xml")
    at.platform.add("f2", cii("B", buyer_siren=OTHER), name="encore.xml")
    at.look()
    assert paths_of(at.office.one) == [] and set(states(at).values()) == {("held", "other_buyer")}
    first, second = connections.held_back(at.actor, at.office.one)
    assert OTHER in first.detail
    connections.decide(at.actor, at.office.one, str(first.id), True)
    connections.decide(at.actor, at.office.one, str(second.id), False)
    with pytest.raises(Refusal):
        connections.decide(at.actor, at.office.one, str(second.id), True)
    at.look()
    assert paths_of(at.office.one) == [f"À classer/{first.name}"]
    assert {f.state for f in at.row().flows.all()} == {"stored", "apart"}


def test_other_bytes_than_announced_are_never_a_document(at: Any) -> None:
    from syncd.portal.flows import arrivals

    at.platform.add("f1", cii(), said={"sha256": "0" * 64})
    for _ in range(arrivals.TRIES):
        at.look()
        assert paths_of(at.office.one) == []
        at.due()
    assert states(at) == {"f1": ("held", "digest")}
    silent = at.platform.add("f2", cii("S"), said={"sha256": None})  # 1.3.0 does not promise one
    at.look()
    assert states(at)[silent.id] == ("stored", "")


def test_one_that_cannot_be_had_holds_up_no_other(at: Any) -> None:
    gone = at.platform.add("f1", cii(), updated=datetime.now(UTC) - timedelta(days=1))
    at.platform.add("f2", cii("B"))
    at.platform.odd = lambda r: Response(status_code=404) if r.url.path.endswith("/f1") else None
    assert at.look() is None
    assert states(at) == {gone.id: ("waiting", "gone"), "f2": ("stored", "")}
    at.platform.odd = lambda _: None
    at.due()
    at.look()
    assert states(at)[gone.id] == ("stored", "")


def test_what_is_no_invoice_or_not_asked_for_is_no_document(at: Any) -> None:
    at.platform.add("zip", b"PK\3\4 evil", name="facture.pdf")
    at.platform.add("exe", b"MZ\x90", name="facture.xml")
    for ident, said in {
        "lc": {"flowType": "SupplierInvoiceLC"}, "new": {"flowType": "NextYearsKind"}, "out": {"flowDirection": "Out"},
        "error": {"acknowledgement": {"status": "Error"}}, "x" * 65: {}, "a b": {}, "when": {"updatedAt": "soon", "submittedAt": 7},
        "sum": {"sha256": "no digest"},
    }.items():  # fmt: skip
        at.platform.add(ident, cii(), said=said or {"name": "x"})
    wait = at.platform.add("wait", cii("W"), name="w.xml", status="Pending")
    assert at.look() is None
    assert paths_of(at.office.one) == []
    assert states(at) == {"zip": ("held", "kind"), "exe": ("held", "kind"), "wait": ("waiting", "pending")}
    wait.status, wait.updated = "Ok", datetime.now(UTC)
    at.look(2)
    assert paths_of(at.office.one) == ["Achats/w.xml"]


def test_what_its_folder_does_not_take_is_held_with_its_reason(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.flows import service

    at.platform.add("f1", factur_x(cii()), name="x.pdf")
    at.office.one.quota = 10
    at.office.one.save()
    at.look()
    assert states(at) == {"f1": ("held", "quota")} and paths_of(at.office.one) == []
    monkeypatch.setattr(service, "FILE", 100)
    at.platform.add("f2", cii("B"))
    at.look()
    assert states(at)["f2"] == ("waiting", "large")


def test_a_token_that_ended_is_got_anew_once_and_a_wrong_secret_is_said(at: Any, person: Any) -> None:
    from syncd.portal.flows import connections

    at.platform.add("f1", cii())
    at.look()
    at.platform.tokens.clear()  # by a clock that is not ours
    at.platform.add("f2", cii("B"))
    assert at.look() is None and states(at)["f2"] == ("stored", "")
    assert sum(a == "POST /token" for a in at.platform.asked) == 2
    wrong = connections.Given(**{**{f: getattr(at.given, f) for f in at.given.__slots__}, "secret": "wrong"})
    connections.connect(at.actor, at.office.one, wrong)
    assert at.look() == "credentials" and at.row().failure == "credentials"


@pytest.mark.parametrize(
    ("answer", "failure", "least", "most"),
    [
        (lambda: Response(status_code=429, headers={"Retry-After": "120"}), "busy", 115, 125),
        (lambda: Response(status_code=503, headers={"Retry-After": "99999999"}), "busy", 86_000, 86_500),
        (lambda: Response(status_code=503, headers={"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}), "busy", 0, 5),
        (lambda: Response(status_code=500), "failing", 55, 65),
        (lambda: Response(status_code=403), "forbidden", 55, 65),
        (lambda: Response(status_code=302, headers={"Location": "http://169.254.169.254/"}), "redirected", 55, 65),
        (lambda: Response(b"<html>"), "odd", 55, 65),
        (lambda: JSONResponse([]), "odd", 55, 65),
        (lambda: Response(b"[" * 100_000), "odd", 55, 65),
        (lambda: JSONResponse({"results": {}, "nextCursor": 1}), "odd", 55, 65),
        (lambda: Response(b"x" * 4_100_000), "large", 55, 65),
        (lambda: Response(b"{}", headers={"Content-Encoding": "gzip"}), "odd", 55, 65),
    ],
)
def test_whatever_it_answers_is_a_sentence_and_a_pause(
    at: Any, answer: Any, failure: str, least: float, most: float
) -> None:
    at.platform.odd = lambda r: answer() if r.url.path.endswith("/search") else None
    assert at.look() == failure
    row = at.row()
    assert row.failure == failure and row.failures == 1
    assert least <= (row.next_at - datetime.now(UTC)).total_seconds() <= most
    at.platform.odd = lambda _: None
    assert at.look() is None and at.row().failures == 0


def test_a_week_away_and_then_nothing_twice_and_nothing_missing(at: Any) -> None:
    at.platform.add("f1", cii())
    at.look()
    at.platform.odd = lambda _: Response(status_code=503)
    for _ in range(30):
        at.look()
    assert at.row().failures == 30
    assert (at.row().next_at - datetime.now(UTC)).total_seconds() <= 6 * 3600
    at.platform.odd = lambda _: None
    for n in range(5):
        at.platform.add(f"late{n}", cii(f"L-{n}"), name=f"{n}.xml")
    at.look()
    assert len(paths_of(at.office.one)) == 6


def test_a_clock_that_is_ahead_takes_no_later_flow_with_it(at: Any) -> None:
    at.platform.add("f1", cii(), updated=datetime.now(UTC) + timedelta(days=400))
    at.look()
    at.platform.add("f2", cii("B"))
    at.look()
    assert states(at)["f2"] == ("stored", "")


def test_off_or_closed_nothing_is_asked_and_nothing_is_deposited(at: Any) -> None:
    from syncd.portal.flows import connections, passes
    from syncd.portal.people.visibility import again
    from syncd.portal.rights import Connector, Place, Verb, may

    at.platform.add("f1", cii())
    connections.switch(at.actor, at.office.one, False)
    assert passes.due(datetime.now(UTC)) == []
    actor = again(Connector(at.office.cabinet.id, at.office.one.id, "x"))
    from syncd.portal.clients.tree import place_in

    place: Place = place_in(at.office.one, "Achats")
    assert not may(actor, Verb.DEPOSIT, place)
    connections.switch(at.actor, at.office.one, True)
    assert len(passes.due(datetime.now(UTC))) == 1
    at.office.one.closed = True
    at.office.one.save()
    assert passes.due(datetime.now(UTC)) == []
