"""The package's units under a real systemd: ended in the middle of a pass, killed, hung, started in vain, purged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.handbook.machine import Machine, Mailbox
from tests.handbook.test_package import DELIVERED, FOLDER, online, typed, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # the delivery is made first, whatever else goes on
MANY = 40
# The documents go, and the portal stands still in the middle of it.
HELD = """until [ $(find /var/lib/syncd-portal -type f -newer /root/mark -size +4M | wc -l) -ge 2 ]; do :; done
systemctl kill --kill-whom=main -s STOP syncd-portal"""


@pytest.fixture
def installed(make_machine: Callable[[], Machine]) -> tuple[Machine, Mailbox]:
    """Set up as the page says, its first document online; what it waits before it starts again is shortened."""
    made = make_machine()
    box = made.mail()
    *commands, agree = typed("installer", "En six commandes")
    for line in commands:
        made.type(line, cwd=DELIVERED)
    assert spans(made) == {"RestartUSec": "30s", "StartLimitBurst": "5", "StartLimitIntervalUSec": "5min", "WatchdogUSec": "10min"}  # fmt: skip
    made.path("/etc/systemd/system/syncd.service.d/90-hurry.conf").write_text(
        "[Service]\nRestartSec=1\nWatchdogSec=5\n"
    )
    made.type("systemctl daemon-reload && systemctl restart syncd && useradd --groups cabinet claire")
    until(lambda: made.path(FOLDER).is_dir(), made)
    made.type(f"umask 002; echo facture > '{FOLDER}/facture.txt'", user="claire")
    box.wait("autoriser")
    made.type(agree)
    until(lambda: online(made) == {"Achats/facture.txt"}, made)
    return made, box


def spans(machine: Machine) -> dict[str, str]:
    names = ("RestartUSec", "StartLimitBurst", "StartLimitIntervalUSec", "WatchdogUSec")
    said = machine.type(f"systemctl show syncd {' '.join(f'-p {n}' for n in names)}").stdout
    return dict(line.split("=", 1) for line in said.splitlines())


def shown(machine: Machine, what: str, unit: str = "syncd") -> str:
    return machine.type(f"systemctl show -P {what} {unit}").stdout.strip()


def alerts(box: Mailbox) -> int:
    return sum("s’est arrêté" in str(m["Subject"]) for m in box.all())


def works(machine: Machine, besides: str = "0") -> str:
    """The service's process, once it works and is not that one."""
    until(
        lambda: shown(machine, "ActiveState") == "active" and shown(machine, "MainPID") not in ("0", besides), machine
    )
    return shown(machine, "MainPID")


def test_the_service_ends_and_goes_on_as_systemd_has_it(installed: tuple[Machine, Mailbox]) -> None:
    machine, box = installed
    machine.type("touch /root/mark")
    machine.type(f"umask 002; for n in $(seq {MANY}); do head -c 5000000 /dev/urandom > '{FOLDER}'/$n.txt; done", user="claire")  # fmt: skip
    machine.type(HELD)
    machine.type("systemctl stop --no-block syncd")
    until(lambda: shown(machine, "ActiveState") == "deactivating", machine)
    machine.type("systemctl kill --kill-whom=main -s CONT syncd-portal")
    until(lambda: shown(machine, "ActiveState") != "deactivating", machine)
    assert len(online(machine)) <= MANY, "the pass was over before it was asked to end"
    assert (shown(machine, "ActiveState"), shown(machine, "Result")) == ("inactive", "success"), machine.log()
    assert machine.log().rstrip().endswith("stopped code=143"), machine.log()
    machine.type("systemctl start syncd")
    until(lambda: len(online(machine)) == MANY + 1, machine, 120)
    first = works(machine)
    machine.type("systemctl kill --kill-whom=main -s KILL syncd")
    second = works(machine, first)
    machine.type(f"kill -STOP {second}")  # it hangs: nothing says that it is alive
    third = works(machine, second)
    assert shown(machine, "NRestarts") == "2"
    machine.type("systemctl reload syncd")
    machine.type("echo vente > /tmp/v.txt; syncd portal document put /var/lib/syncd-portal 007868 Ventes/v.txt /tmp/v.txt --as-company")  # fmt: skip
    until(lambda: machine.path(f"{FOLDER.removesuffix('Achats')}Ventes/v.txt").exists(), machine)
    assert shown(machine, "MainPID") == third and not alerts(box), [m["Subject"] for m in box.all()]


def test_five_starts_in_vain_are_told_and_purging_leaves_no_unit(installed: tuple[Machine, Mailbox]) -> None:
    machine, box = installed
    machine.type("systemctl reset-failed syncd; systemctl restart syncd")
    died: list[str] = []
    while len(died) < 5:
        died.append(works(machine, died[-1] if died else "0"))
        assert not alerts(box), died
        machine.type(f"kill -SEGV {died[-1]}")
    until(lambda: shown(machine, "ActiveState") == "failed", machine)
    told = box.wait("s’est arrêté")
    assert told["To"] == "direction@cabinet-martin.fr" and "s’est arrêté" in str(told["Subject"])
    until(lambda: shown(machine, "ActiveState", "syncd-alert") == "inactive", machine)
    assert shown(machine, "Result", "syncd-alert") == "success" and alerts(box) == 1
    machine.type("DEBIAN_FRONTEND=noninteractive dpkg --purge syncd")
    assert not machine.type("systemctl list-unit-files --no-legend 'syncd*'", ok=None).stdout
    assert machine.path(f"{FOLDER}/facture.txt").read_text() == "facture\n"
    assert machine.path("/var/lib/syncd/state.db").exists() and machine.path("/var/lib/syncd-portal/portal.db").exists()
