"""Whatever is wrong in, or at the place of, one client's directory: that client says what, all others are served
(HAZARDS 62)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.core import words
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.paths import DiskPath
from syncd.core.protocol import GetItem
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

FOLDERS = (FolderRule("Achats"), FolderRule("Interne", direction=Direction.NONE))
CODES = ("001", "002")
Mend = Callable[[], object]


def in_the_place_of(place: Path, what: str = "a file") -> Mend:
    lab = next(up for up in place.parents if up.name == "lab")
    kept = lab / f"{place.name}.kept"
    if place.exists():
        place.rename(kept)
    match what:
        case "a file":
            place.write_bytes(b"of a person")
        case "a link to nothing":
            place.symlink_to("nowhere")
        case "a link to itself":
            place.symlink_to(place.name)

    def mend() -> None:
        place.unlink()
        if kept.exists():
            kept.rename(place)

    return mend


def leftover_that_stays(lab: Lab) -> Mend:
    own = lab.dir() / ".syncd"
    (own / "tmp").mkdir(exist_ok=True)
    (own / "tmp" / "leftover").write_bytes(b"of a run that was killed")
    return in_the_place_of(own / "replaced")


def no_text(lab: Lab) -> Mend:
    odd = os.fsencode(lab.dir()) + b" \xe9t\xe9"
    os.rename(lab.dir(), odd)
    return lambda: os.rename(odd, lab.dir())


def folder_added(lab: Lab) -> Mend:
    space = lab.portal.spaces[lab.clients["001"]]
    lab.portal.make_folder(space, "Achats/2026")
    return in_the_place_of(lab.dir() / "Achats" / "2026")


def not_writable(lab: Lab) -> Mend:
    """As on a disk where the marker is immutable: here everybody may write."""
    patch, real = pytest.MonkeyPatch(), DiskMirror.set_generation

    def refused(self: DiskMirror, root: object, clients: dict[str, object]) -> dict[str, str]:
        mine = {n: m for n, m in clients.items() if n != lab.dir().name}
        return real(self, root, mine) | {n: "Operation not permitted" for n in clients if n not in mine}  # type: ignore[arg-type]

    patch.setattr(DiskMirror, "set_generation", refused)
    return patch.undo


def unreadable(lab: Lab) -> Mend:
    patch, real = pytest.MonkeyPatch(), DiskMirror.scan

    def scan(self: DiskMirror, client: str, *rest: object) -> object:
        if client == lab.dir().name:
            raise PermissionError(13, "Permission denied", str(lab.dir()))
        return real(self, client, *rest)  # type: ignore[arg-type]

    patch.setattr(DiskMirror, "scan", scan)
    return patch.undo


def unheard_of(lab: Lab) -> Mend:
    """What nobody thought of, while the client is looked at."""
    patch, real = pytest.MonkeyPatch(), DiskMirror.scan

    def scan(self: DiskMirror, client: str, *rest: object) -> object:
        if client == lab.dir().name:
            raise KeyError("never seen")
        return real(self, client, *rest)  # type: ignore[arg-type]

    patch.setattr(DiskMirror, "scan", scan)
    return patch.undo


def away(lab: Lab) -> Mend:
    lab.dir().rename(lab.base / "away")
    return lambda: (lab.base / "away").rename(lab.dir())


# fault → how it is made, what is said, where
FAULTS: dict[str, tuple[Callable[[Lab], Mend], str, str]] = {
    "a leftover that cannot be put away": (leftover_that_stays, "stop_not_ours", ".syncd/replaced"),
    "the engine's directory a file": (lambda lab: in_the_place_of(lab.dir() / ".syncd"), "stop_not_ours", ".syncd"),
    "what arrives has a file in its place": (
        lambda lab: in_the_place_of(lab.dir() / ".syncd" / "tmp"), "stop_not_ours", ".syncd/tmp",
    ),
    "a folder of the tree alone has a file in its place": (
        lambda lab: in_the_place_of(lab.dir() / "Interne"), "not_a_folder", "Interne",
    ),
    "a new folder has a file in its place": (folder_added, "name_collision not_a_folder", "Achats/2026"),
    "the marker cannot be written": (not_writable, "stop_client_directory", ".syncd/client.json"),
    "the directory cannot be read": (unreadable, "stop_client_directory", "001 - Client 001"),
    "something nobody thought of": (unheard_of, "stop_client_directory", "001 - Client 001"),
    "the directory a file": (lambda lab: in_the_place_of(lab.dir()), "stop_client_marker", "001 - Client 001"),
    "the directory a link to itself": (
        lambda lab: in_the_place_of(lab.dir(), "a link to itself"), "stop_client_marker", "001 - Client 001",
    ),
    "a name that is no text": (no_text, "stop_client_name", "001 - Client 001 \\xe9t\\xe9"),
    "the directory is away": (away, "stop_client_marker", "001 - Client 001"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_one_clients_fault_stays_with_that_client(lab: Lab, fault: str) -> None:
    make, reasons, place = FAULTS[fault]
    lab.write("Achats/second.pdf", b"second of 001")
    mend = make(lab)
    lab.deposit("Achats/deposit.pdf", b"deposit for 001")
    for n in range(3):  # each run alike
        lab.write(f"Achats/{n}.pdf", b"%d of 002" % n, "002")
        lab.deposit(f"Achats/deposit {n}.pdf", b"deposit %d for 002" % n, "002")
        summary = lab.run()
        assert summary["exit_code"] == 3 and lab.online("002")[f"Achats/{n}.pdf"] and not summary.get("reason")
        assert lab.here("002")[f"Achats/deposit {n}.pdf"]
        told = [e for e in lab.events if e.reason in reasons.split() and place in f"{e.path} {e.detail}"]
        assert told and {e.client for e in told} == {"001"}, lab.events
        assert words.REASONS[told[0].reason], "a sentence for people"
        if told[0].action == "stopped":
            assert summary["stopped"] == ["001"]
    mend()
    lab.converge()
    assert lab.online()["Achats/second.pdf"] == b"second of 001"
    assert lab.here()["Achats/deposit.pdf"] == b"deposit for 001"
    assert lab.run()["exit_code"] == 0
    lab.check()


@pytest.mark.parametrize("what", ["a file", "a link to nothing", "a link to itself"])
def test_what_lies_where_a_new_client_goes_is_said_and_nothing_is_made_of_it(lab: Lab, what: str) -> None:
    client = lab.portal.add_client("003", "Client 003", FOLDERS)
    lab.clients["003"] = client
    lab.deposit("Achats/deposit.pdf", b"deposit for 003", "003")
    lab.deposit("Achats/deposit.pdf", b"deposit for 002", "002")
    mend = in_the_place_of(lab.dir("003"), what)
    summary = lab.run()
    assert (summary["exit_code"], summary["stopped"], summary["downloaded"]) == (3, ["003"], 1)
    (stopped,) = [e for e in lab.events if e.action == "stopped"]
    assert stopped.reason in ("stop_client_directory", "stop_not_ours") and "003 - Client 003" in stopped.detail
    mend()
    lab.run()
    assert lab.here("003") == {"Achats/deposit.pdf": b"deposit for 003"}
    lab.check()


def test_what_cannot_be_synced_of_one_client_is_done_for_the_others(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request brings documents of both; one sync is for both (RULES 6)."""
    for code in CODES:
        lab.deposit("Achats/deposit.pdf", code.encode(), code)
    real = DiskMirror.sync_names

    def failing(self: DiskMirror, disks: list[tuple[str, DiskPath]]) -> None:
        if any(client == lab.dir().name for client, _ in disks):
            raise FileNotFoundError(2, "No such file or directory", str(lab.dir()))
        real(self, disks)

    monkeypatch.setattr(DiskMirror, "sync_names", failing)
    summary = lab.run()
    assert (summary["exit_code"], summary["downloaded"]) == (3, 1)
    assert {(e.client, e.reason) for e in lab.events if e.reason} == {("001", "failed")}
    monkeypatch.undo()
    assert lab.run()["exit_code"] == 0
    assert lab.here()["Achats/deposit.pdf"] == b"001"
    lab.check()


def test_a_disk_that_fails_is_everybodys(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in CODES:
        lab.deposit("Achats/deposit.pdf", code.encode(), code)

    def failing(self: DiskMirror, disks: list[tuple[str, DiskPath]]) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(DiskMirror, "sync_names", failing)
    with pytest.raises(AssertionError, match="disk_failed"):
        lab.run()
    monkeypatch.undo()
    lab.check()


def test_no_document_is_fetched_for_a_client_that_cannot_take_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[GetItem] = []
    get = lab.remote.get

    async def counted(items: list[GetItem], take: object) -> None:
        asked.extend(items)
        await get(items, take)  # type: ignore[arg-type]

    monkeypatch.setattr(lab.remote, "get", counted)
    in_the_place_of(lab.dir() / ".syncd" / "tmp")
    lab.deposit("Achats/deposit.pdf", b"deposit for 001")
    for _ in range(3):
        assert lab.run()["stopped"] == ["001"]
    assert asked == []
