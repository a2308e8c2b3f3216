"""Django is started once per worker, on a portal directory of its own; each test makes the cabinets it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def portal_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from syncd.portal import setup

    directory = tmp_path_factory.mktemp("portal") / "data"
    for part in ("blobs", "uploads"):
        (directory / part).mkdir(parents=True)
    setup.use(directory, new=True)
    setup.migrate()
    os.environ.pop("SYNCD_PORTAL_DIR")  # other processes of this worker's tests have their own
    return directory


@pytest.fixture
def portal(portal_directory: Path) -> Iterator[Path]:
    """The portal's directory; whatever the test writes into the database is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield portal_directory
        transaction.set_rollback(True)


@pytest.fixture
def make_client(portal: Path) -> Callable[..., Any]:
    """A client of a cabinet, with the tree of a shipped template."""
    from syncd.portal.services import clients, templates

    def make(cabinet: Any, code: str, template: str = "commerce") -> Any:
        return clients.add(cabinet, code, f"Société {code}", templates.load(template))

    return make


@pytest.fixture
def put(portal: Path) -> Callable[..., Any]:
    """A document deposited by the company, at the portal's own machine."""
    import io

    from syncd.portal.models import Document
    from syncd.portal.rights import Operator
    from syncd.portal.services.deposits import deposit

    def put(client: Any, path: str, data: bytes, origin: str = "company") -> Any:
        result = deposit(client, path, io.BytesIO(data), Operator(client.cabinet_id, "le client", origin))
        assert result.ok and result.doc is not None, result
        return Document.objects.get(id=result.doc.id)

    return put
