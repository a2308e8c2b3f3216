"""Makes an installation as an older version left it: `make.py CHECKOUT OUT.tar.xz`, run once with that version's own code.

    git worktree add ../old COMMIT
    .venv/bin/python tests/data/installed/make.py ../old tests/data/installed/COMMIT.tar.xz

The archive holds portal, state, mirror, logs, configuration and key, and `told.json`: what the people and the two sides
knew when it was closed. The configuration names `/installed`: whoever unpacks it writes their own place and address.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PEOPLE = """
import json, os, sys
from pathlib import Path
from syncd.portal.setup import use
use(Path(sys.argv[1]))
from django.contrib.auth.hashers import make_password
from syncd.portal.models import Client, User
from syncd.portal.rights import CABINET_PRESETS, PRESETS, Role
from syncd.portal.services import people, second_factor
by = User.objects.get(role="correspondent")
dupont = Client.objects.get(code="007868")
def person(name, sign_in, role, **more):
    kinds = next(iter((CABINET_PRESETS if role.of_cabinet else PRESETS).values()))
    return people.create(by, people.Wish(name, sign_in, role, kinds, **more))
marie = person("Marie Dupont", "marie", Role.CONTACT, clients=[dupont], email="marie@dupont.example")
User.objects.filter(id=marie.id).update(password=make_password("une phrase de Marie"))
paul = person("Paul Roux", "paul", Role.ASSOCIATE, portfolio=[("all", "")], email="paul@martin.example")
User.objects.filter(id=paul.id).update(password=make_password("une phrase de Paul"))
import pyotp
secret = second_factor.new_secret()
codes = second_factor.turn_on(paul, secret, pyotp.TOTP(secret).now())
gone = person("Partie Ailleurs", "partie", Role.MEMBER, clients=[dupont])
people.set_active(by, gone, False)
late = person("Léa Tard", "lea", Role.MEMBER, clients=[dupont], email="lea@dupont.example")
link = people.invite(late, "link")
print(json.dumps({"totp": secret, "recovery": codes, "link": link}, default=str))
"""


class Old:
    def __init__(self, checkout: Path, base: Path) -> None:
        self.base = base
        self.env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
        self.portal = base / "portal"
        self.clients = base / "clients"

    def python(self, *args: object, ok: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, args)], env=self.env, cwd=self.base, capture_output=True, text=True
        )
        if done.returncode not in ok:
            sys.exit(f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def syncd(self, *args: object, ok: tuple[int, ...] = (0,)) -> str:
        return self.python("-c", "from syncd.cli import main; main()", *args, ok=ok)

    def run(self, ok: tuple[int, ...] = (0,)) -> list[dict[str, Any]]:
        out = self.syncd("--config", self.base / "syncd.toml", "run", "--json", ok=ok)
        return [json.loads(line) for line in out.splitlines()]

    def put(self, code: str, path: str, text: str, *how: str) -> None:
        (self.base / "put").write_text(text, encoding="utf-8")
        self.syncd("portal", "document", "put", self.portal, code, path, self.base / "put", *how)
        (self.base / "put").unlink()

    def write(self, place: str, text: str) -> None:
        at = self.clients / place
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, encoding="utf-8")


def story(old: Old) -> dict[str, Any]:
    base, portal = old.base, old.portal
    (base / "password").write_text("une phrase assez longue\n", encoding="utf-8")
    old.syncd("portal", "init", portal, "--cabinet", "Cabinet Martin", "--admin-email", "direction@cabinet-martin.fr",
              "--admin-password-file", base / "password")  # fmt: skip
    (base / "password").unlink()
    for code, name in (
        ("007868", "SARL Dupont"),
        ("B002", "Élégance & Fils"),
        ("C003", "SCI des Tilleuls"),
        ("D004", "Fermée"),
    ):
        old.syncd("portal", "client", "add", portal, code, name)
    (base / "token").write_text(old.syncd("portal", "engine-token", portal), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", "from syncd.cli import main; main()", "portal", "serve", str(portal), "--port", "0"],
        env=old.env, cwd=base, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        try:
            return lived(old, url)
        finally:
            server.terminate()


def lived(old: Old, url: str) -> dict[str, Any]:
    base, portal = old.base, old.portal
    old.syncd("init", "--root", old.clients, "--state", base / "state", "--logs", base / "logs", "--portal", url,
              "--token-file", base / "token", "--out", base / "syncd.toml", "--first-publication", "allow")  # fmt: skip
    config = base / "syncd.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^#? ?settle = .*$", 'settle = "0s"', text), encoding="utf-8")
    assert 'settle = "0s"' in config.read_text(encoding="utf-8")
    dupont, elegance = "007868 - SARL Dupont", "B002 - Élégance & Fils"
    old.run()
    for n in range(4):
        old.write(f"{dupont}/Achats/2026/facture {n}.txt", f"facture {n}\n")
    old.write(f"{dupont}/Achats/à déplacer.txt", "à déplacer\n")
    old.write(f"{dupont}/Achats/ôtée ici.txt", "ôtée ici\n")
    old.write(f"{dupont}/Achats/programme.exe", "MZ\n")
    old.write(f"{elegance}/Banque/relevé.txt", "relevé\n")
    old.put("007868", "Ventes/vente.txt", "vente, première\n", "--as-company")
    old.put("007868", "Ventes/retirée.txt", "retirée en ligne\n", "--as-company")
    old.put("B002", "Achats/du cabinet.txt", "déposé par le cabinet\n")
    old.run(ok=(3,))
    old.put("007868", "Ventes/vente.txt", "vente, seconde\n", "--as-company")  # a version here
    old.put("007868", "Achats/2026/facture 0.txt", "facture 0, en ligne\n")  # both sides: two versions kept
    old.write(f"{dupont}/Achats/2026/facture 0.txt", "facture 0, ici\n")
    old.write(f"{dupont}/Achats/2026/facture 1.txt", "facture 1, corrigée\n")
    old.syncd("portal", "document", "remove", portal, "007868", "Ventes/retirée.txt")
    (old.clients / dupont / "Achats" / "ôtée ici.txt").unlink()
    (old.clients / dupont / "Achats" / "à déplacer.txt").rename(old.clients / dupont / "Ventes" / "déplacée.txt")
    old.run(ok=(3,))
    told = json.loads(old.python("-c", PEOPLE, portal))
    old.syncd("portal", "client", "close", portal, "D004")
    config.write_text(
        config.read_text(encoding="utf-8").replace('first_publication = "allow"', 'first_publication = "ask"')
    )
    for n in range(25):
        old.write(f"C003 - SCI des Tilleuls/Banque/relevé {n:02}.txt", f"relevé {n}\n")
    old.run(ok=(4,))  # waits for agreement
    told["online"] = {
        code: json.loads(
            "[" + ",".join(old.syncd("portal", "document", "list", portal, code, "--json").splitlines()) + "]"
        )
        for code in ("007868", "B002", "C003")
    }
    told["here"] = {
        str(p.relative_to(old.clients)): p.read_text(encoding="utf-8")
        for p in sorted(old.clients.rglob("*")) if p.is_file() and ".syncd" not in p.parts
    }  # fmt: skip
    return dict(told)


def main() -> None:
    checkout, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "installed"
        base.mkdir()
        told = story(Old(checkout, base))
        config = base / "syncd.toml"
        config.write_text(config.read_text(encoding="utf-8").replace(str(base), "/installed"), encoding="utf-8")
        (base / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")

        def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.uid = member.gid = 0  # whoever unpacks it owns it
            member.uname = member.gname = ""
            return member

        with tarfile.open(out, "w:xz") as tar:
            tar.add(base, "installed", filter=plain)
    print(out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
