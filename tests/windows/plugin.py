"""Every test's engine runs on Windows (Wine): `pytest -p tests.windows.plugin tests/e2e/…`, as ./scripts/test-windows does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import world
from tests.windows import rows, wine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rows.mark(items)


@pytest.fixture(scope="session", autouse=True)
def windows() -> Iterator[wine.Windows]:
    wine.or_skip()
    made = wine.Windows()
    with wine.server():
        world.elsewhere = made
        yield made
        world.elsewhere = None
        made.close()
