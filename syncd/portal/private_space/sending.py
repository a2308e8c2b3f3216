"""« Envoyer à mon cabinet »: a copy of what lies in the private space is deposited as anything is, with its receipt. Nothing of the
copy says where it was; what is done in the space afterwards changes nothing of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from syncd.core.folder_rules import ClientRules
from syncd.portal.clients.tree import place_in, rules_of
from syncd.portal.documents import deposit as deposits
from syncd.portal.models import Client
from syncd.portal.private_space.contents import these
from syncd.portal.private_space.spaces import changing, enter
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may
from syncd.portal.storage import blob_store

MOST = 500  # documents of one receipt
STORED = ("stored", "again", "already")
FIRST = ("inbox", "sales", "purchases")  # kinds, the likeliest first


@dataclass(frozen=True, slots=True)
class Sent:
    """`number`: of the receipt; `folder`: where they went; `refused`: names, each with (reason, detail)."""

    number: str
    folder: str
    taken: Sequence[str]
    refused: Mapping[str, tuple[str, str]]


def folders(actor: Person, client: Client) -> list[str]:
    """Where the actor may send to, the likeliest first."""
    if client.closed:
        return []
    rules = rules_of(client)
    fine = [r.path for r in rules.folders if may(actor, Verb.DEPOSIT, place_in(client, r.path, rules))]
    return sorted(fine, key=lambda p: (_rank(rules, p), p))


def kinds_of(client: Client) -> Mapping[str, str]:
    """Of each folder of its tree, the kind."""
    return {rule.path: rule.kind for rule in rules_of(client).folders}


def _rank(rules: ClientRules, path: str) -> int:
    rule = rules.rule(path)
    return FIRST.index(rule.kind) if rule is not None and rule.kind in FIRST else len(FIRST)


def send(actor: Person, client: Client, ids: Sequence[str], folder: str = "") -> Sent:
    """`folder`: '' for the likeliest. Raises Refusal where there is nothing to send, too much, or nowhere to."""
    space = enter(actor, client, Verb.DOWNLOAD)
    chosen = these(space, ids)
    if len(chosen) > MOST:
        raise Refusal(Code.PRIVATE_TOO_MANY, most=MOST)
    there = folders(actor, client)
    folder = folder or next(iter(there), "")
    if not chosen or folder not in there:
        raise Refusal(Code.PRIVATE_NOWHERE)
    begun = deposits.begin(actor, client, secrets.token_hex(16))
    taken: list[str] = []
    refused: dict[str, tuple[str, str]] = {}
    for document in chosen:
        try:
            with blob_store().open(document.version_id) as source:
                line = deposits.take_stream(actor, begun, folder, document.name, source)
        except FileNotFoundError:
            refused[document.name] = ("unreadable", "")
            continue
        if line.outcome not in STORED:
            refused[document.name] = (line.reason, line.detail)
            continue
        taken.append(document.name)
        with changing(actor, client, Verb.DOWNLOAD) as now:
            now.documents.filter(id=document.id).update(
                sent_at=timezone.now(), sent_number=begun.number, sent_version=document.version
            )
            now.note("sent", f"{document.name}, {begun.number}")
    return Sent(begun.number, folder, taken, refused)
