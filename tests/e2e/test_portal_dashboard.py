"""The desk: how the synchronisation goes, agreement by a click, a pass asked for now; silence is an alarm."""

from __future__ import annotations

import re
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.e2e.browser import Visitor, refused
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_a_click_agrees_to_what_is_shown_and_a_click_makes_the_service_work(make_world: Callable[..., World]) -> None:
    world = make_world(first_publication="ask")
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        for n in range(25):
            world.write(f"Achats/facture {n:02} & fils.pdf", f"first publication {n}")
        visitor = Visitor(world.url)
        assert "Connexion" in visitor.get("/synchronisation")
        assert visitor.sign_in() == 200
        eventually(lambda: "première mise en ligne" in visitor.get("/accords"))
        page = visitor.get("/accords")
        assert "25 documents à mettre en ligne" in page and "facture 03 &amp; fils.pdf" in page
        digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
        assert digest is not None
        status, page = visitor.post("/synchronisation/accord", "/accords", digest=digest[1], answer="no")
        assert status == 200 and "rien ne sera fait" in page and not world.online()
        status, page = visitor.post("/synchronisation/accord", "/accords", digest=digest[1], answer="yes")
        assert status == 200 and "le fait maintenant" in page
        eventually(lambda: len(world.online()) == 25)
        eventually(lambda: "25 mis en ligne" in visitor.get("/synchronisation"))
        status, page = visitor.post("/synchronisation/accord", "/accords", digest=digest[1], answer="yes")
        assert "attend plus" in page
        before = service.said("pass why=full")
        assert visitor.post("/synchronisation/maintenant", "/synchronisation")[0] == 200
        eventually(lambda: service.said("pass why=full") > before)
        assert service.end() == 143
    finally:
        service.close()


def test_a_click_without_its_token_does_nothing(world: World) -> None:
    visitor = Visitor(world.url)
    visitor.sign_in()
    with refused(403):
        visitor._opener.open(world.url + "/synchronisation/maintenant", b"")


def test_24_a_day_of_silence_is_an_alarm(world: World) -> None:
    visitor = Visitor(world.url)
    visitor.sign_in()
    assert "Synchronisation à jour, il y a" in visitor.get("/synchronisation")
    with sqlite3.connect(world.portal_dir / "portal.db") as portal:
        portal.execute("update portal_enginetoken set last_seen = datetime('now', '-25 hours')")
    portal.close()
    assert "Plus de nouvelles de la synchronisation depuis le" in visitor.get("/synchronisation")
    world.run()
    assert "Plus de nouvelles" not in visitor.get("/synchronisation")


def test_metrics_need_the_hosts_own_token_and_name_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("Achats/secret.pdf", "one")

    def ask(token: str) -> str:
        request = urllib.request.Request(world.url + "/metrics", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            return str(answer.read().decode())

    for token in ("", "wrong"):
        with refused(404):
            ask(token)
    world.stop_portal()
    world.serve("import os; os.environ['SYNCD_PORTAL_METRICS_TOKEN'] = 'a token of the host'")
    with refused(404):
        ask("wrong")
    said = ask("a token of the host")
    assert re.search(r"syncd_documents\{.*\} 1.0", said) and re.search(r"syncd_not_received\{.*\} 1.0", said)
    assert "secret" not in said and "Dupont" not in said
