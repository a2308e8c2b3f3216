"""The way out to a platform is checked, ends, and tells nothing; a loss of power anywhere leaves each flow once."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import Response

from tests.portal.test_flows import at, paths_of, platform, settings  # noqa: F401
from tests.support.flow_platform import IDENT, SECRET
from tests.support.hostile_files import invoice as plain_pdf
from tests.support.invoices import cii


class Killed(BaseException):
    """The power went."""


def _steps(monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    """Every step that writes, counted: the power goes before the one, or after it, that `when` says."""
    from syncd.portal.documents import deposit
    from syncd.portal.flows import arrivals, passes
    from syncd.portal.storage import blob_store

    count = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def once(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == when:
                raise Killed
            done = step(*given, **named)
            count += 1
            if count == when:
                raise Killed
            return done

        return once

    for whose, names in (
        (arrivals, ("_keep", "_deposit")), (passes, ("_note", "_keep")), (type(blob_store()), ("publish",)), (deposit, ("store", "_line", "begin")),
    ):  # fmt: skip
        for name in names:
            monkeypatch.setattr(whose, name, counted(getattr(whose, name)))


def _once_each(at: Any) -> None:  # noqa: F811
    from syncd.portal.models import DepositLine, Version

    assert paths_of(at.office.one) == ["Achats/edf.pdf", "Achats/edf.xml"]
    assert Version.objects.filter(document__client=at.office.one).count() == 2
    lines = DepositLine.objects.filter(deposit__client=at.office.one, outcome="stored")
    assert lines.values("version_id").distinct().count() == 2 == lines.count()
    assert [f.state for f in at.row().flows.all()] == ["stored"]


def test_the_power_goes_at_each_step_and_each_flow_is_deposited_once(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from django.db import transaction

    from syncd.portal.flows import arrivals
    from syncd.portal.readers import invoices

    facts = invoices.of_xml(cii()).facts  # read once: it is the steps of the deposit that are cut
    monkeypatch.setattr(arrivals, "facts_of", lambda _: facts)
    at.platform.add("f1", cii(), name="edf.xml", view=plain_pdf())
    killed, n = 0, 1
    while True:
        mark = transaction.savepoint()
        with monkeypatch.context() as patched:
            _steps(patched, n)
            try:
                at.look()
            except Killed:
                killed += 1
            else:
                break
        at.due()
        at.look()
        _once_each(at)
        transaction.savepoint_rollback(mark)
        n += 1
    _once_each(at)
    assert killed == n - 1 > 20


@pytest.fixture
def here(portal: Any, settings: Any) -> Any:  # noqa: F811
    """The portal's settings, without a cabinet."""
    return settings


ADDRESSES = [
    "http://plateforme.example.fr", "ftp://x.fr", "https://127.0.0.1/flow-service", "https://[::1]", "https://localhost", "https://10.1.2.3",
    "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]", "https://[64:ff9b::a00:1]", "https://user:pass@x.fr", "https://0.0.0.0",
    "https://192.168.1.1:8443", "https://x.fr/?a=b", "https://x .fr", "", "https://2130706433/", "https://100.64.0.1", "https://224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_leads_inside_is_refused_when_it_is_given(address: str, here: Any) -> None:
    from syncd.portal.flows import transport

    here.PLATFORMS_HERE = False
    if address == "https://2130706433/":  # a number without points: a name, which is looked at when it is connected to
        with transport.Line() as line, pytest.raises(transport.Failed) as e:
            line.ask("GET", address, {}, most=10)
        assert e.value.failure in ("address", "unreachable")
        return
    with pytest.raises(ValueError):
        transport.check(address)
    assert str(transport.check("https://api.plateforme.example.fr/flow-service/")).endswith("/flow-service")


@pytest.mark.parametrize(
    "numbers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:192.168.0.1"], ["fe80::1%eth0"], ["fd00::1"], []]
)
def test_a_name_that_leads_inside_is_not_connected_to(
    numbers: list[str], here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from syncd.portal.flows import transport

    here.PLATFORMS_HERE = False
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_n: [(0, 0, 0, "", (n, 443)) for n in numbers])
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_n: pytest.fail("it was connected to"))
    with transport.Line() as line, pytest.raises(transport.Failed) as e:
        line.ask("GET", "https://plateforme.example.fr/", {}, most=10)
    assert e.value.failure == "address"


def test_the_number_that_was_looked_at_is_the_one_that_is_connected_to(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from syncd.portal.flows import transport

    here.PLATFORMS_HERE = False
    given, met = iter(["93.184.216.34", "127.0.0.1"]), list[str]()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_n: [(0, 0, 0, "", (next(given), 443))])

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        met.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with transport.Line() as line, pytest.raises(transport.Failed) as e:
        line.ask("GET", "https://plateforme.example.fr/", {}, most=10)
    assert (met, e.value.failure) == (["93.184.216.34"], "unreachable")


def test_a_byte_at_a_time_comes_to_an_end(here: Any) -> None:
    from syncd.portal.flows import transport

    here.PLATFORMS_HERE = True
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        stream, _ = listening.accept()
        with stream:
            stream.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.02):
                try:
                    stream.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    with (
        transport.Line() as line,
        pytest.raises(transport.Failed) as e,
        line.open("GET", f"http://127.0.0.1:{listening.getsockname()[1]}/", {}, most=10, seconds=0.3),
    ):
        pass
    over.set()
    thread.join()
    listening.close()
    assert e.value.failure == "slow" and time.monotonic() - began < 5


def test_a_certificate_that_nobody_vouches_for_is_refused(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.flows import transport

    assert transport._tls().verify_mode is ssl.CERT_REQUIRED and transport._tls().check_hostname
    here.PLATFORMS_HERE = True

    def refused(*_: Any, **__: Any) -> Any:
        raise ssl.SSLCertVerificationError("self-signed")

    listening = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", refused)
    with listening, transport.Line() as line, pytest.raises(transport.Failed) as e:
        line.ask("GET", f"https://127.0.0.1:{listening.getsockname()[1]}/", {}, most=10)
    assert e.value.failure == "certificate"


def test_the_secret_is_sealed_and_told_nowhere(at: Any, caplog: pytest.LogCaptureFixture, browse: Any) -> None:  # noqa: F811
    from django.db import connection

    from syncd.portal.models import Audit

    at.platform.add("f1", cii())
    at.look()
    at.platform.odd = lambda _: Response(status_code=401)
    at.look()
    with connection.cursor() as rows:
        rows.execute("SELECT * FROM portal_flowconnection")
        kept = repr(rows.fetchall())
    assert SECRET not in kept and "sealed:1:" in kept and IDENT in kept
    assert SECRET not in caplog.text and SECRET not in repr(list(Audit.objects.values()))
    assert at.row().secret == SECRET


def test_the_secret_goes_to_no_other_address(at: Any) -> None:  # noqa: F811
    from syncd.portal.flows import connections
    from syncd.portal.refusals import Code, Refusal

    fields = {f: getattr(at.given, f) for f in at.given.__slots__}
    for other in (
        {"token_address": "https://elsewhere.example.fr/token"},
        {"address": "https://elsewhere.example.fr"},
        {"ident": "b"},
    ):
        with pytest.raises(Refusal) as e:
            connections.connect(at.actor, at.office.one, connections.Given(**{**fields, **other, "secret": ""}))
        assert e.value.code is Code.PLATFORM_SECRET
    connections.connect(at.actor, at.office.one, connections.Given(**{**fields, "name": "Autre nom", "secret": ""}))
    assert (at.row().name, at.row().secret) == ("Autre nom", SECRET)


@pytest.mark.parametrize("who", ["marie", "paul"])
def test_a_company_knows_that_it_is_on_and_nothing_else(at: Any, who: str, person: Any) -> None:  # noqa: F811
    from syncd.portal.flows import connections
    from syncd.portal.refusals import Refusal

    theirs, client = person(getattr(at.office, who)), at.office.one
    assert connections.fetched_from(theirs, client) == "Ma plateforme"
    assert connections.fetched_from(theirs, at.office.two) == ""
    for asked in (
        lambda: connections.connection_of(theirs, client), lambda: connections.held_back(theirs, client),
        lambda: connections.connect(theirs, client, at.given), lambda: connections.switch(theirs, client, False),
        lambda: connections.ask_for_test(theirs, client), lambda: connections.decide(theirs, client, "1", True),
        lambda: connections.forget(theirs, client),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            asked()
    with pytest.raises(Refusal):
        connections.connect(at.actor, at.office.foreign, at.given)


def test_the_connector_deposits_into_three_kinds_of_one_client_and_does_nothing_else(house: Any) -> None:
    """The matrix: every verb, every folder of every client."""
    from syncd.portal.clients.tree import place_in
    from syncd.portal.rights import (
        FETCHED,
        Connector,
        Verb,
        may,
        may_connect_platform,
        may_manage_client,
        may_read_messages,
    )

    actor = Connector(house.cabinet.id, house.mine.id, "x")
    took = set[str]()
    for client in (house.mine, house.other, house.foreign, house.off):
        for rule in client.rules:
            place = place_in(client, rule["path"])
            for verb in Verb:
                fine = may(actor, verb, place)
                takes = rule.get("direction", "both") in ("both", "to_cabinet")
                assert fine == (client == house.mine and verb is Verb.DEPOSIT and rule["kind"] in FETCHED and takes), (
                    rule,
                    verb,
                )
                took |= {rule["kind"]} if fine else set()
            assert not may_read_messages(actor, client.id, rule["kind"])
        assert not may_manage_client(actor, client.id) and not may_connect_platform(actor, client.id, False)
    assert took == set(FETCHED)


def test_idle_each_client_costs_one_request_and_little_time(at: Any) -> None:  # noqa: F811
    """The bar is two requests and two milliseconds of a processor each, of five hundred; measured by scripts/flow-platform."""
    at.look()
    asked, began, rounds = len(at.platform.asked), time.thread_time(), 50
    at.look(rounds)
    assert len(at.platform.asked) - asked == rounds
    assert time.thread_time() - began < rounds * 0.02  # ten times the bar: others work here too


def test_very_many_flows_are_listed_in_pages_over_several_looks_and_none_is_skipped(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip  # noqa: F811
    """Ten thousand are measured by scripts/flow-platform; what each costs to deposit, other tests tell."""
    from syncd.portal.flows import passes

    monkeypatch.setattr(
        passes, "_fetch", lambda connection, *_: bool(connection.flows.update(state="stored")) and False
    )
    monkeypatch.setattr(passes, "PAGES", 4)
    start, xml, at.platform.page = datetime.now(UTC) - timedelta(days=2), cii(), 20
    for n in range(200):
        at.platform.add(f"f{n:03}", xml, updated=start + timedelta(seconds=n), said={"sha256": None})
    at.look()
    assert (at.row().flows.count(), at.row().cursor) == (80, "c80")
    at.look(2)
    assert (at.row().flows.count(), at.row().cursor) == (200, "") and len(at.platform.bodies) == 10


def test_what_we_ask_and_what_our_platform_answers_fits_the_public_description(at: Any) -> None:  # noqa: F811
    import json

    import jsonschema_rs

    from tests.support.invoices import SAMPLES

    said = json.loads((SAMPLES.parent / "flow-api" / "flow-service-1.3.0.json").read_text())

    def fits(name: str, value: Any) -> None:
        jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}", "components": said["components"]}, value)

    kept = at.platform.add("f1", cii())
    at.look(2)
    for body in at.platform.bodies:
        fits("SearchFlowParams", body)
    fits("Flow", kept.entry())
    assert {p.split("/v1")[1] for p in said["paths"] and at.platform.asked if "/v1/" in p} == {
        "/flows/search",
        "/flows/f1",
    }
