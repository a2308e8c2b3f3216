"""One file to install from where there is no network: our wheel, all it needs, and their digests."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path

import wheels
from common import TOP, epoch, run

README = """\
syncd {version}, pour une machine sans accès à Internet (Linux amd64, Python 3.11).

Dans ce dossier, en tant que root :

    python3.11 -m venv /opt/syncd
    /opt/syncd/bin/pip install --no-index --find-links . --require-hashes -r requirements.txt
    ln -s /opt/syncd/bin/syncd /usr/local/bin/syncd

Sous Debian 12, préférez le paquet : il fait aussi les comptes, les répertoires et les services.
"""


def make(out: Path, wheel: Path, store: Path) -> Path:
    """`syncd-VERSION-linux-amd64.tar.gz` in `out`."""
    name = f"syncd-{wheels.version(wheel)}-linux-amd64"
    files = {p.name: p.read_bytes() for p in [wheel, *store.glob("*.whl")]}
    digest = hashlib.sha256(files[wheel.name]).hexdigest()
    lock = wheels.LOCK.read_text(encoding="utf-8")
    files["requirements.txt"] = f"./{wheel.name} --hash=sha256:{digest}\n{lock}".encode()
    for page in ("configuration.md", "scale.md"):
        files[page] = (TOP / "docs" / page).read_bytes()
    files["LISEZMOI.txt"] = README.format(version=wheels.version(wheel)).encode()
    target = out / f"{name}.tar.gz"
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, epoch()) as packed,  # wheels are compressed already
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for file in sorted(files):
            member = tarfile.TarInfo(f"{name}/{file}")
            member.size, member.mtime, member.mode = len(files[file]), epoch(), 0o644
            tar.addfile(member, io.BytesIO(files[file]))
    return target


def tried(out: Path) -> str:
    """What the program says of itself, installed as LISEZMOI.txt tells, into an environment that has nothing else.

    SystemExit when it cannot be installed from the bundle alone, a digest differs, or something it needs is not there.
    """
    (bundle,) = out.glob("syncd-*-linux-amd64.tar.gz")
    with tempfile.TemporaryDirectory() as at:
        with tarfile.open(bundle) as tar:
            tar.extractall(at, filter="data")
        (unpacked,) = Path(at).iterdir()
        fresh = Path(at) / "fresh"
        run(sys.executable, "-m", "venv", fresh)
        install = ("install", "--quiet", "--disable-pip-version-check", "--no-index", "--require-hashes")
        run(fresh / "bin/pip", *install, "--find-links", unpacked, "-r", unpacked / "requirements.txt", at=unpacked)
        run(fresh / "bin/pip", "--disable-pip-version-check", "check")
        return run(fresh / "bin/syncd", "--version").strip()
