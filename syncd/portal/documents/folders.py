"""Folders that the engine's batches name: each client's together, each refusal alone (RULES 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from syncd.core import paths
from syncd.core.entry import RemoteFolder
from syncd.core.folder_rules import ClientRules
from syncd.core.paths import ClientPath
from syncd.core.protocol import FolderItem, Result
from syncd.portal.clients.tree import (
    check_folder_path,
    check_name,
    check_open,
    make_folders,
    place_in,
    rules_by_client,
    rules_now,
)
from syncd.portal.models import Client, Folder
from syncd.portal.people.visibility import again
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, Verb, may


def made(actor: Actor, items: Sequence[FolderItem], feed: Feed) -> list[Result]:
    """In order. When one of a client's cannot be, each is made by itself. In the caller's transaction."""
    by_client: defaultdict[str, list[int]] = defaultdict(list)
    for n, item in enumerate(items):
        by_client[item.client].append(n)
    results: dict[int, Result] = {}
    clients = Client.objects.filter(cabinet=actor.cabinet, id__in=by_client, closed=False) if by_client else ()
    rules = rules_by_client(clients)
    for client in clients:
        asked = {n: _asked(actor, client, rules[client.id], items[n].path) for n in by_client[client.id]}
        try:
            there = make_folders(client, [path for path in asked.values() if isinstance(path, str)], feed)
            results |= {n: _result(path, there) for n, path in asked.items()}
        except Refusal:
            for n, path in asked.items():
                try:
                    there = make_folders(client, [path], feed) if isinstance(path, str) else {}
                    results[n] = _result(path, there)
                except Refusal as e:
                    results[n] = Result("refused", e.reason)
    return [results.get(n, Result("refused", "no_right")) for n in range(len(items))]


def _asked(actor: Actor, client: Client, rules: ClientRules, path: str) -> str | Result:
    """The folder as it will be, or why not."""
    try:
        path = check_folder_path(rules, path)
    except Refusal as e:
        return Result("refused", e.reason)
    allowed = may(actor, Verb.DEPOSIT, place_in(client, path, rules))
    return path if allowed else Result("refused", "no_right")


def _result(path: str | Result, there: Mapping[str, Folder]) -> Result:
    if isinstance(path, Result):
        return path
    folder = there[paths.key(path)]
    return Result("ok", folder=RemoteFolder(folder.id, ClientPath(folder.path)))


def make_inside(actor: Person, client: Client, inside: str, name: str) -> str:
    """A new folder in one that is there, by who may deposit in it. Its path. Raises Refusal."""
    name = check_name(name)
    with publishing(client.cabinet_id) as feed:
        asker = again(actor)
        rules = rules_now(client)
        check_open(client)
        path = check_folder_path(rules, paths.join(inside, name))
        here = [place_in(client, folder, rules) for folder in (inside, path)]  # it may have a rule of its own
        if not inside or not all(may(asker, Verb.DEPOSIT, place) for place in here):
            raise Refusal(Code.NO_RIGHT, path=path)
        at = paths.key(path)
        if Folder.objects.filter(client=client, key=at, deleted_at__isnull=True).exists():
            raise Refusal(Code.TAKEN, path=path)
        return make_folders(client, [path], feed)[at].path
