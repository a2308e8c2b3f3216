"""The archive that a cabinet unzips: it starts, sets itself up, runs, and holds nothing that Windows itself lacks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import assemble
import pytest
from filelock import FileLock

from tests.e2e.world import CODE, World
from tests.windows import wine

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def unzipped(_windows: wine.Windows, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    shared = tmp_path_factory.getbasetemp().parent if worker_id != "master" else tmp_path_factory.getbasetemp()
    place = shared / "zip"
    with FileLock(shared / "zip.lock"):  # the first worker makes it
        if not (place / "done").exists():
            place.mkdir()
            subprocess.run([wine.ROOT / "scripts/packaging/windows", place, _wheel()], check=True)
            with zipfile.ZipFile(_archive(place)) as held:
                held.extractall(place / "Program Files")
            (place / "done").touch()
    return place / "Program Files" / "syncd"


def _wheel() -> Path:
    return next((wine.PLACE / "own").glob("*.whl"))


def _archive(place: Path) -> Path:
    (made,) = place.glob("syncd-*-windows-x64.zip")
    return made


def said(program: Path, *words: object) -> tuple[int, str]:
    done = wine.wine(str(program), *(wine.outward(str(w)) for w in words), cwd=program.parent)
    return done.code, done.out + done.err


def test_it_starts_sets_itself_up_and_runs(unzipped: Path, pristine: Path, tmp_path: Path) -> None:
    program = unzipped / "syncd.exe"
    code, text = said(program, "--version")
    assert code == 0 and text.startswith("syncd, version ")
    world = World(tmp_path, pristine.parent, clone=False)  # a portal that no engine knows yet
    try:
        root, new = tmp_path / "D" / "Clients", tmp_path / "C" / "syncd.toml"
        code, text = said(
            program, "init", "--root", root, "--state", tmp_path / "C" / "memoire", "--logs", tmp_path / "D" / "Journaux",
            "--portal", world.url, "--token-file", world.token, "--out", new, "--first-publication", "allow",
        )  # fmt: skip
        assert code == 0 and "Prêt" in text, text
        world.put("Ventes/é.pdf", "deposited")
        code, text = said(program, "--config", new, "run")
        assert code == 0, text
        (client,) = (p for p in root.iterdir() if p.name.startswith(CODE))
        assert (client / "Ventes" / "é.pdf").read_bytes() == b"deposited"
    finally:
        world.close()


def test_what_is_beside_it_is_all_that_it_takes(unzipped: Path, tmp_path: Path) -> None:
    """No Python of the machine, no variable of the session, no module of the working directory."""
    (tmp_path / "click.py").write_text("raise SystemExit(99)")
    done = wine.wine(
        str(unzipped / "syncd.exe"),
        "--version",
        cwd=tmp_path,
        env={"PYTHONPATH": "Z:" + str(tmp_path), "PYTHONHOME": "Z:\\none"},
    )
    assert done.code == 0, done.out + done.err
    files = {p.relative_to(unzipped).as_posix() for p in unzipped.rglob("*") if p.is_file()}
    assert not [f for f in files if f.startswith("Lib/site-packages/syncd/portal/")]
    assert not {"bcryptprimitives.dll", "python.exe"} & files and "LISEZMOI.txt" in files


def test_all_libraries_are_signed_but_the_two_that_are_made_here(unzipped: Path) -> None:
    unsigned = []
    for path in (*unzipped.glob("*.*"), *(unzipped / "DLLs").iterdir()):
        if path.suffix in (".dll", ".pyd", ".exe"):
            data = path.read_bytes()
            if not re.search(rb"Python Software Foundation|Microsoft Code Signing PCA", data):
                unsigned.append(path.name)
    assert sorted(unsigned) == ["python3.dll", "syncd.exe"], unsigned


def test_every_library_finds_what_it_asks_for(unzipped: Path) -> None:
    """In the archive, or among those that Windows Server 2016 has."""
    own = {p.name.lower() for p in unzipped.rglob("*") if p.suffix in (".dll", ".pyd")}
    windows = re.compile(
        r"(kernel32|ntdll|advapi32|user32|ws2_32|shell32|ole32|oleaut32|rpcrt4|crypt32|secur32|version|iphlpapi|bcrypt|bcryptprimitives"
        r"|msvcrt|shlwapi|winmm|gdi32|comctl32|pdh|psapi|netapi32|mpr|winspool\.drv|rasapi32|wtsapi32|setupapi|credui|userenv|propsys"
        r"|ntdsapi|odbc32|loadperf|powrprof|activeds|comdlg32|imm32|api-ms-win-crt-[\w-]+|api-ms-win-core-[\w-]+)(\.dll|\.drv)?"
    )
    lacking = dict[str, str]()
    for path in unzipped.rglob("*"):
        if path.suffix in (".dll", ".pyd", ".exe"):
            listed = subprocess.run(
                [assemble.CC.replace("gcc", "objdump"), "-p", path], check=True, capture_output=True, text=True
            ).stdout
            for name in re.findall(r"DLL Name: (\S+)", listed):
                if name.lower() not in own and not windows.fullmatch(name.lower()):
                    lacking.setdefault(name, path.name)
    assert not lacking, lacking


@pytest.mark.skipif(not os.environ.get("SYNCD_EVERY"), reason="twice as long: ./scripts/test-windows")
def test_the_same_each_time(unzipped: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, wine.ROOT / "scripts/windows/zip.py", tmp_path, _wheel()], check=True)
    assert _archive(tmp_path).read_bytes() == _archive(unzipped.parent.parent).read_bytes()
