"""What `syncd doctor --repair` mends: counts of generations that somebody else's number came into."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from syncd.config.model import Config
from syncd.core.errors import SyncdError
from syncd.core.events import shown
from syncd.core.words import doctor as said
from syncd.doctor.finding import Finding, Level, failed
from syncd.engine.maintenance.reset_generations import Repaired, set_anew
from syncd.wiring import assembly


def repair(config: Config) -> Iterator[Finding]:
    """What was mended, a finding each. Under the engine's lock: AlreadyRunning while a run or the service works."""
    language = config.language
    with assembly.lock(config):
        try:
            done = asyncio.run(_repair(config))
        except SyncdError as e:
            yield failed("repair", e, language)
            return
    after = said.NEXT(language)
    if not done.sides and not done.clients:
        yield Finding("repair", Level.OK, said.NOTHING_TO_REPAIR(language))
    if done.sides:
        where = ", ".join(said.SIDES[side](language) for side in done.sides)
        text = said.REPAIRED(language, generation=done.generation, where=where)
        yield Finding("repair", Level.OK, text, after)
    for code in done.clients:
        yield Finding("repair", Level.OK, said.REWRITTEN(language, code=code), after)
    for name, why in done.faults:
        text = said.UNREWRITABLE(language, name=shown(name), why=why)
        yield Finding("repair", Level.BAD, text, said.UNREWRITABLE_MEND(language), code=3)
    if done.kept:
        yield Finding("repair", Level.WARNING, said.OLD_PORTAL(language), said.OLD_PORTAL_MEND(language))


async def _repair(config: Config) -> Repaired:
    with contextlib.closing(assembly.sound_store(config)) as store:
        async with assembly.connected(config, store) as ports:
            return await set_anew(ports, assembly.settings(config, store))
