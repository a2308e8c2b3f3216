"""`syncd watch`: the service. Passes when something happens, and over everything every interval."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of, path_of
from syncd.cli.service_manager.systemd_notify import notify, watchdog
from syncd.cli.signals import ending, heard
from syncd.core.words.commands import CONFIGURATION_KEPT, WATCHING

if TYPE_CHECKING:
    from syncd.config.model import Config

RELOAD = -1


@click.command()
@click.option("--log-json", is_flag=True, help="Log JSON lines.")
@click.option("--log-file", type=click.Path(dir_okay=False), help="Log to this file, rotated, not to standard error.")
@click.pass_context
def watch(ctx: click.Context, log_json: bool, log_file: str | None) -> int:
    """Keep both sides the same for as long as it runs: the service.

    A document is on the other side moments after it was saved or deposited. SIGTERM or Ctrl-C ends it after the document
    in hand (exit 143 or 130), SIGHUP reads the configuration again.

    \b
    Example:
      syncd --config /etc/syncd/syncd.toml watch
    """
    from syncd.cli.service_log import log_to

    return serve(ctx, sound(ctx), log_to(log_file, as_json=log_json))


def sound(ctx: click.Context) -> Config:
    """The configuration; UsageError. People are told of a wrong one by mail where no unit of systemd does."""
    from syncd.core.errors import UsageError

    try:
        return config_of(ctx)
    except UsageError as e:
        if "INVOCATION_ID" not in os.environ and not sys.stderr.isatty():
            from syncd.cli.mail import tell_of_mistakes

            tell_of_mistakes(ctx, str(e))
        raise


def serve(ctx: click.Context, config: Config, say: Callable[..., None]) -> int:
    """Until it is asked to end: the exit code. `say`: the log."""
    from syncd.config import last_good
    from syncd.wiring import assembly, service_parts

    while True:
        with assembly.lock(config), service_parts.service_lock(config):
            last_good.keep(path_of(ctx), Path(config.mirror.state))
            code, config = asyncio.run(_serve(ctx, config, say))
        if code != RELOAD:
            notify("STOPPING=1")
            say("stopped", code=code)
            return code


async def _serve(ctx: click.Context, config: Config, say: Callable[..., None]) -> tuple[int, Config]:
    """One life between two readings of the configuration: the code it ended with, and the configuration to go on with."""
    from syncd.core.errors import SyncdError
    from syncd.service.mirror_service import opened

    loop = asyncio.get_running_loop()
    following = config
    async with opened(config, say) as serving:

        def reload() -> None:
            nonlocal following
            try:
                following = config_of(ctx)
            except SyncdError as e:
                say("configuration_kept", error=str(e))
                notify(f"STATUS={CONFIGURATION_KEPT(config.language, why=' '.join(str(e).splitlines())[:200])}")
                return
            notify("RELOADING=1")
            serving.stop(RELOAD)

        alive = asyncio.create_task(_alive())
        notify("READY=1", f"STATUS={WATCHING(config.language, root=config.mirror.root)}")
        say("started", root=config.mirror.root, portal=config.portal.url)
        if getattr(os, "geteuid", lambda: 1)() == 0:
            say("as_root", warning="an account of its own is safer; see: syncd doctor")
        try:
            with ending(serving.stop), heard({"SIGHUP": lambda: loop.call_soon_threadsafe(reload)}):
                code = await serving()
        finally:
            alive.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await alive
    return code, following


async def _alive() -> None:
    period = watchdog()
    while period is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(period)
