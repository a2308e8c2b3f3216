"""`syncd portal person …`: a way back in for whoever is locked out, from the portal's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import json_option
from syncd.cli.output import language, line, say, tell
from syncd.cli.portal.common import directory, opens, password_in
from syncd.core.words import administration as said

if TYPE_CHECKING:
    from syncd.portal.models import User

BY = "syncd portal person"


@click.group()
def person() -> None:
    """People who sign in."""


@person.command("list")
@directory
@json_option
@opens
def list_(as_json: bool) -> int:
    """List who signs in: name to sign in with, role, name, and what is out of the ordinary.

    \b
    Example:
      syncd portal person list /srv/portail --json
    """
    from syncd.portal.models import User

    for user in User.objects.order_by("sign_in"):
        second = bool(user.totp)
        if as_json:
            line({
                "sign_in": user.sign_in, "name": user.name, "email": user.email, "role": user.role,
                "active": user.is_active, "second_factor": second, "id": user.id,
            })  # fmt: skip
        else:
            notes = [
                *([said.ACCOUNT_CLOSED(language())] * (not user.is_active)), *([said.SECOND_FACTOR(language())] * second),
            ]  # fmt: skip
            say("\t".join([user.sign_in, user.role, user.name, *notes]))
    return 0


@person.command("reset-password")
@directory
@click.argument("sign_in")
@click.option(
    "--password-file", type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the new password; absent: one is made and printed once.",
)  # fmt: skip
@opens
def reset_password(sign_in: str, password_file: Path | None) -> int:
    """Give a person a new password; open sessions and links end. A second factor is still asked for.

    \b
    Example:
      syncd portal person reset-password /srv/portail direction@cabinet-martin.fr
    """
    import secrets

    from axes.handlers.proxy import AxesProxyHandler

    from syncd.core.errors import UsageError
    from syncd.portal.people import accounts
    from syncd.portal.records import audit
    from syncd.portal.refusals import Refusal, sentence

    password = password_in(password_file) if password_file is not None else secrets.token_urlsafe(12)
    user = _find(sign_in)
    try:
        accounts.set_password(user, password)
    except Refusal as e:
        raise UsageError(f"the password is refused: {sentence(e)}") from None
    AxesProxyHandler.reset_attempts(username=user.sign_in)  # nor do earlier mistakes keep them out
    audit.record_of(user, "password_chosen", BY)
    if password_file is None:
        tell(said.PASSWORD, who=user.sign_in, password=password)
        tell(said.ONCE)
    if not user.is_active:
        tell(said.PASSWORD_RESTS)
    if user.totp:
        tell(said.SECOND_STAYS)
    return 0


@person.command("second-factor")
@directory
@click.argument("sign_in")
@click.argument("state", type=click.Choice(["off"]))
@opens
def second_factor(sign_in: str, state: str) -> int:
    """Turn a person's second factor off, recovery codes included; the person turns it on again at the own account's page.

    \b
    Example:
      syncd portal person second-factor /srv/portail direction@cabinet-martin.fr off
    """
    from syncd.portal.people import second_factor
    from syncd.portal.records import audit

    user = _find(sign_in)
    if not user.totp:
        tell(said.SECOND_NONE, who=user.sign_in)
    second_factor.turn_off(user)
    audit.record_of(user, "account_no_second", BY)
    if user.totp:
        tell(said.SECOND_OFF, who=user.sign_in)
    return 0


def _find(sign_in: str) -> User:
    from syncd.core.errors import UsageError
    from syncd.portal.models import User

    found = User.objects.filter(sign_in=sign_in.strip().lower()).first()
    if found is None:
        raise UsageError(f"nobody signs in as '{sign_in}'.", mend="See: syncd portal person list DIR.")
    return found
