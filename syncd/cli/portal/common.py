"""What the portal's commands share: DIR, and the models started on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from syncd.portal.models import Client

directory = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


def opens(command: Callable[..., Any]) -> Callable[..., Any]:
    """Start the portal's models on DIR before the command runs; what they refuse is said in English, as by all commands.

    A portal of another version is refused: migrating it is a step of its own, with a copy before it.
    """

    @wraps(command)
    def opened(directory: Path, **values: Any) -> Any:
        from syncd.portal import setup

        setup.use(directory)
        setup.check_schema()
        from syncd.portal.language import ENGLISH, speaking

        with speaking(ENGLISH):
            return command(**values)

    return opened


def client_of(code: str) -> Client:
    from syncd.portal.services import accounts, clients

    return clients.find(accounts.only_cabinet(), code)
