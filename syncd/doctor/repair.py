"""What `syncd doctor --repair` mends: counts of generations that somebody else's number came into."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from syncd.config.model import Config
from syncd.core.errors import SyncdError
from syncd.core.events import shown
from syncd.doctor.finding import Finding, Level, failed
from syncd.engine.maintenance.reset_generations import Repaired, set_anew
from syncd.wiring import assembly

_SIDES = {"state": "la mémoire", "portal": "la plateforme", "root": "le repère de la racine"}
_NEXT = (
    "Rien d'autre à faire : la prochaine synchronisation compare les deux côtés, sans en déduire aucune suppression."
)


def repair(config: Config) -> Iterator[Finding]:
    """What was mended, a finding each. Under the engine's lock: AlreadyRunning while a run or the service works."""
    with assembly.lock(config):
        try:
            done = asyncio.run(_repair(config))
        except SyncdError as e:
            yield failed("repair", e)
            return
    if not done.sides and not done.clients:
        yield Finding("repair", Level.OK, "Rien à réparer : tous les compteurs sont possibles.")
    if done.sides:
        where = ", ".join(_SIDES[side] for side in done.sides)
        yield Finding(
            "repair", Level.OK, f"Compteurs repris à {done.generation} des trois côtés (abîmés : {where}).", _NEXT
        )
    for code in done.clients:
        yield Finding("repair", Level.OK, f"Repère du client {code} réécrit.", _NEXT)
    for name, why in done.faults:
        yield Finding(
            "repair", Level.BAD, f"Le repère de '{shown(name)}' ne peut pas être réécrit ({why}).",
            "Donnez au compte du service le droit d'écrire dans ce dossier, puis recommencez.", code=3,
        )  # fmt: skip
    if done.kept:
        yield Finding(
            "repair", Level.WARNING, "La plateforme, d'une version plus ancienne, garde son compteur ; il est ignoré.",
            "Mettez la plateforme à jour, puis recommencez.",
        )  # fmt: skip


async def _repair(config: Config) -> Repaired:
    store = assembly.sound_store(config)
    ports = assembly.ports(config, store)
    try:
        return await set_anew(ports, assembly.settings(config, store))
    finally:
        await ports.remote.close()
        store.close()
