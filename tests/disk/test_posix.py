"""Open directories of POSIX: both ways of opening, special files, accounts, modes, mounts; nothing is done elsewhere."""

# What every system owes is in test_contract.py.

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.disk import rename
from syncd.disk.directory import Directory, NotADocument, NotOurs, OtherDisk
from syncd.disk.hashing import hash_open, read_open, stamp_of
from syncd.disk.posix import open_beneath


@pytest.fixture(params=["one call", "part by part"])
def here(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with `in/deep/a.pdf`, and beside it an elsewhere that nobody may get at. Both ways of opening."""
    if request.param == "part by part":
        monkeypatch.setattr(open_beneath, "_openat2", None)
    elif open_beneath._openat2 is None:
        pytest.skip("this kernel has no openat2")
    (tmp_path / "here" / "in" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "in" / "deep" / "a.pdf").write_bytes(b"a")
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere" / "secret.pdf").write_bytes(b"secret")
    return tmp_path / "here"


def _whole(at: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for directory, _, files in os.walk(at):
        st = os.lstat(directory)
        found[directory] = (st.st_mode, st.st_uid)
        for name in files:
            path = os.path.join(directory, name)
            st = os.lstat(path)
            found[path] = (Path(path).read_bytes(), st.st_mode, st.st_ino, st.st_nlink)
    return found


@contextlib.contextmanager
def untouched(at: Path) -> Iterator[None]:
    before = _whole(at)
    yield
    assert _whole(at) == before


def test_directories_are_opened_below_and_documents_by_their_names(here: Path) -> None:
    with Directory.at(str(here)) as root, root.open("in/deep") as deep:
        assert deep.names() == ["a.pdf"] and deep.holds("a.pdf") and not deep.holds("b.pdf")
        assert read_open(deep.document("a.pdf"), stamp_of(deep.stat("a.pdf"))) == b"a"
        assert hash_open(deep.document("a.pdf"))[0].size == 1
        assert deep.where == f"{here}/in/deep" and root.mount == deep.mount
        with deep.listing() as it:
            assert [(e.name, e.stat(follow_symlinks=False).st_size) for e in it] == [("a.pdf", 1)]
        with pytest.raises(FileNotFoundError):
            root.open("in/nothing")
        with pytest.raises(FileNotFoundError):
            deep.document("nothing")


def _link_first(here: Path) -> None:
    (here / "in").rename(here / "was")
    (here / "in").symlink_to("../elsewhere")


def _link_last(here: Path) -> None:
    (here / "in" / "deep").rename(here / "was")
    (here / "in" / "deep").symlink_to(here.parent / "elsewhere" / "deep")


LINKED: dict[str, Callable[[Path], object]] = {"the first": _link_first, "the last": _link_last}


@pytest.mark.parametrize("linked", LINKED.values(), ids=LINKED.keys())
def test_a_directory_that_is_a_link_is_not_opened(here: Path, linked: Callable[[Path], object]) -> None:
    linked(here)
    with Directory.at(str(here)) as root, untouched(here.parent):
        with pytest.raises(OSError):
            root.open("in/deep")
        with pytest.raises(NotOurs if (here / "in").is_symlink() else FileNotFoundError):
            root.own("in" if (here / "in").is_symlink() else "nothing")


def test_what_is_open_stays_what_it_was_whatever_bears_its_name_since(here: Path) -> None:
    with Directory.at(str(here)) as root, root.open("in") as inside:
        (here / "in").rename(here / "was")
        (here / "in").symlink_to(here.parent / "elsewhere")
        with untouched(here.parent / "elsewhere"):
            os.close(inside.create("new.pdf"))
            inside.make("folder")
            inside.move("new.pdf", inside, "moved.pdf")
            assert not inside.holds("secret.pdf")
    assert sorted(os.listdir(here / "was")) == ["deep", "folder", "moved.pdf"]


SPECIAL: dict[str, Callable[[Path], object]] = {
    "a link": lambda p: p.symlink_to("../elsewhere/secret.pdf"),
    "a dangling link": lambda p: p.symlink_to("../elsewhere/new.pdf"),
    "a fifo": lambda p: os.mkfifo(p),
    "a directory": lambda p: p.mkdir(),
    "a socket": lambda p: os.mknod(p, 0o140600),
}


@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL.keys())
def test_what_is_no_document_is_neither_read_nor_written(here: Path, make: Callable[[Path], object]) -> None:
    make(here / "x")
    with Directory.at(str(here)) as root, untouched(here.parent / "elsewhere"):
        with pytest.raises(NotADocument):
            root.document("x")
        with pytest.raises(NotOurs):
            root.resume("x")
        with pytest.raises(FileExistsError):
            root.create("x")
        with pytest.raises(FileExistsError):
            root.move("in", root, "x")


def test_what_the_engine_makes_for_itself_is_its_own_and_never_executable(here: Path) -> None:
    before = os.umask(0)
    try:
        with Directory.at(str(here)) as root:
            os.close(root.create("kept"))
            os.close(root.create("given", private=False))
            own = root.own(".syncd", make=True)
            assert (here / ".syncd").stat().st_mode & 0o777 == 0o700 and own.names() == []
            (here / ".syncd").chmod(0o777)  # as an older version made it
            root.own(".syncd", narrow=True)
            assert (here / ".syncd").stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
    assert (here / "kept").stat().st_mode & 0o777 == 0o600 and (here / "given").stat().st_mode & 0o777 == 0o666


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives directories away")
def test_a_directory_of_another_account_is_not_the_engines(here: Path) -> None:
    (here / ".syncd").mkdir()
    os.chown(here / ".syncd", 65534, 65534)
    with Directory.at(str(here)) as root, untouched(here), pytest.raises(NotOurs, match="65534"):
        root.own(".syncd", make=True)
    with Directory.at(str(here)) as root:
        assert root.own(".syncd", look=True).names() == []  # an administrator looks into what is the service's
    with Directory.at(str(here)) as root:  # an administrator may look into what is the service's
        assert root.own(".syncd", look=True).names() == []


@pytest.mark.parametrize("flags", [True, False], ids=["with flags", "without"])
def test_a_move_never_replaces_and_an_exchange_loses_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, flags: bool
) -> None:
    if not flags:
        monkeypatch.setattr(rename, "_renameat2", None)
    (here / "b.pdf").write_bytes(b"b")
    with Directory.at(str(here)) as root, root.open("in/deep") as deep:
        with pytest.raises(FileExistsError):
            deep.move("a.pdf", root, "b.pdf")
        with pytest.raises(FileExistsError):
            root.move("in", deep, "a.pdf")
        assert deep.exchange("a.pdf", root, "b.pdf") is flags
        deep.move("a.pdf", root, "c.pdf")
        with pytest.raises(FileNotFoundError):
            deep.move("a.pdf", root, "d.pdf")
        root.link("c.pdf", deep, "c.pdf")
        deep.sync()
    assert {p.name: p.read_bytes() for p in here.glob("*.pdf")} == (
        {"b.pdf": b"a", "c.pdf": b"b"} if flags else {"b.pdf": b"b", "c.pdf": b"a"}
    )


@pytest.fixture
def mounted(here: Path) -> Iterator[Path]:
    done = subprocess.run(["mount", "--bind", str(here.parent / "elsewhere"), str(here / "in")], capture_output=True)
    if done.returncode:
        pytest.skip(f"no mount here: {done.stderr.decode().strip()}")
    yield here
    subprocess.run(["umount", "-l", str(here / "in")], check=True)


def test_another_mount_of_the_very_same_disk_is_seen_and_named(mounted: Path) -> None:
    """Its device is the same: only the mount tells (a directory bound from elsewhere, a disk's other half)."""
    assert (mounted / "in").stat().st_dev == mounted.stat().st_dev
    with Directory.at(str(mounted)) as root:
        for below in ("in", "in/deep"):
            with pytest.raises(OtherDisk) as told:
                root.open(below)
            assert told.value.filename == f"{mounted}/in"
        assert Directory.at(str(mounted / "in")).mount != root.mount


def test_directories_are_closed_with_the_last_reference(here: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    held = [Directory.at(str(here)).open("in") for _ in range(5)]
    assert len(os.listdir("/proc/self/fd")) == before + 5
    del held
    assert len(os.listdir("/proc/self/fd")) == before


def test_names_are_those_of_now_however_often_they_are_asked_for(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A descriptor gives a list once: a second one through it may be what was there at the first (btrfs), or be empty
    (sshfs, which then tells everybody so)."""
    listed: set[int] = set()
    real = os.listdir
    with Directory.at(str(here)) as root:

        def once(at: int) -> list[str]:
            assert at != root._fd, "it is held, and would be asked again"
            listed.add(os.fstat(at).st_ino)
            return real(at)

        monkeypatch.setattr(os, "listdir", once)
        assert root.names() == ["in"]
        (here / "new").mkdir()
        assert sorted(root.names()) == ["in", "new"] and listed == {here.stat().st_ino}
