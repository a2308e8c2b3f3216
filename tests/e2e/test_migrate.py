"""Years of documents out of an old tree, as typed: online once, whether a service works or none, and after a kill."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.test_watch import Service, eventually, serve
from tests.e2e.world import CODE, NAME, World
from tests.support.bags import check

pytestmark = pytest.mark.e2e
__all__ = ["serve"]

DOCUMENTS = {
    "Achats/EDF/janvier.pdf": b"january",
    "Achats/EDF/f\u00e9vrier.pdf": b"february",
    "Juridique/statuts.pdf": b"x" * 3_000_000,
}
KILLED = """
from syncd.local.mirror_copies import DiskMirrorCopies
place, placed = DiskMirrorCopies.place, []
def killing(self, *args):
    if len(placed) == 1:
        os.kill(os.getpid(), 9)
    placed.append(args)
    return place(self, *args)
DiskMirrorCopies.place = killing
"""


@pytest.fixture
def old(world: World) -> Path:
    """Of a client whose directory is there, and of nobody."""
    assert world.run().code == 0
    tree = world.base / "gef"
    for path, data in {**{f"{CODE} - {NAME}/{p}": d for p, d in DOCUMENTS.items()}, "autre/z.pdf": b"nobody's"}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
    return tree


def digests(tree: Path) -> dict[str, tuple[str, int]]:
    return {
        str(p.relative_to(tree)): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(tree.rglob("*")) if p.is_file()
    }  # fmt: skip


def online(world: World) -> dict[str, bytes]:
    return {path: world.bytes_online(path) for path in world.online()}


def test_what_is_copied_goes_online_in_the_same_command(world: World, old: Path) -> None:
    before = digests(old)
    done = world.syncd("migrate", old, "--yes", "--json")
    lines = [json.loads(text) for text in done.out.splitlines()]
    assert done.code == 3, done.err  # somebody has to look at what is nobody's
    assert lines[-1]["type"] == "summary" and lines[-1]["uploaded"] == len(DOCUMENTS)
    assert online(world) == world.here() == DOCUMENTS and digests(old) == before
    again = world.syncd("migrate", old, "--json")
    assert json.loads(again.out.splitlines()[-1])["earlier"] == len(DOCUMENTS)
    world.same()
    assert list((world.logs / "migrations").rglob("*.csv"))


def test_a_service_puts_online_what_a_migration_copies(world: World, old: Path, serve: Callable[..., Service]) -> None:
    service = serve()
    assert world.syncd("migrate", old).code == 3
    eventually(lambda: set(world.online()) == set(DOCUMENTS))
    assert service.ended()


def test_killed_in_the_middle_it_goes_on_and_nothing_comes_twice(world: World, old: Path) -> None:
    before = digests(old)
    assert world.hooked(KILLED, "migrate", old).code == -9
    assert len(world.here()) == 1
    assert world.run().code == 0  # what is there is a document like any other
    assert world.syncd("migrate", old, "--yes").code == 3
    assert online(world) == world.here() == DOCUMENTS and digests(old) == before
    assert not list((world.dir() / ".syncd" / "incoming").iterdir())
    world.same()


def test_killed_before_it_publishes_the_same_command_does_it_and_says_so(world: World, old: Path) -> None:
    before_its_pass = "import syncd.operations.migrate as m; m._publish = lambda *a: os.kill(os.getpid(), 9)"
    assert world.hooked(before_its_pass, "migrate", old, "--yes").code == -9
    assert world.here() == DOCUMENTS and not world.online()
    done = world.syncd("migrate", old, "--yes")
    assert done.code == 3 and "3 documents déjà en place, pas encore en ligne : ils suivent" in done.out, done.out
    assert online(world) == DOCUMENTS
    again = world.syncd("migrate", old, "--yes", "--json")
    assert json.loads(again.out.splitlines()[-1])["type"] == "migration"  # nothing is late: no pass is made
    world.same()


def test_a_bag_that_another_cabinet_handed_over_is_taken(world: World, old: Path) -> None:
    assert world.syncd("migrate", old, "--yes").code == 3
    bags, mapping = world.base / "remise", world.base / "carte.csv"
    assert world.syncd("retrieve", CODE, "--to", bags, "--yes").code == 0
    world.client("000002", "Repreneur")
    assert world.run().code == 0
    mapping.write_text(f"source;code\n{next(p.name for p in bags.iterdir() if p.name.startswith(CODE))};000002\n")
    before = digests(bags)
    done = world.syncd("migrate", bags, "--map", mapping, "--yes")
    assert done.code == 0, done.out + done.err
    assert world.here("000002") == DOCUMENTS and digests(bags) == before


ODD = (
    "Achats/100 % de l'été.pdf", "Achats/%25 %0A %2e%2e.pdf", 'Achats/dit « "oui" », \'non\'.pdf',
    "Achats/" + unicodedata.normalize("NFD", "déjà reçu.pdf"), f"Achats/{'é' * 123}.pdf", "Achats/<script>alert(1)<.pdf",
    "Juridique/data.pdf", "Achats/EDF/#a&b=c;d.pdf",
)  # fmt: skip


def test_from_one_cabinet_to_another_whatever_documents_are_called(
    world: World, pristine: Path, tmp_path: Path
) -> None:
    """Handed over by one with its own portal, checked by a stranger, taken by another with its own: the same tree."""
    (tmp_path / "other").mkdir()
    taker = World(tmp_path / "other", pristine)
    try:
        _handed_over(world, taker, tmp_path)
    finally:
        taker.close()


def _handed_over(giver: World, taker: World, tmp_path: Path) -> None:
    for path in ODD:
        giver.put(path, f"what {path} says")
    assert giver.run().code == 0 and len(giver.here()) == len(ODD)
    assert giver.syncd("retrieve", CODE, "--to", tmp_path / "remise", "--yes").code == 0
    bag = tmp_path / "remise" / f"{CODE} - {NAME}"
    check(bag)
    bag = bag.rename(bag.with_name("000002 - Dupont"))  # its code at the other's
    before = digests(bag)
    taker.client("000002", "Dupont")
    assert taker.run().code == 0
    done = taker.syncd("migrate", bag.parent, "--yes")
    assert done.code == 0, done.out + done.err
    assert taker.here("000002") == giver.here() and digests(bag) == before
    assert {d["sha256"] for d in taker.online("000002").values()} == {d["sha256"] for d in giver.online().values()}
    assert set(taker.online("000002")) == set(giver.online())
    taker.same()
