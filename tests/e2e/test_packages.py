"""`syncd package` against the real portal, a company's directory on the other side, and the tools of strangers."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.mail_server import Sink, text_of
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, NAME, Outcome, World
from tests.support.mails import typed

pytestmark = pytest.mark.e2e


def lines(done: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def company(world: World, *args: object) -> Outcome:
    """At a computer where nothing of the cabinet's is set up."""
    return world._ask([str(a) for a in args], {})


def test_a_company_without_a_network_and_its_cabinet(world: World, tmp_path: Path) -> None:
    stick, at = tmp_path / "stick", tmp_path / "Documents Martin"
    world.write("Achats/a.pdf", "from the cabinet")
    world.run()
    wish = ("package", "create", CODE, "--to", stick, "--all", "--plain", "--purpose", "Révision", "--json")
    assert "serveur de mail" in world.syncd(*wish, "--mail", "marie@dupont.fr").err
    with contextlib.closing(Sink()) as sink:
        mail = {"SYNCD_MAIL_SMTP": sink.url, "SYNCD_MAIL_FROM": "syncd@martin.fr", "SYNCD_MAIL_TO": "boss@martin.fr"}
        done = world.syncd(*wish, "--mail", "marie@dupont.fr", env=mail)
        (told,) = sink.to("marie@dupont.fr")
    assert done.code == 0, done.err
    assert "Révision" in text_of(told) and "n° 1" in typed(str(told["Subject"]))
    (made,) = lines(done)
    assert (made["client"], made["sequence"], made["documents"], made["sealed"]) == (CODE, 1, 1, False)
    first = Path(made["file"])
    shown = company(world, "package", "show", first)
    assert shown.code == 0 and NAME in shown.out and "Révision" in shown.out, shown.err
    cabinets = world.syncd("package", "key").out.strip()
    asked = company(world, "package", "join", first, "--at", at)
    assert asked.code == 2 and "--yes" in asked.err
    joined = lines(company(world, "package", "join", first, "--at", at, "--yes", "--json"))[0]
    assert joined["cabinet"] == cabinets
    taken = company(world, "package", "apply", first, "--at", at, "--yes")
    assert taken.code == 0 and "n° 1" in taken.out, taken.err
    assert (at / "Achats/a.pdf").read_text() == "from the cabinet"

    (at / "Achats/b.pdf").write_text("from the company")
    made = lines(company(world, "package", "create", "--at", at, "--to", stick, "--json"))[0]
    back = Path(made["file"])
    unknown = world.syncd("package", "apply", back, "--yes")
    assert unknown.code == 3 and "clé inconnue" in unknown.err
    own = world.syncd("package", "trust", CODE, cabinets)
    assert own.code == 3 and "de ce côté-ci" in own.err
    trusted = world.syncd("package", "trust", CODE, f"{joined['signing']}.{joined['sealing']}")
    assert trusted.code == 0, trusted.err
    seen = lines(world.syncd("package", "show", back, "--json"))
    assert seen[0]["signer"] == "trusted" and seen[1]["type"] == "answer" and seen[1]["sequence"] == 1
    assert [(e["action"], e["path"]) for e in seen[2:]] == [("package", "Achats/b.pdf")]
    assert "Achats/b.pdf" not in world.here()
    nobody = world.syncd("package", "apply", back)
    assert nobody.code == 2 and "--yes" in nobody.err
    done = world.syncd("package", "apply", back, "--yes", "--json")
    assert done.code == 0, done.err
    assert lines(done)[-1]["changes"] == 1 and lines(done)[-1]["type"] == "applied"
    assert world.here()["Achats/b.pdf"] == b"from the company"
    world.same()
    again = world.syncd("package", "apply", back, "--yes")
    assert again.code == 3 and "déjà été traité" in again.err
    listed = world.syncd("package", "list", stick)
    assert listed.code == 0 and "Rien en attente." in listed.out, listed.err

    sealed = lines(world.syncd("package", "create", CODE, "--to", stick, "--seal", "--json"))[0]
    assert sealed["file"].endswith(".syncpkg.age")
    assert company(world, "package", "show", sealed["file"]).code == 3
    assert company(world, "package", "apply", sealed["file"], "--at", at, "--yes").code == 0
    nothing = company(world, "package", "create", "--at", at, "--to", stick)
    assert nothing.code == 0 and "Rien à envoyer." in nothing.out, nothing.err


def test_a_deletion_comes_to_a_cabinet_whose_service_does_not_run(world: World, tmp_path: Path) -> None:
    stick, at = tmp_path / "stick", tmp_path / "Documents"
    world.write("Achats/a.pdf", "first")
    world.write("Achats/b.pdf", "second")
    world.run()
    first = lines(world.syncd("package", "create", CODE, "--to", stick, "--all", "--plain", "--json"))[0]["file"]
    joined = lines(company(world, "package", "join", first, "--at", at, "--yes", "--json"))[0]
    assert world.syncd("package", "trust", CODE, f"{joined['signing']}.{joined['sealing']}").code == 0
    assert company(world, "package", "apply", first, "--at", at, "--yes").code == 0
    (at / "Achats/a.pdf").unlink()
    back = lines(company(world, "package", "create", "--at", at, "--to", stick, "--json"))[0]["file"]
    damaged = stick / f"{CODE}-20260101000000.syncpkg"
    damaged.write_bytes(Path(back).read_bytes()[:-50])
    done = world.syncd("package", "apply", damaged, back, "--yes")
    assert done.code == 3 and "pas entier" in done.err, done.out + done.err
    assert world.here() == {"Achats/b.pdf": b"second", "Achats/supp_a.pdf": b"first"}
    assert set(world.online()) == {"Achats/b.pdf"}


def test_a_running_service_deals_with_it(world: World, tmp_path: Path) -> None:
    stick, at = tmp_path / "stick", tmp_path / "Documents"
    world.run()
    first = lines(world.syncd("package", "create", CODE, "--to", stick, "--all", "--plain", "--json"))[0]["file"]
    joined = lines(company(world, "package", "join", first, "--at", at, "--yes", "--json"))[0]
    assert world.syncd("package", "trust", CODE, f"{joined['signing']}.{joined['sealing']}").code == 0
    assert company(world, "package", "apply", first, "--at", at, "--yes").code == 0
    (at / "Achats/b.pdf").write_text("from the company")
    back = lines(company(world, "package", "create", "--at", at, "--to", stick, "--json"))[0]["file"]
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        done = world.syncd("package", "apply", back, "--yes")
        assert done.code == 0, done.out + done.err
        assert done.out.endswith("Paquet n° 1 traité.\n")  # what it changed stands in the service's report
        eventually(lambda: "Achats/b.pdf" in world.online())
    finally:
        service.close()
    assert not list((world.state / "packages" / "orders").iterdir())
    assert world.here()["Achats/b.pdf"] == b"from the company"
