"""What `syncd status` reads of the state, beside whoever works with it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from syncd.core.protocol import ClientState
from syncd.state.overview import overview
from syncd.state.store import open_store


def test_a_client_that_was_made_anew_stands_there_once(tmp_path: Path) -> None:
    with contextlib.closing(open_store(tmp_path)) as store, store.atomic():
        for ident, code, closed in (("a", "001", True), ("b", "001", False), ("c", "002", True)):
            store.clients.put(ClientState(ident * 32, code, f"Client {ident}", 1, closed))
    for asked in (None, "001"):
        named = [(c.name, c.closed) for c in overview(tmp_path, asked).clients if c.code == "001"]
        assert named == [("Client b", False)]
    assert [c.name for c in overview(tmp_path).clients] == ["Client b", "Client c"]
