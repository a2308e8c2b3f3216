"""While it waits for news, the service asks whose documents changed, never what: the pass that follows asks that."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import Hello
from syncd.engine import Parts
from syncd.engine.scheduler import Scheduler
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab


def test_the_long_poll_carries_no_changes(tmp_path: Path) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),), ("001", "002"))
    lab.believed = itertools.repeat(0)
    lab.run()
    lab.deposit("Achats/a.pdf", b"deposited", "002")
    hello, came = lab.remote.hello, list[Hello]()

    async def heard(*args: Any, **named: Any) -> Hello:
        came.append(await hello(*args, **named))
        return came[-1]

    lab.remote.hello = heard  # type: ignore[method-assign]

    async def work() -> frozenset[str]:
        parts = Parts(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
        events: Any = None
        watch = Scheduler(parts, lab.settings, events, events, 900.0, lambda *told: None, lambda *said, **more: None)
        await watch._listen()
        return frozenset(watch.marks.due)

    assert asyncio.run(work()) == {lab.clients["002"]}
    assert [(h.docs, h.folders, h.clients) for h in came] == [((), (), ())]
