"""`./scripts/flow-platform --measure`: many clients of one platform, interrupted again and again; and what they cost when nothing comes.

Also what deposits of PDFs without XML cost with and without the reading of invoices beside them.
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.flow_platform import IDENT, SECRET, Platform, serving
from tests.support.hostile_files import invoice as plain_pdf
from tests.support.invoices import BUYER, cii


class Cut(BaseException):
    """The process ends here."""


def portal(at: Path) -> Any:
    """A cabinet of a portal of its own."""
    from syncd.portal import bootstrap

    for part in ("blobs", "uploads"):
        (at / part).mkdir(parents=True)
    bootstrap.use(at, new=True)
    bootstrap.migrate()
    from django.conf import settings

    from syncd.portal.models import Cabinet

    settings.PLATFORMS_HERE = True
    return Cabinet.objects.create(name="Cabinet Martin")


def client_of(cabinet: Any, code: str) -> Any:
    from syncd.portal.clients import clients, templates
    from syncd.portal.rights import Operator

    made = clients.add(Operator(cabinet.id, cabinet.name), code, f"Société {code}", templates.load("commerce"))
    made.siren = BUYER
    made.save()
    return made


def rounds(over: Any = lambda: False) -> int:
    """Looks at all that are due, until none is; how many looks."""
    from syncd.portal.flows import passes
    from syncd.portal.flows.transport import Line

    looks = 0
    with Line() as line:
        while due := passes.due(datetime.now(UTC)):
            for connection in due:
                passes.look(connection, line, over)
                looks += 1
    return looks


def cut_at(chance: random.Random, often: float) -> Any:
    """Patches what writes, so that now and then the process ends before or after it."""
    from syncd.portal.documents import deposit
    from syncd.portal.flows import arrivals, passes

    kept = [(m, n, getattr(m, n)) for m, n in ((arrivals, "_keep"), (passes, "_note"), (deposit, "store"), (deposit, "_line"), (deposit, "begin"))]  # fmt: skip

    def wrapped(step: Any) -> Any:
        def once(*given: Any, **named: Any) -> Any:
            if chance.random() < often:
                raise Cut
            done = step(*given, **named)
            if chance.random() < often:
                raise Cut
            return done

        return once

    for module, name, step in kept:
        setattr(module, name, wrapped(step))

    def back() -> None:
        for module, name, step in kept:
            setattr(module, name, step)

    return back


def fetch(cabinet: Any, clients: int, flows: int, cuts: int) -> None:
    from syncd.portal.flows import connections
    from syncd.portal.models import Document, Flow, FlowConnection
    from syncd.portal.rights import Operator

    platform, boss = Platform(), Operator(cabinet.id, cabinet.name)
    start = datetime.now(UTC) - timedelta(days=1)
    for n in range(flows):
        platform.add(f"f{n:04}", cii(f"F-{n}"), name=f"{n}.xml", updated=start + timedelta(seconds=n))
    with serving(platform) as address:
        for n in range(clients):
            client = client_of(cabinet, f"{n:06}")
            given = connections.Given("P", address + "/flow-service", SECRET, start.date(), address + "/token", IDENT)
            connections.connect(boss, client, given)
            connections.switch(boss, client, True)
        began, chance, done = time.monotonic(), random.Random(27), 0
        while done < cuts:
            back = cut_at(chance, 0.002)
            try:
                rounds()
                break
            except Cut:
                done += 1
            finally:
                back()
        rounds()
        took = time.monotonic() - began
        found, wanted = Document.objects.filter(tombstone="").count(), clients * flows
        twice = Flow.objects.exclude(state="stored").count()
        print(
            f"{clients} clients x {flows} flows, cut {done} times: {found} documents of {wanted}, {twice} flows not done, {took:.0f} s"
        )
        FlowConnection.objects.update(next_at=datetime.now(UTC), deep_at=datetime.now(UTC), start=start.date())
        asked, used = len(platform.asked), time.thread_time()
        rounds()
        print(
            f"idle: {(len(platform.asked) - asked) / clients:.2f} requests and {(time.thread_time() - used) / clients * 1000:.1f} ms of a processor each"
        )


def deposits(cabinet: Any, count: int) -> None:
    """The same deposits with the round that reads invoices at work, and without; in turns, the best of five each."""
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.operations.invoice_round import InvoiceRound
    from syncd.portal.rights import Operator

    actor, best = Operator(cabinet.id, "x", "company"), {True: 1e9, False: 1e9}
    for turn in range(5):
        for reading in (False, True) if turn % 2 else (True, False):
            client = client_of(cabinet, f"D{turn}{int(reading)}")
            beside = InvoiceRound() if reading else None
            if beside is not None:
                beside.start()
            began = time.monotonic()
            for n in range(count):
                deposit_file(actor, client, f"Achats/{n}.pdf", io.BytesIO(plain_pdf() + b"%%%d" % n))
            best[reading] = min(best[reading], time.monotonic() - began)
            if beside is not None:
                beside.stop()
    print(
        f"{count} PDFs without XML: {best[False]:.1f} s, with invoices read beside {best[True]:.1f} s: {best[True] / best[False]:.2f} times"
    )


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clients", type=int, default=50)
    asked.add_argument("--flows", type=int, default=20)
    asked.add_argument("--cuts", type=int, default=20)
    asked.add_argument("--deposits", type=int, default=300)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as at:
        cabinet = portal(Path(at) / "portal")
        fetch(cabinet, given.clients, given.flows, given.cuts)
        deposits(cabinet, given.deposits)
        from syncd.portal.readers import worker_client

        worker_client.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
