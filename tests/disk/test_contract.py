"""What every system's open directory owes (disk/directory.py): this file runs on each of them, as it is.

On Windows: `python -m pytest tests/disk`, in Wine as ./scripts/test-windows does.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.core.content import Stamp
from syncd.disk import open_document
from syncd.disk.directory import Directory, NotADocument, NotOurs
from syncd.disk.hashing import content_of, hash_open, identity, read_open, stamp_of, write_open
from tests.disk import links


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with `in/deep/a.pdf`, and beside it an elsewhere that nobody may get at."""
    (tmp_path / "here" / "in" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "in" / "deep" / "a.pdf").write_bytes(b"a")
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere" / "secret.pdf").write_bytes(b"secret")
    return tmp_path / "here"


@pytest.fixture
def root(here: Path) -> Iterator[Directory]:
    with Directory.at(str(here)) as opened:
        yield opened


def whole(at: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for directory, _, files in os.walk(at):
        found[directory] = os.lstat(directory).st_mode
        for name in files:
            path = os.path.join(directory, name)
            st = os.lstat(path)
            found[path] = (Path(path).read_bytes(), st.st_mode, st.st_ino, st.st_nlink)
    return found


@contextlib.contextmanager
def untouched(at: Path) -> Iterator[None]:
    before = whole(at)
    yield
    assert whole(at) == before


# -- one source ----------------------------------------------------------------------------------------------------------


def three_ways(folder: Directory, name: str) -> list[Stamp]:
    """As the listing, the name and the open document have it."""
    with folder.listing() as it:
        listed = [entry.stat(follow_symlinks=False) for entry in it if entry.name == name]
    fd = folder.document(name)
    try:
        return [*(stamp_of(st) for st in listed), stamp_of(folder.stat(name)), stamp_of(open_document.status(fd))]
    finally:
        os.close(fd)


def test_listing_name_and_open_document_say_the_same(here: Path, root: Directory) -> None:
    """Else every document is another one than was listed, and none is ever read."""
    with root.open("in/deep") as deep:
        listed, named, opened = three_ways(deep, "a.pdf")
        assert listed == named == opened and listed.inode and listed.size == 1
        assert abs(time.time_ns() - listed.ctime_ns) < 60_000_000_000
        assert listed.mtime_ns == os.lstat(here / "in" / "deep" / "a.pdf").st_mtime_ns
        with root.listing() as it:
            (folder,) = (e for e in it if e.name == "in")
            assert folder.is_dir(follow_symlinks=False)
            st = folder.stat(follow_symlinks=False)
        assert st.st_ino == root.stat("in").st_ino == root.open("in").status().st_ino
        assert stat.S_ISDIR(st.st_mode) and stat.S_ISDIR(root.stat("in").st_mode)
        assert st.st_dev == root.status().st_dev == deep.stat("a.pdf").st_dev
        assert deep.status().st_ino != root.status().st_ino


def test_an_edit_that_puts_size_and_mtime_back_is_seen(here: Path, root: Directory) -> None:
    """Some systems call the time of birth `st_ctime`: of no use to whoever looks for a change."""
    path = here / "in" / "deep" / "a.pdf"
    with root.open("in/deep") as deep:
        before = three_ways(deep, "a.pdf")
        time.sleep(0.02)
        with path.open("r+b") as f:
            f.write(b"b")
        os.utime(path, ns=(before[0].mtime_ns, before[0].mtime_ns))
        after = three_ways(deep, "a.pdf")
        assert after[0] == after[1] == after[2]
        assert (after[0].size, after[0].mtime_ns, after[0].inode) == (1, before[0].mtime_ns, before[0].inode)
        assert after[0].ctime_ns > before[0].ctime_ns


def test_an_id_stays_through_edits_and_renames_and_is_another_things_never(here: Path, root: Directory) -> None:
    with root.open("in/deep") as deep:
        inode = deep.stat("a.pdf").st_ino
        (here / "in" / "deep" / "a.pdf").write_bytes(b"longer")
        deep.move("a.pdf", root, "b.pdf")
        assert root.stat("b.pdf").st_ino == inode and root.stat("b.pdf").st_size == 6
        os.close(root.create("c.pdf"))
        ids = [root.stat(name).st_ino for name in ("b.pdf", "c.pdf", "in")]
        assert len(set(ids)) == 3
        folder = root.stat("in").st_ino
        root.move("in", root, "out")
        assert root.stat("out").st_ino == folder


def test_a_listing_is_whole_and_as_it_is_now_however_many_there_are(here: Path, root: Directory) -> None:
    for n in range(400):
        (here / f"un document de plus, au nom assez long {n:04}.pdf").write_bytes(b"")
    assert len(root.names()) == 401
    os.unlink(here / "un document de plus, au nom assez long 0003.pdf")
    (here / "été.pdf").write_bytes(b"")
    now = root.names()
    assert len(now) == len(set(now)) == 401 and "été.pdf" in now
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(root.names()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [401] * 4


def test_a_long_id_is_remembered_whole_and_never_taken_for_another(root: Directory) -> None:
    """ReFS has 128 bits; of 64 a signed number is remembered, as ever."""
    odd = [1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, (1 << 127) + 1, (1 << 128) - 1]
    found = [identity(inode) for inode in odd]
    assert len(set(found)) == len(odd) and found[0] == 1 and found[3] == -1 and found[4:] == odd[4:]


# -- directories and names -----------------------------------------------------------------------------------------------


def test_directories_are_opened_below_and_documents_by_their_names(here: Path) -> None:
    with Directory.at(str(here)) as root, root.open("in/deep") as deep:
        assert deep.names() == ["a.pdf"] and deep.holds("a.pdf") and not deep.holds("b.pdf")
        assert read_open(deep.document("a.pdf"), stamp_of(deep.stat("a.pdf"))) == b"a"
        assert hash_open(deep.document("a.pdf"))[0] == content_of(b"a")
        assert deep.where == f"{here}/in/deep" and root.mount == deep.mount
        for missing in (lambda: root.open("in/nothing"), lambda: root.open("nothing/deep"), lambda: deep.document("b")):
            with pytest.raises(FileNotFoundError):
                missing()
        no_directories: tuple[Callable[[], object], ...] = (
            lambda: root.open("in/deep/a.pdf"),
            lambda: root.open("in/deep/a.pdf/x"),
        )
        for no_directory in no_directories:
            with pytest.raises(NotADirectoryError):
                no_directory()
    with pytest.raises(FileNotFoundError):
        Directory.at(str(here / "nothing"))
    with pytest.raises(NotADirectoryError):
        Directory.at(str(here / "in" / "deep" / "a.pdf"))


NAMES = ["", ".", "..", "../elsewhere", "in/../../elsewhere", "/etc", "in//deep", "a\0b"]
if os.name == "nt":
    NAMES += ["..\\elsewhere", "in\\deep", "C:", "C:\\Windows", "a.pdf:stream", "\\\\?\\C:\\", "in/deep\\.."]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_elsewhere(here: Path, root: Directory, name: str) -> None:
    with untouched(here.parent):
        for do in (
            root.open, root.document, root.create, root.make, root.stat, root.own, root.owns, root.resume, root.remove,
            root.synced, root.belonging, root.keep,
            lambda n: root.move(n, root, "x"), lambda n: root.move("in", root, n), lambda n: root.link("in", root, n),
            lambda n: root.exchange("in", root, n), lambda n: root.supplant("in", n), lambda n: root.respell("in", n),
        ):  # fmt: skip
            with pytest.raises(ValueError):
                do(name)


def test_a_name_that_is_too_long_is_told_as_such(root: Directory) -> None:
    import errno

    with pytest.raises(OSError) as told:
        root.create("x" * 300)
    assert told.value.errno == errno.ENAMETOOLONG


def test_names_may_be_long_and_lie_deep(here: Path, root: Directory) -> None:
    """Far beyond the 260 letters that a whole path once had on Windows."""
    at, name = root, "un dossier au nom assez long, comme on en trouve"
    for _ in range(12):
        at.make(name)
        at = at.open(name)
    write_open(at.create(f"{'é' * 100}.pdf"), b"deep")
    assert len(at.where) > 560
    assert hash_open(at.document(f"{'é' * 100}.pdf"))[0] == content_of(b"deep")
    assert Directory.at(at.where.replace("/", os.sep)).names() == [f"{'é' * 100}.pdf"]
    at.move(f"{'é' * 100}.pdf", root, "up.pdf")
    assert root.holds("up.pdf") and at.names() == []


def test_what_is_open_stays_what_it_was_whatever_bears_its_name_since(here: Path, root: Directory) -> None:
    with root.open("in") as inside:
        (here / "in").rename(here / "was")
        (here / "in").mkdir()
        (here / "in" / "other.pdf").write_bytes(b"")
        with untouched(here / "in"):
            os.close(inside.create("new.pdf"))
            inside.make("folder")
            assert sorted(inside.names()) == ["deep", "folder", "new.pdf"]
    assert sorted(os.listdir(here / "was")) == ["deep", "folder", "new.pdf"]


def _link_first(here: Path) -> None:
    (here / "in").rename(here / "was")
    links.to_directory(here / "in", here.parent / "elsewhere")


def _link_last(here: Path) -> None:
    (here / "in" / "deep").rename(here / "was")
    links.to_directory(here / "in" / "deep", here.parent / "elsewhere" / "deep")


LINKED: dict[str, Callable[[Path], object]] = {"the first": _link_first, "the last": _link_last}


@pytest.mark.parametrize("linked", LINKED.values(), ids=LINKED.keys())
def test_a_directory_that_is_a_link_is_not_opened(
    here: Path, root: Directory, linked: Callable[[Path], object]
) -> None:
    linked(here)
    with untouched(here.parent):
        with pytest.raises(OSError):
            root.open("in/deep")
        with pytest.raises(NotOurs):
            root.own("in" if linked is _link_first else "in/deep")
        up = root if linked is _link_first else root.open("in")
        with up.listing() as it:
            (entry,) = (e for e in it if e.name in ("in", "deep"))
            assert not entry.is_dir(follow_symlinks=False)
            assert stat.S_ISLNK(entry.stat(follow_symlinks=False).st_mode)
        assert stat.S_ISLNK(up.stat(entry.name).st_mode)
        with pytest.raises(NotADocument):
            up.document(entry.name)
        with pytest.raises(NotOurs):
            up.owns(entry.name)


# -- the engine's own ----------------------------------------------------------------------------------------------------


def test_what_the_engine_makes_for_itself_is_its_own(here: Path, root: Directory) -> None:
    with pytest.raises(FileNotFoundError):
        root.own(".syncd")
    own = root.own(".syncd", make=True, narrow=True)
    assert root.own(".syncd", make=True, narrow=True).names() == [] and own.where == f"{here}/.syncd"
    temps = own.own("tmp", make=True, narrow=True)
    own.owns("tmp")
    write_open(temps.create("t"), b"arrived")
    with pytest.raises(FileNotFoundError):
        own.owns("nothing")
    with pytest.raises(NotOurs):
        temps.owns("t")
    with pytest.raises(NotOurs):
        own.own("tmp/t")
    assert root.own(".syncd/tmp", look=True).names() == ["t"]


def test_what_arrived_is_given_what_its_folder_gives_and_gets_its_name(here: Path, root: Directory) -> None:
    temps = root.own(".syncd", make=True).own("tmp", make=True)
    deep = root.open("in/deep")
    write_open(temps.create("t"), b"arrived")
    grouped, inode = temps.give("t", deep.gives())
    assert grouped and inode == temps.stat("t").st_ino
    temps.move("t", deep, "b.pdf")
    assert deep.stat("b.pdf").st_ino == inode and temps.names() == []
    assert (here / "in" / "deep" / "b.pdf").read_bytes() == b"arrived"
    write_open(temps.create("u"), b"again")
    assert temps.give("u", deep.belonging("b.pdf"))[0]
    deep.keep("b.pdf")
    assert hash_open(deep.document("b.pdf"))[0] == content_of(b"arrived")


@pytest.mark.parametrize("read", [False, True], ids=["nobody reads", "somebody reads it"])
def test_a_marker_is_replaced_in_one_step(root: Directory, read: bool) -> None:
    if read and links.WINE:
        pytest.skip("Wine renames over nothing that is open")
    own = root.own(".syncd", make=True)
    write_open(own.create("old"), b"old")
    write_open(own.create("new"), b"new")
    reading = own.document("old") if read else None
    try:
        own.supplant("new", "old")
    finally:
        if reading is not None:
            os.close(reading)
    assert own.names() == ["old"] and hash_open(own.document("old"))[0] == content_of(b"new")


# -- names ---------------------------------------------------------------------------------------------------------------


def test_a_move_never_replaces(here: Path, root: Directory) -> None:
    (here / "b.pdf").write_bytes(b"b")
    (here / "other").mkdir()
    with root.open("in/deep") as deep:
        with untouched(here):
            replacing: tuple[Callable[[], None], ...] = (
                lambda: deep.move("a.pdf", root, "b.pdf"), lambda: root.move("in", deep, "a.pdf"),
                lambda: root.move("other", root, "in"), lambda: root.move("b.pdf", root, "in"),
                lambda: root.link("b.pdf", deep, "a.pdf"),
            )  # fmt: skip
            for do in replacing:
                with pytest.raises(FileExistsError):
                    do()
            with pytest.raises(FileNotFoundError):
                deep.move("nothing", root, "d.pdf")
        deep.move("a.pdf", root, "c.pdf")
        root.link("c.pdf", deep, "c.pdf")
        deep.sync()
    assert {p.name: p.read_bytes() for p in here.glob("*.pdf")} == {"b.pdf": b"b", "c.pdf": b"a"}
    assert (here / "in" / "deep" / "c.pdf").samefile(here / "c.pdf")


def test_an_exchange_loses_neither_side_or_is_not_done(here: Path, root: Directory) -> None:
    (here / "b.pdf").write_bytes(b"b")
    with root.open("in/deep") as deep:
        done = deep.exchange("a.pdf", root, "b.pdf")
    assert (here / "b.pdf").read_bytes() == (b"a" if done else b"b")
    assert (here / "in" / "deep" / "a.pdf").read_bytes() == (b"b" if done else b"a")


def test_a_folder_moves_with_all_that_is_in_it(here: Path, root: Directory) -> None:
    root.make("to")
    with root.open("to") as to:
        root.move("in", to, "inside")
    assert (here / "to" / "inside" / "deep" / "a.pdf").read_bytes() == b"a" and not (here / "in").exists()


def test_a_closed_directory_lets_go(here: Path, root: Directory) -> None:
    """Whoever goes on with it is told, and is not led anywhere else."""
    with root.open("in/deep") as deep:
        pass
    for do in (
        deep.names, deep.status, deep.gives, lambda: deep.stat("a.pdf"), lambda: deep.document("a.pdf"),
        lambda: deep.create("b.pdf"), lambda: deep.make("b"), lambda: deep.move("a.pdf", root, "b.pdf"),
        lambda: root.move("in", deep, "b"),
    ):  # fmt: skip
        with pytest.raises(OSError):
            do()
    deep.close()
    assert whole(here)[str(here / "in" / "deep" / "a.pdf")] and root.names() == ["in"]
