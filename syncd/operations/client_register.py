"""The accounting software's files of clients, now: whoever asks does not wait for the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.jobs.client_register.update import Report
    from syncd.wiring.assembly import Store


def update_clients(config: Config, *, dry_run: bool, agreed: bool) -> Report:
    """What came of it; what is still being written is waited for. A service at work is not in the way. Raises SyncdError."""
    import asyncio
    from pathlib import Path

    from syncd.core.errors import AlreadyRunning
    from syncd.jobs.client_register.nightly import options
    from syncd.jobs.client_register.update import Report
    from syncd.wiring import assembly

    if not Path(options(config).directory).is_dir():
        return Report()
    if dry_run:
        return asyncio.run(_look(config, assembly.store(config, writes=False), dry_run=True, agreed=agreed))
    try:
        with assembly.lock(config):
            return asyncio.run(_look(config, assembly.sound_store(config), dry_run=False, agreed=agreed))
    except AlreadyRunning:
        return asyncio.run(_look(config, assembly.store_of_service(config), dry_run=False, agreed=agreed))


async def _look(config: Config, store: Store, *, dry_run: bool, agreed: bool) -> Report:
    import asyncio
    import time

    from syncd.jobs.client_register.nightly import turn
    from syncd.wiring import assembly

    try:
        cards = assembly.client_cards(config)
        try:
            report = await turn(config, store.progress, cards, time.time(), dry_run=dry_run, agreed=agreed)
            if report.young:
                await asyncio.sleep(report.young)
                report = await turn(config, store.progress, cards, time.time(), dry_run=dry_run, agreed=agreed)
            return report
        finally:
            await cards.close()
    finally:
        store.close()
