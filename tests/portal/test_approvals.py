"""An agreement is the whole set that was shown: its totals are exact, every line can be seen, and an answer stands."""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec

from syncd.core import plan_totals
from syncd.core.events import of_line
from syncd.core.protocol import RunSummary, WaitingLines, WaitingPlan
from syncd.engine import approval_payload
from syncd.ports.state import WaitingRow
from tests.simulation.engine_in_memory import fresh_state


def line(n: int, **more: Any) -> dict[str, Any]:
    return {"action": "upload", "path": f"Achats/2026/facture {n:04}.pdf", "client": "000001", "version": 1, **more}


def row(client: Any, lines: list[dict[str, Any]], digest: str = "d1", reason: str = "guard_changes") -> WaitingRow:
    return WaitingRow(client.id, reason, digest, (), tuple(map(of_line, lines)), 0.0)


def report(office: Any, rows: list[WaitingRow], started: float = 1.0) -> None:
    """What an engine tells the portal at the end of a pass."""
    from syncd.portal.clients.tree import rules_of
    from syncd.portal.rights import Engine
    from syncd.portal.sync.run_summaries import take_summary

    rules = {office.one.id: rules_of(office.one), office.two.id: rules_of(office.two)}
    plans = approval_payload.plans(rows, rules)
    for lines in [(), *approval_payload.more(fresh_state(), rows)]:
        take_summary(
            Engine(office.cabinet.id),
            RunSummary(1, started, started, "warning", {}, 4, "h", 0, waiting=plans, lines=lines),
        )


def desk(browser: Any) -> str:
    return str(browser.get("/accords").content.decode()).replace("\u00a0", " ")


def test_two_thousand_documents_are_counted_as_such_and_every_line_can_be_seen(office: Any, browse: Any) -> None:
    lines = [line(n) for n in range(1500)] + [line(n, version=2, replaces=True) for n in range(1500, 1988)]
    lines += [line(0, action="set_aside", path=f"Banque/releve {n}.pdf") for n in range(12)]
    lines.append(line(0, action="make_folder", path="Banque/2026", folder=True))
    report(office, [row(office.one, lines)])
    report(office, [row(office.one, lines)], 2.0)  # the same again adds nothing
    browser = browse(office.boss)
    page = desk(browser)
    assert "1\u202f500 documents à mettre en ligne, 488 documents à remplacer en ligne" in page
    assert "12 documents supprimés en ligne, à mettre de côté" in page
    assert "50 montrés sur 1\u202f988 documents" in page and "Voir la liste entière (2\u202f000)" in page
    seen: list[str] = []
    for number in range(1, 6):
        whole = browser.get(f"/synchronisation/liste?q=d1&page={number}").content.decode()
        part = re.findall(r"<li>((?:Achats|Banque)[^<]*)</li>", whole)
        assert len(part) <= 500
        seen += part
    assert len(seen) == 2001 and len(set(seen)) == 2001
    assert seen[1500] == "Achats/2026/facture 1500.pdf : document à remplacer en ligne"
    assert browse(office.marie).get("/synchronisation/liste?q=d1").status_code == 404


def test_the_lines_of_a_set_are_kept_whatever_came_before_how_it_was_cut(office: Any) -> None:
    from syncd.portal.models import WaitingSet
    from syncd.portal.rights import Engine
    from syncd.portal.sync.approvals import lines, lines_held
    from syncd.portal.sync.run_summaries import take_summary

    whole = [line(n) for n in range(30)]

    def told(first: int, *pieces: tuple[int, int]) -> None:
        plan = WaitingPlan(office.one.id, "guard_changes", "d1", tuple(whole[:first]))
        more = tuple(WaitingLines(office.one.id, "d1", a, tuple(whole[a:b])) for a, b in pieces)
        take_summary(
            Engine(office.cabinet.id), RunSummary(1, 1, 1, "warning", {}, 4, "h", 0, waiting=(plan,), lines=more)
        )

    told(5, (20, 30))  # a request that lay between was lost
    found = WaitingSet.objects.get(digest="d1")
    assert lines_held(found) == 5
    told(10, (10, 20), (15, 25), (20, 30))
    all_ = [of_line(x) for x in whole]
    assert lines(found, 0, 100) == all_ and lines(found, 7, 16) == all_[7:23] and lines(found, 28, 9) == all_[28:]


def test_an_answer_stands_until_the_engine_has_looked(office: Any, browse: Any) -> None:
    from syncd.portal.models import FeedRow

    first = time.time() - 60
    report(office, [row(office.one, [line(1)])], first)
    browser = browse(office.boss)
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "yes"})
    page = desk(browser)
    assert re.search(r"Accordé par vous à \d\d:\d\d, en cours", page) and ">Autoriser<" not in page
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "no"})
    assert "Déjà accordé par" in desk(browser)
    assert [r.object for r in FeedRow.objects.filter(kind="answer")] == ["+d1"]
    report(office, [row(office.one, [line(1)])], first + 1)  # the pass that was under way ends
    assert "en cours" in desk(browser)
    report(office, [row(office.one, [line(1)])], time.time() + 60)  # one that knew the answer, and could not do it
    assert ">Autoriser<" in desk(browser)
    report(office, [], time.time() + 120)
    assert "En attente de votre accord" not in desk(browser)


def test_a_refusal_is_shown_and_can_be_changed(office: Any, browse: Any) -> None:
    report(office, [row(office.one, [line(1)])])
    browser = browse(office.boss)
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "no"})
    page = desk(browser)
    assert "Refusé par vous" in page and ">Autoriser<" in page and ">Ne pas autoriser<" not in page
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "yes"})
    assert "Accordé par vous" in desk(browser)


def test_what_was_refused_is_not_agreed_to_with_the_others(office: Any, browse: Any) -> None:
    from syncd.portal.models import FeedRow

    report(office, [row(office.one, [line(n)], f"d{n}") for n in (1, 2)] + [row(office.two, [line(3)], "d3")])
    browser = browse(office.boss)
    before = desk(browser)
    assert "3 demandes attendent" in before
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "no"})
    page = desk(browser)
    assert "2 demandes attendent" in page and re.search(r'name="all" value="d2 d3 "', page)
    assert page.count('form="several" name="digest"') == 2
    browser.post("/synchronisation/accord", {"all": "d1 d2 d3", "answer": "yes"})  # as the page before said it
    assert "autorisez cette demande seule" in desk(browser)
    assert {r.object for r in FeedRow.objects.filter(kind="answer")} == {"-d1", "+d2", "+d3"}
    browser.post("/synchronisation/accord", {"digest": "d1", "answer": "yes"})
    assert "+d1" in {r.object for r in FeedRow.objects.filter(kind="answer")}


def test_another_clients_documents_are_never_one_click(office: Any, browse: Any) -> None:
    from syncd.portal.models import FeedRow

    report(office, [
        row(office.one, [line(1)], "d1", "guard_first_publication"), row(office.one, [line(2)], "d2", "guard_other_client"),
        row(office.two, [line(3)], "d3", "guard_first_publication"),
    ])  # fmt: skip
    browser = browse(office.boss)
    page = desk(browser)
    assert re.search(r'name="all" value="d1 d3 "', page) and page.count('form="several" name="digest"') == 2
    for given in ({"digest": "d2"}, {"digest": ["d1", "d2"], "sure": "on"}, {"all": "d2 d3", "sure": "on"}):
        browser.post("/synchronisation/accord", {**given, "answer": "yes"})
    assert {r.object for r in FeedRow.objects.filter(kind="answer")} == {"+d1", "+d3"}
    browser.post("/synchronisation/accord", {"digest": "d2", "sure": "on", "answer": "yes"})
    assert "+d2" in {r.object for r in FeedRow.objects.filter(kind="answer")}


def test_an_engine_older_than_totals_is_counted_by_its_lines(office: Any, browse: Any) -> None:
    from syncd.portal.rights import Engine
    from syncd.portal.sync.run_summaries import take_summary

    old = {
        "run": 1, "started": 1.0, "ended": 1.0, "verdict": "warning", "counts": {}, "exit_code": 4, "chain_head": "ab",
        "generation": 0,
        "waiting": [{"client": office.one.id, "reason": "guard_changes", "digest": "d1", "actions": [line(n) for n in range(500)]}],
    }  # fmt: skip
    take_summary(Engine(office.cabinet.id), msgspec.convert(old, RunSummary))
    page = desk(browse(office.boss))
    assert "500 documents à mettre en ligne" in page and "que les 500 premières lignes" in page


class OldPlan(msgspec.Struct, frozen=True):
    client: str
    reason: str
    digest: str
    actions: tuple[dict[str, object], ...]


def test_a_portal_older_than_totals_understands_the_engine() -> None:
    plan = WaitingPlan(
        "c", "guard_changes", "d1", (line(1),), plan_totals.totals([of_line(line(1))], lambda path: path)
    )
    assert msgspec.json.decode(msgspec.json.encode(plan), type=OldPlan).actions == (line(1),)


def test_a_first_day_goes_in_requests_of_a_bounded_size() -> None:
    rows = [
        WaitingRow(f"c{c}", "guard_first_publication", f"d{c}", (), tuple(of_line(line(n)) for n in range(400)), 0.0)
        for c in range(300)
    ]
    plans = approval_payload.plans(rows, {})
    assert sum(len(p.actions) for p in plans) <= approval_payload.TOGETHER
    assert all(sum(t.count for t in p.totals) == 400 for p in plans)
    state, sent = fresh_state(), 0
    for pieces in approval_payload.more(state, rows):
        assert len(msgspec.json.encode(pieces)) < 4_000_000
        sent += sum(len(p.actions) for p in pieces)
    assert sent + sum(len(p.actions) for p in plans) == 300 * 400
    state.progress.change(waiting_said=approval_payload.said(rows))
    assert not list(approval_payload.more(state, rows))


def test_a_set_whose_names_were_barred_on_the_way_is_not_shown_to_be_agreed_to(office: Any, browse: Any) -> None:
    from syncd.portal.models import WaitingSet
    from syncd.portal.rights import Engine
    from syncd.portal.sync.run_summaries import take_summary

    rows, rules = [row(office.one, [line(1)])], {office.one.id: rules_of_one(office)}
    said = RunSummary(1, 1.0, 1.0, "warning", {}, 4, "h", 0, waiting=approval_payload.plans(rows, rules))
    take_summary(Engine(office.cabinet.id), said.nameless())
    assert not WaitingSet.objects.exists() and "Autoriser" not in desk(browse(office.boss))
    take_summary(Engine(office.cabinet.id), said)
    assert "facture 0001.pdf" in desk(browse(office.boss))
    take_summary(Engine(office.cabinet.id), said.nameless())  # what was shown stays shown
    assert "facture 0001.pdf" in desk(browse(office.boss))


def rules_of_one(office: Any) -> Any:
    from syncd.portal.clients.tree import rules_of

    return rules_of(office.one)


def test_a_mails_button_leads_to_the_very_request(office: Any, browse: Any) -> None:
    from syncd.portal.models import User

    browser = browse(office.boss)
    assert browser.get("/synchronisation/accords/000001", follow=True).content.decode().count("plus votre accord") == 1
    report(office, [row(office.one, [line(1)])])
    answer = browser.get("/synchronisation/accords/000001")
    assert (
        answer.headers["Location"].endswith("?q=d1")
        and "facture 0001.pdf" in browser.get(answer.headers["Location"]).content.decode()
    )
    report(office, [row(office.one, [line(1)]), row(office.one, [line(2)], "d2", "guard_other")])
    assert browser.get("/synchronisation/accords/000001").headers["Location"] == "/accords"
    other = User.objects.create(cabinet=office.cabinet, sign_in="aria", role="assistant", parent=office.boss)
    assert "d1" not in browse(other).get("/synchronisation/accords/000001").headers["Location"]
