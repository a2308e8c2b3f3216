"""English on option: whoever chose it reads no French but the names of documents, folders and people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from tests.portal import exchange_packages
from tests.portal.test_catalog import same_in_both

# words that French pages are full of, and English ones without
FRENCH = re.compile(
    r"[«»]|\b(le|la|les|des|du|de|un|une|aucun|aucune|ce|cette|vous|votre|vos|est|sont|et|ou|pour|dans|avec|sur|par|au|aux|qui|que|plus|"
    r"rien|dossier|dossiers|mot|passe|compte|rendu|accès|fiche|réglages|suivi|taille|reçu|déposé|supprimé|nom|adresse|depuis|jamais)\b",
    re.IGNORECASE,
)


class Texts(HTMLParser):
    """What a person reads of a page: texts, and what screen readers say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._quiet = 0
        self._lang: list[str] = []
        self.feed(re.sub("</?mark>", "", page))  # within a word

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in ("option", "button", "span"):
            self._lang.append(said.get("lang") or "")
        self.found += [v for k in ("aria-label", "placeholder", "title", "alt", "data-label") if (v := said.get(k))]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("option", "button", "span") and self._lang:
            self._lang.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and "fr" not in self._lang:  # « Français », said in its own language
            self.found.append(data.strip())


@pytest.fixture
def busy(office: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The office with something on every page, in a cabinet whose people read English."""
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta

    from django.conf import settings

    from syncd.portal.documents import deposit, lifecycle
    from syncd.portal.models import DeletionRequest, OpenReport, RunLine, RunReport, User, WaitingSet
    from syncd.portal.people.visibility import person_of
    from syncd.portal.records import audit

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    now = datetime.now(UTC)
    User.objects.filter(cabinet=office.cabinet).update(language="en", email="x@example.fr")
    for person in (office.boss, office.marie, office.paul):
        person.refresh_from_db()
    office.document = put(office.one, "Achats/a.pdf", b"%PDF-1.4 a")
    put(office.one, "Achats/a.pdf", b"%PDF-1.4 b")
    put(office.one, "À classer/b.txt", b"b")
    put(office.one, "Achats/c.txt", b"c")
    lifecycle.remove(person_of(office.boss), lifecycle.live(office.one, "Achats/c.txt"))
    left = put(office.one, "Achats/d.txt", b"d")
    type(left).objects.filter(id=left.id).update(left_at=now)
    office.deposit = deposit.begin(person_of(office.marie), office.one, "one-batch")
    from io import BytesIO

    from syncd.portal.storage import blob_store

    for name, data in (("e.txt", b"e"), ("f.exe", b"f"), ("e.txt", b"e"), ("~$g.docx", b"g")):
        staged, content = blob_store().stage_from(BytesIO(data))
        deposit.take(
            person_of(office.marie), office.deposit, deposit.Incoming("Achats", name, content.size), staged, content
        )
    DeletionRequest.objects.create(document=office.document, client=office.one, user=office.marie, by="Marie", at=now)
    OpenReport.objects.create(client=office.one, path="Achats/x.pdf", reason="too_large", since=now - timedelta(days=2))
    OpenReport.objects.create(client=office.two, path="", reason="stop_doubled", since=now - timedelta(hours=2))
    run = RunReport.objects.create(
        cabinet=office.cabinet, run=1, started_at=now, ended_at=now, verdict="warning", exit_code=4, chain_head="",
        counts={"uploaded": 2, "waiting": 1},
    )  # fmt: skip
    RunLine.objects.create(
        run=run, client=office.one, verdict="warning", counts={"uploaded": 2, "set_aside": 1, "waiting": 1}
    )
    held = [{"action": "upload", "path": "Achats/n.pdf"}, {"action": "set_aside", "path": "Achats/o.pdf"}]
    WaitingSet.objects.create(client=office.one, digest="d" * 64, reason="guard_changes", actions=held)
    office.thread = _talk(office)
    office.asked = _asked(office)
    audit.record(replace(person_of(office.boss), address="203.0.113.7"), "client_created", "000001")
    return office


def _talk(office: Any) -> Any:
    """A thread about the document, with something of each kind in it."""
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.messages.threads import thread_of
    from syncd.portal.models import Grant
    from syncd.portal.people.visibility import person_of

    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit message")
    thread = thread_of(person_of(office.boss), office.document)
    append(person_of(office.boss), thread, Said(Kind.QUESTION, "1234"))
    append(person_of(office.boss), thread, Said(Kind.MESSAGE, "1234", internal=True))
    append(person_of(office.marie), thread, Said(Kind.MESSAGE, "", deposit=office.deposit))
    return thread


def _asked(office: Any) -> Any:
    """A request with an item of every state; its first item."""
    from datetime import timedelta

    from django.utils import timezone

    from syncd.portal.messages.requests import answers, asking, own_lists
    from syncd.portal.people.visibility import person_of

    boss, items = person_of(office.boss), own_lists.shipped()[1].items
    due = timezone.localdate() + timedelta(days=9)
    request = asking.ask(boss, [office.one], asking.Wish("Bilan annuel", items, due, monthly=True)).requests[0]
    first, *rest = request.items.exclude(kind__in=("payroll", "purchases")).order_by("position")
    answers.waive(person_of(office.marie), rest[0], "Paul")
    answers.close(boss, [rest[1]])
    answers.close(boss, [rest[2]])
    answers.reopen(boss, rest[2])
    bill = request.items.filter(kind="purchases")[0]
    answers.give(boss, bill, [office.document])
    answer = bill.answers.select_related("item__request__client").get()
    answers.refuse(boss, answer, "illegible")
    type(request).objects.filter(id=request.id).update(due_on=due - timedelta(days=20))
    return first


def _pages(office: Any) -> Iterator[str]:
    from django.urls import get_resolver

    values = {
        "task_id": _task(office), "package_id": exchange_packages.in_every_state(office.one), "what": "x", "kind": "x",
        "code": "000001", "path": "Achats", "document_id": office.document.id, "client_id": office.one.id, "number": office.deposit.number,
        "user_id": office.paul.id, "secret": "x", "key": "x", "token": "x", "size": "x", "thread_id": office.thread.id,
        "request_id": office.asked.request_id, "item_id": office.asked.id,
    }  # fmt: skip
    for pattern in get_resolver().url_patterns:
        yield "/" + re.sub(r"<\w+:(\w+)>", lambda m: values[m[1]], str(pattern.pattern))
    yield "/clients?q=nobody"
    yield "/demandes?state=closed"
    yield "/demandes?q=nobody"
    yield "/demandes/nouvelle?for="
    yield "/demandes/nouvelle?client=000001"
    yield "/demandes/nouvelle?client=000001&list=bilan"
    yield "/demandes/nouvelle?client=000001&list=libre"
    yield "/clients?late=1&sort=-awaited"
    yield "/a-faire?client=000001"
    yield "/recherche?q=a"
    yield "/recherche?q=zzz"
    yield "/compte?second=on"
    yield "/a-classer?client=000001"
    yield "/clients/000001/arborescence?template=sci"
    yield "/reglages/clients?template=*&do=off"
    yield "/reglages/clients?template=*&do=on"
    yield "/personnes?client=000001"
    yield "/recuperation?client=000001"
    yield "/echanges?client=000001&asked=1"
    yield "/echanges?q=zzz"
    yield "/echanges/nouveau?client=000001"
    yield "/recuperation?client=000001&client=000002"
    yield "/synchronisation/comptes-rendus?verdict=warning"


def _task(office: Any) -> str:
    """A planned one, which the engine took and did, beside a job of its configuration."""
    from syncd.core.desk_tasks import ConfiguredJob, Launch
    from syncd.portal.models import EngineCalendar, PlannedTask

    done = Launch(1_795_000_000.0, 1_795_000_060.0, "warning", {"copied": 3, "uploaded": 1})
    jobs = [
        ConfiguredJob("GEF", when, last=done)
        for when in ("weekly mon 07:30", "monthly last 06:00", "daily 06:00 07:00")
    ]
    told = {"told_at": datetime.now(UTC), "revision": 9, "sources": ["GEF"], "jobs": msgspec.to_builtins(jobs)}
    EngineCalendar.objects.update_or_create(cabinet=office.cabinet, defaults=told)
    values: dict[str, Any] = {
        "kind": "migrate",
        "source": "GEF",
        "frequency": "several",
        "first": date(2026, 12, 1),
        "minute": 840,
        "every": 2,
    }
    task, _made = PlannedTask.objects.get_or_create(cabinet=office.cabinet, revision=9, **values)
    return str(task.id)


def _without(text: str, names: list[str]) -> str:
    rest = re.sub(r"https?://\S+|\S+\.(pdf|txt|exe|docx)\b|\b[0-9a-f]{32,}\b", "", text)
    for name in names:
        rest = rest.replace(name, "")
    return rest


def _french(texts: list[str], names: list[str]) -> list[str]:
    return [text for text in texts if FRENCH.search(_without(text, names))]


def _names(office: Any) -> list[str]:
    """Data, said as it is in any language; the longest first."""
    from syncd.core import paths
    from syncd.portal.clients import templates
    from syncd.portal.messages.requests import own_lists
    from syncd.portal.models import Folder, ThreadEntry

    folders = {p for f in Folder.objects.values_list("path", flat=True) for p in (f, paths.name(f))}
    folders |= {p for t in templates.known() for r in t.folders for p in (r.path, paths.name(r.path))}
    titles = {t.title for t in templates.known()}
    for asked in own_lists.shipped():
        titles |= {asked.title, asked.description, *(said for i in asked.items for said in (i.label, i.note) if said)}
    people = {
        "Société 000001",
        "Société 000002",
        "Marie Dupont",
        "Marie",
        "marie",
        "Paul",
        "paul",
        "boss",
        "GEF",
        "le client",
        "Cabinet Martin",
    }
    people |= {
        "Ctrl K",
        "x@example.fr",
        "MD",
        "EDF-Entreprises-46328",
        ".pdf",
        ".txt",
        "Atelier Durand",
        "Dupont SARL",
        "Lilas SCI",
        "English",
        "Français",
        "“À classer”",
        "XXXX-XXXX-XXXX-XXXX",
        "syncd init",
        "syncd watch",
    }
    preset = {"Secretary: Achats, Ventes, Banque, Autres, À classer", "“Code dossier” and “Raison sociale”"}
    entries = {
        "Demandes de pièces",
        *ThreadEntry.objects.exclude(ref="").values_list("text", flat=True),
    }  # as they were said
    return sorted(folders | titles | people | preset | entries, key=len, reverse=True)


def _read(browser: Any, page: str) -> list[str]:
    """What a person reads there; nothing of downloads and redirections."""
    answer = browser.get(page)
    kind = answer.headers.get("Content-Type", "")
    if answer.streaming or not answer.content or not kind.startswith(("text/html", "text/csv")):
        return []
    if kind.startswith("text/csv"):
        return str(answer.content.decode("utf-8-sig").splitlines()[0]).split(";")
    return Texts(answer.content.decode()).found


@pytest.mark.parametrize("who", ["boss", "marie"])
def test_every_word_of_every_page_is_said_in_both_languages(busy: Any, browse: Callable[..., Any], who: str) -> None:
    """What reads the same in both is data, or the same word in both languages."""
    from syncd.portal.models import User

    person, faults, read = getattr(busy, who), {}, 0
    names = sorted([*_names(busy), *same_in_both()], key=len, reverse=True)
    pages: dict[str, dict[str, list[str]]] = {"fr": {}, "en": {}}
    for language, found in pages.items():
        User.objects.filter(id=person.id).update(language=language)
        browser = browse(person)
        for page in _pages(busy):
            found[page] = _read(browser, page)
    for page, english in pages["en"].items():
        both = set(english) & set(pages["fr"][page])
        if wrong := [t for t in both if re.search(r"[^\W\d_]{2,}", _without(t, names))] + _french(english, names):
            faults[page] = wrong
        read += len(english) > 10
    assert faults == {}
    assert read > (32 if who == "boss" else 12)


def test_what_forms_answer_is_said_in_english(busy: Any, browse: Callable[..., Any]) -> None:
    browser, names = browse(busy.boss), _names(busy)
    asked = [
        ("/compte/action", {"do": "password", "current": "x"}),
        ("/compte/action", {"do": "mails"}),
        ("/synchronisation/accord", {}),
        ("/synchronisation/retirer", {}),
        ("/synchronisation/retirer", {"do": "keep"}),
        ("/a-faire/signalement", {"id": "1", "do": "ignore"}),
        ("/clients/choisis", {"do": "assign"}),
        ("/synchronisation/maintenant", {}),
        ("/reglages/action", {"do": "look", "colour": "red"}),
        ("/reglages/action", {"do": "look", "colour": "#ffffff"}),
        ("/reglages/action", {"do": "key", "label": "x", "networks": "x"}),
        ("/clients/nouveau", {"code": "000001", "name": "x", "template": "sci"}),
        ("/clients/nouveau", {"code": "/", "name": "", "siren": "12", "siret": "1", "ape": "x", "vat": "x"}),
        ("/clients/000001/activation", {"do": "close", "typed": "x"}),
        ("/clients/000001/arborescence", {"do": "exercise", "label": ""}),
        ("/personnes/nouvelle", {"role": "contact", "preset": "all", "name": "", "client": "000001"}),
        (f"/documents/{busy.document.id}/action", {"do": "delete"}),
        (f"/documents/{busy.document.id}/action", {"do": "restore"}),
        (f"/documents/{busy.document.id}/action", {"do": "rename", "to": "a/b"}),
        ("/dossiers/000001/traites", {}),
        ("/reglages/clients", {"template": "*", "do": "off", "typed": "no"}),
        ("/clients/import", {}),
        ("/synchronisation/taches/nouvelle", {}),
        ("/synchronisation/taches/nouvelle", {"what": "migrate:GEFX"}),
        (
            "/synchronisation/taches/nouvelle",
            {"what": "synchronise", "frequency": "daily", "first": "2026-12-01", "at": "10:00"},
        ),
    ]
    faults = {}
    for path, form in asked:
        answer = browser.post(path, form, follow=True)
        if found := _french(Texts(answer.content.decode()).found, names):
            faults[path, str(form)] = found
    assert faults == {}


def test_letters_are_written_in_the_language_of_who_reads_them(busy: Any) -> None:
    from syncd.portal.models import Deposit, Letter, User
    from syncd.portal.notifications import notices
    from syncd.portal.records import mail_queue

    User.objects.filter(id=busy.marie.id).update(language="fr", email="marie@example.fr")
    User.objects.exclude(id=busy.marie.id).update(mail_pace="now")
    Deposit.objects.update(at="2020-01-01T00:00:00Z", last_at="2020-01-01T00:00:00Z")
    notices.gather()
    mail_queue.invitation(busy.boss, "s" * 20)
    mail_queue.password_forgotten(busy.boss, "s" * 20)
    told = {letter.to: letter for letter in Letter.objects.filter(cabinet=busy.cabinet).order_by("id")}
    french = told.pop("marie@example.fr")
    assert "Bien reçu" in french.subject and "Régler mes e-mails" in french.text
    assert '<html lang="fr"' in french.html
    mine = Letter.objects.filter(cabinet=busy.cabinet, to="x@example.fr")
    assert mine.count() >= 3
    for letter in mine:
        assert '<html lang="en"' in letter.html
        said = [letter.subject, *letter.text.splitlines(), *Texts(letter.html).found]
        assert _french(said, _names(busy)) == [], letter.subject


def test_french_until_somebody_chooses_and_the_choice_is_kept(office: Any, browse: Callable[..., Any]) -> None:
    from django.test import Client as Browser

    from syncd.portal.models import User
    from syncd.portal.people import accounts

    browser = Browser(headers={"accept-language": "en"})
    assert "Mot de passe" in browser.get("/connexion").content.decode()
    back = browser.post("/langue", {"language": "en", "next": "/connexion"})
    assert back.headers["Location"] == "/connexion"
    assert "Password" in browser.get("/connexion").content.decode()
    assert browser.post("/langue", {"language": "xx", "next": "https://elsewhere.example/"}).headers["Location"] == "/"
    accounts.set_password(office.marie, "une phrase assez longue")
    browser.post("/connexion", {"login": "marie", "password": "une phrase assez longue"})
    assert "How to use it" in browser.get("/").content.decode()
    assert User.objects.get(id=office.marie.id).language == "en"
    # the person's own choice goes before the browser's
    browser.post("/compte/action", {"do": "language", "language": "fr"})
    assert "Mode d'emploi" in browser.get("/").content.decode()
    assert (
        "Préférence enregistrée"
        in browse(office.marie)
        .post("/compte/action", {"do": "language", "language": "fr"}, follow=True)
        .content.decode()
    )
