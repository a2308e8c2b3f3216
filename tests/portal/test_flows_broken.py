"""What a reader broke in the connector: flows that hold up others, listings that are interrupted, platforms that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import Response

from tests.portal.test_flows import at, paths_of, platform, settings, states
from tests.support.flow_platform import Platform, serving
from tests.support.invoices import cii, factur_x

__all__ = ["at", "platform", "settings"]


def test_one_poisoned_flow_holds_up_no_other(at: Any) -> None:
    at.platform.add("f1", factur_x(cii("F-1")), name="a.pdf")
    at.platform.add("f2", factur_x(cii("F-2")), name="b.pdf")
    at.platform.odd = lambda request: Response("oops", 500) if request.url.path.endswith("/flows/f1") else None
    for _ in range(12):
        at.due()
        at.look()
    assert len(paths_of(at.office.one)) == 1


def test_a_flow_of_the_former_platform_is_not_asked_of_the_new_one(at: Any) -> None:
    from syncd.portal.flows import connections

    at.platform.add("1", factur_x(cii("F-1")), name="a.pdf")
    at.platform.odd = lambda request: Response("oops", 500) if request.method == "GET" else None
    at.look()
    new = Platform()
    with serving(new) as address:
        new.add("1", factur_x(cii("OTHER-1")), name="other.pdf")
        there = address.replace("127.0.0.1", "localhost")
        given = replace(at.given, address=there + "/flow-service", token_address=there + "/token")
        connections.connect(at.actor, at.office.one, given)
        for _ in range(3):
            at.due()
            at.look()
        assert new.asked.count("GET /flow-service/v1/flows/1") <= 1


def test_switched_off_in_the_middle_nothing_more_is_fetched(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.flows import arrivals, connections, passes

    for n in range(4):
        at.platform.add(f"{n}", factur_x(cii(f"F-{n}")), name=f"{n}.pdf")

    def arrive(connection: Any, flow: Any, service: Any) -> None:
        arrivals.arrive(connection, flow, service)
        connections.switch(at.actor, at.office.one, False)

    monkeypatch.setattr(passes, "arrive", arrive)
    at.look()
    assert list(states(at).values()).count(("waiting", "")) == 3 and len(paths_of(at.office.one)) == 1


def test_a_listing_that_is_interrupted_skips_nothing(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.flows import passes

    monkeypatch.setattr(passes, "_fetch", lambda connection, *_: connection.flows.update(state="stored") < 0)
    monkeypatch.setattr(passes, "PAGES", 2)
    at.platform.page = 2
    start = datetime.now(UTC) - timedelta(days=25)
    for n in range(20):
        at.platform.add(f"f{n:03}", cii(), updated=start + timedelta(days=n), said={"sha256": None})
    at.look(8)
    assert at.row().flows.count() == 20


def test_a_flow_that_is_no_number_is_none_that_waits(at: Any) -> None:
    from syncd.portal.flows import connections
    from syncd.portal.refusals import Refusal

    with pytest.raises(Refusal):
        connections.decide(at.actor, at.office.one, "abc", True)
