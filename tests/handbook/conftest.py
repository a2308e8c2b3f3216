"""What was delivered, made once for all workers; machines to install it on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.handbook.machine import Machine, missing

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The directory that `scripts/package` makes."""
    if why := missing():
        pytest.skip(why)
    above = tmp_path_factory.getbasetemp()
    shared = above.parent if worker_id != "master" else above
    with FileLock(shared / "delivery.lock"):
        if not (shared / "delivery" / "SHA256SUMS").exists():
            done = subprocess.run(
                [sys.executable, TOP / "scripts/packaging/build.py", "--out", shared / "delivery",
                 *(word for part in ("wheel", "bundle", "deb", "container") for word in ("--only", part))],  # Windows': tests/windows
                capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
    return shared / "delivery"


@pytest.fixture
def make_machine(tmp_path: Path, delivery: Path) -> Iterator[Callable[[], Machine]]:
    made: list[Machine] = []

    def make() -> Machine:
        machine = Machine(tmp_path, "documents.cabinet-martin.fr", "smtp.exemple.fr")
        made.append(machine)
        for file in delivery.iterdir():
            machine.bring(file, f"/root/livraison/{file.name}")
        machine.authority("/etc/ssl/cabinet", "documents.cabinet-martin.fr")
        return machine

    yield make
    for machine in made:
        machine.close()
