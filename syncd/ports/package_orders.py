"""What people at the portal order of exchange packages, as the service sees it."""

from __future__ import annotations

from typing import Protocol

from syncd.core.package_orders import PackageOrder, PackageOrders, PackageReport
from syncd.ports.remote import Sink, Source


class PackageDesk(Protocol):
    """Raises Unreachable when the portal is away, Refused when the key is, AlreadyRunning when another engine has the lease."""

    async def exchange(self, told: PackageReport) -> PackageOrders:
        """What is ordered now. Repeating it changes nothing more."""
        ...

    async def fetch(self, order: PackageOrder, sink: Sink) -> bool:
        """The package's bytes, from what the sink holds already; False when the portal has none."""
        ...

    async def bring(self, order: PackageOrder, source: Source) -> None:
        """A package that was made; what had come before a cut is not sent again."""
        ...

    async def close(self) -> None: ...
