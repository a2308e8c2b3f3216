"""What every adapter owes a document: made once, read as it is, durable; the rest of the contract is in test_contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.disk import durability
from syncd.disk.directory import Directory, NotADocument, NotOurs
from syncd.disk.hashing import Changed, content_of, hash_open, read_open, stamp_of, write_open
from tests.disk import links
from tests.disk.test_contract import untouched


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


# -- documents -----------------------------------------------------------------------------------------------------------

SPECIAL: dict[str, Callable[[Path], object]] = {
    "a link": lambda p: links.to_file(p, p.parent.parent / "elsewhere" / "secret.pdf"),
    "a dangling link": lambda p: links.to_file(p, p.parent.parent / "elsewhere" / "new.pdf"),
    "a directory": lambda p: p.mkdir(),
}


@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL.keys())
def test_what_is_no_document_is_neither_read_nor_written(
    here: Path, root: Directory, make: Callable[[Path], object]
) -> None:
    make(here / "x")
    with untouched(here.parent / "elsewhere"):
        for do in (root.document, root.belonging, root.synced, root.keep):
            with pytest.raises(NotADocument):
                do("x")
        with pytest.raises(NotOurs):
            root.resume("x")
        with pytest.raises(FileExistsError):
            root.create("x")
        with pytest.raises(FileExistsError):
            root.move("in", root, "x")


def test_a_document_is_made_once_written_and_gone_on_with(root: Directory) -> None:
    write_open(root.create("t"), b"one")
    with pytest.raises(FileExistsError):
        root.create("t")
    with open(root.resume("t"), "r+b") as f:
        f.seek(3)
        f.write(b" two\r\n")
    assert hash_open(root.document("t"))[0] == content_of(b"one two\r\n")
    with pytest.raises(FileNotFoundError):
        root.resume("u")
    root.remove("t")
    assert not root.holds("t")
    with pytest.raises(FileNotFoundError):
        root.remove("t")


def test_what_changes_while_it_is_read_is_not_used(here: Path, root: Directory) -> None:
    stamp = stamp_of(root.open("in/deep").stat("a.pdf"))
    (here / "in" / "deep" / "a.pdf").write_bytes(b"changed")
    with pytest.raises(Changed):
        read_open(root.open("in/deep").document("a.pdf"), stamp)


def test_a_file_with_a_second_name_is_not_written_to(here: Path, root: Directory) -> None:
    os.link(here.parent / "elsewhere" / "secret.pdf", here / "x")
    with untouched(here.parent / "elsewhere"), pytest.raises(NotOurs):
        root.resume("x")


def test_bytes_and_names_are_made_durable(here: Path, root: Directory) -> None:
    """A descriptor that only reads will not do everywhere."""
    own = root.own(".syncd", make=True)
    for n in range(6):
        write_open(own.create(f"t{n}"), b"x")
    durability.sync_documents([(own, "t0")])
    durability.sync_documents([(own, f"t{n}") for n in range(6)])
    durability.sync_names([own, root])
    durability.fsync_path(str(here / "in" / "deep" / "a.pdf"))
    durability.sync_files([str(here / "in" / "deep" / "a.pdf")])
    durability.sync_directories([str(here)])
    with pytest.raises(FileNotFoundError):
        own.synced("nothing")
