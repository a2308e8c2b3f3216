"""The portal as this machine reaches it: address, certificate, key, clock, who holds the lease, what it remembers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from syncd.config.model import Config
from syncd.core import web_address
from syncd.core.errors import MirrorError, Refused, SyncdError
from syncd.core.protocol import Caller, Hello
from syncd.core.restored_backups import MOST, Restored
from syncd.doctor.finding import Finding, Level, failed
from syncd.engine.maintenance import reset_generations
from syncd.wiring import assembly

SKEW = 120.0


async def _ask(config: Config) -> Hello:
    remote = assembly.remote(config)
    store = assembly.store(config, writes=False)
    try:
        progress = store.progress.read()
        caller = Caller(progress.engine, "", "", lease=False, generation=min(progress.generation, MOST))
        return await remote.hello(caller, store.progress.cursor())
    finally:
        store.close()
        await remote.close()


def examine(config: Config) -> Iterator[Finding]:
    try:
        assembly.token(config)
        hello = asyncio.run(_ask(config))
    except SyncdError as e:
        yield failed("key" if isinstance(e, Refused) else "portal", e)
        return
    secure = web_address.parse(config.portal.url).secure
    yield Finding("portal", Level.OK, f"La plateforme de « {hello.cabinet_name} » répond et accepte la clé.")
    yield Finding(
        "tls",
        Level.OK,
        "La liaison est chiffrée et son certificat est valable." if secure else "La liaison reste sur cette machine.",
    )
    skew = time.time() - hello.now
    if abs(skew) > SKEW:
        yield Finding(
            "clock", Level.WARNING, f"Les horloges diffèrent de {abs(skew) / 60:.0f} minutes.",
            "Mettez les deux machines à l'heure (NTP) : rien n'en dépend, mais les comptes rendus se lisent mal.",
        )  # fmt: skip
    else:
        yield Finding("clock", Level.OK, "Les horloges s'accordent.")
    if hello.holder:
        yield Finding("lease", Level.OK, f"La synchronisation est tenue par : {hello.holder}.")
    yield from _cabinet(config, hello)


def _cabinet(config: Config, hello: Hello) -> Iterator[Finding]:
    store = assembly.store(config, writes=False)
    try:
        try:
            settings = assembly.settings(config, store)
        except SyncdError as e:
            yield failed("cabinet", e)
            return
        if settings.cabinet != hello.cabinet:
            yield Finding(
                "cabinet", Level.BAD, f"Cette plateforme ou cette clé est d'un autre cabinet (« {hello.cabinet_name} »).",
                "Vérifiez [portal] url et token_file : aucun document n'est touché.", code=5,
            )  # fmt: skip
            return
        if sides := reset_generations.worn(store, hello.generation):
            names = {"state": "la mémoire", "portal": "la plateforme"}
            where = " et ".join(names[side] for side in sides)
            yield Finding(
                "generations", Level.BAD, f"Les compteurs de la synchronisation sont abîmés ({where}).",
                "Lancez 'syncd doctor --repair' : ils sont repris des trois côtés, aucun document n'est touché.",
                code=1 if "state" in sides else 0,
            )  # fmt: skip
            return
        try:
            finding = assembly.look_for_recovery(config, store, hello)
        except MirrorError:
            return  # said by the disk
        for mark in sorted(finding.everywhere):
            yield Finding("restored", Level.WARNING, *_WILL[mark])
        names = {r.id: f"{r.code} {r.name}" for r in store.clients.all()}
        for client, marks in finding.clients.items():
            for mark in sorted(marks):
                text, mend = _WILL[mark]
                yield Finding("restored", Level.WARNING, f"{names[client]} : {text}", mend)
    finally:
        store.close()


_WILL = {
    Restored.PORTAL: (
        "La plateforme a été restaurée d'une sauvegarde : elle ne connaît plus tout ce qui avait été vu.",
        "La prochaine synchronisation y renvoie ce qui manque ; rien n'est mis de côté, les accords donnés sont à redonner.",
    ),
    Restored.STATE: (
        "La mémoire de la synchronisation est perdue ou plus ancienne que les dossiers du cabinet.",
        "La prochaine synchronisation la refait en comparant les deux côtés, sans en déduire aucune suppression.",
    ),
    Restored.MIRROR: (
        "Les dossiers du cabinet ont été restaurés d'une sauvegarde.",
        "La prochaine synchronisation y remet ce qui manque depuis la plateforme, et n'envoie rien d'ancien.",
    ),
}
