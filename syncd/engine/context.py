"""What every step of a run works with: ports, settings, and the recorder of what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from syncd.core.events import Event
from syncd.core.guards import Limits
from syncd.ports.clock import Clock
from syncd.ports.local import Mirror
from syncd.ports.remote import Remote
from syncd.ports.state import State

if TYPE_CHECKING:
    from syncd.engine.recorder import Recorder

LARGE = 8_000_000
BATCH_BYTES = 16_000_000
BATCH_COUNT = 2000


class Settings(msgspec.Struct, frozen=True):
    """`cabinet` and `root`: ids bound by `init`. `only`: codes asked for, empty: all. Times in seconds.

    `places`: by code, where in that client alone something is done; a client that is not named: everywhere.
    `patient`: a run waits for young documents and says which are still moving; a service comes back for them instead.
    `resting`: nothing is transferred at these hours.
    `link`: the portal's address that each client's directory gets a link to, '' for none.
    `stamp`: turns a time into a conflict copy's `2026-11-21 14h03`, in the cabinet's time zone.
    """

    cabinet: str
    root: str
    engine: str
    machine: str
    instance: str
    stamp: Callable[[float], str]
    limits: Limits = msgspec.field(default_factory=Limits)
    settle: float = 2.0
    exclude: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()
    dry_run: bool = False
    max_duration: float | None = None
    reserve: int = 64_000_000
    patient: bool = True
    resting: Callable[[], bool] = lambda: False
    places: Mapping[str, tuple[str, ...]] = {}
    link: str = ""


class Ports(msgspec.Struct, frozen=True):
    """What the engine works through; only `wiring` knows who stands behind each."""

    remote: Remote
    mirror: Mirror
    state: State
    clock: Clock


class Context(msgspec.Struct, frozen=True):
    """What every step of a run is given first: what it works through, how it is to work, and who takes what it says."""

    ports: Ports
    settings: Settings
    recorder: Recorder

    @property
    def remote(self) -> Remote:
        return self.ports.remote

    @property
    def mirror(self) -> Mirror:
        return self.ports.mirror

    @property
    def state(self) -> State:
        return self.ports.state

    @property
    def clock(self) -> Clock:
        return self.ports.clock


Emit = Callable[[Event], None]


class Stop(Exception):
    """The run ends between two documents: a signal (130, 143) or its time budget (10)."""

    def __init__(self, code: int) -> None:
        self.code = code
