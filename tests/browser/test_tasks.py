"""Tasks as a correspondent plans them: each frequency shows what it asks for, and nothing else."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
TASKS = "/synchronisation/taches"
JOBS = (
    '[{"name": "Nuit", "when": "daily 22:00", "kind": "synchronise", "clients": ["007868"], "active": true, "first": null, "max_minutes": 90,'
    ' "next": 1795895200.0, "last": {"started": 1795809600.0, "ended": 1795809660.0, "verdict": "done", "counts": {"uploaded": 4},'
    ' "reason": "", "cause": ""}}]'
)


def _told(world: World) -> None:
    """As a service that has an old tree and a job in its configuration tells it."""
    with sqlite3.connect(world.portal_dir / "portal.db", timeout=30) as portal:
        (cabinet,) = portal.execute("select id from portal_cabinet").fetchone()
        portal.execute(
            "insert into portal_enginecalendar (cabinet_id, told_at, revision, sources, jobs) values (?, '2026-11-28 10:00:00', 1, ?, ?)",
            (cabinet, '["GEF"]', JOBS),
        )
    portal.close()


def test_a_task_is_planned_where_its_frequency_shows_what_it_asks_for(cabinet: Cabinet, world: World) -> None:
    _told(world)
    boss = cabinet.page
    boss.goto(TASKS)
    boss.get_by_role("link", name="Ajouter").click()
    boss.wait_for_url(f"**{TASKS}/nouvelle")
    boss.wait_for_load_state()
    parts = {
        "several": boss.locator(".several"),
        "weekly": boss.locator(".weekly"),
        "monthly": boss.locator(".monthly"),
    }
    for frequency in ("once", "daily", "several", "monthly", "weekly"):
        boss.locator(f"input[value={frequency}]").check()
        for name, part in parts.items():
            expect(part).to_be_visible(visible=name == frequency)
    boss.get_by_label("Tâche").select_option("migrate:GEF")
    boss.get_by_label("lundi").check()
    boss.get_by_label("jeudi").check()
    look(boss, "nouvelle-tache-chaque-semaine")
    boss.get_by_label("Durée maximale, en minutes").fill("120")
    boss.get_by_role("button", name="Enregistrer").click()
    boss.wait_for_url(f"**{TASKS}")
    boss.wait_for_load_state()
    expect(boss.locator("table").first).to_contain_text("Chaque semaine, lundi et jeudi")
    expect(boss.locator("table").last).to_contain_text("Tous les jours à 22:00")
    look(boss, "taches")
    boss.get_by_role("link", name="Reprendre l’existant").click()
    boss.wait_for_load_state()
    boss.get_by_role("button", name="Supprimer").click()
    boss.get_by_role("alertdialog").get_by_role("button", name="Supprimer").click()
    expect(boss.locator(".empty")).to_contain_text("Aucune tâche")
