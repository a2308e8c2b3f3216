"""One process, timed; medians over rounds; a table with ratios."""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Figure:
    """`wall`, `cpu` (the process and its children) and `server` (CPU of the other end) in seconds, `peak` in MB."""

    wall: float
    cpu: float
    peak: float
    out: str = ""
    server: float = 0.0
    requests: int = 0


@dataclass
class Row:
    """One contender of a case. `durable`: what is on the disk when it says that it is done."""

    name: str
    durable: str
    figures: list[Figure] = field(default_factory=list)

    def median(self, what: str) -> float:
        return statistics.median(float(getattr(f, what)) for f in self.figures)


def timed(
    command: Sequence[object], env: dict[str, str] | None = None, cwd: Path | None = None, accept: Sequence[int] = (0,)
) -> Figure:
    """Runs to its end and says what it took. A process that fails ends the whole measurement: its time means nothing."""
    read, write = os.pipe()
    start = time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)), stdout=write, stderr=subprocess.STDOUT, env=env, cwd=cwd, stdin=subprocess.DEVNULL
    )
    os.close(write)
    peak = Peak(process.pid)
    with os.fdopen(read, errors="replace") as pipe:
        out = pipe.read()
    peak.stop()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in accept:
        sys.exit(f"{' '.join(map(str, command))}: exit {code}\n{out[-3000:]}")
    return Figure(wall, usage.ru_utime + usage.ru_stime, peak.most, out)


class Peak(threading.Thread):
    """The high-water mark of a process, asked while it lives: the one of `wait` begins with that of its parent."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self._over = pid, 0.0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.02):
            try:
                self.most = peak_of(self.pid)
            except (OSError, IndexError):
                return

    def stop(self) -> None:
        self._over.set()
        self.join()


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of its children that have ended."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, stat[11:15])) / TICK


def peak_of(pid: int) -> float:
    """The most memory a process has had resident, in MB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def place() -> Path:
    """A new directory, removed when all is measured: ext4 makes files several times slower after a great removal."""
    base = Path(tempfile.mkdtemp(prefix="syncd-bench-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return base


def settled() -> None:
    """What an earlier round wrote is on the disk, and old enough to be believed, before the next is timed.

    What it removed is old enough, too: ext4 passes over inodes that were removed within five seconds, one by one.
    """
    os.sync()
    time.sleep(6)


def table(title: str, rows: Sequence[Row]) -> None:
    """Markdown, as docs/performance.md quotes it; the ratio is to the first row's time: over 1 means slower than it."""
    print(f"\n### {title}\n")
    print("| | time (s) | least–most | ratio | CPU (s) | CPU of the other end | peak MB | requests | on disk |")
    print("|---|---|---|---|---|---|---|---|---|")
    first = rows[0].median("wall")
    for row in rows:
        walls = [f.wall for f in row.figures]
        requests = int(row.median("requests"))
        print(
            f"| {row.name} | {row.median('wall'):.2f} | {min(walls):.2f}–{max(walls):.2f} | {row.median('wall') / first:.2f} "
            f"| {row.median('cpu'):.2f} | {row.median('server'):.2f} | {row.median('peak'):.0f} | {requests or ''} | {row.durable} |"
        )
    print(flush=True)
