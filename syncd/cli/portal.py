"""`syncd portal …`: the online platform's own commands. They work while it is served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.cli.common import json_option
from syncd.cli.output import line, say, warn

if TYPE_CHECKING:
    from syncd.portal.models import Client

directory = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


def opens(command: Callable[..., Any]) -> Callable[..., Any]:
    """Start the portal's models on DIR before the command runs."""

    @wraps(command)
    def opened(directory: Path, **values: Any) -> Any:
        from syncd.portal import setup

        setup.use(directory)
        setup.migrate()
        return command(**values)

    return opened


def client_of(code: str) -> Client:
    from syncd.portal.services import accounts, clients

    return clients.find(accounts.only_cabinet(), code)


@click.group()
def portal() -> None:
    """The online platform. DIR is its data directory."""


@portal.command()
@directory
@click.option("--cabinet", required=True, help="The cabinet's name.")
@click.option("--admin-email", required=True, help="The first administrator's address: also the sign-in name.")
@click.option(
    "--admin-password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the password; absent: one is made and printed once.",
)
def init(directory: Path, cabinet: str, admin_email: str, admin_password_file: Path | None) -> int:
    """Make a new portal for one cabinet.

    \b
    Example:
      syncd portal init /srv/portail --cabinet "Cabinet Martin" --admin-email direction@cabinet-martin.fr
    """
    from syncd.core.errors import UsageError
    from syncd.portal import setup

    password = None
    if admin_password_file is not None:
        try:
            password = admin_password_file.read_text(encoding="utf-8").strip("\r\n")
        except OSError as e:
            raise UsageError(f"the password file '{admin_password_file}' cannot be read ({e.strerror}).") from None
        if not password:
            raise UsageError(f"the password file '{admin_password_file}' is empty.")
    if not cabinet.strip():
        raise UsageError("the cabinet needs a name.")
    setup.use(directory, new=True)
    from syncd.portal.services import accounts

    accounts.check_account(admin_email, password)
    accounts.prepare_directory(directory)
    setup.migrate()
    _, made = accounts.found_cabinet(cabinet.strip(), admin_email, password)
    say(f"Plateforme de « {cabinet.strip()} » prête dans {directory}.")
    if password is None:
        say(f"Mot de passe de {admin_email} : {made}")
        say("Notez-le : il n'est affiché qu'une fois.")
    say(f"Clé de synchronisation : syncd portal engine-token {directory}")
    return 0


@portal.command()
@directory
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Serve https with this certificate …")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="… and this key.")
@opens
def serve(host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> int:
    """Serve the portal; the first line on standard output is its address, once it is ready.

    \b
    Example:
      syncd portal serve /srv/portail --port 8080
    """
    from syncd.core.errors import UsageError
    from syncd.portal.serve import serve as run

    if (tls_cert is None) != (tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together.")
    for path in (tls_cert, tls_key):
        if path is not None and not path.exists():
            raise UsageError(f"'{path}' does not exist.")
    tls = {"ssl_certfile": str(tls_cert), "ssl_keyfile": str(tls_key)} if tls_cert else {}
    run(host, port, say, **tls)
    return 0


@portal.command("engine-token")
@directory
@opens
def engine_token() -> int:
    """Make a key for the cabinet's engine: alone on standard output, shown once.

    \b
    Example:
      syncd portal engine-token /srv/portail > /etc/syncd/token
    """
    from syncd.portal.services import accounts

    say(accounts.new_token(accounts.only_cabinet()))
    return 0


@portal.command("engine-right")
@directory
@click.argument("code")
@click.argument("folder")
@click.argument("right", type=click.Choice(["on", "off"]))
@opens
def engine_right(code: str, folder: str, right: str) -> int:
    """Give or withdraw the engine's sight of a folder, with all below. Nothing is deleted by it.

    \b
    Example:
      syncd portal engine-right /srv/portail 007868 Social off
    """
    from syncd.portal.services import clients

    clients.set_engine_right(client_of(code), folder, right == "on")
    return 0


# -- clients -----------------------------------------------------------------------------------------------------------


@portal.group()
def client() -> None:
    """Clients of the cabinet."""


@client.command()
@directory
@click.argument("code")
@click.argument("name")
@click.option("--template", default="commerce", show_default=True, help="A shipped template's name, or FILE.toml.")
@opens
def add(code: str, name: str, template: str) -> int:
    """Create a client with its folder tree.

    \b
    Example:
      syncd portal client add /srv/portail 007868 "SARL Dupont" --template commerce
    """
    from syncd.config import template_files
    from syncd.portal.services import accounts, clients

    clients.add(accounts.only_cabinet(), code, name, template_files.load(template))
    return 0


@client.command("list")
@directory
@json_option
@opens
def list_(as_json: bool) -> int:
    """List the cabinet's clients.

    \b
    Example:
      syncd portal client list /srv/portail --json
    """
    from django.db.models import Count, Q

    from syncd.portal.models import Client

    for c in Client.objects.annotate(count=Count("documents", filter=Q(documents__tombstone=""))).order_by("code"):
        if as_json:
            line(
                {
                    "code": c.code,
                    "name": c.name,
                    "id": c.id,
                    "closed": c.closed,
                    "scope": c.scope,
                    "quota": c.quota,
                    "documents": c.count,
                }
            )
        else:
            say(f"{c.code}\t{c.name}\t{c.count}{chr(9) + 'fermé' if c.closed else ''}")
    return 0


@client.command()
@directory
@click.argument("code")
@opens
def close(code: str) -> int:
    """Close a client's space: nothing moves any more, nothing is deleted.

    \b
    Example:
      syncd portal client close /srv/portail 007868
    """
    from syncd.portal.services import clients

    clients.close(client_of(code))
    return 0


@client.command("set")
@directory
@click.argument("code")
@click.option("--template", help="A shipped template's name, or FILE.toml.")
@click.option("--name", help="The client's new name.")
@click.option("--scope", type=click.Choice(["all", "open+1", "open"]), help="Which exercises are published.")
@opens
def set_(code: str, template: str | None, name: str | None, scope: str | None) -> int:
    """Change a client's tree, name or scope. Nothing is ever deleted by it.

    \b
    Example:
      syncd portal client set /srv/portail 007868 --scope open+1
    """
    from syncd.config import template_files
    from syncd.core.errors import UsageError
    from syncd.core.exercises import Scope
    from syncd.portal.services import clients

    if template is None and name is None and scope is None:
        raise UsageError("say what to change: --template, --name or --scope.")
    loaded = template_files.load(template) if template else None
    clients.change(client_of(code), name=name, template=loaded, scope=Scope(scope) if scope else None)
    return 0


@client.command()
@directory
@click.argument("code")
@click.argument("label")
@click.argument("start")
@click.argument("end")
@click.option("--closed", is_flag=True, help="The exercise is closed.")
@opens
def exercise(code: str, label: str, start: str, end: str, closed: bool) -> int:
    """Create or change an exercise (dates as 2026-01-01).

    \b
    Example:
      syncd portal client exercise /srv/portail 007868 2025 2025-01-01 2025-12-31 --closed
    """
    from syncd.core.errors import UsageError
    from syncd.portal.services import clients

    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        raise UsageError(f"'{start}' or '{end}' is no date.", mend="Write dates as 2026-01-31.") from None
    clients.set_exercise(client_of(code), label, first, last, closed)
    return 0


@client.command()
@directory
@click.argument("code")
@click.argument("count", metavar="BYTES", type=int)
@opens
def quota(code: str, count: int) -> int:
    """Limit the bytes a client's live documents may take together; 0: no limit.

    \b
    Example:
      syncd portal client quota /srv/portail 007868 5000000000
    """
    from syncd.portal.services import clients

    clients.set_quota(client_of(code), count)
    return 0


# -- folders -----------------------------------------------------------------------------------------------------------


@portal.group()
def folder() -> None:
    """Folders of a client."""


@folder.command("add")
@directory
@click.argument("code")
@click.argument("path")
@opens
def folder_add(code: str, path: str) -> int:
    """Add a folder; a new top-level one joins the client's tree.

    \b
    Example:
      syncd portal folder add /srv/portail 007868 Achats/2026
    """
    from syncd.portal.services import trees

    say(trees.folder_add(client_of(code), path))
    return 0


@folder.command("remove")
@directory
@click.argument("code")
@click.argument("path")
@opens
def folder_remove(code: str, path: str) -> int:
    """Remove a folder: its documents go to the bin, and are set aside at the cabinet.

    \b
    Example:
      syncd portal folder remove /srv/portail 007868 Achats/2019
    """
    from syncd.portal.services import accounts, trees

    trees.folder_remove(client_of(code), path, accounts.only_cabinet().name)
    return 0


@folder.command("move")
@directory
@click.argument("code")
@click.argument("path")
@click.argument("newpath")
@opens
def folder_move(code: str, path: str, newpath: str) -> int:
    """Rename or move a folder with all inside.

    \b
    Example:
      syncd portal folder move /srv/portail 007868 Achats/2025 Achats/Exercice 2025
    """
    from syncd.portal.services import trees

    say(trees.folder_move(client_of(code), path, newpath))
    return 0


# -- documents ---------------------------------------------------------------------------------------------------------


@portal.group()
def document() -> None:
    """Documents of a client."""


def _person(company: bool) -> Any:
    from syncd.portal.rights import Person
    from syncd.portal.services import accounts

    cabinet = accounts.only_cabinet()
    if company:
        return Person(cabinet.id, "le client", "company", "company")
    return Person(cabinet.id, cabinet.name, "correspondent")


@document.command("put")
@directory
@click.argument("code")
@click.argument("path")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-company", is_flag=True, help="A deposit by a person of the company.")
@opens
def document_put(code: str, path: str, file: Path, as_company: bool) -> int:
    """Deposit a document; on a live one, a new version. The final path is printed; refused: exit 3, the reason code.

    \b
    Example:
      syncd portal document put /srv/portail 007868 Achats/facture.pdf facture.pdf --as-company
    """
    from syncd.core import words
    from syncd.core.errors import UsageError
    from syncd.portal.services.deposits import deposit

    try:
        with file.open("rb") as source:
            result = deposit(client_of(code), path, source, _person(as_company))
    except OSError as e:
        raise UsageError(f"'{file}' cannot be read ({e.strerror}).") from None
    if result.ok and result.doc is not None:
        say(result.doc.path)
        return 0
    say(result.reason)
    warn(f"syncd: {path}: {words.reason(result.reason, result.detail)}")
    return 3


@document.command("remove")
@directory
@click.argument("code")
@click.argument("path")
@opens
def document_remove(code: str, path: str) -> int:
    """Delete a document: to the bin; at the cabinet it is set aside as supp_….

    \b
    Example:
      syncd portal document remove /srv/portail 007868 Achats/facture.pdf
    """
    from syncd.portal.services import documents

    documents.remove(client_of(code), path, _person(False))
    return 0


@document.command("restore")
@directory
@click.argument("code")
@click.argument("path")
@opens
def document_restore(code: str, path: str) -> int:
    """Bring a document back from the bin. Its path is printed.

    \b
    Example:
      syncd portal document restore /srv/portail 007868 Achats/facture.pdf
    """
    from syncd.portal.services import documents

    say(documents.restore(client_of(code), path))
    return 0


@document.command("move")
@directory
@click.argument("code")
@click.argument("path")
@click.argument("newpath")
@opens
def document_move(code: str, path: str, newpath: str) -> int:
    """Rename a document or file it elsewhere; history and receipts stay.

    \b
    Example:
      syncd portal document move /srv/portail 007868 "À classer/scan.pdf" Achats/facture-12.pdf
    """
    from syncd.portal.services import documents

    say(documents.move(client_of(code), path, newpath, _person(False)))
    return 0


@document.command("get")
@directory
@click.argument("code")
@click.argument("path")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--version", "number", type=int, help="An earlier version, from 1.")
@opens
def document_get(code: str, path: str, file: Path, number: int | None) -> int:
    """Write a document's bytes into FILE (which must not exist), from the live ones or else the bin.

    \b
    Example:
      syncd portal document get /srv/portail 007868 Achats/facture.pdf /tmp/facture.pdf --version 1
    """
    import shutil

    from syncd.core import paths
    from syncd.core.errors import UsageError
    from syncd.portal.blobs import store
    from syncd.portal.models import Document, Version
    from syncd.portal.services.documents import opened

    owner = client_of(code)
    found = (
        Document.objects.filter(client=owner, key=paths.key(paths.check(path)))
        .order_by("tombstone", "-deleted_at")
        .first()
    )
    if found is None:
        raise UsageError(f"client {code} has no document '{path}'.")
    version = Version.objects.filter(document=found, number=number or found.version).first()
    if version is None:
        raise UsageError(f"'{path}' has no version {number}.", mend=f"It has versions 1 to {found.version}.")
    try:
        with Path(store().path(version.id)).open("rb") as source, file.open("xb") as target:
            shutil.copyfileobj(source, target)
    except FileExistsError:
        raise UsageError(f"'{file}' exists already.") from None
    except OSError as e:
        raise UsageError(f"'{file}' cannot be written ({e.strerror}).") from None
    opened(found, version, by_cabinet=True)
    return 0


@document.command("list")
@directory
@click.argument("code")
@json_option
@click.option("--deleted", is_flag=True, help="Those in the bin as well.")
@opens
def document_list(code: str, as_json: bool, deleted: bool) -> int:
    """List documents, a line each: path id size sha256 version received_at downloads deleted.

    \b
    Example:
      syncd portal document list /srv/portail 007868 --json --deleted
    """
    from syncd.portal.models import Document

    found = Document.objects.filter(client=client_of(code)).order_by("path", "created_at")
    if not deleted:
        found = found.filter(tombstone="")
    for d in found:
        row = {
            "path": d.path, "id": d.id, "size": d.size, "sha256": bytes(d.sha256).hex(), "version": d.version,
            "received_at": d.received_at.isoformat() if d.received_at else None, "downloads": d.downloads,
            "deleted": bool(d.tombstone),
        }  # fmt: skip
        if as_json:
            line(row)
        else:
            say(
                "\t".join(
                    "null" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in row.values()
                )
            )
    return 0
