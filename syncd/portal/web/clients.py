"""The client card: who it is, who follows it, its tree; a page to create one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from syncd.core.errors import UsageError
from syncd.core.folder_rules import Direction
from syncd.portal.clients import clients as service
from syncd.portal.clients import engine_cards, fiscal_words, profile, templates
from syncd.portal.clients.tree import KINDS, folder_add, rules_of, set_rules
from syncd.portal.flows.connections import fetched_from
from syncd.portal.language import size
from syncd.portal.models import Client, User
from syncd.portal.rights import Role, may_manage_cabinet, may_manage_client
from syncd.portal.web import tree_change_preview
from syncd.portal.web.forms import day
from syncd.portal.web.request import REFUSED, Asker, for_cabinet, for_correspondents
from syncd.portal.web.tree_change_preview import DIRECTIONS

CHOSEN = {code: said for code, said in DIRECTIONS.items() if code != "none"}


def _colleagues(asker: Asker) -> list[User]:
    roles = [r.value for r in Role if r.of_cabinet]
    return list(User.objects.filter(cabinet=asker.cabinet, is_active=True, role__in=roles).order_by("folded"))


def _responsible(asker: Asker) -> User | None:
    wanted = asker.request.POST.get("responsible", "")
    return next((u for u in _colleagues(asker) if u.id == wanted), None)


def _given(asker: Asker) -> dict[str, Any]:
    """What the form says; of its boxes, all that are ticked."""
    post = asker.request.POST
    return dict(post.items()) | {"fiscal_flags": " ".join(post.getlist("fiscal_flags"))}


@require_http_methods(["GET", "POST"])
@for_correspondents
def new(asker: Asker) -> HttpResponse:
    given = _given(asker)
    faults: list[profile.Fault] = []
    if asker.request.method == "POST":
        values, faults = profile.cleaned(given)
        if not faults:
            try:
                template = templates.load(given.get("template", ""), asker.cabinet)
                code, name = given.get("code", "").strip(), given.get("name", "")
                client = profile.create(asker.person, code, name, template, values, _responsible(asker))
            except REFUSED as e:
                faults = [profile.Fault("code", str(e))]
            else:
                said = _("« {name} » est créé : son espace est prêt, et son dossier sera créé au cabinet.")
                asker.say(said.format(name=client.name))
                return redirect("client", client.code)
    return asker.page(
        "client_new",
        status=403 if faults else 200,
        given=given,
        faults=faults,
        templates=templates.known(asker.cabinet),
        colleagues=_colleagues(asker),
        **profile.choices(),
    )


@require_http_methods(["GET", "POST"])
@for_cabinet
def card(asker: Asker, code: str) -> HttpResponse:
    client = asker.client(code)
    manages = may_manage_client(asker.person, client.id)
    given: dict[str, Any] = {}
    faults: list[profile.Fault] = []
    if asker.request.method == "POST":
        if not manages:
            raise Http404
        given = _given(asker)
        values, faults = profile.cleaned(given)
        if not faults:
            try:
                profile.change(asker.person, client, given.get("name", ""), values, _responsible(asker))
            except REFUSED as e:
                faults = [profile.Fault("name", str(e))]
            else:
                asker.say(_("Fiche enregistrée."))
                return redirect("client", client.code)
    people = User.objects.filter(grants__client=client).distinct().order_by("folded")
    rules = rules_of(client)
    tree = [
        {"rule": r, "direction": _(DIRECTIONS[rules.folder_direction(r.path).value]), "size": size(r.max_size) if r.max_size else _("sans limite")}
        for r in rules.folders
    ]  # fmt: skip
    return asker.page(
        "client", status=403 if faults else 200, client=client, manages=manages, faults=faults, given=given, missing=profile.missing(client),
        colleagues=_colleagues(asker), people=people, tree=tree, words=profile.words_of(client), grants=may_manage_cabinet(asker.person),
        fetched_from=fetched_from(asker.person, client),
        ape_known=client.ape in fiscal_words.naf_rev2(), ape_2025_known=False, **profile.choices(),
    )  # fmt: skip


@require_POST
@for_correspondents
def engine_card(asker: Asker, code: str) -> HttpResponse:
    """`right`: on or off: may the synchronisation change this card."""
    client, on = asker.client(code), asker.request.POST.get("right") == "on"
    engine_cards.allow(asker.person, client, on)
    asker.say(
        _("La synchronisation peut modifier cette fiche.")
        if on
        else _("La synchronisation ne modifie plus cette fiche.")
    )
    return redirect("client", client.code)


@require_http_methods(["GET", "POST"])
@for_cabinet
def tree(asker: Asker, code: str) -> HttpResponse:
    """Another template (the difference is shown first), what each folder takes, a further folder, a new exercise; this tree
    as a template of the cabinet's own. Nothing is ever deleted by it."""
    client = asker.managed(code)
    post, message = asker.request.POST, ""
    if asker.request.method == "POST":
        try:
            if post.get("do") == "compare":
                compared = tree_change_preview.changes(client, _given_rules(client, post), _given_kinds(client, post))
                return _tree_page(asker, client, "", compared)
            said = _tree(asker, client, post.get("do", ""))
            asker.say(said)
            return redirect("tree", client.code)
        except REFUSED as e:
            message = str(e)
    return _tree_page(asker, client, message, None)


def _tree_page(
    asker: Asker, client: Client, message: str, compared: list[tree_change_preview.Change] | None
) -> HttpResponse:
    """`compared`: what would change by the rules as they were just given, which stay in the form."""
    post = asker.request.POST
    stays = compared is not None or (message and post.get("do") in ("rules", "compare"))
    chosen = asker.request.GET.get("template", "") or post.get("template", "")
    change = None
    if chosen:
        try:
            change = service.difference(client, templates.load(chosen, asker.cabinet))
        except REFUSED as e:
            message = str(e)
    return asker.page(
        "client_tree", status=403 if message else 200, client=client, message=message, templates=templates.known(asker.cabinet), chosen=chosen, change=change,
        exercises=client.exercises.order_by("-start"), rows=_rows(client, post if stays else {}), directions=CHOSEN,
        kinds=tree_change_preview.KINDS, compared=compared,
        keeps=may_manage_cabinet(asker.person),
    )  # fmt: skip


def _rows(client: Client, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each folder of the tree with what it takes, as it is or as it was just given."""
    rules = rules_of(client)
    return [
        {
            "n": n, "path": r.path, "inside": "/" in r.path, "kept": rules.folder_direction(r.path) is Direction.NONE,
            "direction": given.get(f"direction-{n}", r.direction.value), "size": given.get(f"size-{n}", _millions(r.max_size)),
            "restricted": f"restricted-{n}" in given if given else r.restricted,
            "kind": given.get(f"kind-{n}", r.kind), "typed": r.kind in KINDS,
        }
        for n, r in enumerate(rules.folders)
    ]  # fmt: skip


def _millions(size: int) -> str:
    """Bytes as the form shows them, without a limit nothing."""
    return f"{size / 1e6:.6f}".rstrip("0").rstrip(".") if size else ""


def _given_rules(client: Client, post: Mapping[str, str]) -> dict[str, tuple[Direction, int, bool]]:
    """By path: direction, limit in bytes, and whether names are told only to those who may see them. Raises UsageError."""
    found: dict[str, tuple[Direction, int, bool]] = {}
    for row in _rows(client, {}):
        n, path = row["n"], post.get(f"path-{row['n']}", "")
        if path != row["path"]:
            raise UsageError(_("L'arborescence a changé entre-temps : vérifiez, puis recommencez."))
        if row["kept"]:
            continue
        size = post.get(f"size-{n}", "").strip().replace(",", ".")
        if size and not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", size):
            raise UsageError(_("« {path} » : la taille est un nombre de Mo, ou rien.").format(path=path))
        wanted = post.get(f"direction-{n}", "")
        if wanted not in CHOSEN:
            raise UsageError(_("« {path} » : choisissez un sens.").format(path=path))
        found[path] = (Direction(wanted), round(float(size or 0) * 1e6), f"restricted-{n}" in post)
    return found


def _given_kinds(client: Client, post: Mapping[str, str]) -> dict[str, str]:
    """By path, where one was chosen. Raises UsageError."""
    found = {r["path"]: post[f"kind-{r['n']}"] for r in _rows(client, {}) if f"kind-{r['n']}" in post}
    for path, kind in found.items():
        if kind not in KINDS:
            raise UsageError(_("« {path} » : choisissez un type de dossier.").format(path=path))
    return found


def _tree(asker: Asker, client: Client, what: str) -> str:
    post = asker.request.POST
    if what == "rules":
        set_rules(asker.person, client, _given_rules(client, post), _given_kinds(client, post))
        return _("Sens et tailles enregistrés : la prochaine synchronisation les suit. Aucun document n'a été déplacé.")
    if what == "keep":
        kept = templates.keep(asker.person, client, post.get("title", ""))
        return _("Le modèle « {title} » est proposé partout où l'on choisit un modèle.").format(title=kept.title)
    if what == "template":
        service.change(asker.person, client, template=templates.load(post.get("template", ""), asker.cabinet))
        return _("L'arborescence est changée. Aucun document n'a été déplacé ni supprimé.")
    if what == "folder":
        try:
            path = folder_add(asker.person, client, post.get("path", "").strip())
            return _("Le dossier « {path} » est créé.").format(path=path)
        except REFUSED:
            raise UsageError(
                _("Ce nom de dossier n'est pas possible : évitez < > : \" / \\ | ? * et les noms réservés.")
            ) from None
    if what == "exercise":
        start, end, label = (
            day(post.get("start", "")),
            day(post.get("end", "")),
            " ".join(post.get("label", "").split()),
        )
        if not label or len(label) > 40 or "/" in label or start is None or end is None or end < start:
            raise UsageError(_("Un exercice a un nom (2026, 2025-2026), un début, et une fin qui vient après."))
        made = service.set_exercise(asker.person, client, label, start, end, post.get("closed") == "on")
        if not made:
            said = _(
                "L'exercice {label} est enregistré : la recherche trouve ses documents par leur date, et ce qui est publié le suit. "
                "Aucun dossier de ce client ne s'ouvre par exercice."
            )
            return said.format(label=label)
        return _("L'exercice {label} est enregistré. Ses dossiers : {folders}.").format(
            label=label, folders=", ".join(made)
        )
    raise UsageError(_("Que faut-il faire ?"))


@require_http_methods(["POST"])
@for_cabinet
def activation(asker: Asker, code: str) -> HttpResponse:
    """Off, after its code was typed: nothing moves any more and everything stays in place. On again: as after a pause."""
    client = asker.managed(code)
    if asker.request.POST.get("do") == "open":
        service.reopen(asker.person, client)
        said = _("« {name} » est réactivé : la prochaine synchronisation compare les deux côtés.")
        asker.say(said.format(name=client.name))
    elif asker.request.POST.get("typed", "").strip() == client.code:
        service.close(asker.person, client)
        said = _("« {name} » est désactivé : plus rien ne passe, tout reste en place des deux côtés.")
        asker.say(said.format(name=client.name))
    else:
        asker.say(_("Pour désactiver ce client, recopiez son code dossier : {code}.").format(code=client.code), "bad")
    return redirect("client", client.code)
