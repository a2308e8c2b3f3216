"""One thread: what was said, by whom, who saw it; the answer below."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from syncd.core import paths
from syncd.portal.clients.tree import rules_of
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.messages import questions, recipients, threads
from syncd.portal.messages.conversation import page
from syncd.portal.messages.entries import LONGEST, Kind, Said, append, kind_of
from syncd.portal.models import Client, Document, Thread, User
from syncd.portal.people import throttle
from syncd.portal.people.visibility import messages
from syncd.portal.records import mail_queue
from syncd.portal.rights import Verb, may_note, may_write_messages
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.security import limited
from syncd.portal.web.threads import SUBJECTS

SHORT = 6  # entries beside a document


def thread_of(asker: Asker, thread_id: str) -> Thread:
    """Http404 without the right, as if it were not there."""
    found = (
        Thread.objects.filter(messages(asker.person), id=thread_id, last__gt=0)
        .select_related("client", "document")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker, thread_id: str) -> HttpResponseBase:
    """Posted: `text`, `internal`, `kind` (question), `choose` with `told`. `before`: the entry before which one reads."""
    thread, fault = thread_of(asker, thread_id), ""
    if asker.request.method == "POST":
        if throttle.beyond("messages", asker.user.id, 60, 600):
            return limited(asker.request)
        try:
            write(asker, thread)
        except REFUSED as e:
            fault = str(e)
        else:
            return redirect(f"{reverse('thread', args=[thread.id])}#fin")
    return page_of(asker, thread, fault)


def said_by(asker: Asker, *, about_document: bool) -> tuple[Said, list[str] | None]:
    """What the form holds, and who is told of it; None: as it was."""
    post = asker.request.POST
    told = post.getlist("told") if post.get("choose") else None
    internal = bool(post.get("internal")) and asker.person.role.of_cabinet
    asks = about_document and post.get("kind") == Kind.QUESTION and not internal
    return Said(Kind.QUESTION if asks else Kind.MESSAGE, post.get("text", ""), internal=internal), told


def write(asker: Asker, thread: Thread) -> None:
    """What the form holds. Raises Refusal."""
    append(asker.person, thread, *said_by(asker, about_document=thread.document_id is not None))


def page_of(asker: Asker, thread: Thread, fault: str) -> HttpResponse:
    """`fault`: why what the form holds was not written; what it holds stays."""
    before = asker.request.GET.get("before", "")[:32]
    shown = page(asker.person, thread, before)
    if not before:
        threads.saw(asker.person, thread)
    kind = kind_of(thread)
    writes = may_write_messages(asker.person, thread.client_id, kind, thread.client.closed)
    return asker.page(
        "thread", status=403 if fault else 200, thread=thread, client=thread.client, lines=shown.lines, before=shown.before, earlier=bool(before),
        kind=_(SUBJECTS[kind]) if kind in SUBJECTS else "", fault=fault, writes=writes,
        given=asker.request.POST if fault else {}, by_mail=mail_queue.configured(), **({**answering(asker, thread.client, kind, thread), **folders_for(asker, thread)} if writes else {}),
    )  # fmt: skip


def answering(asker: Asker, client: Client, kind: str, thread: Thread | None) -> dict[str, Any]:
    """For the form below a thread, or the first word of one. `told`: names of those who are told of what is new;
    `choices`: those who may be chosen or not; `asks_first`: a question is likelier than an answer.
    """
    person, origin = asker.person, asker.person.origin
    open_ = thread is not None and thread.question == "asked" and thread.asked_by != origin
    more = {"notes": may_note(person, client.id, kind, client.closed), "asks_first": not open_, "longest": LONGEST}
    if thread is None:
        usual = [u for u in recipients.usual(person, client, kind) if u.id != asker.user.id]
        return {**more, "told": sorted(map(str, usual)), "choices": []}
    told = set(thread.readers.filter(told=True).values_list("user_id", flat=True))
    wrote = set(thread.entries.exclude(user=None).order_by().values_list("user_id", flat=True).distinct())
    people = [u for u in recipients.interlocutors(person, client, kind) if u.id != asker.user.id]
    choices: list[tuple[User, bool]] = [(u, u.id in told) for u in people if u.id not in wrote]
    return {**more, "told": sorted(str(u) for u in people if u.id in told), "choices": choices}


def folders_for(asker: Asker, thread: Thread) -> dict[str, Any]:
    """Where documents may be put from the thread: first where its own document lies, else in « À classer »."""
    rules = rules_of(thread.client)
    there = thread.client.folders.filter(deleted_at__isnull=True).order_by("key").values_list("path", flat=True)
    mine = [f for f in there if asker.may(Verb.DEPOSIT, thread.client, rules, f)]
    kinds = {f: rule.kind for f in mine if (rule := rules.rule(f)) is not None}
    wanted = paths.parent(thread.document.path) if thread.document else ""
    first = wanted if wanted in mine else next((f for f in mine if kinds.get(f) in (thread.kind, INBOX)), "")
    return {"deposit_folders": [{"path": f, "said": asker.labels.shown(f)} for f in mine], "deposit_folder": first}


def of_document(asker: Asker, document: Document) -> dict[str, Any]:
    """What the pages of a document show of its thread; looking at it is reading it."""
    thread, may = questions.about(asker.person, document), questions.may_say(asker.person, document)
    if thread is None and not may:
        return {"talks": False}
    shown = page(asker.person, thread) if thread else None
    if thread:
        threads.saw(asker.person, thread)
    return {
        "talks": True, "thread": thread, "lines": shown.lines[-SHORT:] if shown else [], "more_lines": bool(shown and (shown.before or len(shown.lines) > SHORT)),
        "writes": may, **(answering(asker, document.client, document.kind, thread) if may else {}),
    }  # fmt: skip


@require_POST
@signed_in
def about(asker: Asker, document_id: str) -> HttpResponseBase:
    """Said about a document, from its page or from « À classer » (`back` = inbox). What is refused is said there."""
    document = asker.document(document_id)
    if throttle.beyond("messages", asker.user.id, 60, 600):
        return limited(asker.request)
    said, told = said_by(asker, about_document=True)
    try:
        questions.say(asker.person, document, said, told)
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        asker.say(_("Note interne gardée.") if said.internal else _("Message envoyé."))
    if asker.request.POST.get("back") == "inbox":
        return redirect(f"{reverse('inbox')}?{urlencode({'document': document.id})}")
    return redirect(f"{reverse('document', args=[document.id])}#echanges")
