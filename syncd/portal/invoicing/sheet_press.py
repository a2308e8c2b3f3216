"""The process that lays out sheets (WeasyPrint), kept and asked in turn: the library is not loaded into the portal, and what it
crashes on, leaks or holds is its own. It is started with the first sheet, and anew after RUNS of them."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import select
import signal
import subprocess
import sys
import threading
import time
from typing import IO

RUNS = 500
START, SECONDS = 60.0, 20.0  # until it has loaded; of one sheet
LARGEST = 40_000_000
WAIT = 60.0  # for one's turn


class Absent(Exception):
    """What it works with is not installed."""


class Failed(Exception):
    """It made nothing, or not in time."""


class Press:
    """Any thread may ask; one is served at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def pdf(self, html: str, seconds: float = SECONDS) -> bytes:
        """PDF/A-3b of a page that holds all it shows. Raises Absent or Failed."""
        if not available():
            raise Absent
        if not self._turn.acquire(timeout=WAIT):
            raise Failed("busy")
        try:
            made = self._pdf(html.encode(), seconds)
        except OSError as e:
            self._end()
            raise Failed(str(e)) from None
        finally:
            self._turn.release()
        if not made.startswith(b"%PDF"):
            raise Failed(made.decode(errors="replace")[:500])
        return made

    def _pdf(self, page: bytes, seconds: float) -> bytes:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(len(page).to_bytes(4, "big") + page)
        process.stdin.flush()
        until = time.monotonic() + seconds
        length = int.from_bytes(_read(process.stdout, 4, until), "big")
        if length > LARGEST:
            raise OSError("too large a sheet")
        made = _read(process.stdout, length, until)
        self._made += 1
        if self._made >= RUNS:
            self._end()
        return made

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "syncd.portal.invoicing.sheet_worker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, env=_environment(),
            )  # fmt: skip
            assert self._process.stdout is not None
            _read(self._process.stdout, 1, time.monotonic() + START)
        return self._process

    def _end(self) -> None:
        process, self._process, self._made = self._process, None, 0
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for end in (process.stdin, process.stdout):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()
        process.wait()

    def stop(self) -> None:
        """The next sheet starts it again."""
        with self._turn:
            self._end()


@functools.cache
def press() -> Press:
    """This process's."""
    return Press()


def available() -> bool:
    return importlib.util.find_spec("weasyprint") is not None


def _environment() -> dict[str, str]:
    """Nothing of the portal's: its environment holds passwords."""
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TZ", "HOME", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _read(pipe: IO[bytes], count: int, until: float) -> bytes:
    """That many bytes, in time. Raises OSError."""
    found, fd = bytearray(), pipe.fileno()
    ready = select.poll()
    ready.register(fd, select.POLLIN)
    while len(found) < count:
        left = until - time.monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise TimeoutError("no answer in time")
        piece = os.read(fd, min(count - len(found), 1_000_000))
        if not piece:
            raise OSError("it ended")
        found += piece
    return bytes(found)
