"""Installations as older versions left them (tests/data/installed) go on: both sides stay the same, people stay who they are."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from syncd.state.store import open_store
from tests.e2e.browser import Visitor
from tests.e2e.world import World, syncd

INSTALLED = Path(__file__).parents[1] / "data" / "installed"
WAITING = "C003"
CODE = "/connexion/code"


def unpacked(base: Path, version: str) -> Path:
    with tarfile.open(INSTALLED / f"{version}.tar.xz") as tar:
        tar.extractall(base, filter="data")
    return base / "installed"


class Installed(World):
    """`told`: what both sides and the people knew when the older version was stopped."""

    def __init__(self, base: Path, version: str) -> None:
        pristine = unpacked(base, version)
        self.told: dict[str, Any] = json.loads((pristine / "told.json").read_text(encoding="utf-8"))
        config = pristine / "syncd.toml"
        config.write_text(config.read_text(encoding="utf-8").replace("/installed", str(pristine)), encoding="utf-8")
        done = syncd("portal", "migrate", pristine / "portal")
        assert done.code == 0, done.err
        super().__init__(base, pristine, first_publication="ask")
        shutil.rmtree(pristine)

    def everything_here(self) -> dict[str, str]:
        return {
            str(p.relative_to(self.root)): p.read_text(encoding="utf-8")
            for p in self.root.rglob("*") if p.is_file() and ".syncd" not in p.parts
        }  # fmt: skip


VERSIONS = sorted(p.name.split(".")[0] for p in INSTALLED.glob("*.tar.xz"))


@pytest.fixture(params=VERSIONS)
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installed]:
    world = Installed(tmp_path, request.param)
    yield world
    world.close()


@pytest.mark.e2e
def test_the_first_run_of_this_version_changes_nothing_that_it_was_not_told_to(installed: Installed) -> None:
    journals = {p: p.read_bytes() for p in installed.logs.rglob("2026-11.log")}
    first = installed.run()
    assert not first.actions(
        "upload", "download", "set_aside", "keep_both", "move", "withdraw", "remove", "leave", "restore"
    )
    assert first.summary["verdict"] in ("done", "warning"), first.summary
    assert installed.everything_here() == installed.told["here"]
    for code, rows in installed.told["online"].items():
        online = installed.online(code)
        assert {r["path"]: (r["id"], r["sha256"], r["version"]) for r in rows} == {
            path: (row["id"], row["sha256"], row["version"]) for path, row in online.items()
        }
    for journal, written in journals.items():
        assert journal.read_bytes().startswith(written), f"{journal.name} was not only appended to"
    assert installed.run().idle
    assert installed.syncd("verify", "007868", "B002", "--json").code == 0


@pytest.mark.e2e
def test_what_waited_still_waits_and_passes_once_agreed(installed: Installed) -> None:
    assert WAITING in installed.run().summary["waiting"]
    assert not installed.online(WAITING)
    assert installed.syncd("approve", WAITING, "--yes").code == 0
    assert len(installed.run().actions("upload")) == 25
    assert len(installed.online(WAITING)) == 25


@pytest.mark.e2e
def test_documents_cross_both_ways_and_the_past_is_known(installed: Installed) -> None:
    installed.run()
    installed.write("Ventes/neuf.txt", "neuf")
    installed.write("Achats/2026/facture 2.txt", "facture 2, corrigée")
    installed.put("Achats/déposé.txt", "déposé")
    installed.portal("document", "restore", "007868", "Ventes/retirée.txt")
    done = installed.run()
    assert {e["path"] for e in done.actions("upload")} == {"Ventes/neuf.txt", "Achats/2026/facture 2.txt"}
    assert {e["path"] for e in done.actions("download")} == {"Achats/déposé.txt"}
    assert {e["path"] for e in done.actions("restore")} == {
        "Ventes/retirée.txt"
    }  # renamed back from supp_: its record is known
    assert installed.bytes_online("Achats/2026/facture 2.txt", version=1) == b"facture 2\n"
    assert "Achats/ôtée ici.txt" not in installed.here()  # left online, and not fetched again


@pytest.mark.e2e
def test_people_come_in_as_before(installed: Installed) -> None:
    def visit() -> Visitor:
        return Visitor(installed.url)

    assert visit().sign_in() == 200
    assert visit().sign_in("marie", "une phrase de Marie") == 200
    assert visit().sign_in("marie", "une autre phrase") == 403
    assert visit().sign_in("partie", "une phrase de Marie") == 403
    paul = visit()
    _, page = paul.post("/connexion", "/connexion", login="paul", password="une phrase de Paul")
    assert 'name="code"' in page
    code = pyotp.TOTP(installed.told["totp"]).now()
    assert paul.post(CODE, CODE, code=code)[0] == 200
    again = visit()
    again.post("/connexion", "/connexion", login="paul", password="une phrase de Paul")
    assert again.post(CODE, CODE, code=installed.told["recovery"][0])[0] == 200
    third = visit()
    third.post("/connexion", "/connexion", login="paul", password="une phrase de Paul")
    assert third.post(CODE, CODE, code=installed.told["recovery"][0])[0] == 403  # good once


@pytest.mark.e2e
def test_a_portal_of_an_older_version_is_migrated_by_its_own_step_alone_with_a_copy_first(
    tmp_path: Path,
) -> None:
    portal = unpacked(tmp_path, "90ce41f") / "portal"
    before = (portal / "portal.db").read_bytes()
    for command in (("client", "list", portal), ("serve", portal, "--port", "0"), ("engine-token", portal)):
        refused = syncd("portal", *command)
        assert refused.code == 2
        assert f"syncd portal migrate {portal}" in refused.err
    copied = syncd("portal", "backup", portal, tmp_path / "backup")  # changes nothing, so it works, and says so
    assert copied.code == 0 and f"syncd portal migrate {portal}" in copied.err and "copied as it is" in copied.err
    assert (portal / "portal.db").read_bytes() == before
    assert syncd("portal", "restore", tmp_path / "backup", tmp_path / "restored").code == 0
    assert "D004" in syncd("portal", "client", "list", tmp_path / "restored").out
    assert syncd("portal", "migrate", portal).code == 0
    (kept,) = portal.glob("portal.db.before-*")
    assert _rows(kept) == {"007868", "B002", "C003", "D004"}
    assert kept.stat().st_mode & 0o077 == 0
    assert "rien à faire" in syncd("portal", "migrate", portal).out
    assert len(list(portal.glob("portal.db.before-*"))) == 1


def _rows(database: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(database)) as conn:
        return {code for (code,) in conn.execute("select code from portal_client")}


@pytest.mark.e2e
def test_nobody_migrates_a_portal_that_is_served(installed: Installed) -> None:
    refused = syncd("portal", "migrate", installed.portal_dir)
    assert refused.code == 2
    assert "Stop its service" in refused.err


@pytest.mark.e2e
def test_what_a_newer_version_wrote_is_refused_in_one_sentence(world: World) -> None:
    world.run()
    world.stop_portal()
    to, made = world.base / "to", world.base / "made"
    assert syncd("portal", "backup", world.portal_dir, to).code == 0
    for database in (world.portal_dir / "portal.db", to / "portal.db"):
        with contextlib.closing(sqlite3.connect(database)) as conn, conn:
            conn.execute(
                "insert into django_migrations (app, name, applied) values ('portal', '9999_later', '2030-01-01')"
            )
    for command in (
        ("client", "list", world.portal_dir),
        ("migrate", world.portal_dir),
        ("backup", world.portal_dir, world.base / "copy"),
        ("restore", to, made),
    ):
        refused = syncd("portal", *command)
        assert (refused.code, refused.err.count("newer version of syncd (9999_later)")) == (2, 1)
    assert not made.exists() and not (world.base / "copy").exists()
    with contextlib.closing(sqlite3.connect(world.state / "state.db")) as conn, conn:
        conn.execute("pragma user_version = 999")
    before = (world.state / "state.db").read_bytes()
    refused = world.fresh("run")
    assert (refused.code, refused.err.count("version plus récente de syncd")) == (2, 1), refused.err
    assert (world.state / "state.db").read_bytes() == before


@pytest.mark.e2e
@pytest.mark.parametrize("version", VERSIONS)
def test_a_state_of_an_older_version_is_copied_before_it_is_changed(tmp_path: Path, version: str) -> None:
    state = unpacked(tmp_path, version) / "state"
    with contextlib.closing(sqlite3.connect(state / "state.db")) as conn, conn:
        conn.execute("pragma user_version = 3")  # of whatever schema: migrations know what they did
    open_store(state).close()
    with contextlib.closing(sqlite3.connect(state / "state.db.before-3")) as kept:
        assert kept.execute("select count(*) from clients").fetchone() == (4,)
