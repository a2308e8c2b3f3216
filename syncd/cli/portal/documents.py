"""`syncd portal document …`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.cli import shell_completion
from syncd.cli.common import json_option
from syncd.cli.output import language, line, say, warn
from syncd.cli.portal.common import client_of, directory, opens
from syncd.core.words import administration as said

if TYPE_CHECKING:
    from syncd.portal.models import Client


@click.group()
def document() -> None:
    """Documents of a client."""


def _person(company: bool) -> Any:
    from syncd.portal.operations import installation
    from syncd.portal.rights import Operator

    cabinet = installation.only_cabinet()
    if company:
        return Operator(cabinet.id, "le client", "company")
    return Operator(cabinet.id, cabinet.name)


@document.command("put")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
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
    import os

    from syncd.core import words
    from syncd.core.errors import UsageError
    from syncd.portal.documents.deposit import deposit_file

    try:
        with file.open("rb") as source:
            client = _owner(code, path)
            modified = os.fstat(source.fileno()).st_mtime
            result = deposit_file(_person(as_company), client, path, source, modified)
    except OSError as e:
        raise UsageError(f"'{file}' cannot be read ({e.strerror}).") from None
    if result.ok and result.doc is not None:
        say(result.doc.path)
        return 0
    say(result.reason)
    warn(f"syncd: {path}: {_unknown(client, path) or words.reason(result.reason, result.detail, language())}")
    return 3


def _owner(code: str, *places: str) -> Client:
    """The client; raises Refused of a place in a company's private space: no command reaches into it."""
    from syncd.core import private_space
    from syncd.core.errors import Refused
    from syncd.portal.clients.tree import rules_of

    client = client_of(code)
    tops = rules_of(client).tops()
    if any(private_space.holds(place, tops) for place in places):
        raise Refused("no_right", "a company's private space is its own: no command reads or changes it.")
    return client


def _unknown(client: Client, path: str) -> str:
    """That the client has no such folder at all; '' when it has."""
    from syncd.core import paths
    from syncd.portal.clients.tree import rules_of

    top, tops = paths.top(paths.nfc(path)), rules_of(client).tops()
    known = paths.key(top) in tops
    return "" if known else said.NO_FOLDER(language(), name=top, folders=", ".join(tops.values()))


@document.command("remove")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@opens
def document_remove(code: str, path: str) -> int:
    """Delete a document: to the bin; at the cabinet it is set aside as supp_….

    \b
    Example:
      syncd portal document remove /srv/portail 007868 Achats/facture.pdf
    """
    from syncd.portal.documents import lifecycle

    lifecycle.remove(_person(False), lifecycle.live(_owner(code, path), path))
    return 0


@document.command("restore")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@opens
def document_restore(code: str, path: str) -> int:
    """Bring a document back from the bin. Its path is printed.

    \b
    Example:
      syncd portal document restore /srv/portail 007868 Achats/facture.pdf
    """
    from syncd.portal.documents import lifecycle

    say(lifecycle.restore(_person(False), lifecycle.binned(_owner(code, path), path)))
    return 0


@document.command("move")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@click.argument("newpath")
@opens
def document_move(code: str, path: str, newpath: str) -> int:
    """Rename a document or file it elsewhere; history and receipts stay.

    \b
    Example:
      syncd portal document move /srv/portail 007868 "À classer/scan.pdf" Achats/facture-12.pdf
    """
    from syncd.portal.documents import lifecycle

    say(lifecycle.move(_person(False), lifecycle.live(_owner(code, path, newpath), path), newpath))
    return 0


@document.command("get")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
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
    import os
    import shutil

    from syncd.core import paths
    from syncd.core.errors import UsageError
    from syncd.portal.documents.receipts import opened
    from syncd.portal.models import Document, Version
    from syncd.portal.storage import blob_store

    owner = _owner(code, path)
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
        with blob_store().open(version.id) as source, file.open("xb") as target:
            shutil.copyfileobj(source, target)
        if version.modified_at:
            os.utime(file, (version.modified_at.timestamp(),) * 2)
    except FileExistsError:
        raise UsageError(f"'{file}' exists already.") from None
    except OSError as e:
        raise UsageError(f"'{file}' cannot be written ({e.strerror}).") from None
    opened(_person(False), [(found, version)], "download")
    return 0


@document.command("list")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
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
            line({**row, "engine_downloads": d.engine_downloads})
        else:
            say(
                "\t".join(
                    "null" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in row.values()
                )
            )
    return 0
