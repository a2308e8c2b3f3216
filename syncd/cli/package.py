"""`syncd package`: documents carried by hand where no network joins the two sides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.cli import output, package_keys, package_views, shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, on_terminal, tell, warn
from syncd.cli.package_sides import at_option, desk_of, in_its_language
from syncd.core.words import packages as said

if TYPE_CHECKING:
    from syncd.operations.package_desk import Desk, Viewed

_FILE = click.Path(path_type=Path, dir_okay=False)
_DIR = click.Path(path_type=Path, file_okay=False)


@click.group()
def package() -> None:
    """Exchange packages: a client's documents in one signed file, on a USB stick or in a mail, where no network joins both sides.

    Each side makes packages of what changed since the other one acknowledged it, and deals with those it gets. A package
    is an ordinary ZIP; it bears a number, carries its sender's receipts, and is taken whole or not at all.

    \b
    Example, at the cabinet:
      syncd --config /etc/syncd/syncd.toml package create 007868 --to /media/usb
    Example, at a company:
      syncd package create --at Documents/Cabinet --to /media/usb
    """


@package.command()
@click.argument("client", required=False, default="", shell_complete=shell_completion.client)
@click.option("--to", required=True, type=_DIR, help="The directory the package is put into: a USB stick, say.")
@click.option("--all", "full", is_flag=True, help="All documents, whatever was acknowledged.")
@click.option(
    "--changed", is_flag=True, help="Documents added and changed since the last acknowledged package (the default)."
)
@click.option("--purpose", metavar="T", default="", help="What it is for, in a few words.")
@click.option("--comment", metavar="T", default="", help="A comment for whoever deals with it.")
@click.option(
    "--seal", is_flag=True, help="For the receiver's key alone; so by itself where a confidential folder is inside."
)
@click.option(
    "--mail",
    "mails",
    metavar="ADDRESS",
    multiple=True,
    help="Tell this person that it is on its way; it is not attached.",
)
@click.option("--plain", is_flag=True, help="Never sealed, whatever is inside.")
@at_option
@json_option
@click.pass_context
def create(ctx: click.Context, /, client: str, to: Path, at: Path | None, as_json: bool, **given: Any) -> int:
    """Make a package of a client's documents. At the cabinet an ordinary pass over that client comes first.

    \b
    Examples:
      syncd package create 007868 --to /media/usb --purpose "Envoi pour révision"
      syncd package create 007868 --to /media/usb --all --json
      syncd package create --at Documents/Cabinet --to /media/usb
    """
    from syncd.core.errors import UsageError
    from syncd.jobs.packages.creation import Wish
    from syncd.operations import package_mail

    for one, other, fault in (("full", "changed", said.ALL_OR_CHANGED), ("seal", "plain", said.SEAL_OR_PLAIN)):
        if given[one] and given[other]:
            raise UsageError(fault.of())
    if bool(client) == bool(at):
        raise UsageError((said.NO_CLIENT_HERE if at else said.NEEDS_CLIENT).of())
    if at and given["mails"]:
        raise UsageError(said.MAIL_OF_CABINET.of())
    told = package_mail.checked(config_of(ctx), given["mails"]) if given["mails"] else []
    sealed = True if given["seal"] else False if given["plain"] else None
    desk = desk_of(ctx, at, as_json=as_json)
    made, left = desk.create(client, to, Wish(given["full"], given["purpose"], given["comment"], sealed))
    if as_json:
        package_views.made_line(made, to, left)
    else:
        package_views.made_words(made, left)
    if told:
        package_mail.announce(config_of(ctx), made, told, warn)
    return 3 if left or made.withheld else 0


@package.command()
@click.argument("file", type=_FILE)
@at_option
@json_option
@click.pass_context
def show(ctx: click.Context, file: Path, at: Path | None, as_json: bool) -> int:
    """Say what a package is and holds, and, with --config or --at, what it would do here. Nothing is written.

    \b
    Examples:
      syncd package show /media/usb/007868-20261121140300.syncpkg
      syncd --config /etc/syncd/syncd.toml package show /media/usb/007868-20261121140300.syncpkg --json
    """
    viewed = _viewed(ctx, file, at, as_json=as_json)
    if as_json:
        package_views.viewed_lines(viewed, file)
    else:
        package_views.viewed_words(viewed)
    return 3 if viewed.refused_by is not None else 0


def _viewed(ctx: click.Context, file: Path, at: Path | None, *, as_json: bool) -> Viewed:
    if at is not None or ctx.find_root().obj.config:
        desk = desk_of(ctx, at, as_json=as_json)
        with desk.opened(file) as found:
            return desk.view(found, ())
    from syncd.jobs.packages import receiving
    from syncd.operations.package_desk import Viewed

    in_its_language()
    with receiving.opened(file, None) as found:
        counts: dict[str, int] = {}
        for e in found.manifest.entries:
            top = e.path.partition("/")[0]
            counts[top] = counts.get(top, 0) + 1
        return Viewed(found.name, found.manifest, found.sealed, counts=counts)


@package.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option(
    "--only",
    metavar="FOLDER,…",
    default="",
    help="Of it only these top-level folders; the others wait for another time.",
)
@click.option("--yes", is_flag=True, help="Deal with it without being asked.")
@at_option
@json_option
@click.pass_context
def apply(ctx: click.Context, files: tuple[Path, ...], only: str, yes: bool, at: Path | None, as_json: bool) -> int:
    """Bring a package's documents in: what it would do is shown first, and somebody agrees. Several go in the order of their numbers.

    What the other side deleted is renamed supp_ here, never deleted; where both sides changed a document, both versions
    are kept. At the cabinet an ordinary pass over the client publishes it, within the guards.

    \b
    Examples:
      syncd package apply /media/usb/007868-20261121140300.syncpkg
      syncd package apply /media/usb/*.syncpkg --only Achats,Banque --yes
      syncd package apply /media/usb/007868-20261121140300.syncpkg --at Documents/Cabinet
    """
    from syncd.cli.output import failed
    from syncd.core.packages.manifest import PackageRefused
    from syncd.core.verdicts import exit_code

    desk, folders = desk_of(ctx, at, as_json=as_json), tuple(f.strip() for f in only.split(",") if f.strip())
    codes = set[int]()
    for file in desk.in_order(files) if len(files) > 1 else files:
        try:
            codes.add(_dealt_with(desk, file, folders, yes=yes, as_json=as_json, alone=len(files) == 1))
        except PackageRefused as e:  # one of several is damaged: said, and the others follow
            if len(files) == 1:
                raise
            codes.add(failed(e))
    return exit_code({code for code in codes if code})


def _dealt_with(desk: Desk, file: Path, folders: tuple[str, ...], *, yes: bool, as_json: bool, alone: bool) -> int:
    """What was shown is what is dealt with: it stays open in between."""
    with desk.opened(file) as found:
        viewed = desk.view(found, folders)
        if viewed.refused_by is not None and alone:
            raise viewed.refused_by
        if viewed.refused_by is not None:  # one of several that is not to be dealt with: said, and the others follow
            return output.failed(viewed.refused_by)
        if not _agreed(viewed, yes=yes, as_json=as_json):
            return 2
        done = desk.apply(found, folders)
    package_views.applied(done, viewed, as_json=as_json)
    return done.exit_code


def _agreed(viewed: Viewed, *, yes: bool, as_json: bool) -> bool:
    """Raises UsageError where nobody is there to ask."""
    from syncd.core.errors import UsageError

    if not as_json:
        package_views.viewed_words(viewed)
    if yes:
        return True
    if not on_terminal():
        raise UsageError(said.NO_AGREEMENT.of(), mend=said.NO_AGREEMENT_MEND.of())
    return click.confirm(said.APPLY(language()))


@package.command()
@click.argument("file", type=_FILE)
@at_option
@json_option
@click.pass_context
def discard(ctx: click.Context, file: Path, at: Path | None, as_json: bool) -> int:
    """Throw a package away without taking anything of it. That is written down; its sender's next one holds what it held.

    \b
    Example:
      syncd package discard /media/usb/007868-20261121140300.syncpkg
    """
    manifest = desk_of(ctx, at, as_json=as_json).discard(file)
    if as_json:
        line({"type": "discarded", "client": manifest.code, "sequence": manifest.sequence, "file": str(file)})
    else:
        tell(said.DISCARDED, number=manifest.sequence)
    return 0


@package.command("list")
@click.argument("directory", required=False, type=_DIR)
@at_option
@json_option
@click.pass_context
def list_(ctx: click.Context, directory: Path | None, at: Path | None, as_json: bool) -> int:
    """List what was sent and dealt with; with a DIRECTORY (a USB stick), the packages that lie there, and what is to be done with each.

    \b
    Examples:
      syncd package list
      syncd package list /media/usb --json
    """
    found = desk_of(ctx, at, as_json=as_json).listed(directory)
    if as_json:
        for one in found:
            line(package_views.listed_line(one))
        return 0
    for one in found:
        if directory is None or one.way not in ("sent", "received"):
            package_views.listed_words(one)
    waits = any(one.state in ("next", "rest", "gap", "bad") for one in found)
    if not waits:
        tell(said.NOTHING_WAITS)
    return 0


@package.command()
@click.argument("file", type=_FILE)
@click.option(
    "--at", required=True, type=_DIR, help="The directory that is to be the company's: made, or an empty one."
)
@click.option("--yes", is_flag=True, help="The cabinet's key was compared already.")
@json_option
def join(file: Path, at: Path, yes: bool, as_json: bool) -> int:
    """At a company: begin with the cabinet's first package. Its key is shown, to be compared with the one the cabinet told.

    \b
    Example:
      syncd package join /media/usb/007868-20261121140300.syncpkg --at Documents/Cabinet
    """
    from syncd.core.errors import UsageError
    from syncd.operations.company_packages import CompanyDesk

    in_its_language()
    desk = CompanyDesk(at, language())
    with desk.first(file) as found:
        cabinets = desk.introduced(found)
        if not yes:
            if not on_terminal():
                raise UsageError(said.NO_AGREEMENT.of(), mend=said.NO_AGREEMENT_MEND.of())
            if not click.confirm(said.JOIN_ASK(language(), key=cabinets)):
                return 2
        own = desk.join(found, cabinets)
    if as_json:
        line({"type": "key", "signing": own.signing, "sealing": own.sealing, "cabinet": str(cabinets)})
    else:
        tell(said.JOINED, at=at)
        tell(said.KEY_IS, key=own)
    return 0


for command in (package_keys.key, package_keys.trust, package_keys.page):
    package.add_command(command)
