"""`syncd verify`: prove that both sides hold the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import Bar, line, say, say_all

if TYPE_CHECKING:
    from syncd.config.model import Config


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...", shell_complete=shell_completion.client)
@click.option("--deep", is_flag=True, help="Read every byte on both sides again: finds silent corruption. Slow.")
@click.option("--repair", is_flag=True, help="Mend what --deep finds from the other side's good copy.")
@json_option
@click.pass_context
def verify(ctx: click.Context, clients: tuple[str, ...], deep: bool, repair: bool, as_json: bool) -> int:
    """Compare mirror, base and portal by digest, client by client; name every exception and every difference.

    While the service works, it makes the repairs, between two passes.

    \b
    Examples:
      syncd verify
      syncd verify 007868 --deep --repair
    """
    from syncd.core import words
    from syncd.engine.maintenance.verify import Proof, prove
    from syncd.wiring import assembly

    config = config_of(ctx)

    async def work() -> list[Proof]:
        store = assembly.store(config, writes=False)
        settings = assembly.settings(config, store, only=frozenset(clients), dry_run=True)
        ports = assembly.ports(config, store)
        try:
            return await prove(ports, settings, deep=deep or repair)
        finally:
            await ports.remote.close()
            store.close()

    proofs = asyncio.run(work())
    rotten = [p.code for p in proofs if any(reason.startswith("rotten") for _, reason in p.differences)]
    if repair and rotten:
        for code in rotten:  # between two of them, a service makes the passes that are due
            if (ended := _repair(config, code, as_json)) in (130, 143):
                return ended
        proofs = asyncio.run(work())
    for proof in proofs:
        if as_json:
            line({
                "type": "verify", "client": proof.code, "same": proof.same, "documents": proof.documents, "digest": proof.digest,
                "exceptions": [{"path": p, "reason": r} for p, r in proof.exceptions],
                "differences": [{"path": p, "reason": r} for p, r in proof.differences],
            })  # fmt: skip
            continue
        count = words.count(proof.documents, "document", "documents")
        verdict = (
            f"identique des deux côtés, {count}"
            if proof.same
            else words.count(len(proof.differences), "différence", "différences")
        )
        say(f"{proof.code}  {proof.name} : {verdict}  [{proof.digest[:16]}]")
        for path, reason in proof.differences:
            say(f"  ≠ {path} : {_WORDS.get(reason, words.reason(reason))}")
        for path, reason in proof.exceptions:
            say(f"  – {path} : {_WORDS.get(reason, words.reason(reason))}")
    return 0 if all(p.same for p in proofs) else 3


def _repair(config: Config, code: str, as_json: bool) -> int:
    """One client, here or by the service that holds the mirror; what was done is said. The exit code."""
    from syncd.core.errors import AlreadyRunning
    from syncd.engine.maintenance import requests
    from syncd.wiring import assembly, reports, service_parts

    try:
        with assembly.lock(config):
            return asyncio.run(_repair_here(config, code, as_json))
    except AlreadyRunning:
        if not service_parts.service_runs(config):
            raise
    from syncd.cli.service_request import ask, show_events

    with Bar(f"Réparation {code}") as bar:
        result = ask(config, [code], lambda done, of, _: bar(done, of), kind=requests.REPAIR)
    if show_events(config, result, as_json) and not as_json:
        store = assembly.store(config, writes=False)
        try:
            say_all(reports.render_run(config, store, result))
        finally:
            store.close()
    return result.exit_code


async def _repair_here(config: Config, code: str, as_json: bool) -> int:
    from syncd.cli.reporting import kept
    from syncd.cli.signals import ending
    from syncd.engine.maintenance.task import MaintenanceTask
    from syncd.engine.maintenance.verify import repair
    from syncd.wiring import assembly, reports

    store = assembly.sound_store(config)
    settings = assembly.settings(config, store, only=frozenset({code}))
    ports = assembly.ports(config, store)
    task = MaintenanceTask(ports, settings, lambda event: line(event.as_dict()) if as_json else None)

    async def work() -> None:
        await repair(task.ctx, bar)

    try:
        with Bar(f"Réparation {code}") as bar, ending(task.stop):
            result = await task(work)
        text = reports.render_run(config, store, result)
        result = kept(config, store, result, text)
        if not as_json and task.told:
            say_all(text)
    finally:
        await ports.remote.close()
        store.close()
    return result.exit_code


_WORDS = {
    "rotten_here": "abîmé sur le disque du cabinet",
    "rotten_online": "abîmé sur la plateforme",
    "rotten_version": "ancienne version abîmée sur la plateforme",
    "set_aside": "supprimé en ligne, conservé au cabinet",
    "left": "retiré au cabinet, toujours en ligne",
    "not_online": "pas encore en ligne",
    "not_here": "pas encore reçu",
    "changed_here": "modifié au cabinet depuis la dernière synchronisation",
    "changed_online": "modifié en ligne depuis la dernière synchronisation",
    "missing_here": "absent du cabinet",
    "missing_online": "absent en ligne",
}
