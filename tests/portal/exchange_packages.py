"""Packages as a company without a network makes them, for tests of the portal; and the engine that answers orders."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncd.core.content import Content
from syncd.core.package_orders import (
    FolderLines,
    PackageDone,
    PackageFacts,
    PackageLine,
    PackageNote,
    PackageOrder,
    PackageOrders,
    PackageReport,
)
from syncd.core.packages.chain import Mine
from syncd.core.packages.manifest import Entry, Way
from syncd.disk.directory import Directory
from syncd.jobs.packages import dates, ledger
from syncd.jobs.packages.creation import Contents, Maker, Wish
from syncd.jobs.packages.ledger import Identity
from syncd.package_file.public_keys import Public

PAGE = "/paquets/"


def package(
    base: Path, client: Any, docs: dict[str, bytes], *, way: Way = Way.TO_CABINET, cabinet: str = "", seal: str = ""
) -> Path:
    """Made by a side whose keys lie in `base`. `seal`: for that key."""
    base.mkdir(exist_ok=True)
    (base / "stick").mkdir(exist_ok=True)

    def read(entry: Entry) -> Iterator[bytes]:
        yield docs[entry.path]

    mine = {p: Mine(Content(len(d), hashlib.sha256(d).digest())) for p, d in docs.items()}
    with ledger.opened(base / "home") as own, Directory.at(str(base / "stick")) as to:
        who = Identity(cabinet or client.cabinet_id, client.id, client.code, client.name)
        if seal:
            own.trust(client.id, (ledger.Trusted(Public.of(seal), 1.0),))
        maker = Maker(own, who, way, time.time(), dates.local("UTC"))
        made = maker(Contents(mine, (), (), lambda path: False, read), Wish(full=True, sealed=bool(seal)), to)
    return base / "stick" / made.file


class Engine:
    """The cabinet's, which has the lease."""

    def __init__(self, cabinet: Any) -> None:
        from syncd.portal.models import Cabinet

        self.cabinet = cabinet.id
        Cabinet.objects.filter(id=cabinet.id).update(lease_instance="me")

    def tell(self, *done: PackageDone, key: str = "", instance: str = "me") -> PackageOrders:
        from syncd.portal import rights
        from syncd.portal.exchange import engine_orders

        return engine_orders.exchange(rights.Engine(self.cabinet), PackageReport(instance, key, done))

    def order(self) -> PackageOrder:
        (one,) = self.tell().orders
        return one

    def brings(self, data: bytes) -> PackageOrders:
        """Of the one that is ordered, the package's bytes; and says so."""
        from syncd.portal.exchange.orders import upload_key
        from syncd.portal.storage import upload_store

        order = self.order()
        about = b'{"client": "%s", "size": %d}' % (order.client.encode(), len(data))
        upload_store().begin(upload_key(order.id), "", order.client, len(data), about)
        upload_store().append(upload_key(order.id), 0, [data])
        return self.tell(self.made(order, data), key="RWQkey")

    @staticmethod
    def made(order: PackageOrder, data: bytes) -> PackageDone:
        facts = PackageFacts(3, "d" * 64, 1_795_000_000.0, order.purpose, order.comment, "RWQkey", 2)
        content = Content(len(data), hashlib.sha256(data).digest())
        return PackageDone(
            order.id, order.number, order.act, "done", name="001-20261128140300.syncpkg", content=content, facts=facts
        )

    @staticmethod
    def answer(order: PackageOrder, result: str = "done", **more: Any) -> PackageDone:
        folders = (FolderLines("Achats", 2), FolderLines("Ventes", 1))
        return PackageDone(order.id, order.number, order.act, result, **{"folders": folders, "changes": 3, **more})


def in_every_state(client: Any) -> str:
    """One that came, was looked at and can be dealt with; and one that was made, and read on the other side."""
    from datetime import UTC, datetime

    import msgspec

    from syncd.portal.models import ExchangePackage, PackageKey

    if (there := ExchangePackage.objects.filter(client=client, state="looked").first()) is not None:
        return str(there.id)
    now, note = datetime.now(UTC), PackageNote("Achats/a.pdf", "direction")
    PackageKey.objects.update_or_create(cabinet_id=client.cabinet_id, defaults={"key": "1.2", "told_at": now})
    told = PackageDone(
        "a" * 32, 1, "look", "done", facts=PackageFacts(1, key="3.4", documents=2), changes=2, waits=1, left=(note,), later=(note,),
        lines=(PackageLine("package", "Achats/a.pdf", size=3), PackageLine("set_aside", "Achats/b.pdf", "Achats/supp_b.pdf")),
        folders=(FolderLines("Achats", 2), FolderLines("Ventes", 1)),
    )  # fmt: skip
    row: dict[str, Any] = {
        "cabinet_id": client.cabinet_id, "client": client, "at": now, "changed_at": now, "by": "x", "number": 1, "documents": 2,
        "size": 9, "told": msgspec.to_builtins(told),
    }  # fmt: skip
    for state in ("unknown_key", "refused", "part", "dealt", "discarded", "came"):
        ExchangePackage.objects.create(**row, way="to_cabinet", state=state, sequence=1, outcome=row["told"])
    for state in ("asked", "made", "failed"):
        ExchangePackage.objects.create(**row, way="to_company", state=state, stored=state == "made", sealed=True)
    return str(ExchangePackage.objects.create(**row, way="to_cabinet", state="looked", sequence=2).id)
