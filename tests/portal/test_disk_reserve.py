"""Room on the portal's disk: announced by everybody together, kept for the database, given back in time (HAZARDS 50)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.portal.upload_client import Depositor, Engine

MB = 1_000_000
Usage = namedtuple("Usage", "total used free")


class Disk:
    """A disk of which `free` bytes are free but for what lies in the uploads."""

    def __init__(self, directory: Path, free: int) -> None:
        self.directory, self.free = directory, free

    def usage(self, where: Any) -> Usage:
        held = sum(p.stat().st_size for p in self.directory.rglob("*") if p.is_file() and p.suffix != ".json")
        return Usage(0, 0, self.free - held)


@pytest.fixture
def disk(shared: Path, monkeypatch: Any) -> Iterator[Disk]:
    from django.conf import settings

    monkeypatch.setattr(
        settings, "FILE", replace(settings.FILE, blobs="")
    )  # documents, and what is on its way, on this disk
    disk = Disk(shared / "uploads", 100 * MB)
    monkeypatch.setattr("syncd.portal.storage.disk_reserve.shutil.disk_usage", disk.usage)
    settings.RESERVE = 10 * MB
    yield disk
    settings.RESERVE = 0


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    from syncd.portal.storage import uploads

    class Clock:
        now = 1_800_000_000.0

        def time(self) -> float:
            return self.now

        def monotonic_ns(self) -> int:
            return int(self.now)

    clock = Clock()
    monkeypatch.setattr(uploads, "time", clock)
    return clock


def statuses(*people: tuple[Depositor, str, int]) -> list[int]:
    async def work() -> list[int]:
        return [(await who.create("Achats", name, size)).status_code for who, name, size in people]

    return asyncio.run(work())


def people(office: Any) -> list[Depositor]:
    """Two of two companies, and of the cabinet."""
    return [Depositor(office.marie, office.one.code), Depositor(office.boss, office.two.code)]


def test_what_is_announced_together_fits_beside_the_reserve(office_there: Any, disk: Disk) -> None:
    from syncd.portal.storage import upload_store

    one, other = people(office_there)
    size = 15 * MB - 1
    found = statuses(*((who, f"{n}.pdf", size) for n in range(3) for who in (one, other)))
    assert found == [201, 201, 201, 201, 507, 507]  # 4 × 15 of the 90 MB that are not the reserve's
    engine = Engine(office_there.cabinet)
    assert asyncio.run(engine.create(office_there.one, "Achats/first.pdf", b"x" * 20 * MB)).status_code == 201
    created = asyncio.run(engine.create(office_there.one, "Achats/large.pdf", b"x" * 11 * MB))
    assert created.status_code == 507 and b"full" in created.content
    assert upload_store().to_come() == 4 * size + 20 * MB


def test_what_one_company_announces_leaves_half_of_the_room_to_the_others(office_there: Any, disk: Disk) -> None:
    from syncd.portal.storage import upload_store

    one, other = people(office_there)
    size = 20 * MB - 1
    assert statuses(*((one, f"{n}.pdf", size) for n in range(4))) == [201, 201, 507, 507]
    assert statuses((other, "a.pdf", size), (other, "b.pdf", size)) == [201, 507]
    disk.free = 30 * MB  # one document alone may take nearly what there is
    for key in list(upload_store()._all()):  # type: ignore[attr-defined]
        upload_store().over(key)
    assert statuses((one, "large.pdf", 19 * MB), (one, "large.pdf", 17 * MB)) == [507, 201]


def test_one_person_of_several_companies_announces_no_more_for_it(office_there: Any, disk: Disk) -> None:
    """A group's contact closed the deposits of all others: each of the companies had its own half."""
    from syncd.portal.clients import clients, templates
    from syncd.portal.models import Grant
    from syncd.portal.rights import Operator

    one, other, cabinet = office_there.one, office_there.two, office_there.cabinet
    operator = Operator(cabinet.id, cabinet.name)
    third = clients.add(operator, "000003", "Société 000003", templates.load("commerce"))
    for client in (other, third):
        Grant.objects.create(user=office_there.marie, client=client, kind="*", verbs="view deposit")
    sisters = [Depositor(office_there.marie, client.code) for client in (one, other, third)]
    marie, boss = sisters[0], Depositor(office_there.boss, other.code)
    size = 5 * MB
    taken = statuses(*((sister, f"{n}.pdf", size) for n in range(12) for sister in sisters))
    assert size * taken.count(201) <= 45 * MB and taken.count(507) == 36 - taken.count(201)
    assert statuses((boss, "a.pdf", 9 * MB), (marie, "b.pdf", 9 * MB)) == [201, 507]


def test_however_many_announce_there_is_room_for_one_more(office_there: Any, disk: Disk) -> None:
    from syncd.portal.storage import disk_reserve, upload_store
    from syncd.portal.storage.port import NoRoom

    store, announced = upload_store(), 0
    for n in range(12):  # each of another company, and as much as is let
        for size in (80 * MB, 40 * MB, 20 * MB, 10 * MB, 5 * MB, MB, 100_000, 10_000):
            with contextlib.suppress(NoRoom):
                store.begin(f"{n:032x}", f"person {n}", f"client {n}", size, b"{}")
                announced += size
                break
    assert 45 * MB < announced < disk_reserve.left(str(disk.directory))
    store.begin("f" * 32, "one more", "of another", 1_000, b"{}")


def test_room_comes_back_when_an_upload_ends_or_is_taken_back(office_there: Any, disk: Disk) -> None:
    marie = people(office_there)[0]

    async def work() -> None:
        disk.free = 12 * MB + MB // 2
        first = await marie.create("Achats", "a.pdf", 2 * MB)
        assert first.status_code == 201
        assert (await marie.create("Achats", "b.pdf", 1)).status_code == 507
        assert (await marie.ask("DELETE", first.headers["location"])).status_code == 204
        assert (await marie.deposit("Achats", "b.pdf", b"b" * 2 * MB))["outcome"] == "stored"
        assert (await marie.deposit("Achats", "c.pdf", b"c" * 2 * MB))["outcome"] == "stored"

    asyncio.run(work())


def test_the_writer_stops_at_the_reserve_and_gives_back_what_had_come(office_there: Any, disk: Disk) -> None:
    marie, engine = people(office_there)[0], Engine(office_there.cabinet)

    async def fills(data: bytes) -> AsyncIterator[bytes]:
        for n in range(0, len(data), 100_000):
            if n >= len(data) // 2:
                disk.free = 11 * MB  # somebody else writes to this disk too
            yield data[n : n + 100_000]

    async def work() -> None:
        data = b"x" * 8 * MB
        created = await marie.create("Achats", "a.pdf", len(data))
        done = await marie.patch(created.headers["location"], 0, fills(data))
        assert done.status_code == 507 and "manque de place" in done.json()["message"]
        assert not list(disk.directory.iterdir())
        disk.free = 100 * MB
        created = await engine.create(office_there.one, "Achats/a.pdf", data)
        async with engine.line() as line:
            where = created.headers["location"].removeprefix("/api/v1")
            done = await line.patch(where, content=fills(data), headers={"Upload-Offset": "0"})
        assert done.status_code == 507 and not list(disk.directory.iterdir())
        disk.free = 100 * MB
        assert (await engine.put_large(office_there.one, "Achats/a.pdf", data)).ok

    asyncio.run(work())


@pytest.mark.parametrize("way", ["engine's batch", "command line", "form"])
def test_every_other_way_stops_at_the_reserve_and_leaves_nothing(
    office_there: Any, shared: Path, disk: Disk, way: str
) -> None:
    import io

    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.rights import Operator
    from syncd.portal.storage.port import NoRoom

    disk.free = 11 * MB
    data = b"x" * 2 * MB
    if way == "form":
        marie = people(office_there)[0]

        async def post() -> Any:
            async with marie.line() as line:
                return await line.post("/dossiers/000001/deposer/Achats", files={"documents": ("a.pdf", data)})

        done = asyncio.run(post())
        assert done.status_code == 507 and "manque de place" in done.text
    elif way == "command line":
        with pytest.raises(NoRoom):
            deposit_file(Operator(office_there.cabinet.id, "x"), office_there.one, "Achats/a.pdf", io.BytesIO(data))
    else:
        with pytest.raises(AssertionError, match="full"):
            asyncio.run(Engine(office_there.cabinet).put(office_there.one, {"Achats/a.pdf": data}))
    assert not [p for p in (shared / "blobs").rglob("*") if p.is_file()]


def test_one_person_and_one_client_have_a_limit(office_there: Any, disk: Disk, monkeypatch: Any) -> None:
    from syncd.portal.models import Grant, User
    from syncd.portal.storage import uploads

    monkeypatch.setattr(uploads, "COUNT", 3)
    monkeypatch.setattr(uploads, "CLIENT_COUNT", 5)
    monkeypatch.setattr(uploads, "BYTES", 1000)
    monkeypatch.setattr(uploads, "CLIENT_BYTES", 1000)
    marie, boss = people(office_there)
    assert statuses(*((marie, f"{n}.pdf", 10) for n in range(4))) == [201, 201, 201, 429]
    lea = User.objects.create(cabinet=office_there.cabinet, sign_in="lea", role="member", parent=office_there.marie)
    Grant.objects.create(user=lea, client=office_there.one, kind="*", verbs="view deposit")
    member = Depositor(lea, office_there.one.code)
    assert statuses((member, "a.pdf", 980)) == [429]  # with what Marie has begun, more than the client's bytes
    assert statuses(*((member, f"{n}.pdf", 10) for n in range(3))) == [201, 201, 429]  # five of the client
    assert statuses((boss, "a.pdf", 1000)) == [201]  # of another client


def test_what_is_left_alone_holds_no_room_and_an_hour_later_makes_way(
    office_there: Any, disk: Disk, clock: Any
) -> None:
    from syncd.portal.storage import uploads

    one, other = people(office_there)
    disk.free = 20 * MB

    async def work() -> None:
        first = await one.create("Achats", "a.pdf", 8 * MB)
        half = await one.patch(first.headers["location"], 0, b"a" * 4 * MB)
        assert half.headers["upload-offset"] == str(4 * MB)
        assert (await other.create("Achats", "b.pdf", 5 * MB)).status_code == 507
        clock.now += uploads.ALIVE
        second = await other.create("Achats", "b.pdf", 5 * MB)  # beside the 4 MB that came
        assert second.status_code == 201
        done = await one.patch(first.headers["location"], 4 * MB, b"a" * 4 * MB)
        assert done.status_code == 507  # its room is another's now
        first = await one.create("Achats", "a.pdf", 2 * MB)
        await one.patch(first.headers["location"], 0, b"a" * (MB + MB // 2))
        clock.now += uploads.IDLE + 1
        third = await other.create("Achats", "c.pdf", 9 * MB - 1)
        assert third.status_code == 201  # what had come of the others made way
        assert (await one.ask("HEAD", first.headers["location"])).status_code == 404

    asyncio.run(work())


def test_a_portal_that_starts_counts_what_it_finds(office_there: Any, disk: Disk) -> None:
    from syncd.portal.storage import upload_store, uploads

    marie, engine = people(office_there)[0], Engine(office_there.cabinet)

    async def work() -> None:
        created = await marie.create("Achats", "a.pdf", 8 * MB)
        await marie.patch(created.headers["location"], 0, b"a" * 3 * MB)
        await engine.create(office_there.one, "Achats/b.pdf", b"b" * MB)

    asyncio.run(work())
    (disk.directory / "odd.json").write_bytes(b"[")
    again = uploads.LocalUploads(str(disk.directory))
    assert again.to_come() == upload_store().to_come() == 6 * MB


def test_a_week_later_what_nobody_went_on_with_is_gone_and_nothing_else(office_there: Any, disk: Disk) -> None:
    from syncd.portal.storage import blob_store, upload_store

    one, engine = people(office_there)[0], Engine(office_there.cabinet)

    async def begin(name: str, offset: int = 0) -> list[str]:
        created = await one.create("Achats", name, 10)
        await engine.create(office_there.one, f"Achats/{name}", name.encode())
        return [str(created.headers["location"].rpartition("/")[2])]

    asyncio.run(begin("old.pdf"))
    old = set(os.listdir(disk.directory))
    for name in old:
        os.utime(disk.directory / name, (1, 1))
    asyncio.run(begin("new.pdf"))
    going_on = next(n for n in old if n.startswith("browser-") and not n.endswith(".json"))
    os.utime(disk.directory / going_on)  # its description is old, its bytes are not
    sheet = disk.directory / "import-x-y.xlsx"
    sheet.write_bytes(b"x")
    os.utime(sheet, (1, 1))
    upload_store().sweep()
    there = set(os.listdir(disk.directory))
    assert there & old == {going_on, going_on + ".json"} and len(there) == 6
    staged = Path(blob_store().stage(b"left by a process that was killed"))
    blob_store().sweep(86400.0)
    assert staged.exists()
    os.utime(staged, (1, 1))
    blob_store().sweep(86400.0)
    assert not staged.exists()


def test_a_beginning_looks_at_no_other_upload(office_there: Any, disk: Disk, monkeypatch: Any) -> None:
    """Another's may end between any two looks at it, and there may be thousands."""
    marie = people(office_there)[0]
    assert statuses((marie, "a.pdf", 10)) == [201]

    def not_now(*_: Any) -> None:
        raise AssertionError("the directory was read")

    for look in ("listdir", "scandir"):
        monkeypatch.setattr(os, look, not_now)
    monkeypatch.setattr(disk, "usage", lambda where: Usage(0, 0, disk.free))

    monkeypatch.setattr("syncd.portal.storage.disk_reserve.shutil.disk_usage", disk.usage)
    assert statuses((marie, "b.pdf", 10)) == [201]


def test_taken_back_while_it_arrives_it_waits_and_what_is_stored_is_whole(office_there: Any, disk: Disk) -> None:
    from syncd.portal.models import Document

    marie = people(office_there)[0]

    async def work() -> None:
        data = b"x" * 3 * MB
        where = (await marie.create("Achats", "a.pdf", len(data))).headers["location"]
        half, go_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield data[: len(data) // 2]
            half.set()
            await go_on.wait()
            yield data[len(data) // 2 :]

        sending = asyncio.create_task(marie.patch(where, 0, slowly()))
        await half.wait()
        for method in ("DELETE", "HEAD"):
            assert (await marie.ask(method, where)).status_code == 423
        go_on.set()
        assert (await sending).status_code == 204

    asyncio.run(work())
    assert Document.objects.get(path="Achats/a.pdf").size == 3 * MB


def test_what_is_taken_away_under_an_upload_is_not_made_anew_and_never_stored(office_there: Any, disk: Disk) -> None:
    from syncd.portal.models import Document

    marie = people(office_there)[0]

    async def work(harm: Callable[[Path], Any]) -> int:
        where = (await marie.create("Achats", "a.pdf", 2 * MB)).headers["location"]
        path = disk.directory / f"browser-{where.rpartition('/')[2]}"

        async def slowly() -> AsyncIterator[bytes]:
            yield b"x" * MB
            await asyncio.sleep(0)
            yield b"x" * (MB // 2)
            harm(path)
            yield b"x" * (MB // 2)

        done = await marie.patch(where, 0, slowly())
        assert not path.exists() or path.stat().st_size != 2 * MB
        return done.status_code

    assert asyncio.run(work(lambda path: path.unlink())) == 404
    assert asyncio.run(work(lambda path: os.truncate(path, 5))) == 409
    assert not Document.objects.exists()


def test_the_databases_own_room_is_held_and_given_up_before_the_disk_is_full(shared: Path, disk: Disk) -> None:
    from syncd.portal.storage import disk_reserve
    from syncd.portal.storage.port import NoRoom

    spare = shared / "spare"
    disk.free = 10 * MB
    disk_reserve.tend()
    assert not spare.exists()  # there is none to hold
    disk.free = 100 * MB
    disk_reserve.tend()
    assert spare.stat().st_size == 10 * MB // 16
    disk_reserve.tend()
    disk.free = 100_000
    disk_reserve.tend()
    assert not spare.exists()
    disk.free = 100 * MB
    disk_reserve.tend()
    disk_reserve.help_out(NoRoom())
    assert spare.exists()  # the reserve is still there
    disk_reserve.help_out(OSError(28, "No space left on device"))
    assert not spare.exists()


def test_the_health_check_says_when_the_reserve_is_touched(office_there: Any, disk: Disk, monkeypatch: Any) -> None:
    monkeypatch.setattr("syncd.portal.api.health.KEPT", 0.0)
    marie = people(office_there)[0]
    assert asyncio.run(marie.ask("GET", "/healthz")).status_code == 200
    disk.free = 9 * MB
    done = asyncio.run(marie.ask("GET", "/healthz"))
    assert (done.status_code, done.text) == (503, "disk\n")
