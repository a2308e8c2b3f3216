"""A client's rules and folders: made from a template, added, moved, removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from syncd.core import naming, paths, private_space
from syncd.core.errors import BadPath
from syncd.core.fiscal_years import Exercise as CoreExercise
from syncd.core.fiscal_years import Scope
from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.protocol import ClientTree
from syncd.core.search_folding import fold
from syncd.portal.models import Client, Document, EngineRight, Exercise, Folder
from syncd.portal.models.ids import new_id
from syncd.portal.people.visibility import managing
from syncd.portal.records import audit, bulk
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.records.place_history import leaving
from syncd.portal.refusals import Code, Detail, Refusal
from syncd.portal.rights import Actor, Place

# The kinds of folders that rights are given by, which a person chooses; what else a template has stays what it is.
KINDS = ("purchases", "sales", "bank", "payroll", "tax", "legal", "accounts", "information", "other")


def trees_of(clients: Iterable[Client]) -> list[ClientTree]:
    """What the engine, and every check here, knows of clients' rules; two questions for all of them."""
    clients = list(clients)
    ids = [client.id for client in clients]
    exercises, withheld = defaultdict[str, list[CoreExercise]](list), defaultdict[str, list[str]](list)
    for n in range(0, len(ids), 500):
        for e in Exercise.objects.filter(client_id__in=ids[n : n + 500]).order_by("start"):
            exercises[e.client_id].append(CoreExercise(e.label, e.start, e.end, e.closed))
        for client_id, key in EngineRight.objects.filter(client_id__in=ids[n : n + 500]).values_list(
            "client_id", "key"
        ):
            withheld[client_id].append(key)
    return [
        ClientTree(
            client.id,
            client.tree,
            tuple(msgspec.convert(client.rules, list[FolderRule])),
            Direction(client.direction),
            Scope(client.scope),
            tuple(exercises[client.id]),
            tuple(withheld[client.id]),
        )
        for client in clients
    ]


def rules_by_client(clients: Iterable[Client]) -> dict[str, ClientRules]:
    """By client's id."""
    clients = list(clients)
    return {client.id: tree.rules(client.code) for client, tree in zip(clients, trees_of(clients), strict=True)}


def rules_of(client: Client) -> ClientRules:
    return rules_by_client([client])[client.id]


def rules_now(client: Client) -> ClientRules:
    """Within the transaction that writes: what was read before it may be another by now, or the client switched off."""
    client.refresh_from_db(fields=["closed", "tree", "rules", "direction", "scope"])
    return rules_of(client)


def not_here(client: Client) -> Refusal:
    """Why somebody may not do something there."""
    return Refusal(Code.SPACE_CLOSED if client.closed else Code.NOT_ALLOWED_HERE)


def check_open(client: Client) -> None:
    """Raises Refusal where the client is switched off: nothing moves there, by nobody."""
    if client.closed:
        raise not_here(client)


def place_in(client: Client, folder: str, rules: ClientRules | None = None) -> Place:
    """A folder of the client, as rights are asked about it. `rules`: the client's, where they are known already."""
    return Place(client.cabinet_id, rules_of(client) if rules is None else rules, folder, client.id, client.closed)


def place_of(document: Document, rules: ClientRules | None = None) -> Place:
    """The folder that the document lies in."""
    return place_in(document.client, paths.parent(document.path), rules)


def rules_json(rules: Iterable[FolderRule]) -> list[object]:
    built: list[object] = msgspec.to_builtins(list(rules))
    return built


def bump(client: Client, feed: Feed) -> None:
    """The client's rules changed: the engine fetches them anew, and documents are of the kinds the rules give now."""
    client.tree += 1
    client.save()
    feed.client(client.id)
    rules = rules_of(client)
    for top, inside in sorted((paths.key(r.path), r.path) for r in rules.folders):  # those above come first
        documents = Document.objects.filter(client=client, key__startswith=top + "/")
        documents.exclude(kind=kind_of(rules, inside)).update(kind=kind_of(rules, inside))


def kind_of(rules: ClientRules, folder: str) -> str:
    """The kind that rights go by; '' where nobody has any."""
    rule = rules.rule(folder)
    return "" if rule is None or rules.folder_direction(folder) is Direction.NONE else rule.kind


def make_folders(client: Client, wanted: Iterable[str], feed: Feed) -> dict[str, Folder]:
    """Folders by key, made with those above them where missing. In the caller's transaction.

    Raises Refusal when a document has the name.
    """
    want = {paths.key(f): f for path in wanted for f in [*paths.ancestors(path), path]}
    have = {f.key: f for f in Folder.objects.filter(client=client, key__in=list(want), deleted_at__isnull=True)}
    missing = [k for k in want if k not in have]
    if missing:
        taken = (
            Document.objects.filter(client=client, key__in=missing, tombstone="").values_list("path", flat=True).first()
        )
        if taken:
            raise Refusal(Code.NAME_COLLISION, path=taken)
    made = []
    for k in sorted(missing, key=lambda k: k.count("/")):
        up = paths.parent(k)
        spelled = paths.join(have[up].path, paths.name(want[k])) if up else want[k]
        folder = Folder(id=new_id(), client=client, path=spelled, key=k)
        have[k] = folder
        made.append(folder)
        feed.folder(client.id, folder.id)
    bulk.add_folders(made)
    return have


def checked(path: str) -> str:
    """The path as it is kept. Raises Refusal when it is none."""
    try:
        return paths.check(path)
    except BadPath as e:
        raise Refusal(Code(e.reason), path=path, most=paths.MAX_PATH_BYTES) from None


def check_name(name: str) -> str:
    """The name of one document or folder as it is kept: no way into another folder. Raises Refusal."""
    name = " ".join(name.split())
    if not name:
        raise Refusal(Code.BAD_NAME, path=name)
    if "/" in name:
        raise Refusal(Code.NAME_SLASH, instead=naming.windows_safe(name.replace("/", "-")))
    return name


def check_folder_path(rules: ClientRules, path: str) -> str:
    """A folder path as it will be: NFC, its top level as the tree spells it. Raises Refusal."""
    path = checked(path)
    if paths.is_too_long(path, paths.MAX_NEW_BYTES):
        raise Refusal(Code.TOO_LONG, most=paths.MAX_NEW_BYTES)
    for part in path.split("/"):
        if fault := naming.windows_fault(part):
            raise Refusal(Code.NOT_ON_WINDOWS, part=part, fault=Detail(fault), instead=naming.windows_safe(part))
        if BUILTIN.name(part):
            raise Refusal(Code.RESERVED_NAME, part=part)
    if private_space.holds(path, rules.tops()):
        raise Refusal(Code.PRIVATE_NAME, part=paths.top(path))
    top = rules.tops().get(paths.key(paths.top(path)))
    return top + path[len(paths.top(path)) :] if top else path


def folder_add(actor: Actor, client: Client, path: str) -> str:
    """Add a folder; a new top-level one joins the client's tree. Its path. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        client = Client.objects.select_for_update().get(id=client.id)
        check_open(client)
        rules = rules_of(client)
        path = check_folder_path(rules, path)
        if rules.rule(path) is not None and rules.folder_direction(path) is Direction.NONE:
            raise Refusal(Code.NOT_ONLINE, path=path)
        if rules.rule(paths.top(path)) is None:
            client.rules = [*client.rules, *rules_json([FolderRule(paths.top(path))])]
            bump(client, feed)
        made = make_folders(client, [path], feed)[paths.key(path)].path
        audit.record(actor, "tree_changed", client.code)
        return made


def with_rules(
    rules: ClientRules, wanted: Mapping[str, tuple[Direction, int, bool]], kinds: Mapping[str, str]
) -> list[FolderRule]:  # fmt: skip
    """The folders' rules as they would be. By path: direction, limit in bytes (0: none), restricted; kinds.

    What stays at the cabinet does, and nothing else comes to stay there: a folder that was online would vanish with its
    documents, one that was not would show them.
    """
    changed = []
    for rule in rules.folders:
        direction, size, restricted = wanted.get(rule.path, (rule.direction, rule.max_size, rule.restricted))
        kind = kinds.get(rule.path, rule.kind)
        if Direction.NONE in (direction, rules.folder_direction(rule.path)):
            direction = rule.direction
        if rule.kind not in KINDS or kind not in KINDS:
            kind = rule.kind
        changed.append(replace(rule, direction=direction, max_size=size, restricted=restricted, kind=kind))
    return changed


def set_rules(
    actor: Actor, client: Client, wanted: Mapping[str, tuple[Direction, int, bool]], kinds: Mapping[str, str] | None = None
) -> None:  # fmt: skip
    """As `with_rules` has them; rights and documents follow a folder's kind. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        client = Client.objects.select_for_update().get(id=client.id)
        client.rules = rules_json(with_rules(rules_of(client), wanted, kinds or {}))
        bump(client, feed)
        audit.record(actor, "tree_changed", client.code)


def live_folder(client: Client, path: str) -> Folder:
    found = Folder.objects.filter(client=client, key=paths.key(checked(path)), deleted_at__isnull=True).first()
    if found is None:
        raise Refusal(Code.NO_FOLDER, code=client.code, path=path)
    return found


def folder_remove(actor: Actor, client: Client, path: str) -> None:
    """The cabinet removes a folder: its documents go to the bin (and become `supp_` at the cabinet). Raises Refusal."""
    now = datetime.now(UTC)
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        client = Client.objects.select_for_update().get(id=client.id)
        check_open(client)
        folder = live_folder(client, path)
        documents = list(Document.objects.filter(client=client, tombstone="", key__startswith=folder.key + "/"))
        leaving(documents)
        for document in documents:
            document.tombstone, document.deleted_at, document.deleted_by = new_id(), now, actor.name
            document.deleted_origin = "cabinet"
            feed.doc(client.id, document.id)
        Document.objects.bulk_update(
            documents, ["tombstone", "deleted_at", "deleted_by", "deleted_origin"], batch_size=500
        )
        folders = [
            *Folder.objects.filter(client=client, deleted_at__isnull=True, key__startswith=folder.key + "/"),
            folder,
        ]
        for gone in folders:
            gone.deleted_at = now
            feed.folder(client.id, gone.id)
        Folder.objects.bulk_update(folders, ["deleted_at"], batch_size=500)
        rules = rules_of(client)
        ruled = [r for r in rules.folders if paths.is_below(paths.key(r.path), folder.key)]
        ever = Document.objects.filter(client=client, key__startswith=folder.key + "/").exists()
        if ruled and not ever:
            client.rules = rules_json(r for r in rules.folders if r not in ruled)
            bump(client, feed)
        audit.record(actor, "tree_changed", client.code)


def move_folder(client: Client, folder: Folder, to: str, feed: Feed) -> str:
    """Rename or move a folder with all inside: ids, history and receipts stay. In the caller's transaction."""
    rules = rules_of(client)
    if "/" not in folder.path or rules.has(folder.path):
        raise Refusal(Code.TREE_FIXED, path=folder.path)
    to = check_folder_path(rules, to)
    at = paths.key(to)
    if rules.rule(to) is None or rules.folder_direction(to) is Direction.NONE or "/" not in to:
        raise Refusal(Code.OUTSIDE_TREE, path=to)
    if paths.is_below(at, folder.key) and at != folder.key:
        raise Refusal(Code.INSIDE_ITSELF, path=to)
    if at != folder.key:
        taken = Folder.objects.filter(client=client, key=at, deleted_at__isnull=True).exists()
        if taken or Document.objects.filter(client=client, key=at, tombstone="").exists():
            raise Refusal(Code.TAKEN, path=to)
    if paths.parent(to):
        up = make_folders(client, [paths.parent(to)], feed)[paths.key(paths.parent(to))]
        to = paths.join(up.path, paths.name(to))
    old, old_key = folder.path, folder.key
    inside = list(Folder.objects.filter(client=client, deleted_at__isnull=True, key__startswith=old_key + "/"))
    documents = list(Document.objects.filter(client=client, key__startswith=old_key + "/"))
    for moved in [folder, *inside]:
        moved.path = to + moved.path[len(old) :]
        moved.key = paths.key(moved.path)
    leaving(documents)
    for document in documents:
        document.path = to + document.path[len(old) :]
        document.key, document.kind = paths.key(document.path), kind_of(rules, paths.parent(document.path))
        document.folded = fold(document.path)
    Folder.objects.bulk_update([folder, *inside], ["path", "key"], batch_size=500)
    Document.objects.bulk_update(documents, ["path", "key", "folded", "kind"], batch_size=500)
    for moved in [folder, *inside]:
        feed.folder(client.id, moved.id)
    for document in documents:
        feed.doc(client.id, document.id)
    return to


def folder_move(actor: Actor, client: Client, path: str, to: str) -> str:
    """Its new path. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        rules_now(client)
        check_open(client)
        moved = move_folder(client, live_folder(client, path), to, feed)
        audit.record(actor, "tree_changed", client.code)
        return moved
