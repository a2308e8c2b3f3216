"""`syncd watch`: the service. Passes when something happens, and over everything every interval."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of
from syncd.cli.service_manager.systemd_notify import notify, watchdog
from syncd.cli.signals import ending, heard
from syncd.core.words.commands import WATCHING

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

    config = config_of(ctx)
    return serve(ctx, config, log_to(log_file, as_json=log_json))


def serve(ctx: click.Context, config: Config, say: Callable[..., None]) -> int:
    """Until it is asked to end: the exit code. `say`: the log."""
    from syncd.wiring import assembly, service_parts

    while True:
        with assembly.lock(config), service_parts.service_lock(config):
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
