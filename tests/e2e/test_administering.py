"""What whoever installs and administers meets at the command line."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import World, syncd

pytestmark = pytest.mark.e2e


def test_an_option_at_the_wrong_place_and_an_unknown_folder_are_said_as_what_they_are(world: World) -> None:
    done = syncd("run", "--config", world.config)
    assert done.code == 2 and "syncd --config FILE run" in done.err
    done = world.put("Achat/facture.pdf", "x", check=False)
    assert done.code == 3 and done.out == "no_right\n"
    assert "n'a pas de dossier « Achat »" in done.err and "Achats" in done.err and "accès" not in done.err


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[Path]:
    """A directory that other accounts can reach: the test's own may be closed to them."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_nothing_of_portal_state_and_backups_is_readable_by_others_whatever_the_umask(
    world: World, tmp_path: Path
) -> None:
    for name in ("data", "copy", "again"):
        (tmp_path / name).mkdir(mode=0o755)  # as an administrator's mkdir leaves it
    before = os.umask(0o022)
    try:
        made = syncd("portal", "init", tmp_path / "data", "--cabinet", "Cabinet", "--admin-email", "a@example.fr")
        assert made.code == 0, made.err
        copied = syncd("portal", "backup", tmp_path / "data", tmp_path / "copy")
        assert copied.code == 0, copied.err
        again = syncd("portal", "restore", tmp_path / "copy", tmp_path / "again")
        assert again.code == 0, again.err
        (tmp_path / "data").chmod(0o755)  # an older version's: narrowed by the next command
        assert syncd("portal", "client", "list", tmp_path / "data").code == 0
        new = [tmp_path / part for part in ("new/root", "new/state", "new/logs", "new/syncd.toml")]
        done = syncd("init", "--root", new[0], "--state", new[1], "--logs", new[2], "--portal", world.url, "--token-file", world.token, "--out", new[3])  # fmt: skip
        assert done.code == 0, done.err
        assert syncd("--config", new[3], "run").code in (0, 3, 4, 11)
    finally:
        os.umask(before)
    for top in (tmp_path / "data", tmp_path / "copy", tmp_path / "again", new[1], new[2], new[3]):
        wide = [str(p) for p in [top, *top.rglob("*")] if p.stat().st_mode & 0o077]
        assert not wide, wide


def test_the_group_reads_reports_where_the_administrator_lets_it_into_the_directory(world: World) -> None:
    shutil.rmtree(world.logs)
    world.logs.mkdir()
    world.logs.chmod(0o2750)
    world.write("Achats/a.pdf", "%PDF-1.4 a %%EOF")
    assert world.run().code == 0
    made = list(world.logs.rglob("*"))
    assert made and all(p.stat().st_mode & 0o777 == (0o750 if p.is_dir() else 0o640) for p in made if p.name[0] != ".")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is anybody")
@pytest.mark.parametrize("what", ["state", "root", "logs", "out"])
def test_init_says_where_the_account_may_not_write_before_it_makes_anything(
    world: World, reachable: Path, what: str
) -> None:
    places = {name: reachable / "own" / name for name in ("root", "state", "logs", "out")}
    (reachable / "own").mkdir()
    os.chown(reachable / "own", 65534, 65534)
    (reachable / "closed").mkdir(mode=0o755)
    places[what] = reachable / "closed" / what
    token = reachable / "token"
    token.write_text(world.token.read_text())
    token.chmod(0o644)
    world.config = reachable / "none"
    args = [f"--{k}={v / 'syncd.toml' if k == 'out' else v}" for k, v in places.items()]
    done = world.hooked("import syncd.cli.init, syncd.operations.init, syncd.config.write, syncd.core.web_address", "init", *args, f"--portal={world.url}", f"--token-file={token}", user=65534)  # fmt: skip
    assert done.code == 2 and "may not write" in done.err and "Traceback" not in done.err, done.err
    assert str(places[what]) in done.err and not any((reachable / "own").iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is anybody")
def test_units_that_may_not_be_written_are_one_sentence(world: World, reachable: Path) -> None:
    (reachable / "system").mkdir(mode=0o755)
    done = world.hooked(
        "import syncd.cli.service, importlib.readers, importlib.resources", "service", "print", "nginx", "--host", "documents.example.fr", "--to", str(reachable / "system"),
        user=65534,
    )  # fmt: skip
    assert done.code == 2 and "Traceback" not in done.err and str(reachable / "system") in done.err, done.err


def test_a_portal_that_fails_is_told_apart_from_one_that_is_away(world: World) -> None:
    """Which, with its cause, for whoever reads a report, `status` or `doctor`."""
    world.stop_portal()
    world.serve(
        "from syncd.portal.storage.local import LocalBlobs\n"
        "def closed(*_): raise PermissionError(13, 'Permission denied', '/var/lib/syncd-portal/blobs/tmp/x')\n"
        "LocalBlobs.stage = LocalBlobs.publish = closed"
    )
    world.write("Achats/a.pdf", "cannot be kept there")
    first = world.syncd("run")  # the document's matter, as long as the portal answers everything else
    assert first.code == 3 and "500 Permission denied" in first.out, first.out
    for said in (first.out, world.syncd("status").out):
        assert "la plateforme a répondu une erreur" in said.lower(), said
        assert "ne répond pas" not in said and "var/lib" not in said
    world.stop_portal()
    said = world.syncd("doctor").out
    assert "ne répond pas" in said and "erreur (5" not in said
