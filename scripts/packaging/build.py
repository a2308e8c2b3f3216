"""Makes what a cabinet installs from: `scripts/package [--out dist] [--only PART …] [--check]`.

Parts: the wheel, the Debian package, the bundle for a machine without a network, the portal's Containerfile, Windows'
archive where its script is there. What is made twice of one commit is the same, byte for byte (`--check` makes it twice,
and installs from the bundle alone).
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import bundle
import deb
import wheels
from common import HERE, TOP, run

PARTS = ("wheel", "bundle", "deb", "container", "windows")
OURS = ("syncd-*.whl", "syncd-*.tar.gz", "syncd-*.zip", "syncd_*.deb", "Containerfile", "SHA256SUMS")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--out", type=Path, default=TOP / "dist", help="the directory to make; an earlier delivery in it is replaced"
    )
    options.add_argument("--only", action="append", choices=PARTS, help="only this part (may be given again)")
    options.add_argument(
        "--check", action="store_true", help="make everything twice and compare; install from the bundle"
    )
    given = options.parse_args()
    os.environ.setdefault("SOURCE_DATE_EPOCH", _commit_time())
    os.environ["PYTHONHASHSEED"] = "0"
    os.umask(0o022)
    parts = given.only or PARTS
    make(given.out.absolute(), parts)
    if given.check:
        with tempfile.TemporaryDirectory() as again:
            make(Path(again), parts)
            names = sorted(p.name for p in given.out.iterdir())
            _, differ, missing = filecmp.cmpfiles(given.out, again, names, shallow=False)
            if differ or missing:
                print(f"package: made twice, these differ: {', '.join(differ + missing)}", file=sys.stderr)
                return 1
            print("made twice, the same")
        if "bundle" in parts:
            print(f"installed from the bundle alone: {bundle.tried(given.out)}")
    return 0


def make(out: Path, parts: tuple[str, ...] | list[str]) -> None:
    empty(out)
    wheel = wheels.own(out)
    if {"bundle", "deb"} & set(parts):
        store = wheels.needed()
        if "bundle" in parts:
            bundle.make(out, wheel, store)
        if "deb" in parts:
            with tempfile.TemporaryDirectory() as stage:
                deb.make(out, wheel, store, Path(stage) / "syncd")
    if "container" in parts:
        version = wheels.version(wheel)
        text = (HERE / "Containerfile").read_text(encoding="utf-8").replace("@version@", version)
        (out / "Containerfile").write_text(text, encoding="utf-8")
    windows = HERE / "windows"
    if "windows" in parts and windows.exists():
        run(windows, out, wheel)
    sums = "".join(f"{_sha256(p)}  {p.name}\n" for p in sorted(out.iterdir()) if p.name != "SHA256SUMS")
    (out / "SHA256SUMS").write_text(sums, encoding="utf-8")
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:>11,}  {path.name}")


def empty(out: Path) -> None:
    """`out` is there, and what an earlier delivery left in it is gone. SystemExit where it holds anything else."""
    out.mkdir(parents=True, exist_ok=True)
    held = sorted(out.iterdir())
    others = [p.name for p in held if p.is_symlink() or not p.is_file() or not any(map(p.match, OURS))]
    if others:
        raise SystemExit(
            f"package: '{out}' holds what no delivery left there ({', '.join(others[:3])}): nothing was removed. "
            "Name a new directory with --out."
        )
    for path in held:
        path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _commit_time() -> str:
    done = subprocess.run(["git", "-C", TOP, "log", "-1", "--format=%ct"], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "1577836800"  # no checkout: a fixed day


if __name__ == "__main__":
    sys.exit(main())
