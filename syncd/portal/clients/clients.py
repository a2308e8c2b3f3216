"""Clients of a cabinet: create, change, close."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.fiscal_years import Scope
from syncd.core.folder_rules import Direction
from syncd.core.plain_text import one_line
from syncd.core.templates import Template
from syncd.portal.clients.tree import bump, check_folder_path, checked, live_folder, make_folders, rules_json, rules_of
from syncd.portal.models import Client, EngineRight, Exercise
from syncd.portal.people.visibility import changing_card, creating_clients, managing, managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor

MOST_QUOTA = 2**53
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


def add(actor: Actor, code: str, name: str, template: Template) -> Client:
    """Its space, from a template; the caller's transaction tells of it. Raises Refusal."""
    if not CODE.fullmatch(code):
        raise Refusal(Code.CODE_MALFORMED, code=code)
    name = check_name(name)
    with publishing(actor.cabinet) as feed:
        actor = creating_clients(actor)
        held = Client.objects.filter(cabinet=actor.cabinet, code__iexact=code).first()
        if held is not None:
            raise Refusal(Code.CODE_CLOSED if held.closed else Code.CODE_TAKEN, code=held.code)
        client = Client.objects.create(
            cabinet_id=actor.cabinet, code=code, name=name, rules=rules_json(template.folders), template=template.name,
            client_delete=template.client_delete,
        )  # fmt: skip
        make_folders(client, _online(client), feed)
        feed.client(client.id)
        feed.relist(client.id)
    return client


def _online(client: Client) -> list[str]:
    """Folders of its tree that exist online."""
    rules = rules_of(client)
    return [r.path for r in rules.folders if rules.folder_direction(r.path) is not Direction.NONE]


def check_name(name: str) -> str:
    """As it is kept. Raises Refusal."""
    name = paths.nfc(one_line(name, 4096))
    if not name or len(name) > 200 or any(ord(c) < 32 for c in name):
        raise Refusal(Code.CLIENT_UNNAMED)
    return name


def change(
    actor: Actor,
    client: Client,
    *,
    name: str | None = None,
    template: Template | None = None,
    scope: Scope | None = None,
) -> None:
    """Nothing is ever deleted by it: documents outside a new tree stay where they are. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        client = Client.objects.select_for_update().get(id=client.id)
        if name is not None:
            client.name = check_name(name)
        if scope is not None:
            client.scope = scope.value
        if template is not None:
            client.rules, client.client_delete = rules_json(template.folders), template.client_delete
            client.template = template.name
            make_folders(client, _online(client), feed)
            feed.relist(client.id)
        bump(client, feed)
        audit.record(actor, "tree_changed" if template is not None else "client_changed", client.code)


def close(actor: Actor, client: Client) -> None:
    """Nothing moves any more, and everything stays in place on both sides. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = changing_card(actor, client)
        Client.objects.filter(id=client.id).update(closed=True)
        feed.client(client.id)
        audit.record_of_any(actor, "client_closed", client.code)


def reopen(actor: Actor, client: Client) -> None:
    """The next run compares both sides, as after any pause. Raises Refusal."""
    with publishing(client.cabinet_id) as feed:
        actor = managing(actor, client)
        Client.objects.filter(id=client.id).update(closed=False)
        feed.client(client.id)
        feed.relist(client.id)
        audit.record(actor, "client_opened", client.code)


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What another template would change. Folders that are `gone` from the tree stay, with their documents, and stand still."""

    added: list[str]
    changed: list[str]
    gone: list[str]


def difference(client: Client, template: Template) -> TreeChange:
    have = {paths.key(r.path): r for r in rules_of(client).folders}
    want = {paths.key(r.path): r for r in template.folders}
    return TreeChange(
        [r.path for k, r in want.items() if k not in have],
        [r.path for k, r in want.items() if k in have and replace(have[k], path="") != replace(r, path="")],
        [r.path for k, r in have.items() if k not in want],
    )


def set_exercise(actor: Actor, client: Client, label: str, start: date, end: date, closed: bool) -> list[str]:
    """Its folders, where the tree has any by exercise. Raises Refusal."""
    if end < start:
        raise Refusal(Code.EXERCISE_BACKWARDS, start=str(start), end=str(end))
    with publishing(client.cabinet_id) as feed:
        actor = changing_card(actor, client)
        client = Client.objects.select_for_update().get(id=client.id)
        Exercise.objects.update_or_create(
            client=client, label=label, defaults={"start": start, "end": end, "closed": closed}
        )
        rules = rules_of(client)
        wanted = [
            r.path for r in rules.folders if r.per_exercise and rules.folder_direction(r.path) is not Direction.NONE
        ]
        folders = [check_folder_path(rules, paths.join(path, label)) for path in wanted]
        make_folders(client, folders, feed)
        bump(client, feed)
        audit.record(actor, "tree_changed", client.code)
    return folders


def set_quota(actor: Actor, client: Client, count: int) -> None:
    """Bytes that live documents may take together; 0: no limit. Raises Refusal."""
    if not 0 <= count <= MOST_QUOTA:
        raise Refusal(Code.NO_QUOTA)
    with publishing(client.cabinet_id) as feed:  # a service that listens tries again what had no room
        managing_cabinet(managing(actor, client))
        Client.objects.filter(id=client.id).update(quota=count)
        feed.client(client.id)


def set_engine_right(actor: Actor, client: Client, folder: str, on: bool) -> None:
    """What the cabinet's engine may see; a folder withdrawn is never a deletion (HAZARDS 23). Raises Refusal."""
    at = paths.key(checked(folder))
    with publishing(client.cabinet_id) as feed:
        managing_cabinet(managing(actor, client))
        client = Client.objects.select_for_update().get(id=client.id)
        if rules_of(client).rule(folder) is None:
            live_folder(client, folder)
        if on:
            EngineRight.objects.filter(client=client, key=at).delete()
        else:
            EngineRight.objects.get_or_create(client=client, key=at)
        bump(client, feed)
        feed.relist(client.id)
