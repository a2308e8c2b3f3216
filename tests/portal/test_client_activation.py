"""Clients switched off and on together: what it would be about is said, a phrase is typed, nothing is moved."""

from __future__ import annotations

from typing import Any

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
