"""`syncd service` with Wine's service manager: installed, working, ended, removed."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator

import pytest

from tests.e2e.test_watch import eventually
from tests.e2e.world import Outcome, World
from tests.windows import wine
from tests.windows.wine import Windows

pytestmark = pytest.mark.e2e


EVERY = pytest.mark.skipif(
    not os.environ.get("SYNCD_EVERY"), reason="a service of Wine's takes a minute and a half: ./scripts/test-windows"
)
KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\syncd"


class Service:
    """The world's engine as a service, its configuration where a path holds spaces: what is not quoted is another path."""

    def __init__(self, world: World, windows: Windows) -> None:
        spaced = world.base / "Program Data"
        spaced.mkdir()
        text = world.config.read_text().replace('settle = "2s"', 'settle = "0.5s"')
        (spaced / "syncd.toml").write_text(text.replace(_url(text), world.url))
        self.config, self.log, self._windows = spaced / "syncd.toml", world.logs / "service.log", windows

    def told(self, *words: str) -> Outcome:
        return self._windows.fresh(["--config", str(self.config), "service", *words], {})

    def watches(self, times: int) -> None:
        eventually(lambda: self.log.exists() and self.log.read_text().count("watching how=events") == times, 60)

    def ended(self, times: int) -> bool:
        return self.log.read_text().count("stopped code=143") == times


@pytest.fixture
def service(world: World, windows: Windows) -> Iterator[Service]:
    made = Service(world, windows)
    yield made
    made.told("uninstall")


@EVERY
@pytest.mark.timeout(500)
def test_installed_it_works_until_it_is_asked_to_end(world: World, service: Service) -> None:
    done = service.told("install")
    assert done.code == 0 and "en marche" in done.out, done.out + done.err
    service.watches(1)
    world.write("Achats/a.pdf", "saved here")
    eventually(lambda: "Achats/a.pdf" in world.online())
    done = service.told("status")
    assert done.code == 0 and "en marche" in done.out and r"NT SERVICE\syncd" in done.out and "automatique" in done.out
    assert "service host" in done.out
    again = service.told("install")  # as after an update: the same service, told anew
    assert again.code == 0, again.err
    service.watches(2)
    done = service.told("uninstall")
    assert done.code == 0 and "enlevé" in done.out, done.err
    assert service.ended(2)
    assert service.told("status").code == 3
    world.same()


def started() -> None:
    """By Windows' own command."""
    done = wine.wine("net", "start", "syncd", timeout=150)
    assert done.code == 0, done.out + done.err


@EVERY
@pytest.mark.timeout(500)
def test_stopped_started_and_killed_by_the_systems_own_commands(world: World, service: Service) -> None:
    assert wine.wine("reg", "query", KEY).code != 0
    assert service.told("install", "--no-start").code == 0
    assert service.told("status").code == 3
    assert wine.wine("reg", "query", KEY).code == 0, "Windows is told how to show what the service writes"
    started()
    service.watches(1)
    assert wine.wine("net", "stop", "syncd").code == 0
    eventually(lambda: service.ended(1) and "arrêté" in service.told("status").out, 60)  # Wine's command does not wait
    world.put("Ventes/b.pdf", "deposited meanwhile")
    started()
    service.watches(2)
    eventually(lambda: world.here().get("Ventes/b.pdf") == b"deposited meanwhile")
    process = re.search(r"processus (\d+)", service.told("status").out)
    assert process and wine.wine("taskkill", "/F", "/PID", process[1]).code == 0
    world.write("Achats/c.pdf", "saved meanwhile")
    started()  # on Windows it comes back by itself; Wine's service manager does not even notice that it is gone
    service.watches(3)
    eventually(lambda: "Achats/c.pdf" in world.online())
    assert service.told("uninstall").code == 0 and wine.wine("reg", "query", KEY).code != 0
    world.same()


def test_what_the_service_says_reaches_the_event_log_with_its_kind() -> None:
    """Wine keeps no log of events: it shows them where its own messages go."""
    script = """
    from syncd.cli.service_manager import windows_service
    from syncd.cli.service_manager.windows_event_log import EventLog
    journal = EventLog(windows_service.event)
    journal("started", root="D:\\\\Clients", portal="https://p.example")
    journal("pass", why="full", verdict="abandoned", error="Le disque a échoué.")
    journal("portal_away", error="no answer")
    journal("stopped", code=143)
    """
    done = wine.wine(str(wine.PYTHON), "-c", textwrap.dedent(script), env={"WINEDEBUG": "-all,+eventlog"})
    assert done.code == 0, done.err
    shown = [line for line in done.err.splitlines() if "ReportEvent" in line]
    for kind, said in (
        ("trace", "syncd works"),
        ("err", "Le disque a"),
        ("warn", "no answer"),
        ("trace", "asked to end"),
    ):
        assert any(f"{kind}:" in line and said in line for line in shown), done.err


def _url(text: str) -> str:
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("url ="))


def test_what_the_manager_starts_is_refused_by_hand(windows: Windows) -> None:
    done = windows.fresh(["service", "host"], {})
    assert done.code == 2 and "service install" in done.err


def test_the_task_and_its_paths_are_windows_own(world: World) -> None:
    done = world.fresh("service", "print", "windows-task", "--to", world.base)
    assert done.code == 0, done.err
    text = (world.base / "syncd-windows-task.xml").read_text(encoding="utf-16")
    command = text.partition("<Command>")[2].partition("</Command>")[0]
    arguments = text.partition("<Arguments>")[2].partition("</Arguments>")[0]
    assert command.startswith("Z:\\") and command.endswith("python.exe"), command
    assert arguments.startswith('-m syncd --config "Z:\\') and "/" not in arguments, arguments
