"""What only an object storage is asked: whose it is, what is there after a lost answer, parts, what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.test_storage import MB, ONE, TWO
from tests.support import databases

# -- object storages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", databases.OBJECTS)
def test_an_object_storage_that_is_not_this_portals_is_never_taken_for_an_empty_one(kind: str, tmp_path: Path) -> None:
    from syncd.portal.storage.objects import MARKER

    blobs = databases.objects_in(kind, tmp_path)
    assert blobs.available() and not blobs.begin()
    blobs._delete(MARKER)
    blobs._looked = 0.0
    assert not blobs.available()
    with pytest.raises(FileNotFoundError):
        blobs.try_writing()


@pytest.mark.parametrize("kind", databases.OBJECTS)
def test_what_went_up_while_its_answer_was_lost_is_taken_for_what_it_is(kind: str, tmp_path: Path) -> None:
    blobs = databases.objects_in(kind, tmp_path)
    for data in (b"small", b"large" * 4 * MB):
        version = f"{len(data):032x}"
        blobs.publish([(blobs.stage(data), version)])
        again = blobs.stage(data)
        blobs.publish([(again, version)])  # as the client asks once more
        assert blobs.size(version) == len(data) and not Path(again).exists()


@pytest.mark.parametrize("kind", databases.OBJECTS)
def test_an_object_is_read_from_anywhere(kind: str, tmp_path: Path) -> None:
    blobs = databases.objects_in(kind, tmp_path)
    data = bytes(range(256)) * 40_000
    blobs.publish([(blobs.stage(data), ONE)])
    with blobs.open(ONE) as f:
        for at, count in ((0, 10), (5 * MB, 100), (10, 6 * MB), (len(data) - 3, 10), (len(data), 5)):
            f.seek(at)
            assert f.read(count) == data[at : at + count]


@pytest.fixture
def objects(tmp_path: Path) -> Any:
    """Without a server."""
    from obstore.store import MemoryStore

    from syncd.portal.storage.objects import ObjectBlobs

    (tmp_path / "scratch").mkdir()
    store: Any = MemoryStore()
    return ObjectBlobs(store, tmp_path / "scratch")


def test_a_large_object_goes_up_part_by_part_and_replaces_nothing(
    objects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    how, put = list[tuple[object, object]](), obstore.put

    def noted(*args: Any, **kw: Any) -> Any:
        how.append((kw.get("mode"), kw.get("use_multipart")))
        return put(*args, **kw)

    monkeypatch.setattr(obstore, "put", noted)
    large = b"large" * 4 * MB
    objects.publish([(objects.stage(large), ONE)])
    objects.publish([(objects.stage(b"small"), TWO)])
    assert how == [(None, True), ("create", False)]  # any mode reads a whole object into memory
    other = objects.stage(b"other" * 4 * MB)
    with pytest.raises(FileExistsError):
        objects.publish([(other, ONE)])
    assert objects.read(ONE) == large and Path(other).exists()


def test_what_is_taken_back_lies_here_whole_or_not_at_all(objects: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore

    large = b"large" * 4 * MB
    staged = objects.stage(large)
    objects.publish([(staged, ONE)])
    fetch, count = obstore.get_range, [0]

    def cut(*args: Any, **kw: Any) -> Any:
        count[0] += 1
        if count[0] == 3:
            raise MemoryError
        return fetch(*args, **kw)

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "get_range", cut)
        with pytest.raises(MemoryError):
            objects.take_back([(staged, ONE)])
    assert not Path(staged).exists() and objects.is_there(ONE, len(large))
    objects.take_back([(staged, ONE)])
    assert Path(staged).read_bytes() == large and not objects.is_there(ONE, len(large))
    assert not list(Path(staged).parent.glob("*.part"))


def test_a_storage_that_does_not_answer_is_away_and_nothing_is_said_of_what_it_holds(
    objects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore
    from obstore.exceptions import GenericError

    from syncd.portal.storage.port import Away
    from syncd.portal.storage.write_errors import busy

    objects.publish([(objects.stage(b"one"), ONE)])

    def away(*args: Any, **kw: Any) -> Any:
        raise GenericError

    asks: list[Callable[[], object]] = [
        lambda: objects.read(ONE),
        lambda: objects.prove(ONE),
        lambda: objects.size(ONE),
    ]
    with monkeypatch.context() as patch:
        for name in ("get", "head", "get_range", "put"):
            patch.setattr(obstore, name, away)
        for ask in asks:
            with pytest.raises(Away) as told:
                ask()
            assert busy(told.value)
        with pytest.raises(Away):
            objects.publish([(objects.stage(b"two"), TWO)])
    assert objects.read(ONE) == b"one"
