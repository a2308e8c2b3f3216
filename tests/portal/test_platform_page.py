"""The pages of a client's approved platform and of an invoice's validity: for whoever may, and they tell no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.portal.test_flows import at, paths_of, platform, settings  # noqa: F401
from tests.portal.test_invoices_pages import text
from tests.support.flow_platform import IDENT, SECRET
from tests.support.invoices import SAMPLES, cii, factur_x

PAGE = "/clients/000001/plateforme"


def test_it_is_said_tried_switched_on_and_off_and_forgotten(office: Any, platform: Any, browse: Any, settings: Any) -> None:  # fmt: skip # noqa: F811
    from syncd.portal.flows import passes
    from syncd.portal.flows.transport import Line
    from syncd.portal.models import Audit, FlowConnection

    settings.PLATFORMS_HERE = True
    boss = browse(office.boss)
    assert "Aucune plateforme réelle" in text(boss.get(PAGE)) and "Activer" not in text(boss.get(PAGE))
    given = {
        "do": "save", "name": "Ma plateforme", "address": platform.address + "/flow-service/v1/", "token_address": platform.address + "/token",
        "ident": IDENT, "secret": SECRET, "start": f"{datetime.now(UTC):%Y-%m-%d}",
    }  # fmt: skip
    wrong = text(boss.post(PAGE, {**given, "address": "http://10.0.0.1"}), 403)
    assert "commence par https://" in wrong and SECRET not in wrong and "Ma plateforme" in wrong
    assert boss.post(PAGE, given).status_code == 302
    row = FlowConnection.objects.get()
    assert row.address == platform.address + "/flow-service" and not row.on
    boss.post(PAGE, {"do": "test"})
    assert "Essai en cours" in text(boss.get(PAGE))
    (due,) = passes.due(datetime.now(UTC))
    with Line() as line:
        passes.look(due, line, lambda: False)
    page = text(boss.get(PAGE))
    assert "Essai réussi" in page and "désactivée" in page and SECRET not in page
    assert platform.asked == ["POST /token", "POST /flow-service/v1/flows/search"]  # tried, and nothing fetched
    boss.post(PAGE, {"do": "on"})
    assert "plateforme peuvent" not in text(boss.get("/clients/000001"))
    assert "Les factures reçues sur Ma plateforme" in text(browse(office.marie).get("/dossiers/000001"))
    boss.post(PAGE, {"do": "off"})
    assert "Ma plateforme" not in text(browse(office.marie).get("/dossiers/000001"))
    boss.post(PAGE, {"do": "forget"})
    assert not FlowConnection.objects.exists()
    trail = text(boss.get("/reglages/historique"))
    assert "plateforme agréée raccordée" in trail and "récupération des factures activée" in trail
    assert Audit.objects.filter(what__startswith="platform_").count() == 4


def test_what_waits_for_a_decision_stands_there_with_its_reason(at: Any, browse: Any) -> None:  # noqa: F811
    at.platform.add("f1", cii(buyer_siren="404833048"), name="autre.xml")
    at.platform.add("f2", b"PK", name="<b>.zip")
    at.look()
    boss = browse(at.office.boss)
    page = text(boss.get(PAGE))
    assert "autre.xml" in page and "404833048" in page and "ni PDF ni XML" in page and "&lt;b&gt;.zip" in page
    assert "2 factures à décider" in text(boss.get("/a-faire")) and "Ma plateforme" in text(boss.get("/a-faire"))
    assert "Ma plateforme" not in text(boss.get("/a-faire?client=000002"))
    flow = at.row().flows.get(flow_id="f1")
    boss.post(PAGE, {"do": "take", "flow": str(flow.id)})
    boss.post(PAGE, {"do": "leave", "flow": str(at.row().flows.get(flow_id="f2").id)})
    assert "À décider" not in text(boss.get(PAGE))
    assert "Ma plateforme" not in text(boss.get("/a-faire"))
    at.row().__class__.objects.update(failures=3, failure="busy", passed_at=datetime.now(UTC) - timedelta(days=2))
    assert "depuis plus" in text(boss.get("/a-faire"))
    at.look()
    assert "Ma plateforme" not in text(boss.get("/a-faire"))
    assert paths_of(at.office.one) == ["À classer/autre.xml"]
    assert boss.post(PAGE, {"do": "take", "flow": "9" * 30}).status_code == 403


@pytest.mark.parametrize("failure", ["credentials", "certificate", "busy", "odd", "cursor", "address"])
def test_each_failure_is_one_sentence(at: Any, browse: Any, failure: str) -> None:  # noqa: F811
    from syncd.portal.models import FlowConnection
    from syncd.portal.web.platform import FAILED

    FlowConnection.objects.update(failure=failure, failed_at=datetime.now(UTC), failures=1)
    said = FAILED[next(f for f in FAILED if f.value == failure)]
    assert said.replace("'", "&#x27;") in text(browse(at.office.boss).get(PAGE))


def test_every_failure_and_reason_has_its_words(portal: Any) -> None:
    from syncd.core.flows import Failure, Reason
    from syncd.portal.web.platform import FAILED, HELD

    assert set(FAILED) == set(Failure) and set(HELD) == set(Reason) - {Reason.PENDING}


def test_the_page_is_for_whoever_manages_the_client(at: Any, browse: Any) -> None:  # noqa: F811
    for who in (at.office.marie, at.office.paul):
        browser = browse(who)
        assert browser.get(PAGE).status_code == 404 and browser.post(PAGE, {"do": "off"}).status_code == 404
    assert at.row().on


def test_validity_is_said_when_asked_to_whoever_may_open_the_document(office: Any, browse: Any, put: Any) -> None:
    document = put(office.one, "Achats/f.pdf", factur_x((SAMPLES / "facturFrMinimum.xml").read_bytes()))
    address = f"/documents/{document.id}/facture/validite"
    boss = browse(office.boss)
    page = text(boss.post(address))
    assert page.count(">respecté<") == 2 and page.count(">non vérifié<") == 1 and "XSD MINIMUM" in page
    assert "ce type de facture" in page and "PDF/A-3" in page
    assert boss.get(address).status_code == 302  # by the button alone
    assert browse(office.marie).post(address).status_code == 404  # she sees names, and may not open them


def test_what_does_not_hold_is_named_and_what_is_none_is_not_checked(office: Any, browse: Any, put: Any) -> None:
    boss = browse(office.boss)
    ours = put(office.one, "Achats/ours.xml", cii("<b>1</b>"))
    page = text(boss.post(f"/documents/{ours.id}/facture/validite"))
    assert "non respecté" in page and "BR-FR-" in page and "<b>1</b>" not in page
    none = put(office.one, "Achats/none.xml", b"<a/>")
    assert text(boss.post(f"/documents/{none.id}/facture/validite")).count(">non vérifié<") == 3


def test_an_invoice_has_the_button(office: Any, browse: Any, put: Any) -> None:
    from tests.portal.test_invoice_facts import read

    document = put(office.one, "Achats/f.xml", cii())
    read()
    assert "Vérifier la validité" in text(browse(office.boss).get(f"/documents/{document.id}"))
