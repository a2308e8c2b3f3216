"""`syncd restore`: a client's tree as it was."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import Bar, line, say, say_all


@click.command()
@click.argument("client")
@click.argument("places", nargs=-1, metavar="[PATH]...")
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
    client: str,
    places: tuple[str, ...],
    at: str | None,
    run: int | None,
    to: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring a client's documents back as they were, from the portal's versions and its bin.

    PATHs are documents or folders inside the client; none: everything. Nothing is removed, and what is replaced is
    kept (in .syncd/replaced, and online as a version). The next run puts online what was restored.

    \b
    Examples:
      syncd restore 007868 --at "2026-11-20 12:00" --dry-run
      syncd restore 007868 Achats/facture.pdf
      syncd restore 007868 --run 123
      syncd restore 007868 Banque --at "2026-06-30 18:00" --to /tmp/juin
    """
    from syncd.config.times import moment
    from syncd.core.errors import UsageError
    from syncd.engine.errand import Errand
    from syncd.engine.restore import Wish
    from syncd.engine.restore import restore as bring
    from syncd.wiring import assembly, reports

    config = config_of(ctx)
    if at is not None and run is not None:
        raise UsageError("--at and --run do not go together.", mend="Choose one.")
    now = time.time()
    when = moment(config, at) if at is not None else now
    if when > now:
        raise UsageError(f"'{at}' has not come yet.", mend="Name a moment in the past.")
    if to is not None:
        to = to.absolute()
        root = Path(config.mirror.root).absolute()
        if to == root or root in to.parents:
            raise UsageError(
                f"'{to}' lies in the mirror.", mend="Leave --to out to restore there, or choose another place."
            )
    wish = Wish(client, places, when, run, to)

    async def work() -> dict[str, Any]:
        store = assembly.store(config, writes=False) if dry_run else assembly.sound_store(config)
        settings = assembly.settings(config, store, dry_run=dry_run)
        parts = assembly.parts(config, store)
        errand = Errand(parts, settings, lambda event: line(event.as_dict()) if as_json else None)
        try:
            with Bar("Restauration") as bar:
                count = await bring(parts, settings, errand, wish, bar)
            summary = errand.end()
            text = reports.render_run(config, store, summary)
            if not dry_run:
                reports.write_reports(config, store, summary, text)
        finally:
            await parts.remote.close()
            store.close()
        if as_json:
            line({**summary, "documents": count})
        elif errand.told:
            say_all(text)
        else:
            say(
                f"Rien à restaurer : {count} documents sont déjà tels qu'ils étaient." if count else "Rien à restaurer."
            )
        return summary

    if dry_run:
        return int(asyncio.run(work())["exit_code"])
    with assembly.lock(config):
        return int(asyncio.run(work())["exit_code"])
