"""The one stylesheet and the one script of every page, and what deposits need, out of the small files of `styles/` and
`scripts/`: read once, sent under an address that their content names."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bundle:
    """`name`: of its address, without the extension; `parts`: file names in the order they count, without theirs."""

    name: str
    folder: str
    extension: str
    kind: str
    parts: tuple[str, ...]

    @cached_property
    def text(self) -> bytes:
        return b"".join((HERE / self.folder / f"{part}.{self.extension}").read_bytes() for part in self.parts)

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.text, mtime=0)

    @cached_property
    def version(self) -> str:
        return hashlib.sha256(self.text).hexdigest()[:16]

    @property
    def url(self) -> str:
        return f"/{self.name}.{self.extension}?v={self.version}"


STYLES = Bundle("style", "styles", "css", "text/css", (
    "tokens", "base", "layout", "buttons", "fields", "cards", "chips", "tables", "lists", "first_page", "sending", "capture", "messages", "overlays", "selection", "combobox",
    "pages", "documents", "invoices", "access", "threads", "requests", "calendar", "sales", "touch", "print",
))  # fmt: skip
SCRIPTS = Bundle("page", "scripts", "js", "text/javascript", (
    "words", "toast", "menu", "keys", "confirm", "drawer", "selection", "combobox", "live", "print", "thumbnails", "names", "base", "waiting", "install", "access_sheets", "onward", "results",
))  # fmt: skip
DEPOSIT = Bundle("deposit", "scripts", "js", "text/javascript", ("refusals", "panel", "sending", "deposit"))
PHOTO = Bundle("photo", "scripts", "js", "text/javascript", ("paper", "photos", "crop", "capture"))
PIXELS = Bundle("pixels", "scripts", "js", "text/javascript", ("pixels",))  # a worker's own
WORKER = Bundle("service-worker", "scripts", "js", "text/javascript", ("base", "service_worker"))
