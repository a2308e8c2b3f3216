"""Uploads as rows and objects: the contract that a disk's keep to, and what only several processes ask."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.portal.storage.port import Elsewhere, Gone, TooMany
from tests.contracts.test_storage import (
    CLIENT,
    ONE,
    OTHER,
    PERSON,
    TWO,
    Storage,
    test_a_beginning_that_is_repeated_goes_on,
    test_a_file_of_its_own_is_alone_and_goes_after_a_day,
    test_an_upload_can_be_cut,
    test_an_upload_grows_and_becomes_a_version,
    test_one_person_begins_so_many_and_what_was_left_alone_makes_way,
    test_what_an_earlier_process_left_goes_on_and_counts,
    test_what_comes_from_elsewhere_than_where_it_is_is_not_taken,
    test_what_is_over_is_gone_and_is_not_made_anew,
)
from tests.support import databases

__all__ = [
    "test_a_beginning_that_is_repeated_goes_on",
    "test_a_file_of_its_own_is_alone_and_goes_after_a_day",
    "test_an_upload_can_be_cut",
    "test_an_upload_grows_and_becomes_a_version",
    "test_one_person_begins_so_many_and_what_was_left_alone_makes_way",
    "test_what_an_earlier_process_left_goes_on_and_counts",
    "test_what_comes_from_elsewhere_than_where_it_is_is_not_taken",
    "test_what_is_over_is_gone_and_is_not_made_anew",
]
MB = 1_000_000
KINDS = ["memory", *databases.OBJECTS]


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """Rows of the test's own database; objects in memory, or on a server where there is one."""
    from obstore.store import MemoryStore

    from syncd.portal import server_database
    from syncd.portal.storage.objects import ObjectBlobs
    from syncd.portal.storage.shared_uploads import SharedUploads
    from syncd.portal.storage.uploads import LocalUploads

    passed, now = [0.0], server_database.now
    monkeypatch.setattr(server_database, "now", lambda: now() + passed[0])

    def later(seconds: float) -> None:
        passed[0] += seconds

    memory: Any = MemoryStore()
    kind = request.param
    blobs = ObjectBlobs(memory, shared / "blobs") if kind == "memory" else databases.objects_in(kind, shared / "blobs")

    def anew() -> SharedUploads:
        return SharedUploads(blobs.store, LocalUploads(str(shared / "uploads")))

    yield Storage(blobs, anew(), lambda count: None, later, anew)


def objects(storage: Storage) -> list[str]:
    import obstore

    listed: Any = storage.uploads
    return sorted(one["path"] for part in obstore.list(listed._store, "uploads/") for one in part)


def test_of_two_that_go_on_at_one_place_one_does(storage: Storage) -> None:
    one, other = storage.uploads, storage.anew()
    storage.begin(size=20)
    one.append("upload-1", 0, [b"a" * 10])
    with pytest.raises(Elsewhere):
        other.append("upload-1", 0, [b"b" * 10])
    other.append("upload-1", 10, [b"b" * 10])
    with pytest.raises(Elsewhere):
        one.append("upload-1", 10, [b"a" * 10])
    assert len(objects(storage)) == 2
    with one.open("upload-1") as f:
        assert f.read() == b"a" * 10 + b"b" * 10
        f.seek(8)
        assert f.read(4) == b"aabb"
    one.over("upload-1")
    assert objects(storage) == []


def test_only_one_process_is_at_its_end(storage: Storage) -> None:
    from django.db import connection

    from syncd.portal import server_database

    storage.begin()
    found = list[bool]()

    def other() -> None:
        with storage.anew().finishing("upload-1") as own:
            found.append(own)
        with storage.anew().finishing("upload-2") as own:
            found.append(own)
        connection.close()

    with storage.uploads.finishing("upload-1") as own:
        assert own
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [server_database.embedded(), True]
    with storage.uploads.finishing("upload-1") as own:
        assert own


def test_what_nobody_refers_to_is_swept_after_a_day_and_nothing_else(storage: Storage) -> None:
    from syncd.core.time_units import DAY

    uploads: Any = storage.uploads
    storage.begin(size=30)
    uploads.append("upload-1", 0, [b"a" * 10])
    for key in ("upload-1", "upload-9"):  # a process that was killed before its row
        uploads._put(key, 10, b"lost")
    storage.begin("upload-2")
    kept = objects(storage)[0]
    uploads.sweep()
    assert len(objects(storage)) == 3
    storage.later(DAY + 60)
    uploads.sweep()
    assert objects(storage) == [kept] and uploads.arrived("upload-1") == 10


def test_pieces_that_the_storage_lost_begin_anew(storage: Storage) -> None:
    import obstore

    uploads: Any = storage.uploads
    storage.begin()
    uploads.append("upload-1", 0, [b"a" * 10])
    obstore.delete(uploads._store, objects(storage))
    with pytest.raises(Gone), uploads.open("upload-1") as f:
        f.read()
    with pytest.raises(Gone):
        uploads.arrived("upload-1")


def test_large_pieces_become_one_version_and_are_taken_back(storage: Storage) -> None:
    data, at = os.urandom(9 * MB), 0
    storage.begin(size=len(data))
    while at < len(data):
        at = storage.uploads.append("upload-1", at, [data[at : at + 3_700_000]])
    storage.uploads.cut("upload-1", len(data) - 1)
    storage.uploads.append("upload-1", len(data) - 1, [data[-1:]])
    staged = storage.uploads.staged("upload-1")
    storage.blobs.publish([(staged, ONE)])
    storage.blobs.publish([(staged, ONE)])  # its answer was lost
    assert storage.blobs.prove(ONE)[0].sha256 == hashlib.sha256(data).digest()
    storage.blobs.take_back([(staged, ONE)])
    with pytest.raises(FileNotFoundError):
        storage.blobs.size(ONE)
    storage.blobs.publish([(staged, TWO)])
    with storage.blobs.used_up(staged):
        storage.blobs.drop_staged(staged)
    storage.uploads.over("upload-1")
    assert storage.blobs.size(TWO) == len(data) and objects(storage) == []
    other = storage.blobs.stage(b"other")
    with pytest.raises(FileExistsError):
        storage.blobs.publish([(other, TWO)])


def test_many_processes_announce_no_more_for_one_person_than_they_may(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from syncd.portal.storage import uploads as limits

    monkeypatch.setattr(limits, "COUNT", 4)
    begun, refused = list[int](), list[int]()

    def one(n: int) -> None:
        try:
            storage.anew().begin(f"upload-{n}", PERSON if n % 2 else OTHER, CLIENT, 2, b"{}")
            begun.append(n)
        except TooMany:
            refused.append(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (len(begun), len(refused)) == (8, 4)
