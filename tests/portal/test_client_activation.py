"""Clients switched off and on together: what it would be about is said, a phrase is typed, nothing is moved."""

from __future__ import annotations

import io
from typing import Any

import pytest

PAGE = "/reglages/clients"


def closed() -> set[str]:
    from syncd.portal.models import Client

    return set(Client.objects.filter(closed=True).values_list("code", flat=True))


def test_clients_of_a_template_are_switched_off_and_on_with_a_typed_phrase(
    office: Any, browse: Any, make_client: Any, put: Any
) -> None:
    from syncd.portal.models import Audit, Document, FeedRow

    make_client(office.cabinet, "000003", "sci")
    put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    page = boss.get(f"{PAGE}?template=commerce&do=off").content.decode()
    assert "2 clients concernés" in page and "1 document reste en ligne" in page and "désactiver 2 clients" in page
    assert "000003" not in page and "000009" not in page
    wish = {"template": "commerce", "do": "off", "typed": "désactiver 3 clients"}
    refused = boss.post(PAGE, wish)
    assert refused.status_code == 403 and "recopiez exactement : désactiver 2 clients" in refused.content.decode()
    assert closed() == set()
    boss.post(PAGE, {**wish, "typed": " Désactiver  2 clients "})
    assert closed() == {"000001", "000002"} and Document.objects.filter(tombstone="").count() == 1
    (noted,) = Audit.objects.filter(what="clients_closed")
    assert noted.about == "Modèle « Commerce et sociétés », 2 clients"
    assert "tous sont déjà désactivés" in boss.get(f"{PAGE}?template=commerce&do=off").content.decode()
    boss.post(PAGE, {"template": "*", "do": "on", "typed": "activer 2 clients"})
    assert closed() == set()
    told = FeedRow.objects.filter(cabinet=office.cabinet, client=office.one.id, kind="relist")
    assert told.count() == 2  # when it was made, and now: the engine compares both sides


def test_everybody_means_this_cabinet(office: Any, browse: Any) -> None:
    browse(office.boss).post(PAGE, {"template": "*", "do": "off", "typed": "désactiver 2 clients"})
    assert closed() == {"000001", "000002"}


def test_an_unknown_template_does_nothing(office: Any, browse: Any) -> None:
    answer = browse(office.boss).post(PAGE, {"template": "nothing", "do": "off", "typed": "désactiver 0 client"})
    assert answer.status_code == 200 and closed() == set()


def _everything(client: Any) -> Any:
    from syncd.portal.models import DeletionRequest, Document, Folder, Version

    return [
        list(Document.objects.filter(client=client).order_by("id").values()),
        list(Folder.objects.filter(client=client).order_by("id").values()),
        list(Version.objects.filter(document__client=client).order_by("id").values()),
        list(DeletionRequest.objects.filter(client=client).values()),
    ]


@pytest.mark.parametrize("who", ["boss", "marie", "asking"])
def test_what_is_switched_off_is_read_and_changed_by_nobody(office: Any, browse: Any, put: Any, who: str) -> None:
    """What was changed online meanwhile would be done at the cabinet when the client is switched on."""
    from syncd.portal.models import Cabinet, Client, Document, Grant

    deed, bill = put(office.one, "Juridique/acte.pdf", b"1"), put(office.one, "Achats/f.pdf", b"2")
    put(office.one, "Achats/f.pdf", b"3")
    gone, other = put(office.one, "Ventes/v.pdf", b"4"), put(office.one, "Banque/b.pdf", b"5")
    Grant.objects.filter(user=office.marie).update(verbs="view download deposit delete")
    Cabinet.objects.update(treated=True)
    browser = browse(office.boss if who == "boss" else office.marie)
    browser.post("/choisis/000001", {"do": "delete", "id": gone.id})
    token = browser.session["said"]["undo"]["fields"]["what"]
    Client.objects.filter(id=office.one.id).update(closed=True, client_delete="request" if who == "asking" else "allow")
    before = _everything(office.one)
    for document, do, to in (
        (deed, "delete", ""), (bill, "move", "Ventes"), (bill, "rename", "r.pdf"), (bill, "version", "1"), (gone, "restore", ""),
        (bill, "reference", "A 12"), (bill, "treat", ""), (bill, "ask", ""),
    ):  # fmt: skip
        browser.post(f"/documents/{document.id}/action", {"do": do, "to": to})
        assert browser.session["said"]["kind"] == "bad", do
    for do, to in (("move", "Ventes"), ("rename", "r"), ("delete", ""), ("treat", "")):
        browser.post("/choisis/000001", {"do": do, "to": to, "id": other.id})
        assert browser.session["said"]["kind"] == "bad", do
    browser.post("/corbeille/000001", {"id": gone.id})
    browser.post("/annuler", {"what": token})
    browser.post("/nouveau-dossier/000001", {"name": "Neuf", "inside": "Achats"})
    browser.post("/dossiers/000001/deposer/Achats", {"batch": "b" * 16, "documents": io.BytesIO(b"x")}, follow=True)
    assert "désactivé" in browser.get("/dossiers/000001/Achats").content.decode()
    assert _everything(office.one) == before
    page = browser.get(f"/documents/{bill.id}").content.decode()
    assert not any(f'value="{do}"' in page for do in ("delete", "move", "rename", "version", "ask", "treat"))
    assert "f.pdf" in page and browser.get(f"/documents/{bill.id}/telecharger").status_code == 200
    assert Document.objects.get(id=bill.id).tombstone == ""


def test_the_tree_of_what_is_switched_off_stays(office: Any, put: Any) -> None:
    from syncd.portal.clients import tree
    from syncd.portal.models import Client, Folder
    from syncd.portal.refusals import Code, Refusal
    from syncd.portal.rights import Operator

    put(office.one, "Achats/2026/f.pdf", b"2")
    Client.objects.filter(id=office.one.id).update(closed=True)
    operator, before = Operator(office.cabinet.id, "x"), _everything(office.one)
    for does in (
        lambda: tree.folder_add(operator, office.one, "Achats/Neuf"),
        lambda: tree.folder_remove(operator, office.one, "Achats/2026"),
        lambda: tree.folder_move(operator, office.one, "Achats/2026", "Ventes/2026"),
    ):
        with pytest.raises(Refusal) as refused:
            does()
        assert refused.value.code is Code.SPACE_CLOSED
    assert _everything(office.one) == before and Folder.objects.filter(path="Achats/2026").exists()
