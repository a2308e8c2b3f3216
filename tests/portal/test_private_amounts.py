"""Many documents of a private space at once: all of them, or none and a sentence that says so."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.private_rows import SECRET_PDF, the_document


@pytest.fixture
def many(space: Any, person: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """501 documents, of which a question to the database takes 200: rows without bytes, for nobody deposits them one by one."""
    from datetime import UTC, datetime

    from syncd.portal.models.ids import new_id
    from syncd.portal.models.private_space import PrivateDocument, name_key
    from syncd.portal.private_space import contents, spaces

    monkeypatch.setattr(contents, "AT_ONCE", 200)
    space.me = person(space.marie)
    entered, now = spaces.enter(space.me, space.one), datetime.now(UTC)
    entered.documents.bulk_create(
        PrivateDocument(
            client=space.one, folder=entered.root, name=f"{n}.pdf", key=name_key(f"{n}.pdf"), size=1,
            sha256=hashlib.sha256(b"x").digest(), version_id=new_id(), changed_at=now,
        )
        for n in range(500)
    )  # fmt: skip
    space.entered = entered
    space.ids = list(entered.documents.values_list("id", flat=True))
    return space


def test_all_that_is_chosen_goes_to_the_bin_and_comes_back(many: Any) -> None:
    from syncd.portal.private_space import contents, deletions

    assert len(deletions.remove(many.me, many.one, many.ids)[0]) == 501
    assert len(deletions.binned(many.me, many.one)) == 501
    assert len(deletions.restore(many.me, many.one, many.ids)) == 501
    folder = contents.new_folder(many.me, many.one, "", "Tout")
    assert len(contents.move(many.me, many.one, many.ids, folder.id)) == 501
    assert contents.look(many.me, many.one).documents == []


def test_more_than_one_receipt_holds_is_refused_in_words(many: Any, browse: Callable[[Any], Any]) -> None:
    from syncd.portal.models import Deposit
    from syncd.portal.private_space import sending
    from syncd.portal.refusals import Code, Refusal

    with pytest.raises(Refusal) as refused:
        sending.send(many.me, many.one, many.ids)
    assert refused.value.code is Code.PRIVATE_TOO_MANY and "500" in str(refused.value)
    marie = browse(many.marie)
    marie.post("/espace-prive/000001/action", {"do": "send", "all": "1", "folder": ""})
    assert "500 documents au plus" in marie.get("/espace-prive/000001").content.decode()
    assert not Deposit.objects.exists()


def test_an_archive_holds_all_that_was_chosen(many: Any) -> None:
    from syncd.portal.private_space import retrieval

    with zipfile.ZipFile(io.BytesIO(b"".join(retrieval.archive(many.me, many.one, many.ids)))) as archive:
        assert len(archive.namelist()) == 502


@pytest.mark.parametrize("path", ["empreintes-sha256.txt", "Empreintes-SHA256.TXT", "empreintes-sha256.txt/a.pdf"])
def test_no_name_is_twice_in_an_archive(space: Any, person: Callable[[Any], Any], path: str) -> None:
    from syncd.portal.private_space import deposits, retrieval

    marie = person(space.marie)
    assert deposits.take_stream(marie, space.one, "", path, io.BytesIO(b"mine")).outcome == "stored"
    with zipfile.ZipFile(io.BytesIO(b"".join(retrieval.archive(marie, space.one)))) as archive:
        names = archive.namelist()
        assert archive.read(path) == b"mine" and "empreintes-sha256 (2).txt" in names
        assert len({n.split("/")[0].lower() for n in names}) == len(names) == 3


def test_an_archive_goes_on_where_bytes_are_missing_and_keeps_the_dates(
    space: Any, person: Callable[[Any], Any]
) -> None:
    from syncd.portal.documents.deposit import Incoming
    from syncd.portal.private_space import deposits, retrieval
    from syncd.portal.storage import blob_store

    marie, blobs = person(space.marie), blob_store()
    blobs.move_away(the_document(space).version_id, "damaged")
    staged, content = blobs.stage_from(io.BytesIO(b"lease"))
    deposits.take(marie, space.one, Incoming("", "bail.pdf", 5, modified=1_577_872_800.0), staged, content)  # 1.1.2020
    with zipfile.ZipFile(io.BytesIO(b"".join(retrieval.archive(marie, space.one)))) as archive:
        assert set(archive.namelist()) == {"bail.pdf", f"{SECRET_PDF} (contenu manquant).txt", retrieval.DIGESTS}
        assert archive.read("bail.pdf") == b"lease" and archive.getinfo("bail.pdf").date_time[:3] == (2020, 1, 1)
        assert SECRET_PDF not in archive.read(retrieval.DIGESTS).decode()  # no digest of what is not there
