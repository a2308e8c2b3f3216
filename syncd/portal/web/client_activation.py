"""« Activer ou désactiver des clients »: all of a template, or all, or those that were chosen; consequences first, then a typed confirmation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.portal.clients import activation, templates
from syncd.portal.language import counted
from syncd.portal.web.request import Asker, for_correspondents

EVERY = "*"
CHOSEN = "+"
LISTED = 60


@require_http_methods(["GET", "POST"])
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    """`template`: a name, or `*`; `client`: codes, of those alone; `do`: off or on; `typed`: the phrase shown."""
    post = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    chosen, off = post.get("template", ""), post.get("do", "off") != "on"
    titles = {t.name: t.title for t in templates.known(asker.cabinet)}
    used = {name: n for name, n in activation.templates_used(asker.cabinet) if name}
    whose = {EVERY: _("Tous les clients")}
    whose |= {name: _("Modèle « {title} »").format(title=titles.get(name, name)) for name in used}
    options = [
        (name, f"{label} ({counted(used[name], 'client', 'clients')})" if name in used else label)
        for name, label in whose.items()
    ]
    found = None
    codes = post.getlist("client")
    if codes:
        whose[CHOSEN], chosen = _("Clients choisis"), CHOSEN
        found = activation.concerned(asker.cabinet, None, off=off, codes=codes)
    elif chosen in whose:
        found = activation.concerned(asker.cabinet, None if chosen == EVERY else chosen, off=off)
    message = ""
    if asker.request.method == "POST" and found is not None and found.clients:
        if _plain(post.get("typed", "")) == _plain(found.phrase):
            count = counted(len(found.clients), "client", "clients")
            activation.switch(asker.person, found.clients, off=off, called=f"{whose[chosen]}, {count}")
            said = (
                _("{clients} : désactivation faite. Tout reste en place des deux côtés.")
                if off
                else _("{clients} : activation faite. La prochaine synchronisation compare les deux côtés.")
            )
            asker.say(said.format(clients=count))
            return redirect("clients" if codes else "client_activation")
        message = _("Pour confirmer, recopiez exactement : {phrase}.").format(phrase=found.phrase)
    listed = [f"{c.code} {c.name}" for c in found.clients[:LISTED]] if found else []
    return asker.page(
        "client_activation", status=403 if message else 200, options=options, chosen=chosen, codes=codes, off=off, found=found, message=message, listed=listed,
        more=max(0, len(found.clients) - LISTED) if found else 0,
    )  # fmt: skip


def _plain(phrase: str) -> str:
    """Without what one does not type: spaces that no line breaks at, or none, capitals, the curved apostrophe."""
    return "".join(phrase.split()).casefold().replace("’", "'")
