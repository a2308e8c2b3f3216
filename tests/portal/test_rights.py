"""One rule, default deny: every page and verb, for every role, folder kind, company and cabinet, answers what `may` says."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.portal import rights
from syncd.portal.rights import CABINET_PRESETS, PRESETS, REST, Account, Person, Role, Verb
from tests.portal import private_rows

KINDS = st.dictionaries(
    st.sampled_from([REST, "purchases", "payroll", "bank"]), st.frozensets(st.sampled_from(list(Verb))), max_size=4
)


@given(KINDS, KINDS)
def test_what_two_allow_is_within_each(a: rights.Kinds, b: rights.Kinds) -> None:
    both = rights.meet(a, b)
    assert rights.within(both, a) and rights.within(both, b)
    for kind in ("purchases", "payroll", "bank", "another"):
        for verb in Verb:
            assert rights.allows(both, verb, kind) == (rights.allows(a, verb, kind) and rights.allows(b, verb, kind))


@given(KINDS, KINDS)
def test_nobody_grants_what_they_do_not_hold(held: rights.Kinds, wanted: rights.Kinds) -> None:
    contact = Person("cabinet", "me", "Marie", Role.CONTACT, {"client": held})
    granted = rights.may_grant(contact, Role.MEMBER, {"client": wanted})
    exceeds = any(
        rights.allows(wanted, verb, kind) and not rights.allows(held, verb, kind)
        for verb in Verb for kind in ("purchases", "payroll", "bank", "another")
    )  # fmt: skip
    assert granted is not exceeds
    assert not rights.may_grant(contact, Role.MEMBER, {"another client": wanted}) or not any(wanted.values())


@pytest.mark.parametrize("role", list(Role))
def test_roles_create_only_those_below(role: Role) -> None:
    person = Person(
        "cabinet",
        "me",
        "x",
        role,
        {"client": rights.EVERYTHING},
        rights.EVERYTHING if role is Role.CORRESPONDENT else None,
    )
    for other in Role:
        fine = rights.may_grant(person, other, {"client": PRESETS["read"]})
        assert fine is (other in role.below or (role.of_cabinet and not other.of_cabinet))


def test_accounts_are_managed_from_above_never_from_below_or_elsewhere() -> None:
    contact = Person("cabinet", "contact", "x", Role.CONTACT, {"c": rights.EVERYTHING})
    member = Account("cabinet", "member", Role.MEMBER, ("contact",), frozenset({"c"}))
    assert rights.may_manage_account(contact, member)
    assert not rights.may_manage_account(contact, Account("cabinet", "contact", Role.CONTACT, (), frozenset({"c"})))
    assert not rights.may_manage_account(
        contact, Account("other", "member", Role.MEMBER, ("contact",), frozenset({"c"}))
    )
    assert not rights.may_manage_account(
        contact, Account("cabinet", "else", Role.MEMBER, ("another",), frozenset({"c"}))
    )
    below = Person("cabinet", "member", "x", Role.MEMBER, {"c": rights.EVERYTHING})
    assert not rights.may_manage_account(below, Account("cabinet", "contact", Role.CONTACT, (), frozenset({"c"})))
    boss = Person("cabinet", "boss", "x", Role.CORRESPONDENT, everywhere=rights.EVERYTHING)
    assert rights.may_manage_account(boss, Account("cabinet", "a", Role.CORRESPONDENT, (), frozenset()))
    assert not rights.may_manage_account(boss, Account("cabinet", "boss", Role.CORRESPONDENT, (), frozenset()))
    associate = Person("cabinet", "assoc", "x", Role.ASSOCIATE, {"c": rights.EVERYTHING})
    assert rights.may_manage_account(associate, member)
    assert not rights.may_manage_account(associate, Account("cabinet", "m", Role.MEMBER, (), frozenset({"c", "d"})))
    reader = Person("cabinet", "assoc", "x", Role.ASSOCIATE, {"c": CABINET_PRESETS["work"]})
    assert not rights.may_manage_account(reader, member)


def _extension(rule: dict[str, Any]) -> str:
    """One that the folder takes."""
    taken = sorted(rule.get("extensions", ()))
    return "pdf" if not taken or "pdf" in taken else taken[-1]


class House:
    """A cabinet with two clients and one that is switched off, a second cabinet with one; in each folder of the tree a document;
    people of every kind.
    """

    def __init__(self, make_client: Callable[..., Any], put: Callable[..., Any]) -> None:
        from syncd.portal.models import Cabinet, User

        self.cabinet = Cabinet.objects.create(name="Cabinet Martin", treated=True)
        self.elsewhere = Cabinet.objects.create(name="Cabinet Voisin", treated=True)
        self.mine, self.other = make_client(self.cabinet, "001"), make_client(self.cabinet, "002")
        self.foreign, self.off = make_client(self.elsewhere, "001"), make_client(self.cabinet, "003")
        for client in (self.mine, self.off):
            client.site = "Lyon"
            client.save()
        self.documents = [
            put(
                client,
                f"{rule['path']}/{client.code} {n}.{_extension(rule)}",
                f"{client.id} {rule['path']}".encode(),
            )
            for client in (self.mine, self.other, self.foreign, self.off)
            for n, rule in enumerate(sorted(client.rules, key=lambda r: str(r["path"])))
            if rule.get("direction", "both") != "none"
        ]
        self.documents += [d for folder in ("Achats", "Social") for d in self.of_every_fate(self.mine, folder, put)]
        self.documents += self.of_every_fate(self.off, "Achats", put)
        self.off.closed = True
        self.off.save()
        self.people: dict[str, User] = {}
        boss = self.user("correspondent", Role.CORRESPONDENT)
        self.user("elsewhere", Role.CORRESPONDENT, cabinet=self.elsewhere)
        for name, kinds in CABINET_PRESETS.items():
            self.user(f"associate {name}", Role.ASSOCIATE, kinds, portfolio=("site", "Lyon"))
        below = self.user(
            "assistant",
            Role.ASSISTANT,
            CABINET_PRESETS["all"],
            portfolio=("all", ""),
            parent=self.people["associate read"],
        )
        assert below.parent is not None and boss.parent is None
        for name, kinds in PRESETS.items():
            self.user(f"contact {name}", Role.CONTACT, kinds, client=self.mine)
        self.user("contact of another", Role.CONTACT, PRESETS["all"], client=self.other)
        self.user("contact of one switched off", Role.CONTACT, PRESETS["all"], client=self.off)
        self.user("member", Role.MEMBER, PRESETS["all"], client=self.mine, parent=self.people["contact secretary"])
        revoked = self.user(
            "revoked above", Role.MEMBER, PRESETS["all"], client=self.mine, parent=self.people["contact payroll"]
        )
        User.objects.filter(id=self.people["contact payroll"].id).update(is_active=False)
        assert revoked.is_active
        self.private = private_rows.opened(self.people["contact all"], self.mine)

    def of_every_fate(self, client: Any, folder: str, put: Callable[..., Any]) -> Iterator[Any]:
        """In a folder of the client: one with an old version, one deleted by each side, one that was withdrawn."""
        from syncd.portal.documents import selection
        from syncd.portal.records.feed import publishing
        from syncd.portal.rights import Engine, Operator

        old = put(client, f"{folder}/ancien.pdf", f"{folder} 1".encode())
        yield put(client, old.path, f"{folder} 2".encode())
        company = Operator(self.cabinet.id, "le client", "company")
        for name, actor, withdrawn in (
            ("efface", company, False), ("retire", Operator(self.cabinet.id, "le cabinet"), False),
            ("nettoye", Engine(self.cabinet.id), False), ("repris", Engine(self.cabinet.id), True),
        ):  # fmt: skip
            document = put(client, f"{folder}/{name}.pdf", f"{folder} {name}".encode())
            with publishing(self.cabinet.id) as feed:
                selection.put_in_bin(actor, [document], feed, datetime.now(UTC), withdrawn=withdrawn)
            yield document

    def user(
        self,
        name: str,
        role: Role,
        kinds: rights.Kinds | None = None,
        *,
        cabinet: Any = None,
        client: Any = None,
        parent: Any = None,
        portfolio: tuple[str, str] | None = None,
    ) -> Any:
        from syncd.portal.models import Grant, Portfolio, User

        user = User.objects.create(
            cabinet=cabinet or self.cabinet, sign_in=name.replace(" ", "."), name=name, role=role, parent=parent
        )
        kinds = kinds if name == "contact read" else rights.with_messages(kinds or {}, rights.EVERYTHING)
        for kind, verbs in (kinds or {}).items():
            Grant.objects.create(user=user, client=client, kind=kind, verbs=" ".join(verbs))
        if portfolio:
            Portfolio.objects.create(user=user, field=portfolio[0], value=portfolio[1])
        self.people[name] = user
        return user


_people: dict[str, Person] = {}
_rules: dict[str, Any] = {}


def expected(user: Any, verb: Verb, document: Any) -> bool:
    """What the rule says; values are read once, ids are never used again."""
    from syncd.core import paths
    from syncd.portal.clients.tree import rules_of
    from syncd.portal.models import User
    from syncd.portal.people.visibility import fate_of, person_of

    client = document.client
    if user.id not in _people:
        _people[user.id] = person_of(User.objects.get(id=user.id))
    if client.id not in _rules:
        _rules[client.id] = rules_of(client)
    place = rights.Place(client.cabinet_id, _rules[client.id], paths.parent(document.path), client.id, client.closed)
    return rights.may(_people[user.id], verb, place, fate_of(document))


def test_lists_hold_exactly_what_the_rule_allows(house: House) -> None:
    from syncd.portal.models import Document, User
    from syncd.portal.people.visibility import person_of, visible

    seen = 0
    for user in house.people.values():
        person = person_of(User.objects.get(id=user.id))
        for verb in (Verb.VIEW, Verb.DOWNLOAD, Verb.DELETE):
            found = set(Document.objects.filter(visible(person, verb)).values_list("id", flat=True))
            assert found == {d.id for d in house.documents if expected(user, verb, d)}, (user.name, verb)
            seen += len(found)
    assert seen > 300


@pytest.mark.parametrize("role", list(Role))
def test_where_a_client_is_switched_off_all_is_read_and_nothing_changed(role: Role) -> None:
    from syncd.core.folder_rules import ClientRules, FolderRule

    rules = ClientRules("001", (FolderRule("Achats", kind="purchases"),))
    person = Person("cabinet", "me", "x", role, {"c": rights.EVERYTHING}, asks={"c": rights.EVERYTHING})
    for actor in (person, rights.Engine("cabinet"), rights.Operator("cabinet", "x")):
        for verb in Verb:
            on, off = (rights.Place("cabinet", rules, "Achats", "c", closed) for closed in (False, True))
            assert rights.may(actor, verb, off) is (rights.may(actor, verb, on) and verb in rights.READING)
    assert not rights.may_treat(person, off, True) and not rights.may_ask_deletion(person, off)


def test_the_rights_of_those_below_shrink_with_those_above(house: House) -> None:
    mine = [d for d in house.documents if d.client_id == house.mine.id]
    assistant = house.people["assistant"]
    assert any(expected(assistant, Verb.DOWNLOAD, d) for d in mine)
    assert not any(expected(assistant, Verb.DELETE, d) for d in mine)
    assert not any(expected(assistant, Verb.VIEW, d) for d in house.documents if d.client_id == house.other.id)
    assert {d.kind for d in mine if expected(house.people["member"], Verb.VIEW, d)} == {
        "purchases",
        "sales",
        "bank",
        "other",
        "inbox",
    }
    assert not any(expected(house.people["revoked above"], Verb.VIEW, d) for d in house.documents)


class Reader:
    """Somebody at a browser. What is done is undone again, so that a page with several documents is asked for once."""

    def __init__(self, user: Any) -> None:
        from django.test import Client as Browser

        self.browser: Any = Browser(raise_request_exception=True)
        self.pages: dict[str, tuple[int, str]] = {}
        self.browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def page(self, address: str) -> tuple[int, str]:
        if address not in self.pages:
            answer = self.browser.get(address)
            assert answer.status_code in (200, 302, 404), (address, answer.status_code)
            self.pages[address] = answer.status_code, answer.content.decode()
        return self.pages[address]

    def found(self, words: str) -> str:
        """All that a search finds."""
        _, text = self.page(f"/recherche?q={words}")
        assert "page=2" not in text
        return text


def _asks(reader: Reader, document: Any) -> Iterator[tuple[str, Verb, bool]]:
    """(what is asked, the verb it needs, whether it was given), each undone again."""
    from django.db import transaction

    from syncd.core import paths
    from syncd.portal.models import Document, ThreadEntry, Version

    code, folder, name = document.client.code, paths.parent(document.path), paths.name(document.path)
    state, browser = (document.path, document.tombstone, document.version), reader.browser

    def get(path: str) -> Any:
        answer = browser.get(path)
        assert answer.status_code in (200, 302, 404), (path, answer.status_code)
        return answer

    def changed(**form: str) -> bool:
        with transaction.atomic():
            answer = browser.post(f"/documents/{document.id}/action", form)
            assert answer.status_code in (302, 404), answer.status_code
            now = Document.objects.get(id=document.id)
            transaction.set_rollback(True)
        return (now.path, now.tombstone, now.version) != state

    yield "document", Verb.VIEW, get(f"/documents/{document.id}").status_code == 200
    for what in ("telecharger", "apercu"):
        with transaction.atomic():
            answer = get(f"/documents/{document.id}/{what}")
            given = answer.status_code == 200 or (
                answer.status_code == 302 and answer.url == f"/documents/{document.id}/telecharger"
            )
            if answer.status_code == 200:
                for close in answer._resource_closers:  # `close()` would end the test's one connection too
                    close()
            transaction.set_rollback(True)
        yield what, Verb.DOWNLOAD, given
    yield "invoice", Verb.DOWNLOAD, browser.get(f"/documents/{document.id}/facture").status_code in (200, 202)
    status, page = reader.page(f"/dossiers/{code}/{folder}")
    yield "folder", Verb.VIEW, status == 200 and document.id in page
    yield "search", Verb.VIEW, document.id in reader.found(f"{name.split('.')[0].split()[0]}&client={code}")
    with transaction.atomic():
        answer = browser.get(f"/dossiers/{code}/archive.zip?id={document.id}")
        yield (
            "archive",
            Verb.DOWNLOAD,
            answer.status_code == 302 and answer.url == f"/documents/{document.id}/telecharger",
        )
        transaction.set_rollback(True)
    if document.version > 1:
        with transaction.atomic():
            answer = get(f"/documents/{document.id}/telecharger?version=1")
            if answer.status_code == 200:
                for close in answer._resource_closers:
                    close()
            transaction.set_rollback(True)
        yield "an old version", Verb.DOWNLOAD, answer.status_code == 200
        yield "put an old version back", Verb.DEPOSIT, changed(do="version", to="1")
    yield "delete", Verb.DELETE, changed(do="delete")
    if folder != "Achats":
        yield "rename", Verb.DELETE, changed(do="rename", to="renamed" + paths.split_ext(name)[1])
    for what, form in (("treat", {"do": "treat"}), ("reference", {"do": "reference", "to": "A 12"})):
        with transaction.atomic():
            browser.post(f"/documents/{document.id}/action", form)
            now = Document.objects.get(id=document.id)
            treated = Version.objects.get(id=now.version_id).treated_at is not None
            yield what, Verb.DEPOSIT, treated or now.reference != ""
            transaction.set_rollback(True)
    with transaction.atomic():
        browser.post(f"/documents/{document.id}/echange", {"text": "une question", "kind": "question"})
        yield "ask about it", Verb.MESSAGE, ThreadEntry.objects.filter(thread__document=document).exists()
        transaction.set_rollback(True)
    with transaction.atomic():
        browser.post(f"/choisis/{code}", {"do": "treat", "id": document.id})
        yield "treat many", Verb.DEPOSIT, Version.objects.get(id=document.version_id).treated_at is not None
        transaction.set_rollback(True)
    with transaction.atomic():
        browser.post(f"/choisis/{code}", {"do": "delete", "id": document.id})
        yield "delete many", Verb.DELETE, Document.objects.get(id=document.id).tombstone != ""
        transaction.set_rollback(True)
    from django.core.files.uploadedfile import SimpleUploadedFile

    with transaction.atomic():
        before = Version.objects.filter(document__client=document.client).count()
        browser.post(
            f"/dossiers/{code}/deposer/{folder}",
            {"documents": SimpleUploadedFile("new" + paths.split_ext(name)[1], b"new"), "batch": "b" * 16},
        )
        yield "deposit", Verb.DEPOSIT, Version.objects.filter(document__client=document.client).count() > before
        transaction.set_rollback(True)


@pytest.mark.timeout(600)  # every role at every address
def test_every_page_answers_what_the_rule_says(house: House) -> None:
    asked = given = 0
    for name, user in house.people.items():
        reader = Reader(user)
        all_kinds = name in ("correspondent", "contact secretary", "associate work_without_payroll")
        kinds = ("purchases", "payroll", *(("information",) if name == "contact information" else ()))
        documents = [
            d for d in house.documents
            if not d.tombstone and (d.kind == "purchases" or (d.client_id == house.mine.id and (d.kind in kinds or all_kinds)))
        ]  # fmt: skip
        for document in documents:
            renames = expected(user, Verb.DEPOSIT, document)
            for what, verb, got in _asks(reader, document):
                want = expected(user, verb, document) and (what != "rename" or renames)
                if what in ("treat", "treat many", "reference"):  # the cabinet's own marks
                    want = want and Role(user.role).of_cabinet
                assert got is want, (name, what, document.path, document.client.code, document.client.cabinet.name)
                asked, given = asked + 1, given + got
    assert asked > 1000 and given > 300


def _asks_of_gone(reader: Reader, document: Any) -> Iterator[tuple[str, Verb | None, bool]]:
    """(what is asked of one in the bin, the verb it needs or None where nobody gets it, whether it was given)."""
    from django.db import transaction

    from syncd.core import paths
    from syncd.portal.models import Document

    code, folder, name = document.client.code, paths.parent(document.path), paths.name(document.path)
    browser = reader.browser
    page = browser.get(f"/documents/{document.id}")
    yield "its line", Verb.VIEW, page.status_code == 200
    _, shelf = reader.page(f"/corbeille/{code}?q={folder}")
    yield "in the bin", Verb.VIEW, document.id in shelf
    yield "its name", Verb.VIEW, name in shelf
    for what in ("telecharger", "telecharger?version=1", "apercu"):
        with transaction.atomic():
            answer = browser.get(f"/documents/{document.id}/{what}")
            if answer.status_code == 200:
                for close in answer._resource_closers:
                    close()
            transaction.set_rollback(True)
        shown = answer.status_code == 302 and answer.url == f"/documents/{document.id}/telecharger"
        yield what, Verb.DOWNLOAD, answer.status_code == 200 or shown
    yield "offered to download", Verb.DOWNLOAD, "telecharger" in page.content.decode()
    with transaction.atomic():
        browser.post(f"/corbeille/{code}", {"id": document.id})
        yield "restore many", Verb.DELETE, Document.objects.get(id=document.id).tombstone == ""
        transaction.set_rollback(True)
    yield "offered to restore", Verb.DELETE, 'value="restore"' in page.content.decode()
    yield "search", None, document.id in reader.found(name)
    with transaction.atomic():
        answer = browser.post(f"/dossiers/{code}/archive.zip", {"id": document.id})
        yield "archive", None, answer.status_code == 200 or "telecharger" in answer.get("Location", "")
        transaction.set_rollback(True)
    for do, verb in (("restore", Verb.DELETE), ("version", None), ("delete", None)):
        with transaction.atomic():
            browser.post(f"/documents/{document.id}/action", {"do": do, "to": "1"})
            now = Document.objects.get(id=document.id)
            yield do, verb, (now.tombstone, now.version) != (document.tombstone, document.version)
            transaction.set_rollback(True)


def test_what_is_in_the_bin_answers_what_the_rule_says(house: House) -> None:
    """Of what the cabinet deleted a company sees the line alone; of what it withdrew nothing, not even its name."""
    given: dict[tuple[bool, str], int] = {}
    gone = [d for d in house.documents if d.tombstone]
    for name, user in house.people.items():
        reader = Reader(user)
        social = name in ("correspondent", "contact all", "associate work_without_payroll")
        for document in gone:
            if document.kind == "purchases" or social:
                for what, verb, got in _asks_of_gone(reader, document):
                    assert got is (verb is not None and expected(user, verb, document)), (name, what, document.path)
                    key = (Role(user.role).of_cabinet, document.path.split("/")[1].split(".")[0])
                    given[key] = given.get(key, 0) + got
    assert given[False, "repris"] == 0 and given[True, "repris"] > 20
    assert given[False, "efface"] > given[False, "retire"] > 0
    # a company never gets more of what the cabinet deleted than its line, in the bin
    assert given[False, "retire"] == given[False, "nettoye"]


def test_no_page_knows_of_a_private_space_but_its_own(built: House, portal: Path) -> None:
    """Every address there is, with what a private space holds, for a person of each role: nothing, and of the cabinet's people
    nobody's question so much as reaches its tables."""
    from django.db import transaction
    from django.test import Client as Browser
    from django.urls import get_resolver

    house, asked = built, 0
    document = house.private.document
    values = {"code": "001", "path": "Espace privé", "document_id": document.id, "secret": "x"}
    for name in ("correspondent", "associate all", "assistant", "contact secretary", "member"):
        browser, user = Browser(), house.people[name]
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        of_cabinet = Role(user.role).of_cabinet
        for pattern in get_resolver().url_patterns:
            address, own = "/" + str(pattern.pattern), str(pattern.pattern).startswith(("espace-prive", "factures"))
            for key in (
                "code",
                "path",
                "document_id",
                "client_id",
                "number",
                "user_id",
                "secret",
                "thread_id",
                "request_id",
                "item_id",
                "task_id",
                "kind",
                "what",
            ):
                address = re.sub(f"<(str|path):{key}>", values.get(key, "0" * 32), address)
            if getattr(pattern, "name", "") == "sign_out" or address.endswith((".js", ".css")):
                continue
            rows = private_rows.ANY if of_cabinet else private_rows.ROWS
            watched = contextlib.nullcontext() if own and not of_cabinet else private_rows.untouched(rows)
            asks: list[tuple[str, dict[str, str]]] = [
                ("get", {"q": private_rows.SECRET.split("-")[0], "client": "001"})
            ]
            if own:
                asks += [("get", {"dossier": house.private.folder.id})]
                asks += [("post", {"do": do, "id": document.id}) for do in ("delete", "send", "undo", "open", "give")]
            with watched, transaction.atomic():
                for method, given in asks:
                    answer = getattr(browser, method)(address, given)
                    body = b"" if answer.streaming else answer.content
                    assert answer.status_code in (404, 405) or not (own and of_cabinet), (name, address)
                    told = [private_rows.SECRET, document.version_id]
                    told += (
                        [] if own else [document.id, house.private.folder.id]
                    )  # its own pages repeat what they are asked
                    assert not any(word.encode() in body for word in told if word not in address), (name, address)
                    asked += 1
                transaction.set_rollback(True)
    assert asked > 500


def test_nobody_signed_in_is_asked_to_sign_in_everywhere(house: House) -> None:
    from django.test import Client as Browser
    from django.urls import get_resolver

    document, browser, asked = house.documents[0], Browser(), 0
    values = {
        "code": "001",
        "path": "Achats",
        "document_id": document.id,
        "number": "2026-000001",
        "user_id": house.people["member"].id,
        "secret": "x",
        "thread_id": "x",
        "request_id": "0" * 32,
        "item_id": "0" * 32,
    }
    open_to_all = {
        "unsubscribe",
        "forwarding",
        "manifest",
        "installed_icon",
        "service_worker",
        "feed_rss",
        "feed_messages",
        "sign_in",
        "second",
        "sign_out",
        "token",
        "invitation",
        "choose",
        "first",
        "short",
        "forgotten",
        "colours",
        "styles",
        "scripts",
        "deposit_scripts",
        "photo_scripts",
        "pixels",
        "theme",
        "logo",
        "feed",
        "agenda",
        "language",
    }
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "name", "") in open_to_all:
            continue
        address = "/" + str(pattern.pattern)
        for key, value in values.items():
            for kind in ("str", "path"):
                address = address.replace(f"<{kind}:{key}>", value)
        for answer in (browser.get(address), browser.post(address)):
            assert answer.status_code in (302, 405) and (
                answer.status_code == 405 or answer["Location"].startswith("/connexion")
            ), address
            asked += 1
    assert asked > 40


def test_pages_of_the_cabinet_are_not_there_for_companies(house: House, portal: Path) -> None:
    from django.test import Client as Browser

    for name in ("contact all", "member"):
        browser = Browser()
        browser.force_login(house.people[name], backend="django.contrib.auth.backends.ModelBackend")
        for path in (
            "/a-faire",
            "/accords",
            "/activite",
            "/clients",
            "/synchronisation",
            "/synchronisation/liste?q=d1",
            "/synchronisation/comptes-rendus",
            "/synchronisation/comptes-rendus.csv",
            "/synchronisation/taches",
            "/synchronisation/taches/nouvelle",
            f"/synchronisation/taches/{'0' * 32}",
            "/clients/nouveau",
            "/demandes/nouvelle?client=001",
            "/clients/001",
            f"/personnes/{house.people['correspondent'].id}",
            "/a-classer",
            "/reglages",
            "/reglages/historique",
            "/reglages/dossiers",
            "/reglages/programmes",
            "/reglages/clients",
            "/clients/import",
            "/clients/001/arborescence",
        ):
            assert browser.get(path).status_code == 404, (name, path)
        for path in (
            "/a-faire/signalement",
            "/clients/choisis",
            "/synchronisation/maintenant",
            "/synchronisation/accord",
            "/synchronisation/retirer",
            "/synchronisation/suppressions",
            "/synchronisation/taches/nouvelle",
            f"/synchronisation/taches/{'0' * 32}",
            "/reglages/dossiers",
            "/reglages/programmes",
            "/reglages/clients",
            "/clients/nouveau",
            "/clients/import",
            "/clients/001/activation",
            "/reglages/action",
            "/demandes/nouvelle",
        ):
            assert browser.post(path).status_code == 404, (name, path)


def test_the_list_of_companies_counts_what_its_reader_may_see_alone(office: Any, browse: Any, put: Any) -> None:
    """Whoever watched the number would learn when a pay slip comes in."""
    from datetime import UTC, datetime

    from syncd.portal.models import Document, Grant

    for client in (office.one, office.two):
        put(client, "Achats/a.pdf", b"1")
        slip = put(client, "Social/b.pdf", b"2")
        Document.objects.filter(id=slip.id).update(created_at=datetime(2037, 5, 1, tzinfo=UTC))
    Grant.objects.create(user=office.marie, client=office.two, kind="purchases", verbs="view")
    page = browse(office.marie).get("/").content.decode()
    assert page.count("1 en attente de réception") == 2 and "2037" not in page


def test_dates_are_seen_by_whoever_may_see_documents_of_their_kind(house: House) -> None:
    """On the page and in the calendar's own address: taxes with the folders of taxes, payroll with those of payroll."""
    from django.test import Client as Browser

    from syncd.portal.calendar.icalendar_feed import agenda_of
    from syncd.portal.models import Client, User

    Client.objects.update(vat_regime="monthly", legal_form="sarl", department="29", headcount="1-10")
    seen = asked = 0
    for name, user in house.people.items():
        browser = Browser()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        mine = [c for c in (house.mine, house.other, house.foreign, house.off) if c.cabinet_id == user.cabinet_id]
        written = agenda_of(User.objects.select_related("cabinet").get(id=user.id)).decode().replace("\r\n ", "")
        for client in mine:
            page = browser.get(f"/calendrier/{client.code}?month=2026-12").content.decode()
            for kind, said, rule in (("tax", "TVA : déclaration CA3", "tva-ca3"), ("payroll", "DSN du mois", "dsn")):
                document = next(
                    d for d in house.documents if d.client_id == client.id and d.kind == kind and not d.tombstone
                )
                want = expected(user, Verb.VIEW, document)
                assert (said in page) is want, (name, client.code, kind)
                assert (f"UID:{client.id}.{rule}@" in written) is (want and not client.closed), (
                    name,
                    client.code,
                    kind,
                )
                asked, seen = asked + 1, seen + want
    assert 10 < seen < asked - 10
