"""The archive a cabinet unzips on Windows: `zip.py OUT WHEEL` writes OUT/syncd-VERSION-windows-x64.zip, the same each time."""

from __future__ import annotations

import platform
import sys
import tempfile
import time
import zipfile
from os import environ
from pathlib import Path

import assemble


def main(out: Path, wheel: Path) -> None:
    version = wheel.name.split("-")[1]
    with tempfile.TemporaryDirectory() as place:
        top = Path(place) / "syncd"
        assemble.for_cabinets(top, wheel)
        text = (assemble.HERE / "LISEZMOI.txt").read_text(encoding="utf-8")
        text = text.replace("@version@", version).replace("@stdlib@", platform.python_version())
        (top / "LISEZMOI.txt").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))  # Notepad of 2016 needs both
        packed(top, out / f"syncd-{version}-windows-x64.zip")


def packed(top: Path, target: Path) -> None:
    moment = max(int(environ.get("SOURCE_DATE_EPOCH", "1577836800")), 315532800)
    when = time.gmtime(moment)[:6]
    with zipfile.ZipFile(target, "w") as made:
        for path in sorted(p for p in top.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{top.name}/{path.relative_to(top).as_posix()}", when)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            made.writestr(entry, path.read_bytes(), compresslevel=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
