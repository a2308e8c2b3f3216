"""The bin of a private space: what went there together comes back together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import QuerySet

from syncd.portal.models import Client
from syncd.portal.models.ids import new_id
from syncd.portal.models.private_space import PrivateDocument, PrivateFolder, name_key
from syncd.portal.private_space.contents import below, free_name, live, portions, these
from syncd.portal.private_space.spaces import Space, changing, enter, refuse
from syncd.portal.rights import Person, Verb


def binned(actor: Person, client: Client) -> list[PrivateDocument]:
    space = enter(actor, client, Verb.DELETE)
    return list(space.documents.exclude(bin="").order_by("-binned_at"))


def remove(actor: Person, client: Client, ids: Sequence[str]) -> tuple[list[str], str]:
    """Into the bin: their names, and the id by which `take_back` undoes all of it. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        chosen, deletion = these(space, ids), new_id()
        _bin(space, chosen, deletion)
        return [d.name for d in chosen], deletion


def remove_folder(actor: Person, client: Client, folder: str) -> tuple[str, str]:
    """With all that is in it. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        found, deletion = live(space, folder), new_id()
        if found.id == space.root:
            refuse()
        gone = below({f.id: f for f in space.folders.filter(bin="")}, found.id)
        for some in portions(gone):
            _bin(space, list(space.documents.filter(bin="", folder__in=some)), deletion)
            space.folders.filter(id__in=some).update(bin=deletion)
        space.note("folder_removed", found.name)
        return found.name, deletion


def _bin(space: Space, documents: Sequence[PrivateDocument], deletion: str) -> None:
    for some in portions(d.id for d in documents):
        space.documents.filter(id__in=some).update(
            bin=deletion, binned_at=datetime.now(UTC), binned_by=space.actor.name
        )
    for document in documents:
        space.note("removed", document.name)


def take_back(actor: Person, client: Client, deletion: str) -> int:
    """All that went with that deletion, empty folders as well: how many documents. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        if not deletion:
            refuse()
        gone = {f.id: f for f in space.folders.filter(bin=deletion)}
        for folder in gone.values():
            _back(space, folder.id)
            if folder.inside not in gone:
                space.note("folder_restored", folder.name)
        return len(_restore(space, space.documents.filter(bin=deletion)))


def restore(actor: Person, client: Client, ids: Sequence[str]) -> list[str]:
    """Out of the bin, under another name where its own is taken by now: their names. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        binned_now = space.documents.exclude(bin="")
        return [name for some in portions(ids) for name in _restore(space, binned_now.filter(id__in=some))]


def _restore(space: Space, documents: QuerySet[PrivateDocument]) -> list[str]:
    """Their folders first: each document then says where its own is by now."""
    for folder in set(documents.values_list("folder", flat=True)):
        _back(space, folder)
    names, there = [], set(space.folders.filter(bin="").values_list("id", flat=True))
    for document in list(documents):
        into = document.folder if document.folder in there else space.root
        name = free_name(space, into, document.name)
        space.documents.filter(id=document.id).update(
            folder=into, name=name, key=name_key(name), bin="", binned_at=None, binned_by=""
        )
        space.note("restored", name)
        names.append(name)
    return names


def _back(space: Space, folder: str) -> None:
    """The folder and those it lies in, the outermost first: each itself, or all of it in one that is called so by now."""
    gone, found = list[PrivateFolder](), space.folders.filter(id=folder).first()
    while found is not None and found.bin:
        gone.append(found)
        found = space.folders.filter(id=found.inside).first()
    up = space.root if found is None else found.id
    for found in reversed(gone):
        there = space.folders.filter(inside=up, key=found.key, bin="").first()
        if there is not None:
            space.folders.filter(inside=found.id).update(inside=there.id)
            space.documents.filter(folder=found.id).update(folder=there.id)
            space.folders.filter(id=found.id).delete()
            up = there.id
            continue
        name = free_name(space, up, found.name)
        space.folders.filter(id=found.id).update(inside=up, bin="", name=name, key=name_key(name))
        up = found.id
