"""Clients of a cabinet: create, change, close."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.fiscal_years import Scope
from syncd.core.folder_rules import Direction
from syncd.core.plain_text import one_line
from syncd.core.templates import Template
from syncd.portal.clients.tree import bump, check_folder_path, live_folder, make_folders, rules_json, rules_of
from syncd.portal.models import Cabinet, Client, EngineRight, Exercise
from syncd.portal.records.feed import publishing

MOST_QUOTA = 2**53
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


def find(cabinet: Cabinet, code: str) -> Client:
    found = Client.objects.filter(cabinet=cabinet, code=code).first()
    if found is None:
        raise UsageError(f"no client with code '{code}'.", mend="See: syncd portal client list DIR.")
    return found


def add(cabinet: Cabinet, code: str, name: str, template: Template) -> Client:
    if not CODE.fullmatch(code):
        said = _(
            "« {code} » n'est pas un code dossier : lettres, chiffres, « . », « _ » ou « - », 40 caractères au plus."
        )
        raise UsageError(said.format(code=code))
    name = check_name(name)
    with publishing(cabinet.id) as feed:
        held = Client.objects.filter(cabinet=cabinet, code__iexact=code).first()
        if held is not None and held.closed:
            said = _("Le client « {code} » existe déjà, et son espace est fermé : rouvrez-le depuis sa fiche.")
            raise UsageError(said.format(code=held.code))
        if held is not None:
            raise UsageError(_("Le client « {code} » existe déjà.").format(code=held.code))
        client = Client.objects.create(
            cabinet=cabinet,
            code=code,
            name=name,
            rules=rules_json(template.folders),
            template=template.name,
            client_delete=template.client_delete,
        )
        rules = rules_of(client)
        online = [r.path for r in template.folders if rules.folder_direction(r.path) is not Direction.NONE]
        make_folders(client, online, feed)
        feed.client(client.id)
        feed.relist(client.id)
    return client


def check_name(name: str) -> str:
    name = paths.nfc(one_line(name, 4096))
    if not name or len(name) > 200 or any(ord(c) < 32 for c in name):
        raise UsageError(_("Indiquez la raison sociale, en 200 caractères au plus."))
    return name


def change(
    client: Client, *, name: str | None = None, template: Template | None = None, scope: Scope | None = None
) -> None:
    """Nothing is ever deleted by it: documents outside a new tree stay where they are."""
    with publishing(client.cabinet_id) as feed:
        client = Client.objects.select_for_update().get(id=client.id)
        if name is not None:
            client.name = check_name(name)
        if scope is not None:
            client.scope = scope.value
        if template is not None:
            client.rules, client.client_delete = rules_json(template.folders), template.client_delete
            client.template = template.name
            rules = rules_of(client)
            make_folders(
                client,
                [r.path for r in template.folders if rules.folder_direction(r.path) is not Direction.NONE],
                feed,
            )
            feed.relist(client.id)
        bump(client, feed)


def close(client: Client) -> None:
    """Nothing moves any more, and everything stays in place on both sides."""
    with publishing(client.cabinet_id) as feed:
        Client.objects.filter(id=client.id).update(closed=True)
        feed.client(client.id)


def reopen(client: Client) -> None:
    """The next run compares both sides, as after any pause."""
    with publishing(client.cabinet_id) as feed:
        Client.objects.filter(id=client.id).update(closed=False)
        feed.client(client.id)
        feed.relist(client.id)


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


def set_exercise(client: Client, label: str, start: date, end: date, closed: bool) -> None:
    if end < start:
        raise UsageError(f"the exercise ends ({end}) before it starts ({start}).")
    with publishing(client.cabinet_id) as feed:
        client = Client.objects.select_for_update().get(id=client.id)
        Exercise.objects.update_or_create(
            client=client, label=label, defaults={"start": start, "end": end, "closed": closed}
        )
        rules = rules_of(client)
        wanted = [
            r.path for r in rules.folders if r.per_exercise and rules.folder_direction(r.path) is not Direction.NONE
        ]
        make_folders(client, [check_folder_path(rules, paths.join(path, label)) for path in wanted], feed)
        bump(client, feed)


def set_quota(client: Client, count: int) -> None:
    """Bytes that live documents may take together; 0: no limit."""
    if not 0 <= count <= MOST_QUOTA:
        raise UsageError("a quota is a number of bytes, 0 for no limit.")
    with publishing(client.cabinet_id) as feed:  # a service that listens tries again what had no room
        Client.objects.filter(id=client.id).update(quota=count)
        feed.client(client.id)


def set_engine_right(client: Client, folder: str, on: bool) -> None:
    """What the cabinet's engine may see; a folder withdrawn is never a deletion (HAZARDS 23)."""
    at = paths.key(paths.check(folder))
    with publishing(client.cabinet_id) as feed:
        client = Client.objects.select_for_update().get(id=client.id)
        if rules_of(client).rule(folder) is None:
            live_folder(client, folder)
        if on:
            EngineRight.objects.filter(client=client, key=at).delete()
        else:
            EngineRight.objects.get_or_create(client=client, key=at)
        bump(client, feed)
        feed.relist(client.id)
