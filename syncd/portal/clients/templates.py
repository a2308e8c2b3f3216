"""Tree templates as pages offer them: the shipped ones, and those a cabinet has kept."""

from __future__ import annotations

import re

import msgspec

from syncd.core.folder_rules import FolderRule
from syncd.core.plain_text import one_line
from syncd.core.search_folding import fold
from syncd.core.templates import Template
from syncd.disk import template_files
from syncd.portal.models import Cabinet, Client, OwnTemplate
from syncd.portal.people.visibility import managing, managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor


def known(cabinet: Cabinet | None = None) -> list[Template]:
    """The shipped ones, then the cabinet's own."""
    own = OwnTemplate.objects.filter(cabinet=cabinet).order_by("title") if cabinet is not None else ()
    return [*(template_files.load(name) for name in template_files.shipped()), *(_template(one) for one in own)]


def load(name: str, cabinet: Cabinet | None = None) -> Template:
    """One of those; a page names no file. Raises Refusal."""
    if name in template_files.shipped():
        return template_files.load(name)
    own = OwnTemplate.objects.filter(cabinet=cabinet, name=name).first()
    if own is None:
        raise Refusal(Code.NO_TEMPLATE)
    return _template(own)


def keep(actor: Actor, client: Client, title: str) -> OwnTemplate:
    """The client's tree as it is, for others; one of the same title is replaced. Clients that have one keep their tree.

    Raises Refusal.
    """
    title = one_line(title, 1000)
    name = re.sub("[^a-z0-9]+", "-", fold(title)).strip("-")[:100]
    if not name or len(title) > 100:
        raise Refusal(Code.TEMPLATE_UNNAMED)
    shipped = {fold(word) for name in template_files.shipped() for word in (name, template_files.load(name).title)}
    if name in shipped or fold(title) in shipped:
        raise Refusal(Code.TEMPLATE_SHIPPED, title=title)
    with writing(actor.cabinet):
        actor = managing_cabinet(managing(actor, client))
        values = {"title": title, "rules": client.rules, "client_delete": client.client_delete, "by": actor.name}
        kept = OwnTemplate.objects.update_or_create(cabinet=client.cabinet, name=name, defaults=values)[0]
        audit.record(actor, "template_kept", client.code)
    return kept


@alone
def remove(actor: Actor, name: str) -> str:
    """Its title. Clients that came from it keep their tree. Raises Refusal."""
    actor = managing_cabinet(actor)
    own = OwnTemplate.objects.filter(cabinet=actor.cabinet, name=name).first()
    if own is None:
        raise Refusal(Code.NO_TEMPLATE)
    own.delete()
    audit.record(actor, "template_removed", own.title)
    return own.title


def _template(own: OwnTemplate) -> Template:
    return Template(own.name, own.title, tuple(msgspec.convert(own.rules, list[FolderRule])), own.client_delete)
