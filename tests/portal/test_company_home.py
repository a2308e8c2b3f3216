"""A company's first page: what became of the last deposit, the folders it uses, what the cabinet did since the last visit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC)


def read(browser: Any, page: str = "/") -> str:
    answer = browser.get(page)
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("\u00a0", " ").replace("&#x27;", "'")


def cards(page: str) -> list[str]:
    return re.findall(r'<li class="tile takes".*?<span class="name">([^<]+)', page, re.DOTALL)


def deposit(client: Any, number: int, *documents: Any) -> None:
    from syncd.portal.models import Deposit, DepositLine

    one = Deposit.objects.create(
        cabinet=client.cabinet, client=client, number=f"2026-{number:06}", batch=f"b{number}", by="Marie", origin="company", at=NOW, last_at=NOW
    )  # fmt: skip
    for d in documents:
        DepositLine.objects.create(
            deposit=one, document=d, version_id=d.version_id, given="x", path=d.path, outcome="stored"
        )


def test_the_last_deposit_is_said_with_what_became_of_it_to_whoever_may_see_it(
    office: Any, browse: Any, put: Any
) -> None:
    from syncd.portal.models import Document

    marie = browse(office.marie)
    page = read(marie)
    assert "Bonjour Marie" in page and "Dernier dépôt" not in page
    documents = [put(office.one, f"Achats/{n}.pdf", b"%d" % n) for n in range(3)]
    deposit(office.one, 1, *documents)
    deposit(office.one, 2, put(office.one, "Social/paie.pdf", b"p"))  # no folder of hers
    page = read(marie)
    assert "3 documents</a>, le cabinet va les recevoir" in page and "/depots/2026-000001" in page
    Document.objects.filter(id=documents[0].id).update(received_at=NOW)
    assert "dont 1 reçu par le cabinet" in read(marie)
    Document.objects.filter(id__in=[d.id for d in documents]).update(received_at=NOW)
    assert "tous reçus par le cabinet" in read(marie)


def test_the_folders_that_are_used_most_stand_first_and_all_are_there(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document

    marie = browse(office.marie)
    before = re.findall(r'<span class="name">([^<]+)', read(marie))
    assert cards(read(marie)) == ["À classer", "Achats", "Ventes", "Banque"] and len(before) > 10
    for n, folder in enumerate(("Caisse", "Caisse", "Stocks", "Stocks", "Emprunts")):
        put(office.one, f"{folder}/2026/{n}.pdf", b"%d" % n)
    old = put(office.one, "Juridique/old.pdf", b"old")
    Document.objects.filter(id=old.id).update(created_at=NOW - timedelta(days=91))
    page = read(marie)
    assert cards(page) == ["À classer", "Caisse", "Stocks", "Emprunts"]
    assert sorted(re.findall(r'<span class="name">([^<]+)', page)) == sorted(before)
    boss = read(browse(office.boss), "/dossiers/000001")
    assert "Bonjour" not in boss and boss.count('class="tile small') == 0


def test_what_is_awaited_is_said_where_it_belongs(office: Any, browse: Any) -> None:
    type(office.one).objects.filter(id=office.one.id).update(created_at=NOW - timedelta(days=200))
    page = read(browse(office.marie))
    banks = page.partition('data-name="Banque"')[2].partition("</li>")[0]
    assert re.search(r'chip warn">[\w.éû]+ attendu<', banks)
    assert "attendu" not in page.partition('data-name="Caisse"')[2].partition("</li>")[0]


def test_what_the_cabinet_did_since_the_last_visit_is_new(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import User, Version

    document = put(office.one, "Achats/a.pdf", b"a")
    marie = browse(office.marie)
    assert "Nouveau pour vous" not in read(marie) and "Derniers documents" in read(marie)
    User.objects.filter(id=office.marie.id).update(visited_at=NOW - timedelta(hours=2))
    put(office.one, "Ventes/of the cabinet.pdf", b"c", "cabinet")
    put(office.one, "Social/payslip.pdf", b"h", "cabinet")
    page = read(marie)
    assert "Nouveau pour vous" in page and "of the cabinet.pdf" in page and "payslip" not in page
    assert page.count('class="document"') == 1  # not what the company sent itself
    assert "Nouveau pour vous" in read(marie)  # the same visit
    Version.objects.filter(document=document).update(treated_at=datetime.now(UTC), treated_by="Sophie")
    assert read(marie).count('class="document"') == 2


def test_a_first_visit_is_shown_what_one_can_do_until_it_is_closed(office: Any, browse: Any) -> None:
    from syncd.portal.models import Deposit

    marie = browse(office.marie)
    assert "Pour commencer" in read(marie)
    marie.post("/bienvenue")
    assert "Pour commencer" not in read(marie)
    other = browse(office.paul)
    assert "Pour commencer" in read(other)
    deposit(office.one, 1)
    Deposit.objects.update(user=office.paul)
    assert "Pour commencer" not in read(other)


def test_companies_are_cards(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Grant

    Grant.objects.create(user=office.marie, client=office.two, kind="*", verbs="view")
    put(office.two, "Achats/a.pdf", b"a")
    page = read(browse(office.marie))
    assert "Mes sociétés" in page and page.count('class="card company"') == 2 and "À traiter" not in page
    assert "1 document · dernier" in page and "/dossiers/000009" not in page
