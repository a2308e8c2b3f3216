"""`syncd package key | trust | page`: how two sides without a network come to believe each other."""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, on_terminal, tell
from syncd.cli.package_sides import at_option, desk_of
from syncd.core.words import packages as said


@click.command()
@at_option
@json_option
@click.pass_context
def key(ctx: click.Context, at: Path | None, as_json: bool) -> int:
    """Say this side's public key: give it to the other side, on paper or by telephone.

    \b
    Example:
      syncd package key
    """
    public = desk_of(ctx, at, as_json=as_json).key()
    if as_json:
        line(
            {"type": "key", "signing": public.signing, "sealing": public.sealing, "safety_number": public.safety_number}
        )
    else:
        tell(said.KEY_IS, key=public)
    return 0


@click.command()
@click.argument("client", shell_complete=shell_completion.client)
@click.argument("public_key", metavar="KEY", required=False, default="")
@click.option(
    "--of",
    "package_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key that signed this package, once its safety number was compared, instead of KEY.",
)
@click.option("--yes", is_flag=True, help="The safety number was compared already.")
@click.option("--revoke", is_flag=True, help="Packages signed by this key are no longer taken.")
@at_option
@click.pass_context
def trust(
    ctx: click.Context,
    client: str,
    public_key: str,
    package_file: Path | None,
    yes: bool,
    revoke: bool,
    at: Path | None,
) -> int:
    """Take packages of a client that this key signs, from now on.

    \b
    Examples:
      syncd package trust 007868 --of /media/usb/007868-20261121140300.syncpkg.age
      syncd package trust 007868 RWQ…
      syncd package trust 007868 RWQ… --revoke
    """
    from syncd.core.errors import UsageError

    if bool(public_key) == bool(package_file):
        raise UsageError(said.KEY_OR_PACKAGE.of())
    desk = desk_of(ctx, at, as_json=False)
    if package_file is not None:
        with desk.opened(package_file) as found:
            signer = desk.signer(client, found)
        if not yes:
            if not on_terminal():
                raise UsageError(said.NO_AGREEMENT.of(), mend=said.COMPARE_FIRST.of(number=signer.safety_number))
            if not click.confirm(said.TRUST_ASK(language(), number=signer.safety_number)):
                return 2
        public_key = str(signer)
    code = desk.trust(client, public_key, revoked=revoke)
    tell(said.REVOKED if revoke else said.TRUSTED, code=code)
    return 0


@click.command()
@click.argument("client", shell_complete=shell_completion.client)
@click.option(
    "--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="The directory the page is put into."
)
@json_option
@click.pass_context
def page(ctx: click.Context, client: str, to: Path, as_json: bool) -> int:
    """Make a company's page: with it alone, in a browser and without a network, it reads and makes packages.

    It holds the client's code and folders and the cabinet's public key, and nothing that is secret. The company's own key
    is made in the page when it is first opened; register it with: syncd package trust CLIENT --of PACKAGE.

    \b
    Example:
      syncd package page 007868 --to /media/usb
    """
    from syncd.operations.package_page import make_page

    file = make_page(config_of(ctx), client, to)
    if as_json:
        line({"type": "page", "client": client, "file": str(file)})
    else:
        tell(said.PAGE_MADE, file=file)
    return 0
