"""Packages that somebody asks a running service to deal with: it alone may change the mirror then."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.disk import private

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.engine.context import Context

NAME = "package"  # of requests for it
ORDERS = "orders"


class Order(msgspec.Struct, frozen=True):
    """`name`: the package's own. `only`: folders, all when empty."""

    name: str
    only: tuple[str, ...] = ()


def order(home: Path, file: Path, only: tuple[str, ...]) -> Path:
    """Puts the package where the service finds it; its place there."""
    place = home / ORDERS / secrets.token_hex(8)
    private.directory(home / ORDERS)
    private.directory(place)
    shutil.copyfile(file, place / file.name)
    (place / "order").write_bytes(msgspec.json.encode(Order(file.name, only)))
    return place


def withdraw(place: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(place)


class ScheduledPackages:
    """A ScheduledTask (engine.passes); never due by itself."""

    name = NAME
    due = float("inf")

    def __init__(self, config: Config) -> None:
        self._config = config

    async def __call__(self, ctx: Context, *, asked: bool) -> frozenset[str]:
        from syncd.jobs.packages.cabinet_apply import HOME, apply_package
        from syncd.jobs.packages.dates import shown

        home = Path(self._config.mirror.state) / HOME
        touched = set[str]()
        for place in sorted((home / ORDERS).glob("*")):
            try:
                wanted = msgspec.json.decode((place / "order").read_bytes(), type=Order)
                done = await apply_package(ctx, home, place / wanted.name, wanted.only, shown(self._config))
                touched.add(done.row.id)
            except (FileNotFoundError, msgspec.MsgspecError):  # of a command that was killed
                continue
            finally:
                withdraw(place)
        return frozenset(touched)
