"""The state database: whole, its stream of events unbroken, and what it is still reconciling."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from syncd.config.model import Config
from syncd.core import words
from syncd.core.errors import AlreadyRunning, SyncdError
from syncd.core.reasons import Family, family
from syncd.core.restored_backups import Restored
from syncd.disk import private
from syncd.doctor.finding import Finding, Level, failed
from syncd.state.store import Store, faults
from syncd.wiring import assembly


def examine(config: Config) -> Iterator[Finding]:
    yield from _token(config)
    yield from _closed(config)
    directory = Path(config.mirror.state)
    if not (directory / "state.db").exists():
        yield Finding(
            "state", Level.WARNING, "La mémoire de la synchronisation n'existe pas (encore, ou plus).",
            "Rien à faire : la prochaine synchronisation la refait en comparant les deux côtés.",
        )  # fmt: skip
        return
    try:
        damaged = faults(directory)
    except SyncdError as e:
        yield failed("state", e)
        return
    if damaged:
        yield Finding(
            "state", Level.BAD, "La mémoire de la synchronisation est abîmée.",
            "Lancez 'syncd run' : elle est mise de côté et refaite en comparant les deux côtés ; vérifiez le disque.", code=1,
        )  # fmt: skip
        return
    yield Finding("state", Level.OK, "La mémoire de la synchronisation est entière.")
    try:
        store = assembly.store(config, writes=False)
    except SyncdError as e:
        yield failed("state", e)
        return
    try:
        if (at := store.journal.broken_link()) is not None:
            yield Finding(
                "journal", Level.BAD, f"Le journal a été modifié ou abîmé à partir de la ligne {at}.",
                "Comparez avec une sauvegarde de [mirror] state ; 'syncd journal verify' dit où.", code=3,
            )  # fmt: skip
        else:
            yield Finding("journal", Level.OK, "Le journal des événements est intact.")
        yield from _stopped(store)
        for row in store.clients.all():
            for mark in sorted(row.recovery) if not row.closed else ():
                yield Finding("recovery", Level.WARNING, f"{row.code} {row.name} : {_MARKS[mark]}", _GOES_ON)
    finally:
        store.close()
    try:
        with assembly.lock(config):
            pass
    except AlreadyRunning:
        yield Finding("lock", Level.OK, "Une synchronisation est en cours.")


def _stopped(store: Store) -> Iterator[Finding]:
    """Clients that the last look at them left alone, and why."""
    rows = {r.id: r for r in store.clients.all() if not r.closed}
    for told in store.journal.open_reports():
        if told.client in rows and family(told.reason) is Family.STOP:
            client, why = rows[told.client], words.reason(told.reason, told.detail)
            mend = _UNMARKED if told.reason == "stop_client_marker" else ""
            yield Finding("client", Level.BAD, f"{client.code} {client.name} : {why}.", mend, code=3)


_UNMARKED = (
    "Remettez .syncd/client.json de ce client depuis la sauvegarde. Sans sauvegarde : arrêtez le service, mettez "
    "l'ancienne mémoire ([mirror] state) de côté, relancez 'syncd init' avec une mémoire neuve, attendez cinq minutes si "
    "une autre synchronisation est annoncée, puis 'syncd run' : chaque dossier sans repère attend alors votre accord "
    "('syncd approve'), et rien n'est transmis avant."
)
_GOES_ON = "Rien à faire : la prochaine synchronisation continue, jusqu'à ce que les deux côtés soient réconciliés."
_MARKS = {
    Restored.PORTAL: "la plateforme a été restaurée ; ce qui y manque est renvoyé, rien n'est mis de côté.",
    Restored.STATE: "la mémoire était perdue ou ancienne ; les deux côtés sont comparés, aucune suppression n'est déduite.",
    Restored.MIRROR: "les dossiers du cabinet ont été restaurés ; ce qui y manque est repris de la plateforme.",
}


def _closed(config: Config) -> Iterator[Finding]:
    """Whether the machine's other accounts may look into what tells of every client."""
    if os.name != "posix":
        state = Path(config.mirror.state)
        if state.exists() and (who := private.readers(state)):
            yield Finding(
                "private", Level.WARNING, f"'{state}' peut être lu par d'autres comptes : {', '.join(who)}.",
                "Le prochain passage le ferme aux autres comptes ; sinon, donnez au compte du service le droit de le faire.",
            )  # fmt: skip
        else:
            yield Finding("private", Level.OK, "La mémoire est fermée aux autres comptes.")
        return
    wide = False
    places = ((config.mirror.state, 0o077, "chmod 700"), (config.mirror.logs, 0o007, "chmod o-rwx"))
    for place, others, mend in places:
        if Path(place).exists() and Path(place).stat().st_mode & others:
            wide = True
            yield Finding(
                "private", Level.WARNING, f"'{place}' peut être lu par d'autres comptes de cette machine.", f"{mend} {place}"
            )  # fmt: skip
    if not wide:
        yield Finding("private", Level.OK, "La mémoire et les comptes rendus sont fermés aux autres comptes.")


def _token(config: Config) -> Iterator[Finding]:
    try:
        assembly.token(config)
    except SyncdError as e:
        yield failed("token", e)
        return
    path = Path(config.portal.token_file)
    if os.name == "posix" and path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            "token", Level.WARNING, f"La clé '{path}' peut être lue par d'autres comptes de cette machine.",
            f"chmod 600 {path}",
        )  # fmt: skip
    elif path.exists() and (who := private.readers(path)):
        yield Finding(
            "token", Level.WARNING, f"La clé '{path}' peut être lue par d'autres comptes : {', '.join(who)}.",
            f'icacls "{path}" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F, et le compte du service s\'il en a un à lui.',
        )  # fmt: skip
    else:
        yield Finding("token", Level.OK, "La clé de synchronisation est là.")
