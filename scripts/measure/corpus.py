"""Seeded trees of documents: the same bytes in every run, so that figures of different days speak of the same work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ["Achats", "Ventes", "Banque", "Fiscalité/TVA", "Juridique"]
EACH = 500  # documents of a client
SEED = 2026


def codes(documents: int) -> list[str]:
    """Of every client that `documents` go to: the last one may have fewer than EACH."""
    return [f"{n:06}" for n in range(max(1, -(-documents // EACH)))]


def directory(code: str) -> str:
    return f"{code} - Client {code}"


def documents(count: int, least: int, most: int, seed: int = SEED) -> Iterator[tuple[str, str, bytes]]:
    """(code, path inside the client, bytes): `count` documents of `least` to `most` bytes, spread evenly."""
    rng = random.Random(seed)
    for n in range(count):
        inside = n % EACH if count >= EACH else n
        code = f"{n // EACH if count >= EACH else 0:06}"
        path = f"{FOLDERS[inside % len(FOLDERS)]}/20{20 + inside // 50 % 7}/Facture n° {inside:04} – été.pdf"
        yield code, path, rng.randbytes(rng.randint(least, most))


def write(root: Path, count: int, least: int, most: int, seed: int = SEED) -> None:
    """The tree of a cabinet below `root`, one directory a client."""
    made: set[Path] = set()
    for code, path, data in documents(count, least, most, seed):
        target = root / directory(code) / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(data)
