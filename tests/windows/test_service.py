"""`syncd service` with Wine's service manager: installed, working, ended, removed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.e2e.test_watch import eventually
from tests.e2e.world import World
from tests.windows.wine import Windows

pytestmark = pytest.mark.e2e


@pytest.fixture
def removed(world: World, windows: Windows) -> Iterator[None]:
    yield
    windows.fresh(["service", "uninstall"], {})


@pytest.mark.timeout(500)
@pytest.mark.skipif(
    not os.environ.get("SYNCD_EVERY"), reason="Wine gives a service ten seconds to answer: ./scripts/test-windows"
)
def test_installed_it_works_until_it_is_asked_to_end(world: World, windows: Windows, removed: None) -> None:
    spaced = world.base / "Program Data"  # what is not quoted is another path
    spaced.mkdir()
    config = spaced / "syncd.toml"
    text = world.config.read_text().replace('settle = "2s"', 'settle = "0.5s"')
    config.write_text(text.replace("[portal]\n", "[portal]\n", 1).replace(_url(text), world.url))
    told = ["--config", str(config)]
    done = windows.fresh([*told, "service", "install"], {})
    assert done.code == 0 and "en marche" in done.out, done.out + done.err
    log = world.logs / "service.log"
    eventually(lambda: log.exists() and "watching how=events" in log.read_text(), 60)
    world.write("Achats/a.pdf", "saved here")
    eventually(lambda: "Achats/a.pdf" in world.online())
    done = windows.fresh([*told, "service", "status"], {})
    assert done.code == 0 and "en marche" in done.out and r"NT SERVICE\syncd" in done.out and "automatique" in done.out
    assert "service host" in done.out
    again = windows.fresh([*told, "service", "install"], {})  # as after an update: the same service, told anew
    assert again.code == 0, again.err
    done = windows.fresh(["service", "uninstall"], {})
    assert done.code == 0 and "enlevé" in done.out, done.err
    assert "stopped code=143" in log.read_text()
    assert windows.fresh(["service", "status"], {}).code == 3
    world.same()


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
