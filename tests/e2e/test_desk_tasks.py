"""What a correspondent plans on the portal, the cabinet's service does: a migration out of a tree that its configuration names."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, NAME, World

pytestmark = pytest.mark.e2e
TASKS = "/synchronisation/taches"


@pytest.fixture
def named(world: World) -> Path:
    """An old tree that the configuration names."""
    assert world.run().code == 0
    tree = world.base / "gef"
    (tree / f"{CODE} - {NAME}" / "Achats").mkdir(parents=True)
    (tree / f"{CODE} - {NAME}" / "Achats" / "janvier.pdf").write_bytes(b"january")
    text = world.config.read_text(encoding="utf-8")
    job = '[[job]]\nname = "Nuit"\nwhen = "weekly sun 04:00"\n'
    world.config.write_text(f'{text}\n{job}[[old_tree]]\nname = "GEF"\npath = "{tree}"\n', encoding="utf-8")
    return tree


def test_a_planned_migration_is_done_by_the_service_and_its_result_shown(world: World, named: Path) -> None:
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        boss = Visitor(world.url)
        assert boss.sign_in() == 200
        eventually(lambda: "migrate:GEF" in boss.get(f"{TASKS}/nouvelle"))
        start = datetime.now(ZoneInfo("Europe/Paris"))
        form = {
            "what": "migrate:GEF",
            "frequency": "once",
            "first": f"{start:%Y-%m-%d}",
            "at": f"{start:%H:%M}",
            "active": "on",
        }
        status, page = boss.post(f"{TASKS}/nouvelle", f"{TASKS}/nouvelle", **form)
        assert status == 200 and "Reprendre l’existant" in unescape(page), page
        assert "Chaque semaine" in page and str(named) not in page
        eventually(lambda: "pas encore prise" not in boss.get(TASKS))
        eventually(lambda: "Achats/janvier.pdf" in world.online())
        eventually(lambda: re.search(r"1\s+document copié", boss.get(TASKS)) is not None)
        assert "Terminé" in boss.get(TASKS)
        assert service.ended()
    finally:
        service.close()
