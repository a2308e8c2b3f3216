"""Who, of a company, would see what goes online in a folder: asked before a cabinet agrees to a publication."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.portal.models import Client, Grant, User
from syncd.portal.people.visibility import verbs
from syncd.portal.rights import NOTHING, Kinds, Verb, allows, meet

Audience = Sequence[tuple[str, Kinds]]  # name of a person, which several may bear, and kinds


def audiences(clients: Sequence[Client]) -> dict[str, Audience]:
    """By client's id; one query, however many clients."""
    return {client: [(str(user), kinds) for user, kinds in some] for client, some in holders(clients).items()}


def holders(clients: Sequence[Client]) -> dict[str, list[tuple[User, Kinds]]]:
    """By client's id: each of its company's people who sees anything there, with what they may. One query, however many
    clients. Rights are cut by those of everybody above, as everywhere.
    """
    people: dict[str, User] = {}
    held: defaultdict[tuple[str, str], dict[str, frozenset[Verb]]] = defaultdict(dict)
    for grant in Grant.objects.filter(client__in=[c.id for c in clients]).select_related("user"):
        people[grant.user_id] = grant.user
        held[(grant.user_id, str(grant.client_id))][grant.kind] = verbs(grant.verbs)
    found: dict[str, list[tuple[User, Kinds]]] = {c.id: [] for c in clients}
    for (user, client), kinds in held.items():
        cut: Kinds = kinds
        above: User | None = people[user]
        while above is not None and cut:
            if not above.is_active:
                cut = NOTHING
                break
            up = above.parent_id
            above = people.get(up) if up is not None else None
            if up is not None:
                cut = meet(cut, held.get((up, client), NOTHING)) if above is not None else NOTHING
        if any(cut.values()):
            found[client].append((people[user], cut))
    return found


def seen_by(client: Client, folder: str, audience: Audience) -> list[str]:
    """Names of those who may see what lies in `folder`, each once, in their order; nobody where nothing is online."""
    rules = ClientRules(client.code, msgspec.convert(client.rules, list[FolderRule]), Direction(client.direction))
    rule = rules.rule(folder)
    if rule is None or rules.folder_direction(folder) is Direction.NONE:
        return []
    return sorted({name for name, kinds in audience if allows(kinds, Verb.VIEW, rule.kind)})
