"""The cabinet's disk: the root and its marker, rights, room, what its file system can do."""

from __future__ import annotations

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
from syncd.doctor import file_system
from syncd.doctor.finding import Finding, Level
from syncd.wiring import assembly

RESERVE = 1_000_000_000


def examine(config: Config) -> Iterator[Finding]:
    root = Path(config.mirror.root)
    try:
        assembly.mirror(config).root()
    except MirrorError as e:
        yield Finding("root", Level.BAD, f"La racine des dossiers : {e.message}", e.mend, code=1)
        return
    yield Finding("root", Level.OK, f"La racine '{root}' porte le repère de ce cabinet.")
    yield from _clients(config)
    yield _account()
    for about, place, mend in (
        ("rights_root", root, "Donnez au compte du service le droit d'écrire dans les dossiers du cabinet."),
        (
            "rights_state",
            Path(config.mirror.state),
            "Donnez au compte du service le droit d'écrire dans [mirror] state.",
        ),
        ("rights_logs", Path(config.mirror.logs), "Donnez au compte du service le droit d'écrire dans [mirror] logs."),
    ):
        if place.exists():  # what does not exist yet is made by the next run
            yield _writable(about, place, mend)
    for about, place in (("room_root", root), ("room_state", Path(config.mirror.state))):
        if place.exists():
            yield _room(about, place)
    yield from file_system.examine(config)
    yield from _watches(root)


def _clients(config: Config) -> Iterator[Finding]:
    directories = assembly.mirror(config).clients()
    faults = [d for d in directories if d.fault]
    marked = [d for d in directories if d.client]
    doubled = sorted({d.client for d in marked if sum(x.client == d.client for x in marked) > 1})
    for client in doubled:
        names = " ; ".join(shown(d.name) for d in marked if d.client == client)
        yield Finding(
            "doubled", Level.BAD, f"Deux dossiers portent le repère du même client : {names}.",
            "Gardez-en un sous la racine.", code=3,
        )  # fmt: skip
    for fault in faults:
        yield Finding(
            "marker", Level.BAD, f"Le repère de '{shown(fault.name)}' est illisible ({fault.fault}).",
            "Remettez .syncd/client.json depuis une sauvegarde ; n'en créez pas un nouveau. "
            "Si seuls ses nombres sont faux, 'syncd doctor --repair' le réécrit.", code=3,
        )  # fmt: skip
    if not doubled and not faults:
        yield Finding(
            "markers",
            Level.OK,
            f"{words.count(len(marked), 'dossier client', 'dossiers clients')}, chacun avec son repère.",
        )


def _account() -> Finding:
    if getattr(os, "geteuid", lambda: 1)() == 0:
        return Finding(
            "account", Level.WARNING, "syncd tourne sous le compte root : une erreur y aurait tous les droits de la machine.",
            "Donnez-lui un compte à lui (User= dans l'unité), propriétaire des dossiers .syncd, de [mirror] state et de logs.",
        )  # fmt: skip
    return Finding("account", Level.OK, "syncd tourne sous un compte qui n'est pas root.")


def _writable(about: str, place: Path, mend: str) -> Finding:
    probe = place / f".syncd-probe-{secrets.token_hex(4)}"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as e:
        return Finding(about, Level.BAD, f"'{place}' ne peut pas être écrit ({e.strerror}).", mend, code=1)
    return Finding(about, Level.OK, f"'{place}' peut être écrit.")


def _room(about: str, place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    text = f"{words.size(free)} libres sur le disque de '{place}'."
    if free < RESERVE:
        return Finding(about, Level.WARNING, text, "Faites de la place : sous 64 Mo, plus aucun document n'est reçu.")
    return Finding(about, Level.OK, text)


def _watches(root: Path) -> Iterator[Finding]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if sys.platform != "linux" or not limit.exists():
        return
    allowed = int(limit.read_text())
    needed = 0
    for _, folders, _ in os.walk(root):
        needed += len(folders)
        if needed > allowed:
            yield Finding(
                "watches", Level.WARNING, f"Plus de dossiers à surveiller que le système n'en permet ({allowed}).",
                f"Augmentez la limite : sysctl fs.inotify.max_user_watches={2 * allowed}. "
                "D'ici là, le passage complet voit tout, un peu plus tard.",
            )  # fmt: skip
            return
    yield Finding("watches", Level.OK, f"{needed} dossiers à surveiller, {allowed} permis.")
