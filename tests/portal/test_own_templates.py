"""What the cabinet decides on pages: what each folder of a client takes, templates of its own, its correspondent's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def boss(office: Any, browse: Callable[..., Any]) -> Any:
    return browse(office.boss)


def fields(client: Any, **other: str) -> dict[str, str]:
    """What the form of a client's tree would send as it is shown."""
    from syncd.portal.web.clients import _rows

    given = {"do": "rules"}
    for row in _rows(client, {}):
        given |= {
            f"path-{row['n']}": row["path"],
            f"direction-{row['n']}": row["direction"],
            f"size-{row['n']}": row["size"],
        }
        if row["restricted"]:
            given[f"restricted-{row['n']}"] = "on"
    return given | other


def rule(client: Any, path: str) -> Any:
    from syncd.portal.clients.tree import rules_of

    client.refresh_from_db()
    return next(r for r in rules_of(client).folders if r.path == path)


def number(client: Any, path: str) -> str:
    from syncd.portal.clients.tree import rules_of

    return str(next(n for n, r in enumerate(rules_of(client).folders) if r.path == path))


def test_direction_size_and_confidence_of_a_folder_are_set_on_its_page(office: Any, boss: Any) -> None:
    from syncd.core.folder_rules import Direction
    from syncd.portal.models import Audit, FeedRow

    n, other = number(office.one, "Achats"), rule(office.one, "Ventes")
    before = office.one.tree
    page = boss.get("/clients/000001/arborescence").content.decode()
    assert "Ce que prend chaque dossier" in page and f'name="direction-{n}"' in page
    form = fields(office.one, **{f"direction-{n}": "to_cabinet", f"size-{n}": "35,5", f"restricted-{n}": "on"})
    assert boss.post("/clients/000001/arborescence", form).status_code == 302
    changed = rule(office.one, "Achats")
    assert (changed.direction, changed.max_size, changed.restricted) == (Direction.TO_CABINET, 35_500_000, True)
    assert rule(office.one, "Ventes") == other and office.one.tree == before + 1
    assert FeedRow.objects.filter(kind="client", client=office.one.id).exists(), "the engine hears of it"
    assert Audit.objects.filter(what="tree_changed", about="000001").count() == 1
    boss.post("/clients/000001/arborescence", fields(office.one, **{f"size-{n}": ""}))
    assert rule(office.one, "Achats").max_size == 0, "nothing is no limit"


@pytest.mark.parametrize("size", ["-1", "1e9", "²", "beaucoup", "999999", "1.2.3"])
def test_what_is_no_size_is_said_and_changes_nothing(office: Any, boss: Any, size: str) -> None:
    n, before = number(office.one, "Achats"), rule(office.one, "Achats")
    answer = boss.post("/clients/000001/arborescence", fields(office.one, **{f"size-{n}": size}))
    assert answer.status_code == 403 and "la taille est un nombre de Mo" in answer.content.decode()
    assert rule(office.one, "Achats") == before


def test_what_stays_at_the_cabinet_stays_and_nothing_comes_to_stay_there(office: Any, boss: Any) -> None:
    """Whatever a form says: a folder that was online would vanish with its documents, the other would show them."""
    from syncd.portal.clients.tree import rules_of

    here = next(r.path for r in rules_of(office.one).folders if r.direction.value == "none")
    n, at = number(office.one, here), number(office.one, "Achats")
    assert "reste au cabinet" in boss.get("/clients/000001/arborescence").content.decode()
    boss.post("/clients/000001/arborescence", fields(office.one, **{f"direction-{n}": "both"}))
    assert rule(office.one, here).direction.value == "none"
    answer = boss.post("/clients/000001/arborescence", fields(office.one, **{f"direction-{at}": "none"}))
    assert answer.status_code == 403 and rule(office.one, "Achats").direction.value == "both"


def test_a_tree_that_changed_meanwhile_is_not_overwritten(office: Any, boss: Any) -> None:
    from syncd.portal.clients.tree import folder_add
    from syncd.portal.people.visibility import person_of

    form = fields(office.one)
    office.one.rules = office.one.rules[1:]
    office.one.save()
    folder_add(person_of(office.boss), office.one, "Travaux")
    answer = boss.post("/clients/000001/arborescence", form)
    assert answer.status_code == 403 and "a changé entre-temps" in answer.content.decode()


def test_a_cabinets_own_template_is_offered_wherever_one_is_chosen(office: Any, boss: Any, browse: Any) -> None:
    from syncd.portal.clients import import_xlsx, templates
    from syncd.portal.clients.tree import folder_add, rules_of
    from syncd.portal.models import Audit, Client, OwnTemplate, User
    from syncd.portal.people.visibility import person_of

    folder_add(person_of(office.boss), office.one, "Chantiers")
    office.one.refresh_from_db()
    said = boss.post("/clients/000001/arborescence", {"do": "keep", "title": "Bâtiment & TP"}, follow=True)
    assert "Le modèle « Bâtiment &amp; TP » est proposé" in said.content.decode()
    own = OwnTemplate.objects.get()
    assert (own.name, own.title, own.by) == ("batiment-tp", "Bâtiment & TP", "boss")
    assert Audit.objects.filter(what="template_kept", about="000001").exists()
    offered = '<option value="batiment-tp"'
    for page in ("/clients/nouveau", "/clients/000002/arborescence"):
        assert offered in boss.get(page).content.decode(), page
    assert "batiment-tp" in {t.name for t in templates.known(office.cabinet)}
    assert "batiment-tp" not in {t.name for t in templates.known(office.foreign.cabinet)}, "another cabinet's"
    made = boss.post("/clients/nouveau", {"code": "000077", "name": "SARL Maçon", "template": "batiment-tp"})
    assert made.status_code == 302
    client = Client.objects.get(code="000077")
    assert [r.path for r in rules_of(client).folders] == [r.path for r in rules_of(office.one).folders]
    assert client.template == "batiment-tp"
    assert import_xlsx.model(office.cabinet) and "batiment-tp" in import_xlsx._Checker(office.cabinet).templates
    assert "Bâtiment &amp; TP" in boss.get("/reglages").content.decode()
    boss.post("/reglages/action", {"do": "template", "template": "batiment-tp"})
    assert not OwnTemplate.objects.exists() and rules_of(client).has("Chantiers"), "clients keep their tree"
    associate = User.objects.create(cabinet=office.cabinet, sign_in="luc", role="associate", parent=office.boss)
    from syncd.portal.models import Grant, Portfolio

    Portfolio.objects.create(user=associate, field="all")
    Grant.objects.create(user=associate, kind="*", verbs="view deposit download delete")
    luc = browse(associate)
    luc.post("/clients/000001/arborescence", {"do": "keep", "title": "Le sien"})
    luc.post("/reglages/action", {"do": "template", "template": "x"})
    assert not OwnTemplate.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "commerce", "Commerce", "x" * 101, "***"])
def test_a_template_needs_a_name_of_its_own(office: Any, boss: Any, title: str) -> None:
    from syncd.portal.models import OwnTemplate

    assert boss.post("/clients/000001/arborescence", {"do": "keep", "title": title}).status_code == 403
    assert not OwnTemplate.objects.exists()


def test_the_correspondent_has_a_name_of_ones_own(office: Any, boss: Any, browse: Any) -> None:
    from syncd.portal.models import Audit, User

    assert "Votre nom, tel que" in boss.get("/compte").content.decode()
    boss.post("/compte/action", {"do": "name", "name": "  Hélène   Martin "})
    assert str(User.objects.get(id=office.boss.id)) == "Hélène Martin"
    assert Audit.objects.filter(what="own_name").count() == 1
    for odd in ("", "   ", "\u202e"):
        boss.post("/compte/action", {"do": "name", "name": odd})
        assert User.objects.get(id=office.boss.id).name == "Hélène Martin"
    marie = browse(office.marie)  # named by who made her account
    assert "Votre nom, tel que" not in marie.get("/compte").content.decode()
    marie.post("/compte/action", {"do": "name", "name": "Cabinet Martin"})
    assert User.objects.get(id=office.marie.id).name == "Marie Dupont"


def test_passes_that_only_repeat_are_one_line(office: Any, boss: Any) -> None:
    from datetime import UTC, datetime, timedelta

    from syncd.portal.models import RunLine, RunReport
    from syncd.portal.sync.dashboard import passes

    start = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def ran(n: int, counts: dict[str, int], verdict: str = "done", told: bool = False) -> Any:
        at = start + timedelta(minutes=15 * n)
        run = RunReport.objects.create(
            cabinet=office.cabinet, run=n, started_at=at, ended_at=at, verdict=verdict, exit_code=3, counts=counts, chain_head=""
        )  # fmt: skip
        if told:
            RunLine.objects.create(run=run, client=office.one, verdict="warning", counts={"refused": 1})
        return run

    ran(1, {"uploaded": 2, "refused": 3}, told=True)
    ran(2, {"uploaded": 2, "refused": 3})  # an older engine names no client: what it did is no repetition
    for n in range(3, 60):
        ran(n, {"refused": 3, "uploaded": 0})
    ran(60, {"refused": 4}, "warning", told=True)
    for n in range(61, 100):
        ran(n, {"refused": 4})
    found = passes(office.cabinet)
    assert [(p.last.run, p.first.run, p.count) for p in found] == [
        (99, 61, 39), (60, 60, 1), (59, 3, 57), (2, 2, 1), (1, 1, 1),
    ]  # fmt: skip
    page = boss.get("/synchronisation").content.decode()
    assert page.count("4 refusés") == 2 and "rien de nouveau en 39 passages" in page
    for n in range(100, 130):
        ran(n, {"downloaded": n})
    assert len(passes(office.cabinet)) == 20


def test_what_would_change_is_said_before_it_is_done(office: Any, boss: Any) -> None:
    """What was chosen was done at once, and nobody said who would see a folder afterwards."""
    from syncd.portal.models import Document, Grant

    Grant.objects.filter(user=office.marie, kind="payroll").delete()
    Grant.objects.filter(user=office.marie, kind="*").update(kind="purchases")
    n, s = number(office.one, "Achats"), number(office.one, "Stocks")
    before = office.one.tree
    form = fields(office.one, **{f"kind-{n}": "payroll", f"size-{n}": "35", f"direction-{s}": "to_cabinet"})
    page = boss.post("/clients/000001/arborescence", {**form, "do": "compare"}).content.decode().replace("\u00a0", " ")
    assert "20 Mo → 35 Mo" in page and "achats → social" in page and "ne le verront plus : Marie Dupont" in page
    assert "dans les deux sens → déposé par le client" in page and "Ventes</strong>" not in page
    assert rule(office.one, "Achats").kind == "purchases" and office.one.tree == before
    assert 'value="35"' in page and 'name="do" value="rules"' in page  # what was given stays, to be applied
    boss.post("/clients/000001/arborescence", form)
    assert (rule(office.one, "Achats").kind, rule(office.one, "Stocks").direction.value) == ("payroll", "to_cabinet")
    page = boss.post("/clients/000001/arborescence", {**fields(office.one), "do": "compare"}).content.decode()
    assert "Rien ne change." in page and 'name="do" value="rules"' not in page
    assert not Document.objects.filter(client=office.one).exists()


def test_documents_and_rights_follow_a_folders_kind(office: Any, boss: Any, put: Any, browse: Any) -> None:
    document = put(office.one, "Achats/a.pdf", b"one")
    assert browse(office.marie).get(f"/documents/{document.id}").status_code == 200
    boss.post("/clients/000001/arborescence", fields(office.one, **{f"kind-{number(office.one, 'Achats')}": "payroll"}))
    document.refresh_from_db()
    assert document.kind == "payroll" and browse(office.marie).get(f"/documents/{document.id}").status_code == 404


@pytest.mark.parametrize("kind", ["inbox", "internal", "nothing", "²", ""])
def test_a_kind_that_nobody_chooses_is_refused(office: Any, boss: Any, kind: str) -> None:
    n, before = number(office.one, "Achats"), rule(office.one, "Achats")
    for do in ("rules", "compare"):
        form = {**fields(office.one, **{f"kind-{n}": kind}), "do": do}
        answer = boss.post("/clients/000001/arborescence", form)
        assert answer.status_code == 403 and "choisissez un type" in answer.content.decode()
    inbox = number(office.one, "À classer")  # what the template alone says stays
    boss.post("/clients/000001/arborescence", fields(office.one, **{f"kind-{inbox}": "other"}))
    assert rule(office.one, "Achats") == before and rule(office.one, "À classer").kind == "inbox"
