"""Every adapter of the portal's storage keeps to the same contract (syncd.portal.storage.port)."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.disk.hashing import content_of
from syncd.portal.storage import disk_reserve
from syncd.portal.storage import uploads as limits
from syncd.portal.storage.local import LocalBlobs
from syncd.portal.storage.port import BlobStore, Elsewhere, Gone, NoRoom, Staged, TooMany, UploadStore
from syncd.portal.storage.uploads import LocalUploads
from tests.support import databases
from tests.support.memory_storage import MemoryBlobs, MemoryUploads

ONE, TWO, THREE = (f"{c}{n:031x}" for n, c in enumerate("aab"))
PERSON, OTHER, CLIENT = "1" * 32, "2" * 32, "c" * 32
MB = 1_000_000


class Storage:
    """`room`: sets the bytes that the reserve leaves; `later`: lets time pass; `anew`: as a portal that was started again."""

    def __init__(
        self, blobs: BlobStore, uploads: UploadStore, room: Callable[[int], None], later: Callable[[float], None],
        anew: Callable[[], UploadStore],
    ) -> None:  # fmt: skip
        self.blobs, self.uploads, self.room, self.later, self.anew = blobs, uploads, room, later, anew

    def begin(self, key: str = "upload-1", size: int = 100, person: str = PERSON, client: str = CLIENT) -> int:
        about = json.dumps({"user": person, "client": client, "size": size}).encode()
        return self.uploads.begin(key, person, client, size, about)


@pytest.fixture(params=["disk", "memory", *databases.OBJECTS])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    passed = [0.0]
    clock: Any = SimpleNamespace(time=lambda: time.time() + passed[0], monotonic_ns=lambda: time.monotonic_ns())

    def later(seconds: float) -> None:
        passed[0] += seconds

    if request.param == "memory":
        memory = MemoryUploads(now=clock.time)

        def room(count: int) -> None:
            memory.room = count

        yield Storage(MemoryBlobs(memory), memory, room, later, lambda: memory)
        return
    left = [10**9]
    monkeypatch.setattr(disk_reserve, "left", lambda where: left[0])
    monkeypatch.setattr(limits, "time", clock)
    for part in ("blobs", "uploads"):
        (tmp_path / part).mkdir()

    def left_is(count: int) -> None:
        left[0] = count

    uploads = LocalUploads(str(tmp_path / "uploads"))
    blobs: BlobStore = LocalBlobs(tmp_path / "blobs", guarded=True)
    if request.param in databases.OBJECTS:
        blobs = databases.objects_in(request.param, tmp_path / "blobs", guarded=True)
    yield Storage(blobs, uploads, left_is, later, lambda: LocalUploads(str(tmp_path / "uploads")))


# -- blobs ----------------------------------------------------------------------------------------------------------------


def test_what_is_published_is_read_by_its_version(storage: Storage) -> None:
    blobs = storage.blobs
    staged, content = blobs.stage_from(io.BytesIO(b"two" * 10**6))
    blobs.publish([(blobs.stage(b"one"), ONE), (staged, TWO)])
    blobs.publish([])
    assert content == content_of(b"two" * 10**6)
    assert (blobs.read(ONE), blobs.size(ONE)) == (b"one", 3)
    assert blobs.is_there(ONE, 3) and not blobs.is_there(ONE, 4) and not blobs.is_there(THREE, 3)
    with blobs.open(TWO) as f:
        f.seek(3)
        assert f.read(4) == b"twot"
    held, mark = blobs.prove(TWO)
    assert held == content and mark == blobs.mark(TWO) and len(mark) == 32 and blobs.mark(ONE) != mark
    assert [h.name for h in blobs.held()] == [ONE, TWO] and all(h.where.endswith(h.name) for h in blobs.held())


def test_what_has_no_bytes_is_said_to_have_none(storage: Storage) -> None:
    for ask in (storage.blobs.read, storage.blobs.open, storage.blobs.size, storage.blobs.prove, storage.blobs.mark):
        with pytest.raises(FileNotFoundError):
            ask(ONE)
    storage.blobs.move_away(ONE, "damaged")
    storage.blobs.take_back([(Staged("nothing"), ONE)])
    assert list(storage.blobs.held()) == []


def test_bytes_of_a_version_are_never_replaced(storage: Storage) -> None:
    blobs = storage.blobs
    blobs.publish([(blobs.stage(b"one"), ONE)])
    second = blobs.stage(b"two")
    with pytest.raises(FileExistsError):
        blobs.publish([(second, ONE)])
    assert blobs.read(ONE) == b"one"
    blobs.drop_staged(second)


def test_what_no_version_took_is_staged_again_and_can_be_published_later(storage: Storage) -> None:
    blobs = storage.blobs
    named = [(blobs.stage(b"one"), ONE), (blobs.stage(b"two"), TWO)]
    blobs.publish(named)
    blobs.take_back(named[:1])
    assert [h.name for h in blobs.held()] == [TWO]
    blobs.publish([(named[0][0], THREE)])
    assert blobs.read(THREE) == b"one"


def test_what_is_discarded_or_used_up_leaves_nothing(storage: Storage) -> None:
    blobs = storage.blobs
    staged = blobs.stage(b"one")
    blobs.drop_staged(staged)
    blobs.drop_staged(staged)
    with pytest.raises(OSError):
        blobs.publish([(staged, ONE)])
    with pytest.raises(ZeroDivisionError), blobs.used_up(second := blobs.stage(b"two")):
        raise ZeroDivisionError
    with pytest.raises(OSError):
        blobs.publish([(second, TWO)])
    with blobs.used_up(third := blobs.stage(b"three")):
        blobs.publish([(third, THREE)])
    assert blobs.read(THREE) == b"three"  # it had its name by then


def test_what_is_moved_away_makes_room_for_the_right_bytes(storage: Storage) -> None:
    blobs = storage.blobs
    for _ in range(2):
        blobs.publish([(blobs.stage(b"wrong"), ONE)])
        blobs.move_away(ONE, "damaged")
    blobs.publish([(blobs.stage(b"right"), ONE)])
    assert blobs.read(ONE) == b"right" and [h.name for h in blobs.held()] == [ONE]


def test_nothing_is_staged_beyond_the_reserve(storage: Storage) -> None:
    storage.room(5)
    for ask in (lambda: storage.blobs.stage(b"x" * 10), lambda: storage.blobs.stage_from(io.BytesIO(b"x" * 10))):
        with pytest.raises(NoRoom):
            ask()
    storage.blobs.sweep(-10.0)
    assert list(storage.blobs.held()) == []


def test_it_says_whether_it_is_there(storage: Storage) -> None:
    assert storage.blobs.available()
    storage.blobs.try_writing()
    storage.uploads.try_writing()


# -- uploads --------------------------------------------------------------------------------------------------------------


def test_an_upload_grows_and_becomes_a_version(storage: Storage) -> None:
    blobs, uploads = storage.blobs, storage.uploads
    assert storage.begin() == 0 == uploads.arrived("upload-1")
    assert b'"size"' in uploads.about("upload-1") and uploads.to_come() == 100
    assert uploads.append("upload-1", 0, [b"a" * 40, b"b" * 20]) == 60 == uploads.arrived("upload-1")
    assert uploads.to_come() == 40
    assert uploads.append("upload-1", 60, [b"c" * 40]) == 100
    with uploads.open("upload-1") as f:
        assert f.read() == b"a" * 40 + b"b" * 20 + b"c" * 40
    staged = uploads.staged("upload-1")
    blobs.publish([(staged, ONE)])
    blobs.take_back([(staged, ONE)])  # no transaction took it: it is as it was, for another try
    assert uploads.arrived("upload-1") == 100 and uploads.about("upload-1")
    blobs.publish([(staged, ONE)])
    uploads.over("upload-1")
    assert blobs.size(ONE) == 100 and uploads.to_come() == 0
    with pytest.raises(Gone):
        uploads.about("upload-1")


def test_a_beginning_that_is_repeated_goes_on(storage: Storage) -> None:
    storage.begin()
    storage.uploads.append("upload-1", 0, [b"x" * 30])
    assert storage.begin() == 30 and storage.uploads.to_come() == 70


def test_what_an_earlier_process_left_goes_on_and_counts(storage: Storage) -> None:
    storage.begin()
    storage.uploads.append("upload-1", 0, [b"x" * 30])
    again = storage.anew()
    assert again.to_come() == 70 and again.arrived("upload-1") == 30
    assert again.begin("upload-1", PERSON, CLIENT, 100, b"{}") == 30


def test_what_is_over_is_gone_and_is_not_made_anew(storage: Storage) -> None:
    uploads = storage.uploads
    storage.begin()
    uploads.over("upload-1")
    uploads.over("upload-1")
    asks: list[Callable[[], object]] = [
        lambda: uploads.append("upload-1", 0, [b"x"]), lambda: uploads.arrived("upload-1"), lambda: uploads.about("upload-1"),
        lambda: uploads.open("upload-1"), lambda: uploads.cut("upload-1", 0), lambda: uploads.arrived("../upload-1"),
        lambda: uploads.about(""),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(Gone):
            ask()
    uploads.take_up("upload-1")
    assert uploads.to_come() == 0


def test_an_upload_can_be_cut(storage: Storage) -> None:
    storage.begin()
    storage.uploads.append("upload-1", 0, [b"ab" * 50])
    storage.uploads.cut("upload-1", 99)
    assert storage.uploads.arrived("upload-1") == 99 and storage.uploads.to_come() == 1
    assert storage.uploads.append("upload-1", 99, [b"z"]) == 100
    with storage.uploads.open("upload-1") as f:
        assert f.read()[-2:] == b"az"


def test_a_piece_comes_whole_or_not_at_all(storage: Storage) -> None:
    storage.begin()
    storage.uploads.append("upload-1", 0, [b"x" * 10])
    storage.room(5)
    with pytest.raises(NoRoom):
        storage.uploads.append("upload-1", 10, [b"x" * 10])
    assert storage.uploads.arrived("upload-1") == 10


def test_what_comes_from_elsewhere_than_where_it_is_is_not_taken(storage: Storage) -> None:
    assert storage.begin() == 0
    storage.uploads.append("upload-1", 0, [b"x" * 10])
    for at in (0, 5, 11):
        with pytest.raises(Elsewhere, match="10"):
            storage.uploads.append("upload-1", at, [b"y" * 10])
    assert storage.uploads.arrived("upload-1") == 10


def test_what_is_announced_together_fits(storage: Storage) -> None:
    storage.room(10 * MB)
    storage.begin("upload-1", 6 * MB, PERSON, "a" * 32)
    with pytest.raises(NoRoom):
        storage.begin("upload-2", 6 * MB, OTHER, "b" * 32)
    storage.begin("upload-2", 2 * MB, OTHER, "b" * 32)
    with pytest.raises(NoRoom):
        storage.begin("upload-3", 3 * MB, OTHER, "b" * 32)  # half of the room is others'
    storage.later(limits.ALIVE)  # nothing came of them: what they announced holds no room any more
    storage.begin("upload-4", 9 * MB, OTHER, "c" * 32)
    with pytest.raises(NoRoom):
        storage.uploads.take_up("upload-1")


def test_one_person_begins_so_many_and_what_was_left_alone_makes_way(storage: Storage) -> None:
    for n in range(limits.COUNT):
        storage.begin(f"upload-{n}", 1)
    with pytest.raises(TooMany):
        storage.begin("one-more", 1)
    storage.begin("somebody-else", 1, OTHER)
    storage.later(limits.IDLE + 1)
    storage.begin("one-more", 1)
    with pytest.raises(Gone):
        storage.uploads.arrived("upload-0")
    assert storage.uploads.arrived("upload-1") == 0


def test_a_body_in_one_request_counts_while_it_comes(storage: Storage) -> None:
    storage.room(100)
    with storage.uploads.spool(80) as spool:
        spool.write([b"x" * 30, b"y" * 10])
        assert storage.uploads.to_come() == 40
        with pytest.raises(NoRoom):
            storage.begin("upload-1", 90)
    assert storage.uploads.to_come() == 0
    spool.file.seek(0)
    assert spool.file.read() == b"x" * 30 + b"y" * 10
    spool.file.close()
    with pytest.raises(NoRoom), storage.uploads.spool(200):
        raise AssertionError


def test_a_file_of_its_own_is_alone_and_goes_after_a_day(storage: Storage) -> None:
    uploads = storage.uploads
    for n in (1, 2):
        uploads.put(f"{limits.PUT}{PERSON}-{n}", io.BytesIO(b"sheet %d" % n), 7)
    uploads.put(f"{limits.PUT}{OTHER}-1", io.BytesIO(b"theirs"), 6)
    with uploads.open(f"{limits.PUT}{PERSON}-2") as f:
        assert f.read() == b"sheet 2"
    with pytest.raises(Gone):
        uploads.open(f"{limits.PUT}{PERSON}-1")
    storage.begin("upload-1", 10)
    storage.later(limits.PUT_KEPT + 60)
    uploads.sweep()
    with pytest.raises(Gone):
        uploads.open(f"{limits.PUT}{OTHER}-1")
    assert uploads.arrived("upload-1") == 0
    storage.later(limits.KEPT)
    uploads.sweep()
    with pytest.raises(Gone):
        uploads.arrived("upload-1")


def test_many_threads_announce_no_more_than_there_is_room_for(storage: Storage) -> None:
    storage.room(10)
    begun, refused = list[int](), list[int]()

    def one(n: int) -> None:
        try:
            storage.begin(f"upload-{n}", 2, f"{n:032}", f"{n:032}")
            begun.append(n)
        except NoRoom:
            refused.append(n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (len(begun), len(refused)) == (4, 8)


def test_bytes_of_an_installation_are_found_where_they_always_lay(tmp_path: Path) -> None:
    """By the names that every version so far gave them."""
    blob, cabinet = tmp_path / "blobs" / ONE[:2] / ONE, "f" * 32
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"one")
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    browser, engine = f"browser-{PERSON}{TWO}", f"{cabinet}-{THREE}"
    about = {
        browser: f'{{"user": "{PERSON}", "client": "c", "size": 9}}',
        engine: f'{{"client": "{CLIENT}", "content": {{"size": 7}}}}',
    }
    for key, said in about.items():
        (uploads / key).write_bytes(b"half")
        (uploads / f"{key}.json").write_text(said)
    assert LocalBlobs(tmp_path / "blobs").read(ONE) == b"one"
    store = LocalUploads(str(uploads))
    assert {key: (store.arrived(key), store.about(key).decode()) for key in about} == {
        k: (4, v) for k, v in about.items()
    }
    assert store.to_come() == 5 + 3


# -- nobody else ----------------------------------------------------------------------------------------------------------


def test_nobody_outside_storage_knows_where_bytes_lie() -> None:
    """No place, no adapter: whatever else imports of it is the port, the two stores, or the reserve."""
    portal = Path(__file__).parents[2] / "syncd"
    known = re.compile(
        r"settings\.(UPLOADS|BLOBS)|storage(\.| import )(local|uploads|objects|shared_uploads)\b|LocalBlobs|LocalUploads"
    )
    found = [
        f"{path.relative_to(portal)}: {match[0]}"
        for path in portal.rglob("*.py") if "storage" not in path.parts
        and (path.is_relative_to(portal / "portal") or path.is_relative_to(portal / "cli" / "portal"))
        for match in known.finditer(path.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert found == []


# -- pictures -------------------------------------------------------------------------------------------------------------


def test_pictures_are_kept_within_bounds_and_what_could_not_be_made_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from syncd.portal.storage.pictures import AGAIN, LocalPictures

    monkeypatch.setattr(disk_reserve, "left", lambda where: 10**9)
    root = tmp_path / "pictures"
    kept = LocalPictures(str(root), most=40_000)
    assert kept.get("aa-none") is None
    kept.put("aa-none", b"")
    kept.put("aa-one", b"1" * 9000)
    assert (kept.get("aa-none"), kept.get("aa-one")) == (b"", b"1" * 9000)
    for name, age in (("aa-none", 2 * AGAIN), ("aa-one", 9000)):  # so long ago
        then = os.stat(root / "aa" / name).st_mtime - age
        os.utime(root / "aa" / name, (then, then))
    assert kept.get("aa-none") is None and kept.get("aa-one")  # used now: of those to go the last
    for n in range(9):
        kept.put(f"bb-{n}", b"2" * 9000)
        then = os.stat(root / "bb" / f"bb-{n}").st_mtime - 100 + n
        os.utime(root / "bb" / f"bb-{n}", (then, then))
    kept.sweep()
    assert kept.get("aa-one") and kept.get("bb-8") and kept.get("bb-0") is None
    assert sum(f.stat().st_size for f in root.rglob("*") if f.is_file()) <= 40_000
    monkeypatch.setattr(disk_reserve, "left", lambda where: 10)
    kept.put("cc-full", b"3" * 100)
    assert kept.get("cc-full") is None and not list((root / "cc").iterdir())
