"""Who has access: the people one manages."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from syncd.portal.people import accounts
from syncd.portal.people.visibility import verbs
from syncd.portal.rights import Role
from syncd.portal.web.person import CABINET_LABELS, LABELS, ROLES, preset_of
from syncd.portal.web.request import Asker, signed_in


@require_GET
@signed_in
def everybody(asker: Asker) -> HttpResponse:
    words = " ".join(asker.request.GET.get("q", "").split())
    found = accounts.managed_by(asker.person, words)
    if not found and not words and not asker.person.role.below and not asker.person.role.of_cabinet:
        raise Http404
    wanted = asker.request.GET.get("client", "")
    rows = []
    for user, account in found:
        clients = sorted({g.client.code: g.client.name for g in user.grants.all() if g.client}.items())
        if wanted and wanted not in dict(clients):
            continue
        kinds = {
            g.kind: verbs(g.verbs)
            for g in user.grants.all()
            if not clients or (g.client and g.client.code == clients[0][0])
        }
        preset = preset_of(kinds, account.role.of_cabinet)
        labels = CABINET_LABELS if account.role.of_cabinet else LABELS
        known = (
            noop("Tous les droits")
            if account.role is Role.CORRESPONDENT
            else labels.get(preset, noop("Droits particuliers"))
        )
        rows.append(
            {
                "user": user,
                "role": _(ROLES[account.role]),
                "clients": clients,
                "rights": _(known),
                "cabinet": account.role.of_cabinet,
            }
        )
    return asker.page("people", rows=rows, wanted=wanted, q=words)
