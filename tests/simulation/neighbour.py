"""A hostile neighbour in the mirror: whoever may write in a client's directory plants links, fifos and markers, and swaps
directories for links to what is none of the engine's business, between any two steps of a run.

`victim` is a tree outside the mirror with names like those inside: whatever is read, written, moved or removed there by
mistake is seen. When the neighbour leaves, everything is put back as an administrator would.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

HUGE = b"[" * 200_000
MARKERS = (HUGE, b"[]", b'{"generation": 1e999}', b'{"client": "x", "generation": %d}' % 10**40, b"\xff\xfe", b"")
FOLDERS = ("Achats/2025", "Achats/2025/Q1", "Ventes/x", "Achats", "Ventes")
ENGINES = (".syncd", ".syncd/tmp", ".syncd/replaced")
Seen = dict[str, tuple[int, int, bytes]]


@dataclass
class Planted:
    """What stands at a place that was another's: known by its inode, wherever it goes. `parked`: what was there."""

    client: Path
    inode: int
    parked: Path | None
    place: str


class Neighbour:
    def __init__(self, base: Path, root: Path, rng: random.Random) -> None:
        self.root, self.rng = root, rng
        self.victim, self._aside = base / "victim", base / "aside"
        self._aside.mkdir()
        for place in ("", "tmp", "replaced", *FOLDERS):
            for name in ("a.pdf", "b.pdf", "client.json", "supp_a.pdf"):
                at = self.victim / place / name
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(b"secret of the neighbour's: " + f"{place}/{name}".encode())
        self._planted: list[Planted] = []
        self._count = 0
        self._before = self._look()

    def is_at(self, client: Path) -> bool:
        """Whether something of this client's is swapped now: no honest program of ours goes in meanwhile."""
        return any(p.client == client for p in self._planted)

    def act(self) -> str:
        """One thing; its kind, '' when nothing was there to do it with."""
        clients = [d for d in self.root.iterdir() if d.name[:1].isdigit() and not self.is_at(d)]
        if not clients or (self._planted and self.rng.random() < 0.5):
            kind = "leaves" if self._planted else ""
            self.leave()
            return kind
        client = self.rng.choice(sorted(clients))
        kind = self.rng.choice(("link", "fifo", "marker", "folder", "folder", "engine", "engine", "client"))
        match kind:
            case "link":
                self._new(client, self.rng.choice(FOLDERS) + self.rng.choice(("/a.pdf", "/n.pdf", "/deep")), kind)
            case "fifo":
                self._new(client, self.rng.choice(FOLDERS) + "/f.pdf", kind)
            case "marker":
                self._swap(client, ".syncd/client.json", self.rng.choice(("link", "fifo", "bytes", "bytes", "bytes")))
            case "folder":
                self._swap(client, self.rng.choice(FOLDERS), "link")
            case "engine":
                self._swap(client, self.rng.choice(ENGINES), "link")
            case "client":
                self._swap(client, "", "link")
        return kind

    def leave(self) -> None:
        """Everything is as it was, but for what the engine did meanwhile."""
        for planted in reversed(self._planted):
            at = self._find(planted)
            if at is not None:
                at.unlink()
            if planted.parked is not None:
                to = at if at is not None else planted.client / planted.place
                if os.path.lexists(to):  # a marker that was written anew: the one from before counts
                    to.unlink() if not to.is_dir() else shutil.rmtree(to)
                planted.parked.rename(to)
        self._planted = []

    def unharmed(self) -> None:
        """Nothing outside was read into a document, written, moved or removed."""
        now = self._look()
        assert now == self._before, f"outside the mirror: {sorted(set(now.items()) ^ set(self._before.items()))[:4]}"

    def _new(self, client: Path, place: str, kind: str) -> None:
        at = client / place
        if at.parent.is_dir() and not os.path.lexists(at):
            self._plant(client, place, at, kind, None)

    def _swap(self, client: Path, place: str, kind: str) -> None:
        at = client / place if place else client
        if not os.path.lexists(at) or at.is_symlink():
            return
        self._count += 1
        parked = self._aside / str(self._count)
        at.rename(parked)
        self._plant(client, place, at, kind, parked)

    def _plant(self, client: Path, place: str, at: Path, kind: str, parked: Path | None) -> None:
        if kind == "fifo":
            os.mkfifo(at)
        elif kind == "bytes":
            at.write_bytes(self.rng.choice(MARKERS))
        else:
            to = self.victim / place.removeprefix(".syncd").strip("/")
            at.symlink_to(to if to.exists() else self.victim)
        self._planted.append(Planted(client, at.lstat().st_ino, parked, place))

    def _find(self, planted: Planted) -> Path | None:
        """Where it is now: the folder it lies in may have been moved meanwhile."""
        for directory, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                at = Path(directory, name)
                with contextlib.suppress(FileNotFoundError):
                    if at.lstat().st_ino == planted.inode and self._ours(at):
                        return at
        return None

    def _ours(self, at: Path) -> bool:
        """An inode alone is soon another's."""
        if at.is_symlink():
            return at.readlink().is_relative_to(self.victim)
        return at.is_fifo() or (at.name == "client.json" and at.read_bytes() in MARKERS)

    def _look(self) -> Seen:
        found: Seen = {}
        for at in self.victim.rglob("*"):
            st = at.lstat()
            found[str(at.relative_to(self.victim))] = (
                st.st_mode, st.st_mtime_ns, at.read_bytes() if at.is_file() else b""
            )  # fmt: skip
        return found
