"""What happens to requests, said in the client's threads: entries that nobody changes, of which no mail of its own goes out.

What is of one kind of folder is said in a thread of that kind, by its title; what is of several, to whoever reads what is
general, without a word that names anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from syncd.portal.clients.tree import KINDS
from syncd.portal.language import counted, speaking
from syncd.portal.messages.entries import Kind, Said, append
from syncd.portal.messages.threads import GENERAL, open_thread
from syncd.portal.models import Client, DocumentRequest, RequestedItem, ThreadReader
from syncd.portal.rights import Operator


def asked(client: Client, request: DocumentRequest, kinds: Sequence[str]) -> None:
    """In the transaction that asks. `kinds`: of its items, one each."""
    with speaking(""):
        day = f"{request.due_on:%d/%m/%Y}"
        many = counted(len(kinds), "pièce demandée", "pièces demandées")
        said = _("{many} pour le {day}.").format(many=many, day=day)
        if _one(kinds):
            said = _("« {title} » : {said}").format(title=request.title, said=said)
    _append(Operator(client.cabinet_id, request.by, "cabinet"), client, request, kinds, Said(Kind.REQUEST, said))


def _one(kinds: Sequence[str]) -> str:
    """The kind of folder of all of them, which rights can be given by; '' of several."""
    only = set(kinds)
    return next(iter(only)) if len(only) == 1 and only <= set(KINDS) else ""


def happened(
    actor: Operator, item: RequestedItem, kinds: Sequence[str], kind: Kind, said: str, general: str = ""
) -> None:
    """Something became of an item; `said` of it, in French, or `general` where the thread may name nothing of it. In the
    transaction in which it does."""
    request = item.request
    whole = general or said
    text = f"« {item.label} » : {said}" if _one(kinds) else whole[0].upper() + whole[1:]
    _append(actor, request.client, request, kinds, Said(kind, text))


def _append(actor: Operator, client: Client, request: DocumentRequest, kinds: Sequence[str], said: Said) -> None:
    if client.closed:
        return
    with speaking(""):
        subject = _("Demandes de pièces")
    thread = open_thread(actor, client, subject, _one(kinds) or GENERAL)
    entry = append(actor, thread, Said(said.kind, said.text, ref=request.id))
    ThreadReader.objects.filter(thread=thread, mail_since=entry.at).update(mail_since=None)  # reminders tell of it
