"""What people look for is found without accents, case or the right apostrophe; who is who by name or by address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from syncd.core.search_folding import fold, found_in


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [("Énergies d’Évry", "evry energies", ["Énergies", "Évry"]), ("Œuvre", "oeu", ["Œu"]), ("Œuvre", "o", ["Œ"]), ("abcabd", "bca ab", ["abcab"]), ("facture", "x", [])],
)  # fmt: skip
def test_what_was_found_is_known_where_it_stands(text: str, words: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in found_in(text, words)] == marked


def found(browser: Any, words: str) -> set[str]:
    page = browser.get("/recherche", {"q": words}).content.decode()
    return set(re.findall(r"/documents/([0-9a-f]{32})", page))


def test_a_document_is_found_however_its_name_is_spelled(office: Any, browse: Any, put: Any) -> None:
    energies = put(office.one, "Achats/Énergies d’Évry/Œuvre de l’ÉTÉ.pdf", b"1")
    put(office.one, "Achats/autre.pdf", b"2")
    boss = browse(office.boss)
    for words in ("energies", "ÉNERGIES", "evry", "oeuvre", "œuvre", "l'ete", "l’été", "societe energies"):
        assert found(boss, words) == {energies.id}, words
    assert found(boss, "energie solaire") == set()


def test_what_moves_is_found_at_its_new_place(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.clients import tree
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Document
    from syncd.portal.records.feed import publishing
    from syncd.portal.rights import Operator

    operator = Operator(office.cabinet.id, "essai", "cabinet")
    moved = put(office.one, "Achats/Éte/a.pdf", b"1")
    renamed = put(office.one, "Achats/b.pdf", b"2")
    back = put(office.one, "Achats/ç.pdf", b"3")
    with publishing(office.cabinet.id) as feed:
        tree.move_folder(office.one, tree.live_folder(office.one, "Achats/Éte"), "Achats/Hiver à Évry", feed)
    lifecycle.move(operator, lifecycle.live(office.one, "Achats/b.pdf"), "Ventes/Bénéfice.pdf")
    lifecycle.remove(operator, lifecycle.live(office.one, "Achats/ç.pdf"))
    put(office.one, "Achats/ç.pdf", b"4")
    lifecycle.restore(operator, back)
    for document in Document.objects.filter(client=office.one):
        assert document.folded == fold(document.path)
    boss = browse(office.boss)
    assert found(boss, "hiver evry") == {moved.id}
    assert found(boss, "benefice") == {renamed.id}


def test_clients_are_found_without_accents(office: Any, browse: Any) -> None:
    from syncd.portal.models import Client

    Client.objects.filter(id=office.one.id).update(name="Élégance du fournil d’Émile", sector="Électricité")
    boss = browse(office.boss)
    for words in ("elegance", "ÉLÉGANCE", "electricite", "fournil d'emile", "000001 emile"):
        page = boss.get("/clients", {"q": words}).content.decode()
        assert "/dossiers/000001" in page and "/dossiers/000002" not in page, words


def test_an_address_signs_in_and_nobody_takes_it_away(office: Any) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import accounts, own_account
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Code, Refusal
    from syncd.portal.rights import Role, Verb

    office.marie.email = "marie@dupont.example"
    office.marie.save()
    accounts.set_password(office.marie, "une phrase de Marie")

    def comes_in(said: str) -> bool:
        browser = Browser()
        browser.post("/connexion", {"login": said, "password": "une phrase de Marie"})
        return "_auth_user_id" in browser.session

    assert comes_in("marie") and comes_in("Marie@Dupont.example")
    own_account.change_address(person_of(office.paul), "MARIE@dupont.example")
    assert comes_in("marie") and comes_in("marie@dupont.example")
    wish = accounts.Wish(
        "Encore", "marie@dupont.example", Role.CONTACT, {"*": frozenset({Verb.VIEW})}, clients=[office.one]
    )
    with pytest.raises(Refusal) as refused:
        accounts.create(person_of(office.boss), wish)
    assert refused.value.code is Code.SIGN_IN_TAKEN and comes_in("marie@dupont.example")
    own_account.change_address(person_of(office.marie), "m@dupont.example")
    assert not comes_in("marie@dupont.example")  # it is Paul's now


def test_of_two_who_changed_to_an_address_it_is_the_firsts(office: Any) -> None:
    from syncd.portal.people import accounts, own_account
    from syncd.portal.people.visibility import person_of

    for person in (office.paul, office.marie):
        own_account.change_address(person_of(person), "both@dupont.example")
    assert accounts.sign_in_of("Both@dupont.example") == "paul"


@pytest.mark.parametrize("typed", ["{}", "{} ", "flat", "spaced", "small"])
def test_a_printed_code_is_taken_however_it_is_typed(office: Any, typed: str) -> None:
    from syncd.portal.people import invitations

    code = invitations.issue(office.paul, "card")
    ways = {"flat": code.replace("-", ""), "spaced": code.replace("-", " "), "small": code.lower().replace("-", "")}
    assert invitations.with_card("paul", ways.get(typed, typed.format(code))) == office.paul
    assert invitations.with_card("paul", ways.get(typed, code)[:-1]) is None


def test_what_the_cabinet_replaced_is_not_waiting_to_be_received(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Grant

    Grant.objects.create(user=office.marie, client=office.two, kind="*", verbs="view")
    put(office.one, "Achats/a.pdf", b"of the company")
    marie = browse(office.marie)
    assert "1 en attente de réception" in marie.get("/").content.decode()
    put(office.one, "Achats/a.pdf", b"of the cabinet", "cabinet")
    assert "en attente de réception" not in marie.get("/").content.decode()


def test_nothing_is_up_to_date_before_the_first_synchronisation(office: Any, browse: Any) -> None:
    from syncd.portal.models import RunReport

    boss = browse(office.boss)
    page = boss.get("/clients").content.decode()
    assert page.count("Pas encore synchronisé") == 2 and "À jour" not in page
    now = datetime.now(UTC)
    RunReport.objects.create(
        cabinet=office.cabinet, run=1, started_at=now, ended_at=now, verdict="abandoned", exit_code=6, chain_head=""
    )
    assert "À jour" not in boss.get("/clients").content.decode()
    RunReport.objects.create(
        cabinet=office.cabinet,
        run=2,
        started_at=now,
        ended_at=datetime.now(UTC),
        verdict="done",
        exit_code=0,
        chain_head="",
    )
    assert boss.get("/clients").content.decode().count("À jour") == 2


def test_looking_through_what_is_to_be_filed_is_no_reading(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Opened

    inbox = next(f.path for f in office.one.folders.all() if "classer" in f.path)
    document = put(office.one, f"{inbox}/a.pdf", b"%PDF-1.4 %%EOF")
    boss = browse(office.boss)
    page = boss.get("/a-classer").content.decode()
    source = re.search(r'<div class="viewer"[^>]* data-source="([^"]+)"[^>]* data-seen="([^"]+)"', page)
    assert source is not None
    for _ in range(2):
        boss.get("/a-classer")
        b"".join(boss.get(source[1]).streaming_content)
    assert Opened.objects.count() == 0
    other = put(office.one, f"{inbox}/b.pdf", b"%PDF-1.4 other %%EOF")
    for said in (source[1].replace(document.id, other.id), f"/documents/{other.id}/apercu?passage=1"):
        b"".join(boss.get(said).streaming_content)  # an address of one's own making is a look
    assert list(Opened.objects.values_list("document_id", flat=True)) == [other.id]
    Opened.objects.all().delete()
    for _ in range(3):
        assert boss.post(source[2]).status_code == 204
        b"".join(boss.get(f"/documents/{document.id}/apercu").streaming_content)
    assert list(Opened.objects.values_list("by", "verb")) == [("boss", "view")]
    put(office.one, f"{inbox}/a.pdf", b"%PDF-1.4 another %%EOF")
    b"".join(boss.get(f"/documents/{document.id}/apercu").streaming_content)
    assert Opened.objects.count() == 2  # another version


def test_what_the_cabinet_removed_is_delivered_again_when_it_is_deposited_again(
    office: Any, browse: Any, put: Any
) -> None:
    from syncd.portal.models import Document, FeedRow

    document = put(office.one, "Achats/a.pdf", b"the same")
    Document.objects.filter(id=document.id).update(left_at=datetime.now(UTC))
    before = FeedRow.objects.filter(object=document.id).count()
    put(office.one, "Achats/a.pdf", b"the same")
    assert Document.objects.get(id=document.id).left_at is None
    assert FeedRow.objects.filter(object=document.id).count() == before + 1
    Document.objects.filter(id=document.id).update(left_at=datetime.now(UTC))
    boss = browse(office.boss)
    assert "Reprendre au cabinet" in boss.get("/a-faire").content.decode()
    boss.post("/synchronisation/retirer", {"id": document.id, "do": "again"})
    assert Document.objects.get(id=document.id).left_at is None


def test_a_document_in_an_archive_bears_the_hour_of_the_clock_on_the_wall(office: Any, browse: Any, put: Any) -> None:
    import io
    import zipfile
    from zoneinfo import ZoneInfo

    from syncd.portal.models import Document

    document = put(office.one, "Achats/a.pdf", b"a")
    summer = datetime(2026, 7, 14, 10, 30, 8, tzinfo=UTC)
    Document.objects.filter(id=document.id).update(created_at=summer)
    other = put(office.one, "Achats/b.pdf", b"b")
    answer = browse(office.boss).get(f"/dossiers/000001/archive.zip?id={document.id}&id={other.id}")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        entry = next(i for i in archive.infolist() if i.filename.endswith("a.pdf"))
    at = summer.astimezone(ZoneInfo("Europe/Paris"))
    assert entry.date_time == (at.year, at.month, at.day, at.hour, at.minute, at.second)


def test_documents_that_came_together_stand_by_their_names(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document

    names = ["Vente 028.pdf", "Vente 003.pdf", "Vente 011.pdf", "Achat.pdf"]
    for name in names:
        put(office.one, f"Ventes/{name}", name.encode())
    Document.objects.filter(client=office.one).update(created_at=datetime.now(UTC))
    page = browse(office.boss).get(f"/dossiers/{office.one.code}/Ventes").content.decode()
    assert sorted(names, key=page.index) == sorted(names)


def test_nobody_is_sent_to_a_folder_they_do_not_have(office: Any, browse: Any) -> None:
    from syncd.portal.people import accounts
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import PRESETS, Role

    def says(preset: str) -> bool:
        wish = accounts.Wish(preset, f"{preset}.here", Role.CONTACT, PRESETS[preset], clients=[office.one])
        page = browse(accounts.create(person_of(office.boss), wish)).get(f"/dossiers/{office.one.code}")
        return "Dans le doute, prenez « À classer »." in page.content.decode().replace("\u00a0", " ")

    assert (says("all"), says("secretary")) == (True, True)
    assert (says("payroll"), says("read")) == (False, False)


def test_one_search_finds_clients_people_and_documents_and_marks_the_words(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Client, User

    Client.objects.filter(id=office.two.id).update(name="Élégance & <b>fils</b>")
    User.objects.filter(id=office.paul.id).update(name="Paul Élégant")
    put(office.one, "Achats/robe élégante.pdf", b"1")
    page = browse(office.boss).get("/recherche", {"q": "elegan"}).content.decode()
    assert "<mark>Élégan</mark>ce &amp; &lt;b&gt;fils" in page and 'href="/dossiers/000002"' in page
    assert "Paul <mark>Élégan</mark>t" in page and f"/personnes/{office.paul.id}" in page
    assert "robe <mark>élégan</mark>te.pdf" in page
    paul = browse(office.paul).get("/recherche", {"q": "elegan"}).content.decode()
    assert "robe" in paul and "/dossiers/000002" not in paul and "/personnes/" not in paul


def test_totals_are_true_and_every_page_can_be_read(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document
    from syncd.portal.models.ids import new_id

    first = put(office.one, "Achats/facture 0.pdf", b"1")
    Document.objects.bulk_create(
        Document(
            id=new_id(), client=office.one, path=f"Achats/facture {n}.pdf", key=f"achats/facture {n}.pdf", folded=f"achats/facture {n}.pdf",
            kind=first.kind, size=1, sha256=b"x" * 32, version_id=new_id(), created_at=first.created_at - timedelta(days=1),
        )
        for n in range(1, 251)
    )  # fmt: skip
    boss = browse(office.boss)
    seen: set[str] = set()
    for number in range(1, 7):
        page = boss.get("/recherche", {"q": "facture", "type": "pdf", "page": number}).content.decode()
        assert f"251 documents – page {number} sur 6" in page.replace("\u00a0", " ")
        seen |= set(re.findall(r"/documents/([0-9a-f]{32})", page))
    assert len(seen) == 251
    beyond = boss.get("/recherche", {"q": "facture", "type": "pdf", "page": 99}).content.decode()
    assert "page 6 sur 6" in beyond.replace("\u00a0", " ")
    assert (
        "?page=2&amp;q=facture&amp;type=pdf" in boss.get("/recherche", {"q": "facture", "type": "pdf"}).content.decode()
    )


def test_what_is_looked_for_is_cut_by_type_state_exercise_and_depositor(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Cabinet, Document
    from syncd.portal.people.visibility import person_of

    Cabinet.objects.update(treated=True)
    sheet = put(office.one, "Banque/2019/relevé.XLSX", b"1")
    photo = put(office.one, "Achats/photo.jpg", b"2")
    Document.objects.filter(id=photo.id).update(received_at=datetime.now(UTC))
    done = put(office.one, "Achats/a.pdf", b"3", "cabinet")
    lifecycle.treat(
        person_of(office.boss), [Document.objects.select_related("client__cabinet").get(id=done.id)], done=True
    )
    boss = browse(office.boss)

    def cut(**given: str) -> set[str]:
        return set(re.findall(r"/documents/([0-9a-f]{32})", boss.get("/recherche", given).content.decode()))

    assert cut(type="sheet") == {sheet.id} and cut(type="image") == {photo.id}
    assert (
        cut(state="received") == {photo.id} and cut(state="waiting") == {sheet.id} and cut(state="treated") == {done.id}
    )
    assert cut(exercise="2019") == {sheet.id} and cut(type="image", state="waiting") == set()
    assert cut(type="nothing") == set() and len(cut(type="nothing", q="a")) == 3
    assert cut(by="le CLIENT") == {sheet.id, photo.id, done.id} and cut(by="personne") == set()
    today = datetime.now(UTC)
    Document.objects.filter(id=photo.id).update(created_at=today - timedelta(days=400))
    last_year = (today - timedelta(days=300)).date().isoformat()
    assert cut(until=last_year) == {photo.id} and cut(since=last_year) == {sheet.id, done.id}
    assert cut(client="000001", type="image") == {photo.id} and cut(client="000002") == set()


def test_an_exercise_is_its_folder_or_the_days_it_lasts(office: Any, browse: Any, put: Any) -> None:
    from datetime import date

    from syncd.portal.models import Exercise, Version

    for label, year in (("2025", 2025), ("2026", 2026)):
        Exercise.objects.create(
            client=office.one, label=label, start=date(year, 7, 1), end=date(year + 1, 6, 30), closed=False
        )

    def dated(document: Any, *day: int) -> Any:
        at = datetime(*day, 12, tzinfo=UTC)  # type: ignore[arg-type, misc]
        Version.objects.filter(id=document.version_id).update(modified_at=at)
        return document.id

    inside = dated(put(office.one, "Achats/2025/rangée.pdf", b"1"), 2024, 1, 1)
    early = dated(put(office.one, "Achats/juillet.pdf", b"2"), 2025, 7, 1)
    late = dated(put(office.one, "Achats/juin.pdf", b"3"), 2026, 6, 30)
    dated(put(office.one, "Achats/avant.pdf", b"4"), 2025, 6, 30)
    filed = dated(put(office.one, "Achats/2026/classée.pdf", b"5"), 2025, 9, 1)
    calendar = dated(put(office.two, "Achats/autre.pdf", b"6"), 2025, 3, 1)
    come = put(office.two, "Achats/venue.pdf", b"7")
    Version.objects.filter(id=come.version_id).update(created_at=datetime(2026, 2, 1, tzinfo=UTC))
    boss = browse(office.boss)

    def cut(exercise: str) -> set[str]:
        page = boss.get("/recherche", {"exercise": exercise}).content.decode()
        return set(re.findall(r"/documents/([0-9a-f]{32})", page))

    assert cut("2025") == {inside, early, late, calendar}
    assert cut("2026") == {filed, come.id} and cut("2019") == set() and cut("n'importe") == set()


def test_an_exercise_says_what_it_is_good_for(office: Any, browse: Any) -> None:
    from syncd.portal.clients.tree import rules_json, rules_of

    boss, given = browse(office.boss), {"do": "exercise", "label": "2026", "start": "2026-01-01", "end": "2026-12-31"}
    page = boss.post(f"/clients/{office.one.code}/arborescence", given, follow=True).content.decode()
    assert "Aucun dossier de ce client ne s'ouvre par exercice" in page.replace("&#x27;", "'")
    folders = [msgspec.structs.replace(r, per_exercise=r.path == "Achats") for r in rules_of(office.one).folders]
    type(office.one).objects.filter(id=office.one.id).update(rules=rules_json(folders))
    page = boss.post(
        f"/clients/{office.one.code}/arborescence", given | {"label": "2027"}, follow=True
    ).content.decode()
    assert "Achats/2027" in page and office.one.folders.filter(path="Achats/2027").exists()


def test_names_stand_in_the_order_people_read_them(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Client, User

    for sign_in, name in (("one", "Zoé Zola"), ("two", "Éric Ébène"), ("three", "david Dupuis"), ("four", "Œdipe")):
        User.objects.create(cabinet=office.cabinet, sign_in=sign_in, name=name, role="correspondent")
    page = browse(office.boss).get("/personnes?side=cabinet").content.decode()
    names = ["david Dupuis", "Éric Ébène", "Œdipe", "Zoé Zola"]
    assert sorted(names, key=page.index) == names
    Client.objects.filter(id=office.one.id).update(site="Évry")
    Client.objects.filter(id=office.two.id).update(site="Zuydcoote")
    page = browse(office.boss).get("/synchronisation/comptes-rendus").content.decode()
    assert page.index("Évry") < page.index("Zuydcoote")


def test_a_name_is_found_whoever_wrote_it(office: Any) -> None:
    from syncd.portal.models import Client, User

    def kept(row: Any) -> bool:
        row.refresh_from_db()
        return all(getattr(row, column) == text for column, text in row.folds().items())

    office.one.name = "Été"
    office.one.save(update_fields=["name"])
    assert kept(office.one) and office.one.folded == "ete\n000001"
    Client.objects.filter(id=office.one.id).update(sector="Électricité")
    assert kept(office.one) and "electricite" in office.one.folded_place
    User.objects.filter(id=office.paul.id).update(name="", email="Paul@Dupont.example")
    assert kept(office.paul) and "paul@dupont.example" in office.paul.folded
    (made,) = User.objects.bulk_create([User(cabinet=office.cabinet, sign_in="new", name="Noé")])
    assert kept(made) and made.folded.startswith("noe")
