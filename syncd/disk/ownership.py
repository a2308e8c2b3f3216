"""Whose a document is and who may use it, as its system keeps that."""

from __future__ import annotations

import msgspec


class Belonging(msgspec.Struct, frozen=True):
    """`owner`: None is the engine's account. `access`: an access list as the disk holds it, b"": none but the mode."""

    mode: int
    group: int
    owner: int | None = None
    access: bytes = b""
