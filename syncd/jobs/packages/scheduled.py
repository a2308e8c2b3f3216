"""Packages that somebody asks a running service to deal with: it alone may change the mirror then."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.disk import private

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.errors import SyncdError
    from syncd.engine.context import Context
    from syncd.jobs.packages.cabinet_apply import CabinetResult
    from syncd.ports.state import Request

NAME = "package"  # of requests for it
HOME = "packages"  # of the state's directory
ORDERS, NEW = "orders", "new-"
FORGOTTEN = 86_400.0  # seconds
_NAME = re.compile(r"[0-9a-f]{16}")


class Order(msgspec.Struct, frozen=True):
    """`name`: the package's own. `only`: folders, all when empty. `digest`: of the manifest that somebody agreed to."""

    name: str
    only: tuple[str, ...] = ()
    digest: str = ""


def order(home: Path, file: Path, only: tuple[str, ...], digest: str) -> Path:
    """Puts the package where the service finds it, all of it at once; its place there. Raises SyncdError."""
    place = home / ORDERS / secrets.token_hex(8)
    aside = place.with_name(f"{NEW}{place.name}")
    private.directory(home / ORDERS)
    try:
        private.directory(aside)
        shutil.copyfile(file, aside / file.name)
        (aside / "order").write_bytes(msgspec.json.encode(Order(file.name, only, digest)))
        aside.rename(place)
    except OSError as e:
        from syncd.jobs.packages import receiving

        withdraw(aside)
        raise receiving.unread(file, e, str(home)) from e
    return place


def withdraw_all(home: Path) -> None:
    """Of services that were killed: whoever asked them waits no more."""
    for place in (home / ORDERS).glob("*"):
        withdraw(place)


def withdraw(place: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(place)


class ScheduledPackages:
    """A ScheduledTask (engine.passes); never due by itself."""

    name = NAME
    due = float("inf")

    def __init__(self, config: Config) -> None:
        self._config = config
        self.results: dict[str, CabinetResult] = {}  # of orders that the service itself gave: whoever did takes its own

    async def __call__(self, ctx: Context, *, asked: Request | None) -> frozenset[str]:
        """The order that was asked for, and no other's: each is answered by itself."""
        orders = Path(self._config.mirror.state) / HOME / ORDERS
        await asyncio.to_thread(_drop_forgotten, orders)
        if asked is None:
            return frozenset()
        name = str(asked.wish.get("order", ""))
        if not _NAME.fullmatch(name):
            raise _gone()
        try:
            return await self._one(ctx, orders.parent, orders / name)
        finally:
            withdraw(orders / name)

    async def _one(self, ctx: Context, home: Path, place: Path) -> frozenset[str]:
        from syncd.core.packages.manifest import PackageRefused
        from syncd.core.words import packages as said
        from syncd.jobs.packages import receiving
        from syncd.jobs.packages.cabinet_apply import apply_package
        from syncd.jobs.packages.dates import shown

        try:
            wanted = msgspec.json.decode((place / "order").read_bytes(), type=Order)
        except (FileNotFoundError, msgspec.MsgspecError):  # its command was killed, or forgot it
            raise _gone() from None
        with contextlib.ExitStack() as held:
            found = await asyncio.to_thread(held.enter_context, receiving.opened_for(home, place / wanted.name))
            if found.package.digest != wanted.digest:  # another one took its place meanwhile
                raise PackageRefused(said.ALTERED.of(), mend=said.COPY_AGAIN.of())
            done = await apply_package(ctx, home, found, wanted.only, shown(self._config))
        self.results = {k: v for k, v in self.results.items() if (place.parent / k).exists()} | {place.name: done}
        return frozenset({done.row.id})


def _gone() -> SyncdError:
    from syncd.core.errors import SyncdError
    from syncd.core.words import packages as said

    return SyncdError(said.STOPPED.of(), mend=said.STOPPED_MEND.of())


def _drop_forgotten(orders: Path) -> None:
    """Of commands that were killed: each order is withdrawn by whoever gave it, or once it is dealt with."""
    for place in orders.glob("*"):
        with contextlib.suppress(OSError):
            if place.stat().st_mtime < time.time() - FORGOTTEN:
                withdraw(place)
