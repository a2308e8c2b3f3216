"""`syncd portal person`: whoever is locked out of the portal gets in again from its own machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyotp
import pytest

from tests.e2e.browser import Visitor
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
BOSS = "direction@cabinet-martin.fr"


def test_the_only_correspondent_gets_in_again(world: World, tmp_path: Path) -> None:
    listed = world.portal("person", "list", "--json").out
    assert [json.loads(x)["sign_in"] for x in listed.splitlines()] == [BOSS]
    there = Visitor(world.url)
    assert there.sign_in() == 200
    tried = [Visitor(world.url).sign_in(password="une autre phrase") for _ in range(10)]
    assert tried[-1] == 429  # forgotten, and tried until nobody is heard any more
    made = world.portal("person", "reset-password", f" {BOSS.upper()} ").out
    password = made.splitlines()[0].rpartition(" : ")[2]
    assert 'name="password"' in there.get("/")  # who was in is asked again
    assert Visitor(world.url).sign_in(password=password) == 200
    assert Visitor(world.url).sign_in() == 403  # the old one is over
    weak = tmp_path / "weak"
    weak.write_text("court")
    done = world.portal("person", "reset-password", BOSS, "--password-file", str(weak), check=False)
    assert done.code == 2 and "refused" in done.err
    assert Visitor(world.url).sign_in(password=password) == 200
    chosen = tmp_path / "chosen"
    chosen.write_bytes("\ufeffune phrase tout à fait nouvelle\r\n".encode())
    done = world.portal("person", "reset-password", BOSS, "--password-file", str(chosen))
    assert "phrase" not in done.out
    assert Visitor(world.url).sign_in(password="une phrase tout à fait nouvelle") == 200


def test_a_lost_telephone_is_no_end(world: World) -> None:
    boss = Visitor(world.url)
    assert boss.sign_in() == 200
    boss.get("/compte?second=on")
    page = boss.get("/compte?second=on")
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert secret is not None
    status, page = boss.post("/compte/action", "/compte?second=on", do="second_on", code=pyotp.TOTP(secret[0]).now(), current="une phrase assez longue")  # fmt: skip
    assert status == 200
    assert json.loads(world.portal("person", "list", "--json").out)["second_factor"]
    again = Visitor(world.url)
    again.sign_in()
    assert "Synchronisation" not in again.get("/")  # the code is still owed
    assert "est désactivée" in world.portal("person", "second-factor", BOSS, "off").out
    assert "n'a pas de double" in world.portal("person", "second-factor", BOSS, "off").out
    assert not json.loads(world.portal("person", "list", "--json").out)["second_factor"]
    free = Visitor(world.url)
    assert free.sign_in() == 200 and "Synchronisation" in free.get("/")


def test_nobody_by_that_name_and_a_key_into_a_file(world: World, tmp_path: Path) -> None:
    done = world.portal("person", "reset-password", "personne@example.fr", check=False)
    assert done.code == 2 and "person list" in done.err
    done = world.portal("engine-token", "--to", str(tmp_path / "key"))
    assert done.out == "" and (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "key").read_text().strip()) == 64
    done = world.portal("engine-token", "--to", str(tmp_path / "key"), check=False)
    assert done.code == 2 and "exists already" in done.err
    assert len(world.portal("engine-token").out.strip()) == 64  # alone on standard output, as ever
