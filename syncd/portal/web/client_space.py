"""A client's space: folders as tiles, a folder's documents, deposits by the plain form, the acknowledgement."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.expected_documents import period
from syncd.core.folder_rules import NEVER, ClientRules, FolderRule
from syncd.core.time_units import YEAR
from syncd.portal.clients.tree import not_here, rules_of
from syncd.portal.documents import company_home, listing
from syncd.portal.documents import deposit as deposits
from syncd.portal.documents.late_clients import Awaited, awaited_of
from syncd.portal.exchange import access
from syncd.portal.flows.connections import fetched_from
from syncd.portal.language import reason, size, spoken
from syncd.portal.messages.questions import asked_of
from syncd.portal.models import Client, Deposit, DepositLine, Document
from syncd.portal.people import visits
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Verb, may_manage_client
from syncd.portal.web import calendar, qr_code
from syncd.portal.web.document_requests import awaited
from syncd.portal.web.request import Asker, signed_in

PAGE = 100
DAYS, SOON = 31, 4  # of dates that come
FEW = 6  # folders that are all shown alike
ASKED = 4  # items of a request
QUESTIONS = 4  # of the cabinet, that wait for an answer
WELCOMED = "bienvenue"


@require_GET
@signed_in
def client(asker: Asker, code: str) -> HttpResponse:
    return space(asker, asker.client(code))


def space(asker: Asker, found: Client) -> HttpResponse:
    """Of whoever may see something of it."""
    rules = rules_of(found)
    shelves = listing.shelves(asker.person, found, rules, asker.labels)
    of_cabinet = asker.person.role.of_cabinet
    due = awaited_of(asker.person, found)
    tiles = [{**tile(found, t), "awaited": _awaited(due, t.path)} for t in shelves]
    several = of_cabinet or len(asker.person.clients) > 1
    more = {} if of_cabinet else {**_of_company(asker, found, shelves, tiles), **_asked(asker, found)}
    recent = (
        more.pop("recent", None)
        or Document.objects.filter(visible(asker.person), client=found, tombstone="").order_by("-created_at")[:8]
    )
    return asker.page(
        "client_space", client=found, several=several, recent=listing.rows_of(asker.person, recent),
        manages=may_manage_client(asker.person, found.id), deposit=deposit_values(found), inbox=_inbox(asker, shelves),
        fetched_from=fetched_from(asker.person, found), exchanges=access.may_see(asker.person, found, rules), **{"tiles": tiles, **more},
    )  # fmt: skip


def _asked(asker: Asker, client: Client) -> dict[str, Any]:
    """What the cabinet asks for, where the space is open."""
    return {} if client.closed else awaited(asker, client, ASKED)


def _awaited(due: Sequence[Awaited], folder: str) -> list[str]:
    """What is awaited there, or below: « oct. »."""
    at = paths.key(folder)
    return list(dict.fromkeys(period(a.due, spoken()) for a in due if paths.is_below(paths.key(a.folder), at)))


def _of_company(
    asker: Asker, client: Client, shelves: Sequence[listing.Shelf], tiles: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What its own people see besides: the folders they use first, what the cabinet did since they were last here."""
    since = visits.came(asker.person)
    first = company_home.cards(asker.person, client, shelves) if len(tiles) > FEW else {t.path for t in shelves}
    last = company_home.last_deposit(asker.person, client)
    new = company_home.news(asker.person, client, since)
    there = next((t for t in tiles if t["shelf"].rule.kind == "inbox" and t["shelf"].may_deposit), None)
    given = next(iter(asker.person.name.split()), "") if "@" not in asker.person.name else ""
    return {
        "soon": [] if client.closed else calendar.soon(asker, [client], DAYS, SOON), "recent": new, "news": bool(new), "tiles": [t for t in tiles if t["shelf"].path in first],
        "others": [t for t in tiles if t["shelf"].path not in first], "given": given, "last": last, "drop": there,
        "questions": [] if client.closed else asked_of(asker.person, client.id, QUESTIONS),
        "welcome": asker.request.COOKIES.get(WELCOMED) != "1" and not client.closed and not company_home.has_deposited(asker.person),
    }  # fmt: skip


@require_POST
@signed_in
def welcomed(asker: Asker) -> HttpResponse:
    """The three cards of a first visit are not shown again in this browser."""
    response = redirect("home")
    response.set_cookie(WELCOMED, "1", max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SECURE)
    return response


def _inbox(asker: Asker, tiles: Sequence[listing.Shelf]) -> str:
    """As this person reads it; '' when they have none, or may put nothing into it."""
    return next((asker.labels.shown(t.path) for t in tiles if t.rule.kind == "inbox" and t.may_deposit), "")


def deposit_values(client: Client) -> dict[str, str]:
    return {"client": client.code, "batch": secrets.token_hex(16)}


def folder_url(client: Client, folder: str) -> str:
    return f"/dossiers/{quote(client.code)}/{quote(folder)}"


def tile(client: Client, shelf: listing.Shelf) -> dict[str, Any]:
    return {"shelf": shelf, "url": folder_url(client, shelf.path), **limits(shelf.rule)}


def limits(rule: FolderRule) -> dict[str, Any]:
    """What a browser refuses before it sends anything, as the portal would."""
    return {
        "max_size": rule.max_size, "max_size_text": size(rule.max_size) if rule.max_size else "",
        "extensions": ",".join(sorted(rule.extensions)), "never": ",".join(sorted(NEVER)),
    }  # fmt: skip


def folder_of(asker: Asker, client: Client, path: str, verb: Verb) -> tuple[str, ClientRules]:
    """The path as the folder spells it, and the client's rules. Http404 without the folder or the right."""
    try:
        at = paths.key(paths.check(path))
    except UsageError:
        raise Http404 from None
    there = client.folders.filter(key=at, deleted_at__isnull=True).first()
    if there is None:
        raise Http404
    rules = rules_of(client)
    if not asker.may(verb, client, rules, there.path):
        inside = client.folders.filter(key__startswith=at + "/", deleted_at__isnull=True)
        if verb is not Verb.VIEW or not any(asker.may(Verb.VIEW, client, rules, f.path) for f in inside):
            raise Http404
    return there.path, rules


_BATCH = re.compile(r"[A-Za-z0-9_-]{8,64}")


@require_POST
@signed_in
def deposit(asker: Asker, code: str, path: str) -> HttpResponse:
    """The plain form: works without JavaScript; several documents at once."""
    found = asker.client(code)
    if found.closed:
        asker.say(str(not_here(found)), "bad")
        return redirect(folder_url(found, path))
    path = folder_of(asker, found, path, Verb.DEPOSIT)[0]
    files = [f for f in asker.request.FILES.getlist("documents") if isinstance(f, UploadedFile)]
    if not files:
        asker.say(_("Choisissez au moins un document."), "warn")
        return redirect(folder_url(found, path))
    batch = asker.request.POST.get("batch", "")
    begun = deposits.begin(asker.person, found, batch if _BATCH.fullmatch(batch) else secrets.token_hex(16))
    for file in files:
        deposits.take_stream(asker.person, begun, path, file.name or "document", file)  # type: ignore[arg-type]
    return redirect("deposit", begun.number)


@require_GET
@signed_in
def acknowledgement(asker: Asker, number: str) -> HttpResponse:
    """What arrived, by whom, when: for whoever deposited it, and for those who may see the documents."""
    found = Deposit.objects.select_related("client", "user").filter(cabinet=asker.cabinet, number=number).first()
    if found is None or not asker.person.reaches(found.client_id):
        raise Http404
    rules = rules_of(found.client)
    lines: list[dict[str, Any]] = []
    for line in found.lines.select_related("document__client").order_by("id"):
        own = found.user_id == asker.user.id
        sees = line.document is not None and asker.may_with(Verb.VIEW, line.document, rules)
        if not own and not sees:
            continue
        lines.append(
            {
                "line": line, "sees": sees, "name": paths.name(line.path) if line.path else line.given, "folder": asker.labels.shown(paths.parent(line.path)),
                "renamed": bool(line.path) and paths.key(paths.name(line.given.replace("\\", "/"))) != paths.key(paths.name(line.path)),
                "size": size(line.size), "why": reason(line.reason, line.detail) if line.reason else "",
                "received": line.document.received_at if line.document and line.document.version_id == line.version_id else None,
            }
        )  # fmt: skip
    if not lines and found.user_id != asker.user.id:
        raise Http404
    taken = [x for x in lines if x["line"].outcome in DepositLine.STORED]
    return asker.page(
        "deposit_receipt",
        deposit=found,
        client=found.client,
        lines=lines,
        taken=taken,
        qr=qr_code.picture(asker.request.build_absolute_uri(f"/depots/{number}")),
    )
