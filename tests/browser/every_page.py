"""Run in a process of its own over a portal's directory: people of all roles with a session each, and something on every page.

Prints a line of JSON: {role: [cookie, [page, …]]}.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.hostile_files import invoice
from tests.support.invoices import cii, factur_x

CODE = "007868"
LONG = "IMG_20261127_228803_facture_de_novembre_du_fournisseur_principal_de_la_société.pdf"


def people(cabinet: Any, client: Any) -> dict[str, Any]:
    from syncd.portal.models import Grant, Portfolio, User

    found = {"correspondent": User.objects.get(cabinet=cabinet, role="correspondent")}
    for role, verbs in (
        ("associate", "view download deposit delete manage message"),
        ("assistant", "view download deposit message"),
    ):
        found[role] = User.objects.create(cabinet=cabinet, sign_in=role, name=f"Anne {role.title()}", role=role)
        Grant.objects.create(user=found[role], kind="*", verbs=verbs)
        Portfolio.objects.create(user=found[role], field="all")
    for role, parent in (("contact", None), ("member", "contact")):
        found[role] = User.objects.create(
            cabinet=cabinet, sign_in=role, name="Marie-Françoise Dupont de La Tour", role=role, parent=found.get(parent or "")
        )  # fmt: skip
        Grant.objects.create(user=found[role], client=client, kind="*", verbs="view download deposit delete message")
    return found


def documents(client: Any, cabinet: Any) -> dict[str, Any]:
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    texts = {
        "À classer/ticket.pdf": invoice("TICKET"),
        "Achats/scan 12.pdf": factur_x(cii("2026/77", "20261118", "89.90")),
    }
    texts |= {
        f"Achats/{LONG}": invoice("LONG"),
        "Achats/2026/facture.pdf": invoice("F"),
        "Banque/relevé.txt": b"un mot",
    }
    texts |= {f"Ventes/vente {n}.pdf": b"%%PDF-1.4 %d %%%%EOF" % n for n in range(120)}
    for path, data in texts.items():
        deposit_file(Operator(cabinet.id, "Marie Dupont", "company"), client, path, io.BytesIO(data))
    return {path: Document.objects.get(client=client, path=path) for path in texts}


def talk(person: Any, client: Any, document: Any) -> tuple[Any, Any]:
    """A thread with a question about a document, and a request of two items."""
    from syncd.portal.messages import entries, threads
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem

    thread = threads.begin(
        person, client, "TVA d'octobre", threads.GENERAL, Said(Kind.MESSAGE, "Bonjour, que dois-je envoyer ?")
    )
    entries.append(
        person, threads.thread_of(person, document), Said(Kind.QUESTION, "Est-ce bien la vôtre ?", document=document)
    )
    wish = Wish(
        "Fin d'année",
        [ListItem("Relevés", "bank", expected=2), ListItem("Factures", "purchases")],
        datetime.now(UTC).date() + timedelta(days=20),
    )
    return thread, asking.ask(person, [client], wish).requests[0]


def reports(client: Any, cabinet: Any) -> None:
    from syncd.portal.models import OpenReport, RunLine, RunReport, WaitingSet

    now = datetime.now(UTC)
    OpenReport.objects.create(
        client=client, path="Achats/film.mp4", reason="too_large", since=now, detail="25000000 20000000"
    )
    actions = [{"action": "upload", "path": f"Achats/{n}.pdf", "client": CODE} for n in range(4)]
    WaitingSet.objects.create(client=client, reason="guard_first_publication", digest="d1", actions=actions)
    run = RunReport.objects.create(
        cabinet=cabinet, run=1, started_at=now, ended_at=now, verdict="done", exit_code=0, counts={"uploaded": 3}
    )
    RunLine.objects.create(run=run, client=client, verdict="done", counts={"uploaded": 3})


def sale(person: Any, client: Any) -> str:
    """A customer, an item and a draft of a quote."""
    from decimal import Decimal

    from syncd.portal.invoicing import customers, drafts
    from syncd.portal.invoicing.content import Buyer, Content, Kind
    from syncd.portal.invoicing.invoice_lines import Line

    buyer, line = (
        Buyer("Mairie de Paris", siren="552100554", city="Paris"),
        Line("Pose d'une porte", Decimal(2), Decimal(480)),
    )
    customers.keep_customer(person, client, buyer)
    customers.keep_article(person, client, line)
    row = drafts.begin(person, client, Kind.QUOTE)
    drafts.save(person, client, row.id, Content(kind=Kind.QUOTE, buyer=buyer, lines=(line,)))
    return str(row.id)


def build(role_of: dict[str, Any], client: Any, cabinet: Any) -> dict[str, list[str]]:
    """Its pages: the cabinet's and the company's."""
    import io as bytes_io

    from syncd.portal.documents import deposit, lifecycle
    from syncd.portal.models.private_space import PrivateDocument
    from syncd.portal.people.visibility import person_of
    from syncd.portal.private_space import deposits, keys
    from syncd.portal.storage import blob_store

    there = documents(client, cabinet)
    boss, marie = person_of(role_of["correspondent"]), person_of(role_of["contact"])
    thread, request = talk(boss, client, there["Achats/scan 12.pdf"])
    begun = deposit.begin(marie, client, "batch")
    for name in ("loyer.pdf", "programme.exe"):
        staged, content = blob_store().stage_from(bytes_io.BytesIO(name.encode()))
        deposit.take(marie, begun, deposit.Incoming("Achats", name, content.size), staged, content)
    lifecycle.remove(boss, there["Ventes/vente 1.pdf"])
    keys.open_space(marie, client)
    deposits.take_stream(marie, client, "", "projet.pdf", bytes_io.BytesIO(b"%PDF- secret"))
    reports(client, cabinet)
    scan, item = there["Achats/scan 12.pdf"].id, request.items.first()
    common = [
        "/", "/compte", "/mode-d-emploi", "/recherche", "/recherche?q=vente", f"/dossiers/{CODE}", f"/dossiers/{CODE}/Achats", f"/dossiers/{CODE}/Ventes?page=2", f"/dossiers/{CODE}/Fiscalité",
        f"/corbeille/{CODE}", f"/documents/{scan}", f"/documents/{scan}/facture", f"/documents/{scan}/comparer?other={there['Ventes/vente 2.pdf'].id}", f"/depots/{begun.number}", f"/nouveautes/{CODE}", "/echanges",
        f"/echanges/{thread.id}", f"/echanges/nouveau?client={CODE}", "/demandes", f"/demandes/{request.id}", f"/demandes/piece/{item.id}", "/demandes/fiches", f"/recuperation?client={CODE}",
        f"/calendrier/{CODE}", f"/calendrier/{CODE}/feuille", "/personnes", "/personnes/nouvelle",
    ]  # fmt: skip
    company = [
        f"/espace-prive/{CODE}{rest}"
        for rest in ("", "/corbeille", "/acces", "/cle", f"/{PrivateDocument.objects.within(client.id).get().id}")
    ]
    draft = sale(marie, client)
    company += [f"/factures/{CODE}{rest}" for rest in ("", "/clients", "/articles", "/reglages", f"/{draft}")]
    cabinets = [
        "/a-faire", "/accords", "/activite", "/clients", "/clients/nouveau", "/clients/import", f"/clients/{CODE}", f"/clients/{CODE}/arborescence?template=sci", "/calendrier", "/demandes/nouvelle",
        f"/demandes/nouvelle?client={CODE}&list=bilan", "/demandes/nouvelle?for=", "/a-classer", "/reglages", "/reglages/dossiers", "/reglages/clients?template=*&do=off", "/reglages/historique", "/synchronisation",
        "/synchronisation/taches", "/synchronisation/taches/nouvelle", "/synchronisation/comptes-rendus", f"/synchronisation/accords/{CODE}", "/synchronisation/liste?q=d1", f"/personnes/{role_of['contact'].id}", "/composants",
    ]  # fmt: skip
    pages = {
        role: common + (cabinets if user.role in ("correspondent", "associate", "assistant") else company)
        for role, user in role_of.items()
    }
    pages["stranger"] = ["/connexion", "/premiere-connexion", "/mot-de-passe-oublie", "/invitation/x", "/transfert/x"]
    return pages


def main(directory: str) -> None:
    from syncd.portal import bootstrap

    bootstrap.use(Path(directory))
    from django.conf import settings
    from django.test import Client as Browser

    from syncd.portal.models import Cabinet, Client

    settings.ALLOWED_HOSTS.append("testserver")
    cabinet, client = Cabinet.objects.get(), Client.objects.get(code=CODE)
    roles = people(cabinet, client)
    pages = build(roles, client, cabinet)
    sessions = {"stranger": ""}
    for role, user in roles.items():
        browser = Browser()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        sessions[role] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    print(
        json.dumps(
            {"cookie": settings.SESSION_COOKIE_NAME, "roles": {role: [sessions[role], pages[role]] for role in pages}}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
