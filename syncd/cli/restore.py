"""`syncd restore`: clients' trees as they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, say_all, tell
from syncd.cli.screen import Screen
from syncd.core.words import commands as said

if TYPE_CHECKING:
    from syncd.core.run_result import RunResult


@click.command()
@click.argument("client", required=False, shell_complete=shell_completion.client)
@click.argument("places", nargs=-1, metavar="[PATH]...")
@click.option(
    "--client", "-c", "others", multiple=True, metavar="CLIENT", help="One of several clients; once for each.",
    shell_complete=shell_completion.client,
)  # fmt: skip
@click.option("--all", "everybody", is_flag=True, help="Every client, one after the other.")
@click.option(
    "--portfolio",
    metavar="NAME",
    default="",
    help="The clients with this responsible, site, group or sector on their card.",
)
@click.option(
    "--at", metavar='"2026-11-20 12:00"', help="The moment (the cabinet's time zone); absent: as it is online now."
)
@click.option("--run", type=int, help="Undo this run: what it touched becomes as it was before it.")
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Write into this directory, not the mirror."
)
@click.option("--dry-run", is_flag=True, help="Say what would be restored; write nothing.")
@json_option
@click.pass_context
def restore(
    ctx: click.Context,
    client: str | None,
    places: tuple[str, ...],
    others: tuple[str, ...],
    everybody: bool,
    portfolio: str,
    at: str | None,
    run: int | None,
    to: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring clients' documents back as they were, from the portal's versions and its bin.

    PATHs are documents or folders inside the client; none: everything. Nothing is removed, and what is replaced is
    kept (in .syncd/replaced, and online as a version). The next run puts online what was restored. While the service
    works, it restores between two passes, and the result is shown; Ctrl-C ends it after the document in hand.

    \b
    Examples:
      syncd restore 007868 --at "2026-11-20 12:00" --dry-run
      syncd restore 007868 Achats/facture.pdf
      syncd restore 007868 --run 123
      syncd restore --all --at "2026-11-20 12:00"
      syncd restore --portfolio Dijon --at "2026-11-20 12:00"
      syncd restore -c 007868 -c 001234 --at "2026-11-20 12:00"
      syncd restore 007868 Banque --at "2026-06-30 18:00" --to /tmp/juin
    """
    from syncd.operations.restore import Restoration
    from syncd.operations.restore import restore as bring_back

    asked = Restoration(
        clients=(*([client] if client else ()), *others), everybody=everybody, portfolio=portfolio, places=places, at=at, run=run, to=to,
        dry_run=dry_run,
    )  # fmt: skip
    return bring_back(config_of(ctx), asked, _Restored(as_json=as_json, title=said.RESTORING))


class _Restored(Screen):
    def show(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        if told or result.exit_code:
            say_all(report())
        elif result.documents:
            tell(said.NOTHING_RESTORED_OF, count=said.AS_IT_WAS(language(), result.documents))
        else:
            tell(said.NOTHING_RESTORED)
