"""While the portal is asked, the engine looks and walks already; what it hears then overrules what it saw."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.errors import Unreachable
from syncd.core.folder_rules import FolderRule
from syncd.engine import Ports, run_once
from syncd.local.mirror import DiskMirror
from syncd.local.scan import Walk
from syncd.ports.local import Scan
from tests.simulation.engine_in_memory import Lab


class Slow(Lab):
    """The portal answers once a client was walked; `meanwhile` happens just before. `read`: how many documents were."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, (FolderRule("Achats"), FolderRule("Ventes")), ("001", "002"))
        self.walks: list[str] = []
        self.read = 0
        self.meanwhile: Callable[[], object] = lambda: None


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slow:
    made, scan, content = Slow(tmp_path), DiskMirror.scan, Walk.content
    made.believed = itertools.repeat(0)
    made.converge()
    hello = made.remote.hello

    async def slow(*args: Any) -> Any:
        while not made.walks:
            await asyncio.sleep(0)
        made.meanwhile()
        return await hello(*args)

    def walked(self: DiskMirror, client: str, *args: Any) -> Scan:
        made.walks.append(client[:3])
        return scan(self, client, *args)

    def read(self: Walk, *args: Any) -> Any:
        made.read += 1
        return content(self, *args)

    monkeypatch.setattr(made.remote, "hello", slow)
    monkeypatch.setattr(DiskMirror, "scan", walked)
    monkeypatch.setattr(Walk, "content", read)
    made.write("Achats/facture.pdf", b"an invoice", "002")
    return made


def test_what_was_walked_while_the_portal_was_asked_is_not_walked_again(lab: Slow) -> None:
    lab.run()
    assert lab.walks == ["002"] and [e.path for e in lab.changes] == ["Achats/facture.pdf"]
    lab.check()


def test_what_the_portal_says_of_rules_meanwhile_is_what_holds(lab: Slow) -> None:
    space = lab.portal.spaces[lab.clients["002"]]

    def withheld() -> None:
        lab.meanwhile = lambda: None
        space.tree = replace(space.tree, tree=2, withheld=("achats",))
        space.state = replace(space.state, tree=2)
        lab.portal.changed("client", lab.clients["002"])

    lab.meanwhile = withheld
    lab.run()
    assert lab.walks == ["002", "002"] and not space.docs


def test_what_the_portal_deletes_meanwhile_is_set_aside(lab: Slow) -> None:
    lab.run()
    lab.walks.clear()
    lab.write("Ventes/devis.pdf", b"an offer", "002")
    lab.meanwhile = lambda: lab.portal.remove(lab.clients["002"], "Achats/facture.pdf")
    lab.run()
    assert lab.walks == ["002"] and (lab.dir("002") / "Achats" / "supp_facture.pdf").read_bytes() == b"an invoice"
    lab.check()


def test_what_was_read_is_not_read_again_though_the_portal_never_answered(lab: Slow) -> None:
    def gone() -> None:
        lab.meanwhile = lambda: None
        raise Unreachable("not there")

    lab.meanwhile = gone
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    summary = asyncio.run(run_once(parts, lab.settings, lab.events.append)).as_dict()
    assert summary["verdict"] == "abandoned" and lab.read == 1
    lab.run()
    assert lab.read == 1 and lab.walks == ["002", "002"]
    lab.check()
