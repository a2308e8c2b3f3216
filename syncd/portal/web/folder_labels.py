"""« Dossiers »: in which order, and under which name, people see the top-level folders online."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.core import untrusted_numbers
from syncd.core.plain_text import one_line
from syncd.portal.clients import folder_labels
from syncd.portal.web.request import REFUSED, Asker, for_correspondents


@require_http_methods(["GET", "POST"])
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    """Of each folder: `place-N` (a number), `label-N`, `key-N`."""
    rows, message = folder_labels.tops(asker.cabinet), ""
    post = asker.request.POST
    given = {key: (post.get(f"place-{n}", ""), post.get(f"label-{n}", "")) for n, key in _given_keys(asker)}
    if asker.request.method == "POST":
        try:
            folder_labels.write(asker.person, _wanted(rows, given))
        except REFUSED as e:
            message = str(e)
        else:
            asker.say(_("Ordre et noms enregistrés : ils s'appliquent tout de suite, chez tous les clients."))
            return redirect("folder_labels")
    named = {s.key: s.label for s in folder_labels.labels_of(asker.cabinet).shelves}
    shown = [
        {
            "n": n, "key": key, "path": path, "clients": clients, "place": given.get(key, (str(n), ""))[0],
            "label": given[key][1] if key in given else named.get(key, ""),
        }
        for n, (key, path, clients) in enumerate(rows, 1)
    ]  # fmt: skip
    return asker.page(
        "folder_labels", status=403 if message else 200, rows=shown, message=message, longest=folder_labels.LONGEST
    )


def _given_keys(asker: Asker) -> list[tuple[str, str]]:
    post = asker.request.POST
    return [(name[4:], str(value)) for name, value in post.items() if name.startswith("key-")]


def _wanted(rows: list[tuple[str, str, int]], given: dict[str, tuple[str, str]]) -> list[folder_labels.Shelf]:
    """In the order of the numbers given: what is moved up comes before whoever has that number, what is moved down after."""
    ranked = []
    for n, (key, path, _clients) in enumerate(rows, 1):
        place, label = given.get(key, ("", ""))
        at = untrusted_numbers.number(place, 99_999)
        at = n if at is None else at
        label = one_line(label, 4096)
        ranked.append(((at, (at > n) - (at < n), n), folder_labels.Shelf(key, "" if label == path else label)))
    return [shelf for _, shelf in sorted(ranked, key=lambda x: x[0])]
