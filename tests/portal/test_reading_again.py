"""The portal's own bytes are read again by XXH3-128 once SHA-256 has proved them, and any damage is found (RULES 1, ADR 15)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xxhash

from tests.portal.upload_client import blob_path

pytestmark = pytest.mark.embedded  # it counts readings of files

DATA = [b"%%PDF-1.4 invoice %d" % n * 500 for n in range(6)]


@pytest.fixture
def read(office: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[str], int]]:
    """Names of what is damaged, and how many documents SHA-256 had to read for it."""
    from syncd.disk import hashing
    from syncd.portal.documents import integrity
    from syncd.portal.rights import Engine
    from syncd.portal.storage import blob_store

    for n, data in enumerate(DATA):
        put(office.one, f"Achats/{n}.pdf", data)
    proved = []
    real = hashing.prove_file
    monkeypatch.setattr(hashing, "prove_file", lambda path: (proved.append(path), real(path))[1])

    def again() -> tuple[list[str], int]:
        proved.clear()
        found = integrity.rotten(Engine(office.cabinet.id), office.one.id, blob_store())
        return sorted(r.path for r in found), len(proved)

    return again


def blob(n: int) -> Path:
    from syncd.portal.models import Version

    return blob_path(Version.objects.get(document__path=f"Achats/{n}.pdf").id)


def test_sha_256_proves_once_and_xxh3_sees_every_change(read: Callable[[], tuple[list[str], int]]) -> None:
    from syncd.portal.models import Version

    assert read() == ([], 6)
    marks = dict(Version.objects.values_list("document__path", "xxh3"))
    assert marks == {f"Achats/{n}.pdf": xxhash.xxh3_128_hexdigest(data) for n, data in enumerate(DATA)}
    assert read() == ([], 0)
    for n, data in enumerate((DATA[0][:-1], DATA[1] + b"x", DATA[2][:99] + b"?" + DATA[2][100:], b"")):
        blob(n).write_bytes(data)  # shorter, longer, one byte another, emptied
    blob(4).unlink()
    damaged = [f"Achats/{n}.pdf" for n in range(5)]
    assert read() == (damaged, 4)
    assert Version.objects.get(document__path="Achats/0.pdf").xxh3 == marks["Achats/0.pdf"]


def test_a_mark_that_is_wrong_itself_is_no_damage_and_is_made_anew(read: Callable[[], tuple[list[str], int]]) -> None:
    from syncd.portal.models import Version

    read()
    Version.objects.filter(document__path="Achats/3.pdf").update(xxh3="0" * 32)
    assert read() == ([], 1)
    assert read() == ([], 0)


def test_the_check_of_a_portal_reads_by_the_same(read: Callable[[], tuple[list[str], int]], tmp_path: Path) -> None:
    from syncd.portal.documents import integrity
    from syncd.portal.storage import blob_store

    read()
    assert read() == ([], 0)
    mine = [f for f in integrity.check(blob_store(), repair=False, served=True) if "000001" in f.where]
    assert mine == []
    blob(5).write_bytes(DATA[4])  # another document's very bytes
    found = [f for f in integrity.check(blob_store(), repair=False, served=True) if "000001" in f.where]
    assert [(f.kind, f.where) for f in found] == [("damaged", "000001 Achats/5.pdf, version 1")]
