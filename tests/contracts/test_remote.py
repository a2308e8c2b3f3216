"""What every adapter of Remote owes (ports/remote.py): the reference in memory, and the real portal over HTTP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core import tree_digests
from syncd.core.entry import RemoteState
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.protocol import Caller, Cursor, FolderItem, GetItem, MoveItem, PutItem, Receipt, RemoveItem, RunSummary
from syncd.disk.directory import Directory
from syncd.disk.hashing import content_of, stamp_of
from syncd.local.resumable_files import FileSink, FileSource
from syncd.ports.remote import Remote
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from tests.e2e.world import CODE, World
from tests.support import databases
from tests.support.memory_portal import MemoryPortal, MemoryRemote

ME = Caller("engine", "machine", "instance")


class Side:
    """An adapter, the id of a client with folders Achats, Ventes and Interne (`none`), and a person depositing."""

    def __init__(
        self, remote: Remote, client: str, deposit: Callable[[str, bytes], object], remove: Callable[[str], object]
    ) -> None:
        self.remote, self.client, self.deposit, self.remove = remote, client, deposit, remove
        self.damage: Callable[[str], object] = lambda version_id: None
        self.me = ME
        self.loop = asyncio.new_event_loop()

    def do(self, verb: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(verb)

    def hello(self, cursor: Cursor | None = None) -> Any:
        return self.do(self.remote.hello(self.me, cursor))

    def put(self, path: str, data: bytes, doc: str | None = None, version: int = 0) -> Any:
        return self.do(
            self.remote.put([(PutItem(self.client, path, content_of(data), doc=doc, version=version), data)])
        ).results[0]

    def listing(self) -> Any:
        came: list[Any] = []
        self.do(self.remote.listings([self.client], came.append))
        (listing,) = came
        return listing

    def get(self, items: list[GetItem]) -> list[Any]:
        came: list[Any] = []
        self.do(self.remote.get(items, lambda item, data: came.append((item, data))))
        return came


def damaged(portal: MemoryPortal, version_id: str) -> None:
    (space,) = portal.spaces.values()
    for stored in space.docs.values():
        for n, (known, _) in enumerate(stored.known):
            if known == version_id:
                stored.versions[n] = b"rotten"


@pytest.fixture(params=["memory", "http"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    if request.param == "memory":
        portal = MemoryPortal()
        client = portal.add_client(
            CODE,
            "SARL Dupont",
            (FolderRule("Achats"), FolderRule("Ventes"), FolderRule("Interne", direction=Direction.NONE)),
        )
        made = Side(
            MemoryRemote(portal),
            client,
            lambda p, d: portal.deposit(client, p, d),
            lambda p: portal.remove(client, p),
        )
        made.damage = lambda version_id: damaged(portal, version_id)
        made.hello()
        yield made
    else:
        world: World = request.getfixturevalue("world")
        remote = HttpRemote(Session(Transport(world.url, world.token.read_text().strip())))
        made = Side(remote, "", lambda p, d: world.put(p, d), world.remove)
        made.damage = lambda i: databases.hurt(world.portal_dir, i, b"rotten")
        engine = world.syncd("client", "list")  # the same engine as the world's, so that the lease is ours
        assert engine.code == 0
        import sqlite3

        own = (
            sqlite3.connect(world.state / "state.db")
            .execute("select value from meta where key = 'engine'")
            .fetchone()[0]
        )
        import platform

        made.me = replace(ME, engine=own, machine=platform.node())
        first = made.hello()
        made.client = first.clients[0].id
        yield made
        made.do(remote.close())
        world.close()
    made.loop.close()


def test_the_first_answer_names_every_client_and_later_ones_only_what_changed(side: Side) -> None:
    first = side.hello()
    assert [c.id for c in first.clients] == [side.client]
    side.deposit("Achats/a.pdf", b"one")
    then = side.hello(first.cursor)
    assert [(c.client, c.doc.path, c.doc.content, c.doc.by_company) for c in then.docs] == [
        (side.client, "Achats/a.pdf", content_of(b"one"), True)
    ]
    assert not then.clients and not side.hello(then.cursor).docs


def test_whoever_only_listens_is_told_where_the_feed_is(side: Side) -> None:
    first = side.hello()
    listener = replace(ME, lease=False)
    assert side.do(side.remote.poll(listener, first.cursor, 0.0)) == first.cursor
    side.put("Achats/a.pdf", b"one")
    side.deposit("Achats/b.pdf", b"two")
    head = side.do(side.remote.poll(listener, first.cursor, 30.0))  # at once: it is elsewhere already
    whole = side.hello(first.cursor)
    assert len(whole.docs) == 2 and whole.cursor == head != first.cursor
    assert side.do(side.remote.poll(listener, replace(head, tag="f" * 32), 30.0)) == head


def test_a_cursor_it_never_gave_is_unknown(side: Side) -> None:
    now = side.hello().cursor
    assert side.hello(replace(now, tag="f" * 32)).unknown_cursor
    assert side.hello(replace(now, seq=now.seq + 1)).unknown_cursor
    assert side.hello(replace(now, epoch="0" * 32)).unknown_cursor


def test_a_listing_matches_its_own_count_and_digest_and_holds_tombstones(side: Side) -> None:
    side.put("Achats/a.pdf", b"one")
    side.put("Achats/b.pdf", b"two")
    side.remove("Achats/b.pdf")
    listing = side.listing()
    assert (listing.count, listing.digest) == tree_digests.listing(listing.docs, listing.folders)
    assert {(d.path, d.state) for d in listing.docs} == {
        ("Achats/a.pdf", RemoteState.LIVE),
        ("Achats/b.pdf", RemoteState.DELETED),
    }
    gone = next(d for d in listing.docs if d.state is RemoteState.DELETED)
    assert gone.tombstone and gone.deleted_by
    assert not any(f.path == "Interne" for f in listing.folders)


def test_putting_twice_is_one_document(side: Side) -> None:
    one, again = side.put("Achats/a.pdf", b"one"), side.put("Achats/a.pdf", b"one")
    assert one.ok and again.ok and one.doc == again.doc and one.doc.version == 1
    two = side.put("Achats/a.pdf", b"two", one.doc.id, 1)
    assert two.doc.version == 2 and two.doc.earlier == (content_of(b"one").sha256,)
    repeated = side.put("Achats/a.pdf", b"two", one.doc.id, 1)
    assert repeated.ok and repeated.doc == two.doc


def test_what_was_seen_otherwise_is_a_conflict(side: Side) -> None:
    doc = side.put("Achats/a.pdf", b"one").doc
    assert side.put("Achats/a.pdf", b"other").status == "conflict"
    assert side.put("Achats/a.pdf", b"other", doc.id, 7).status == "conflict"
    item = PutItem(side.client, "Achats/b.pdf", content_of(b"said"))
    assert side.do(side.remote.put([(item, b"sent")])).results[0].status == "conflict"
    side.remove("Achats/a.pdf")
    assert side.put("Achats/a.pdf", b"two", doc.id, 1).status == "conflict"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("Interne/a.pdf", "no_right"), ("Nulle part/a.pdf", "no_right"), ("Achats/a.exe", "extension_not_allowed"), ("Achats/../b.pdf", "bad_name"),
     ("/etc/passwd", "bad_name"), ("Achats/CON.pdf", "bad_name"), ("Achats/~$x.docx", "bad_name"), ("Achats/a\x00.pdf", "bad_name")],
)  # fmt: skip
def test_refusals_have_stable_codes(side: Side, path: str, reason: str) -> None:
    result = side.put(path, b"one")
    assert (result.status, result.reason) == ("refused", reason)


def test_a_refused_document_does_not_stop_the_batch(side: Side) -> None:
    items = [(PutItem(side.client, f"Achats/{n}", content_of(b"x")), b"x") for n in ("a.pdf", "b.exe", "c.pdf")]
    written = side.do(side.remote.put(items))
    assert [r.status for r in written.results] == ["ok", "refused", "ok"]


def test_own_writes_move_the_cursor_without_a_gap(side: Side) -> None:
    before = side.hello().cursor
    written = side.do(side.remote.put([(PutItem(side.client, "Achats/a.pdf", content_of(b"x")), b"x")]))
    assert written.before == before and not side.hello(written.after).docs


def test_bodies_come_as_asked_and_unknown_ones_never(side: Side) -> None:
    doc = side.put("Achats/a.pdf", b"one").doc
    good = GetItem(side.client, doc.id, doc.version_id, doc.content)
    forged = GetItem(side.client, doc.id, "0" * 32, content_of(b"nothing"))
    assert side.get([good, forged]) == [(good, b"one")]


def test_moves_keep_the_id_and_are_idempotent(side: Side) -> None:
    doc = side.put("Achats/a.pdf", b"one").doc
    move = MoveItem(side.client, "Achats/a.pdf", "Ventes/b.pdf", doc=doc.id)
    for _ in range(2):
        (result,) = side.do(side.remote.move([move])).results
        assert result.ok and result.doc.id == doc.id and result.doc.path == "Ventes/b.pdf"
    stale = MoveItem(side.client, "Achats/a.pdf", "Achats/c.pdf", doc=doc.id)
    assert side.do(side.remote.move([stale])).results[0].status == "conflict"


def test_folders_are_made_with_those_above_and_move_with_all_inside(side: Side) -> None:
    (made,) = side.do(side.remote.put([(FolderItem(side.client, "Achats/2025/Q1"), b"")])).results
    (again,) = side.do(side.remote.put([(FolderItem(side.client, "Achats/2025/Q1"), b"")])).results
    assert made.ok and made.folder == again.folder
    doc = side.put("Achats/2025/Q1/a.pdf", b"one").doc
    folder = next(f for f in side.listing().folders if f.path == "Achats/2025")
    assert (
        side.do(side.remote.move([MoveItem(side.client, "Achats/2025", "Ventes/Ex", folder=folder.id)])).results[0].ok
    )
    (found,) = side.do(side.remote.lookup(side.client, [doc.id]))
    assert found.path == "Ventes/Ex/Q1/a.pdf"
    (refused,) = side.do(side.remote.put([(FolderItem(side.client, "Interne/x"), b"")])).results
    assert refused.reason == "no_right"


def test_a_batch_makes_its_folders_and_names_them_in_their_order_among_its_documents(side: Side) -> None:
    def document(path: str) -> tuple[PutItem, bytes]:
        return PutItem(side.client, path, content_of(b"x")), b"x"

    batch: list[tuple[PutItem | FolderItem, bytes]] = [
        (FolderItem(side.client, "Achats/2025"), b""),
        document("Achats/2025/a.pdf"),
        (FolderItem(side.client, "Interne/x"), b""),
        document("Interne/x/b.pdf"),
        (FolderItem(side.client, "Ventes/2025"), b""),
        document("Ventes/c.pdf"),
    ]
    first, second = side.do(side.remote.put(batch)), side.do(side.remote.put(batch))
    assert [r.status for r in first.results] == ["ok", "ok", "refused", "refused", "ok", "ok"]
    assert first.results == second.results and second.before == second.after
    made = {f.path: f.id for f in side.listing().folders}
    assert first.results[0].folder.id == made["Achats/2025"] and first.results[4].folder.id == made["Ventes/2025"]
    assert first.results[1].doc.path == "Achats/2025/a.pdf" and "Interne/x" not in made


def test_a_folder_that_cannot_be_is_refused_alone(side: Side) -> None:
    wrong = [FolderItem(side.client, "../x"), FolderItem(side.client, ""), FolderItem("f" * 32, "Achats/x")]
    document = PutItem(side.client, "Achats/a.pdf", content_of(b"x"))
    written = side.do(side.remote.put([*((folder, b"") for folder in wrong), (document, b"x")]))
    assert [(r.status, r.reason) for r in written.results] == [
        ("refused", "bad_name"), ("refused", "bad_name"), ("refused", "no_right"), ("ok", "")
    ]  # fmt: skip


def test_removal_goes_to_the_bin_once_and_lookup_tells_missing_from_deleted(side: Side) -> None:
    doc = side.put("Achats/a.pdf", b"one").doc
    assert side.do(side.remote.remove([RemoveItem(side.client, doc.id, 9)])).results[0].status == "conflict"
    for _ in range(2):
        (result,) = side.do(side.remote.remove([RemoveItem(side.client, doc.id, 1, withdraw=True)])).results
        assert result.ok and result.doc.state is RemoteState.DELETED
    deleted, missing = side.do(side.remote.lookup(side.client, [doc.id, "f" * 32]))
    assert deleted.state is RemoteState.DELETED and missing is None


def test_parity_and_receipts(side: Side) -> None:
    doc = side.put("Achats/a.pdf", b"one").doc
    (claim,) = side.do(side.remote.parity([side.client]))
    assert (claim.count, claim.digest) == tree_digests.documents([("Achats/a.pdf", content_of(b"one"))])
    summary = RunSummary(
        1, 0.0, 1.0, "done", {"uploaded": 1}, 0, "0" * 64, 1, (), (Receipt(side.client, doc.id, 1, 1.0),), ()
    )
    before = side.do(side.remote.heads())
    for _ in range(2):
        side.do(side.remote.summary(summary))
    (head,) = side.do(side.remote.heads())[len(before) :]
    assert (head.run, head.at, head.head) == (1, 1.0, "0" * 64)


def test_a_generation_is_raised_by_summaries_and_set_anew_when_told_to(side: Side) -> None:
    def summary(run: int, generation: int) -> RunSummary:
        return RunSummary(run, 0.0, 1.0, "done", {}, 0, f"{run}" * 64, generation)

    for run, generation in ((1, 900), (2, 800)):
        side.do(side.remote.summary(summary(run, generation)))
    assert side.hello().generation == 900
    assert side.do(side.remote.hello(replace(side.me, generation=7, anew=True), None)).generation == 7
    side.do(side.remote.summary(summary(3, 8)))
    assert side.hello().generation == 8
    assert side.do(side.remote.hello(replace(side.me, generation=5, anew=True, lease=False), None)).generation == 8


def test_a_versions_own_date_goes_and_comes_with_it(side: Side, tmp_path: Path) -> None:
    """In a batch and by itself; of what nobody told a date of there is none."""
    side.hello()
    told = {"Achats/a.pdf": 1_400_000_000.25, "Achats/b.pdf": None}
    items = [(PutItem(side.client, p, content_of(p.encode()), modified=at), p.encode()) for p, at in told.items()]
    written = side.do(side.remote.put(items))
    data = b"x" * 9_000_000
    large = tmp_path / "l"
    large.write_bytes(data)
    source = FileSource(lambda: os.open(large, os.O_RDONLY), stamp_of(large.stat()))
    big = PutItem(side.client, "Achats/c.pdf", content_of(data), modified=1_300_000_000.5)
    results = [*written.results, *side.do(side.remote.put_large(big, source)).results]
    asked = [GetItem(side.client, r.doc.id, r.doc.version_id, r.doc.content) for r in results]
    came = {item.doc: item.modified for item, _ in side.get(asked)}
    assert [came[i.doc] for i in asked] == [1_400_000_000.25, None, 1_300_000_000.5]
    with Directory.at(str(tmp_path)) as directory:
        sink = FileSink(directory, "large-1")
        assert side.do(side.remote.get_large(asked[2], sink))
    assert (tmp_path / "large-1").stat().st_mtime == 1_300_000_000.5 and (tmp_path / "large-1").read_bytes() == data


def test_every_version_is_named_those_in_the_bin_too(side: Side) -> None:
    one = side.put("Achats/a.pdf", b"one").doc
    two = side.put("Achats/a.pdf", b"two", one.id, 1).doc
    other = side.put("Ventes/b.pdf", b"other").doc
    side.remove("Ventes/b.pdf")
    found = {(f.doc, f.path, f.version, f.version_id, f.content) for f in side.do(side.remote.versions(side.client))}
    assert found == {
        (one.id, "Achats/a.pdf", 1, one.version_id, content_of(b"one")),
        (one.id, "Achats/a.pdf", 2, two.version_id, content_of(b"two")),
        (other.id, "Ventes/b.pdf", 1, other.version_id, content_of(b"other")),
    }


def test_the_inventory_is_every_version_with_what_it_is_now_and_nothing_withdrawn(side: Side) -> None:
    one = side.put("Achats/a.pdf", b"one").doc
    two = side.put("Achats/a.pdf", b"two", one.id, 1).doc
    binned, withdrawn = side.put("Ventes/b.pdf", b"other").doc, side.put("Ventes/c.pdf", b"back").doc
    side.deposit("Achats/d.pdf", b"the company's")
    side.remove("Ventes/b.pdf")
    side.do(side.remote.remove([RemoveItem(side.client, withdrawn.id, withdrawn.version, withdraw=True)]))
    found = {k.version_id: k for k in side.do(side.remote.inventory(side.client))}
    theirs = next(k for k in found.values() if k.path == "Achats/d.pdf")
    assert {(k.doc, k.path, k.version, k.current, k.binned, k.content) for k in found.values()} == {
        (one.id, "Achats/a.pdf", 1, False, False, content_of(b"one")),
        (one.id, "Achats/a.pdf", 2, True, False, content_of(b"two")),
        (binned.id, "Ventes/b.pdf", 1, True, True, content_of(b"other")),
        (theirs.doc, "Achats/d.pdf", 1, True, False, content_of(b"the company's")),
    }
    assert found[two.version_id].origin == "engine" and theirs.origin == "company"
    assert withdrawn.version_id not in found and found[binned.version_id].deleted_by


def test_what_rots_is_named_and_healed_by_its_very_bytes_alone(side: Side) -> None:
    one = side.put("Achats/a.pdf", b"one").doc
    two = side.put("Achats/a.pdf", b"two", one.id, 1).doc
    assert side.do(side.remote.rehash(side.client)) == []
    for version in (one, two):
        side.damage(version.version_id)
    rotten = side.do(side.remote.rehash(side.client))
    assert {(r.doc, r.path, r.version_id, r.version, r.content, r.current) for r in rotten} == {
        (one.id, "Achats/a.pdf", one.version_id, 1, content_of(b"one"), False),
        (one.id, "Achats/a.pdf", two.version_id, 2, content_of(b"two"), True),
    }

    def healed(version: Any, data: bytes) -> Any:
        item = GetItem(side.client, one.id, version.version_id, content_of(data))
        (result,) = side.do(side.remote.heal([(item, data)]))
        return result.status, result.reason

    assert healed(one, b"wrong") == ("conflict", "damaged")
    assert healed(replace(one, version_id="0" * 32), b"one") == ("conflict", "gone")
    assert healed(one, b"one") == healed(two, b"two") == ("ok", "")
    assert side.do(side.remote.rehash(side.client)) == []
    assert side.get([GetItem(side.client, one.id, two.version_id, two.content)])[0][1] == b"two"
