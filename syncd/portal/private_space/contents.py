"""What lies in a private space, for its own people: seen, found, named anew, moved.

Names lie sealed: they are compared by their key, and ordered and searched here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count

from syncd.core import naming, paths
from syncd.core.errors import BadPath
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.search_folding import fold
from syncd.portal.models import Client
from syncd.portal.models.private_space import PrivateAct, PrivateDocument, PrivateFolder, PrivateVersion, name_key
from syncd.portal.private_space.spaces import Space, changing, enter, refuse
from syncd.portal.refusals import Code, Detail, Refusal
from syncd.portal.rights import Person, Verb

ACTS = 100
AT_ONCE = 2000  # ids in one question


@dataclass(frozen=True, slots=True)
class Seen:
    """A folder of the space as a page shows it. `trail`: folders above, the space's own first; `inside` with how many documents
    each holds itself."""

    space: Space
    folder: PrivateFolder
    trail: Sequence[PrivateFolder]
    inside: Sequence[tuple[PrivateFolder, int]]
    documents: Sequence[PrivateDocument]


def look(actor: Person, client: Client, folder: str = "", words: str = "") -> Seen:
    """`folder`: '' for the space's own; `words`: found by name, below it as well. Raises Refusal."""
    space = enter(actor, client)
    tree = {f.id: f for f in space.folders.filter(bin="")}
    here = tree.get(folder or space.root)
    if here is None:
        refuse()
    found = space.documents.filter(bin="")
    wanted = fold(words).split()
    if not wanted:
        shown = list(found.filter(folder=here.id))
    else:
        there = below(tree, here.id)
        shown = [d for d in found if d.folder in there and all(w in fold(d.name) for w in wanted)]
    held = dict(found.order_by().values_list("folder").annotate(n=Count("id")))
    inside = [] if wanted else [(f, held.get(f.id, 0)) for f in tree.values() if f.inside == here.id]
    return Seen(
        space, here, above(tree, here), sorted(inside, key=lambda x: fold(x[0].name)),
        sorted(shown, key=lambda d: d.changed_at, reverse=True),
    )  # fmt: skip


def above(tree: dict[str, PrivateFolder], folder: PrivateFolder) -> list[PrivateFolder]:
    """The folders that it lies in, the space's own first."""
    found: list[PrivateFolder] = []
    while folder.inside in tree and len(found) < len(tree):
        folder = tree[folder.inside]
        found.append(folder)
    return found[::-1]


def below(tree: dict[str, PrivateFolder], folder: str) -> set[str]:
    """The folder and all that lie in it, however deep."""
    inside, found, next_ones = defaultdict[str, list[str]](list), {folder}, [folder]
    for one_of in tree.values():
        inside[one_of.inside].append(one_of.id)
    while next_ones:
        found.update(fresh := [i for i in inside[next_ones.pop()] if i not in found])
        next_ones += fresh
    return found


def portions(ids: Iterable[str]) -> Iterator[list[str]]:
    """Of any number of chosen ids: as many as one question to the database takes."""
    every = list(dict.fromkeys(ids))
    for n in range(0, len(every), AT_ONCE):
        yield every[n : n + AT_ONCE]


def places(space: Space) -> dict[str, str]:
    """Of each live folder: where it is, '' for the space's own."""
    tree = {f.id: f for f in space.folders.filter(bin="")}
    return {f.id: "/".join(x.name for x in [*above(tree, f), f] if x.id != space.root) for f in tree.values()}


def one(actor: Person, client: Client, document_id: str, verb: Verb = Verb.VIEW) -> tuple[Space, PrivateDocument]:
    """Also of one in the bin, to whom the bin is shown. Raises Refusal."""
    space = enter(actor, client, verb)
    found = space.documents.filter(id=document_id).first()
    if found is None or (found.bin and not space.may(Verb.DELETE)):
        refuse()
    return space, found


def versions_of(actor: Person, client: Client, document: PrivateDocument) -> list[PrivateVersion]:
    return list(enter(actor, client).versions.filter(document=document).order_by("-number"))


def trail(actor: Person, client: Client) -> list[PrivateAct]:
    """The last acts, for who manages. Raises Refusal."""
    return list(enter(actor, client, Verb.MANAGE).acts.order_by("-id")[:ACTS])


def check_name(name: str) -> str:
    """As it is kept. Raises Refusal."""
    name = paths.nfc(name).strip()
    if "/" in name or "\\" in name:
        raise Refusal(Code.NAME_SLASH, instead=name.replace("/", "-").replace("\\", "-"))
    try:
        paths.check(name)
    except BadPath as e:
        code = Code.TOO_LONG if e.reason == "too_long" else Code.BAD_NAME
        raise Refusal(code, path=name, most=paths.MAX_NAME_BYTES) from None
    if BUILTIN.name(name):
        raise Refusal(Code.RESERVED_NAME, part=name)
    if fault := naming.windows_fault(name):
        raise Refusal(Code.NOT_ON_WINDOWS, part=name, fault=Detail(fault), instead=naming.windows_safe(name))
    return name


def is_taken(space: Space, folder: str, name: str) -> bool:
    """Whether a live document or folder there is called so."""
    key = name_key(name)
    return (
        space.documents.filter(folder=folder, key=key, bin="").exists()
        or space.folders.filter(inside=folder, key=key, bin="").exists()
    )


def new_folder(actor: Person, client: Client, inside: str, name: str) -> PrivateFolder:
    """Raises Refusal."""
    with changing(actor, client, Verb.DEPOSIT) as space:
        up = live(space, inside)
        made = make_folders(space, up.id, [check_name(name)], fresh=True)
        space.note("folder", name)
        return made


def live(space: Space, folder: str) -> PrivateFolder:
    found = space.folders.filter(id=folder or space.root, bin="").first()
    if found is None:
        refuse()
    return found


def make_folders(space: Space, inside: str, names: Sequence[str], *, fresh: bool = False) -> PrivateFolder:
    """The last of these folders, each in the one before; what is missing is made. `fresh`: it must not be there. Raises Refusal."""
    at = live(space, inside)
    for name in names:
        there = space.folders.filter(inside=at.id, key=name_key(name), bin="").first()
        if there is not None and fresh:
            raise Refusal(Code.TAKEN, path=name)
        if there is None:
            if space.documents.filter(folder=at.id, key=name_key(name), bin="").exists():
                raise Refusal(Code.NAME_COLLISION, path=name)
            there = PrivateFolder(client=space.client, inside=at.id, name=name, key=name_key(name))
            there.save(force_insert=True)
        at = there
    return at


def rename_folder(actor: Person, client: Client, folder: str, name: str) -> None:
    """Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        found, name = live(space, folder), check_name(name)
        if found.id == space.root:
            refuse()
        if name_key(name) != found.key and is_taken(space, found.inside, name):
            raise Refusal(Code.TAKEN, path=name)
        space.folders.filter(id=found.id).update(name=name, key=name_key(name))
        space.note("folder_renamed", name)


def rename(actor: Person, client: Client, document_id: str, stem: str) -> None:
    """Its extension stays. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        document = space.documents.filter(id=document_id, bin="").first() or refuse()
        name = check_name(stem + paths.split_ext(document.name)[1])
        if name_key(name) != document.key and is_taken(space, document.folder, name):
            raise Refusal(Code.TAKEN, path=name)
        space.documents.filter(id=document.id).update(name=name, key=name_key(name))
        space.note("renamed", f"{document.name} → {name}")


def move(actor: Person, client: Client, ids: Sequence[str], folder: str) -> list[str]:
    """Names of those that were moved; one whose name is taken there stays, and none is moved then. Raises Refusal."""
    with changing(actor, client, Verb.DELETE) as space:
        to = live(space, folder)
        chosen = [d for d in these(space, ids) if d.folder != to.id]
        for document in chosen:
            if is_taken(space, to.id, document.name):
                raise Refusal(Code.TAKEN, path=document.name)
            space.documents.filter(id=document.id).update(folder=to.id)
            space.note("moved", document.name)
        return [d.name for d in chosen]


def these(space: Space, ids: Iterable[str]) -> list[PrivateDocument]:
    return [d for some in portions(ids) for d in space.documents.filter(id__in=some, bin="")]


def free_name(space: Space, folder: str, name: str) -> str:
    return naming.second_name(name, lambda n: is_taken(space, folder, n)) if is_taken(space, folder, name) else name
