"""Every command that writes, as root, over data of the services' accounts: nothing below is root's afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from syncd.cli.group import cli
from tests.e2e.test_administering import reachable
from tests.e2e.world import CODE, Child, World, nursery

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(os.geteuid() != 0, reason="only root is anybody")]
ACCOUNT = 54321  # an account without a name
WHO = "direction@cabinet-martin.fr"

__all__ = ["reachable"]

# Command → what follows it. DIR is the portal's directory, TO, NEW and FILE lie elsewhere.
PORTAL: dict[str, tuple[str, ...]] = {
    "client add": ("DIR", "001234", "SARL Durand"),
    "client set": ("DIR", CODE, "--name", "SARL Dupond"),
    "client exercise": ("DIR", CODE, "2025", "2025-01-01", "2025-12-31"),
    "client quota": ("DIR", CODE, "5000000"),
    "client model": ("TO/modele.xlsx",),
    "client import": ("DIR", "TO/modele.xlsx"),
    "client list": ("DIR",),
    "folder add": ("DIR", CODE, "Achats/2026"),
    "folder move": ("DIR", CODE, "Achats/2026", "Achats/2027"),
    "folder remove": ("DIR", CODE, "Achats/2027"),
    "document put": ("DIR", CODE, "Achats/facture.pdf", "FILE"),
    "document move": ("DIR", CODE, "Achats/facture.pdf", "Ventes/facture.pdf"),
    "document remove": ("DIR", CODE, "Ventes/facture.pdf"),
    "document restore": ("DIR", CODE, "Ventes/facture.pdf"),
    "document list": ("DIR", CODE),
    "document get": ("DIR", CODE, "Ventes/facture.pdf", "TO/facture.pdf"),
    "engine-token": ("DIR",),
    "engine-right": ("DIR", CODE, "Social", "off"),
    "person list": ("DIR",),
    "person reset-password": ("DIR", WHO),
    "person second-factor": ("DIR", WHO, "off"),
    "backup": ("DIR", "TO/backup"),
    "check": ("DIR", "--repair"),
    "migrate": ("DIR",),
    "restore": ("TO/backup", "NEW"),
    "client close": ("DIR", "001234"),
    "read-invoices": ("DIR",),
    "restored": ("DIR",),
    "cabinet add": ("DIR", "Cabinet Durand", "--admin-email", "durand@cabinet-durand.fr"),
    "cabinet list": ("DIR",),
    "cabinet close": ("DIR", "Cabinet Durand"),
    "cabinet open": ("DIR", "Cabinet Durand", "durand@cabinet-durand.fr"),
}
ENGINE: dict[str, tuple[str, ...]] = {
    "run": (),
    "approve": ("--all", "--yes"),
    "restore": ("--all", "--at", "2026-01-01 12:00"),
    "verify": ("--repair",),
    "doctor": ("--repair",),
    "status": ("--json",),
    "report": (),
    "journal": ("rebuild",),
    "client list": (),
    "schedule list": (),
    "mail test": (),
    "mail stopped": (),
    "migrate": ("OLD", "--yes"),
    "retrieve": ("--all", "--to", "TO/given", "--yes"),
    "intake": (),
    "package create": (CODE, "--to", "TO"),
    "package key": (),
    "package list": ("TO",),
    "package page": (CODE, "--to", "TO"),
    "package trust": (CODE, "no key"),
    "package show": ("TO/none.syncpkg",),
    "package apply": ("TO/none.syncpkg", "--yes"),
    "package discard": ("TO/none.syncpkg",),
}
# What serves becomes the account as all do, and is seen elsewhere to; what makes an installation, or a file of root's; a
# company's directory is whoever's joins; what needs servers (tests/services).
ELSEWHERE = {
    "package join",
    "portal serve",
    "watch",
    "portal init",
    "init",
    "setup engine",
    "setup portal",
    "portal move-to",
}
NO_DATA = {"service", "config", "template"}


def leaves(command: click.Command, way: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*way, name))
    else:
        yield " ".join(way)


def give(directory: Path) -> None:
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, ACCOUNT, ACCOUNT, follow_symlinks=False)


def foreign(directory: Path) -> list[str]:
    return [str(p) for p in [directory, *directory.rglob("*")] if p.lstat().st_uid != ACCOUNT]


def said(world: World, args: list[str], hook: str = "") -> str:
    child: Child = nursery().fork(world.base, args, hook, dict(world.env))
    out = child.stdout.read()
    child.wait(30)
    child.stdout.close()
    return out


@pytest.mark.lists
def test_every_command_is_tried_or_named() -> None:
    tried = {f"portal {name}" for name in PORTAL} | set(ENGINE) | ELSEWHERE
    rest = {name for name in leaves(cli) if name not in tried and name.split()[0] not in NO_DATA}
    assert not rest, "say what it writes"


def test_56_no_command_at_the_portal_leaves_anything_of_roots(world: World, reachable: Path) -> None:
    world.stop_portal()
    data, to, new = reachable / "portal", reachable / "to", reachable / "new"
    shutil.copytree(world.portal_dir, data)
    for made in (to, new):
        made.mkdir()
    to.chmod(0o777)
    (reachable / "FILE").write_bytes(b"%PDF-1.4 as root")
    give(data)
    give(new)
    for name, args in PORTAL.items():
        given = [a.replace("DIR", str(data)).replace("TO", str(to)).replace("NEW", str(new)).replace("FILE", str(reachable / "FILE")) for a in args]  # fmt: skip
        said(world, ["portal", *name.split(), *given])
        for directory in (data, new):
            assert not foreign(directory), name
            assert not [p for p in directory.rglob("*") if p.stat().st_mode & 0o077], name
    assert (new / "portal.db").exists() and (to / "facture.pdf").exists() and (to / "modele.xlsx").exists()


def test_56_no_command_at_the_cabinet_leaves_anything_of_roots(world: World, reachable: Path) -> None:
    world.write("Achats/a.pdf", "%PDF-1.4 a %%EOF")
    for part in (world.root, world.state, world.logs):
        shutil.copytree(part, reachable / part.name)
    config = reachable / "syncd.toml"
    config.write_text(world.config.read_text().replace(str(world.base), str(reachable)))
    with config.open("a") as more:
        more.write(f'\n[intake]\nroot = "{reachable / "import"}"\nexport = "{reachable / "export"}"\n')
    for path in (f"import/{CODE}/Achats/scan.pdf", f"old/{CODE}/Achats/before.pdf"):
        (reachable / path).parent.mkdir(parents=True)
        (reachable / path).write_bytes(b"%PDF-1.4 " + path.encode() + b" %%EOF")
    (reachable / "export").mkdir()
    (reachable / "token").write_text(world.token.read_text())
    give(reachable)
    (reachable / "state" / "engine.lock").unlink()
    warm = "from syncd.remote import http_library; http_library.httpx, http_library.stamina"
    for name, args in ENGINE.items():
        given = [a.replace("OLD", str(reachable / "old")).replace("TO", str(reachable)) for a in args]
        print(said(world, ["--config", str(config), *name.split(), *given], warm))
        assert not foreign(reachable), name
    assert list((reachable / "given").rglob("SHA256SUMS")), "documents were retrieved"
    assert list((reachable / "logs").rglob("*.log")), "a run was made"
    assert list(reachable.glob("*.syncpkg")), "a package was made"
