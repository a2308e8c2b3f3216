"""The pages of an installation, typed in as they stand on a fresh Debian machine: as root, with systemd, nginx and a private
authority, engine and portal as accounts of their own, and nothing from a network."""

from __future__ import annotations

import filecmp
import json
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.handbook.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # the delivery is made first, whatever else goes on
TOP = Path(__file__).parents[2]
MANUAL = TOP / "docs" / "manuel"
DELIVERED = "/root/livraison"
FOLDER = "/srv/cabinet/clients/007868 - SARL Dupont/Achats"


def typed(page: str, heading: str) -> list[str]:
    """The lines that the page tells to type under this heading; one that goes on below is one."""
    text = (MANUAL / f"{page}.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    text = re.sub(r"\\\n\s*", "", text)
    return [re.split(r"\s+# ", line)[0].strip() for line in re.findall(r"(?m)^ {4}(\S.*)$", text)]


def until(what: Callable[[], object], machine: Machine, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, machine.log()
        time.sleep(0.2)


def online(machine: Machine) -> set[str]:
    said = machine.type("syncd portal document list /var/lib/syncd-portal 007868 --json").stdout
    return {json.loads(line)["path"] for line in said.splitlines()}


def running_as(machine: Machine, unit: str) -> str:
    pid = machine.type(f"systemctl show -P MainPID {unit}").stdout.strip()
    return machine.type(f"stat -c %U:%a /proc/{pid}; cat /proc/{pid}/cmdline | tr '\\0' ' '").stdout


def no_other_reads(machine: Machine, *places: str) -> None:
    for place in places:
        open_ones = machine.type(f"find {place} -perm /007").stdout
        assert not open_ones, open_ones


def test_from_the_package_to_the_first_document_and_mail_in_six_commands(make_machine: Callable[[], Machine]) -> None:
    commands = typed("installer", "En six commandes")
    assert len(commands) <= 6 and not [c for c in commands if re.search(r"&&|;|\||python|pip", c)], commands
    machine = make_machine()
    mails = machine.mail()
    machine.type("sha256sum --check SHA256SUMS", cwd=DELIVERED)
    machine.type(commands[0], cwd=DELIVERED)
    assert machine.type("systemctl is-enabled syncd syncd-portal").stdout.split() == ["enabled", "enabled"]
    assert machine.type("systemctl is-active syncd syncd-portal", ok=None).stdout.split() == ["inactive", "inactive"]
    for line in commands[1:5]:
        machine.type(line, cwd=DELIVERED)
    assert mails.wait("Essai")["To"] == "direction@cabinet-martin.fr"
    for unit, account in (("syncd", "syncd"), ("syncd-portal", "syncdportal")):
        assert running_as(machine, unit).startswith(f"{account}:"), running_as(machine, unit)
    machine.type("useradd --groups cabinet claire")
    until(lambda: machine.path(FOLDER).is_dir(), machine)
    machine.type(f"umask 002; echo facture > '{FOLDER}/facture.txt'", user="claire")
    assert "autoriser" in mails.wait("autoriser")["Subject"]
    assert not online(machine)
    machine.type(commands[5], cwd=DELIVERED)
    until(lambda: online(machine) == {"Achats/facture.txt"}, machine)
    checked = machine.type("syncd doctor --json", ok=None)
    assert checked.returncode == 0, checked.stdout
    # A deposit reaches the folder, and whoever works there may change it; where a folder of before hands no group on, too.
    machine.type(f"chmod g-s '{FOLDER.removesuffix('Achats')}Ventes'")
    machine.type("echo vente > /tmp/v.txt; syncd portal document put /var/lib/syncd-portal 007868 Ventes/vente.txt /tmp/v.txt --as-company")  # fmt: skip
    received = f"{FOLDER.removesuffix('Achats')}Ventes/vente.txt"
    until(lambda: machine.path(received).exists(), machine)
    machine.type(f"echo corrigé >> '{received}'", user="claire")
    # Folders of before, given to the group as the page says: all who work there go on, the engine is one of them.
    machine.type("mkdir -p /srv/dossiers/Achats; echo x > /srv/dossiers/Achats/x.txt; chmod -R go= /srv/dossiers")
    for line in typed("installer", "Vos dossiers existent déjà"):
        machine.type(line)
    machine.type("umask 007; echo y >> /srv/dossiers/Achats/x.txt; echo z > /srv/dossiers/Achats/z.txt", user="claire")
    machine.type("cat /srv/dossiers/Achats/*.txt && mv /srv/dossiers/Achats/z.txt /srv/dossiers/a.txt", user="syncd")
    # The service writes its reports, in directories that the group reads, with all that its unit forbids it.
    assert "report_failed" not in machine.log()
    reports = machine.path("/srv/cabinet/journaux")
    kinds = {stat.filemode(p.stat().st_mode) for p in reports.rglob("*") if p.is_dir()}
    assert kinds == {"drwxr-s---"} and any(p.suffix == ".json" for p in reports.rglob("*")), kinds
    no_other_reads(machine, "/var/lib/syncd", "/var/lib/syncd-portal", "/srv/cabinet/journaux", "/etc/syncd/token")
    again_and_away(machine)


def again_and_away(machine: Machine) -> None:
    """The package once more, newer; then without it, and without its configuration."""
    newer(machine, "0.1.1")
    machine.type("apt install ./syncd_0.1.1_amd64.deb", cwd=DELIVERED)
    assert machine.type("systemctl is-active syncd syncd-portal").stdout.split() == ["active", "active"]
    kept = {p: machine.path(p).read_bytes() for p in ("/etc/syncd/syncd.toml", "/etc/syncd/token", f"{FOLDER}/facture.txt")}  # fmt: skip
    assert "SYNCD_PORTAL_URL" in machine.path("/etc/syncd/portal.env").read_text()
    machine.type("DEBIAN_FRONTEND=noninteractive dpkg --remove syncd")
    assert machine.type("pgrep -u syncd,syncdportal", ok=1).stdout == ""
    assert {p: machine.path(p).read_bytes() for p in kept} == kept
    assert not machine.path("/usr/lib/syncd").exists()
    said = machine.type("DEBIAN_FRONTEND=noninteractive dpkg --purge syncd").stdout
    for place in ("/srv/cabinet/clients", "/srv/cabinet/journaux", "/var/lib/syncd", "/var/lib/syncd-portal"):
        assert f"\n  {place}\n" in said and any(machine.path(place).iterdir()), said
    assert machine.path(f"{FOLDER}/facture.txt").read_text() == "facture\n"
    assert machine.path("/var/lib/syncd/state.db").exists() and machine.path("/var/lib/syncd-portal/portal.db").exists()
    assert not machine.path("/etc/syncd").exists()
    machine.type("test ! -L /etc/nginx/sites-enabled/syncd")
    assert "/etc/nginx/sites-available/syncd" in said


def newer(machine: Machine, version: str) -> None:
    """The same package under another version."""
    raw = f"dpkg-deb -R syncd_0.1.0_amd64.deb new && sed -i 's/^Version: .*/Version: {version}/' new/DEBIAN/control"
    machine.type(f"{raw} && dpkg-deb -Znone -b new syncd_{version}_amd64.deb && rm -r new", cwd=DELIVERED)


@pytest.mark.parametrize("version", ["8cf244d", "90ce41f"])
def test_an_installation_made_by_hand_goes_on_with_the_package(
    make_machine: Callable[[], Machine], tmp_path: Path, version: str
) -> None:
    machine = make_machine()
    older_installation(machine, tmp_path, version)
    before = {p: p.read_bytes() for p in machine.path("/srv/cabinet/clients").rglob("*") if p.is_file() and ".syncd" not in p.parts}  # fmt: skip
    for line in typed("mettre-a-jour", "D'une installation sans paquet"):
        if line.startswith("syncd portal migrate"):  # until then everything else says so and changes nothing
            database = machine.path("/var/lib/syncd-portal/portal.db").read_bytes()
            for refused in (
                "syncd portal client list /var/lib/syncd-portal",
                "syncd portal person list /var/lib/syncd-portal",
            ):
                assert "syncd portal migrate /var/lib/syncd-portal" in machine.type(refused, ok=2).stderr
            assert machine.path("/var/lib/syncd-portal/portal.db").read_bytes() == database
        machine.type(line, cwd=DELIVERED)
    assert machine.type("systemctl is-active syncd syncd-portal").stdout.split() == ["active", "active"]
    until(lambda: "pass why=full" in machine.log(), machine)
    assert "report_failed" not in machine.log()
    after = {p: p.read_bytes() for p in machine.path("/srv/cabinet/clients").rglob("*") if p.is_file() and ".syncd" not in p.parts}  # fmt: skip
    assert after == before
    told = json.loads((tmp_path / "installed" / "told.json").read_text())
    assert online(machine) == {row["path"] for row in told["online"]["007868"]}
    if version == "8cf244d":
        return
    newer(machine, "0.1.1")
    for heading in ("La plateforme", "La synchronisation"):
        for line in typed("mettre-a-jour", heading):
            machine.type(line.replace("0.1.0", "0.1.1"), cwd=DELIVERED)
    assert machine.type("systemctl is-active syncd syncd-portal").stdout.split() == ["active", "active"]
    # Back: what a newer version wrote is refused in a sentence, by the service too.
    machine.type("systemctl stop syncd-portal")
    machine.type(
        "python3.11 -c \"import sqlite3; c = sqlite3.connect('/var/lib/syncd-portal/portal.db'); "
        "c.execute(\\\"insert into django_migrations (app, name, applied) values ('portal', '9999_later', '2030-01-01')\\\"); c.commit()\""
    )
    machine.type("systemctl start syncd-portal", ok=None)
    until(lambda: "newer version of syncd (9999_later)" in machine.log(), machine)
    assert "Traceback" not in machine.log()


def older_installation(machine: Machine, tmp_path: Path, version: str) -> None:
    """As the older version and its book left it, at the places that the book named."""
    with tarfile.open(TOP / "tests/data/installed" / f"{version}.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    at = tmp_path / "installed"
    machine.type("groupadd cabinet; useradd --system --gid cabinet --shell /usr/sbin/nologin syncd")
    places = {"clients": "/srv/cabinet/clients", "logs": "/srv/cabinet/journaux", "state": "/var/lib/syncd", "portal": "/var/lib/syncd-portal", "token": "/etc/syncd/token"}  # fmt: skip
    config = (at / "syncd.toml").read_text(encoding="utf-8")
    for name, place in places.items():
        target = machine.path(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(at / name, target) if (at / name).is_dir() else shutil.copy(at / name, target)
        config = config.replace(f"/installed/{name}", place)
    config = re.sub(r'(?m)^url = .*$', 'url = "https://documents.cabinet-martin.fr"\nca_file = "/etc/ssl/cabinet/autorite.pem"', config)  # fmt: skip
    machine.path("/etc/syncd/syncd.toml").write_text(config, encoding="utf-8")
    machine.type(f"chown -R syncd:cabinet {' '.join(places[n] for n in ('clients', 'logs', 'state', 'token'))} && chmod 2770 /srv/cabinet/clients")  # fmt: skip
    for unit in ("syncd", "syncd-portal"):
        machine.path(f"/etc/systemd/system/{unit}.service").write_text(
            "[Service]\nExecStart=/usr/local/bin/syncd watch\n[Install]\nWantedBy=multi-user.target\n"
        )
    machine.path("/usr/local/bin/syncd").write_text("#!/bin/sh\nexec sleep 1000\n")
    machine.type("chmod 755 /usr/local/bin/syncd; systemctl daemon-reload; systemctl enable --now syncd syncd-portal")


def test_without_the_package_the_pages_lead_there_too(make_machine: Callable[[], Machine]) -> None:
    machine = make_machine()
    machine.path("/etc/nginx/sites-enabled/default").unlink(missing_ok=True)
    program, engine = list[str](), list[str]()
    for line in typed("installer", "Sans le paquet"):
        (engine if engine or line.startswith("groupadd") else program).append(line)
    machine.type("\n".join(["set -e", *program]), cwd=DELIVERED)
    for line in typed("heberger", "Sans le paquet"):
        machine.type(line)
    until(lambda: machine.type("syncd portal person list /var/lib/syncd-portal", ok=None).returncode == 0, machine)
    machine.type('syncd portal client add /var/lib/syncd-portal 007868 "SARL Dupont"')
    key = machine.type("syncd portal engine-token /var/lib/syncd-portal").stdout
    for line in engine:
        machine.type(line, stdin=key if "/dev/stdin" in line else "")
    until(lambda: machine.path(FOLDER).is_dir(), machine)
    until(lambda: "pass why=full" in machine.log(), machine)
    assert "report_failed" not in machine.log()
    for unit, account in (("syncd", "syncd"), ("syncd-portal", "syncdportal")):
        assert running_as(machine, unit).startswith(f"{account}:")
    modes = {p: stat.S_IMODE(machine.path(p).stat().st_mode) for p in ("/srv/cabinet/clients", "/srv/cabinet/journaux", "/var/lib/syncd", "/etc/syncd/token", "/etc/syncd/syncd.toml")}  # fmt: skip
    assert modes == {"/srv/cabinet/clients": 0o2770, "/srv/cabinet/journaux": 0o2750, "/var/lib/syncd": 0o700, "/etc/syncd/token": 0o600, "/etc/syncd/syncd.toml": 0o600}  # fmt: skip
    for part in ("Sauvegarder", "Quelqu'un ne peut plus entrer"):
        for line in typed("heberger", part):
            machine.type(line)
    assert machine.path("/srv/essai/portal.db").exists()


def test_what_is_delivered_is_whole_and_bears_the_commits_time(delivery: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=delivery, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    listed = {line.split()[1] for line in (delivery / "SHA256SUMS").read_text().splitlines()}
    assert listed == {p.name for p in delivery.iterdir()} - {"SHA256SUMS"}
    with tarfile.open(next(delivery.glob("*.tar.gz"))) as tar:
        times = {m.mtime for m in tar}
    package = next(delivery.glob("*.deb"))
    said = subprocess.run(["dpkg-deb", "--ctrl-tarfile", package], capture_output=True, check=True).stdout
    (delivery.parent / "control.tar").write_bytes(said)
    with tarfile.open(delivery.parent / "control.tar") as tar:
        times |= {m.mtime for m in tar}
    assert len(times) == 1, "not all of one moment: two deliveries of one commit would differ"


def test_made_again_it_is_the_same_byte_for_byte(delivery: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    done = subprocess.run(
        [sys.executable, TOP / "scripts/packaging/build.py", "--out", again, "--only", "wheel", "--only", "bundle"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    names = [p.name for p in again.iterdir() if p.name != "SHA256SUMS"]
    assert len(names) == 2 and filecmp.cmpfiles(delivery, again, names, shallow=False)[0] == names


def test_what_the_container_file_runs_leads_to_a_portal(make_machine: Callable[[], Machine]) -> None:
    """No image is built here: its steps are typed on a machine with the base image's system and Python."""
    machine = make_machine()
    words = [line.split(None, 1) for line in _steps(machine.path(f"{DELIVERED}/Containerfile").read_text())]
    told = {name: rest for name, rest in words if name not in ("RUN", "ADD")}
    assert [name for name, _ in words] == ["FROM", "ADD", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"]  # fmt: skip
    assert told["FROM"].endswith("python:3.11-slim-bookworm")  # Debian 12, as here
    machine.type("ln -s /usr/bin/python3.11 /usr/local/bin/python")
    for name, rest in words:
        if name == "ADD":
            archive, to = rest.split()
            machine.type(f"tar -C {to} -xf {archive}", cwd=DELIVERED)
        elif name == "RUN":
            machine.type(rest, cwd="/")
    account = told["USER"]
    entry = " ".join(json.loads(told["ENTRYPOINT"]))
    begun = f"{told['ENV']} {entry} init {told['VOLUME']} --cabinet 'Cabinet Martin' --admin-email direction@cabinet-martin.fr"
    machine.type(begun, user=account, cwd="/")
    serving = f"exec setpriv --reuid={account} --regid={account} --init-groups {entry} {' '.join(json.loads(told['CMD']))}"  # fmt: skip
    process = subprocess.Popen(
        [*machine.enter(), "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", told["ENV"], "SYNCD_PORTAL_URL=https://documents.cabinet-martin.fr", "bash", "-c", serving],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asked = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{told['EXPOSE']}/healthz').status)"
        until(lambda: machine.type(f'python3.11 -c "{asked}"', ok=None).stdout == "200\n", machine)
        machine.type("pkill -TERM -u syncdportal")
        assert process.wait(20) in (0, -15, 143)
    finally:
        process.kill()
        process.wait()


def _steps(text: str) -> list[str]:
    """Instructions, each in one line."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines()
