"""Many documents of a client at once: moved, deleted, restored, treated in one request, and taken back in another."""

from __future__ import annotations

import html
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.core.search_folding import fold


def online(client: Any) -> set[str]:
    from syncd.portal.models import Document

    return set(Document.objects.filter(client=client, tombstone="").values_list("path", flat=True))


def act(browser: Any, do: str, *documents: Any, **given: str) -> Any:
    """The next page, which says what was done."""
    fields = {"do": do, "id": [d.id for d in documents], "back": "/dossiers/000001/Achats", **given}
    return browser.post("/choisis/000001", fields, follow=True).content.decode().replace("\u00a0", " ")


def undo(browser: Any, page: str) -> Any:
    way = re.search(r'name="what" value="([^"]+)"', page)
    assert way is not None, "nothing leads back"
    return browser.post("/annuler", {"what": way[1]}, follow=True).content.decode().replace("\u00a0", " ")


def test_what_was_moved_goes_back_by_one_click(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document

    one, two = put(office.one, "Achats/été.pdf", b"1"), put(office.one, "Achats/b.pdf", b"2")
    boss = browse(office.boss)
    page = act(boss, "move", one, two, to="Ventes")
    assert "2 documents déplacés dans « Ventes »" in page
    assert online(office.one) == {"Ventes/été.pdf", "Ventes/b.pdf"}
    for document in Document.objects.filter(client=office.one):
        assert document.folded == fold(document.path) and document.kind == "sales"
    assert "Annulé : 2 documents" in undo(boss, page)
    assert online(office.one) == {"Achats/été.pdf", "Achats/b.pdf"}


def test_a_name_that_is_the_same_is_nothing_to_take_back(office: Any, browse: Any, put: Any) -> None:
    """The button would have taken back the move before it."""
    from syncd.portal.models import Past

    one, boss = put(office.one, "Achats/a.pdf", b"1"), browse(office.boss)
    act(boss, "move", one, to="Ventes")
    page = act(boss, "rename", one, to="a")
    assert "maintenant « a.pdf »" in page and 'name="what"' not in page
    assert online(office.one) == {"Ventes/a.pdf"} and Past.objects.filter(document=one).count() == 1


def test_what_changed_since_is_not_taken_back(office: Any, browse: Any, put: Any) -> None:
    one = put(office.one, "Achats/a.pdf", b"1")
    boss = browse(office.boss)
    page = act(boss, "move", one, to="Ventes")
    act(boss, "move", one, to="Banque")
    assert "Rien à annuler" in undo(boss, page)
    assert online(office.one) == {"Banque/a.pdf"}


def test_a_name_that_is_taken_stays_and_says_why(office: Any, browse: Any, put: Any) -> None:
    one, two = put(office.one, "Achats/a.pdf", b"1"), put(office.one, "Achats/b.pdf", b"2")
    put(office.one, "Ventes/A.pdf", b"3")
    page = act(browse(office.boss), "move", one, two, to="Ventes")
    assert "1 document reste à sa place" in page and "Un document s&#x27;appelle déjà « a.pdf » dans Ventes." in page
    assert online(office.one) == {"Achats/a.pdf", "Ventes/b.pdf", "Ventes/A.pdf"}


def test_what_was_deleted_comes_back_by_one_click_or_from_the_bin(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Audit

    documents = [put(office.one, f"Achats/{n}.pdf", b"%d" % n) for n in range(3)]
    boss = browse(office.boss)
    page = act(boss, "delete", *documents)
    assert "3 documents sont dans la corbeille." in page and not online(office.one)
    assert Audit.objects.filter(what="document_deleted").count() == 3
    assert "Annulé : 3 documents" in undo(boss, page)
    assert len(online(office.one)) == 3
    act(boss, "delete", *documents)
    put(office.one, "Achats/1.pdf", b"another")
    page = boss.get("/corbeille/000001").content.decode()
    assert all(f"/documents/{d.id}" in page for d in documents)
    boss.post("/corbeille/000001", {"all": "1"})
    assert online(office.one) == {"Achats/0.pdf", "Achats/1.pdf", "Achats/1 (2).pdf", "Achats/2.pdf"}


def test_all_that_a_list_holds_is_chosen_beyond_the_page(office: Any, browse: Any, put: Any) -> None:
    for n in range(3):
        put(office.one, f"Achats/facture {n}.pdf", b"%d" % n)
    put(office.one, "Achats/autre.pdf", b"x")
    put(office.one, "Achats/2026/facture 9.pdf", b"y")
    act(browse(office.boss), "delete", all="1", folder="Achats", q="FACTURE")
    assert online(office.one) == {"Achats/autre.pdf", "Achats/2026/facture 9.pdf"}


def test_nobody_does_to_many_what_they_may_not_do_to_one(office: Any, browse: Any, put: Any) -> None:
    mine, secret = put(office.one, "Achats/a.pdf", b"1"), put(office.one, "Social/b.pdf", b"2")
    other = put(office.two, "Achats/c.pdf", b"3")
    before = online(office.one)
    paul = browse(office.paul)  # a member who may read and deposit what is not payroll
    for what in ("delete", "treat"):
        act(paul, what, secret, other)
    act(paul, "move", mine, to="Social")
    assert online(office.one) == before and online(office.two) == {"Achats/c.pdf"}
    page = act(browse(office.boss), "delete", mine)
    assert "trop tard" in undo(paul, page) and "Achats/a.pdf" not in online(office.one)


def test_a_name_keeps_its_extension(office: Any, browse: Any, put: Any) -> None:
    one = put(office.one, "Achats/facture (1).pdf", b"1")
    boss = browse(office.boss)
    page = act(boss, "rename", one, to="facture 1.2")
    assert online(office.one) == {"Achats/facture 1.2.pdf"}
    undo(boss, page)
    assert online(office.one) == {"Achats/facture (1).pdf"}


def test_a_folder_is_made_where_one_may_deposit(office: Any, browse: Any) -> None:
    marie = browse(office.marie)
    answer = marie.post("/nouveau-dossier/000001", {"inside": "Achats", "name": " Été  2026 "})
    assert answer["Location"].endswith("/dossiers/000001/Achats/%C3%89t%C3%A9%202026")
    assert office.one.folders.filter(path="Achats/Été 2026").exists()
    for inside, name in (("", "Nouveau"), ("Achats", ""), ("Achats", "été 2026"), ("Achats", "a:b"), ("Interne", "x")):
        count = office.one.folders.count()
        marie.post("/nouveau-dossier/000001", {"inside": inside, "name": name})
        assert office.one.folders.count() == count, (inside, name)


@pytest.mark.parametrize("count", [3, 2100])
def test_an_archive_of_any_size_and_of_folders_alone(office: Any, browse: Any, put: Any, count: int) -> None:
    from syncd.portal.models import Document, Version
    from syncd.portal.models.ids import new_id

    first = put(office.one, "Achats/2026/facture.pdf", b"1")
    now, rows = datetime.now(UTC), []
    for n in range(count - 1):
        path = f"Achats/2026/{n}.pdf"
        rows.append(
            Document(
                id=new_id(), client=office.one, path=path, key=path.lower(), kind=first.kind, size=1, sha256=first.sha256,
                version_id=new_id(), created_at=now,
            )
        )  # fmt: skip
    Document.objects.bulk_create(rows, batch_size=500)
    Version.objects.bulk_create(
        [Version(id=d.version_id, document=d, number=1, size=1, sha256=d.sha256, by="x", origin="company", created_at=now) for d in rows],
        batch_size=500,
    )  # fmt: skip
    boss = browse(office.boss)
    page = boss.get("/dossiers/000001/Achats").content.decode()
    assert "archive.zip?folder=Achats" in page  # of a folder that holds only folders
    answer = boss.get("/dossiers/000001/archive.zip?folder=Achats")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert len(archive.namelist()) == count


def test_a_folder_says_which_types_it_takes(office: Any, browse: Any) -> None:
    from syncd.core.folder_rules import FolderRule
    from syncd.portal.web.folder import kinds

    assert kinds(FolderRule("FEC", extensions=frozenset({"txt", "xml"}))) == "Types acceptés : TXT, XML."
    assert "bureautique" in browse(office.boss).get("/dossiers/000001/Achats").content.decode()


def test_a_list_is_cut_and_sorted_and_remembers_how(office: Any, browse: Any, put: Any) -> None:
    names = ["Éric.pdf", "david.xlsx", "Zoé.pdf"]
    for n, name in enumerate(names):
        put(office.one, f"Achats/{name}", b"x" * (n + 1))
    boss = browse(office.boss)

    def shown(query: str = "") -> list[str]:
        page = boss.get(f"/dossiers/000001/Achats{query}").content.decode()
        return re.findall(r'<a href="/documents/[^"]+" aria-label="[^"]+" title="([^"]+)"', page)

    assert shown("?sort=name") == ["david.xlsx", "Éric.pdf", "Zoé.pdf"]
    assert shown() == ["david.xlsx", "Éric.pdf", "Zoé.pdf"]  # as it was left
    assert shown("?sort=size") == ["Zoé.pdf", "david.xlsx", "Éric.pdf"]
    assert shown("?type=sheet") == ["david.xlsx"] and shown("?q=ERIC") == ["Éric.pdf"] and shown("?q=achats") == []
    assert set(shown("?state=waiting")) == set(names) and shown("?state=received") == []
    assert "Enlever les filtres" in boss.get("/dossiers/000001/Achats?q=rien").content.decode()


def test_what_is_done_to_2000_is_written_by_the_hundred(office: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.documents import selection
    from syncd.portal.models import Document
    from syncd.portal.models.ids import new_id
    from syncd.portal.people.visibility import person_of

    boss, now = person_of(office.boss), datetime.now(UTC)

    def cost(name: str, count: int) -> int:
        rows = [
            Document(
                id=new_id(), client=office.one, path=f"Achats/{name}{n}.pdf", key=f"achats/{name}{n}.pdf", kind="purchases",
                size=1, sha256=b"x" * 32, version_id=new_id(), created_at=now,
            )
            for n in range(count)
        ]  # fmt: skip
        Document.objects.bulk_create(rows, batch_size=500)
        with CaptureQueriesContext(connection) as queries:
            done = selection.move_into(boss, office.one, rows, "Ventes")
            gone = selection.remove_these(boss, office.one, done.documents)
            back = selection.restore_these(boss, office.one, gone.documents)
        assert len(back.documents) == count
        return len(queries)

    few, many = cost("a", 20), cost("b", 2000)
    assert many < few + 200, (few, many)


def _field(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_all_is_what_the_page_showed(office: Any, browse: Any, put: Any) -> None:
    """What came after it, was replaced or moved there since was chosen by nobody."""
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    boss, cabinet = browse(office.boss), Operator(office.cabinet.id, "le cabinet")
    for name in ("seen", "replaced"):
        put(office.one, f"Achats/{name}.pdf", name.encode())
    moved = put(office.one, "Ventes/moved.pdf", b"m")
    page = boss.get("/dossiers/000001/Achats").content.decode()
    put(office.one, "Achats/later.pdf", b"l")
    put(office.one, "Achats/replaced.pdf", b"another")
    lifecycle.move(cabinet, moved, "Achats/moved.pdf")
    boss.post("/choisis/000001", {"do": "delete", "folder": "Achats", "all": "1", "seen": _field(page, "seen")})
    live = Document.objects.filter(client=office.one, tombstone="").values_list("path", flat=True)
    assert set(live) == {"Achats/later.pdf", "Achats/replaced.pdf", "Achats/moved.pdf"}
    shelf = boss.get("/corbeille/000001").content.decode()
    lifecycle.remove(cabinet, Document.objects.get(path="Achats/later.pdf"))
    boss.post("/corbeille/000001", {"do": "restore", "all": "1", "seen": _field(shelf, "seen")})
    assert set(live.all()) == {"Achats/seen.pdf", "Achats/replaced.pdf", "Achats/moved.pdf"}
    boss.post("/choisis/000001", {"do": "delete", "folder": "Achats", "all": "1"})
    assert not live.all()  # pages of before do not say
