"""In each client's directory the link to its space online, where the configuration wants it.

It lies beside the folders of the tree, so that no document is ever made of it, and no guard counts it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from syncd.core.client_link import LARGEST, NAME, is_ours, shortcut
from syncd.core.paths import DiskPath
from syncd.engine.context import Context
from syncd.engine.stages import Client
from syncd.ports.local import Stale

AT, BESIDE = DiskPath(NAME), "Espace client en ligne (2).url"


def keep(ctx: Context, clients: Iterable[Client], looked: Iterable[Client]) -> None:
    """Of those that are looked at; of all of them when the portal's address is another. A directory that takes no file goes without."""
    portal = ctx.settings.link
    if not portal:
        return
    told = ctx.state.progress.read().link_told == portal
    for client in looked if told else clients:
        if client.dir and not client.adopt:
            with contextlib.suppress(OSError, Stale, ValueError):  # an address that makes no link, too
                _keep(ctx, client.dir, shortcut(portal, client.id))
    if not told and not ctx.settings.only:
        ctx.state.progress.change(link_told=portal)


def _keep(ctx: Context, directory: str, wanted: bytes) -> None:
    """Absent, it is written; another of ours is replaced; a person's own stays. Raises OSError, Stale."""
    mirror = ctx.mirror
    there = mirror.stat(directory, AT)
    if there is not None:
        if there.size > LARGEST:
            return
        data = mirror.read(directory, AT, there)
        if data == wanted or not is_ours(data):
            return
    temp = mirror.temp(directory, wanted, to=AT)
    mirror.sync_temps([(directory, temp)])
    if there is None:
        mirror.place(directory, temp, AT)
    else:
        mirror.replace(directory, temp, AT, there, mirror.content(directory, AT), BESIDE)
    mirror.sync_names([(directory, AT)])
