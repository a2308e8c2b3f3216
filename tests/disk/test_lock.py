"""One process at a time, and nobody after its death."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock as Library
from filelock import Timeout

from syncd.disk.lock import FileLock, Held, held

HOLDER = """
import sys
from pathlib import Path
from syncd.disk.lock import FileLock
with FileLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another(path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.lock"


def test_another_process_is_kept_out_until_it_is_let_go(path: Path) -> None:
    with another(path) as other:
        assert held(path)
        with pytest.raises(Held):
            FileLock(path).acquire()
        other.communicate("")
    assert not held(path)
    with FileLock(path):
        assert held(path)
    assert not held(path)


def test_whoever_is_killed_holds_nothing(path: Path) -> None:
    with another(path) as other:
        other.kill()
        assert other.wait() in (-signal.SIGKILL, 1) and not held(path)


def test_patience_waits_for_whoever_holds_it_a_moment(path: Path) -> None:
    with another(path) as other:
        assert other.stdin is not None
        other.stdin.close()
        lock = FileLock(path)
        lock.acquire(patience=30)
        assert lock.mine
        lock.release()


def test_the_file_is_its_owners_alone_and_not_made_by_asking(path: Path) -> None:
    assert not held(path) and not path.exists()
    with FileLock(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_in_its_place_is_not_followed(path: Path) -> None:
    target = path.with_name("elsewhere")
    path.symlink_to(target)
    with pytest.raises(OSError, match=r"symbolic links|Too many levels"):
        FileLock(path).acquire()
    assert not target.exists()


def test_an_engine_of_an_earlier_version_is_kept_out_and_keeps_out(path: Path) -> None:
    """They lock the same file by a library."""
    with Library(path), pytest.raises(Held):
        FileLock(path).acquire()
    with FileLock(path), pytest.raises(Timeout):
        Library(path, timeout=0).acquire()
