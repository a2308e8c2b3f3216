"""Tasks are planned by correspondents alone, taken by the engine that has the lease, and show what it told of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from syncd.core.desk_tasks import MOST, ConfiguredJob, DeskTask, Launch, TaskReport, Tasks, TaskState, When
from syncd.core.errors import AlreadyRunning

FORM = {
    "do": "save", "what": "migrate:GEF", "frequency": "weekly", "day": ["0", "4"], "first": "2026-12-01", "at": "14:00", "every": "2",
    "month_day": "1", "minutes": "120", "active": "on",
}  # fmt: skip


@pytest.fixture
def told(office: Any) -> Callable[..., Tasks]:
    """What the cabinet's engine, which has the lease, says; and hears."""
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Engine
    from syncd.portal.sync import planned_tasks

    Cabinet.objects.filter(id=office.cabinet.id).update(lease_instance="me")

    def exchange(**report: Any) -> Tasks:
        said = TaskReport("me", **{"sources": ("GEF",), **report})
        return planned_tasks.exchange(Engine(office.cabinet.id), said)

    return exchange


def read(answer: Any) -> str:
    return unescape(answer.content.decode())


def shown(office: Any, browse: Any) -> str:
    return read(browse(office.boss).get("/synchronisation/taches"))


def planned(office: Any, browse: Any, **changes: Any) -> Any:
    from syncd.portal.models import PlannedTask

    answer = browse(office.boss).post("/synchronisation/taches/nouvelle", FORM | changes)
    assert answer.status_code == 302, read(answer)
    return PlannedTask.objects.order_by("revision").last()


def test_a_planned_task_reaches_the_engine_and_its_result_the_page(office: Any, browse: Any, told: Any) -> None:
    from syncd.portal.models import Audit

    assert told().tasks == ()
    task = planned(office, browse)
    page = shown(office, browse)
    assert "Reprendre l'existant : GEF" in page and "Chaque semaine, lundi et vendredi, à 14:00" in page
    assert "pas encore prise par la synchronisation" in page and "jamais exécutée" in page and "120 min" in page
    found = told()
    assert found == Tasks(2, (DeskTask(task.id, "migrate", When("weekly", task.first, 840, days=(0, 4)), "GEF", 120),))
    begun = datetime(2026, 12, 4, 13, tzinfo=UTC).timestamp()
    last = Launch(begun, begun + 60, "warning", {"copied": 3, "problems": 1})
    told(states=(TaskState(task.id, begun + 3 * 86400, last), TaskState("f" * 32, begun, last)))
    page = shown(office, browse)
    assert "07/12/2026" in page
    assert "Avertissement" in page and "3 documents copiés" in page and "pas encore prise" not in page
    assert list(Audit.objects.values_list("what", "about")) == [("task_planned", "GEF")]


def test_each_change_moves_the_feed_and_the_revision_that_engines_are_told(office: Any, browse: Any, told: Any) -> None:
    from syncd.core.protocol import Caller
    from syncd.portal.models import Cabinet, FeedRow, PlannedTask
    from syncd.portal.records.feed import head
    from syncd.portal.rights import Engine
    from syncd.portal.sync import changes

    def hello(brief: bool) -> int:
        cabinet = Cabinet.objects.get(id=office.cabinet.id)
        cursor = head(cabinet)
        who = Engine(cabinet.id)
        return changes.hello(who, Caller("e", "m", "me", lease=False), cursor, brief).tasks

    told()
    before = FeedRow.objects.count()
    task = planned(office, browse)
    boss = browse(office.boss)
    assert boss.post(f"/synchronisation/taches/{task.id}", FORM | {"active": ""}).status_code == 302
    assert told().tasks == () and PlannedTask.objects.count() == 1
    assert boss.post(f"/synchronisation/taches/{task.id}", {"do": "remove"}).status_code == 302
    assert not PlannedTask.objects.exists() and FeedRow.objects.count() == before + 3
    assert hello(False) == hello(True) == told().revision == 4


def test_who_does_not_manage_the_cabinet_sees_none_and_plans_none(office: Any, browse: Any, told: Any) -> None:
    from syncd.portal.models import Cabinet, PlannedTask, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Engine
    from syncd.portal.sync import planned_tasks

    told()
    task = planned(office, browse)
    other = Cabinet.objects.create(name="Ailleurs")
    stranger = User.objects.create(cabinet=other, sign_in="ailleurs", role="correspondent")
    associate = User.objects.create(cabinet=office.cabinet, sign_in="associe", role="associate")
    for user in (office.marie, associate):
        for path in (
            "/synchronisation/taches",
            "/synchronisation/taches/nouvelle",
            f"/synchronisation/taches/{task.id}",
        ):
            assert browse(user).get(path).status_code == browse(user).post(
                path, FORM
            ).status_code == 404 or path.endswith("taches")
        assert browse(user).get("/synchronisation/taches").status_code == 404
        assert planned_tasks.calendar(person_of(user)).tasks == ()
        with pytest.raises(Refusal):
            planned_tasks.remove(person_of(user), task.id)
    assert "taches" not in browse(associate).get("/synchronisation").content.decode()
    assert browse(stranger).get(f"/synchronisation/taches/{task.id}").status_code == 404
    assert browse(stranger).post(f"/synchronisation/taches/{task.id}", {"do": "remove"}).status_code == 404
    Cabinet.objects.filter(id=other.id).update(lease_instance="me")
    assert planned_tasks.exchange(Engine(other.id), TaskReport("me")).tasks == ()
    assert PlannedTask.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what": "tidy"}, "Choisissez ce que fait la tâche"), ({"what": "migrate:Archives"}, "ne nomme pas d'ancien classement « Archives »"),
        ({"what": "migrate:"}, "ne nomme pas d'ancien classement"),
        ({"frequency": ""}, "Choisissez une fréquence"), ({"first": "31/12/2026"}, "la date et l'heure de démarrage"),
        ({"at": "25:00"}, "la date et l'heure de démarrage"), ({"day": []}, "au moins un jour de la semaine"),
        ({"day": ["7"]}, "au moins un jour de la semaine"), ({"frequency": "several", "every": "5"}, "combien d'heures"),
        ({"frequency": "once", "first": "2020-01-01"}, "démarre dans l'avenir"), ({"minutes": "0"}, "se compte en minutes"),
        ({"minutes": "deux"}, "se compte en minutes"), ({"minutes": "2000"}, "se compte en minutes"),
        ({"frequency": "monthly", "month_day": "32"}, "au moins un jour"),
    ],
)  # fmt: skip
def test_what_is_not_possible_is_one_sentence_and_what_was_typed_stays(
    office: Any, browse: Any, told: Any, changes: dict[str, Any], said: str
) -> None:
    from syncd.portal.models import PlannedTask

    told()
    answer = browse(office.boss).post("/synchronisation/taches/nouvelle", FORM | changes)
    page = read(answer)
    assert answer.status_code == 403 and page.count('class="alert"') == 1 and said in page
    assert not PlannedTask.objects.exists()


def test_too_many_are_refused(office: Any, browse: Any, told: Any) -> None:
    from syncd.portal.models import PlannedTask

    told()
    first = planned(office, browse)
    rows = list(PlannedTask.objects.values())
    PlannedTask.objects.bulk_create(PlannedTask(**{**rows[0], "id": f"{n:032x}"}) for n in range(MOST - 1))
    answer = browse(office.boss).post("/synchronisation/taches/nouvelle", FORM)
    assert answer.status_code == 403 and f"déjà {MOST} tâches" in read(answer)
    assert browse(office.boss).post(f"/synchronisation/taches/{first.id}", FORM).status_code == 302


def test_an_engine_that_lost_the_lease_gets_none(office: Any, told: Any) -> None:
    from syncd.portal.rights import Engine
    from syncd.portal.sync import planned_tasks

    with pytest.raises(AlreadyRunning):
        planned_tasks.exchange(Engine(office.cabinet.id), TaskReport("another"))


def test_a_verdict_that_is_none_is_refused_whole(office: Any, browse: Any, told: Any) -> None:
    from syncd.portal.models import EngineCalendar

    told()
    task = planned(office, browse)
    with pytest.raises(ValueError, match="nonsense"):
        told(states=(TaskState(task.id, 0.0, Launch(1.0, 2.0, "nonsense")),), sources=("X",))
    assert EngineCalendar.objects.get().sources == ["GEF"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("daily 12:00 18:30", "Tous les jours à 12:00 et 18:30"), ("weekly mon thu 07:30", "Chaque semaine, lundi et jeudi, à 07:30"),
        ("monthly 1 last 06:00", "Chaque mois, le 1 et le dernier jour, à 06:00"), ("once 2026-12-01 08:00", "Une fois, le 01/12/2026 à 08:00"),
        ("*/5 * * * *", "*/5 * * * *"), ("once never", "once never"),
    ],
)  # fmt: skip
def test_jobs_of_the_configuration_stand_beside_them_and_cannot_be_changed(
    office: Any, browse: Any, told: Any, when: str, said: str
) -> None:
    last = Launch(1_795_000_000.0, 1_795_000_060.0, "done", {"uploaded": 4})
    told(jobs=(ConfiguredJob("Nuit <b>", when, clients=("000001",), max_minutes=90, next=1_795_100_000.0, last=last),))
    raw = browse(office.boss).get("/synchronisation/taches").content.decode()
    page = unescape(raw)
    assert "Nuit &lt;b&gt;" in raw and said in page and "90 min" in page
    assert "4 mis en ligne" in page and "Terminé" in page
    assert "/synchronisation/taches/nouvelle" in page and page.count('href="/synchronisation/taches/') == 1


def test_a_task_of_one_moment_that_passed_while_nobody_served_says_so(office: Any, browse: Any, told: Any) -> None:
    from syncd.portal.models import PlannedTask

    told()
    soon = datetime.now() + timedelta(days=2)
    planned(office, browse, frequency="once", first=f"{soon:%Y-%m-%d}")
    told()
    assert PlannedTask.objects.get().next_at is None
    page = shown(office, browse)
    assert "son heure est passée" not in page, "it was taken, and when it starts is told next"
    assert "pas encore prise" in page
    PlannedTask.objects.update(first=datetime.now().date() - timedelta(days=2))
    assert "son heure est passée" in shown(office, browse)
    PlannedTask.objects.update(frequency="daily")
    assert "son heure est passée" not in shown(office, browse), "it comes again every day"


def test_without_an_engine_that_knows_tasks_the_page_says_so(office: Any, browse: Any) -> None:
    planned(office, browse, what="synchronise", frequency="daily")
    page = shown(office, browse)
    assert "elle est arrêtée, ou sa version ne les connaît pas" in page and "Synchroniser" in page


def test_the_form_shows_a_task_as_it_is(office: Any, browse: Any, told: Any) -> None:
    told()
    for changes in ({}, {"frequency": "monthly", "month_day": "0"}, {"frequency": "several", "every": "6"}):
        task = planned(office, browse, **changes)
        told(sources=())  # taken out of the configuration: the task keeps its own
        page = browse(office.boss).get(f"/synchronisation/taches/{task.id}").content.decode()
        assert 'value="migrate:GEF" selected' in page and 'value="2026-12-01"' in page and 'value="14:00"' in page
        assert f'value="{changes.get("frequency", "weekly")}" checked' in page
        told()
