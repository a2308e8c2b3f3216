"""The robot as people use it: the command alone, and the service that does it by itself, against a real portal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, Outcome, World, _parsed
from tests.support.scans import pdf, tiff

pytestmark = pytest.mark.e2e


@pytest.fixture
def share(world: World) -> Path:
    root = world.base / "import"
    root.mkdir()
    world.env["SYNCD_INTAKE_ROOT"] = str(root)
    return root


def scan(share: Path, place: str, data: bytes) -> None:
    path = share / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def left(share: Path) -> list[str]:
    return sorted(str(p.relative_to(share)) for p in share.rglob("*") if p.is_file())


def intake(world: World, *args: str) -> Outcome:
    return _parsed(world.syncd("intake", "--json", *args))


def ways(world: World) -> dict[str, str]:
    """Path → which way its version came, as the portal keeps it."""
    with closing(sqlite3.connect(world.portal_dir / "portal.db")) as db:
        sql = "select d.path, v.way from portal_document d join portal_version v on v.document_id = d.id"
        return dict(db.execute(sql).fetchall())


def test_one_command_takes_publishes_and_puts_away(world: World, share: Path) -> None:
    scan(share, f"{CODE}/Achats/scan.pdf", pdf())
    scan(share, f"{CODE}/Factures/scan.tif", tiff([b"one", b"two"]))
    scan(share, f"{CODE}/Achats/bad.pdf", b"%PDF-1.4")
    scan(share, "009999/scan.pdf", pdf("nobody's"))
    planned = intake(world, "--dry-run")
    assert planned.code == 0 and len(planned.actions("intake")) == 2 and len(left(share)) == 4, planned.err
    assert all(e["dry_run"] for e in planned.events) and world.online() == {}
    done = intake(world)
    assert done.code == 0, done.out + done.err
    taken = {e["path"]: e["from"] for e in done.actions("intake")}
    assert taken == {"Achats/scan.pdf": f"{CODE}/Achats/scan.pdf", "À classer/scan.tif": f"{CODE}/Factures/scan.tif"}
    assert len(done.actions("upload")) == 2 and done.summary["taken"] == done.summary["uploaded"] == 2
    assert done.summary["verdict"] == "warning" and done.reasons == {"unfinished", "unknown_dossier"}
    assert world.bytes_online("À classer/scan.tif") == tiff([b"one", b"two"])
    assert {w for p, w in ways(world).items() if "scan" in p} == {"scanner"}
    away = [p for p in left(share) if p.startswith(".traites/")]
    assert len(away) == 2 and ".quarantaine/009999/scan.pdf" in left(share)
    assert [intake(world).code for _ in range(2)] == [0, 3]
    assert f".rejets/{CODE}/Achats/bad.pdf.txt" in left(share)
    journal = next((world.logs / "clients").glob(f"{CODE} - */*.log")).read_text(encoding="utf-8")
    assert "pris du scanner" in journal and "incomplet" in journal
    world.same()


def test_without_a_share_and_with_a_portal_that_is_away(world: World, share: Path) -> None:
    assert world.syncd("intake", env={"SYNCD_INTAKE_ROOT": ""}).code == 2
    scan(share, f"{CODE}/Achats/scan.pdf", pdf())
    world.stop_portal()
    done = intake(world)
    assert done.code == 6 and len(done.actions("intake")) == 1
    assert [Path(p).name.startswith(".syncd-") for p in left(share)] == [True]  # taken, and nothing removed
    world.serve()
    done = intake(world)
    assert done.code == 0 and [p.partition("/")[0] for p in left(share)] == [".traites"], done.out
    share.rename(share.with_name("elsewhere"))
    done = world.syncd("intake", "--json")
    assert done.code == 1 and "partage des scanners" in done.err and left(share.with_name("elsewhere")), (
        done.out + done.err
    )


@pytest.fixture
def service(world: World, share: Path) -> Iterator[Service]:
    scan(share, f"{CODE}/Achats/before.pdf", pdf("before"))
    made = Service(world, SYNCD_SCHEDULE_SETTLE="0.1s", SYNCD_INTAKE_ROOT=str(share))
    yield made
    made.close()


def test_the_service_takes_scans_by_itself_and_when_it_is_asked(world: World, share: Path, service: Service) -> None:
    def away() -> int:
        return sum(p.startswith(".traites/") for p in left(share))

    eventually(lambda: away() == 1)
    assert set(world.online()) == {"Achats/before.pdf"}
    scan(share, f"{CODE}/Banque/event.pdf", pdf("event"))
    eventually(lambda: away() == 2)  # heard of, not a quarter of an hour later
    scan(share, f"{CODE}/Achats/bad.pdf", b"%PDF-1.4")
    eventually(lambda: intake(world).code == 3)  # the service is asked, and its looks count
    assert f".rejets/{CODE}/Achats/bad.pdf" in left(share)
    assert set(ways(world).values()) == {"scanner"}
