"""The service, as a process: sooner than anyone expects a document is on the other side; others can reach it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.test_disks import mount, unmount
from tests.e2e.world import CODE, SYNCD, World

pytestmark = pytest.mark.e2e


def eventually(holds: Callable[[], bool], seconds: float = 60) -> float:
    """Seconds until it held."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < seconds, "it never came"
        time.sleep(0.05)
    return time.monotonic() - start


class Service:
    """The world's engine at work, on the system that its commands are given to."""

    def __init__(self, world: World, **env: str) -> None:
        self.world, self.log = world, world.base / "service.log"
        self.process = world.started("watch", "--log-file", self.log, env=env, stderr=subprocess.PIPE)
        eventually(lambda: self.said("pass why=full") > 0 < self.said("watching"))

    def said(self, what: str) -> int:
        return self.log.read_text().count(what) if self.log.exists() else 0

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def close(self) -> None:
        """Whatever became of it, and of its test."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ended(self) -> bool:
        """Asked as its system asks: with the exit code that is right then."""
        right = self.world.ended(self.process)
        return self.process.wait(30) == right


@pytest.fixture
def serve(world: World) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def start(**env: str) -> Service:
        made.append(Service(world, **{"SYNCD_SCHEDULE_SETTLE": "0.3s", **env}))
        return made[-1]

    yield start
    for service in made:
        service.close()


def test_what_is_saved_or_deposited_is_on_the_other_side_at_once_and_the_service_ends_cleanly(
    world: World, serve: Callable[..., Service]
) -> None:
    service = serve()
    world.write("Achats/a.pdf", "saved here")
    eventually(lambda: "Achats/a.pdf" in world.online())
    world.put("Ventes/b.pdf", "deposited")
    eventually(lambda: world.here().get("Ventes/b.pdf") == b"deposited")
    world.path("Achats/2026/T1").mkdir(parents=True)
    world.write("Achats/2026/T1/c.pdf", "in a folder of a moment ago")
    eventually(lambda: "Achats/2026/T1/c.pdf" in world.online())
    world.write("Achats/2026/T1/d.pdf", "and a later one in it")
    eventually(lambda: "Achats/2026/T1/d.pdf" in world.online())
    world.path("Achats/2026").rename(world.path("Ventes/2026"))
    eventually(lambda: "Ventes/2026/T1/d.pdf" in world.online())
    world.write("Ventes/2026/T1/e.pdf", "saved in the folder that moved")
    eventually(lambda: "Ventes/2026/T1/e.pdf" in world.online())
    world.remove("Ventes/b.pdf")
    eventually(lambda: "Ventes/supp_b.pdf" in world.here())
    assert service.end() == 143
    day = next((world.logs / "runs").rglob("????-??-??.log")).read_text()
    assert "a.pdf : mis en ligne" in day and "supp_b.pdf" in day and day.count("synchronisation du") > 4
    world.same()


def test_run_and_approve_reach_the_service(make_world: Callable[..., World]) -> None:
    world = make_world(first_publication="ask")
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        done = world.run(CODE)
        assert done.code == 0 and done.summary["verdict"] == "done" and done.summary["requests"] >= 1
        assert world.run("999").code == 2
        for n in range(25):
            world.write(f"Achats/{n}.pdf", f"first publication {n}")
        eventually(lambda: world.syncd("status", "--json").out.count("guard_first_publication") > 0)
        assert not world.online() and world.run().code == 4
        agreed = world.syncd("approve", CODE, "--yes")
        assert agreed.code == 0 and "maintenant" in agreed.out
        eventually(lambda: len(world.online()) == 25)
        done = world.syncd("restore", CODE, "--at", "2026-01-01 12:00")  # the service has the mirror, and does it
        assert done.code == 0 and "Rien à restaurer" in done.out
        assert service.end(signal.SIGINT) == 130
        assert world.run().code == 0  # and works by itself again
    finally:
        service.close()


def test_a_portal_that_was_away_is_noticed_and_nothing_saved_meanwhile_is_forgotten(
    world: World, serve: Callable[..., Service]
) -> None:
    service = serve()
    world.stop_portal()
    world.write("Achats/a.pdf", "while it was away")
    eventually(lambda: service.said("portal_away") > 0 or service.said("abandoned") > 0, 40)
    world.serve()
    took = eventually(lambda: "Achats/a.pdf" in world.online(), 40)
    assert took < 30 and service.said("portal_back") == 1
    assert service.end() == 143


def test_34_a_storm_of_deletions_that_comes_a_few_at_a_time_is_stopped_by_the_guard(
    world: World, serve: Callable[..., Service]
) -> None:
    names = [f"Achats/{n:03}.pdf" for n in range(60)]
    for name in names:
        world.write(name, name)
    world.run()
    service = serve()
    for n in range(0, 60, 4):
        for name in names[n : n + 4]:
            world.remove(name)
        eventually(lambda: service.said("set_aside=") > 0)
    eventually(lambda: service.said(f"waiting={CODE}") > 0)
    service.end()
    aside = [p for p in world.here() if p.startswith("Achats/supp_")]
    assert 0 < len(aside) <= 20 and len(world.here()) == 60
    assert world.run().code == 4


def test_a_scanner_that_never_stops_writing_holds_nobody_up_and_is_taken_once(
    world: World, serve: Callable[..., Service]
) -> None:
    service = serve(SYNCD_SCHEDULE_SETTLE="1s")
    over = threading.Event()

    def scan() -> None:
        with world.path("Achats/scan.tif").open("ab") as f:
            while not over.wait(0.1):
                f.write(b"page ")
                f.flush()

    scanner = threading.Thread(target=scan)
    scanner.start()
    try:
        world.put("Ventes/b.pdf", "meanwhile")
        eventually(
            lambda: "Ventes/b.pdf" in world.here(), 9
        )  # sooner than `settle` would ever let that client have its turn
        world.write("Ventes/c.pdf", "saved meanwhile by somebody else")
        eventually(lambda: "Ventes/c.pdf" in world.online(), 15)
    finally:
        over.set()
        scanner.join()
    eventually(lambda: "Achats/scan.tif" in world.online())
    assert world.online()["Achats/scan.tif"]["version"] == 1
    assert service.said("refused") == service.said("problems") == 0
    service.end()


def test_a_configuration_read_again_holds_and_a_wrong_one_is_not_taken(
    world: World, serve: Callable[..., Service]
) -> None:
    service = serve()
    good = world.config.read_text()
    world.config.write_text(good + "\nnonsense = 1\n")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.said("configuration_kept") == 1)
    world.config.write_text(re.sub(r"(?m)^#? ?exclude = .*$", f'exclude = ["{CODE}"]', good))
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.said("pass why=full") == 2)
    world.write("Achats/a.pdf", "of a client that is left alone now")
    world.run()
    assert not world.online()
    assert service.end() == 143


def test_a_second_service_and_a_service_beside_a_run_are_refused(world: World, serve: Callable[..., Service]) -> None:
    serve()
    again = subprocess.run(
        [sys.executable, *SYNCD[1:], "--config", str(world.config), "watch"], capture_output=True, text=True,
        env={**os.environ, **world.env}, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert again.returncode == 11 and "travaille sur ces dossiers" in again.stderr


def test_24_a_key_that_is_revoked_is_said_and_the_service_goes_on(world: World, serve: Callable[..., Service]) -> None:
    service = serve()
    key = world.token.read_text()
    world.token.write_text("wrong")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.said("verdict=abandoned") > 0)
    assert service.said("refuses the key") > 0 and service.process.poll() is None
    world.token.write_text(key)
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.said("verdict=done") > 1)
    assert service.end() == 143


def test_a_disk_that_was_away_is_heard_again_when_it_is_back(world: World, serve: Callable[..., Service]) -> None:
    saved = world.base / "saved"
    world.root.rename(saved)
    mount(world.root)
    shutil.copytree(saved, world.root, dirs_exist_ok=True)
    try:
        service = serve()
        unmount(world.root)
        assert world.run().code == 1
        mount(world.root)
        shutil.copytree(saved, world.root, dirs_exist_ok=True)
        assert world.run().code == 0
        eventually(lambda: service.said("watching how=events") == 2)
        world.write("Achats/a.pdf", "saved on the disk that is back")
        eventually(lambda: "Achats/a.pdf" in world.online())
        assert service.end() == 143
    finally:
        unmount(world.root)
        unmount(world.root)


def test_at_hours_without_transfers_names_follow_and_documents_wait(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    resting = {"SYNCD_SCHEDULE_BANDWIDTH": "00:00 0"}
    world.write("Achats/b.pdf", "two")
    world.put("Ventes/c.pdf", "three")
    world.remove("Achats/a.pdf")
    done = world.run(env=resting)
    assert done.code == 0 and {e["action"] for e in done.events} == {"set_aside"}
    assert set(world.here()) == {"Achats/supp_a.pdf", "Achats/b.pdf"}
    done = world.run(env={"SYNCD_SCHEDULE_BANDWIDTH": "00:00 50M"})
    assert (done.summary["uploaded"], done.summary["downloaded"]) == (1, 1)
    world.same()
