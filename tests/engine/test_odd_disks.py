"""What is odd in one client's directory is told of it, and every other client is served (HAZARDS 44, 61, 62)."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.engine.maintenance import retention
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab
from tests.support import scratch

FOLDERS = (FolderRule("Achats"), FolderRule("Ventes"))
DEEP = 1200


@pytest.fixture
def lab() -> Iterator[Lab]:
    yield from _lab(None)


@pytest.fixture
def of_any_age(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """On a disk that keeps every date: ext4 begins in 1901 and ends in 2446."""
    yield from _lab(next((d for d in (tempfile.gettempdir(), scratch.memory()) if _keeps(d, request.param)), "none"))


def _keeps(directory: str, seconds: int) -> bool:
    if not os.access(directory, os.W_OK):
        return False
    with tempfile.NamedTemporaryFile(dir=directory) as f:
        os.utime(f.name, (seconds, seconds))
        return os.stat(f.name).st_mtime == seconds


def _lab(directory: str | None) -> Iterator[Lab]:
    if directory == "none":
        pytest.skip("no disk here keeps such a time, not even /dev/shm")
    base = Path(tempfile.mkdtemp(dir=directory))  # not where pytest cleans up: it goes down level by level
    lab = Lab(base / "lab", FOLDERS, ("001", "002"))
    lab.run()
    for code in ("001", "002"):
        lab.write("Achats/a.pdf", code.encode(), code)
    lab.converge()
    yield lab
    subprocess.run(["rm", "-rf", str(base)], check=True)
    lab.close()


def stopped(lab: Lab) -> list[tuple[str, str, str]]:
    return [(e.client, e.reason, e.detail) for e in lab.events if e.action == "stopped"]


def the_other_is_served(lab: Lab) -> None:
    assert lab.online("002")["Achats/b.pdf"] == b"b" and lab.here("002")["Ventes/c.pdf"] == b"c"


def for_the_other(lab: Lab) -> None:
    lab.write("Achats/b.pdf", b"b", "002")
    lab.deposit("Ventes/c.pdf", b"c", "002")


@pytest.fixture
def mounted(lab: Lab) -> Iterator[Lab]:
    """Another part of the very same disk over one client's folder: its device is the same."""
    other = lab.base / "other"
    (other / "2026").mkdir(parents=True)
    (other / "2026" / "secret.pdf").write_bytes(b"of nobody's")
    place = lab.dir() / "Achats" / "disque"
    place.mkdir()
    lab.converge()
    done = subprocess.run(["mount", "--bind", str(other), str(place)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no mount here: {done.stderr.decode().strip()}")
    yield lab
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_another_disk_below_a_client_stops_that_client_and_is_named(mounted: Lab) -> None:
    lab = mounted
    lab.write("Achats/new.pdf", b"new")
    lab.deposit("Achats/disque/d.pdf", b"d")
    for_the_other(lab)
    lab.run()
    assert stopped(lab) == [("001", "stop_other_disk", f"{lab.dir().name}/Achats/disque")]
    assert set(lab.online()) == {"Achats/a.pdf", "Achats/disque/d.pdf"}
    assert sorted(p.name for p in (lab.base / "other").rglob("*")) == ["2026", "secret.pdf"]
    the_other_is_served(lab)


LINKS = (".syncd", ".syncd/tmp", ".syncd/replaced")


@pytest.mark.parametrize("what", LINKS)
def test_a_link_where_the_engines_own_should_be_stops_that_client_alone(lab: Lab, what: str) -> None:
    outside = lab.base / "outside"
    at = lab.dir() / what
    at.mkdir(exist_ok=True)
    at.rename(outside)
    (outside / "facture.pdf").write_bytes(b"of another client")
    at.symlink_to(outside)
    before = sorted(p.name for p in outside.rglob("*"))
    lab.write("Achats/new.pdf", b"new")
    lab.deposit("Achats/d.pdf", b"d")
    for_the_other(lab)
    lab.run()
    ((code, reason, detail),) = stopped(lab)
    assert (code, reason) == ("001", "stop_not_ours") and f"{lab.dir().name}/.syncd" in detail
    assert sorted(p.name for p in outside.rglob("*")) == before
    assert "Achats/new.pdf" not in lab.online() and not (lab.dir() / "Achats" / "d.pdf").exists()
    the_other_is_served(lab)


def test_a_link_that_comes_in_the_middle_of_a_run_stops_that_client_once_and_nothing_of_it_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, tmp, sync_temps = lab.base / "outside", lab.dir() / ".syncd" / "tmp", DiskMirror.sync_temps

    def swapped(mirror: DiskMirror, temps: Any) -> None:
        if not outside.exists():
            tmp.rename(outside)
            tmp.symlink_to(outside)
        sync_temps(mirror, temps)

    monkeypatch.setattr(DiskMirror, "sync_temps", swapped)
    lab.write("Achats/new.pdf", b"new")
    for n in range(3):
        lab.deposit(f"Achats/{n}.pdf", b"%d" % n)
    for_the_other(lab)
    lab.run()
    assert stopped(lab) == [("001", "stop_not_ours", f"{lab.dir().name}/.syncd/tmp")]
    assert not [e for e in lab.events if e.client == "001" and e.action != "stopped"]
    assert len(list(outside.iterdir())) == 3 and "Achats/new.pdf" not in lab.online()
    the_other_is_served(lab)


def test_a_link_among_the_kept_copies_stops_that_client_and_the_others_are_swept(lab: Lab) -> None:
    for code in ("001", "002"):
        kept = lab.dir(code) / ".syncd" / "replaced"
        kept.mkdir(exist_ok=True)
        (kept / "a.pdf").write_bytes(code.encode())
    (lab.dir() / ".syncd" / "replaced" / "b.pdf").symlink_to(lab.dir("002") / "Achats" / "a.pdf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "KEEP", -60.0)
        lab.state.progress.change(swept=0.0)
        lab.run()
    assert stopped(lab) == [("001", "stop_not_ours", f"{lab.dir().name}/.syncd/replaced/b.pdf")]
    assert sorted(p.name for p in (lab.dir() / ".syncd" / "replaced").iterdir()) == ["a.pdf", "b.pdf"]
    assert list((lab.dir("002") / ".syncd" / "replaced").iterdir()) == []


DATES = [-20_000_000_000, 10_000_000_000, 15_000_000_000]


@pytest.mark.parametrize(("of_any_age", "seconds"), [(s, s) for s in DATES], indirect=["of_any_age"])
def test_whatever_a_copier_with_a_dead_clock_wrote_is_a_document_like_any_other(of_any_age: Lab, seconds: int) -> None:
    lab = of_any_age
    lab.write("Achats/old.pdf", b"dated oddly")
    path = lab.dir() / "Achats" / "old.pdf"
    os.utime(path, (seconds, seconds))
    assert path.stat().st_mtime == seconds
    lab.converge()
    assert lab.online()["Achats/old.pdf"] == b"dated oddly"
    path.write_bytes(b"edited, and dated so again")
    os.utime(path, (seconds, seconds))
    lab.converge()
    assert lab.online()["Achats/old.pdf"] == b"edited, and dated so again"
    lab.run()
    assert not lab.changes


@pytest.mark.parametrize("top", ["Achats", "Divers"])
def test_a_tree_of_any_depth_is_told_of_its_own_folder_and_ends_nothing(lab: Lab, top: str) -> None:
    at = str(lab.dir() / top)
    os.makedirs(at, exist_ok=True)
    for _ in range(DEEP):
        at += "/d"
        os.mkdir(at)
    lab.write("Achats/beside.pdf", b"beside")
    for_the_other(lab)
    lab.run()
    lab.run()
    assert lab.online()["Achats/beside.pdf"] == b"beside"
    the_other_is_served(lab)
    deep = [e for e in lab.events if e.action == "problem" and e.reason == "too_long"]
    assert [(e.client, e.path.count("/")) for e in deep] == [("001", 99)]


def test_what_a_link_kept_from_coming_comes_once_it_is_gone_though_nothing_else_changed(lab: Lab) -> None:
    folder, aside = lab.dir("001") / "Achats/2026", lab.root.parent / "parked"
    folder.mkdir()
    lab.converge()
    lab.deposit("Achats/2026/b.pdf", b"online", "001")
    outside = lab.root.parent / "outside"
    outside.mkdir(exist_ok=True)
    folder.rename(aside)
    folder.symlink_to(outside)
    for _ in range(3):
        lab.run()  # nothing can be done there, and nothing else is to be done
    assert list(outside.iterdir()) == []
    folder.unlink()
    aside.rename(folder)
    lab.run()
    assert (folder / "b.pdf").read_bytes() == b"online"
