"""The process that reads strangers' files. Run as a module it gets tasks over a socket and has each done by a child."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO

import msgspec

from syncd.portal.readers import invoices, pictures, previews, rule_sets, sheets, texts
from syncd.portal.readers.worker_client import Task

Work = Callable[..., bytes]
WORK: Mapping[str, Work] = {
    "picture": pictures.picture, "logo": pictures.logo, "preview": previews.preview, "sheet": sheets.rows, "text": texts.text,
    "facts": invoices.facts, "invoice": invoices.sheet, "schema": rule_sets.schema, "rules": rule_sets.rules,
}  # fmt: skip


def limit(task: Task) -> None:
    """Kept by the system, whatever the child comes to be: memory, processor, clock, and no file may be written."""
    resource.setrlimit(resource.RLIMIT_DATA if task.written else resource.RLIMIT_AS, (task.memory, task.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(task.seconds) + 1, int(task.seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(task.nice)
    signal.setitimer(signal.ITIMER_REAL, task.seconds)  # its signal ends the process, also within a library


def read(task: Task, source: BinaryIO) -> bytes:
    """`+…+`: what was made; `-`: nothing can be made of it; `!`: it takes too much."""
    try:
        return b"+" + WORK[task.do](source, **task.given) + b"+"
    except (MemoryError, OverflowError):
        return b"!"
    except Exception:  # of a library, of any kind: hostile files find each of them
        return b"-"


def serve(line: socket.socket) -> None:
    """Until nobody holds the other end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that are over leave nothing
    pictures.load()
    line.send(b"!")  # ready
    while True:
        asked, fds, _flags, _address = socket.recv_fds(line, 65_536, 2)
        if not asked:
            return
        if os.fork() == 0:
            line.close()
            _child(msgspec.json.decode(asked, type=Task), *fds)
        for fd in fds:
            os.close(fd)


def _child(task: Task, source: int, answer: int) -> None:
    try:
        limit(task)
        with open(source, "rb", closefd=False) as file:
            said = memoryview(read(task, file))
        while said:
            said = said[os.write(answer, said) :]
    finally:
        os._exit(0)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        serve(given)
