"""A package that was handed in for another client than its own tells that client's people nothing of it."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.core.content import Content
from syncd.core.package_orders import PackageOrder
from syncd.core.packages.manifest import PackageRefused
from syncd.jobs.packages import ledger, ordered
from syncd.jobs.packages.at_cabinet import home_of
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ordered import Work
from syncd.package_file.public_keys import Public
from tests.portal.exchange_packages import package

OURS, THEIRS, CABINET = "a" * 32, "b" * 32, "c" * 32


@pytest.mark.parametrize("trusted", [False, True])
def test_a_sealed_package_of_another_client_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    config: Any = SimpleNamespace(mirror=SimpleNamespace(state=str(tmp_path / "state")))
    home = home_of(config)
    home.parent.mkdir(parents=True, exist_ok=True)
    with ledger.opened(home) as own:
        public = str(Keys(own.home).public())
    client: Any = SimpleNamespace(id=THEIRS, cabinet_id=CABINET, code="002", name="Durand")
    file = package(tmp_path / "theirs", client, {"Social/salaires.pdf": b"x"}, seal=public)
    with ledger.opened(tmp_path / "theirs" / "home") as his:
        key = str(Keys(his.home).public())
    if trusted:
        with ledger.opened(home) as own:
            own.trust(THEIRS, (ledger.Trusted(Public.of(key), 1.0),))
    data = file.read_bytes()
    whole = Content(len(data), hashlib.sha256(data).digest())
    order = PackageOrder("d" * 32, 1, "look", OURS, name=file.name, content=whole)
    looked = list[Any]()
    monkeypatch.setattr(ordered, "look", lambda *given: looked.append(given))
    nobody: Any = None
    with pytest.raises(PackageRefused) as refused:
        asyncio.run(Work(config, nobody, order, nobody, CABINET)._looked(file))
    assert not looked and "Durand" not in str(refused.value)
