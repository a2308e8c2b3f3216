"""The cabinet's disk: the root and its marker, rights, room, what its file system can do."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from syncd.config.model import Config
from syncd.core import words
from syncd.core.errors import MirrorError
from syncd.core.events import shown
from syncd.core.words import doctor as said
from syncd.doctor import file_system
from syncd.doctor.finding import Finding, Level, failed
from syncd.wiring import assembly

RESERVE = 1_000_000_000


def examine(config: Config) -> Iterator[Finding]:
    root, state, logs = Path(config.mirror.root), Path(config.mirror.state), Path(config.mirror.logs)
    language = config.language
    try:
        assembly.mirror(config).root()
    except MirrorError as e:
        yield failed("root", e, language)
        return
    yield Finding("root", Level.OK, said.ROOT(language, root=root))
    yield from _clients(config)
    yield _account(language)
    for about, place, mend in (
        ("rights_root", root, said.RIGHTS_ROOT(language)),
        ("rights_state", state, said.RIGHTS_OF(language, key="state")),
        ("rights_logs", logs, said.RIGHTS_OF(language, key="logs")),
    ):
        if place.exists():  # what does not exist yet is made by the next run
            yield _writable(about, place, mend, language)
    for about, place in (("room_root", root), ("room_state", state)):
        if place.exists():
            yield _room(about, place, language)
    yield from file_system.examine(config)
    yield from _watches(root, language)


def _clients(config: Config) -> Iterator[Finding]:
    language = config.language
    directories = assembly.mirror(config).clients()
    faults = [d for d in directories if d.fault]
    marked = [d for d in directories if d.client]
    doubled = sorted({d.client for d in marked if sum(x.client == d.client for x in marked) > 1})
    for client in doubled:
        names = " ; ".join(shown(d.name) for d in marked if d.client == client)
        yield Finding("doubled", Level.BAD, said.DOUBLED(language, names=names), said.DOUBLED_MEND(language), code=3)
    for fault in faults:
        text = said.MARKER(language, name=shown(fault.name), why=fault.fault)
        yield Finding("marker", Level.BAD, text, said.MARKER_MEND(language), code=3)
    if not doubled and not faults:
        yield Finding("markers", Level.OK, said.MARKERS(language, clients=said.CLIENTS(language, len(marked))))


def _account(language: str) -> Finding:
    if getattr(os, "geteuid", lambda: 1)() == 0:
        return Finding("account", Level.WARNING, said.AS_ROOT(language), said.AS_ROOT_MEND(language))
    return Finding("account", Level.OK, said.NOT_ROOT(language))


def _writable(about: str, place: Path, mend: str, language: str) -> Finding:
    """`mend`: what to do where a right is missing; a disk that is full or read-only has its own."""
    probe = place / f".syncd-probe-{secrets.token_hex(4)}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as e:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)  # made, and then there was no room for what is in it
        of_disk = {errno.ENOSPC: said.ROOM_FULL, errno.EDQUOT: said.ROOM_FULL, errno.EROFS: said.READ_ONLY}.get(
            e.errno or 0
        )
        text = said.UNWRITABLE(language, place=place, why=e.strerror)
        return Finding(about, Level.BAD, text, of_disk(language) if of_disk else mend, code=1)
    return Finding(about, Level.OK, said.WRITABLE(language, place=place))


def _room(about: str, place: Path, language: str) -> Finding:
    free = shutil.disk_usage(place).free
    text = said.ROOM(language, size=words.size(free, language), place=place)
    if free < RESERVE:
        return Finding(about, Level.WARNING, text, said.ROOM_MEND(language))
    return Finding(about, Level.OK, text)


def _watches(root: Path, language: str) -> Iterator[Finding]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if sys.platform != "linux" or not limit.exists():
        return
    allowed = int(limit.read_text())
    needed = 0
    for _, folders, _ in os.walk(root):
        needed += len(folders)
        if needed > allowed:
            text = said.WATCHES_FEW(language, allowed=allowed)
            yield Finding("watches", Level.WARNING, text, said.WATCHES_MEND(language, wanted=2 * allowed))
            return
    yield Finding("watches", Level.OK, said.WATCHES(language, needed=needed, allowed=allowed))
