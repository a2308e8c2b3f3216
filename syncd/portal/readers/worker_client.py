"""Asks a process of its own to read a file: one that asks for gigabytes or minutes ends alone (HAZARDS 51).

The process is kept and has its libraries loaded. Each file is read by a child of it, which knows of no other file, has
limits that the system keeps, and is over with its answer: nothing that one file did is there for the next.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, BinaryIO

import msgspec

AT_ONCE = 2  # children
MEMORY = 900_000_000  # bytes of one child's addresses, of which its libraries take a third
ANSWER = 40_000_000  # bytes
PATIENCE = 5.0  # seconds beyond a child's own limit, until the whole process is given up
GONE = 0.2  # seconds within which one that died is known to be gone
START = 30.0  # seconds until the process has loaded its libraries
_DONE = b"+"


class Unreadable(Exception):
    """The file is none of its kind, or broken, or locked."""


class TooMuch(Exception):
    """Reading it takes more time, memory or room for its answer than there is."""


class Busy(Exception):
    """Others are being read: nothing is known of this one."""


class Task(msgspec.Struct, frozen=True, gc=False):
    """`do`: a name of `process.WORK`; `given`: its arguments beside the file; `nice`: how far others come first. `written`: the memory
    is what is written to, not what is addressed: a library that reserves gigabytes and uses few of them.
    """

    do: str
    given: dict[str, Any]
    seconds: float
    memory: int
    nice: int = 0
    written: bool = False


class Reader:
    """Made once for a process; any thread may ask."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._turn = threading.BoundedSemaphore(at_once)
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def ask(
        self, do: str, source: BinaryIO, *, seconds: float = 10.0, wait: float = 60.0, nice: int = 0, written: bool = False, **given: Any
    ) -> bytes:  # fmt: skip
        """What `process.WORK[do]` makes of the source, from its beginning. `seconds`: of the clock and of a processor; `wait`: for
        its turn; `nice`, `written`: as of `Task`. Raises Unreadable, TooMuch or Busy.
        """
        if not self._turn.acquire(timeout=wait):
            raise Busy
        try:
            with _descriptor(source) as fd:
                task = Task(do, given, seconds, MEMORY, nice, written)
                for _ in range(3):  # a process that ended on its way, through no fault of this file, is started again
                    with contextlib.suppress(OSError):
                        if (answer := self._once(task, fd)) is not None:
                            return _told(answer)
        finally:
            self._turn.release()
        raise Busy

    def _once(self, task: Task, fd: int) -> bytes | None:
        """The child's answer, cut where it died; None, or OSError, when the process that makes children is gone."""
        process, line = self._running()
        os.lseek(fd, 0, os.SEEK_SET)
        mine, its = os.pipe()
        try:
            try:
                socket.send_fds(line, [msgspec.json.encode(task)], [fd, its])
            finally:
                os.close(its)
            answer = _everything(mine, task.seconds + PATIENCE)
        finally:
            os.close(mine)
        if answer is None:
            self._end(process)
            raise TooMuch
        if not answer:  # the child died, or with it whoever makes children
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GONE)
                return None
        return answer

    def _running(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        with self._starting:
            if self._process is None or self._line is None or self._process.poll() is not None:
                self._close()
                here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with there:
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "syncd.portal.readers.worker", str(there.fileno())],
                        pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL, start_new_session=True, env=_environment(),
                    )  # fmt: skip
                self._line = here
                here.settimeout(START)
                if not here.recv(1):  # it ended, or (TimeoutError, an OSError) never began
                    raise OSError("the process that reads files did not start")
                here.settimeout(None)
            return self._process, self._line

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Whoever is being asked ends; the next question starts it again."""
        with self._starting:
            if self._process is not None:
                self._end(self._process)
            self._close()
            self._process = self._line = None


@functools.cache
def reader() -> Reader:
    """This process's."""
    return Reader()


@functools.cache
def checker() -> Reader:
    """This process's, for what takes seconds and holds up nobody's picture: one at a time."""
    return Reader(1)


def stop() -> None:
    """Both, where they were begun."""
    reader().stop()
    checker().stop()


def _environment() -> dict[str, str]:
    """Nothing of the portal's: its environment holds passwords."""
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}


@contextlib.contextmanager
def _descriptor(source: BinaryIO) -> Any:
    """The file's own, or that of a copy without a name."""
    try:
        yield source.fileno()
        return
    except OSError:
        pass
    with tempfile.TemporaryFile() as copy:
        source.seek(0)
        while piece := source.read(1_000_000):
            copy.write(piece)
        copy.flush()
        yield copy.fileno()


def _everything(pipe: int, seconds: float) -> bytes | None:
    """Until its other end is closed; None when that does not happen in time, or never ends."""
    until, found = time.monotonic() + seconds, bytearray()
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    while (left := until - time.monotonic()) > 0:
        if not ready.poll(left * 1000):
            continue
        piece = os.read(pipe, 1_000_000)
        if not piece:
            return bytes(found)
        found += piece
        if len(found) > ANSWER:
            return None
    return None


def _told(answer: bytes) -> bytes:
    if answer[:1] == _DONE and answer[-1:] == _DONE:
        return answer[1:-1]
    if answer[:1] == b"-":
        raise Unreadable
    raise TooMuch  # it said so, or died before it said anything
