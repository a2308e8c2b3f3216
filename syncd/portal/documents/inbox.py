"""What waits to be filed: which documents, into which folders, by which letter, and where such documents went before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max, Q

from syncd.core import paths
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import check_name
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.documents import lifecycle, selection
from syncd.portal.documents.selection import Done
from syncd.portal.models import Client, Document, Past
from syncd.portal.rights import Person

OFTEN, LOOKED_AT = 5, 200


def file(actor: Person, client: Client, documents: Sequence[Document], folder: str, stem: str = "") -> Done:
    """Into the folder; one alone under another name too, `stem` without its extension. Raises Refusal."""
    first = documents[0]
    name = paths.name(first.path)
    if len(documents) > 1 or not stem or stem == paths.split_ext(name)[0]:
        return selection.move_into(actor, client, documents, folder)
    lifecycle.move(actor, first, paths.join(folder, check_name(stem) + paths.split_ext(name)[1]))
    at: datetime = Past.objects.filter(document=first).aggregate(at=Max("until"))["at"]
    return Done(at, [first])


def often(client: Client, folders: Sequence[str]) -> list[str]:
    """Of these folders those that the client's documents were filed into most, lately."""
    inboxes = {r["path"] for r in client.rules if r.get("kind") == INBOX}
    came = Q(pk__in=[])
    for inbox in inboxes:
        came |= Q(path__startswith=inbox + "/")
    pasts = Past.objects.filter(came, document__client=client, document__tombstone="", live=True).order_by("-until")
    went = Counter(paths.parent(path) for path in pasts.values_list("document__path", flat=True)[:LOOKED_AT])
    place = {f: n for n, f in enumerate(folders)}
    known = [f for f in went if f in place]
    return sorted(known, key=lambda f: (-went[f], place[f]))[:OFTEN]


def letters(folders: Sequence[str], shown: Mapping[str, str]) -> dict[str, str]:
    """A letter for each top-level folder, as far as they go: its first one that no folder before it has. `shown`: as it is read."""
    found, taken = dict[str, str](), set[str]()
    for folder in folders:
        if "/" in folder:
            continue
        letter = next((c for c in fold(shown[folder]) if "a" <= c <= "z" and c not in taken), "")
        if letter:
            found[folder] = letter
            taken.add(letter)
    return found
