"""« Échanger sans réseau »: a client's exchange packages, for its company and for the cabinet; one of them, with what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from syncd.core.events import Event
from syncd.core.package_orders import Act, PackageDone, PackageLine, PackageNote
from syncd.core.packages.manifest import Way
from syncd.core.untrusted_numbers import number as read_number
from syncd.package_file.public_keys import Public
from syncd.portal.exchange import access, fetching, handing_in, listing, orders, people
from syncd.portal.exchange.access import State
from syncd.portal.exchange.orders import Wish
from syncd.portal.language import counted, reason, spoken
from syncd.portal.models import Client, ExchangePackage
from syncd.portal.records import mail_queue
from syncd.portal.rights import Verb, may_exchange
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.report.event_sentences import sentence

STATES = {
    State.ASKED: (noop("en préparation"), "warn"), State.MADE: (noop("prêt"), "ok"), State.FAILED: (noop("pas préparé"), "bad"),
    State.NOTHING: (noop("rien à envoyer"), ""), State.CAME: (noop("lecture en cours"), "warn"), State.LOOKED: (noop("à traiter"), "warn"),
    State.UNKNOWN_KEY: (noop("clé à vérifier"), "warn"), State.REFUSED: (noop("pas accepté"), "bad"), State.PART: (noop("traité en partie"), "warn"),
    State.DEALT: (noop("traité"), "ok"), State.DISCARDED: (noop("supprimé"), ""),
}  # fmt: skip
TO_COMPANY = {  # what a company reads of its own
    State.CAME: (noop("remis au cabinet"), "warn"), State.LOOKED: (noop("remis au cabinet"), "warn"),
    State.UNKNOWN_KEY: (noop("remis au cabinet"), "warn"), State.DISCARDED: (noop("écarté par le cabinet"), "bad"),
}  # fmt: skip
UNDER_WAY = {
    Act.MAKE: noop("en préparation"), Act.LOOK: noop("lecture en cours"), Act.APPLY: noop("traitement en cours"),
    Act.DISCARD: noop("suppression en cours"),
}  # fmt: skip


@require_GET
@signed_in
def show(asker: Asker, code: str) -> HttpResponse:
    client = _client(asker, code)
    found, exchange = listing.packages(asker.person, client), access.exchange_of(client)
    nothing = _last_nothing(client, found)
    return asker.page(
        "packages", client=client, found=found, waiting=[_row(asker, p) for p in found.waiting], made=[_row(asker, p) for p in found.made],
        dealt=[_row(asker, p) for p in found.dealt], may_bring=may_exchange(asker.person, Verb.DEPOSIT, exchange),
        may_deal=may_exchange(asker.person, Verb.MANAGE, exchange), people=people.reachable(client) if asker.person.role.of_cabinet and mail_queue.configured() else [],
        under_way=any(p.act for p in (*found.waiting, *found.made)), ready=sum(p.state in (State.LOOKED, State.PART) and not p.act for p in found.waiting),
        nothing=nothing, safety_number=_safety_number(found.key),
    )  # fmt: skip


def _client(asker: Asker, code: str) -> Client:
    client = asker.client(code)
    if not access.may_see(asker.person, client):
        raise Http404
    return client


def _last_nothing(client: Client, found: listing.Packages) -> ExchangePackage | None:
    """The last that was ordered, where there was nothing to send."""
    last = ExchangePackage.objects.filter(client=client, way=Way.TO_COMPANY).order_by("-at").first()
    return last if last is not None and last.state == State.NOTHING else None


def _row(asker: Asker, p: ExchangePackage) -> dict[str, Any]:
    told, outcome = listing.told(p), listing.outcome(p)
    words = STATES if asker.person.role.of_cabinet else {**STATES, **TO_COMPANY}
    said, tone = words[State(p.state)]
    if p.act and (asker.person.role.of_cabinet or p.act == Act.MAKE):
        said, tone = UNDER_WAY[Act(p.act)], "warn"
    if p.state == State.MADE and p.acknowledged_at:
        said, tone = noop("traité par l'entreprise"), "ok"
    return {
        "p": p, "said": _(said), "tone": tone, "told": told, "outcome": outcome, "why": _why(told), "gone": p.state == State.MADE and not p.stored,
        "refused": _notes(outcome.left) if outcome else [], "later": _notes(outcome.later) if outcome else [],
    }  # fmt: skip


def _safety_number(key: str) -> str:
    """What two people compare by telephone."""
    signing, _dot, sealing = key.partition(".")
    return Public(signing, sealing).safety_number if signing else ""


def _why(done: PackageDone | None) -> str:
    """Why it was not done, as the engine says it."""
    if done is None or not (done.why or done.french):
        return ""
    text = done.french if spoken() == "fr" else done.why
    return text[:1].upper() + text[1:]


def _notes(notes: Sequence[PackageNote]) -> list[tuple[str, str]]:
    return [(n.path, reason(n.reason, n.detail) if n.reason else "") for n in notes]


def _line(client: Client, line: PackageLine) -> str:
    event = Event(
        client.code, line.action, line.path, "local", to=line.to, size=line.size or None, replaces=line.replaces, dry_run=True
    )  # fmt: skip
    return sentence(event, spoken())


@require_GET
@signed_in
def one(asker: Asker, code: str, package_id: str) -> HttpResponse:
    """What it is, and would do here; what it did."""
    client = _client(asker, code)
    package = _package(asker, client, package_id)
    row, told = _row(asker, package), listing.told(package)
    lines = [_line(client, x) for x in told.lines] if told is not None else []
    return asker.page(
        "package", client=client, row=row, p=package, told=told, lines=lines, more=max(0, told.changes - len(lines)) if told else 0,
        left=_notes(told.left) if told else [], late=_notes(told.later) if told else [],
        may_deal=may_exchange(asker.person, Verb.MANAGE, access.exchange_of(client, package)), came=package.way == Way.TO_CABINET,
        may_bring=may_exchange(asker.person, Verb.DEPOSIT, access.exchange_of(client, package)),
        people=people.reachable(client) if mail_queue.configured() else [], most=people.MOST_ATTACHED,
        safety_number=_safety_number(told.facts.key) if told is not None else "",
    )  # fmt: skip


def _package(asker: Asker, client: Client, package_id: str, verb: Verb = Verb.VIEW) -> ExchangePackage:
    try:
        package = access.one(asker.person, package_id, verb)
    except REFUSED:
        raise Http404 from None
    if package.client_id != client.id:
        raise Http404
    return package


@require_GET
@signed_in
def download(asker: Asker, code: str, package_id: str) -> HttpResponseBase:
    package = _package(asker, _client(asker, code), package_id, Verb.DOWNLOAD)
    try:
        source = fetching.fetch(asker.person, package.id)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect("packages", code)
    return FileResponse(source, as_attachment=True, filename=package.name, content_type="application/octet-stream")


@require_POST
@signed_in
def hand_in(asker: Asker, code: str) -> HttpResponse:
    client = _client(asker, code)
    file = asker.request.FILES.get("package")
    if not isinstance(file, UploadedFile):
        asker.say(_("Choisissez un paquet : un fichier dont le nom finit par .syncpkg ou .syncpkg.age."), "warn")
        return redirect("packages", code)
    try:
        handing_in.hand_in(asker.person, client, file.name or "", file)  # type: ignore[arg-type]
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        asker.say(_("Paquet remis : la synchronisation du cabinet le lit dans un instant."))
    return redirect("packages", code)


@require_POST
@signed_in
def prepare(asker: Asker, code: str) -> HttpResponse:
    post = asker.request.POST
    wish = Wish(post.get("what") == "all", post.get("purpose", ""), post.get("comment", ""), post.getlist("person"), post.get("attach") == "on")  # fmt: skip
    try:
        orders.prepare(asker.person, _client(asker, code), wish)
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        asker.say(_("Demandé : la synchronisation du cabinet prépare le paquet dans un instant."))
    return redirect("packages", code)


@require_POST
@signed_in
def act(asker: Asker, code: str) -> HttpResponse:
    """`do`: deal, deal_all, discard, look, trust, mail, take_back; `id`, `number`: of which package, and as it was seen."""
    client = _client(asker, code)
    post, person = asker.request.POST, asker.person
    package, count = post.get("id", ""), read_number(post.get("number", ""), 2**31) or 0
    try:
        match post.get("do"):
            case "deal":
                orders.deal(person, package, count, post.getlist("folder") if post.get("choose") else None)
                asker.say(_("Demandé : la synchronisation du cabinet traite le paquet dans un instant."))
            case "deal_all":
                for p in listing.packages(person, client).waiting:
                    if p.state in (State.LOOKED, State.PART) and not p.act:
                        orders.deal(person, p.id, p.number)
                asker.say(_("Demandé : les paquets sont traités dans l'ordre de leurs numéros."))
            case "discard":
                orders.throw_away(person, package, count)
                asker.say(_("Paquet supprimé : rien n'en a été repris."))
            case "look":
                orders.look_again(person, package, count)
            case "trust":
                orders.look_again(person, package, count, post.get("key", ""))
                asker.say(_("Clé enregistrée : les paquets qu'elle signe sont acceptés."))
            case "mail":
                sent = people.send(person, package, count, post.getlist("person"), attach=post.get("attach") == "on")
                asker.say(_("E-mail envoyé à {people}.").format(people=counted(sent, "personne", "personnes")))
            case "take_back":
                orders.take_back(person, package, count)
                asker.say(_("Paquet retiré."))
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect("packages", code)
