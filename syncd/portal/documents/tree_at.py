"""A client's tree as it was at a moment: places and lives from what was written down, contents from the versions."""

from __future__ import annotations

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.paths import ClientPath
from syncd.core.protocol import Former
from syncd.portal.clients.tree import rules_of
from syncd.portal.models import Client, Document, Past, Version
from syncd.portal.records.place_history import moment
from syncd.portal.rights import Engine, Place, Verb, may


def tree_at(actor: Engine, client_id: str, at: float) -> list[Former]:
    """Every document that was live at `at` (seconds since 1970), with the version it had then, as far as the engine sees."""
    client = Client.objects.filter(cabinet_id=actor.cabinet, id=client_id).first()
    if client is None:
        return []
    when = moment(at)
    places = {d.id: (d.path, not d.tombstone) for d in Document.objects.filter(client=client)}
    later = Past.objects.filter(document__client=client, until__gt=when).order_by("-until", "-id")
    for document_id, path, live in later.values_list("document_id", "path", "live"):
        places[document_id] = (path, live)  # the earliest of those after the moment comes last
    versions: dict[str, Version] = {}
    for version in Version.objects.filter(document__client=client, created_at__lte=when).order_by("number"):
        versions[version.document_id] = version
    rules, found = rules_of(client), []
    for document_id, (path, live) in places.items():
        v = versions.get(document_id)
        if v is None or not live or not may(actor, Verb.VIEW, Place(actor.cabinet, rules, paths.parent(path))):
            continue
        found.append(Former(document_id, ClientPath(path), Content(v.size, bytes(v.sha256)), v.number, v.id))
    return sorted(found, key=lambda f: f.path)


def versions(actor: Engine, client_id: str) -> list[Former]:
    """Every version the portal keeps of a client's documents, at the document's place of now."""
    client = Client.objects.filter(cabinet_id=actor.cabinet, id=client_id).first()
    if client is None:
        return []
    rules = rules_of(client)
    return [
        Former(v.document_id, ClientPath(v.document.path), Content(v.size, bytes(v.sha256)), v.number, v.id)
        for v in Version.objects.select_related("document")
        .filter(document__client=client)
        .order_by("document", "number")
        if may(actor, Verb.VIEW, Place(actor.cabinet, rules, paths.parent(v.document.path)))
    ]
