"""Documents put from a thread by the plain form: they go into a folder as every deposit does, their receipt into the thread."""

from __future__ import annotations

import secrets

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from syncd.portal.clients.tree import not_here
from syncd.portal.documents import deposit as deposits
from syncd.portal.language import reason
from syncd.portal.messages.entries import Kind, Said, append
from syncd.portal.models import DepositLine, Thread
from syncd.portal.people import throttle
from syncd.portal.rights import Verb
from syncd.portal.web.client_space import folder_of
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.security import limited
from syncd.portal.web.thread import page_of, thread_of


@require_POST
@signed_in
def take(asker: Asker, thread_id: str) -> HttpResponseBase:
    """`folder`, `documents`, `text`."""
    thread = thread_of(asker, thread_id)
    if throttle.beyond("messages", asker.user.id, 60, 600):
        return limited(asker.request)
    files = [f for f in asker.request.FILES.getlist("documents") if isinstance(f, UploadedFile)]
    if thread.client.closed:
        return page_of(asker, thread, str(not_here(thread.client)))
    if not files:
        return page_of(asker, thread, _("Choisissez au moins un document."))
    folder = folder_of(asker, thread.client, asker.request.POST.get("folder", ""), Verb.DEPOSIT)[0]
    _take(asker, thread, folder, files)
    return redirect(f"{reverse('thread', args=[thread.id])}#fin")


def _take(asker: Asker, thread: Thread, folder: str, files: list[UploadedFile]) -> None:
    begun = deposits.begin(asker.person, thread.client, secrets.token_hex(16))
    lines = [deposits.take_stream(asker.person, begun, folder, f.name or "document", f) for f in files]  # type: ignore[arg-type]
    refused = [line for line in lines if line.outcome not in DepositLine.STORED]
    if len(refused) < len(lines):
        try:
            append(asker.person, thread, Said(Kind.MESSAGE, asker.request.POST.get("text", ""), deposit=begun))
        except REFUSED as e:  # the documents are there: their receipt says it
            asker.say(str(e), "bad")
            return
    if refused:
        why = " ".join(
            f"« {x.given} » : {reason(x.reason, x.detail) if x.reason else _('déjà déposé')}" for x in refused[:3]
        )
        asker.say(why, "warn")
