"""Orders of packages: asked for where the portal names a change, done one after the other, and answered until it has heard."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from syncd.core.errors import AlreadyRunning, SyncdError, Unreachable
from syncd.core.package_orders import PackageDone, PackageOrder, PackageOrders, PackageReport, Result
from syncd.service import package_orders
from tests.simulation.engine_in_memory import fresh_state

ONE = PackageOrder("a" * 32, 1, "make", "c" * 32)
OTHER = PackageOrder("b" * 32, 1, "look", "c" * 32)


class Portal:
    """`heard`: what it was told. An order is open until it is answered."""

    def __init__(self) -> None:
        self.orders: list[PackageOrder] = []
        self.heard: list[PackageReport] = []
        self.revision, self.fault = 1, False

    async def exchange(self, told: PackageReport) -> PackageOrders:
        if self.fault:
            raise Unreachable("away")
        self.heard.append(told)
        answered = {(d.id, d.number) for d in told.done}
        self.orders = [o for o in self.orders if (o.id, o.number) not in answered]
        return PackageOrders(self.revision, tuple(self.orders))

    async def fetch(self, order: PackageOrder, sink: object) -> bool:
        raise AssertionError

    async def bring(self, order: PackageOrder, source: object) -> None:
        raise AssertionError

    async def close(self) -> None:
        """Nothing is held open."""


class Service:
    """`did`: what was done, in order; `raises`: what doing it comes to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.portal, self.store = Portal(), fresh_state()
        self.did: list[str] = []
        self.raises: Exception | None = None
        self.lines: list[tuple[str, dict[str, Any]]] = []
        service = self

        class Work:
            code, is_made = "007868", False

            def __init__(self, config: object, desk: object, order: PackageOrder, row: object, cabinet: str) -> None:
                self._order = order

            @staticmethod
            def forget_others(config: object, orders: object) -> None: ...

            def answer(self, result: Result, why: str = "", french: str = "") -> PackageDone:
                return PackageDone(self._order.id, self._order.number, self._order.act, result, why, french)

            async def make(self) -> PackageDone:
                return await self.look()

            async def look(self) -> PackageDone:
                service.did.append(self._order.act)
                if service.raises is not None:
                    raise service.raises
                return self.answer(Result.DONE)

        async def asked(*given: object) -> None: ...

        monkeypatch.setattr(package_orders, "Work", Work)
        monkeypatch.setattr(package_orders, "public_key", lambda config: "RWQkey")
        applying: Any = None
        config: Any = None
        self.orders = package_orders.PackageOrders(
            config,
            self.store,
            "me",
            lambda event, **more: self.lines.append((event, more)),
            applying,
            lambda config: self.portal,
        )
        monkeypatch.setattr(self.orders, "_ask", asked)

    def order(self, *orders: PackageOrder) -> None:
        self.portal.orders, self.portal.revision = list(orders), self.portal.revision + 1
        self.store.progress.change(packages_told=self.portal.revision)

    def tick(self) -> None:
        asyncio.run(self.orders.tick())


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(monkeypatch)


def test_a_portal_that_knows_no_orders_is_asked_nothing(service: Service) -> None:
    service.tick()
    assert service.portal.heard == []


def test_each_order_is_done_once_and_answered_and_nothing_is_asked_until_the_next(service: Service) -> None:
    service.order(ONE, OTHER)
    service.tick()
    assert service.did == ["make", "look"]
    assert [[d.id for d in told.done] for told in service.portal.heard] == [[], [ONE.id], [OTHER.id]]
    assert {told.key for told in service.portal.heard} == {"RWQkey"}
    service.tick()
    assert len(service.portal.heard) == 3
    service.order(PackageOrder(OTHER.id, 2, "look", OTHER.client))
    service.tick()
    assert service.did == ["make", "look", "look"]


@pytest.mark.parametrize("away", [Unreachable("away"), AlreadyRunning("busy")])
def test_what_cannot_be_done_now_stays_ordered_and_holds_up_no_other(service: Service, away: SyncdError) -> None:
    service.order(ONE, OTHER)
    service.raises = away
    service.tick()
    assert service.did == ["make", "look"] and len(service.portal.orders) == 2
    service.raises = None
    service.tick()  # though the portal names no change
    assert service.did == ["make", "look", "make", "look"] and service.portal.orders == []


def test_what_is_refused_is_said_in_both_languages(service: Service) -> None:
    from syncd.core.packages.manifest import PackageRefused
    from syncd.core.words import packages as said

    service.order(ONE, PackageOrder("d" * 32, 1, "of_a_later_version", ONE.client))
    service.raises = PackageRefused(said.CUT.of(), mend=said.COPY_AGAIN.of())
    service.tick()
    first, later = (told.done[0] for told in service.portal.heard[1:])
    assert (first.result, later.result) == ("refused", "refused")
    assert "not whole" in first.why and "pas entier" in first.french and "trop ancienne" in later.french


def test_an_answer_that_did_not_arrive_is_given_again(service: Service) -> None:
    service.order(ONE)
    exchange = service.portal.exchange

    async def cut(told: PackageReport) -> PackageOrders:
        if told.done:
            raise Unreachable("cut")
        return await exchange(told)

    service.portal.exchange = cut  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        service.tick()
    service.portal.exchange = exchange  # type: ignore[method-assign]
    service.tick()
    assert service.did == ["make"] and service.portal.orders == []
