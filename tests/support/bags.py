"""Bags as a stranger checks them, and retrievals from a portal in memory."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from syncd.core.bag.layout import Choice
from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import Caller, GetItem
from syncd.jobs.retrieve import planning, target
from syncd.jobs.retrieve.bags import Bags, Outcome, Printed
from syncd.jobs.retrieve.ledger import Asked, Ledger
from syncd.ports.remote import Sink, Take
from syncd.wiring import assembly
from tests.support.memory_portal import MemoryPortal, MemoryRemote

PARIS = ZoneInfo("Europe/Paris")
ME = Caller("engine", "machine", "instance", lease=False)
ALL = Choice()
CODE, NAME = "007868", "SARL Dupont"


class CountingRemote(MemoryRemote):
    """Which versions it gave, and how often. `before`: called before each document that is given."""

    def __init__(self, portal: MemoryPortal) -> None:
        super().__init__(portal)
        self.given = Counter[str]()
        self.before: Callable[[str], None] = lambda version: None

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        def counted(item: GetItem, data: bytes) -> None:
            self.before(item.version_id)
            self.given[item.version_id] += 1
            take(item, data)

        await super().get(items, counted)

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        """By way of `get`."""
        return await sink.offset() == item.content.size or await super().get_large(item, sink)


@dataclass
class Office:
    """A portal with a client, and where its bags go."""

    to: Path
    portal: MemoryPortal = field(default_factory=MemoryPortal)
    exclude: frozenset[str] = frozenset()
    file_system: str = "ext4"
    journal: bytes = b""
    _odd: int = 0

    def __post_init__(self) -> None:
        self.remote = CountingRemote(self.portal)
        self.client = self.add(CODE, NAME)

    def add(self, code: str, name: str, *folders: FolderRule) -> str:
        return self.portal.add_client(code, name, folders or (FolderRule("Achats"), FolderRule("Ventes")))

    def put(self, path: str, data: bytes = b"", client: str = "") -> None:
        done = self.portal.deposit(client or self.client, path, data or path.encode())
        assert done.ok, done

    def put_as(self, path: str, data: bytes = b"") -> None:
        """A name that today's rules refuse, as older documents have them."""
        self._odd += 1
        at = f"Achats/{self._odd:032}.pdf"
        self.put(at, data or path.encode())
        stored = self.portal.spaces[self.client].live(at)
        assert stored is not None
        stored.doc = replace(stored.doc, path=unicodedata.normalize("NFC", path))

    def retrieve(
        self, choice: Choice = ALL, *, zipped: bool = False, part_size: int = 0, clients: tuple[str, ...] = (),
        stopping: Callable[[], int] = lambda: 0, meanwhile: Callable[[], object] = lambda: None,
    ) -> list[Outcome]:  # fmt: skip
        """As the command does it. `meanwhile`: happens when everything was planned."""
        asked = Asked(clients=clients, everybody=not clients, choice=choice, zipped=zipped, part_size=part_size)

        async def work() -> list[Outcome]:
            with target.opened(self.to, self.file_system) as place:
                begun = await planning.plan(
                    self.remote, ME, self.portal.cabinet, asked, place, self.exclude, lambda done, of: None
                )
                ledger = Ledger(place.work)
                begun = planning.agreed(ledger, begun)
                meanwhile()
                at = datetime(2026, 11, 21, 14, 3, tzinfo=PARIS)
                printed = Printed("Cabinet Martin", at, lambda code: self.journal)
                bags = Bags(self.remote, place, begun, printed, assembly.sink, stopping, lambda size: None)
                ended = [await bags.client(c) for c in begun.clients]
                if not any(e.missing for e in ended):
                    ledger.clear()
                return ended

        return asyncio.run(work())

    @property
    def bag(self) -> Path:
        return self.to / f"{CODE} - {NAME}"

    def rot(self, path: str) -> Callable[[], None]:
        """The current version's bytes are damaged at the portal; what is returned heals them."""
        stored = self.portal.spaces[self.client].live(path)
        assert stored is not None
        good = stored.versions[-1]
        stored.versions[-1] = b"rotten"

        def heal() -> None:
            stored.versions[-1] = good

        return heal

    def withdraw(self, path: str) -> None:
        stored = self.portal.spaces[self.client].live(path)
        assert stored is not None
        stored.withdrawn = True
        stored.doc = replace(stored.doc)


def documents(bag: Path) -> dict[str, bytes]:
    """By place below `data/`."""
    data = bag / "data"
    return {p.relative_to(data).as_posix(): p.read_bytes() for p in data.rglob("*") if p.is_file()}


def unpacked(archive: Path, into: Path) -> Path:
    with zipfile.ZipFile(archive) as z:
        assert z.testzip() is None
        z.extractall(into)
    return into / archive.name.removesuffix(".zip")


def proved(bag: Path) -> None:
    """By coreutils."""
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=bag, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout


def check(bag: Path, *, by_coreutils: bool = True) -> None:
    """By RFC 8493 as we read it, and every link of the page."""
    if by_coreutils:
        proved(bag)
    assert (bag / "bagit.txt").read_bytes() == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = {f"data/{place}": data for place, data in documents(bag).items()}
    assert _listed(bag / "manifest-sha256.txt") == {p: hashlib.sha256(d).hexdigest() for p, d in payload.items()}
    tags = [p for p in bag.rglob("*") if p.is_file() and (bag / "data") not in p.parents]
    rest = {p.relative_to(bag).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in tags}
    del rest["tagmanifest-sha256.txt"]
    assert _listed(bag / "tagmanifest-sha256.txt") == rest
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}"
    assert oxum in (bag / "bag-info.txt").read_text(encoding="utf-8").splitlines()
    assert {unquote(link) for link in links(bag)} == payload.keys()


def links(bag: Path) -> list[str]:
    """Where `index.html` leads, but for places in the page itself."""
    page = _Links()
    page.feed((bag / "index.html").read_text(encoding="utf-8"))
    return [link for link in page.found if not link.startswith("#")]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def _listed(manifest: Path) -> dict[str, str]:
    rows = [line.split("  ", 1) for line in manifest.read_text(encoding="utf-8").split("\n")[:-1]]
    return {place.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"): digest for digest, place in rows}
