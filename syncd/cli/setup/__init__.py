"""`syncd setup …`: one step from the installed package to a service that runs. It builds on `init` and `portal init`."""

from __future__ import annotations

import click

from syncd.cli.setup.engine import engine
from syncd.cli.setup.portal import portal


@click.group()
def setup() -> None:
    """Set this machine up, as root, from the Debian package to a running service.

    The portal comes first, on this machine or another; the engine needs its key ('syncd portal engine-token').

    \b
    Example:
      syncd setup portal
      syncd setup engine
    """


setup.add_command(engine)
setup.add_command(portal)
