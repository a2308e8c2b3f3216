"""What a client's tree would become, said before it is done: directions, sizes, kinds, and who would see what."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core.folder_rules import Direction
from syncd.portal.clients.tree import rules_json, rules_of, with_rules
from syncd.portal.language import size
from syncd.portal.models import Client
from syncd.portal.people.audience import audiences, seen_by

DIRECTIONS = {
    "both": noop("dans les deux sens"), "to_portal": noop("mis à disposition par le cabinet"), "to_cabinet": noop("déposé par le client"),
    "none": noop("reste au cabinet"),
}  # fmt: skip
KINDS = {
    "purchases": noop("achats"), "sales": noop("ventes"), "bank": noop("banque"), "payroll": noop("social"), "tax": noop("fiscalité"),
    "legal": noop("juridique"), "accounts": noop("comptes annuels"), "information": noop("informations générales"), "other": noop("autres"),
}  # fmt: skip
Change = tuple[str, list[str]]


def changes(
    client: Client, wanted: Mapping[str, tuple[Direction, int, bool]], kinds: Mapping[str, str]
) -> list[Change]:  # fmt: skip
    """(path, what changes there) of each folder where anything does."""
    rules = rules_of(client)
    after = with_rules(rules, wanted, kinds)
    then = copy(client)
    then.rules = rules_json(after)
    who = audiences([client])[client.id]
    found: list[Change] = []
    for old, new in zip(rules.folders, after, strict=True):
        said = []
        if old.direction is not new.direction:
            said.append(_arrow(_(DIRECTIONS[old.direction.value]), _(DIRECTIONS[new.direction.value])))
        if old.max_size != new.max_size:
            said.append(_arrow(_limit(old.max_size), _limit(new.max_size)))
        if old.kind != new.kind:
            said.append(_arrow(_(KINDS[old.kind]), _(KINDS[new.kind])))
        if old.restricted is not new.restricted:
            said.append(_("devient confidentiel") if new.restricted else _("n'est plus confidentiel"))
        before, later = set(seen_by(client, old.path, who)), set(seen_by(then, old.path, who))
        if gained := sorted(later - before):
            said.append(_("le verront : {names}").format(names=", ".join(gained)))
        if lost := sorted(before - later):
            said.append(_("ne le verront plus : {names}").format(names=", ".join(lost)))
        if said:
            found.append((old.path, said))
    return found


def _limit(count: int) -> str:
    return size(count) if count else _("sans limite")


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}"
