"""Documents come into a private space from a browser: the bytes are kept as everybody's, the rows are the space's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from django.db import DatabaseError
from django.db.models import Sum

from syncd.core import modified_dates, paths
from syncd.core.content import Content
from syncd.core.errors import UsageError
from syncd.core.folder_rules import ClientRules, FolderRule, refuse
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.private_space import KIND, NAME
from syncd.portal.documents.deposit import Incoming, safe_path
from syncd.portal.models import Client
from syncd.portal.models.ids import new_id
from syncd.portal.models.private_space import PrivateDocument, PrivateVersion, name_key
from syncd.portal.private_space.contents import free_name, make_folders
from syncd.portal.private_space.spaces import Space, changing, enter
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import blob_store
from syncd.portal.storage.port import Staged

ROOM = 5_000_000_000  # bytes of a company, all versions together: no quota that a cabinet gives counts them
LARGEST = 200_000_000
PRIVATE = "prive:"  # before the code of a client, where a browser says whose folder it sends to
_RULES = ClientRules("", (FolderRule(NAME, KIND, max_size=LARGEST, extensions=frozenset()),))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `outcome`: as of a deposit's line; `name`: what it is called there."""

    outcome: str
    name: str
    reason: str = ""
    detail: str = ""


def rule() -> FolderRule:
    """What browsers refuse before they send."""
    return _RULES.folders[0]


def refusal(actor: Person, client: Client, incoming: Incoming) -> tuple[str, str]:
    """(reason, detail) why it will not be taken, whatever its bytes are; ('', '') when it may come."""
    try:
        space = enter(actor, client, Verb.DEPOSIT)
    except Refusal:
        return "no_right", ""
    return _refusal(space, incoming)


def _refusal(space: Space, incoming: Incoming) -> tuple[str, str]:
    try:
        name = _spelled(incoming)
    except UsageError as e:
        return e.reason or "bad_name", ""
    if BUILTIN.anywhere(name):
        return "bad_name", ""
    if incoming.over:
        over = space.documents.filter(id=incoming.over, bin="").first()
        if over is None:
            return "no_right", ""
        if paths.split_ext(name)[1].lower() != paths.split_ext(over.name)[1].lower():
            return "extension_not_allowed", ""
    elif not space.folders.filter(id=incoming.folder or space.root, bin="").exists():
        return "no_right", ""
    refused = refuse(_RULES, paths.join(NAME, name), incoming.size)
    if refused is not None:
        return refused.reason, refused.detail
    held = space.versions.aggregate(n=Sum("size"))["n"] or 0
    return ("quota", "") if held + incoming.size > ROOM else ("", "")


def _spelled(incoming: Incoming) -> str:
    """Its name, with the tree it was dropped with. Raises UsageError."""
    return safe_path(paths.check(incoming.name.replace("\\", "/").strip("/")))


def base_of(actor: Person, client: Client, incoming: Incoming) -> int:
    """The version that the person saw of what is replaced: as told, else the present one. 0 where nothing is."""
    over = enter(actor, client, Verb.DEPOSIT).documents.filter(id=incoming.over, bin="").first()
    return (incoming.base or over.version) if incoming.over and over is not None else 0


def take(actor: Person, client: Client, incoming: Incoming, staged: Staged, content: Content) -> Taken:
    """Store what arrived. `staged` is used up, but when this cannot be done now: then it is as it was. Raises Refusal."""
    blobs, incoming, version = blob_store(), replace(incoming, size=content.size), new_id()
    blobs.publish([(staged, version)])
    kept = False
    try:
        with changing(actor, client, Verb.DEPOSIT) as space:
            taken = _taken(space, incoming, content, version)
        kept = taken.outcome in ("stored", "version", "beside")
    finally:
        if not kept and not _recorded(version):
            blobs.take_back([(staged, version)])
    if not kept:
        blobs.drop_staged(staged)
    return taken


def _recorded(version: str) -> bool:
    """What cannot be asked counts as recorded: no byte of a document is touched on a guess."""
    try:
        return PrivateVersion.objects.kept().filter(id=version).exists()
    except DatabaseError:
        return True


def take_stream(actor: Person, client: Client, folder: str, name: str, source: BinaryIO) -> Taken:
    """As `take`, of what comes in one piece. Raises Refusal."""
    blobs = blob_store()
    staged, content = blobs.stage_from(source)
    with blobs.used_up(staged):
        return take(actor, client, Incoming(folder, name, content.size), staged, content)


def _taken(space: Space, incoming: Incoming, content: Content, version: str) -> Taken:
    reason, detail = _refusal(space, incoming)
    if reason:
        return Taken("refused", incoming.name, reason, detail)
    over = space.documents.filter(id=incoming.over, bin="").first() if incoming.over else None
    if over is not None and over.version in (incoming.base, 0):
        return _next_version(space, over, incoming, content, version)
    name = _spelled(incoming)
    if over is not None:
        folder = over.folder
    else:
        above = paths.parent(name)
        try:
            folder = make_folders(space, incoming.folder, above.split("/") if above else []).id
        except Refusal:
            return Taken("refused", incoming.name, "name_collision")
    same = space.documents.filter(folder=folder, bin="", size=content.size, sha256=content.sha256).first()
    if same is not None:
        return Taken("already", same.name)
    own = paths.name(name) if over is None else over.name
    document = PrivateDocument(
        client=space.client, folder=folder, name=(called := free_name(space, folder, own)), key=name_key(called), size=content.size,
        sha256=content.sha256, version_id=version, changed_at=datetime.now(UTC), changed_by=space.actor.name,
    )  # fmt: skip
    document.save(force_insert=True)
    _version(space, document, incoming, content)
    space.note("deposited", called)
    return Taken("stored" if over is None else "beside", called)


def _next_version(space: Space, over: PrivateDocument, incoming: Incoming, content: Content, version: str) -> Taken:
    if (over.size, bytes(over.sha256)) == (content.size, content.sha256):
        return Taken("already", over.name)
    over.version, over.version_id, over.size, over.sha256 = over.version + 1, version, content.size, content.sha256
    over.changed_at, over.changed_by = datetime.now(UTC), space.actor.name
    over.save(force_update=True)
    _version(space, over, incoming, content)
    space.note("version", f"{over.name}, {over.version}")
    return Taken("version", over.name)


def _version(space: Space, document: PrivateDocument, incoming: Incoming, content: Content) -> None:
    now = datetime.now(UTC)
    modified = modified_dates.kept(incoming.modified, now.timestamp())
    PrivateVersion(
        id=document.version_id, client=space.client, document=document, number=document.version, size=content.size,
        sha256=content.sha256, by=space.actor.name, at=now,
        modified_at=datetime.fromtimestamp(modified, UTC) if modified is not None else None,
    ).save(force_insert=True)  # fmt: skip
