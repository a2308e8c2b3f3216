"""« À classer »: several documents of one client at once, under another name, by stable letters; a double stroke files once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

PART = {"HTTP_X_PART": "1"}


@pytest.fixture
def waiting(office: Any, put: Any) -> list[Any]:
    """Three documents of one client, one of another."""
    return [
        *(put(office.one, f"À classer/scan {n}.pdf", b"%d" % n) for n in range(3)),
        put(office.two, "À classer/autre.pdf", b"other"),
    ]  # fmt: skip


def path_of(document: Any) -> str:
    document.refresh_from_db()
    return str(document.path) if not document.tombstone else "-"


def test_the_list_is_by_client_and_says_how_many_are_left(
    office: Any, waiting: list[Any], browse: Callable[..., Any]
) -> None:
    page = browse(office.boss).get("/a-classer").content.decode()
    assert re.findall(r'class="whose".*?<strong>(.*?)</strong>', page) == ["Société 000001", "Société 000002"]
    assert "4 restants" in page and page.count('name="id"') == 4
    one = browse(office.boss).get("/a-classer?client=000002").content.decode()
    assert "1 restant" in one and "scan" not in one


def test_letters_are_the_folders_own_and_stay(office: Any, waiting: list[Any], browse: Callable[..., Any]) -> None:
    from syncd.portal.documents import inbox

    folders = ["Achats", "Ventes", "Ventes/2026", "Autres", "Banque", "Été", "123"]
    assert inbox.letters(folders, {f: f for f in folders}) == {
        "Achats": "a", "Ventes": "v", "Autres": "u", "Banque": "b", "Été": "e",
    }  # fmt: skip
    boss = browse(office.boss)

    def letters() -> dict[str, str]:
        page = boss.get("/a-classer?client=000001").content.decode()
        return dict(re.findall(r'name="to" value="([^"]+)" data-folded="[^"]*" data-letter="(.)"', page))

    before = letters()
    assert (before["Achats"], before["Ventes"]) == ("a", "v")
    boss.post("/a-classer", {"document": waiting[0].id, "to": "Ventes"})
    assert letters() == before
    page = boss.get("/a-classer?client=000001").content.decode()
    assert re.findall(r'class="second often" name="to" value="([^"]+)"', page) == ["Ventes"]


def test_a_document_is_filed_under_another_name_and_undone(
    office: Any, waiting: list[Any], browse: Callable[..., Any]
) -> None:
    boss = browse(office.boss)
    form = {"document": waiting[0].id, "to": "Achats", "name": "EDF janvier"}
    told = boss.post("/a-classer", form, **PART).json()
    assert told["kind"] == "ok" and told["gone"] == [waiting[0].id] and told["left"] == 3
    assert path_of(waiting[0]) == "Achats/EDF janvier.pdf" and "EDF janvier.pdf" in told["said"]
    boss.post(told["undo"]["url"], told["undo"]["fields"])
    assert path_of(waiting[0]) == "À classer/scan 0.pdf"


def test_several_of_one_client_go_at_once_and_never_another_ones(
    office: Any, waiting: list[Any], browse: Callable[..., Any]
) -> None:
    boss, ids = browse(office.boss), [d.id for d in waiting]
    form = {"document": ids[0], "id": [ids[0], ids[2], ids[3]], "to": "Banque", "name": "not for several"}
    page = boss.post("/a-classer", form, follow=True).content.decode()
    assert "2 documents classés dans « Banque »" in page
    assert [path_of(d) for d in waiting] == [
        "Banque/scan 0.pdf", "À classer/scan 1.pdf", "Banque/scan 2.pdf", "À classer/autre.pdf",
    ]  # fmt: skip
    told = boss.post("/a-classer", {"document": ids[1], "id": [ids[3]], "to": "Achats"}, **PART).json()
    assert told["gone"] == [] and told["kind"] == "warn"
    (what,) = re.findall(r'name="what" value="([^"]+)"', page)
    boss.post("/annuler", {"what": what})
    assert [path_of(d) for d in waiting[:3]] == [f"À classer/scan {n}.pdf" for n in range(3)]


def test_a_double_stroke_files_once_and_nothing_moves(
    office: Any, waiting: list[Any], browse: Callable[..., Any]
) -> None:
    """The second « 1 » was told, in green, as a document that stays where it is, and moved the buttons."""
    boss, form = browse(office.boss), {"document": waiting[0].id, "to": "Achats", "name": "scan 0"}
    first, second = (boss.post("/a-classer", form, **PART).json() for _ in range(2))
    assert first["gone"] == [waiting[0].id] and second["gone"] == [] and second["undo"] is None
    assert (second["kind"], second["said"]) == ("ok", "« scan 0.pdf » est déjà classé.")
    assert path_of(waiting[0]) == "Achats/scan 0.pdf" and path_of(waiting[1]) == "À classer/scan 1.pdf"
    other = boss.post("/a-classer", {**form, "to": "Ventes"}, **PART).json()
    assert other["kind"] == "warn" and path_of(waiting[0]) == "Achats/scan 0.pdf"


def test_what_cannot_be_filed_says_why_and_stays(
    office: Any, waiting: list[Any], put: Any, browse: Callable[..., Any]
) -> None:
    put(office.one, "Achats/scan 0.pdf", b"taken")
    boss = browse(office.boss)
    told = boss.post("/a-classer", {"document": waiting[0].id, "to": "Achats"}, **PART).json()
    assert told["kind"] == "bad" and told["said"] == "Un document s'appelle déjà « scan 0.pdf » dans Achats."
    for form in ({"to": "Nulle part"}, {"to": ""}, {"to": "À classer/../x"}, {"to": "Achats", "name": "a/b"}, {"to": "Achats", "name": "x" * 5000}):  # fmt: skip
        told = boss.post("/a-classer", {"document": waiting[0].id, **form}, **PART).json()
        assert told["kind"] in ("bad", "warn") and told["gone"] == [], form
    assert path_of(waiting[0]) == "À classer/scan 0.pdf"


def test_a_document_is_deleted_and_comes_back(office: Any, waiting: list[Any], browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    told = boss.post("/a-classer", {"document": waiting[0].id, "do": "delete"}, **PART).json()
    assert path_of(waiting[0]) == "-" and "corbeille" in told["said"]
    boss.post(told["undo"]["url"], told["undo"]["fields"])
    assert path_of(waiting[0]) == "À classer/scan 0.pdf"


def test_only_who_may_files(office: Any, waiting: list[Any], browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant, Portfolio, User

    reader = User.objects.create(cabinet=office.cabinet, sign_in="reader", role="associate")
    Grant.objects.create(user=reader, kind="*", verbs="view download")
    Portfolio.objects.create(user=reader, field="all")
    elsewhere = User.objects.create(cabinet=office.foreign.cabinet, sign_in="elsewhere", role="correspondent")
    for who in (reader, elsewhere):
        browser = browse(who)
        assert waiting[0].id not in browser.get("/a-classer").content.decode()
        assert browser.get(f"/a-classer?document={waiting[0].id}", **PART).status_code == 404
        for form in ({"to": "Achats"}, {"do": "delete"}, {"to": "Achats", "id": [d.id for d in waiting]}):
            assert browser.post("/a-classer", {"document": waiting[0].id, **form}, **PART).json()["gone"] == []
    for who in (office.marie, office.paul):
        assert browse(who).post("/a-classer", {"document": waiting[0].id, "to": "Achats"}).status_code == 404
    assert path_of(waiting[0]) == "À classer/scan 0.pdf"


def test_the_next_document_is_a_part_of_the_page(office: Any, waiting: list[Any], browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    part = boss.get(f"/a-classer?document={waiting[3].id}", **PART).content.decode()
    assert "<html" not in part and "autre" in part and "Société 000002" in part and 'data-letter="a"' in part
    boss.raise_request_exception = False
    for odd in ("²", "9" * 5000, "", "%"):
        assert boss.get("/a-classer", {"document": odd, "client": odd}).status_code == 200
        assert boss.get("/a-classer", {"document": odd}, **PART).status_code == 404
        for form in ({"document": odd, "to": odd}, {"document": waiting[0].id, "to": odd, "name": odd, "id": odd}):
            assert boss.post(f"/a-classer?client={odd}", form).status_code == 302


def test_queries_do_not_grow_with_what_is_filed(office: Any, put: Any, browse: Callable[..., Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    boss, asked = browse(office.boss), []
    for count in (4, 40):
        ids = [put(office.one, f"À classer/{count} {n}.pdf", b"%d %d" % (count, n)).id for n in range(count)]
        boss.get("/a-classer")
        with CaptureQueriesContext(connection) as queries:
            told = boss.post("/a-classer", {"document": ids[0], "id": ids, "to": "Achats"}, **PART).json()
        assert len(told["gone"]) == count
        asked.append(len([q for q in queries if not q["sql"].startswith("UPDATE")]))
    assert asked[0] == asked[1], asked
