"""`syncd verify`: prove that both sides hold the same."""

from __future__ import annotations

import asyncio

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@json_option
@click.pass_context
def verify(ctx: click.Context, clients: tuple[str, ...], as_json: bool) -> int:
    """Compare mirror, base and portal by digest, client by client; name every exception and every difference.

    \b
    Example:
      syncd verify
    """
    from syncd import wiring
    from syncd.core import words
    from syncd.engine.verify import Proof, prove

    config = config_of(ctx)

    async def work() -> list[Proof]:
        store = wiring.store(config, writes=False)
        settings = wiring.settings(config, store, only=frozenset(clients), dry_run=True)
        parts = wiring.parts(config, store)
        try:
            return await prove(parts, settings)
        finally:
            await parts.remote.close()
            store.close()

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
    "set_aside": "supprimé en ligne, conservé au cabinet",
    "left": "retiré au cabinet, toujours en ligne",
    "not_online": "pas encore en ligne",
    "not_here": "pas encore reçu",
    "changed_here": "modifié au cabinet depuis la dernière synchronisation",
    "changed_online": "modifié en ligne depuis la dernière synchronisation",
    "missing_here": "absent du cabinet",
    "missing_online": "absent en ligne",
}
