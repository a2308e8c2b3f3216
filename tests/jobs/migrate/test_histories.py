"""Migrations, passes and people at once, and kills between any two steps: in the end both sides are the same, nothing is lost,
`verify` agrees, and each document of before is at its client, once."""

from __future__ import annotations

import asyncio
import hashlib
import random
from pathlib import Path

import pytest

from syncd.core.paths import key
from syncd.core.verdicts import Verdict
from syncd.engine import Ports
from syncd.engine.maintenance.verify import prove
from syncd.jobs.migrate.values import Gate
from syncd.local.mirror import DiskMirror
from tests.jobs.migrate.office import Office
from tests.jobs.migrate.test_killed import Killed, Killing

CODES = ("001", "002")
PLACES = ("2025/Achats", "Achats/2024", "Juridique", "2025/Social/Paie/Martin", "2022/Achats", "Divers", "2019/Achats")
NAMES = ("a.pdf", "A.PDF", "b.pdf", "CON.pdf", "e\u0301.pdf", "\u00e9.pdf", "vide.pdf", "x.exe")


class History:
    """Everything from its seed. `taken`: contents that are to be at a client in the end."""

    def __init__(self, base: Path, seed: int) -> None:
        self.office, self.rng = Office(base, CODES), random.Random(seed)
        self.contents: set[tuple[str, bytes]] = set()

    def act(self) -> None:
        self.rng.choice(
            (self.grow, self.grow, self.launch, self.launch, self.killed, self.run, self.person, self.online)
        )()

    def grow(self) -> None:
        """The old tree is still worked in. A document that was there once stays."""
        code, rng = self.rng.choice(CODES), self.rng
        place, name = rng.choice(PLACES), rng.choice(NAMES)
        data = b"" if name == "vide.pdf" else b"old %d" % rng.randrange(12)
        if (self.office.old / code / place / name).exists():
            return
        self.office.write(f"{code}/{place}/{name}").write_bytes(data)
        if data and name != "x.exe" and place not in ("2022/Achats", "Divers", "2019/Achats"):
            self.contents.add((code, data))

    def launch(self) -> None:
        budget = self.rng.choice((None, 0.0))
        self.office.migrate(agreed=self.rng.random() < 0.5, gate=Gate(budget))

    def killed(self) -> None:
        self.office.wrap = Killing(self.rng.randint(1, 25)).around
        try:
            self.office.migrate(agreed=True)
        except Killed:
            pass
        finally:
            self.office.wrap = lambda parts: parts

    def run(self) -> None:
        self.office.lab.run()

    def person(self) -> None:
        """Saves, or moves, at the cabinet."""
        lab, rng, code = self.office.lab, self.rng, self.rng.choice(CODES)
        place = rng.choice(("Achats/2025", "Juridique", "Achats/2024"))
        here = sorted(self.office.here(code))
        if here and rng.random() < 0.4:
            lab.run()  # moved before any pass saw it, its content is nowhere that a migration looks: it may come twice
            lab.rename(rng.choice(here), f"{place}/moved {rng.randrange(9)}.pdf", code)
        else:
            path = f"{place}/{rng.choice(NAMES[:3])}"
            self._theirs(code, path)
            lab.write(path, b"of a person %d" % rng.randrange(10**6), code)

    def online(self) -> None:
        code, path = self.rng.choice(CODES), f"Achats/2025/{self.rng.choice(NAMES[:3])}"
        self._theirs(code, path)
        self.office.lab.deposit(path, b"deposit %d" % self.rng.randrange(10**6), code)

    def _theirs(self, code: str, path: str) -> None:
        """A person writes over what lies there, on either side: it is a former version from now on."""
        for held in (self.office.here(code), self.office.online(code)):
            self.contents -= {(code, data) for at, data in held.items() if key(at) == key(path)}

    def ports(self) -> Ports:
        lab = self.office.lab
        return Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)

    def end(self) -> None:
        office = self.office
        for _ in range(60):
            if office.migrate().verdict is not Verdict.BUDGET:
                break
        office.lab.check()
        again = office.migrate()
        assert sum(c.copied + c.already for c in again.clients) == 0
        for code in CODES:
            held = [hashlib.sha256(data).hexdigest() for data in office.here(code).values()]
            for of, data in self.contents:
                if of == code:
                    assert held.count(hashlib.sha256(data).hexdigest()) == 1, (code, data)
        proofs = asyncio.run(prove(self.ports(), office.lab.settings, deep=True))
        assert all(proof.same for proof in proofs)


@pytest.mark.parametrize("seed", range(10))
def test_a_history(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.jobs.migrate.batch.MOST", 3)
    history = History(tmp_path, seed)
    for _ in range(25):
        history.act()
    before = history.office.digests()
    history.end()
    assert history.office.digests() == before
    history.office.close()
