"""A folder's page: its documents as a list that is cut, sorted and worked on; how it looks is the person's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from syncd.core import paths
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.search_folding import fold
from syncd.core.time_units import YEAR
from syncd.portal.documents import listing
from syncd.portal.documents.folder_documents import LOOKS, SORTS, Wanted, binned, listed, wanted_of
from syncd.portal.models import Client
from syncd.portal.rights import Verb
from syncd.portal.web.client_space import PAGE, deposit_values, folder_of, folder_url, limits, tile
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.search import STATES, TYPES

SORT_NAMES: Mapping[str, str] = {
    "recent": noop("Les plus récents"), "oldest": noop("Les plus anciens"), "name": noop("Nom, de A à Z"),
    "-name": noop("Nom, de Z à A"), "size": noop("Les plus grands"), "-size": noop("Les plus petits"),
}  # fmt: skip
LOOK_NAMES: Mapping[str, str] = {"list": noop("Liste"), "dense": noop("Liste serrée"), "grid": noop("Grille")}
COOKIE = "list"
KINDS_SAID = 12  # extensions that are named; beyond, their sorts are


@require_GET
@signed_in
def show(asker: Asker, code: str, path: str) -> HttpResponse:
    seen, client = datetime.now(UTC), asker.client(code)
    path, rules = folder_of(asker, client, path, Verb.VIEW)
    rule = rules.rule(path)
    assert rule is not None
    query = asker.request.GET
    wanted, look = wanted_by(asker)
    page = Paginator(listed(asker.person, client, path, wanted), PAGE).get_page(query.get("page"))
    inside = listing.shelves(asker.person, client, rules, asker.labels, path)
    said = asker.labels.shown
    trail = [(paths.name(said(p)), folder_url(client, p), p) for p in paths.ancestors(path)]
    may_download, may_treat = asker.may(Verb.DOWNLOAD, client, rules, path), asker.may_treat(client, rules, path)
    may_delete = asker.may(Verb.DELETE, client, rules, path)
    here = asker.request.get_full_path()
    rows = listing.rows_of(asker.person, page.object_list)
    answer = asker.page(
        "folder", seen=seen, client=client, path=path, name=paths.name(said(path)), trail=trail, rule=rule, page=page, wanted=wanted,
        tiles=[tile(client, t) for t in inside], rows=rows, billed=any(row.bill for row in rows), here=here, look=look,
        may_deposit=asker.may(Verb.DEPOSIT, client, rules, path), may_delete=may_delete,
        may_download=may_download, may_treat=may_treat, choose=may_treat or may_download or may_delete,
        may_archive=may_download and _holds_any(inside, page.paginator.count), deposit=deposit_values(client),
        limits=limits(rule), actor_origin=asker.person.origin, kinds=kinds(rule), binned=binned(asker.person, client).exists(),
        folders=_folders(asker, client, rules, path) if may_delete else [], clean=folder_url(client, path),
        **_choices(wanted, query),
    )  # fmt: skip
    answer.set_cookie(COOKIE, f"{wanted.sort}.{look}", max_age=YEAR, httponly=True, samesite="Lax")
    return answer


def wanted_by(asker: Asker) -> tuple[Wanted, str]:
    """(how the folder's list is cut and ordered, look), by the address and what the person had last."""
    sort, look = _habits(asker)
    query = asker.request.GET
    return wanted_of({"sort": sort, **{n: str(query.get(n, "")) for n in ("q", "type", "state")}}), look


def _habits(asker: Asker) -> tuple[str, str]:
    """(order, look): what is asked for, else what the person had last."""
    had_sort, _, had_look = asker.request.COOKIES.get(COOKIE, "").partition(".")
    sort, look = asker.request.GET.get("sort", had_sort), asker.request.GET.get("look", had_look)
    return sort if sort in SORTS else "recent", look if look in LOOKS else "list"


def _holds_any(inside: list[listing.Shelf], own: int) -> bool:
    """Whether there is anything to download here, at any depth."""
    return bool(own) or any(shelf.count for shelf in inside)


def _choices(wanted: Wanted, query: Mapping[str, str]) -> dict[str, Any]:
    def order(this: str, other: str) -> str:
        kept = {n: v for n, v in (("q", wanted.words), ("type", wanted.type), ("state", wanted.state)) if v}
        return urlencode({**kept, "sort": other if wanted.sort == this else this})

    given = {n: str(query.get(n)) for n in ("q", "type", "state", "sort") if query.get(n)}
    return {
        "sorts": [(n, _(label)) for n, label in SORT_NAMES.items()], "looks": [(n, _(label)) for n, label in LOOK_NAMES.items()],
        "types": [(n, _(label)) for n, label in TYPES.items()], "states": [(n, _(label)) for n, label in STATES.items()],
        "by_name": order("name", "-name"), "by_size": order("size", "-size"), "by_date": order("recent", "oldest"),
        "query": urlencode(given),
    }  # fmt: skip


def _folders(asker: Asker, client: Client, rules: ClientRules, here: str) -> list[tuple[str, str]]:
    """(place, as the cabinet calls it) of the folders that documents may be moved to."""
    there = client.folders.filter(deleted_at__isnull=True).values_list("path", flat=True)
    fine = [f for f in there if f != here and asker.may(Verb.DEPOSIT, client, rules, f)]
    return sorted(((f, asker.labels.shown(f)) for f in fine), key=lambda x: fold(x[1]))


def kinds(rule: FolderRule) -> str:
    """Which types of file the folder takes, as people call them."""
    extensions = sorted(rule.extensions)
    if not extensions:
        return _("Tous les types de fichiers.")
    if len(extensions) <= KINDS_SAID:
        return _("Types acceptés : {types}.").format(types=", ".join(e.upper() for e in extensions))
    return _("PDF, images, bureautique et relevés bancaires.")
