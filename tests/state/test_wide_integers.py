"""What a disk says of a document is remembered as it was said, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, Known, RemoteDoc, SetAsideRecord, Tombstone
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.protocol import ClientState
from syncd.state.store import open_store
from tests.support.places import both

ODD = [0, -1, 2**63 - 1, 2**63, 2**64 - 1, 2**127 + 11, -(2**63) - 1]


@pytest.mark.parametrize("inode", ODD)
@pytest.mark.parametrize("time_ns", [-86_400 * 10**9 * 365, 13 * 10**18])  # 1969, 2381
def test_an_inode_and_a_time_of_any_size_are_kept(tmp_path: Path, inode: int, time_ns: int) -> None:
    stamp, content = Stamp(3, time_ns, time_ns, inode), Content(3, b"c" * 32)
    store = open_store(tmp_path)
    for client in ("c", "other"):
        store.clients.put(ClientState(client, client, client, 1))
    store.clients.set_dir("c", "c - c")
    with store.atomic():
        store.trees.local.observe("c", {DiskPath("Achats/a.pdf"): Known(stamp, content, 1)})
        store.trees.base.put("c", BaseDoc("d", *both("Achats/a.pdf"), content, 1, stamp))
        store.trees.base.put_folder("c", BaseFolder("f", *both("Achats"), inode))
        store.trees.remote.put("c", RemoteDoc("d", ClientPath("Achats/a.pdf"), content, 1))
    record = SetAsideRecord("d", Tombstone("t"), ClientPath("a"), DiskPath("supp_a"), content, inode, 3, done=False)
    row = store.set_asides.intend("c", record)
    assert store.set_asides.intended() == [(row, "c", record)]
    store.set_asides.settle(row, record)
    store.set_asides.put("c", record)
    store.close()
    store = open_store(tmp_path)
    assert store.trees.local.known("c") == {"Achats/a.pdf": Known(stamp, content, 1)}
    base = store.trees.base.load("c")
    assert base.docs["d"].stamp == stamp and base.folders["f"].inode == inode
    assert [r.inode for r in store.set_asides.of("c")] == [inode]
    assert store.trees.base.folder_places("c") == {("Achats", inode)}
    assert store.trees.local.find_inode(inode, 3, "other") == [("c - c", "Achats/a.pdf", content.sha256)]
    assert list(store.trees.settled("c")) == [("d", "Achats/a.pdf", "Achats/a.pdf")], "the columns are compared"
    store.close()
