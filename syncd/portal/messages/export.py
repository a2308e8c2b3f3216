"""What was said with a client, as files that are read without the portal: beside its documents in the bag that hands them over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from syncd.core.words import date_time
from syncd.portal.language import counted, named, spoken
from syncd.portal.messages.entries import Kind
from syncd.portal.models import Client, Document, Thread, ThreadEntry
from syncd.portal.people.visibility import messages, visible
from syncd.portal.rights import Person

NAME = "echanges.html"
AT_ONCE = 2000  # entries of one question
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:820px;margin:24px auto;padding:0 16px;color:#17202b}h2{margin:32px 0 4px}"
    ".hint{color:#55606e;font-size:13px;margin:0}article{border:1px solid #e3e8ee;border-radius:8px;padding:8px 14px;margin:8px 0}"
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0}"
)


def files(actor: Person, client: Client) -> Mapping[str, bytes]:
    """By name: one page with every thread that the actor may read, the oldest first; none where nothing was said. The
    cabinet's notes are the cabinet's: they go with no bag, whoever takes it; nor does what it withdrew, or its name.
    """
    found = Thread.objects.filter(messages(actor), client=client, shared__gt=0).exclude(document__withdrawn=True)
    found = found.order_by("created_at", "id")
    threads = list(found.select_related("document"))
    if not threads:
        return {}
    return {NAME: "".join(_page(actor, client, threads)).encode()}


def _page(actor: Person, client: Client, threads: list[Thread]) -> Iterator[str]:
    title = escape(_("Échanges – {client}").format(client=client.name))
    many = counted(len(threads), "sujet", "sujets")
    yield f'<!doctype html>\n<html lang="{spoken()}"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head><body>\n'
    yield f'<h1>{title}</h1>\n<p class="hint">{escape(many)}</p>\n<ul>'
    for thread in threads:
        yield f'<li><a href="#{thread.id}">{escape(thread.subject)}</a></li>\n'
    yield "</ul>\n"
    for thread in threads:
        yield f'<h2 id="{thread.id}">{escape(thread.subject)}</h2>\n'
        for entry, document in _entries(actor, thread):
            yield _article(entry, document)
    yield "</body></html>\n"


def _entries(actor: Person, thread: Thread) -> Iterator[tuple[ThreadEntry, str]]:
    """Each with the place of the document that it is about, as far as the actor sees it."""
    last = 0
    while True:
        rows = thread.entries.filter(internal=False, number__gt=last).select_related("deposit").defer("folded")
        found = list(rows.order_by("number")[:AT_ONCE])
        if not found:
            return
        about = {e.document_id for e in found if e.document_id} | {thread.document_id}
        places = Document.objects.filter(visible(actor), withdrawn=False, id__in=about - {None})
        seen = dict(places.values_list("id", "path"))
        for entry in found:
            yield entry, seen.get(entry.document_id or thread.document_id or "", "")
        last = found[-1].number


def _article(entry: ThreadEntry, place: str) -> str:
    head = f'<strong>{escape(named(entry.by, entry.origin))}</strong> <span class="hint">{_moment(entry.at)}{_kind(entry)}</span>'
    beside = [escape(_("Document : {path}").format(path=place))] if place else []
    if entry.deposit is not None:
        beside.append(escape(_("Accusé n° {number}").format(number=entry.deposit.number)))
    said = f"<pre>{escape(entry.text)}</pre>" if entry.text else ""
    return f"<article>{head}{said}{''.join(f'<p class=hint>{b}</p>' for b in beside)}</article>\n"


def _moment(at: datetime) -> str:
    return escape(date_time(timezone.localtime(at)))


def _kind(entry: ThreadEntry) -> str:
    said = {Kind.QUESTION: _("question"), Kind.REQUEST: _("demande"), Kind.ANSWER: _("réponse")}.get(
        Kind(entry.kind), ""
    )
    return f" · {escape(said)}" if said else ""
