"""Puts a Python for Windows together, and syncd into it: for the tests in Wine, and for the ZIP that cabinets get.

    .venv/bin/python scripts/windows/assemble.py zip DIR      what a cabinet unzips
    .venv/bin/python scripts/windows/assemble.py tests DIR    the same interpreter as a plain python.exe, with pytest

The interpreter is CPython 3.11.9 as the Python Software Foundation signed it: its DLLs lie in the wheel of panda3d, the C
runtime of Microsoft in that of msvc-runtime. The modules in Python are those of the interpreter that runs this. What is
compiled here: syncd.exe (or python.exe), and python3.dll, which hands the stable ABI's names on to python311.dll.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REQUIREMENTS = ROOT / "scripts" / "requirements"
CACHE = ROOT / ".windows" / "wheels"
CC = "x86_64-w64-mingw32-gcc"

BESIDE = ("python311.dll",)  # the program's own directory
RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")
INSIDE = (  # DLLs/
    "_asyncio.pyd", "_bz2.pyd", "_ctypes.pyd", "_decimal.pyd", "_elementtree.pyd", "_hashlib.pyd", "_lzma.pyd",
    "_multiprocessing.pyd", "_overlapped.pyd", "_queue.pyd", "_socket.pyd", "_sqlite3.pyd", "_ssl.pyd", "_uuid.pyd", "_zoneinfo.pyd",
    "pyexpat.pyd", "select.pyd", "unicodedata.pyd", "libcrypto-3.dll", "libffi-8.dll", "libssl-3.dll", "sqlite3.dll",
)  # fmt: skip
LEFT_OUT = re.compile(  # of the standard library: what the product cannot use, and what is this system's alone
    r"(__pycache__|site-packages|test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|lib-dynload|pydoc_data|distutils|venv"
    r"|config-.*|_sysconfigdata.*|.*\.so|.*\.a|.*\.pyc)"
)
OF_PYWIN32 = re.compile(  # what `syncd service` asks for: not its windows, its COM, its IIS
    r"pywin32_system32/pywintypes311\.dll|pywin32-.*|win32/(win32api|win32service|win32security|win32evtlog|servicemanager)\.pyd"
    r"|win32/lib/(pywintypes|win32serviceutil|win32con|winerror|win32timezone|ntsecuritycon)\.py"
)
PATHS = (r"Lib", r"DLLs", r"Lib\site-packages", r"Lib\site-packages\win32", r"Lib\site-packages\win32\lib")


def fetch(*names: str) -> list[Path]:
    """The wheels of requirements/windows-NAME.txt, by their digests, kept between two calls."""
    files = [REQUIREMENTS / f"windows-{name}.txt" for name in names]
    into = CACHE / hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    if not (into / "done").exists():
        into.mkdir(parents=True, exist_ok=True)
        for file in files:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                 "--require-hashes", "--only-binary=:all:", "--platform", "win_amd64", "--python-version", "3.11",
                 "--implementation", "cp", "--dest", str(into), "--requirement", str(file)],
                check=True, stderr=subprocess.DEVNULL if os.environ.get("SYNCD_QUIET") else None,
            )  # fmt: skip
        (into / "done").touch()
    return sorted(into.glob("*.whl"))


def interpreter(target: Path) -> None:
    """python311.dll and what it needs, without a program that starts it."""
    (target / "DLLs").mkdir(parents=True)
    for wheel in fetch("python"):
        with zipfile.ZipFile(wheel) as held:
            names = {
                n.lower().rpartition("/")[2]: n for n in held.namelist() if "deploy_libs/" in n or "/Scripts/" in n
            }
            for wanted, at in ((BESIDE, target), (INSIDE, target / "DLLs")):
                for name in wanted if wheel.name.startswith("panda3d") else ():
                    (at / name).write_bytes(held.read(names[name]))
            for name in RUNTIME if wheel.name.startswith("msvc") else ():
                (target / name).write_bytes(held.read(names[name]))
    stdlib = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(
        stdlib, target / "Lib", ignore=lambda _, names: [n for n in names if LEFT_OUT.fullmatch(n)], symlinks=False
    )
    (target / "Lib" / "site-packages").mkdir()
    hand_on(target / "python311.dll", target / "python3.dll")


def hand_on(whole: Path, target: Path) -> None:
    """python3.dll, which extensions of the stable ABI ask for: every name of python311.dll, found there."""
    listed = subprocess.run(
        [CC.replace("gcc", "objdump"), "-p", str(whole)], check=True, capture_output=True, text=True
    ).stdout
    names = re.findall(r"^\s+\[\s*\d+\] (?:\+base\[\s*\d+\]\s+\w+ )?(_?Py\w+)$", listed, flags=re.MULTILINE)
    assert len(names) > 1000, f"{whole}: exports not understood"
    definition = target.with_suffix(".def")
    definition.write_text("EXPORTS\n" + "".join(f"{n} = python311.{n}\n" for n in sorted(set(names))))
    compiled(target, "-shared", "-nostdlib", "-Wl,--entry,0", "-Wl,--image-base,0x180000000", str(definition))
    definition.unlink()


def compiled(target: Path, *what: str) -> None:
    """Nothing of the moment is in it: the same bytes each time."""
    subprocess.run(
        [CC, "-Os", "-s", "-Wall", "-Werror", "-static-libgcc", "-Wl,--no-insert-timestamp", "-o", str(target), *what],
        check=True,
        cwd=HERE,
    )


def program(name: str, target: Path, *more: str) -> None:
    manifest = target / "manifest.o"
    subprocess.run([CC.replace("gcc", "windres"), "syncd.rc", "-O", "coff", "-o", str(manifest)], check=True, cwd=HERE)
    compiled(target / f"{name}.exe", "-municode", f"{name}.c", str(manifest), str(target / "python311.dll"), *more)
    manifest.unlink()


def unpack(wheels: list[Path], into: Path, *, all_of_it: bool) -> None:
    for wheel in wheels:
        if wheel.name.startswith("pip-"):
            continue  # sqlite-utils' own command could install plugins with it
        with zipfile.ZipFile(wheel) as held:
            for name in held.namelist():
                parts = name.split("/")
                if wheel.name.startswith("pywin32-") and not all_of_it and not OF_PYWIN32.fullmatch(name):
                    continue
                if parts[0].endswith(".data"):
                    if parts[1] not in ("purelib", "platlib") or len(parts) < 3:
                        continue
                    name = "/".join(parts[2:])
                if name.endswith("/"):
                    continue
                at = into / name
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(held.read("/".join(parts)))


def own_wheel(into: Path) -> Path:
    """Our wheel, made anew."""
    shutil.rmtree(into, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return next(into.glob("*.whl"))


def for_tests(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    interpreter(target)
    program("python", target)
    unpack(fetch("tests"), target / "Lib" / "site-packages", all_of_it=True)
    compiled(target / "bcryptprimitives.dll", "-shared", "bcryptprimitives.c", "-ladvapi32")
    precompiled(target, target / "Lib")


def for_cabinets(target: Path, wheel: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    interpreter(target)
    program("syncd", target)
    packages = target / "Lib" / "site-packages"
    unpack([*fetch("engine"), wheel], packages, all_of_it=False)
    shutil.rmtree(packages / "syncd" / "portal")  # it runs on Linux
    shutil.copy(Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", target / "LICENCE-Python.txt")
    (target / "python311._pth").write_bytes("\r\n".join((*PATHS, "")).encode())
    precompiled(target, target / "Lib")


def precompiled(target: Path, what: Path) -> None:
    """Where it is installed nobody but an administrator writes: what is compiled is there from the beginning, and as it is."""
    subprocess.run(
        [sys.executable, "-I", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash",
         "-x", r"olefile2\.py$", "-s", str(target), str(what)],  # that one is of Python 2
        check=True, env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip


if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2]).absolute()
    if kind == "tests":
        for_tests(place)
    elif kind == "product":  # into an interpreter for the tests
        unpack([own_wheel(ROOT / ".windows" / "own")], place, all_of_it=True)
        precompiled(place.parent.parent, place / "syncd")
    else:
        for_cabinets(place, own_wheel(ROOT / ".windows" / "own"))
