"""`syncd verify`: prove that both sides hold the same."""

from __future__ import annotations

import asyncio

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say, say_all


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@click.option("--deep", is_flag=True, help="Read every byte on both sides again: finds silent corruption. Slow.")
@click.option("--repair", is_flag=True, help="Mend what --deep finds from the other side's good copy.")
@json_option
@click.pass_context
def verify(ctx: click.Context, clients: tuple[str, ...], deep: bool, repair: bool, as_json: bool) -> int:
    """Compare mirror, base and portal by digest, client by client; name every exception and every difference.

    \b
    Examples:
      syncd verify
      syncd verify 007868 --deep --repair
    """
    from syncd.core import words
    from syncd.engine.errand import Errand
    from syncd.engine.verify import Proof, prove
    from syncd.engine.verify import repair as mend
    from syncd.wiring import assembly, reports

    config = config_of(ctx)

    async def work() -> list[Proof]:
        store = assembly.store(config, writes=False)
        settings = assembly.settings(config, store, only=frozenset(clients), dry_run=True)
        parts = assembly.parts(config, store)
        try:
            return await prove(parts, settings, deep=deep or repair)
        finally:
            await parts.remote.close()
            store.close()

    async def repairing() -> None:
        store = assembly.sound_store(config)
        settings = assembly.settings(config, store, only=frozenset(clients))
        parts = assembly.parts(config, store)
        try:
            errand = Errand(parts, settings, lambda event: line(event.as_dict()) if as_json else None)
            try:
                await mend(parts, settings, errand.ledger)
            finally:
                summary = errand.end()
            text = reports.render_run(config, store, summary)
            reports.write_reports(config, store, summary, text)
            if not as_json and errand.told:
                say_all(text)
        finally:
            await parts.remote.close()
            store.close()

    proofs = asyncio.run(work())
    if repair and any(reason.startswith("rotten") for p in proofs for _, reason in p.differences):
        with assembly.lock(config):
            asyncio.run(repairing())
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
