"""A document that cannot be placed, or is taken away at once, is said and tried again after a growing pause: nothing is
fetched in vain, and no copy stays behind (HAZARDS 63)."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core import words
from syncd.core.folder_rules import FolderRule, OnLocalRemoval
from syncd.core.paths import DiskPath
from syncd.core.protocol import FolderItem, GetItem, Listing, PutItem, Result, Unsound, Written
from syncd.engine import action_backoff
from syncd.local.mirror import DiskMirror
from syncd.ports.remote import NotGiven, Sink
from tests.simulation.engine_in_memory import Lab
from tests.support.memory_portal import MemoryRemote

FOLDERS = (FolderRule("Achats", on_local_removal=OnLocalRemoval.RESTORE),)
SMALL, LARGE = b"x" * 3_000, b"y" * 9_000_000
MINUTE = 60.0


class Counted(Lab):
    """`fetched`: bytes of each request; `kept`: bytes of documents in the engine's own directories."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(base, FOLDERS, ("001", "002"))
        self.fetched: list[int] = []
        get = self.remote.get

        async def counted(items: Sequence[GetItem], take: Callable[[GetItem, bytes], None]) -> None:
            self.fetched += [item.content.size for item in items]
            await get(items, take)

        monkeypatch.setattr(self.remote, "get", counted)  # large ones come by it, too

    @property
    def kept(self) -> list[str]:
        return [p.name for p in self.dir().rglob(".syncd/*/*") if p.is_file()]

    def later(self, seconds: float) -> None:
        self.clock.time += seconds


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    lab = Counted(tmp_path / "lab", monkeypatch)
    lab.run()
    return lab


def unplaceable(name: str, error: int) -> pytest.MonkeyPatch:
    patch, real = pytest.MonkeyPatch(), DiskMirror.place

    def place(self: DiskMirror, client: str, temp: str, disk: str) -> object:
        if disk.endswith(name):
            raise OSError(error, "Operation not permitted")
        return real(self, client, temp, DiskPath(disk))

    patch.setattr(DiskMirror, "place", place)
    return patch


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_six_runs_fetch_a_document_that_cannot_be_placed_twice(lab: Counted, data: bytes) -> None:
    lab.deposit("Achats/scan.pdf", data)
    patch = unplaceable("scan.pdf", errno.EPERM)
    for n in range(6):
        lab.deposit(f"Achats/{n}.pdf", b"another")
        lab.deposit(f"Achats/{n}.pdf", b"of another client", "002")
        summary = lab.run()
        assert (summary["exit_code"], summary["downloaded"]) == (3, 2)
        assert [(e.client, e.path, e.reason) for e in lab.events if e.reason] == [
            ("001", "Achats/scan.pdf", "unreadable")
        ]
        assert lab.kept == ["client.json"] or lab.kept == [], lab.kept
    assert lab.fetched.count(len(data)) == 2
    patch.undo()
    lab.later(11 * MINUTE)
    assert lab.run()["exit_code"] == 0
    assert lab.here()["Achats/scan.pdf"] == data and lab.fetched.count(len(data)) == 3
    assert lab.state.progress.pauses(lab.clients["001"]) == {}
    lab.check()


def test_the_pause_grows_and_ends_for_whoever_asks_by_name(lab: Counted) -> None:
    lab.deposit("Achats/scan.pdf", SMALL)
    patch = unplaceable("scan.pdf", errno.EPERM)
    tried = []
    for minute in range(0, 24 * 60, 5):
        before = len(lab.fetched)
        assert lab.run()["exit_code"] == 3
        if len(lab.fetched) > before:
            tried.append(minute)
        lab.later(5 * MINUTE)
    pauses = [b - a for a, b in itertools.pairwise(tried)]
    assert len(tried) <= 10 and pauses == sorted(pauses) and pauses[-1] <= 6 * 60 + 5
    patch.undo()
    assert lab.run()["exit_code"] == 3, "not yet"
    lab.settings = replace(lab.settings, only=frozenset({"001"}))
    assert lab.run()["exit_code"] == 0 and lab.here()["Achats/scan.pdf"] == SMALL


def test_another_version_or_place_is_tried_at_once(lab: Counted) -> None:
    lab.deposit("Achats/scan.pdf", SMALL)
    patch = unplaceable("scan.pdf", errno.ENAMETOOLONG)
    assert [lab.run()["exit_code"] for _ in range(4)] == [3] * 4 and len(lab.fetched) == 2
    lab.deposit("Achats/scan.pdf", b"a second version")
    assert lab.run()["exit_code"] == 3 and len(lab.fetched) == 3
    client = lab.clients["001"]
    stored = lab.portal.spaces[client].live("Achats/scan.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/renamed.pdf")
    assert lab.run()["exit_code"] == 0 and lab.here() == {"Achats/renamed.pdf": b"a second version"}
    patch.undo()
    lab.check()


def test_a_full_disk_is_tried_again_at_once(lab: Counted) -> None:
    lab.deposit("Achats/scan.pdf", SMALL)
    patch = unplaceable("scan.pdf", errno.ENOSPC)
    assert [lab.run()["exit_code"] for _ in range(4)] == [3] * 4
    assert [e.reason for e in lab.events] == ["disk_full"] and lab.run()["verdict"] == "error"
    assert "faites de la place" in words.reason("disk_full")
    patch.undo()
    assert lab.run()["exit_code"] == 0, lab.events


def test_what_a_virus_scanner_takes_away_is_not_fetched_without_end(lab: Counted) -> None:
    lab.deposit("Achats/invoice.pdf", SMALL)
    lab.deposit("Achats/sane.pdf", b"sane")
    lab.run()
    for _ in range(12):  # each removal is an event, and a pass
        (lab.dir() / "Achats" / "invoice.pdf").unlink(missing_ok=True)
        lab.run()
    assert lab.fetched.count(len(SMALL)) == 3, "when it came, and twice again"
    (told,) = [e for e in lab.events if e.reason]
    assert (told.path, told.reason) == ("Achats/invoice.pdf", "taken_away") and words.REASONS["taken_away"]
    lab.later(11 * MINUTE)
    lab.run()
    assert lab.here()["Achats/invoice.pdf"] == SMALL and lab.fetched.count(len(SMALL)) == 4
    lab.check()


def test_a_persons_own_removal_is_undone_at_once_a_day_later(lab: Counted) -> None:
    lab.deposit("Achats/a.pdf", SMALL)
    lab.run()
    for _ in range(3):
        (lab.dir() / "Achats" / "a.pdf").unlink()
        assert lab.run()["downloaded"] == 1
        lab.later(action_backoff.FORGOTTEN + action_backoff.LONGEST)
    assert (
        lab.state.progress.pauses(lab.clients["001"])[
            next(iter(lab.state.trees.base.load(lab.clients["001"]).docs))
        ].tries
        == 1
    )


def spoilt(lab: Counted, monkeypatch: pytest.MonkeyPatch, how: str, spoils: Callable[[int], bool]) -> list[int]:
    """What comes of documents of such a size is not what was said of it; their sizes, as they are asked for."""
    asked: list[int] = []
    get = MemoryRemote(lab.portal).get

    async def some(items: Sequence[GetItem], take: Callable[[GetItem, bytes], None]) -> None:
        bad = [i for i in items if spoils(i.content.size)]
        asked.extend(i.content.size for i in bad)
        await get([i for i in items if i not in bad], take)
        if how == "barred" and bad:
            raise NotGiven({i.version_id: "proxy_barred 403" for i in bad})

    async def large(item: GetItem, sink: Sink) -> bool:
        came: list[bytes] = []
        if not spoils(item.content.size):
            await get([item], lambda _, data: came.append(data))
            await sink.write(0, *came)
            return True
        asked.append(item.content.size)
        if how == "barred":
            raise NotGiven({item.version_id: "proxy_barred 403"})
        if how == "damaged":
            await sink.write(0, bytes(item.content.size))
        return how == "damaged"

    monkeypatch.setattr(lab.remote, "get", some)
    monkeypatch.setattr(lab.remote, "get_large", large)
    return asked


@pytest.mark.parametrize("how", ["missing", "damaged", "barred"])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_what_the_portal_does_not_give_as_it_is_said_to_be_is_asked_for_after_growing_pauses(
    lab: Counted, monkeypatch: pytest.MonkeyPatch, how: str, data: bytes
) -> None:
    """Its client's whole list is not asked for again, and everybody is served meanwhile."""
    asked = spoilt(lab, monkeypatch, how, lambda size: size == len(data))
    listed: list[str] = []
    listings = lab.remote.listings

    async def counted(clients: Sequence[str], take: Callable[[Listing | Unsound], None]) -> None:
        listed.extend(clients)
        await listings(clients, take)

    monkeypatch.setattr(lab.remote, "listings", counted)
    lab.deposit("Achats/scan.pdf", data)
    for n in range(5):
        lab.deposit(f"Achats/{n}.pdf", b"another")
        lab.write(f"Achats/{n} sent.pdf", b"of another client", "002")
        summary = lab.run()
        assert (summary["exit_code"], summary["downloaded"], summary["uploaded"]) == (3, 1, 1)
        (told,) = [e for e in lab.events if e.reason]
        assert (told.client, told.path) == ("001", "Achats/scan.pdf")
        assert (told.reason, told.detail) == {
            "missing": ("failed", "not_given"), "barred": ("proxy_barred", "403"),
            "damaged": ("failed", "other_content" if data is LARGE else "not_given"),
        }[how]  # fmt: skip
    assert asked == [len(data)] * 2 and listed == []
    for _ in range(36):
        lab.later(10 * MINUTE)
        lab.run()
    assert len(asked) <= 8
    monkeypatch.undo()
    lab.later(6 * 60 * MINUTE)
    assert lab.run()["exit_code"] == 0 and lab.here()["Achats/scan.pdf"] == data
    assert lab.state.progress.pauses(lab.clients["001"]) == {}
    lab.check()


def test_what_was_said_of_it_was_wrong_is_learnt_by_asking_for_it_alone(
    lab: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was withdrawn, and no feed said so."""
    spoilt(lab, monkeypatch, "missing", lambda size: size == len(SMALL))
    lab.deposit("Achats/scan.pdf", SMALL)
    space = lab.portal.spaces[lab.clients["001"]]
    assert lab.run()["exit_code"] == 3
    stored = space.live("Achats/scan.pdf")
    assert stored is not None
    del space.docs[stored.doc.id]
    lab.later(11 * MINUTE)
    assert [lab.run()["exit_code"] for _ in range(3)] == [3, 0, 0]


@pytest.mark.parametrize("reason", ["proxy_barred", "line_cut"])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_what_a_firewall_bars_is_named_and_sent_again_after_growing_pauses(
    lab: Counted, monkeypatch: pytest.MonkeyPatch, data: bytes, reason: str
) -> None:
    sent: list[int] = []
    put = lab.remote.put

    async def guarded(items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        bad = [n for n, (_, body) in enumerate(items) if body == data]
        sent.extend(len(data) for _ in bad)
        written = await put([one for n, one in enumerate(items) if n not in bad])
        results = list(written.results)
        for n in bad:
            results.insert(n, Result("refused", reason, "403"))
        return replace(written, results=tuple(results))

    monkeypatch.setattr(lab.remote, "put", guarded)  # large ones go by it, too
    lab.write("Achats/scan.pdf", data)
    for n in range(5):
        lab.write(f"Achats/{n}.pdf", b"another")
        lab.write(f"Achats/{n}.pdf", b"of another client", "002")
        summary = lab.run()
        assert (summary["exit_code"], summary["uploaded"], summary["refused"]) == (3, 2, 1)
        (told,) = [e for e in lab.events if e.reason]
        assert (told.client, told.action, told.path) == ("001", "refused", "Achats/scan.pdf")
        assert (told.reason, told.detail, told.new) == (reason, "403", n == 0)
    said = words.reason(reason, "403")
    assert "pare-feu" in said and "antivirus" in said
    assert sent == [len(data)] * 2
    monkeypatch.undo()
    assert lab.run()["exit_code"] == 3, "not yet"
    lab.later(11 * MINUTE)
    assert lab.run()["exit_code"] == 0 and lab.online()["Achats/scan.pdf"] == data
    assert lab.state.progress.pauses(lab.clients["001"]) == {}
    lab.check()
