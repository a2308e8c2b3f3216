"""What happened to a company's documents, day by day, for whoever may see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

PAGE = "/nouveautes/000001"


@pytest.fixture
def company(office: Any, put: Any) -> Any:
    from syncd.portal.models import Version

    bill, slip = put(office.one, "Achats/facture.pdf", b"1"), put(office.one, "Social/paie.pdf", b"2")
    deed = put(office.one, "Juridique/acte.pdf", b"3", "cabinet")
    put(office.two, "Achats/autre.pdf", b"4")
    for document, day in ((bill, 3), (slip, 4), (deed, 5)):
        Version.objects.filter(document=document).update(created_at=datetime(2026, 5, day, 12, tzinfo=UTC))
    treated = {"treated_at": datetime(2026, 5, 20, 12, tzinfo=UTC), "treated_by": "Anna"}
    Version.objects.filter(document=bill).update(**treated)
    return office


def told(browser: Any, query: str = "") -> list[tuple[str, str]]:
    page = browser.get(PAGE + query).content.decode()
    found = re.findall(r"<strong>([^<]+)</strong>.*?<span class=\"hint\">([^<]+)</span>", page)
    return [(name, said.partition(" · ")[2]) for name, said in found]


def test_what_happened_is_told_the_latest_first_and_within_rights(company: Any, browse: Any) -> None:
    mine = [
        ("facture.pdf", "traité par le cabinet"),
        ("acte.pdf", "mis à disposition par le cabinet"),
        ("facture.pdf", "déposé par le client"),
    ]
    marie = browse(company.marie)
    assert told(marie) == mine  # without payroll, and the other company
    all_of_it = [*mine[:2], ("paie.pdf", "déposé par le client"), mine[2]]
    assert told(browse(company.boss)) == all_of_it
    assert browse(company.marie).get("/nouveautes/000002").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?what=treated", ["facture.pdf"]), ("?what=published", ["acte.pdf"]), ("?what=deposited", ["facture.pdf"]),
        ("?q=ACTÉ", ["acte.pdf"]), ("?q=achats", ["facture.pdf"] * 2), ("?since=2026-05-05", ["facture.pdf", "acte.pdf"]),
        ("?until=2026-05-04", ["facture.pdf"]), ("?what=treated&q=acte", []), ("?what=nothing&page=x&since=9", ["facture.pdf", "acte.pdf", "facture.pdf"]),
    ],
)  # fmt: skip
def test_it_is_cut_by_kind_words_and_dates(company: Any, browse: Any, query: str, names: list[str]) -> None:
    assert [name for name, _ in told(browse(company.marie), query)] == names
    page = browse(company.marie).get(PAGE + query).content.decode()
    assert ("Rien ne correspond." in page) is (not names)


def test_all_of_the_news_lead_there_and_its_pages_keep_the_filter(
    company: Any, browse: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.web import company_activity

    monkeypatch.setattr(company_activity, "AT_ONCE", 2)
    marie = browse(company.marie)
    assert f'href="{PAGE}"' in marie.get("/dossiers/000001").content.decode()
    put(company.one, "Achats/facture 2.pdf", b"9")
    page = marie.get(f"{PAGE}?q=facture").content.decode()
    assert "?page=2&amp;q=facture" in page and len(told(marie, "?q=facture&page=2")) == 1
