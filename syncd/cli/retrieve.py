"""`syncd retrieve`: clients' documents out of the portal, in bags that anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, on_terminal, tell
from syncd.cli.screen import Screen
from syncd.core.words import bag as said

if TYPE_CHECKING:
    from syncd.jobs.retrieve.bags import Outcome
    from syncd.jobs.retrieve.ledger import Asked
    from syncd.operations.retrieve import Retrieved, Shown


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...", shell_complete=shell_completion.client)
@click.option("--all", "everybody", is_flag=True, help="Every client, those that are closed too.")
@click.option(
    "--portfolio", metavar="NAME", help="The clients with this responsible, site, group or sector on their card."
)
@click.option(
    "--list", "listed", metavar="FILE", help="The clients of a text file, a code on each line.",
    type=click.Path(path_type=Path, dir_okay=False),
)  # fmt: skip
@click.option(
    "--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="The directory the bags are put into."
)
@click.option("--zip", "zipped", is_flag=True, help="A ZIP for each client instead of a directory.")
@click.option("--exercise", metavar="2024", default="", help="The documents of this fiscal year alone.")
@click.option("--versions", is_flag=True, help="Earlier versions, too, below data/_versions.")
@click.option("--bin", "binned", is_flag=True, help="What was deleted online, too, below data/_corbeille.")
@click.option(
    "--part-size", metavar="4G", help="At most so much in one bag; each part is a whole bag. Absent: 4G for ZIPs."
)
@click.option(
    "--deactivate",
    is_flag=True,
    help="Afterwards close those that came whole; everything stays in place, on both sides.",
)
@click.option("--yes", is_flag=True, help="Begin without being asked.")
@json_option
@click.pass_context
def retrieve(ctx: click.Context, /, to: Path, yes: bool, as_json: bool, **given: Any) -> int:
    """Bring clients' documents from the portal into bags: readable without syncd, and checkable by anybody.

    Each bag holds the documents in their folders, a page that lists them (index.html), documents.csv, the journal,
    SHA256SUMS and BagIt's lists. Nothing changes on the portal or in the mirror. What was cut short goes on with the same
    command, with the documents as they were at the start.

    \b
    Examples:
      syncd retrieve 007868 --to /media/usb
      syncd retrieve 007868 --exercise 2024 --zip --to /tmp/remise
      syncd retrieve --portfolio Dijon --to /srv/remise --part-size 4G
      syncd retrieve 007868 --bin --versions --to /media/usb --deactivate
      syncd retrieve --all --versions --bin --to /srv/sortie --yes
    """
    from syncd.operations.retrieve import retrieve as bring

    config = config_of(ctx)
    shown = _Shown(as_json=as_json, yes=yes)
    done = bring(config, _asked(given), to, shown, shown.agrees, shown.told)
    shown.summary(done)
    return done.exit_code


def _asked(given: dict[str, Any]) -> Asked:
    """Raises UsageError where nobody is named, or in two ways."""
    from syncd.core.bag.layout import Choice
    from syncd.core.errors import UsageError
    from syncd.core.words import faults
    from syncd.jobs.retrieve.ledger import Asked
    from syncd.operations.retrieve import ZIP_PART, bytes_of, listed

    codes = list(given["clients"]) + (listed(given["listed"]) if given["listed"] else [])
    if sum(map(bool, (codes or given["listed"], given["everybody"], given["portfolio"]))) != 1:
        raise UsageError(faults.ONE_CHOICE.of(), mend=faults.SEE_CLIENTS.of())
    if given["deactivate"] and given["exercise"]:
        raise UsageError(faults.DEACTIVATE_ALL.of(), mend=faults.CHOOSE_ONE.of())
    part = bytes_of(given["part_size"]) if given["part_size"] else ZIP_PART if given["zipped"] else 0
    return Asked(
        clients=tuple(codes), everybody=given["everybody"], portfolio=given["portfolio"] or "",
        choice=Choice(given["exercise"], given["versions"], given["binned"]), zipped=given["zipped"], part_size=part,
        deactivate=given["deactivate"],
    )  # fmt: skip


class _Shown(Screen):
    """A client's line as it ends, then how all of it ended."""

    def __init__(self, *, as_json: bool, yes: bool) -> None:
        super().__init__(as_json=as_json, title=said.RETRIEVING)
        self._yes = yes

    def agrees(self, shown: Shown) -> bool:
        """Asks whoever is at the terminal. Raises UsageError where nobody is."""
        from syncd.core import words
        from syncd.core.errors import UsageError
        from syncd.core.words import faults

        if not self.as_json:
            if shown.resumed:
                tell(said.RESUMED, at=shown.resumed)
            tell(
                said.SHOWN, clients=said.CLIENTS(language(), shown.clients),
                documents=said.DOCUMENTS(language(), shown.documents), size=words.size(shown.size, language()), to=shown.to,
            )  # fmt: skip
            if shown.deactivates:
                tell(said.THEN_DEACTIVATED)
        if self._yes or shown.resumed:
            return True
        if not on_terminal():
            raise UsageError(faults.ASK_OR_YES.of(), mend=faults.ASK_OR_YES_MEND.of())
        return click.confirm(said.AGREE(language()), default=False)

    def told(self, client: Outcome) -> None:
        from syncd.report.bag.facts import counted, why

        if self.as_json:
            line({
                "type": "retrieved", "client": client.code, "name": client.name, "present": client.present,
                "retrieved": client.retrieved, "size": client.size, "places": client.places, "skipped": client.skipped,
                "missing": [{"path": path, "reason": code} for path, code in client.missing],
            })  # fmt: skip
            return
        count = counted(client.retrieved, client.present, language())
        if client.skipped:
            tell(said.SKIPPED, code=client.code, name=client.name)
        else:
            tell(said.CLIENT_DONE, code=client.code, name=client.name, count=count, place=", ".join(client.places))
        for path, code in client.missing:
            tell(said.CLIENT_MISSING, path=path, why=why(code, language()))

    def summary(self, done: Retrieved) -> None:
        from syncd.report.bag.facts import counted

        present, got = sum(c.present for c in done.clients), sum(c.retrieved for c in done.clients)
        if self.as_json:
            line({
                "type": "summary", "clients": len(done.clients), "present": present, "retrieved": got,
                "size": sum(c.size for c in done.clients), "deactivated": done.deactivated, "exit_code": done.exit_code,
            })  # fmt: skip
        elif not done.declined:
            tell(said.ALL_DONE, count=counted(got, present, language()))
            if done.deactivated:
                tell(said.ALL_DONE, count=said.DEACTIVATED(language(), len(done.deactivated)))
            for code, reason in done.kept.items():
                tell(said.NOT_DEACTIVATED, code=code, why=reason)
            if done.again:
                tell(said.AGAIN_FOR_MISSING)
