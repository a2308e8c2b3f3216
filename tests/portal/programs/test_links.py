"""An address of a document lasts as long as there is anything of it to be seen, and tells nothing to whom it never was anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


def test_a_link_leads_to_the_document_wherever_it_goes(
    office: Any, put: Callable[..., Any], browse: Any, person: Any
) -> None:
    from syncd.portal.documents import lifecycle, selection
    from syncd.portal.models import Document
    from syncd.portal.records.feed import publishing
    from syncd.portal.rights import Operator

    document, boss, operator = (
        put(office.one, "Achats/a.pdf", b"%PDF- a"),
        browse(office.boss),
        Operator(office.cabinet.id, "x"),
    )
    link, page = f"/d/{document.id}", f"/documents/{document.id}"

    def now() -> Any:
        return Document.objects.select_related("client").get(id=document.id)

    def leads() -> bool:
        answer = boss.get(link)
        return (answer.status_code, answer.url) == (302, page) and boss.get(page).status_code == 200

    assert leads()
    put(office.one, "Achats/a.pdf", b"%PDF- another")
    assert leads() and boss.get(link + "?version=1").url == f"{page}/apercu?version=1"
    lifecycle.rename(operator, now(), "b.pdf")
    assert leads()
    lifecycle.move(operator, now(), "Ventes/b.pdf")
    assert leads() and now().path == "Ventes/b.pdf"
    with publishing(office.cabinet.id) as feed:
        selection.put_in_bin(operator, [now()], feed, datetime.now(UTC))
    assert leads()
    lifecycle.restore(operator, now())
    assert leads() and now().tombstone == ""


def test_of_a_withdrawn_document_one_sentence_to_who_had_the_right_and_nothing_to_others(
    house: Any, browse: Any
) -> None:
    withdrawn = next(
        d for d in house.documents if d.withdrawn and d.client_id == house.mine.id and d.kind == "purchases"
    )
    link = f"/d/{withdrawn.id}"
    had = browse(house.people["contact all"]).get(link)
    assert had.status_code == 410 and "a retiré ce document" in had.content.decode()
    assert "repris" not in had.content.decode()  # not its name
    for other in ("contact payroll", "contact of another", "elsewhere", "revoked above"):
        assert browse(house.people[other]).get(link).status_code in (404, 302), other
        assert "retiré" not in browse(house.people[other]).get(link).content.decode()
    assert browse(house.people["correspondent"]).get(link).status_code == 302
    from django.test import Client as Browser

    assert Browser().get(link).headers["Location"].startswith("/connexion")


def test_a_link_of_each_document_asks_the_same_rule_as_its_page(house: Any, browse: Any) -> None:
    for name in ("contact secretary", "associate work_without_payroll", "contact of another"):
        browser = browse(house.people[name])
        for document in house.documents[::2]:
            page, link = browser.get(f"/documents/{document.id}"), browser.get(f"/d/{document.id}")
            if document.withdrawn and link.status_code == 410:
                assert page.status_code == 404
            else:
                assert (link.status_code == 302) is (page.status_code == 200), (name, document.path)


def test_a_clients_own_address_leads_to_its_space_for_who_reaches_it(office: Any, browse: Any) -> None:
    address = f"/c/{office.one.id}"
    assert browse(office.marie).get(address).url == "/dossiers/000001" == browse(office.boss).get(address).url
    assert browse(office.marie).get(f"/c/{office.two.id}").status_code == 404
    assert browse(office.boss).get(f"/c/{office.foreign.id}").status_code == 404


def test_a_receipt_bears_its_address_as_a_picture(office: Any, browse: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    marie = browse(office.marie)
    page = marie.post(
        "/dossiers/000001/deposer/Achats", {"documents": SimpleUploadedFile("a.pdf", b"%PDF- a")}, follow=True
    )
    text = page.content.decode()
    assert '<figure class="qr">' in text and "<svg" in text and '<a href="/d/' in text


def test_entries_are_a_table_for_the_cabinets_people_alone(office: Any, browse: Any) -> None:
    answer = browse(office.boss).get("/clients/000001/ecritures.csv")
    assert answer.status_code == 200 and answer.content.startswith(b"\xef\xbb\xbfCode dossier;")
    assert browse(office.marie).get("/clients/000001/ecritures.csv").status_code == 404
