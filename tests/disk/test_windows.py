"""What only Windows has: sharing modes and locks, scanners, ids of 128 bits, access lists. In Wine as far as it is it."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "win32":
    pytest.skip("this is not Windows", allow_module_level=True)

import ctypes
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes as w
from pathlib import Path

from msgspec import structs

from syncd.config.load import load
from syncd.core.errors import UsageError
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.paths import DiskPath
from syncd.disk import hashing, private, traits
from syncd.disk.directory import Directory
from syncd.disk.windows import access, api, drives, open_document, scandir, status
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientMarker, in_use
from tests.disk import links

kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateFileW.restype = w.HANDLE
kernel.CreateFileW.argtypes = [w.LPCWSTR, w.DWORD, w.DWORD, ctypes.c_void_p, w.DWORD, w.DWORD, w.HANDLE]
kernel.LockFile.argtypes = [w.HANDLE, w.DWORD, w.DWORD, w.DWORD, w.DWORD]
kernel.CloseHandle.argtypes = [w.HANDLE]
ALL, NOBODY, READERS = 7, 0, 1


@contextmanager
def held(path: Path, share: int, *, lock: bool = False) -> Iterator[int]:
    """As another program has it open."""
    handle = kernel.CreateFileW(str(path), 0xC0000000, share, None, 3, 0, None)
    assert handle != w.HANDLE(-1).value, ctypes.FormatError(ctypes.get_last_error())
    try:
        if lock:
            assert kernel.LockFile(handle, 0, 0, 100, 0)
        yield handle
    finally:
        if handle:
            kernel.CloseHandle(handle)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(b"a")
    return tmp_path


@pytest.mark.parametrize(
    ("share", "lock", "code"), [(NOBODY, False, 32), (ALL, True, 33)], ids=["no sharing", "a lock"]
)
def test_what_another_program_holds_is_in_use_not_unreadable(here: Path, share: int, lock: bool, code: int) -> None:
    with Directory.at(str(here)) as root, root.open("in") as folder:
        stamp = hashing.stamp_of(folder.stat("a.pdf"))
        if lock and links.WINE:
            pytest.skip("Wine's reads meet no locks")
        with held(here / "in" / "a.pdf", share, lock=lock), pytest.raises(OSError) as told:
            hashing.read_open(folder.reading("a.pdf"), stamp)
        assert told.value.winerror == code and in_use(told.value)
        assert hashing.read_open(folder.reading("a.pdf"), stamp) == b"a"


def test_a_lock_that_a_read_meets_is_told_as_such(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`os.read` says "permission denied" alone; the system is asked itself. Wine's reads meet no locks."""

    def denied(fd: int, size: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    with Directory.at(str(here)) as root, root.open("in") as folder:
        stamp = hashing.stamp_of(folder.stat("a.pdf"))
        monkeypatch.setattr(open_document.os, "read", denied)
        assert hashing.read_open(folder.reading("a.pdf"), stamp) == b"a"  # the right was not what was missing
        monkeypatch.setattr(api, "_kernel", _Locked())
        monkeypatch.setattr(api, "close", lambda handle: None)
        with pytest.raises(OSError) as told:
            open_document.read(os.open(here / "in" / "a.pdf", os.O_RDONLY), 10)
        assert told.value.winerror == 33 and in_use(told.value)


class _Locked:
    def ReadFile(self, *args: object) -> int:
        ctypes.set_last_error(33)
        return 0


@pytest.fixture
def mirror(here: Path) -> DiskMirror:
    init_root(str(here / "mirror"), "c" * 32)
    made = DiskMirror(str(here / "mirror"), settle=0.0)
    made.make_client("A001 - Alpha", ClientMarker("d" * 32, "c" * 32, "A001"))
    (here / "mirror" / "A001 - Alpha" / "Achats").mkdir()
    (here / "mirror" / "A001 - Alpha" / "Achats" / "a.pdf").write_bytes(b"a")
    return made


RULES = ClientRules("A001", (FolderRule("Achats"),))


def test_a_document_that_shares_nothing_is_locked_and_comes_when_it_is_closed(here: Path, mirror: DiskMirror) -> None:
    with held(here / "mirror" / "A001 - Alpha" / "Achats" / "a.pdf", NOBODY):
        scan = mirror.scan("A001 - Alpha", RULES, {})
        assert [(p.path, p.reason) for p in scan.problems] == [("Achats/a.pdf", "locked")] and not scan.docs
    scan = mirror.scan("A001 - Alpha", RULES, {})
    assert [d.path for d in scan.docs] == ["Achats/a.pdf"] and not scan.problems


def test_a_document_that_was_scanned_is_known_and_one_edited_in_secret_is_not(here: Path, mirror: DiskMirror) -> None:
    path = here / "mirror" / "A001 - Alpha" / "Achats" / "a.pdf"
    scan = mirror.scan("A001 - Alpha", RULES, {})
    known = {disk: k for disk, k in scan.changed.items() if k is not None}
    assert known[DiskPath("Achats/a.pdf")].stamp == mirror.stat("A001 - Alpha", DiskPath("Achats/a.pdf"))
    time.sleep(0.02)
    before = path.stat()
    path.write_bytes(b"b")
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    (doc,) = mirror.scan("A001 - Alpha", RULES, dict(known)).docs
    assert (
        doc.content == hashing.content_of(b"b") and doc.stamp.mtime_ns == known[DiskPath("Achats/a.pdf")].stamp.mtime_ns
    )


def test_a_listing_that_is_behind_does_not_keep_a_document_from_being_read(
    here: Path, mirror: DiskMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NTFS writes a size and times into the directory when the document is closed, and of a second name never."""
    real = status.moment
    monkeypatch.setattr(scandir.status, "moment", lambda ticks: real(ticks) - 1_000_000_000)
    monkeypatch.setattr(status, "of", lambda handle, where="": _with(real, handle))
    scan = mirror.scan("A001 - Alpha", RULES, {})
    assert [d.path for d in scan.docs] == ["Achats/a.pdf"] and not scan.problems


def _with(moment: object, handle: int) -> status.Status:
    behind, status.moment = status.moment, moment
    try:
        return _of(handle)
    finally:
        status.moment = behind


_of = status.of


def test_names_of_the_engines_own_are_tried_again_and_documents_are_not(here: Path) -> None:
    with Directory.at(str(here)) as root, root.open("in") as folder:
        own = root.own(".syncd", make=True)
        os.close(own.create("t"))
        for do in (lambda: own.move("t", folder, "t.pdf"), lambda: own.supplant("u", "u2"), lambda: own.remove("u2")):
            name = next(n for n in own.names())
            scanner = held(here / ".syncd" / name, READERS)
            scanner.__enter__()
            done = threading.Timer(0.3, lambda s=scanner: s.__exit__(None, None, None))
            done.start()
            do()
            done.join()
            if not own.holds("u") and not own.holds("u2") and name == "t":
                os.close(own.create("u"))
        assert own.names() == [] and folder.holds("t.pdf")
        with held(here / "in" / "a.pdf", READERS):
            began = time.monotonic()
            with pytest.raises(OSError) as told:
                folder.move("a.pdf", root, "b.pdf")
            assert in_use(told.value) and time.monotonic() - began < 0.5


def test_a_folder_that_is_in_use_is_told_from_one_where_the_right_is_missing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows says "access denied" to both; Wine renames the first."""
    (here / "to").mkdir()

    def refused(handle: int, what: int, data: bytes, where: str = "") -> None:
        raise api.fault(api.DENIED, where)

    with Directory.at(str(here)) as root, root.open("to") as to:
        with monkeypatch.context() as patch:
            patch.setattr(api, "told", refused)
            with pytest.raises(OSError) as told:
                root.move("in", to, "in")
            assert in_use(told.value)
            with pytest.raises(PermissionError) as told_of_document:
                root.open("in").move("a.pdf", to, "a.pdf")
            assert not in_use(told_of_document.value)
        real = api.opened

        def no_right(root: int, name: str, access: int, *args: object, **kwargs: object) -> object:
            if access == api.APPEND:
                raise api.fault(api.DENIED, "to")
            return real(root, name, access, *args, **kwargs)

        monkeypatch.setattr(api, "told", refused)
        monkeypatch.setattr(api, "opened", no_right)
        with pytest.raises(PermissionError) as denied:
            root.move("in", to, "in")
        assert not in_use(denied.value)


def test_where_nothing_is_named_in_an_open_directory_it_is_named_where_it_is_and_nowhere_else(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []

    def poor(handle: int, what: int, data: bytes, where: str = "") -> None:
        root, size = struct.unpack_from("<QI", data, 8)
        asked.append((root, data[20 : 20 + size].decode("utf-16-le")))
        if root:
            raise api.fault(87, where)

    with Directory.at(str(here)) as root, root.open("in") as folder:
        monkeypatch.setattr(api, "told", poor)
        folder.move("a.pdf", folder, "b.pdf")
        assert asked[-1] == (0, "b.pdf")
        with pytest.raises(OSError) as told:
            folder.move("a.pdf", root, "b.pdf")
        assert told.value.winerror == 87 and asked[-1][0] and len(asked) == 3


@pytest.mark.parametrize("share", [r"\\server\share\state", "//server/share/state"])
def test_a_state_on_another_machine_is_refused(here: Path, share: str) -> None:
    text = f"""
    [mirror]
    root = '{here}'
    state = '{share}'
    logs = '{here}'
    [portal]
    url = 'https://documents.example'
    token_file = '{here / "token"}'
    """
    (here / "syncd.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"network file system \(smb\)"):
        load(here / "syncd.toml")


def _long(name: str, inode: int, attributes: int, tag: int, onward: int) -> bytes:
    text = name.encode("utf-16-le")
    head = struct.pack("<IIqqqqqqIIII", onward, 0, 0, 0, 7, 9, 5, 8, attributes, len(text), 0, tag)
    return (head + inode.to_bytes(16, "little") + text).ljust(onward, b"\0")


def test_long_ids_are_whole_and_only_what_stands_for_another_thing_is_a_link() -> None:
    inode = (1 << 127) + 5
    raw = (
        _long(".", 1, 0x10, 0, 96) + _long("on ReFS", inode, 0x20, 0, 128) + _long("deduplicated", 2, 0x420, 0x80000013, 128)
        + _long("junction", 3, 0x410, 0xA0000003, 128) + _long("link", 4, 0x420, 0xA000000C, 0)
    )  # fmt: skip
    found: list[scandir.Entry] = []
    scandir._parsed(raw, False, 1, found)
    kinds = {e.name: (e.stat().st_ino, e.stat().st_mode & 0o170000) for e in found}
    assert kinds == {
        "on ReFS": (inode, 0o100000), "deduplicated": (2, 0o100000), "junction": (3, 0o120000), "link": (4, 0o120000),
    }  # fmt: skip
    assert found[0].stat().st_size == 5 and found[0].stat().st_ctime_ns == status.moment(9)


def test_a_change_of_case_alone_is_done_whatever_the_disk_answers(here: Path, mirror: DiskMirror) -> None:
    """Wine says that it is done, and changes nothing; Windows changes it."""
    client = "A001 - Alpha"
    (here / "mirror" / client / "Achats" / "banque").mkdir()
    (here / "mirror" / client / "Achats" / "banque" / "b.pdf").write_bytes(b"b")
    stamp = mirror.stat(client, DiskPath("Achats/a.pdf"))
    assert stamp is not None
    mirror.rename(client, DiskPath("Achats/a.pdf"), DiskPath("Achats/A.pdf"), stamp)
    inode = mirror.make_folder(client, DiskPath("Achats/banque"))
    assert mirror.move_folder(client, DiskPath("Achats/banque"), DiskPath("Achats/Banque"), inode) == inode
    assert sorted(os.listdir(here / "mirror" / client / "Achats")) == ["A.pdf", "Banque"]
    with held(here / "mirror" / client / "Achats" / "Banque" / "b.pdf", READERS):
        stamp = mirror.stat(client, DiskPath("Achats/Banque/b.pdf"))
        assert stamp is not None
        with pytest.raises(OSError) as told:
            mirror.rename(client, DiskPath("Achats/Banque/b.pdf"), DiskPath("Achats/b.pdf"), stamp)
        assert in_use(told.value)


def test_a_replacement_keeps_the_old_bytes_and_gets_what_was_there(here: Path, mirror: DiskMirror) -> None:
    client = "A001 - Alpha"
    stamp = mirror.stat(client, DiskPath("Achats/a.pdf"))
    assert stamp is not None
    temp = mirror.temp(client, b"new")
    mirror.sync_temps([(client, temp)])
    placed = mirror.replace(client, temp, DiskPath("Achats/a.pdf"), stamp, hashing.content_of(b"a"), "x")
    mirror.sync_names([(client, DiskPath("Achats/a.pdf"))])
    assert placed.stamp == mirror.stat(client, DiskPath("Achats/a.pdf")) and not placed.kept
    at = here / "mirror" / client
    assert (at / "Achats" / "a.pdf").read_bytes() == b"new"
    assert [p.read_bytes() for p in (at / ".syncd" / "replaced").iterdir()] == [b"a"]
    ((name, kept, content),) = mirror.kept(client, -60)
    assert content == hashing.content_of(b"a")
    mirror.drop_kept(client, name, kept)
    assert not any((at / ".syncd" / "replaced").iterdir())
    newer = mirror.temp(client, b"newer")
    mirror.sync_temps([(client, newer)])
    with held(at / "Achats" / "a.pdf", READERS), pytest.raises(OSError) as told:
        mirror.replace(client, newer, DiskPath("Achats/a.pdf"), placed.stamp, hashing.content_of(b"new"), "x")
    assert in_use(told.value) and (at / "Achats" / "a.pdf").read_bytes() == b"new"


def test_what_the_disk_can_do_is_tried(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Directory.at(str(here)) as root:
        own = root.own(".syncd", make=True)
        found = traits.measured(own, 5.0)
        assert (
            found.no_replace
            and found.links
            and found.exclusive
            and found.inodes
            and found.change_times
            and found.accents
        )
        assert (found.exchange, found.case, found.forms, found.grain_ns, found.at) == (False, False, True, 100, 5.0)
        assert found.name == root.file_system() and found.mounted == traits.mounted(root)
        real = status.of

        def fat(handle: int, where: str = "") -> status.Status:
            """As FAT32 gives them: no change time, even seconds."""
            st = real(handle, where)
            even = st.st_mtime_ns // 2_000_000_000 * 2_000_000_000
            return structs.replace(st, st_mtime_ns=even, st_ctime_ns=even)

        monkeypatch.setattr(status, "of", fat)
        found = traits.measured(own, 6.0)
        assert not found.change_times and found.grain_ns == 2_000_000_000 and own.names() == []
        monkeypatch.setattr(api, "file_system", lambda handle: "FAT32")
        assert not traits.assumed(root).change_times


def test_what_is_private_nobody_else_reads(here: Path) -> None:
    private.directory(here / "state")
    with open(here / "key", "x", opener=private.owned) as f:
        f.write("secret")
    assert private.readers(here / "key") == private.readers(here / "state") == []
    assert (here / "key").read_text() == "secret"
    with Directory.at(str(here)) as root:
        own = root.own(".syncd", make=True)
        os.close(own.create("t"))
        assert private.readers(here / ".syncd" / "t") == private.readers(here / ".syncd") == []
        assert access.mine(access.owner(access.described(own._handle, access.OWNER)))


def test_what_belongs_to_another_account_is_not_the_engines(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.disk.directory import NotOurs

    with Directory.at(str(here)) as root:
        root.own(".syncd", make=True)
        monkeypatch.setattr(access, "mine", lambda who: False)
        monkeypatch.setattr(access, "administrator", lambda: False)
        with pytest.raises(NotOurs):
            root.own(".syncd")
        monkeypatch.setattr(access, "administrator", lambda: True)
        root.own(".syncd", look=True)
        with pytest.raises(NotOurs):
            root.own(".syncd")


@pytest.mark.parametrize("path", [r"\\server\share\state", r"\\?\UNC\server\share\state", "//server/share/state"])
def test_a_share_is_told_from_a_disk(here: Path, path: str) -> None:
    assert drives.file_system(path) == drives.NETWORK
    assert drives.file_system(str(here)) != drives.NETWORK


def test_a_write_protected_file_of_the_engines_is_removed(here: Path) -> None:
    with Directory.at(str(here)) as root:
        own = root.own(".syncd", make=True)
        os.close(own.create("t"))
        os.chmod(here / ".syncd" / "t", 0o444)
        own.remove("t")
        assert own.names() == []
