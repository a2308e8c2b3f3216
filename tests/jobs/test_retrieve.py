"""Retrieval from a portal in memory: what a bag holds, what goes wrong on the way, and what is said of it."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import bagit
import pytest
from msgspec.structs import replace

from syncd.core.bag.layout import Choice
from syncd.core.errors import AlreadyRunning, SyncdError, UsageError
from syncd.core.fiscal_years import Exercise
from syncd.core.folder_rules import FolderRule
from syncd.disk.directory import Directory
from syncd.engine.context import LARGE, Stop
from syncd.jobs.retrieve import target
from tests.support.bags import CODE, NAME, Office, check, documents, links, unpacked

ODD = (
    "Achats/100 %25 %0A.pdf", "Achats/a#b&c=d.pdf", "Achats/l'été.pdf", "Achats/😀.pdf", f"Achats/{'é' * 120}.pdf",
    "Achats/" + unicodedata.normalize("NFD", "déjà vu.pdf"), "Achats/ (2).pdf".replace("/ ", "/x "), "Ventes/2024/-rf.txt",
    "Ventes/=SOMME(A1).txt", "Achats/index.html", "Achats/bagit.txt", "Achats/SHA256SUMS", "Achats/data/x.pdf",
)  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "remise")


@pytest.mark.parametrize("zipped", [False, True])
def test_whatever_a_document_is_called_the_bag_proves_it_and_the_page_leads_to_it(
    office: Office, tmp_path: Path, zipped: bool
) -> None:
    for path in ODD:
        office.put_as(path)
    (ended,) = office.retrieve(zipped=zipped)
    assert (ended.present, ended.retrieved, ended.missing) == (len(ODD), len(ODD), ())
    bag = unpacked(office.to / ended.places[0], tmp_path) if zipped else office.bag
    check(bag)
    assert documents(bag) == {unicodedata.normalize("NFC", p): p.encode() for p in ODD}


def test_an_archivists_tool_takes_it(office: Office) -> None:
    """bagit-python leaves `%` as it is in manifests, against RFC 8493: of such names it is not asked."""
    for path in ODD:
        if "%" not in path:
            office.put_as(path)
    office.journal = b"Date;Action\r\n"
    office.retrieve()
    bag = bagit.Bag(str(office.bag))
    bag.validate()
    assert bag.version_info == (1, 0) and bag.info["External-Identifier"] == CODE


def test_a_client_without_a_document_is_a_whole_bag(office: Office, tmp_path: Path) -> None:
    (ended,) = office.retrieve()
    assert (ended.present, ended.retrieved) == (0, 0)
    check(office.bag)
    assert "aucun document" in (office.bag / "index.html").read_text(encoding="utf-8")
    office.to = tmp_path / "zip"
    office.retrieve(zipped=True)
    check(unpacked(office.to / f"{CODE} - {NAME}.zip", tmp_path / "out"))


def test_the_table_is_for_a_french_spreadsheet_and_starts_no_formula(office: Office) -> None:
    office.put_as("=cmd/@x.pdf")
    space = office.portal.spaces[office.client]
    space.tree = replace(space.tree, folders=(*space.tree.folders, FolderRule("=cmd")))
    (stored,) = space.docs.values()
    stored.doc = replace(stored.doc, deleted_by="+33 6")
    office.retrieve()
    raw = (office.bag / "documents.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b"\r\n" in raw
    head, row = csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=";")
    assert len(head) == len(row) and row[1] == "'=cmd/@x.pdf" and row[13] == "'+33 6"
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_the_page_runs_and_loads_nothing_and_shows_names_as_they_are(office: Office) -> None:
    office.add("9", "<script>alert(1)</script>")
    office.put_as('Achats/<img src=x onerror=alert(1)>"&.pdf')
    office.put_as("Achats/</details><script>alert(1)<@script>.pdf".replace("</", "<").replace("@", ""))
    office.retrieve()
    for bag in office.to.iterdir():
        if bag.name.startswith("."):
            continue
        page = (bag / "index.html").read_text(encoding="utf-8")
        assert (
            "<script" not in page and "onerror=alert(1)>" not in page and "http" not in page.replace("http-equiv", "")
        )
        assert "default-src 'none'" in page.replace("&#39;", "'")
        check(bag)


def test_versions_and_the_bin_lie_beside_on_request_and_what_was_withdrawn_never(office: Office) -> None:
    office.put("Achats/a.pdf", b"one")
    office.put("Achats/a.pdf", b"two")
    office.put("Achats/b.pdf", b"gone one")
    office.put("Achats/b.pdf", b"gone two")
    office.put("Achats/secret.pdf", b"the cabinet took it back")
    office.portal.remove(office.client, "Achats/b.pdf")
    office.put("Achats/b.pdf", b"another")
    office.withdraw("Achats/secret.pdf")
    now = {"Achats/a.pdf": b"two", "Achats/b.pdf": b"another"}
    kept, older = {"_corbeille/Achats/b.pdf": b"gone two"}, {"_versions/Achats/a (version 1).pdf": b"one"}
    both = {"_versions/_corbeille/Achats/b (version 1).pdf": b"gone one"}
    for n, (choice, expected) in enumerate([
        (Choice(), now), (Choice(versions=True), now | older), (Choice(bin=True), now | kept),
        (Choice(versions=True, bin=True), now | kept | older | both),
    ]):  # fmt: skip
        office.to = office.to.parent / str(n)
        office.retrieve(choice)
        assert documents(office.bag) == expected
        check(office.bag)


def test_one_exercise_is_its_documents_and_no_others(office: Office) -> None:
    space = office.portal.spaces[office.client]
    years = (
        Exercise("2024", date(2024, 1, 1), date(2024, 12, 31)),
        Exercise("2024-2025", date(2025, 1, 1), date(2025, 6, 30)),
    )
    space.tree = replace(space.tree, exercises=years)
    other = office.add("2", "Sans exercice")
    for path in ("Achats/2024/a.pdf", "Achats/2024/Divers/b.pdf", "Achats/202506/c.pdf", "Achats/d.pdf"):
        office.put(path)
    office.put("Achats/2024/x.pdf", client=other)
    ended = office.retrieve(Choice(exercise="2024"))
    assert [(e.code, e.skipped, e.present) for e in ended] == [("007868", False, 2), ("2", True, 0)]
    bag = office.to / f"{CODE} - {NAME} - 2024"
    assert set(documents(bag)) == {"Achats/2024/a.pdf", "Achats/2024/Divers/b.pdf"}
    office.to = office.to / "other"
    with pytest.raises(UsageError, match="1999"):
        office.retrieve(Choice(exercise="1999"))
    assert not office.to.joinpath(".syncd-retrieve", "begun").exists()


def test_parts_are_whole_bags_none_larger_than_asked_and_a_folder_stays_together(
    office: Office, tmp_path: Path
) -> None:
    for folder, count in (("Achats", 5), ("Ventes", 4), ("Ventes/2024", 4)):
        for n in range(count):
            office.put(f"{folder}/{n}.pdf", b"x" * 100)
    (ended,) = office.retrieve(part_size=600)
    assert [p.removeprefix(f"{CODE} - {NAME}") for p in ended.places] == ["-1-sur-3", "-2-sur-3", "-3-sur-3"]
    found = [documents(office.to / p) for p in ended.places]
    for place, held in zip(ended.places, found, strict=True):
        check(office.to / place)
        assert sum(map(len, held.values())) <= 600 and len({p.rpartition("/")[0] for p in held}) == 1
        assert "sur 3" in (office.to / place / "LISEZ-MOI.txt").read_text(encoding="utf-8-sig")
    assert sum(map(len, found)) == 13
    office.to = tmp_path / "zip"
    (ended,) = office.retrieve(part_size=600, zipped=True)
    assert all(p.endswith("-sur-3.zip") for p in ended.places)
    for place in ended.places:
        check(unpacked(office.to / place, tmp_path / "out"))


def test_the_state_is_that_of_the_start_and_what_went_meanwhile_is_named(office: Office) -> None:
    for name in "abcd":
        office.put(f"Achats/{name}.pdf", name.encode())

    def people() -> None:
        office.put("Achats/a.pdf", b"newer")
        office.put("Achats/new.pdf", b"later")
        office.portal.remove(office.client, "Achats/b.pdf")
        office.portal.move_doc(office.client, _id(office, "Achats/c.pdf"), "Ventes/c.pdf")
        space = office.portal.spaces[office.client]
        del space.docs[_id(office, "Achats/d.pdf")]

    (ended,) = office.retrieve(meanwhile=people)
    assert documents(office.bag) == {f"Achats/{n}.pdf": n.encode() for n in "abc"}
    assert ended.missing == (("Achats/d.pdf", "not_given"),) and (ended.retrieved, ended.present) == (3, 4)


def _id(office: Office, path: str) -> str:
    stored = office.portal.spaces[office.client].live(path)
    assert stored is not None
    return stored.doc.id


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_damaged_is_named_and_asked_for_alone_by_the_same_command(
    office: Office, tmp_path: Path, zipped: bool
) -> None:
    for name in ("a", "b", "large"):
        office.put(f"Achats/{name}.pdf", name.encode() * (LARGE // 5 + 1 if name == "large" else 1))
    heal = office.rot("Achats/b.pdf")
    (ended,) = office.retrieve(zipped=zipped)
    assert (ended.retrieved, ended.present, ended.missing) == (2, 3, (("Achats/b.pdf", "not_given"),))

    def bag(n: int) -> Path:
        return unpacked(office.to / ended.places[0], tmp_path / str(n)) if zipped else office.bag

    check(bag(1))
    assert "2 récupérés sur 3 présents" in (bag(1) / "LISEZ-MOI.txt").read_text(encoding="utf-8-sig")
    page = (bag(1) / "index.html").read_text(encoding="utf-8")
    assert "b.pdf" in page and len(links(bag(1))) == 2
    heal()
    before = dict(office.remote.given)
    (ended,) = office.retrieve(zipped=zipped)
    assert (ended.retrieved, ended.missing) == (3, ())
    assert sum(office.remote.given.values()) == sum(before.values()) + 1
    check(bag(2))
    assert set(documents(bag(2))) == {"Achats/a.pdf", "Achats/b.pdf", "Achats/large.pdf"}


def test_of_two_retrievals_into_one_place_the_second_is_refused(office: Office) -> None:
    with target.opened(office.to, "ext4"), pytest.raises(AlreadyRunning) as told:
        office.retrieve()
    assert told.value.exit_code == 11


def test_nothing_that_lies_there_is_mixed_with(office: Office) -> None:
    office.put("Achats/a.pdf")
    office.bag.mkdir(parents=True)
    (office.bag / "own.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        office.retrieve()
    assert os.listdir(office.bag) == ["own.txt"]


def test_one_that_was_begun_goes_on_with_the_same_choices_alone(office: Office) -> None:
    office.put("Achats/a.pdf")
    office.rot("Achats/a.pdf")
    office.retrieve()
    with pytest.raises(UsageError, match="other choices"):
        office.retrieve(Choice(versions=True))


def test_it_ends_between_two_documents_and_goes_on(office: Office) -> None:
    for n in range(20):
        office.put(f"Achats/{n}.pdf")
    with pytest.raises(Stop) as told:
        office.retrieve(stopping=lambda: 130 if sum(office.remote.given.values()) > 7 else 0)
    assert told.value.code == 130
    office.retrieve()
    assert len(documents(office.bag)) == 20 and max(office.remote.given.values()) <= 2
    assert sum(office.remote.given.values()) <= 21
    check(office.bag)


def test_a_disk_that_is_full_or_gone_is_a_sentence_and_what_came_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        office.put(f"Achats/{n}.pdf")
    create, made = Directory.create, 0

    def full(self: Directory, name: str, **how: Any) -> int:
        nonlocal made
        made += name.startswith("part-")
        if made > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(self, name, **how)

    monkeypatch.setattr(Directory, "create", full)
    with pytest.raises(SyncdError, match="No space left") as told:
        office.retrieve()
    assert told.value.exit_code == 1 and str(office.to) in str(told.value)
    monkeypatch.setattr(Directory, "create", create)
    office.retrieve()
    assert len(documents(office.bag)) == 5 and sum(office.remote.given.values()) <= 6
    shutil.rmtree(office.to)


def test_what_does_not_fit_is_said_before_anything_is_brought(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with target.opened(office.to, "ext4") as place:
        target.check_room(place, 1)
        with pytest.raises(UsageError, match="not enough room"):
            target.check_room(place, 10**18)


def test_a_weak_disk_gets_names_it_takes_and_what_it_cannot_hold_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT: no `?` nor `:`, 4 GB at most (here 1,000 bytes)."""
    office.put("Achats/c.pdf", b"x" * 2000)
    office.put_as('Achats/qui ? "moi".pdf')
    office.put_as("Achats/qui - -moi-.pdf")
    create = Directory.create

    def weak(self: Directory, name: str, **how: Any) -> int:
        if set(name) & set('?:"<>|*'):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return create(self, name, **how)

    monkeypatch.setattr(Directory, "create", weak)
    monkeypatch.setattr(target, "MOST_ON_FAT", 1000)
    office.file_system = "vfat"
    (ended,) = office.retrieve()
    assert ended.missing == (("Achats/c.pdf", "too_large"),)
    assert set(documents(office.bag)) == {"Achats/qui - -moi-.pdf", "Achats/qui - -moi- (2).pdf"}
    table = (office.bag / "documents.csv").read_text(encoding="utf-8-sig")
    assert 'Achats/qui ? ""moi"".pdf' in table and "4 Go au plus" in table
    check(office.bag)
