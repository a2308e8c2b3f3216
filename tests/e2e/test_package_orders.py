"""Packages ordered and handed in at the portal's pages: the cabinet's service makes them and brings them in."""

from __future__ import annotations

import json
import re
import urllib.request
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.test_packages import company
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, Outcome, World
from tests.support.mails import typed

pytestmark = pytest.mark.e2e
PAGE = f"/paquets/{CODE}"


class Desk(Visitor):
    """Somebody of the cabinet at the page."""

    def page(self, path: str = PAGE) -> str:
        return typed(unescape(self.get(path)))

    def hand_in(self, file: Path) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(PAGE))
        assert token is not None
        mark = "x" * 30
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token[1]}\r\n--{mark}\r\n'
        )
        head += f'Content-Disposition: form-data; name="package"; filename="{file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = head.encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        asked = urllib.request.Request(
            f"{self.url}{PAGE}/remettre", body, {"Content-Type": f"multipart/form-data; boundary={mark}"}
        )
        with self._opener.open(asked) as answer:
            return typed(unescape(answer.read().decode()))

    def fetched(self, to: Path) -> Path:
        """The last package that was made."""
        link = re.search(rf'href="({PAGE}/[0-9a-f]{{32}}/telecharger)"', self.get(PAGE))
        assert link is not None, self.get(PAGE)
        with self._opener.open(self.url + link[1]) as answer:
            name = re.search(r'filename="?([^";]+)', answer.headers["Content-Disposition"])
            assert name is not None
            (to / name[1]).write_bytes(answer.read())
        return to / name[1]

    def act(self, do: str, about: str, **more: str) -> str:
        """`about`: what stands on the page of the package that is meant."""
        for one in dict.fromkeys(re.findall(rf'href="({PAGE}/[0-9a-f]{{32}})"', self.get(PAGE))):
            page = self.page(one)
            number = re.search(r'name="number" value="(\d+)"', page)
            if about in page and number is not None:
                form = {"do": do, "id": one.rpartition("/")[2], "number": number[1], **more}
                return typed(unescape(self.post(f"{PAGE}/action", PAGE, **form)[1]))
        raise AssertionError(self.page())


def lines(done: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def made(at: Path, stick: Path, world: World) -> Path:
    """By the company, where no network is."""
    done = company(world, "package", "create", "--at", at, "--to", stick, "--json")
    assert done.code == 0, done.err
    return Path(lines(done)[0]["file"])


def test_a_package_goes_there_and_back_by_the_pages(world: World, tmp_path: Path) -> None:
    stick, at = tmp_path / "stick", tmp_path / "Documents Martin"
    stick.mkdir()
    world.write("Achats/a.pdf", "from the cabinet")
    world.run()
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        boss = Desk(world.url)
        assert boss.sign_in() == 200
        assert "Rien en attente." in boss.page() and "Aucun paquet préparé." in boss.page()
        boss.post(f"{PAGE}/preparer", PAGE, what="all", purpose="Envoi pour révision", comment="Manque mars")
        eventually(lambda: "Télécharger" in boss.page())
        first = boss.fetched(stick)
        key = re.search(r'class="key">([^<]+)<', boss.page())
        joined = lines(company(world, "package", "join", first, "--at", at, "--yes", "--json"))[0]
        assert key is not None and joined["cabinet"] == key[1]
        assert company(world, "package", "apply", first, "--at", at, "--yes").code == 0
        assert (at / "Achats/a.pdf").read_text() == "from the cabinet"

        (at / "Achats/b.pdf").write_text("from the company")
        (at / "Ventes/c.pdf").write_text("also from it")
        back = made(at, stick, world)
        boss.hand_in(back)
        eventually(lambda: "clé à vérifier" in boss.page())
        assert "changé entre-temps" in boss.act("trust", "Clé inconnue", key=joined["signing"])
        boss.act("trust", "Clé inconnue", key=f"{joined['signing']}.{joined['sealing']}")
        eventually(lambda: "à traiter" in boss.page())
        assert "déjà été remis" in boss.hand_in(back)
        assert "Achats/b.pdf" not in world.here()  # nothing is written before somebody said so
        boss.act("deal", "Ce qui serait fait", choose="1", folder="Achats")
        eventually(lambda: "traité en partie" in boss.page())
        assert world.here()["Achats/b.pdf"] == b"from the company" and "Ventes/c.pdf" not in world.here()
        boss.act("deal", "Ce qui serait fait")
        eventually(lambda: "Rien en attente." in boss.page())
        assert world.here()["Ventes/c.pdf"] == b"also from it"
        eventually(lambda: {"Achats/b.pdf", "Ventes/c.pdf"} <= set(world.online()))
        assert "traité par l'entreprise" in boss.page()  # of ours: the receipt travelled in theirs

        (at / "Achats/b.pdf").unlink()
        damaged = stick / f"{CODE}-20270101000000.syncpkg"
        damaged.write_bytes(back.read_bytes()[:-9])
        assert "pas entier" in boss.hand_in(damaged)
        boss.hand_in(made(at, stick, world))
        eventually(lambda: "à traiter" in boss.page())
        boss.act("discard", "Ce qui serait fait")
        eventually(lambda: "supprimé" in boss.page() and "Rien en attente." in boss.page())
        boss.hand_in(made(at, stick, world))
        eventually(lambda: "à traiter" in boss.page())
        boss.act("deal", "supp_b.pdf")
        eventually(lambda: "Achats/supp_b.pdf" in world.here())
        eventually(lambda: "Achats/b.pdf" not in world.online())
        assert service.ended()
    finally:
        service.close()
    world.same()
    assert not list((world.state / "packages" / "orders").iterdir())


def test_a_service_killed_while_it_does_an_order_does_it_again_and_nothing_twice(world: World, tmp_path: Path) -> None:
    """While it makes, before and after it brings in, and before the portal has heard: each time it is killed and starts anew."""
    stick, at = tmp_path / "stick", tmp_path / "Documents Martin"
    stick.mkdir()
    world.write("Achats/a.pdf", "from the cabinet")
    world.run()
    boss = Desk(world.url)
    assert boss.sign_in() == 200

    def until_killed(line: str) -> None:
        """The service works, and is killed as soon as its log says so much."""
        service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
        try:
            eventually(lambda: service.said(line) > 0)
        finally:
            service.close()
        service.log.unlink()

    boss.post(f"{PAGE}/preparer", PAGE, what="all")
    until_killed("what=pass")  # it was to make
    until_killed("act=make")  # it made, and may not have said so
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    eventually(lambda: "Télécharger" in boss.page())
    service.close()
    first = boss.fetched(stick)
    joined = lines(company(world, "package", "join", first, "--at", at, "--yes", "--json"))[0]
    assert company(world, "package", "apply", first, "--at", at, "--yes").code == 0
    assert world.syncd("package", "trust", CODE, f"{joined['signing']}.{joined['sealing']}").code == 0
    (at / "Achats/b.pdf").write_text("from the company")
    (at / "Achats/a.pdf").write_text("changed there")
    boss.hand_in(made(at, stick, world))
    until_killed("act=look")
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    eventually(lambda: "à traiter" in boss.page())
    service.close()
    service.log.unlink()
    boss.act("deal", "Ce qui serait fait")
    until_killed("what=package")
    until_killed("act=apply")  # done by now, and perhaps not said
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        eventually(lambda: "Rien en attente." in boss.page())
        eventually(lambda: {"Achats/a.pdf", "Achats/b.pdf"} <= set(world.online()))
        assert service.ended()
    finally:
        service.close()
    assert world.here() == {"Achats/a.pdf": b"changed there", "Achats/b.pdf": b"from the company"}
    world.same()
    assert not list((world.state / "packages" / "orders").glob("*"))
