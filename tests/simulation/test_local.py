"""The cabinet's disk: whole documents, a device that changes during the scan, room on the disk."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import pytest

from syncd.config.load import load
from syncd.core.errors import UsageError
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.local.completeness import whole, whole_open
from syncd.local.mirror import DiskMirror
from syncd.state.store import open_store
from tests.simulation.engine_in_memory import Lab

FOLDERS = (FolderRule("Achats"),)
TIFF = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 1) + bytes(12) + bytes(4)


@pytest.mark.parametrize(
    ("data", "is_whole"),
    [
        (b"%PDF-1.7\n...", False), (b"%PDF-1.7\n...%%EOF\n", True), (b"%PDF-1.7\n%%EOF" + b" " * 2000, False),
        (TIFF, True), (TIFF[:-5], False), (TIFF[:6], False), (b"II*\x00\xff\xff\xff\x00", False), (b"anything else", True), (b"", True),
    ],
)  # fmt: skip
def test_bytes_decide_whether_a_document_is_whole(data: bytes, is_whole: bool, tmp_path: Path) -> None:
    path = tmp_path / "document.txt"
    path.write_bytes(data)
    assert whole(data) is is_whole
    with open(path, "rb") as f:
        assert whole_open(f.fileno()) is is_whole and f.read() == data


def test_an_incomplete_pdf_is_taken_later_never_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    folder = tmp_path / "client" / "Achats"
    folder.mkdir(parents=True)
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 page 1")
    mirror = DiskMirror(str(tmp_path), settle=2.0)
    now = time.time_ns()
    found = []
    for seconds in (1, 5, 19, 21):
        monkeypatch.setattr(time, "time_ns", lambda s=seconds: now + s * 10**9)
        scan = mirror.scan("client", ClientRules("1", FOLDERS), {})
        found.append((len(scan.young), [p.reason for p in scan.problems], len(scan.docs)))
    assert found == [(1, [], 0), (0, ["unstable"], 0), (0, ["unstable"], 0), (0, [], 1)]


def test_a_device_that_changes_during_the_scan_stops_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(tmp_path / "lab", FOLDERS)
    lab.run()
    lab.write("Achats/a.pdf", b"one")
    looked = []
    real = DiskMirror.root

    def root(self: DiskMirror) -> object:
        looked.append(1)
        marker = real(self)
        return msgspec.structs.replace(marker, device=marker.device + len(looked) // 2)

    monkeypatch.setattr(DiskMirror, "root", root)
    with pytest.raises(AssertionError, match="abandoned"):
        lab.run()
    assert lab.online() == {} and len(looked) == 2
    monkeypatch.undo()
    lab.check()


def test_a_reserve_of_free_space_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path / "lab", FOLDERS)
    lab.run()
    lab.deposit("Achats/a.pdf", b"one")
    monkeypatch.setattr(DiskMirror, "free_bytes", lambda self: 2)
    lab.run()
    assert lab.here() == {} and {e.reason for e in lab.events} == {"disk_full"}
    monkeypatch.undo()
    lab.check()


def test_guard_counts_cover_a_day_and_agreements_a_week(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    day, start = 24 * 3600.0, 1_795_000_000.0
    store.guards.count("c", "set_asides", start)
    store.guards.count("c", "set_asides", start + day - 1)
    assert store.guards.window("c", start + day - 1) == {"set_asides": 2}
    assert store.guards.window("c", start + day + 1) == {}
    assert store.guards.window("c", start - 60) == {"set_asides": 2}, "a clock set back forgets nothing"
    store.guards.count("c", "set_asides", start + 10)
    store.guards.agree("c", ["shown"], start + 20, "cabinet")
    assert store.guards.window("c", start + 21) == {}, "an agreement opens a new window"
    assert (
        store.guards.agreed("c", start + 7 * day) == {"shown"}
        and store.guards.agreed("c", start + 8 * day) == frozenset()
    )
    store.guards.use_agreement("c", "shown")
    assert store.guards.agreed("c", start + 30) == frozenset(), "what was agreed to passes once"
    store.close()


def test_a_state_on_a_network_share_or_inside_the_root_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "syncd.toml"
    text = f'[mirror]\nroot = "{tmp_path}/r"\nstate = "{{state}}"\nlogs = "{tmp_path}/l"\n[portal]\nurl = "https://x.fr"\ntoken_file = "/t"\n'
    config.write_text(text.format(state=tmp_path / "r" / "state"))
    with pytest.raises(UsageError, match="inside the mirror's root"):
        load(config, {})
    config.write_text(text.format(state=tmp_path / "s"))
    load(config, {})
    import sys

    monkeypatch.setattr(sys.modules["syncd.config.load"], "file_system", lambda path: "cifs")
    with pytest.raises(UsageError, match="network file system"):
        load(config, {})
