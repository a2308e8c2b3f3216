"""What happens to requests, said in the client's threads: entries that nobody changes, of which no mail of its own goes out.

Each kind of folder has its own thread, in which nothing is said of another's: whoever reads it reads of those items, and
counts them, and no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core.search_folding import fold
from syncd.portal.clients.tree import KINDS
from syncd.portal.language import counted, speaking
from syncd.portal.messages.entries import Kind, Said, append
from syncd.portal.messages.mass_entries import Place, append_each
from syncd.portal.messages.threads import GENERAL, open_thread
from syncd.portal.models import Client, DocumentRequest, RequestedItem, Thread, ThreadEntry, ThreadReader
from syncd.portal.rights import Operator

SUBJECT = noop("Demandes de pièces")


def asked(each: Sequence[tuple[DocumentRequest, Sequence[str]]]) -> None:
    """In the transaction that asks. Each with the kinds of its items, one for each item."""
    with speaking(""):
        append_each(_(SUBJECT), [place for request, kinds in each for place in _places(request, kinds)])


def _places(request: DocumentRequest, kinds: Sequence[str]) -> Iterator[Place]:
    """In each kind of folder, how many of its items are asked for."""
    client, day = request.client, f"{request.due_on:%d/%m/%Y}"
    by = Operator(client.cabinet_id, request.by, "cabinet")
    for kind, n in sorted(Counter(k if k in KINDS else "" for k in kinds).items()):
        many = counted(n, "pièce demandée", "pièces demandées")
        said = _("« {title} » : {many} pour le {day}.").format(title=request.title, many=many, day=day)
        if not kind:  # rights do not name it: nobody can tell who reads of it
            said = _("Des pièces sont demandées pour le {day}.").format(day=day)
        yield Place(by, client, kind or GENERAL, Said(Kind.REQUEST, said, ref=request.id))


def happened(actor: Operator, item: RequestedItem, kind: Kind, said: str, general: str = "") -> None:
    """Something became of an item; `said` of it, in French, or `general` where it is of a kind that rights do not name. In
    the transaction in which it does."""
    _append(actor, item.request.client, item.request, item.kind, Said(kind, _text(item, said, general)))


def stands(item: RequestedItem, said: str) -> bool:
    """Whether that was said of the item already."""
    with speaking(""):
        subject = fold(_(SUBJECT))
    of = {"client": item.request.client_id, "kind": item.kind if item.kind in KINDS else GENERAL, "folded": subject}
    threads = Thread.objects.filter(document=None, **of).values("id")
    found = ThreadEntry.objects.filter(thread__in=threads, ref=item.request_id, text=_text(item, said))
    return found.exists()


def _text(item: RequestedItem, said: str, general: str = "") -> str:
    whole = general or said
    return f"« {item.label} » : {said}" if item.kind in KINDS else whole[0].upper() + whole[1:]


def _append(actor: Operator, client: Client, request: DocumentRequest, kind: str, said: Said) -> None:
    if client.closed:
        return
    with speaking(""):
        subject = _(SUBJECT)
    thread = open_thread(actor, client, subject, kind if kind in KINDS else GENERAL)
    entry = append(actor, thread, Said(said.kind, said.text, ref=request.id))
    ThreadReader.objects.filter(thread=thread, mail_since=entry.at).update(mail_since=None)  # reminders tell of it
