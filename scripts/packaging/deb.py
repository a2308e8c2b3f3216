"""The Debian package: program and libraries below /usr/lib/syncd, run by Debian's Python 3.11; accounts, directories, units.

It needs no network to be installed. Some libraries are machine code: it is for amd64 alone.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import units
import wheels
from common import HERE, TOP, epoch, run

HOME = Path("usr/lib/syncd")
SITE = HOME / "lib/python3.11/site-packages"
CONFFILES = ("etc/syncd/portal.env",)
LAUNCHER = """\
#!/usr/lib/syncd/bin/python3.11 -IXutf8
import sys

from syncd.cli import main

sys.exit(main())
"""


def make(out: Path, wheel: Path, store: Path, stage: Path) -> Path:
    """`syncd_VERSION_amd64.deb` in `out`."""
    version = wheels.version(wheel)
    own = delivered(version)
    _program(stage, wheel, store)
    _system(stage, own)
    _control(stage, own)
    for path in (stage, *stage.rglob("*")):
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)
    target = out / f"syncd_{version}_amd64.deb"
    run("dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zzstd", "-z3", "--build", stage, target)
    return target


def delivered(version: str) -> str:
    """The package's version: the program's, and the commit's moment. Of two packages of one version apt would take the
    second for the first, and install nothing.
    """
    return f"{version}+{datetime.fromtimestamp(epoch(), UTC):%Y%m%d.%H%M%S}"


def _program(stage: Path, wheel: Path, store: Path) -> None:
    """A private environment: nothing else on the machine sees it, and it sees nothing but Python itself."""
    site = stage / SITE
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--find-links", store,
        "--require-hashes", "--no-deps", "--no-compile", "--target", site, "-r", wheels.LOCK,
    )  # fmt: skip
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-compile",
        "--target", site, wheel,
    )  # fmt: skip
    shutil.rmtree(site / "bin", ignore_errors=True)
    for unused in (site / "pip", *site.glob("pip-*.dist-info"), *_other_languages(site / "django")):
        shutil.rmtree(unused)
    for said in (*site.glob("*.dist-info/direct_url.json"), *site.glob("*.dist-info/RECORD")):
        said.unlink()  # where this was put together; dpkg keeps the list of files
    binaries = stage / HOME / "bin"
    binaries.mkdir()
    (binaries / "python3.11").symlink_to("/usr/bin/python3.11")
    (binaries / "python").symlink_to("python3.11")
    _write(binaries / "syncd", LAUNCHER, 0o755)
    _write(stage / HOME / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n")
    for path in site.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    run(  # the account that runs it may write none of it; never asked whether a source changed
        sys.executable, "-m", "compileall", "-q", "-s", stage, "-p", "/", "--invalidation-mode=unchecked-hash",
        "-x", r"olefile2\.py$", site,  # of Python 2: its own package keeps it for others
    )  # fmt: skip


def _other_languages(django: Path) -> list[Path]:
    """Four thousand files that nobody reads: the portal speaks French and English."""
    return [p for p in django.rglob("locale/*") if p.is_dir() and p.name.split("_")[0] not in ("fr", "en")]


def _system(stage: Path, version: str) -> None:
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/syncd").symlink_to("../lib/syncd/bin/syncd")
    for name, text in units.all_of_them().items():
        _write(stage / "lib/systemd/system" / name, text)
    _write(stage / "etc/syncd/portal.env", (HERE / "debian/portal.env").read_text(encoding="utf-8"))
    doc = stage / "usr/share/doc/syncd"
    shutil.copytree(TOP / "docs/manuel", doc / "manuel")
    for name in ("configuration.md", "scale.md"):
        shutil.copy(TOP / "docs" / name, doc)
    _write(doc / "copyright", (HERE / "debian/copyright").read_text(encoding="utf-8"))
    changes = f"syncd ({version}) bookworm; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- syncd <root@localhost>  {run('date', '-Ru', '-d', f'@{epoch()}')}"
    for name, said in (("CHANGELOG.md.gz", (TOP / "CHANGELOG.md").read_bytes()), ("changelog.gz", changes.encode())):
        (doc / name).write_bytes(gzip.compress(said, 9, mtime=0))
    completion = run(TOP / ".venv/bin/syncd", _SYNCD_COMPLETE="bash_source")
    _write(stage / "usr/share/bash-completion/completions/syncd", completion)
    for path in doc.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _control(stage: Path, version: str) -> None:
    control = stage / "DEBIAN"
    size = sum(-(-p.lstat().st_size // 1024) for p in stage.rglob("*") if not p.is_dir())
    text = (HERE / "debian/control").read_text(encoding="utf-8")
    _write(control / "control", text.replace("@version@", version).replace("@size@", str(size)))
    _write(control / "conffiles", "".join(f"/{c}\n" for c in CONFFILES))
    for script in ("postinst", "prerm", "postrm"):
        _write(control / script, (HERE / "debian" / script).read_text(encoding="utf-8"), 0o755)
    files = sorted(p for p in stage.rglob("*") if p.is_file() and not p.is_symlink() and control not in p.parents)
    digests = (f"{hashlib.md5(p.read_bytes()).hexdigest()}  {p.relative_to(stage)}\n" for p in files)
    _write(control / "md5sums", "".join(d for d in digests if d.split("  ")[1].strip() not in CONFFILES))


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
