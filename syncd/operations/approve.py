"""Agreement to exactly what was shown."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.ports.state import WaitingRow
    from syncd.wiring.assembly import Store


class Waiting(msgspec.Struct, frozen=True):
    """A set of changes that waits for agreement, and whose client's it is."""

    code: str
    name: str
    changes: WaitingRow


class Selection(msgspec.Struct, frozen=True):
    """What is asked about. `alone`: what waits there too, and is agreed to by its client's code only."""

    sets: Sequence[Waiting]
    alone: Sequence[Waiting] = ()


class Agreed(msgspec.Struct, frozen=True):
    """`sets`: what was agreed to. `served`: a service does it now; else the next run does. `whole`: nothing is left to wait."""

    sets: Sequence[Waiting] = ()
    served: bool = False
    whole: bool = False


def waiting(config: Config) -> Selection:
    """All that waits, without agreeing to anything. Raises UsageError where nothing does."""
    from syncd.wiring import assembly

    with contextlib.closing(assembly.store(config, writes=True)) as store:
        return Selection(_there(store, (), everything=True))


def approve(
    config: Config, clients: Sequence[str], *, everything: bool, agrees: Callable[[Selection], bool]
) -> Agreed | None:
    """Let through what `agrees` was shown and says yes to, once, on the next run; None after a no.

    A set that has changed meanwhile is none of those that were shown. Raises UsageError where nothing waits.
    """
    from syncd.wiring import assembly, service_parts

    with contextlib.closing(assembly.store(config, writes=True)) as store:
        found = _select(store, clients, everything=everything)
        if not agrees(found):
            return None
        for each in found.sets:
            store.guards.agree(each.changes.client, each.changes.digests, time.time(), "cabinet")
        served = service_parts.service_runs(config)
        if served and found.sets:
            store.requests.ask([each.code for each in found.sets])
        return Agreed(found.sets, served, not found.alone)


def _select(store: Store, clients: Sequence[str], *, everything: bool) -> Selection:
    from syncd.core import plan_totals

    there = _there(store, clients, everything=everything)
    sets = [w for w in there if w.code in clients or w.changes.reason not in plan_totals.ALONE]
    return Selection(sets, [w for w in there if w not in sets])


def _there(store: Store, clients: Sequence[str], *, everything: bool) -> list[Waiting]:
    from syncd.core.errors import UsageError
    from syncd.core.words import faults

    rows = {r.id: r for r in store.clients.all()}  # a code may be that of a lost client, too, made anew since
    codes = {r.code for r in rows.values()}
    if unknown := [c for c in clients if c not in codes]:
        raise UsageError(faults.NO_CLIENT.of(codes=", ".join(unknown)), mend=faults.SEE_CLIENTS.of())
    found = [Waiting(rows[w.client].code, rows[w.client].name, w) for w in store.guards.waiting()]
    there = [w for w in found if everything or w.code in clients]
    if not there:
        raise UsageError(faults.NOTHING_WAITS.of())
    return there
