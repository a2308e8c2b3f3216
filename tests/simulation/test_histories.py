"""Random histories of people on both sides and runs between: it converges, idles, and nothing is ever lost."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from syncd.core.differing_entries import reduce
from syncd.core.entry import RemoteState
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.planner import plan
from syncd.core.snapshot import Snapshot
from syncd.engine.context import Context
from syncd.engine.decide.snapshots import snapshot, whole
from syncd.engine.stages import ClientScan
from tests.simulation.engine_in_memory import Lab
from tests.support import scratch

FOLDERS = (FolderRule("Achats"), FolderRule("Ventes"), FolderRule("Interne", direction=Direction.NONE))
HISTORIES = int(os.environ.get("SYNCD_HISTORIES", "1000"))

names = st.sampled_from(["a.pdf", "b.pdf", "A.pdf", "supp_a.pdf", "é.pdf"])
folders = st.sampled_from(["Achats", "Ventes", "Achats/2025", "Achats/2025/Q1", "Ventes/x"])
paths_ = st.builds(lambda f, n: f"{f}/{n}", folders, names)
data = st.sampled_from([b"1", b"2", b"3", b"longer one", b"longer two"])
step = st.one_of(
    st.tuples(st.just("run")),
    st.tuples(st.just("write"), paths_, data),
    st.tuples(st.just("unlink"), paths_),
    st.tuples(st.just("rename"), paths_, paths_),
    st.tuples(st.just("rename"), folders, folders),
    st.tuples(st.just("deposit"), paths_, data),
    st.tuples(st.just("remove"), paths_),
    st.tuples(st.just("move"), paths_, paths_),
    st.tuples(st.just("move_folder"), folders, folders),
    st.tuples(st.just("remove_folder"), st.sampled_from(["Achats/2025", "Achats/2025/Q1", "Ventes/x"])),
    st.tuples(st.just("restore"), st.integers(0, 5)),
    st.tuples(st.just("hide"), paths_),
)


def seen_alike(ctx: Context, seen: ClientScan) -> Snapshot:
    """plan(delta) = plan(all), asserted at every plan of every history; the database finds the delta that `reduce` finds."""
    every = whole(ctx, seen)
    plain, narrow = reduce(every), snapshot(ctx, seen)
    for small in (plain, narrow):
        some, all_ = (plan(s, seen.client.rules, "2026-11-21 14h03") for s in (small, every))
        for part in ("actions", "refusals", "problems", "notices"):
            assert Counter(getattr(some, part)) == Counter(getattr(all_, part)), part
    assert narrow.base.docs == plain.base.docs and narrow.remote.docs == plain.remote.docs
    assert narrow.occupied == plain.occupied
    assert {d.disk for d in narrow.local.docs} == {d.disk for d in plain.local.docs}
    return narrow


def play(lab: Lab, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    lab.run()
    for verb, *args in steps:
        VERBS[verb](lab, *args)


def _rename(lab: Lab, old: str, new: str) -> None:
    if "/" in old:
        lab.rename(old, new)


def _move(lab: Lab, old: str, new: str) -> None:
    client = lab.clients["001"]
    space = lab.portal.spaces[client]
    stored = space.live(old)
    if stored is not None and not any(space.live(f) for f in new.split("/")[:-1]):
        lab.portal.move_doc(client, stored.doc.id, new)


def _move_folder(lab: Lab, old: str, new: str) -> None:
    client = lab.clients["001"]
    folder = lab.portal.spaces[client].folder(old)
    if folder is not None:
        lab.portal.move_folder(client, folder, new)


def _restore(lab: Lab, which: int) -> None:
    client = lab.clients["001"]
    gone = [i for i, s in lab.portal.spaces[client].docs.items() if s.doc.state is RemoteState.DELETED]
    if len(gone) > which:
        lab.portal.restore(client, gone[which])


VERBS: dict[str, Callable[..., object]] = {
    "run": Lab.run,
    "write": Lab.write,
    "unlink": Lab.unlink,
    "rename": _rename,
    "deposit": Lab.deposit,
    "remove": lambda lab, path: lab.portal.remove(lab.clients["001"], path),
    "move": _move,
    "move_folder": _move_folder,
    "remove_folder": lambda lab, path: lab.portal.remove_folder(lab.clients["001"], path),
    "restore": _restore,
    "hide": lambda lab, path: lab.rename(path, "Interne/" + path.replace("/", "_")),
}


@pytest.mark.parametrize("part", range(4))  # for as many workers
@examples(max_examples=-(-HISTORIES // 4))
@given(steps=st.lists(step, min_size=2, max_size=14))
def test_any_history_converges_and_loses_nothing(part: int, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    with (
        tempfile.TemporaryDirectory(dir=scratch.memory()) as base,
        mock.patch("syncd.engine.decide.review.snapshot", seen_alike),
    ):
        lab = Lab(Path(base), FOLDERS)
        play(lab, steps)
        lab.check()
        lab.state.close()


def test_a_folder_moves_online_and_one_of_its_documents_back_to_its_old_place() -> None:
    """Found by a history (seed 2004431): the document looked settled and was carried away with its folder."""
    with (
        tempfile.TemporaryDirectory() as base,
        mock.patch("syncd.engine.decide.review.snapshot", seen_alike),
    ):
        lab = Lab(Path(base), FOLDERS)
        play(
            lab,
            [
                ("write", "Achats/2025/é.pdf", b"3"),
                ("run",),
                ("move_folder", "Achats/2025", "Ventes/2025"),
                ("move", "Ventes/2025/é.pdf", "Achats/2025/é.pdf"),
                ("run",),
            ],
        )
        lab.check()
        lab.state.close()
