"""What is remembered of the disk is believed only when it was read late enough after its last change."""

from __future__ import annotations

from syncd.core.content import Content, Stamp
from syncd.ports.local import RACY_NS, Known
from syncd.state import open_store

OLD = Stamp(3, 10, 10, 7)


def test_one_document_read_too_soon_makes_the_client_be_looked_at_whole(tmp_path):
    store = open_store(tmp_path)
    sound = Known(OLD, Content(3, b"x" * 32), 10 + RACY_NS)
    store.observe_local("c", {"a.pdf": sound}, ["a.pdf"])
    assert store.stats("c") == {"a.pdf": (3, 10, 10, 7)}
    store.observe_local("c", {"b.pdf": Known(OLD, Content(3, b"x" * 32), 11)}, ["b.pdf"])
    assert store.stats("c") is None  # were it merely left out, its removal would go unseen
