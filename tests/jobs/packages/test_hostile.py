"""Packages that nobody honest made, or that the way damaged: each is refused with one sentence, before anything is written."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from syncd.core.content import Content
from syncd.core.errors import SyncdError
from syncd.core.packages import manifest as manifests
from syncd.core.packages.chain import Chain, Mine, difference
from syncd.core.packages.manifest import Change, Entry, Manifest, NotTaken, PackageRefused, Prior, Receipt, totals
from syncd.disk.directory import Directory
from syncd.jobs.packages import ledger, receiving
from syncd.jobs.packages.creation import Wish
from syncd.jobs.packages.keys import Keys
from syncd.package_file import archive
from tests.jobs.packages.sides import CODE, Sides

SHA = "9" * 64


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    sides = Sides(tmp_path_factory.mktemp("hostile") / "sides")
    sides.write("Achats/facture.pdf", b"%PDF one")
    return sides


@pytest.fixture(scope="module")
def honest(sides: Sides) -> tuple[Manifest, bytes]:
    made = sides.send_company()
    assert made.manifest is not None
    return made.manifest, (sides.stick / made.file).read_bytes()


def refused(sides: Sides, data: bytes) -> SyncdError:
    """What is said of a file with these bytes; the cabinet's disk stays as it was."""
    before = sides.cabinet()
    (sides.stick / "007868-20261121140300.syncpkg").write_bytes(data)
    with pytest.raises(PackageRefused) as told:
        sides.take_cabinet("007868-20261121140300.syncpkg", publish=False)
    assert sides.cabinet() == before
    assert told.value.exit_code == 3 and "\n" not in str(told.value)
    return told.value


def signed(sides: Sides, manifest: Manifest, raw: bytes = b"") -> bytes:
    """A whole file by the company's very key. `raw`: instead of the manifest's own bytes."""
    data, file = raw or manifests.encode(manifest), io.BytesIO()
    with Directory.at(str(sides.at / ".syncd-exchange")) as home:
        signature = Keys(home).sign(data, manifest.trusted_comment)
    writer = archive.Writer(file, manifest, data, signature)
    for e in manifest.entries:
        if e.carried:
            writer._members.append(archive.Member(archive.DATA + e.path, 0))
    writer.close()
    return file.getvalue()


def with_entries(manifest: Manifest, *entries: Entry) -> Manifest:
    count, size = totals(entries)
    return replace(manifest, entries=entries, count=count, size=size)


def gone(path: str) -> Entry:
    return Entry(Change.DELETE, path, base=SHA)


@pytest.mark.parametrize(
    "path",
    [
        "../x.pdf", "/x.pdf", "C:\\x.pdf", "C:x.pdf", "Achats\\..\\x.pdf", "Achats/../../x.pdf", "Achats/CON", "Achats/nul.pdf",
        "Achats/" + "x" * 300 + ".pdf", "Achats/.syncd/client.json", "Achats/a\x00.pdf", "Achats/a\u202efdp.exe", "Achats//a.pdf",
        "Achats/a.pdf/", "Achats/a.pdf ", "Achats/e\u0301te\u0301.pdf", "", "/".join("x" * 120),
    ],
)  # fmt: skip
def test_places_that_lie_elsewhere_or_that_a_disk_cannot_have(
    sides: Sides, honest: tuple[Manifest, bytes], path: str
) -> None:
    refused(sides, signed(sides, with_entries(honest[0], gone(path))))


@pytest.mark.parametrize(
    "entries",
    [
        (gone("Achats/a.pdf"), gone("Achats/a.pdf")),
        (gone("Achats/A.pdf"), gone("Achats/a.pdf")),
        (Entry(Change.ADD, "Achats/a", sha256=SHA, size=0), Entry(Change.ADD, "Achats/a/b.pdf", sha256=SHA, size=0)),
        (gone("Ventes/a.pdf"), gone("Achats/a.pdf")),
        (
            Entry(Change.MOVE, "Achats/a.pdf", "Achats/c.pdf", SHA, SHA),
            Entry(Change.MOVE, "Achats/b.pdf", "Achats/c.pdf", SHA, SHA),
        ),
        (Entry(Change.ADD, "Achats/a.pdf", sha256="no", size=1),),
        (Entry(Change.ADD, "Achats/a.pdf", sha256=SHA, size=-1),),
        (Entry(Change.DELETE, "Achats/a.pdf"),),
        (Entry(Change.UPDATE, "Achats/a.pdf", sha256=SHA, size=1),),
    ],
)
def test_lists_that_say_two_things(sides: Sides, honest: tuple[Manifest, bytes], entries: tuple[Entry, ...]) -> None:
    refused(sides, signed(sides, with_entries(honest[0], *entries)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.replace(b'"sequence":', b'"sequence":1,"sequence":'),
        lambda d: d.replace(b'"size":8}', b'"size":NaN}'),
        lambda d: d.replace(b'"format":1', b'"format":2'),
        lambda d: d.replace(b'"entries":', b'"more":' + b"[" * 50_000 + b"]" * 50_000 + b',"entries":'),
        lambda d: d.replace(b"{", b"{ ", 1),
        lambda d: d[:-1],
        lambda d: b"",
        lambda d: b"\xff" + d,
    ],
)
def test_lists_that_are_not_written_as_we_write_them(
    sides: Sides, honest: tuple[Manifest, bytes], spoil: Callable[[bytes], bytes]
) -> None:
    data = manifests.encode(honest[0])
    spoilt = spoil(data)
    assert spoilt != data
    refused(sides, signed(sides, honest[0], spoilt or b" "))


def test_a_list_of_a_million_lines_is_not_read(honest: tuple[Manifest, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MOST_ENTRIES", 3)
    with pytest.raises(PackageRefused):
        manifests.decode(manifests.encode(with_entries(honest[0], *(gone(f"Achats/{n}.pdf") for n in range(4)))))
    monkeypatch.setattr(manifests, "MOST_BYTES", 100)
    with pytest.raises(PackageRefused):
        manifests.decode(manifests.encode(honest[0]))


def test_every_flipped_bit_is_found(sides: Sides, honest: tuple[Manifest, bytes]) -> None:
    """At a sample of all bytes; `./scripts/fuzz packages` flips one in each."""
    data, rng = honest[1], random.Random(7)
    all_of_them = "SYNCD_EACH_BYTE" in os.environ
    places = range(len(data)) if all_of_them else sorted(rng.sample(range(len(data)), 250))
    path = sides.stick / "flipped.syncpkg"
    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(PackageRefused), receiving.opened(path, None):
            pytest.fail(f"a flipped bit in byte {at} was taken")
    path.write_bytes(data)
    with receiving.opened(path, None) as found:
        assert found.manifest == honest[0]


def test_what_is_cut_longer_or_in_another_order(sides: Sides, honest: tuple[Manifest, bytes]) -> None:
    data = honest[1]
    for odd in (data[:-1], data[: len(data) // 2], data[:20], b"", data + b"\0", b"\0" + data, b"PK\5\6" + b"\0" * 18):
        refused(sides, odd)


def test_a_bomb_a_link_and_a_stranger_among_the_members(sides: Sides, honest: tuple[Manifest, bytes]) -> None:
    original = zipfile.ZipFile(io.BytesIO(honest[1]))

    def again(
        change: Callable[[zipfile.ZipInfo, bytes], tuple[zipfile.ZipInfo, bytes, int]], *, more: bool = False
    ) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for info in original.infolist():
                what, data, how = change(info, original.read(info))
                made.writestr(what, data, how)
            if more:
                made.writestr("data/Achats/stranger.pdf", b"%PDF")
        return out.getvalue()

    def deflated(info: zipfile.ZipInfo, data: bytes) -> tuple[zipfile.ZipInfo, bytes, int]:
        bomb = info.filename.startswith("data/")
        return zipfile.ZipInfo(info.filename), b"\0" * 50_000_000 if bomb else data, zipfile.ZIP_DEFLATED

    def linked(info: zipfile.ZipInfo, data: bytes) -> tuple[zipfile.ZipInfo, bytes, int]:
        what = zipfile.ZipInfo(info.filename)
        what.external_attr = 0o120777 << 16
        return what, data, zipfile.ZIP_STORED

    refused(sides, again(deflated))
    refused(sides, again(linked))
    refused(sides, again(lambda info, data: (zipfile.ZipInfo(info.filename), data, zipfile.ZIP_STORED), more=True))


def test_a_member_is_missing(sides: Sides, honest: tuple[Manifest, bytes]) -> None:
    refused(sides, signed(sides, honest[0]))


def test_another_clients_another_ways_an_unknown_and_a_revoked_key(
    sides: Sides, honest: tuple[Manifest, bytes], tmp_path: Path
) -> None:
    manifest = with_entries(honest[0])
    assert "another client" in str(refused(sides, signed(sides, replace(manifest, cabinet="0" * 32))))
    with pytest.raises(SyncdError, match="no directory"):
        (sides.stick / "x.syncpkg").write_bytes(signed(sides, replace(manifest, client="f" * 32)))
        sides.take_cabinet("x.syncpkg", publish=False)
    own = sides.send_cabinet()
    own_file = own.file or next(p.name for p in sides.stick.iterdir() if b"to_company" in p.read_bytes())
    assert "this very side" in str(refused(sides, (sides.stick / own_file).read_bytes()))
    key = sides.desk.key()
    sides.trust(key, revoked=True)
    assert "revoked" in str(refused(sides, honest[1]))
    sides.trust(key)
    with ledger.opened(tmp_path / "stranger") as stranger:
        keys = Keys(stranger.home)
        foreign = replace(manifest, key=keys.public().signing)
        data, file = manifests.encode(foreign), io.BytesIO()
        archive.Writer(file, foreign, data, keys.sign(data, foreign.trusted_comment)).close()
    assert "unknown key" in str(refused(sides, file.getvalue()))


DATES = [
    "2026-13-45T99:99:99Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "\u0662\u0660\u0662\u0666-11-21T14:03:00Z", "pas une date", "2026-11-21T14:03:00+00:00",
]  # fmt: skip


@pytest.mark.parametrize("date", DATES)
def test_dates_that_no_calendar_has(sides: Sides, honest: tuple[Manifest, bytes], date: str) -> None:
    plain = with_entries(honest[0])
    told = [
        replace(plain, prerequisite=Prior(1, SHA, date)),
        *([replace(plain, created=date)] if date.isascii() else []),
    ]
    for one in told:
        assert "not as syncd writes it" in str(refused(sides, signed(sides, one)))


@pytest.mark.parametrize("at", [-62135596801, 253402300800])
def test_a_documents_date_is_of_the_years_that_a_computer_can_say(
    sides: Sides, honest: tuple[Manifest, bytes], at: int
) -> None:  # fmt: skip
    told = with_entries(honest[0], Entry(Change.ADD, "Achats/a.pdf", sha256=SHA, at=at))
    assert "not as syncd writes it" in str(refused(sides, signed(sides, told)))


def test_an_odd_date_of_ones_own_document_stops_no_package() -> None:
    here = {
        "Achats/a.pdf": Mine(Content(1, bytes(32)), at=2**50),
        "Achats/b.pdf": Mine(Content(2, bytes(32)), at=-(2**50)),
    }
    ats = [e.at for e in difference(Chain(), here, (), full=True)]
    assert ats == [manifests.LATEST, manifests.EARLIEST]


NOT_PLAIN, LONG = "a\x1b[2J", "x" * 5000


@pytest.mark.parametrize(
    "told",
    [
        Receipt(1, SHA, later=(NOT_PLAIN,)), Receipt(1, SHA, refused=(NotTaken(NOT_PLAIN, "empty"),)),
        Receipt(1, SHA, refused=(NotTaken("a", NOT_PLAIN),)), Receipt(1, SHA, refused=(NotTaken("a", "empty", NOT_PLAIN),)),
        Receipt(1, SHA, refused=(NotTaken("a", LONG),)), Receipt(1, SHA, refused=(NotTaken("a", "empty", LONG),)),
    ],
)  # fmt: skip
def test_answers_that_a_terminal_would_obey_or_that_never_end(
    sides: Sides, honest: tuple[Manifest, bytes], told: Receipt
) -> None:
    assert "not as syncd writes it" in str(
        refused(sides, signed(sides, replace(with_entries(honest[0]), receipts=(told,))))
    )


@pytest.mark.parametrize("sequence", [2**31 - 1, 20_000])
def test_what_it_acknowledges_was_never_made_here(
    sides: Sides, honest: tuple[Manifest, bytes], sequence: int
) -> None:  # fmt: skip
    """It would have been the number of this side's next package, and the last one."""
    told = (*honest[0].receipts, Receipt(sequence, SHA))
    assert "never made here" in str(refused(sides, signed(sides, replace(with_entries(honest[0]), receipts=told))))
    before = sides.chain().number
    made = sides.send_cabinet(Wish(full=True, sealed=False)).manifest
    assert made is not None and made.sequence == before + 1


def test_a_manifest_is_the_same_bytes_whoever_writes_it(honest: tuple[Manifest, bytes]) -> None:
    data = manifests.encode(honest[0])
    assert (
        manifests.encode(msgspec.json.decode(data, type=Manifest)) == data == manifests.encode(manifests.decode(data))
    )


def test_a_sealed_package_that_was_damaged_is_refused_wherever_the_damage_is(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a" * 20_000, CODE)
    file = sides.stick / sides.send_cabinet(Wish(sealed=True)).file
    whole = file.read_bytes()
    for at in (30, len(whole) // 2, len(whole) - 5):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(PackageRefused, match="is not whole"):
            sides.take_company(file.name)
    file.write_bytes(whole[:-100])
    with pytest.raises(PackageRefused, match="is not whole"):
        sides.take_company(file.name)
    assert sides.company() == {}


def test_a_stick_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match="cannot be read"):
        Sides(tmp_path).desk.listed(tmp_path / "gone")
