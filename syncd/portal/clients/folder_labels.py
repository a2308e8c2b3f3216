"""How a cabinet orders and calls the top-level folders of its clients on pages and in mails.

A label is what people read online. The folder keeps its own name at the cabinet, in addresses and in journals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min

from syncd.core import paths
from syncd.portal.models import Cabinet, Client, Folder
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Shelf:
    """A top-level folder by its key; `label` '' where its own name is said."""

    key: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """In the cabinet's order; folders that it does not name come after, in their tree's own order."""

    shelves: tuple[Shelf, ...] = ()

    def rank(self, path: str) -> int:
        at = paths.key(paths.top(path))
        return next((n for n, s in enumerate(self.shelves) if s.key == at), len(self.shelves))

    def shown(self, path: str) -> str:
        """The path as people read it."""
        at, top = paths.key(paths.top(path)), paths.top(path)
        label = next((s.label for s in self.shelves if s.key == at), "")
        return label + path[len(top) :] if label else path


def labels_of(cabinet: Cabinet) -> Labels:
    return Labels(tuple(Shelf(s["key"], s.get("label", "")) for s in cabinet.shelves))


def tops(cabinet: Cabinet) -> list[tuple[str, str, int]]:
    """(key, spelling, clients that have it) of every top-level folder online: in the cabinet's order, then the trees' own."""
    found = (
        Folder.objects.filter(client__cabinet=cabinet, deleted_at__isnull=True)
        .exclude(key__contains="/")
        .values_list("key")
        .annotate(spelled=Min("path"), clients=Count("client"))
    )
    labels, own = labels_of(cabinet), _own_order(cabinet)
    rows = [(k, p, n) for k, p, n in found]
    return sorted(rows, key=lambda x: (labels.rank(x[0]), own.get(x[0], len(own)), x[0]))


def _own_order(cabinet: Cabinet) -> dict[str, int]:
    """Rank by key, as trees have it; those most clients have speak first."""
    each = Client.objects.filter(cabinet=cabinet).values("template").annotate(n=Count("id"), one=Min("id"))
    rules = dict(Client.objects.filter(id__in=[t["one"] for t in each]).values_list("id", "rules"))
    order: dict[str, int] = {}
    for template in sorted(each, key=lambda t: (-t["n"], t["template"])):
        for rule in rules[template["one"]]:
            order.setdefault(paths.key(paths.top(rule["path"])), len(order))
    return order


def write(actor: Actor, wanted: Sequence[Shelf]) -> None:
    """Raises Refusal for a label that would mislead: too long, or that of another folder."""
    named = {s.key: s.label for s in wanted if s.label}
    seen: dict[str, str] = {}
    for at, label in [*((s.key, s.key) for s in wanted if not s.label), *named.items()]:
        if len(label) > LONGEST or "/" in label:
            raise Refusal(Code.LABEL_MALFORMED, label=label, most=LONGEST)
        if paths.key(label) in seen:
            raise Refusal(Code.LABEL_TWICE, label=label)
        seen[paths.key(label)] = at
    with writing(actor.cabinet):
        actor = managing_cabinet(actor)
        kept = [{"key": s.key, "label": s.label} for s in wanted]
        Cabinet.objects.filter(id=actor.cabinet).update(shelves=kept)
        audit.record(actor, "shelves_changed")
