"""What arrives can be used by whoever can use its folder, and by nobody else (HAZARDS 65)."""

from __future__ import annotations

import asyncio
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.core.paths import DiskPath
from syncd.disk import hashing
from syncd.disk.posix import ownership
from syncd.disk.posix.directory import Directory as DiskDirectory
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.portal.storage.local import LocalBlobs
from syncd.ports.local import ClientMarker, ClientStopped

CLIENT, PAYROLL, ANNE = "A001 - SARL Alpha", 23_456, 12_345
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER, NOBODY = 1, 2, 4, 8, 16, 32, 0xFFFFFFFF


def access_list(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NAMED = access_list(
    (USER_OBJ, 7, NOBODY), (USER, 7, ANNE), (GROUP_OBJ, 5, NOBODY), (GROUP, 6, PAYROLL), (MASK, 7, NOBODY), (OTHER, 0, NOBODY)
)  # fmt: skip
PLAIN = access_list((USER_OBJ, 7, NOBODY), (GROUP_OBJ, 7, NOBODY), (OTHER, 5, NOBODY))


def _group(folder: Path) -> None:
    os.chown(folder, -1, PAYROLL)
    folder.chmod(0o2770)


def _group_with_a_list(folder: Path) -> None:
    _group(folder)
    os.setxattr(folder, DEFAULT, NAMED)


FOLDERS: dict[str, Callable[[Path], None]] = {
    "like any": lambda folder: None,
    "of a group": _group,
    "with a list of who may": lambda folder: os.setxattr(folder, DEFAULT, NAMED),
    "with a list that is but a mode": lambda folder: os.setxattr(folder, DEFAULT, PLAIN),
    "of a group, with a list": _group_with_a_list,
}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives groups away")


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(ownership, "_umask", (-1.0, 0))  # asked again
    with tempfile.TemporaryDirectory() as place:
        made = Path(place)
        made.chmod(0o755)
        try:
            os.setxattr(made, DEFAULT, NAMED)
            os.removexattr(made, DEFAULT)
        except OSError as e:
            pytest.skip(f"no access lists here: {e.strerror}")
        yield made


def mirror_in(base: Path) -> DiskMirror:
    init_root(str(base / "m"), "c" * 32)
    mirror = DiskMirror(str(base / "m"), settle=0.0)
    mirror.make_client(CLIENT, ClientMarker("d" * 32, "c" * 32, "A001"))
    mirror.make_folder(CLIENT, DiskPath("Social"))
    return mirror


def belongs(path: Path) -> tuple[int, int, int, bytes]:
    st = path.stat()
    listed = os.getxattr(path, ACCESS) if ACCESS in os.listxattr(path) else b""
    return st.st_mode, st.st_uid, st.st_gid, listed


def arrive(mirror: DiskMirror, path: str, *, large: bool = False, to: str = "") -> None:
    """`to`: where it was said beforehand that it would go."""
    if large:
        sink, temp = mirror.sink(CLIENT, "v")
        asyncio.run(sink.write(0, b"large"))
    else:
        temp = mirror.temp(CLIENT, b"small", None, DiskPath(to) if to else None)
    mirror.sync_temps([(CLIENT, temp)])
    mirror.place(CLIENT, temp, DiskPath(path))
    mirror.sync_names([(CLIENT, DiskPath(path))])


def as_people_would(folder: Path) -> tuple[int, int, int, bytes]:
    made = folder / "made by hand"
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    found = belongs(made)
    made.unlink()
    return found


@needs_root
@pytest.mark.parametrize("mask", [0o022, 0o007, 0o077])
@pytest.mark.parametrize("like", FOLDERS)
def test_a_new_document_belongs_to_whom_its_folder_says(base: Path, like: str, mask: int) -> None:
    before = os.umask(mask)
    try:
        mirror = mirror_in(base)
        folder = base / "m" / CLIENT / "Social"
        FOLDERS[like](folder)
        arrive(mirror, "Social/a.pdf")
        arrive(mirror, "Social/b.pdf", large=True)
        arrive(mirror, "Social/new/c.pdf")
        arrive(mirror, "Social/d.pdf", to="Social/d.pdf")
        arrive(mirror, "Social/e.pdf", to="not there/e.pdf")
        for path in ("a.pdf", "b.pdf", "d.pdf", "e.pdf"):
            assert belongs(folder / path) == as_people_would(folder)
            assert not (folder / path).stat().st_mode & 0o111
        assert belongs(folder / "new" / "c.pdf") == as_people_would(folder / "new")
    finally:
        os.umask(before)


def test_a_document_whose_folder_is_known_is_opened_once(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = mirror_in(base)
    opened: list[str] = []
    monkeypatch.setattr(DiskDirectory, "give", lambda self, name, what: opened.append(name))
    arrive(mirror, "Social/a.pdf", to="Social/a.pdf")
    assert opened == []
    assert (base / "m" / CLIENT / "Social" / "a.pdf").read_bytes() == b"small"


def test_what_was_made_wider_or_linked_before_it_got_its_name_is_given_what_it_is_to_have(base: Path) -> None:
    mirror = mirror_in(base)
    temps = base / "m" / CLIENT / ".syncd" / "tmp"
    temp = mirror.temp(CLIENT, b"small", None, DiskPath("Social/a.pdf"))
    (temps / temp).chmod(0o777)
    mirror.place(CLIENT, temp, DiskPath("Social/a.pdf"))
    folder = base / "m" / CLIENT / "Social"
    assert belongs(folder / "a.pdf") == as_people_would(folder)
    temp = mirror.temp(CLIENT, b"small", None, DiskPath("Social/b.pdf"))
    (temps / "other").hardlink_to(temps / temp)
    with pytest.raises(ClientStopped):
        mirror.place(CLIENT, temp, DiskPath("Social/b.pdf"))


def _as_nobody(do: Callable[[], object]) -> int:
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            do()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@needs_root
@pytest.mark.parametrize("large", [False, True])
def test_a_group_that_the_account_may_not_give_is_the_folders_to_give(base: Path, large: bool) -> None:
    """The engine may write in the payroll's folder without being of the payroll."""
    os.chown(base, 65534, 65534)
    assert not _as_nobody(lambda: mirror_in(base))
    folder = base / "m" / CLIENT / "Social"
    os.chown(folder, 65534, PAYROLL)
    folder.chmod(0o2770)

    def work() -> None:
        arrive(DiskMirror(str(base / "m"), settle=0.0), "Social/a.pdf", large=large)
        assert (folder / "a.pdf").read_bytes() == (b"large" if large else b"small")
        assert belongs(folder / "a.pdf") == as_people_would(folder)

    assert not _as_nobody(work)
    assert (folder / "a.pdf").stat().st_gid == PAYROLL
    assert [p.name for p in (base / "m" / CLIENT / ".syncd" / "tmp").iterdir()] == []


def replace(mirror: DiskMirror, path: Path) -> None:
    temp = mirror.temp(CLIENT, b"new")
    mirror.sync_temps([(CLIENT, temp)])
    stamp = hashing.stamp_of(path.stat())
    disk = str(path.relative_to(path.parents[1]))
    mirror.replace(CLIENT, temp, DiskPath(disk), stamp, hashing.content_of(path.read_bytes()), "x")
    mirror.sync_names([(CLIENT, DiskPath(disk))])
    assert path.read_bytes() == b"new"


@needs_root
@pytest.mark.parametrize("listed", [b"", NAMED], ids=["a mode", "a list of who may"])
@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_version_belongs_to_whom_the_old_one_did(
    base: Path, monkeypatch: pytest.MonkeyPatch, listed: bytes, exchange: bool
) -> None:
    from syncd.disk import rename

    if not exchange:
        monkeypatch.setattr(rename, "_renameat2", None)
    mirror = mirror_in(base)
    path = base / "m" / CLIENT / "Social" / "a.pdf"
    path.write_bytes(b"old")
    os.chown(path, ANNE, PAYROLL)
    path.chmod(0o664)
    if listed:
        os.setxattr(path, ACCESS, listed)
    before = belongs(path)
    replace(mirror, path)
    assert belongs(path) == before
    path.chmod(0o4775)  # nothing that arrives runs as somebody else
    replace(mirror, path)
    assert path.stat().st_mode & 0o7777 == 0o775


@needs_root
def test_an_account_that_may_give_nothing_away_keeps_what_it_may(base: Path) -> None:
    os.chown(base, 65534, 65534)
    assert not _as_nobody(lambda: mirror_in(base))
    path = base / "m" / CLIENT / "Social" / "a.pdf"
    path.write_bytes(b"old")
    path.chmod(0o664)
    os.chown(path, ANNE, PAYROLL)
    path.parent.chmod(0o777)
    assert not _as_nobody(lambda: replace(DiskMirror(str(base / "m"), settle=0.0), path))
    assert path.stat().st_mode & 0o777 == 0o664 and path.stat().st_uid == 65534


def test_what_is_kept_or_arriving_is_the_engines_alone(base: Path) -> None:
    before = os.umask(0)
    try:
        mirror = mirror_in(base)
        path = base / "m" / CLIENT / "Social" / "a.pdf"
        os.setxattr(path.parents[1], DEFAULT, NAMED)
        for own in ("", "tmp", "replaced"):  # as an older version made them
            (path.parents[1] / ".syncd" / own).mkdir(exist_ok=True)
            (path.parents[1] / ".syncd" / own).chmod(0o777)
        path.write_bytes(b"old")
        path.chmod(0o666)
        mirror.temp(CLIENT, b"arriving")
        sink, _ = mirror.sink(CLIENT, "v")
        asyncio.run(sink.write(0, b"arriving"))
        replace(mirror, path)
        found = [path.parents[1] / ".syncd", *(path.parents[1] / ".syncd").rglob("*")]
        assert len(found) == 7
        for each in found:
            assert not each.stat().st_mode & 0o077, each
    finally:
        os.umask(before)


def test_a_copy_that_has_another_name_still_stays_as_people_have_it(base: Path) -> None:
    mirror = mirror_in(base)
    path = base / "m" / CLIENT / "Social" / "a.pdf"
    path.write_bytes(b"old")
    path.chmod(0o664)
    stamp = hashing.stamp_of(path.stat())
    mirror.link(CLIENT, DiskPath("Social/a.pdf"), DiskPath("Social/copy.pdf"), stamp)
    replace(mirror, path)
    assert (path.parent / "copy.pdf").stat().st_mode & 0o777 == 0o664


def test_the_bytes_of_versions_are_the_portals_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "blobs").mkdir(mode=0o700)
        blobs = LocalBlobs(tmp_path / "blobs")
        blobs.publish([(blobs.stage(b"x"), "ab" + "0" * 30)])
        with open(__file__, "rb") as f:
            blobs.publish([(blobs.stage_from(f)[0], "cd" + "0" * 30)])
        for each in (tmp_path / "blobs").rglob("*"):
            assert each.stat().st_mode & 0o777 == (0o700 if each.is_dir() else 0o600), each
    finally:
        os.umask(before)
