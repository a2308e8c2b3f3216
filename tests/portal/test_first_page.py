"""The cabinet's first page: four figures of one's own clients, what is to be done with its remedy, who is late, what came."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

NOW = datetime.now(UTC)


@pytest.fixture
def sophie(office: Any) -> Any:
    """An assistant who works for the second client alone, without payroll."""
    from syncd.portal.models import Grant, Portfolio, User

    person = User.objects.create(cabinet=office.cabinet, sign_in="sophie", name="Sophie", role="assistant")
    Grant.objects.create(user=person, kind="*", verbs="view download deposit delete")
    Grant.objects.create(user=person, kind="payroll", verbs="")
    Portfolio.objects.create(user=person, field="client", value=office.two.id)
    return person


def read(browser: Any, page: str = "/") -> str:
    answer = browser.get(page)
    assert answer.status_code == 200, page
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ").replace("&#x27;", "'")


def figures(page: str) -> dict[str, tuple[int, str]]:
    found = re.findall(r'class="of">([^<]+)</span><b class="\w*">([\d ]+)</b><span>([^<]*)</span>', page)
    return {name: (int(n.replace(" ", "")), said) for name, n, said in found}


def refused(client: Any, path: str, reason: str = "too_large", detail: str = "25000000 20000000") -> Any:
    from syncd.portal.models import OpenReport

    return OpenReport.objects.create(client=client, path=path, reason=reason, since=NOW, detail=detail)


def waiting(client: Any, digest: str, count: int = 3, **more: Any) -> Any:
    from syncd.portal.models import WaitingSet

    actions = [{"action": "upload", "path": f"Achats/{n}.pdf", "client": client.code} for n in range(count)]
    return WaitingSet.objects.create(client=client, reason="guard_many_new", digest=digest, actions=actions, **more)


def test_figures_are_of_ones_own_clients(office: Any, sophie: Any, browse: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.models import Document

    type(office.cabinet).objects.update(treated=True)
    old = put(office.one, "À classer/a.pdf", b"a")
    Document.objects.filter(id=old.id).update(created_at=NOW - timedelta(days=8))
    put(office.two, "À classer/b.pdf", b"b")
    for client, path in ((office.one, "Achats/c.pdf"), (office.two, "Ventes/d.pdf"), (office.two, "Social/e.pdf")):
        put(client, path, path.encode())
    put(office.two, "Ventes/of the cabinet.pdf", b"x", "cabinet")
    put(office.foreign, "À classer/z.pdf", b"z")
    waiting(office.one, "d1")
    all_, hers = figures(read(browse(office.boss))), figures(read(browse(sophie)))
    assert all_["À classer"] == (2, "dont 1 depuis plus de 7 jours") and all_["À traiter"][0] == 3
    assert all_["Vos accords"] == (1, "3 documents attendent")
    assert hers["À classer"] == (1, "aucun depuis plus de 7 jours")
    assert hers["À traiter"][0] == 1  # neither the first client's nor payroll
    assert hers["Vos accords"][0] == 0


def test_without_ticking_what_is_dealt_with_nothing_is_said_of_it(office: Any, browse: Any) -> None:
    assert "À traiter" not in figures(read(browse(office.boss)))


def test_what_is_to_be_done_is_said_once_with_its_remedy_and_ends(office: Any, browse: Any) -> None:
    boss = browse(office.boss)
    assert "Rien à faire. Bravo." in read(boss)
    report = refused(office.one, "Achats/Gros <b>scan.pdf")
    type(office.one).objects.filter(id=office.one.id).update(contact_email="m@dupont.example")
    page = read(boss)
    assert "25 Mo, la limite du dossier Achats est 20 Mo" in page and "Relever à 50 Mo" in page
    assert "&lt;b&gt;scan" in page and "<b>scan" not in page
    assert 'href="/dossiers/000001/Achats"' in page and "mailto:m%40dupont.example?subject=" in page
    done = boss.post("/a-faire/signalement", {"id": report.id, "do": "raise"}, follow=True).content.decode()
    office.one.refresh_from_db()
    assert {r["path"]: r["max_size"] for r in office.one.rules}["Achats"] == 50_000_000
    assert {r["path"]: r["max_size"] for r in office.one.rules}["Ventes"] == 20_000_000 and "50" in done


def test_what_was_ignored_stays_so_as_long_as_the_engine_tells_of_it(office: Any, browse: Any) -> None:
    from syncd.core.protocol import OpenReport as Told
    from syncd.core.protocol import RunSummary
    from syncd.portal.models import Audit, OpenReport
    from syncd.portal.rights import Engine
    from syncd.portal.sync.run_summaries import take_summary

    def told(*paths: str) -> None:
        reports = tuple(Told(office.one.id, p, "empty", NOW.timestamp()) for p in paths)
        at = NOW.timestamp()
        take_summary(Engine(office.cabinet.id), RunSummary(1, at, at, "done", {}, 0, "h", 0, reports=reports))

    told("Achats/a.pdf", "Achats/b.pdf")
    boss = browse(office.boss)
    one = OpenReport.objects.get(path="Achats/a.pdf")
    page = boss.post("/a-faire/signalement", {"id": one.id, "do": "ignore"}, follow=True).content.decode()
    assert "plus à voir" in page and "data-undo" in page
    told("Achats/a.pdf", "Achats/b.pdf")
    assert "a.pdf" not in read(boss) and "b.pdf" in read(boss)
    assert Audit.objects.filter(what="report_ignored").exists()
    told("Achats/b.pdf")
    told("Achats/a.pdf", "Achats/b.pdf")  # again, after it was well
    assert "a.pdf" in read(boss)
    one = OpenReport.objects.get(path="Achats/a.pdf")
    boss.post("/a-faire/signalement", {"id": one.id, "do": "ignore"})
    boss.post("/a-faire/signalement", {"id": one.id, "do": "heed"})
    assert "a.pdf" in read(boss)


@pytest.mark.parametrize("do", ["raise", "ignore", "heed"])
def test_nobody_deals_with_what_is_not_theirs(office: Any, sophie: Any, browse: Any, do: str) -> None:
    from syncd.portal.models import OpenReport

    others = [
        refused(c, p)
        for c, p in ((office.one, "Achats/a.pdf"), (office.two, "Social/b.pdf"), (office.foreign, "Achats/c.pdf"))
    ]
    stop = refused(office.two, "", "stop_not_ours", "")
    before = {c.id: c.rules for c in type(office.one).objects.all()}
    assert not re.search("[abc]\\.pdf", read(browse(sophie))) and "c.pdf" not in read(browse(office.boss))
    for one in (*others, stop):
        browse(sophie).post("/a-faire/signalement", {"id": one.id, "do": do})
    browse(office.boss).post("/a-faire/signalement", {"id": others[2].id, "do": do})
    assert not OpenReport.objects.filter(ignored_at__isnull=False).exists()
    assert {c.id: c.rules for c in type(office.one).objects.all()} == before


def test_an_assistant_ignores_and_does_not_raise_limits(office: Any, sophie: Any, browse: Any) -> None:
    report = refused(office.two, "Achats/a.pdf")
    hers = browse(sophie)
    page = read(hers)
    assert "Ignorer" in page and "Relever à" not in page
    hers.post("/a-faire/signalement", {"id": report.id, "do": "raise"})
    office.two.refresh_from_db()
    assert {r["path"]: r["max_size"] for r in office.two.rules}["Achats"] == 20_000_000


def test_a_plan_is_agreed_to_from_the_first_page_and_then_has_no_button(office: Any, browse: Any) -> None:
    waiting(office.one, "d1")
    boss = browse(office.boss)
    page = read(boss)
    assert "3 documents à mettre en ligne dans Achats, vus par Marie Dupont, Paul" in page
    answer = boss.post("/synchronisation/accord", {"digest": "d1", "answer": "yes", "back": "home"})
    assert answer.headers["Location"] == "/"
    page = read(boss)
    assert re.search(r"Accordé par vous à \d\d:\d\d, en cours", page) and "Autoriser" not in page
    assert figures(page)["Vos accords"] == (0, "rien n'attend")


def test_documents_of_another_client_are_never_agreed_to_without_looking(office: Any, browse: Any) -> None:
    waiting(office.one, "d1")
    type(office.one.waiting.get()).objects.update(reason="guard_other_client")
    page = read(browse(office.boss))
    assert "/synchronisation/liste?q=d1" in page and ">Autoriser" not in page
    assert "J'ai vérifié" in read(browse(office.boss), "/synchronisation/liste?q=d1")


def test_what_the_cabinet_removed_is_left_online_and_asked_of_no_more(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document

    document = put(office.one, "Achats/a.pdf", b"a")
    Document.objects.filter(id=document.id).update(left_at=NOW - timedelta(days=1))
    boss = browse(office.boss)
    assert "1 document retiré au cabinet est toujours en ligne" in read(boss)
    boss.post("/synchronisation/retirer", {"client": office.one.id, "do": "keep", "back": "home"})
    assert "toujours en ligne" not in read(boss)
    document.refresh_from_db()
    assert document.left_at is not None and document.tombstone == ""
    Document.objects.filter(id=document.id).update(left_at=datetime.now(UTC) + timedelta(seconds=5))
    assert "toujours en ligne" in read(boss)  # removed once more


def test_only_who_might_remove_leaves_online(office: Any, sophie: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Document

    document = put(office.one, "Achats/a.pdf", b"a")
    Document.objects.filter(id=document.id).update(left_at=NOW)
    browse(sophie).post("/synchronisation/retirer", {"client": office.one.id, "id": document.id, "do": "keep"})
    document.refresh_from_db()
    assert document.left_kept_at is None


def test_two_versions_are_there_to_be_compared_until_one_is_gone(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import RunLine, RunReport
    from syncd.portal.people.visibility import person_of

    original = put(office.one, "Achats/bail.pdf", b"a")
    copy = put(office.one, "Achats/bail (version du cabinet 2026-11-21 14h03).pdf", b"b")
    counts = {"kept_both": 1}
    run = RunReport.objects.create(
        cabinet=office.cabinet, run=1, started_at=NOW, ended_at=NOW, verdict="warning", exit_code=0, counts=counts
    )
    RunLine.objects.create(run=run, client=office.one, verdict="warning", counts=counts)
    page = read(browse(office.boss))
    assert "« bail » a été changé des deux côtés" in page
    assert f"/documents/{original.id}/comparer?other={copy.id}" in page
    lifecycle.rename(person_of(office.boss), original, "bail 2026.pdf")
    assert "/dossiers/000001/Achats?q=bail" in read(browse(office.boss))  # what it was made beside has left its place
    lifecycle.remove(person_of(office.boss), copy)
    assert "changé des deux côtés" not in read(browse(office.boss))


def test_the_state_of_the_synchronisation_is_red_when_it_is_silent(office: Any, browse: Any) -> None:
    from syncd.portal.models import EngineToken

    boss = browse(office.boss)
    assert "pas encore relié" in read(boss) and "Comment faire" in read(boss)
    key = EngineToken.objects.create(cabinet=office.cabinet, sha256="x" * 64, last_seen=datetime.now(UTC))
    assert "Synchronisation à jour" in read(boss) and 'class="sub bad"' not in read(boss)
    EngineToken.objects.filter(id=key.id).update(last_seen=NOW - timedelta(days=2))
    assert 'class="sub bad">Synchronisation muette' in read(boss)
    answer = boss.post("/synchronisation/maintenant", {})
    assert answer.headers["Location"] == "/"


def since(client: Any, days: int) -> None:
    type(client).objects.filter(id=client.id).update(created_at=NOW - timedelta(days=days))


def test_who_is_late_is_who_sent_nothing_of_the_period(office: Any, sophie: Any, browse: Any, put: Any) -> None:
    from syncd.portal.documents.late_clients import awaited
    from syncd.portal.models import Document
    from syncd.portal.people.visibility import person_of

    boss, today = person_of(office.boss), date(2026, 11, 27)

    def late(day: date = today) -> dict[str, list[tuple[str, bool]]]:
        return {c: [(a.folder, a.long) for a in ones] for c, ones in awaited(boss, day).items()}

    def came(path: str, at: datetime) -> None:
        document = put(office.one, path, path.encode())
        Document.objects.filter(id=document.id).update(created_at=at)

    type(office.one).objects.all().update(created_at=datetime(2026, 10, 20, tzinfo=UTC))
    assert set(late()) == {office.one.id, office.two.id}
    type(office.one).objects.filter(id=office.two.id).update(created_at=datetime(2026, 11, 2, tzinfo=UTC))
    assert late() == {office.one.id: [("Achats", True), ("Ventes", True), ("Banque", True)]}  # the other came since
    came("Achats/2026/a.pdf", datetime(2026, 10, 3, tzinfo=UTC))
    came("Banque/octobre.pdf", datetime(2026, 10, 30, tzinfo=UTC))  # no statement of the whole month
    assert late() == {office.one.id: [("Ventes", False), ("Banque", False)]}
    came("À classer/ticket.pdf", datetime(2026, 11, 3, tzinfo=UTC))  # it may be anything
    assert late() == {}
    type(office.one).objects.filter(id=office.one.id).update(closed=True)
    assert late(date(2027, 3, 20)).keys() == {office.two.id}


def test_the_first_page_and_the_list_say_who_is_late_of_ones_own(office: Any, sophie: Any, browse: Any) -> None:
    type(office.one).objects.all().update(created_at=NOW - timedelta(days=400), name="Zoé <i>Fleurs</i>")
    page, hers = read(browse(office.boss)), read(browse(sophie))
    assert figures(page)["Clients en retard"][0] == 2 and figures(hers)["Clients en retard"][0] == 1
    assert re.search(r'class="chip bad">Banque [\w.û]+<', page)
    assert "/dossiers/000001" not in hers and "<i>Fleurs" not in page
    late = read(browse(sophie), "/clients?late=1")
    assert "/dossiers/000002" in late and "/dossiers/000001" not in late


def test_bars_say_what_came_in_each_month_to_whoever_may_see_it(office: Any, sophie: Any, put: Any) -> None:
    from syncd.portal.documents.received import by_month
    from syncd.portal.models import Document
    from syncd.portal.people.visibility import person_of

    for client, path, month in (
        (office.one, "Achats/a.pdf", 11), (office.two, "Achats/b.pdf", 11), (office.two, "Social/c.pdf", 11), (office.two, "Ventes/d.pdf", 9),
        (office.two, "Ventes/e.pdf", 5),
    ):  # fmt: skip
        document = put(client, path, path.encode())
        Document.objects.filter(id=document.id).update(created_at=datetime(2026, month, 15, tzinfo=UTC))
    put(office.two, "Ventes/of the cabinet.pdf", b"x", "cabinet")
    today = date(2026, 11, 27)
    assert [(m.start.month, m.count) for m in by_month(person_of(office.boss), today)] == [
        (6, 0),
        (7, 0),
        (8, 0),
        (9, 1),
        (10, 0),
        (11, 3),
    ]
    assert [m.count for m in by_month(person_of(sophie), today)] == [0, 0, 0, 1, 0, 1]


def deposited(client: Any, number: int, document: Any, by: str = "Marie <Dupont>") -> None:
    from syncd.portal.models import Deposit, DepositLine

    one = Deposit.objects.create(
        cabinet=client.cabinet, client=client, number=f"2026-{number:06}", batch=f"b{number}", by=by, origin="company", at=NOW, last_at=NOW
    )  # fmt: skip
    DepositLine.objects.create(
        deposit=one, document=document, version_id=document.version_id, given="x", path=document.path, outcome="stored"
    )


def test_activity_tells_of_deposits_one_may_see(office: Any, sophie: Any, browse: Any, put: Any) -> None:
    for n, (client, path) in enumerate(
        ((office.one, "Achats/a.pdf"), (office.two, "Achats/b.pdf"), (office.two, "Social/c.pdf"))
    ):
        deposited(client, n, put(client, path, path.encode()))
    for page in ("/", "/activite"):
        all_, hers = read(browse(office.boss), page), read(browse(sophie), page)
        assert all_.count("a déposé 1 document") == 3 and hers.count("a déposé 1 document") == 1, page
        assert "/depots/2026-000001" in hers and "<Dupont>" not in hers
    assert read(browse(office.boss), "/activite?q=000002").count("a déposé") == 2


def test_a_pass_leads_to_what_it_did_for_each_client_and_that_to_its_documents(office: Any, browse: Any) -> None:
    from syncd.portal.models import RunLine, RunReport

    made = []
    for n in (1, 2):
        run = RunReport.objects.create(
            cabinet=office.cabinet,
            run=n,
            started_at=NOW,
            ended_at=NOW,
            verdict="done",
            exit_code=0,
            counts={"uploaded": n},
        )
        RunLine.objects.create(run=run, client=(office.one, office.two)[n - 1], verdict="done", counts={"uploaded": n})
        made.append(run)
    boss = browse(office.boss)
    page = read(boss, "/synchronisation")
    assert "Aujourd'hui" in page and f"/synchronisation/comptes-rendus?run={made[1].id}" in page
    page = read(boss, f"/synchronisation/comptes-rendus?run={made[1].id}")
    assert "Passage du" in page and "/recherche?client=000002&amp;since=" in page and "client=000001" not in page
