"""The desk: what would go online is shown with who would see it; several answers at once; what each pass did, filtered."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.core.protocol import RunSummary, WaitingPlan

KIND = {"Achats": "purchases", "Social": "payroll"}


def waiting(client: Any, digest: str, *places: str) -> Any:
    from syncd.portal.models import WaitingSet

    actions = [{"action": "upload", "path": p, "client": client.code} for p in places]
    return WaitingSet.objects.create(client=client, reason="guard_first_publication", digest=digest, actions=actions)


def rows(page: str) -> dict[str, str]:
    """Folder → who would see it, as the page says it."""
    found = re.findall(
        r"<tr><td[^>]*>([^<]+)</td><td[^>]*><details>.*?</details></td><td[^>]*>(.*?)</td></tr>", page, re.DOTALL
    )
    return {folder: re.sub(r"<[^>]+>", "", who) for folder, who in found}


def test_a_first_publication_is_shown_folder_by_folder_with_who_would_see_it(office: Any, browse: Any) -> None:
    waiting(office.one, "d1", "Achats/a.pdf", "Achats/b.pdf", "Social/paie.pdf", "Ventes/2026/<b>.pdf")
    page = browse(office.boss).get("/accords").content.decode()
    everybody = "Marie Dupont, Paul"
    nobody = "personne pour l'instant"
    assert rows(page) == {"Achats": everybody, "Social": nobody, "Ventes": everybody}
    assert "2 documents" in page and "&lt;b&gt;.pdf" in page and "<b>.pdf" not in page
    office.marie.is_active = False  # who is above holds nothing any more, so those below do not
    office.marie.save()
    assert set(rows(browse(office.boss).get("/accords").content.decode()).values()) == {nobody}


def test_what_is_shown_is_what_the_rule_says(office: Any) -> None:
    from syncd.core.folder_rules import ClientRules
    from syncd.portal.clients.tree import rules_of
    from syncd.portal.people.audience import audiences, seen_by
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Place, Verb, may

    rules: ClientRules = rules_of(office.one)
    who = audiences([office.one, office.two])
    for rule in rules.folders:
        place = Place(office.cabinet.id, rules, rule.path, office.one.id)
        may_see = [str(u) for u in (office.marie, office.paul) if may(person_of(u), Verb.VIEW, place)]
        assert seen_by(office.one, rule.path, who[office.one.id]) == may_see, rule.path
    assert seen_by(office.two, "Achats", who[office.two.id]) == []


def test_of_two_who_bear_one_name_each_counts(office: Any) -> None:
    from syncd.portal.models import Grant, User
    from syncd.portal.people.audience import audiences, seen_by

    for n, kinds in enumerate(({"payroll": "view"}, {"information": "view"})):  # the later one sees less
        jean = User.objects.create(cabinet=office.cabinet, sign_in=f"jean{n}", name="Jean Petit", role="contact")
        for kind, verbs in kinds.items():
            Grant.objects.create(user=jean, client=office.one, kind=kind, verbs=verbs)
    who = audiences([office.one])[office.one.id]
    assert seen_by(office.one, "Social", who) == ["Jean Petit"]
    assert [name for name, _ in who].count("Jean Petit") == 2


def test_several_clients_are_answered_at_once_and_only_ones_own(office: Any, browse: Any) -> None:
    from syncd.portal.models import FeedRow

    for client, digest in ((office.one, "d1"), (office.two, "d2"), (office.foreign, "d9")):
        waiting(client, digest, "Achats/a.pdf")
    browser = browse(office.boss)
    page = browser.get("/accords").content.decode()
    assert page.count('type="checkbox" form="several"') == 2 and "Autoriser la sélection" in page
    browser.post("/synchronisation/accord", {"answer": "yes"})
    assert not FeedRow.objects.filter(kind="answer").exists()  # nobody was chosen
    browser.post("/synchronisation/accord", {"digest": ["d1", "d2", "d9"], "answer": "yes"})
    told = set(FeedRow.objects.filter(kind="answer").values_list("client", "object"))
    assert told == {(office.one.id, "+d1"), (office.two.id, "+d2")}


def passed(office: Any, days_ago: int, client: Any, verdict: str, **counts: int) -> None:
    from syncd.portal.models import RunLine, RunReport

    at = datetime.now(UTC) - timedelta(days=days_ago)
    run = RunReport.objects.create(
        cabinet=client.cabinet, run=days_ago, started_at=at, ended_at=at, verdict=verdict, exit_code=0, counts=counts
    )
    RunLine.objects.create(run=run, client=client, verdict=verdict, counts=counts)


def test_run_reports_are_cut_as_asked_and_the_table_says_the_same(office: Any, browse: Any) -> None:
    office.one.site, office.one.responsible = "Lyon", office.boss
    office.one.save()
    office.two.name = "=cmd()"
    office.two.save()
    passed(office, 1, office.one, "done", uploaded=3)
    passed(office, 10, office.one, "warning", refused=1)
    passed(office, 2, office.two, "done", downloaded=7)
    passed(office, 3, office.foreign, "done", downloaded=99)
    browser = browse(office.boss)
    week = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()

    def said(query: str) -> list[tuple[str, str, str, str]]:
        text = browser.get(f"/synchronisation/comptes-rendus.csv?{query}").content.decode()
        assert text.startswith("\ufeff")
        lines = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))[1:]
        page = browser.get(f"/synchronisation/comptes-rendus?{query}").content.decode()
        assert page.count('class="verdict ') == len(lines)
        return [(x[1], x[7], x[8], x[9]) for x in lines]

    one, two = ("000001", "Terminé", "3", "0"), ("000002", "Terminé", "0", "7")
    old = ("000001", "Avertissement", "0", "0")
    assert said("") == [one, two, old]  # and nothing of the other cabinet
    assert said("code=000002") == [two] and said("code=soci%C3%A9t%C3%A9") == [one, old]
    assert said("site=Lyon") == [one, old] and said(f"responsible={office.boss.id}") == [one, old]
    assert said("verdict=warning") == [old] and said(f"since={week}") == [one, two] and said(f"until={week}") == [old]
    assert said("site=Nulle+part") == [] and said("since=demain") == [one, two, old]
    assert "'=cmd()" in browser.get("/synchronisation/comptes-rendus.csv").content.decode()
    assert browse(office.marie).get("/synchronisation/comptes-rendus").status_code == 404


def test_what_stands_is_shown_with_its_cause(office: Any, browse: Any) -> None:
    from syncd.portal.models import OpenReport

    since = datetime.now(UTC) - timedelta(minutes=20)
    OpenReport.objects.create(client=office.one, path="Achats/x.pdf", reason="failed", since=since, detail="not_given")
    OpenReport.objects.create(client=office.two, reason="stop_not_ours", since=since, detail="Dupont/.syncd")
    page = browse(office.boss).get("/a-faire").content.decode()
    assert "erreur technique, sera repris (non fourni par la plateforme)" in page and "(Dupont/.syncd)" in page


def told(office: Any, run: int, verdict: str, code: int, reason: str = "", cause: str = "", **more: Any) -> None:
    """What an engine says at the end of a pass, which did nothing."""
    from syncd.portal.rights import Engine
    from syncd.portal.sync.run_summaries import take_summary

    at = datetime.now(UTC).timestamp() + run
    said = RunSummary(run, at, at, verdict, {}, code, "h", 0, reason=reason, cause=cause, **more)
    take_summary(Engine(office.cabinet.id), said)


def test_after_a_pass_that_was_given_up_nobody_is_up_to_date_and_the_desk_says_why(office: Any, browse: Any) -> None:
    browser = browse(office.boss)
    told(office, 1, "done", 3)
    assert browser.get("/clients").content.decode().count(">À jour<") == 2
    told(office, 2, "abandoned", 1, "stop_root_marker")
    told(office, 3, "abandoned", 1, "stop_root_marker")
    clients = browser.get("/clients").content.decode()
    assert ">À jour<" not in clients and clients.count(">Synchronisation incomplète<") == 2
    page = browser.get("/synchronisation").content.decode()
    assert "La synchronisation ne va plus au bout depuis le" in page and page.count("rien à faire") == 1
    assert page.count("la racine des dossiers n’est pas celle de ce cabinet") == 2  # above, and once for both passes
    told(office, 4, "abandoned", 6, "portal_failed", "500: Permission denied")
    assert "(500: Permission denied)" in browser.get("/synchronisation").content.decode()
    told(office, 5, "done", 0)  # nothing to do: kept, since it says that it is over
    assert browser.get("/clients").content.decode().count(">À jour<") == 2
    page = browser.get("/synchronisation").content.decode()
    assert "ne va plus au bout" not in page and "(500: Permission denied)" in page
    told(office, 6, "done", 0)
    assert office.cabinet.runs.count() == 5


def test_one_that_somebody_stopped_is_no_alarm(office: Any, browse: Any) -> None:
    told(office, 1, "done", 3)
    told(office, 2, "abandoned", 143)
    assert "ne va plus au bout" not in browse(office.boss).get("/synchronisation").content.decode()
    assert ">À jour<" not in browse(office.boss).get("/clients").content.decode()


def test_an_answer_stands_over_a_pass_that_was_given_up_before_it_looked(office: Any, browse: Any) -> None:
    plan = WaitingPlan(office.one.id, "guard_first_publication", "d1", ({"action": "upload", "path": "Achats/a.pdf"},))
    told(office, 1, "warning", 4, waiting=(plan,))
    browse(office.boss).post("/synchronisation/accord", {"digest": "d1", "answer": "yes"})
    told(office, 60, "abandoned", 1, "disk_failed", waiting=(plan,))
    assert [w.agreed for w in office.one.waiting.all()] == [True]
    told(office, 120, "warning", 4, waiting=(plan,))
    assert [w.agreed for w in office.one.waiting.all()] == [None]
