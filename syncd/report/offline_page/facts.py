"""What the cabinet writes into a company's page."""

from __future__ import annotations

import msgspec

from syncd.core.packages.manifest import Folder


class PageFacts(msgspec.Struct, frozen=True):
    """`sender`, `colour`: the cabinet as its clients know it. `key`, `age`: its public keys. `number`: of the company's last package that was
    dealt with, 0 for none."""

    cabinet: str
    client: str
    code: str
    name: str
    sender: str
    colour: str
    key: str
    age: str
    language: str = "fr"
    number: int = 0
    tree: tuple[Folder, ...] = ()
