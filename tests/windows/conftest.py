"""What is told here is told to an engine on Windows (Wine), beside tests whose engine is this system's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.e2e import world
from tests.windows import rows, wine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rows.mark([i for i in items if Path(i.fspath).parent == Path(__file__).parent])


@pytest.fixture(scope="session")
def _windows() -> Iterator[wine.Windows]:
    wine.or_skip()
    made = wine.Windows()
    with wine.server():
        yield made
        made.close()


@pytest.fixture(scope="session")
def pristine(_windows: wine.Windows, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The cabinet that each test copies, set up on Windows."""
    shared = tmp_path_factory.getbasetemp().parent if worker_id != "master" else tmp_path_factory.getbasetemp()
    base = shared / "pristine-windows"
    with FileLock(shared / "pristine-windows.lock"):
        if not (base / "done").exists():
            world.elsewhere = _windows
            try:
                world.make_pristine(base)
            finally:
                world.elsewhere = None
            (base / "done").touch()
    return base / "world"


@pytest.fixture(autouse=True)
def windows(_windows: wine.Windows) -> Iterator[wine.Windows]:
    world.elsewhere = _windows
    yield _windows
    world.elsewhere = None
