"""The pages of an installation, typed in as they stand: only accounts, packages and the system's own services are left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.world import World, syncd

pytestmark = pytest.mark.e2e
MANUAL = Path(__file__).parents[2] / "docs" / "manuel"
LEFT_OUT = re.compile(r"^(sha256sum|python3|/opt/syncd/bin/pip|ln |useradd|groupadd|systemctl|nginx|rm |_SYNCD)")


def lines(page: str, until: str) -> list[str]:
    """What the page tells to type before the heading `until`."""
    text = re.sub(r"\\\n\s*", " ", (MANUAL / f"{page}.md").read_text(encoding="utf-8")).split(f"\n## {until}")[0]
    blocks = re.findall(r"(?m)^ {4,}(\S.*)$", text)
    inline = re.findall(r"`(sudo -u syncd [^`]+)`", text)
    return [line.split("  #")[0].strip() for line in [*blocks, *inline] if not LEFT_OUT.match(line)]


class Machine:
    """Everything below one directory, under one account."""

    def __init__(self, base: Path, **said: str) -> None:
        self.base, self.said, self.typed = base, said, list[str]()
        for place in ("etc/syncd", "srv", "var/lib", "etc/systemd/system", "etc/nginx/sites-available", "sauvegarde"):
            (base / place).mkdir(parents=True)

    def type(self, line: str, stdin: str = "") -> str:
        for old, new in self.said.items():
            line = line.replace(old, new)
        here = re.sub(r"(?<![\w/.:])/(etc|srv|var|sauvegarde)(?=/)", rf"{self.base}/\1", line)
        here = re.sub(r"^sudo -u \w+ ", "", here)
        here = re.sub(r"^(install\b.*?) -o \w+( -g \w+)?", r"\1", here)
        program = f"{sys.executable} -c 'from syncd.cli import main; main()'"
        config = f"SYNCD_CONFIG={self.base}/etc/syncd/syncd.toml "
        here = re.sub(r"^syncd ", f"{config}{program} ", here)
        done = subprocess.run(["bash", "-c", here], capture_output=True, text=True, input=stdin, timeout=60)
        self.typed.append(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout


def test_the_platform_is_installed_as_its_page_says(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for line in lines("heberger", "Les e-mails"):
        if not line.startswith(("ln", "nginx")):
            machine.type(line)
    assert any("portal init" in line for line in machine.typed) and len(machine.typed) >= 4
    made = tmp_path / "var/lib/syncd-portal"
    assert made.stat().st_mode & 0o777 == 0o700 and (made / "portal.db").exists()
    assert (tmp_path / "etc/systemd/system/syncd-portal.service").exists()
    assert (tmp_path / "etc/nginx/sites-available/syncd").exists()
    for part in ("Sauvegarder", "Quelqu'un ne peut plus entrer"):
        text = (MANUAL / "heberger.md").read_text(encoding="utf-8").split(f"## {part}\n")[1].split("\n## ")[0]
        for line in re.findall(r"(?m)^ {4}(\S.*)$", text):
            machine.type(line)
    assert (tmp_path / "srv/essai/portal.db").exists()


def test_the_engine_is_installed_as_its_page_says(world: World, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", **{"https://documents.cabinet-martin.fr": world.url})
    key = world.portal("engine-token").out
    for line in lines("installer", "Changer d'ordinateur"):
        if "mail test" in line or "service print" in line or "umask" in line:
            continue  # no mail server; the unit's state has its one place; told for a stopped service
        machine.type(line, key if "/dev/stdin" in line else "")
    assert sum("syncd " in line for line in machine.typed) >= 3
    base = tmp_path / "machine"
    modes = {p: (base / p).stat().st_mode & 0o7777 for p in ("srv/cabinet/clients", "srv/cabinet/journaux", "var/lib/syncd", "etc/syncd/token", "etc/syncd/syncd.toml")}  # fmt: skip
    assert modes == {"srv/cabinet/clients": 0o2770, "srv/cabinet/journaux": 0o2750, "var/lib/syncd": 0o700, "etc/syncd/token": 0o600, "etc/syncd/syncd.toml": 0o600}  # fmt: skip
    done = syncd("--config", base / "etc/syncd/syncd.toml", "status")
    assert done.code == 0, done.err
