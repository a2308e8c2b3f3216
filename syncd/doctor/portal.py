"""The portal as this machine reaches it: address, certificate, key, clock, who holds the lease, what it remembers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

from syncd.config.model import Config
from syncd.core import web_address
from syncd.core.errors import MirrorError, Refused, SyncdError
from syncd.core.protocol import Caller, Hello
from syncd.core.restored_backups import MOST
from syncd.core.words import doctor as said
from syncd.doctor.finding import Finding, Level, failed
from syncd.engine.maintenance import reset_generations
from syncd.engine.open.open_pass import SKEW
from syncd.wiring import assembly


async def _ask(config: Config) -> Hello:
    remote = assembly.remote(config)
    try:
        with contextlib.closing(assembly.store(config, writes=False)) as store:
            progress = store.progress.read()
            caller = Caller(progress.engine, "", "", lease=False, generation=min(progress.generation, MOST))
            return await remote.hello(caller, store.progress.cursor())
    finally:
        await remote.close()


def examine(config: Config) -> Iterator[Finding]:
    language = config.language
    try:
        assembly.token(config)
        hello = asyncio.run(_ask(config))
    except SyncdError as e:
        yield failed("key" if isinstance(e, Refused) else "portal", e, language)
        return
    secure = web_address.parse(config.portal.url).secure
    yield Finding("portal", Level.OK, said.PORTAL(language, cabinet=hello.cabinet_name))
    yield Finding("tls", Level.OK, (said.TLS if secure else said.NO_TLS)(language))
    skew = time.time() - hello.now
    if abs(skew) > SKEW:
        text = said.SKEWED(language, minutes=f"{abs(skew) / 60:.0f}")
        yield Finding("clock", Level.WARNING, text, said.SKEWED_MEND(language))
    else:
        yield Finding("clock", Level.OK, said.CLOCKS(language))
    if hello.holder:
        yield Finding("lease", Level.OK, said.HOLDER(language, holder=hello.holder))
    yield from _cabinet(config, hello)


def _cabinet(config: Config, hello: Hello) -> Iterator[Finding]:
    language = config.language
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        try:
            settings = assembly.settings(config, store)
        except SyncdError as e:
            yield failed("cabinet", e, language)
            return
        if settings.cabinet != hello.cabinet:
            text = said.OTHER_CABINET(language, cabinet=hello.cabinet_name)
            yield Finding("cabinet", Level.BAD, text, said.OTHER_CABINET_MEND(language), code=5)
            return
        if sides := reset_generations.worn(store, hello.generation):
            where = said.AND(language).join(said.SIDES[side](language) for side in sides)
            yield Finding(
                "generations", Level.BAD, said.WORN(language, where=where), said.WORN_MEND(language),
                code=1 if "state" in sides else 0,
            )  # fmt: skip
            return
        try:
            finding = assembly.look_for_recovery(config, store, hello)
        except MirrorError:
            return  # said by the disk
        for mark in sorted(finding.everywhere):
            what, mend = said.RESTORED[mark]
            yield Finding("restored", Level.WARNING, what(language), mend(language))
        names = {r.id: (r.code, r.name) for r in store.clients.all()}
        for client, marks in finding.clients.items():
            for mark in sorted(marks):
                what, mend = said.RESTORED[mark]
                code, name = names[client]
                text = said.OF_CLIENT(language, code=code, name=name, what=what(language))
                yield Finding("restored", Level.WARNING, text, mend(language))
