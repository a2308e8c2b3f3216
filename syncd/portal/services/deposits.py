"""A deposit by a person: from the command line here, from a browser with the pages."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext_noop as noop

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.errors import BadPath
from syncd.core.exchange import PutItem, Result
from syncd.core.ignored import BUILTIN
from syncd.portal.blobs import store as blob_store
from syncd.portal.models import Client, Document
from syncd.portal.rights import Actor
from syncd.portal.services.documents import want_back
from syncd.portal.services.store import Body, keep, new_version_id, no_room, precheck, store
from syncd.portal.services.trees import rules_of

TEMPORARY = noop("nom de fichier temporaire ou système")


def deposit(client: Client, path: str, source: BinaryIO, actor: Actor, modified: float | None = None) -> Result:
    """Store a document at `path`; on a live one a new version. Names Windows cannot hold are made safe. `modified`: the
    file's own date (core.dates).

    The result's document carries the final path; a refusal carries its reason code.
    """
    try:
        path = safe_path(paths.check(path))
    except BadPath as e:
        if e.reason != "too_long":
            raise
        return Result("refused", e.reason)
    rules = rules_of(client)
    top = rules.tops().get(paths.key(paths.top(path)))
    if top:
        path = top + path[len(paths.top(path)) :]
    if BUILTIN.anywhere(path):
        return Result("refused", "bad_name", TEMPORARY)
    blobs, version_id = blob_store(), new_version_id()
    temp, content = blobs.temp_of(source)
    live = Document.objects.filter(client=client, key=paths.key(path), tombstone="").first()
    over, version = (live.id, live.version) if live else (None, 0)
    item = PutItem(client.id, path, content, doc=over, version=version, modified=modified)
    with blobs.used_up(temp):
        refused = precheck(client, rules, item, actor) or no_room(client, item)
        unchanged = live is not None and Content(live.size, bytes(live.sha256)) == content
        if refused is None and unchanged and live is not None:
            want_back([live], actor)
        if refused is not None or unchanged:
            return refused or store(client.cabinet, [Body(item, content, "")], actor).results[0]
        return keep(client.cabinet, [Body(item, content, version_id)], [(temp, version_id)], actor).results[0]


def safe_path(path: str) -> str:
    """Every part as Windows can hold it (RULES 4): the new name is shown to the person."""
    return "/".join(naming.windows_safe(p) if naming.windows_fault(p) else p for p in path.split("/"))
