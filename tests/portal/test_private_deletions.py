"""The bin of a private space: whatever is deleted and undone, in whatever order, each document is listed or in the bin."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.private_rows import SECRET_PDF, the_document


@pytest.fixture
def desk(space: Any, person: Callable[[Any], Any]) -> Any:
    """What Marie does in the space, without its document."""
    from syncd.portal.private_space import deletions

    space.me = person(space.marie)
    deletions.remove(space.me, space.one, [the_document(space).id])
    return space


def put(desk: Any, folder: str, path: str) -> None:
    from syncd.portal.private_space import deposits

    data = io.BytesIO(f"{folder} {path}".encode())
    assert deposits.take_stream(desk.me, desk.one, folder, path, data).outcome in ("stored", "already")


def folders_in(desk: Any, folder: str = "") -> dict[str, str]:
    from syncd.portal.private_space import contents

    return {f.name: f.id for f, _ in contents.look(desk.me, desk.one, folder).inside}


def listed(desk: Any, folder: str = "", above: str = "") -> dict[str, str]:
    """Path of each document that a person finds by going through the folders: its id."""
    from syncd.portal.private_space import contents

    seen = contents.look(desk.me, desk.one, folder)
    found = {above + d.name: d.id for d in seen.documents}
    for inside, _ in seen.inside:
        found |= listed(desk, inside.id, f"{above}{inside.name}/")
    return found


def test_a_folder_comes_back_with_the_folders_it_lay_in(desk: Any) -> None:
    from syncd.portal.private_space import contents, deletions

    put(desk, "", "A/B/bail.pdf")
    put(desk, "", "A/note.pdf")
    a = folders_in(desk)["A"]
    b = folders_in(desk, a)["B"]
    first = deletions.remove_folder(desk.me, desk.one, b)[1]
    second = deletions.remove_folder(desk.me, desk.one, a)[1]
    assert deletions.take_back(desk.me, desk.one, first) == 1
    assert set(listed(desk)) == {"A/B/bail.pdf"}
    assert len(contents.look(desk.me, desk.one, words="bail").documents) == 1
    assert deletions.take_back(desk.me, desk.one, second) == 1
    assert set(listed(desk)) == {"A/B/bail.pdf", "A/note.pdf"}
    assert [d.name for d in deletions.binned(desk.me, desk.one)] == [SECRET_PDF]


def test_a_folder_whose_name_is_taken_by_now_comes_back_into_it_or_beside(
    desk: Any, browse: Callable[[Any], Any]
) -> None:
    from syncd.portal.private_space import contents, deletions

    put(desk, "", "Contrats/bail.pdf")
    put(desk, "", "Contrats/2026/x.pdf")
    earlier = deletions.remove_folder(desk.me, desk.one, folders_in(desk, folders_in(desk)["Contrats"])["2026"])[1]
    gone = deletions.remove_folder(desk.me, desk.one, folders_in(desk)["Contrats"])[1]
    put(desk, "", "CONTRATS/bail.pdf")
    answer = browse(desk.marie).post("/espace-prive/000001/action", {"do": "undo", "deletion": gone})
    assert answer.status_code == 302
    assert set(listed(desk)) == {"CONTRATS/bail.pdf", "CONTRATS/bail (2).pdf"}
    contents.rename_folder(desk.me, desk.one, folders_in(desk)["CONTRATS"], "Baux")
    assert deletions.take_back(desk.me, desk.one, earlier) == 1
    assert deletions.take_back(desk.me, desk.one, gone) == 0  # a second click
    assert set(listed(desk)) == {"Baux/bail.pdf", "Baux/bail (2).pdf", "Baux/2026/x.pdf"}
    assert set(folders_in(desk)) == {"Baux"}
    gone = deletions.remove_folder(desk.me, desk.one, folders_in(desk)["Baux"])[1]
    put(desk, "", "Baux")  # a document of that name
    assert deletions.take_back(desk.me, desk.one, gone) == 3
    assert set(folders_in(desk)) == {"Baux (2)"}


def test_empty_folders_come_back_as_well_and_the_trail_says_so(desk: Any) -> None:
    from syncd.portal.private_space import contents, deletions

    made = contents.new_folder(desk.me, desk.one, "", "Vide")
    contents.new_folder(desk.me, desk.one, made.id, "Aussi")
    gone = deletions.remove_folder(desk.me, desk.one, made.id)[1]
    assert folders_in(desk) == {}
    assert deletions.take_back(desk.me, desk.one, gone) == 0
    assert folders_in(desk, folders_in(desk)["Vide"]).keys() == {"Aussi"}
    (last, *_) = contents.trail(desk.me, desk.one)
    assert (last.what, last.about) == ("folder_restored", "Vide")


def test_a_deep_tree_goes_and_comes_back_whole(desk: Any) -> None:
    from syncd.portal.private_space import contents, deletions

    inside = first = contents.new_folder(desk.me, desk.one, "", "d").id
    for _ in range(70):
        inside = contents.new_folder(desk.me, desk.one, inside, "d").id
    put(desk, inside, "au-fond.pdf")
    gone = deletions.remove_folder(desk.me, desk.one, first)[1]
    assert {d.name for d in deletions.binned(desk.me, desk.one)} == {SECRET_PDF, "au-fond.pdf"}
    assert deletions.take_back(desk.me, desk.one, gone) == 1
    assert len(contents.look(desk.me, desk.one, first, "fond").documents) == 1


@pytest.mark.parametrize("seed", range(4))
def test_each_document_is_listed_or_in_the_bin(desk: Any, seed: int) -> None:
    from syncd.portal.private_space import contents, deletions
    from syncd.portal.refusals import Refusal

    chance, undone = random.Random(seed), list[str]()
    for path in ("A/1.pdf", "A/B/2.pdf", "A/B/C/3.pdf", "A/D/4.pdf", "E/5.pdf"):
        put(desk, "", path)
    everything = {*listed(desk).values(), *(d.id for d in deletions.binned(desk.me, desk.one))}
    assert len(everything) == 6

    def deletes_folder(at: str) -> None:
        undone.append(deletions.remove_folder(desk.me, desk.one, at)[1])

    def deletes_document(at: str) -> None:
        undone.append(deletions.remove(desk.me, desk.one, [chance.choice(sorted(listed(desk).items()))[1]])[1])

    def undoes(at: str) -> None:
        deletions.take_back(desk.me, desk.one, chance.choice(undone))

    def restores(at: str) -> None:
        gone = sorted(deletions.binned(desk.me, desk.one), key=lambda d: d.name)
        deletions.restore(desk.me, desk.one, [chance.choice(gone).id])

    def makes(at: str) -> None:
        contents.new_folder(desk.me, desk.one, chance.choice(("", at)), chance.choice("ABCDE"))

    def names(at: str) -> None:
        contents.rename_folder(desk.me, desk.one, at, chance.choice("ABCDE"))

    for _ in range(30):
        tree = {where: i for i, where in contents.places(_space(desk)).items() if where}
        act = chance.choice((deletes_folder, deletes_folder, deletes_document, undoes, undoes, restores, makes, names))
        try:
            act(tree[chance.choice(sorted(tree))])
        except (IndexError, Refusal):  # there is nothing to do it with
            continue
        there, binned = set(listed(desk).values()), {d.id for d in deletions.binned(desk.me, desk.one)}
        assert there | binned == everything and not there & binned, act.__name__
    for deletion in chance.sample(undone, len(undone)):
        deletions.take_back(desk.me, desk.one, deletion)
    deletions.restore(desk.me, desk.one, [d.id for d in deletions.binned(desk.me, desk.one)])
    assert set(listed(desk).values()) == everything


def _space(desk: Any) -> Any:
    from syncd.portal.private_space import spaces

    return spaces.enter(desk.me, desk.one)


def test_the_bin_and_what_lies_in_it_are_of_the_same_people(
    space: Any, person: Callable[[Any], Any], browse: Callable[[Any], Any]
) -> None:
    from syncd.portal.private_space import deletions, keys

    for user, level in ((space.paul, "read"), (space.marie, "manage")):
        keys.give(person(space.marie), space.one, user.id, level)
    at = f"/espace-prive/000001/{the_document(space).id}"
    assert browse(space.paul).get(f"{at}/telecharger").status_code == 200
    deletions.remove(person(space.marie), space.one, [the_document(space).id])
    for path in ("/espace-prive/000001/corbeille", at, f"{at}/telecharger", f"{at}/apercu"):
        assert browse(space.paul).get(path).status_code == 404, path
        assert browse(space.marie).get(path).status_code == 200, path
