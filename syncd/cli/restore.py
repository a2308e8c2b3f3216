"""`syncd restore`: clients' trees as they were."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import Bar, line, say, say_all, warn

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.maintenance.restore import Wish
    from syncd.state.store import Store


@click.command()
@click.argument("client", required=False, shell_complete=shell_completion.client)
@click.argument("places", nargs=-1, metavar="[PATH]...")
@click.option(
    "--client", "-c", "others", multiple=True, metavar="CLIENT", help="One of several clients; once for each.",
    shell_complete=shell_completion.client,
)  # fmt: skip
@click.option("--all", "everybody", is_flag=True, help="Every client, one after the other.")
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
      syncd restore -c 007868 -c 001234 --at "2026-11-20 12:00"
      syncd restore 007868 Banque --at "2026-06-30 18:00" --to /tmp/juin
    """
    from syncd.config.times import moment
    from syncd.core.errors import Refused, SyncdError, Unreachable, UsageError
    from syncd.core.verdicts import exit_code
    from syncd.engine.maintenance.restore import Wish

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
        if not dry_run:
            _may_write(to)
    several = _clients(config, client, others, everybody)
    ended = set[int]()
    with _closed(to):
        for code in several:
            own = to if to is None or len(several) == 1 else to / code
            try:
                ended.add(_one(config, Wish(code, places, when, run, own), dry_run, as_json))
            except SyncdError as e:
                if len(several) == 1 or isinstance(e, Refused | Unreachable):
                    raise
                warn(f"syncd: {code}: {e}")
                ended.add(e.exit_code)
            if ended & {130, 143}:
                break
    return exit_code(ended)


def _there(to: Path) -> Path:
    """`to`, or what of the way to it is there already."""
    return next(p for p in (to, *to.parents) if p.exists())


def _may_write(to: Path) -> None:
    """Raises UsageError before anything is fetched."""
    from syncd.cli import drop_privileges
    from syncd.core.errors import UsageError

    there = _there(to)
    if os.access(there, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return
    name = drop_privileges.name()
    raise UsageError(
        f"the account '{name}' may not write in '{there}'.",
        mend=f"Make it a directory of its own: install -d -o {name} -m 700 '{to}'; or choose another --to."
        if os.name == "posix"
        else "Choose another --to.",
    )


@contextlib.contextmanager
def _closed(to: Path | None) -> Iterator[None]:
    """What is written into `to` is this account's alone, and its group's where the directory hands its group on."""
    if to is None:
        yield
        return
    shared = _there(to).stat().st_mode & stat.S_ISGID
    before = os.umask(0o007 if shared else 0o077)
    try:
        yield
    finally:
        os.umask(before)


def _clients(config: Config, client: str | None, others: tuple[str, ...], everybody: bool) -> list[str]:
    from syncd.core.errors import UsageError
    from syncd.wiring import assembly

    if everybody and (client or others):
        raise UsageError("--all and a client do not go together.", mend="Choose one.")
    if not everybody:
        named = list(dict.fromkeys([*([client] if client else []), *others]))
        if not named:
            raise UsageError("name a client, or --all.", mend="See: syncd client list.")
        return named
    store = assembly.store(config, writes=False)
    try:
        rows = store.clients.all()
    finally:
        store.close()
    return [r.code for r in rows if r.dir and not r.closed and r.code not in config.mirror.exclude]


def _one(config: Config, wish: Wish, dry_run: bool, as_json: bool) -> int:
    """One client's; the exit code. By the service where it works: it alone may change the mirror then."""
    from syncd.core.errors import AlreadyRunning
    from syncd.engine.maintenance import requests
    from syncd.wiring import assembly, service_parts

    if dry_run:
        return asyncio.run(_here(config, wish, as_json, dry_run=True, kept=False))
    try:
        with assembly.lock(config):
            return asyncio.run(_here(config, wish, as_json, dry_run=False, kept=True))
    except AlreadyRunning:
        if not service_parts.service_runs(config):
            raise
    if wish.to is not None:  # nothing of the mirror changes, and this account may write where the service may not
        return asyncio.run(_here(config, wish, as_json, dry_run=False, kept=False))
    from syncd.cli.service_request import ask, show_events

    with Bar(f"Restauration {wish.client}") as bar:
        asked = {"places": wish.places, "at": wish.at, "run": wish.run}
        result = ask(config, [wish.client], lambda done, of, _: bar(done, of), kind=requests.RESTORE, wish=asked)
    told = show_events(config, result, as_json)
    _say(config, result, told, as_json, None)
    return result.exit_code


async def _here(config: Config, wish: Wish, as_json: bool, *, dry_run: bool, kept: bool) -> int:
    """`kept`: in the state, under its lock; otherwise with a copy of it, and no report."""
    from msgspec.structs import replace

    from syncd.cli.reporting import kept as kept_report
    from syncd.cli.signals import ending
    from syncd.engine.maintenance.restore import restore as bring
    from syncd.engine.maintenance.task import MaintenanceTask
    from syncd.wiring import assembly, reports

    store = assembly.sound_store(config) if kept else assembly.store(config, writes=False)
    settings = assembly.settings(config, store, dry_run=dry_run)
    ports = assembly.ports(config, store)
    task = MaintenanceTask(ports, settings, lambda event: line(event.as_dict()) if as_json else None)
    count = 0

    async def work() -> None:
        nonlocal count
        count = await bring(task.ctx, wish, bar)

    try:
        with Bar(f"Restauration {wish.client}") as bar, ending(task.stop):
            result = replace(await task(work), documents=count)
        if kept:
            result = kept_report(config, store, result, reports.render_run(config, store, result))
        _say(config, result, task.told, as_json, store)
    finally:
        await ports.remote.close()
        store.close()
    return result.exit_code


def _say(config: Config, result: RunResult, told: int, as_json: bool, store: Store | None) -> None:
    from syncd.core import words
    from syncd.wiring import assembly, reports

    if as_json:
        line(result.as_dict())
    elif told or result.exit_code:
        state = store or assembly.store(config, writes=False)
        try:
            say_all(reports.render_run(config, state, result))
        finally:
            if store is None:
                state.close()
    else:
        count = result.documents or 0
        said = words.count(count, "document est déjà tel qu'il était", "documents sont déjà tels qu'ils étaient")
        say(f"Rien à restaurer : {said}." if count else "Rien à restaurer.")
