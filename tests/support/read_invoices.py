"""`./scripts/invoices DIR`: what is read of a folder of invoices, and whether damaged copies harm anything but themselves."""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import time
from collections import Counter
from pathlib import Path

import msgspec

from syncd.core.invoices import Facts
from syncd.portal.readers import validity, worker_client
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from tests.support.invoices import flipped

COPIES = 10


def ask(data: bytes) -> Facts | str:
    """What it says, or what became of it: none, too much, busy."""
    try:
        return msgspec.json.decode(reader().ask("facts", io.BytesIO(data), seconds=10.0), type=Facts)
    except Unreadable:
        return "none"
    except TooMuch:
        return "too much"
    except Busy:
        return "busy"


def memory() -> int:
    """Kilobytes of the process that makes the readers, and of this one."""
    process = reader()._process
    assert process is not None
    return sum(_resident(pid) for pid in (os.getpid(), process.pid))


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--validity", action="store_true", help="whether each is valid, and nothing else")
    asked.add_argument("--reads", type=int, default=0, help="so many more reads, to see whether memory grows")
    given = asked.parse_args()
    files = [p for p in sorted(given.folder.rglob("*")) if p.suffix.lower() in (".xml", ".pdf")]
    if given.validity:
        return _validity(files)
    before = {p: hashlib.sha256(p.read_bytes()).digest() for p in files}
    fates, readable, slowest = Counter[str](), 0, 0.0
    for path in files:
        began = time.monotonic()
        found = ask(path.read_bytes())
        slowest = max(slowest, time.monotonic() - began)
        if isinstance(found, Facts) and found.readable:
            readable += 1
            print(f"{path.name}: {found.form} {found.number} {found.issued} {found.gross} {found.currency}")
        else:
            print(f"{path.name}: {found if isinstance(found, str) else f'{found.form}, incomplete'}")
        for seed in range(COPIES):
            of_copy = ask(flipped(path.read_bytes(), seed))
            fates[of_copy if isinstance(of_copy, str) else "read"] += 1
    print(f"\n{readable} of {len(files)} files give number, date and total; slowest {slowest * 1000:.0f} ms")
    print(f"damaged copies: {dict(fates)}")
    if given.reads:
        _repeat(files, given.reads)
    reader().stop()
    return 1 if fates["busy"] or any(hashlib.sha256(p.read_bytes()).digest() != was for p, was in before.items()) else 0


def _validity(files: list[Path]) -> int:
    """A line each: the file, seconds, and of each part what was found."""
    valid = 0
    for path in files:
        began = time.monotonic()
        with path.open("rb") as source:
            found = validity.check(source)
        valid += found.valid
        parts = [
            f"{c.against or c.part}: {c.why or ('valid' if c.valid else 'invalid')} {' '.join({f.rule for f in c.findings if not f.warning})}"
            for c in found.checks
        ]
        print(f"{path.name} {time.monotonic() - began:.1f} s; {'; '.join(parts)}")
    print(f"\n{valid} of {len(files)} files are valid in every part")
    worker_client.stop()
    return 0


def _repeat(files: list[Path], reads: int) -> None:
    begun = memory()
    for n in range(reads):
        ask(files[n % len(files)].read_bytes())
    print(f"memory before {reads} more reads {begun / 1000:.1f} MB, after {memory() / 1000:.1f} MB")


if __name__ == "__main__":
    raise SystemExit(main())
