"""`syncd verify`: prove that both sides hold the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, say_all, tell
from syncd.cli.screen import Screen
from syncd.core.words import commands as said

if TYPE_CHECKING:
    from syncd.core.run_result import RunResult
    from syncd.engine.maintenance.verify import Proof


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
    from syncd.operations.verify import verify as compare

    done = compare(config_of(ctx), clients, _Repaired(as_json=as_json, title=said.REPAIRING), deep=deep, repair=repair)
    if done.stopped:
        return done.stopped
    for proof in done.proofs:
        if as_json:
            line({
                "type": "verify", "client": proof.code, "same": proof.same, "documents": proof.documents, "digest": proof.digest,
                "exceptions": [{"path": p, "reason": r} for p, r in proof.exceptions],
                "differences": [{"path": p, "reason": r} for p, r in proof.differences],
            })  # fmt: skip
        else:
            _say(proof)
    return 0 if done.same else 3


def _say(proof: Proof) -> None:
    documents = said.DOCUMENTS(language(), proof.documents)
    verdict = (
        said.SAME(language(), documents=documents)
        if proof.same
        else said.DIFFERENCES(language(), len(proof.differences))
    )
    tell(said.PROOF, code=proof.code, name=proof.name, verdict=verdict, digest=proof.digest[:16])
    for phrase, found in ((said.DIFFERENT, proof.differences), (said.EXCEPTED, proof.exceptions)):
        for path, reason in found:
            tell(phrase, path=path, why=_why(reason))


def _why(reason: str) -> str:
    from syncd.core import words

    phrase = said.DIFFERS.get(reason)
    return phrase(language()) if phrase else words.reason(reason, "", language())


class _Repaired(Screen):
    """The report of a repair, where it did anything; for programs its events are all there is."""

    def ended(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        if told and not self.as_json:
            say_all(report())
