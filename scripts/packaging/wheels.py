"""Our wheel, and those it needs: each with the digest it has in the lock."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from common import TOP, run

LOCK = TOP / "scripts" / "requirements" / "portal.txt"
OLDEST_GLIBC, NEWEST_GLIBC = 5, 36  # Debian 12 has 2.36


def own(out: Path) -> Path:
    """Our wheel in `out`."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out.absolute())
    (wheel,) = out.glob("syncd-*.whl")
    return wheel


def version(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def needed() -> Path:
    """A directory with every wheel of the lock, for Python 3.11 on Linux amd64, each with the digest the lock says.

    Kept beside what `./scripts/setup` installed, until the lock changes.
    """
    above = TOP / ".venv" / "wheels"
    store = above / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    if store.exists():
        return store
    shutil.rmtree(above, ignore_errors=True)
    above.mkdir()
    new = Path(tempfile.mkdtemp(dir=above))
    platforms = [f"manylinux_2_{n}_x86_64" for n in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)]
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps",
        "--only-binary=:all:", "--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=abi3", "--abi=none",
        *(f"--platform={p}" for p in (*platforms, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64")),
        "-r", LOCK, "-d", new,
    )  # fmt: skip
    new.chmod(0o755)
    return new.rename(store)
