"""Windows as far as Wine is it: the interpreter, its environment, and an engine in it that is told our paths.

Wine shows this system's root as drive Z:. What goes in gets the letter, what comes out loses it, and a configuration is
rewritten before each command: the test that tells the story need not know.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.e2e.world import Outcome

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".windows"
PYTHON = PLACE / "python" / "python.exe"
PACKAGES = PLACE / "python" / "Lib" / "site-packages"
CONSOLE = Path(__file__).with_name("console.py")
TOOLS = "/usr/lib/wine"  # where Debian's wine64 puts it, off the path


def loader() -> str | None:
    return shutil.which("wine64", path=f"{os.environ.get('PATH', '')}:{TOOLS}") or shutil.which("wine")


def missing() -> str:
    """'' where Windows can be had here; else the one line that says what is missing."""
    if loader() is None:
        return "Wine is not installed (Debian: wine64)"
    if shutil.which("x86_64-w64-mingw32-gcc") is None:
        return "the compiler for Windows programs is not installed (Debian: gcc-mingw-w64-x86-64)"
    return ""


def or_skip() -> None:
    """Everything prepared, or the tests that need it skipped with the reason."""
    lacking = missing()
    if not lacking:
        try:
            prepared()
        except (OSError, subprocess.SubprocessError) as e:
            lacking = f"the Windows Python cannot be put together here: {e}"
    if lacking:
        pytest.skip(lacking)


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "USER", "LOGNAME")}
    return {
        **kept, "WINEPREFIX": str(PLACE / "prefix"), "WINEDEBUG": "-all", "LC_ALL": "C.UTF-8", "TZ": "Europe/Paris",
        "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=d", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def prepared() -> None:
    """The interpreter, Wine's own directory, and the product as it is now. Made once, and anew where something changed."""
    PLACE.mkdir(exist_ok=True)
    with FileLock(PLACE / "lock"):
        parts = [*(ROOT / "scripts/windows").glob("*.[cmpr]*"), *(ROOT / "scripts/requirements").glob("windows-*.txt")]
        if _renewed("python", parts):
            _assemble("tests", PLACE / "python")
            (PLACE / "product.stamp").unlink(missing_ok=True)
            _stamp("python", parts)
        source = [p for top in ("syncd", "tree_templates") for p in (ROOT / top).rglob("*") if p.suffix != ".pyc"]
        if _renewed("product", [*source, ROOT / "pyproject.toml"]):
            for old in [PACKAGES / "syncd", *PACKAGES.glob("syncd-*")]:
                shutil.rmtree(old, ignore_errors=True)
            _assemble("product", PACKAGES)
            _stamp("product", [*source, ROOT / "pyproject.toml"])
        if not (PLACE / "prefix" / "made.3").exists():
            shutil.rmtree(PLACE / "prefix", ignore_errors=True)
            wine("wineboot", "-i", timeout=180)
            system = PLACE / "prefix" / "drive_c" / "windows" / "system32"
            shutil.copy(PLACE / "python" / "bcryptprimitives.dll", system)
            wine(str(PYTHON), "-c", _PATIENCE)
            (PLACE / "prefix" / "made.3").touch()


_PATIENCE = """import winreg  # a service has ten seconds to answer in Wine, on Windows thirty, on a busy machine neither
with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\\CurrentControlSet\\Control") as key:
    winreg.SetValueEx(key, "ServicesPipeTimeout", 0, winreg.REG_SZ, "120000")  # Wine reads text alone
"""


def _renewed(name: str, parts: list[Path]) -> bool:
    stamp = PLACE / f"{name}.stamp"
    return not stamp.exists() or stamp.read_text() != _digest(parts)


def _stamp(name: str, parts: list[Path]) -> None:
    (PLACE / f"{name}.stamp").write_text(_digest(parts))


def _digest(parts: list[Path]) -> str:
    held = hashlib.sha256()
    for path in sorted(p for p in parts if p.is_file()):
        held.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return held.hexdigest()


def _assemble(kind: str, target: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts/windows/assemble.py"), kind, str(target)], check=True)


def wine(*args: str, timeout: float = 120, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Outcome:
    """A program in Wine, to its end."""
    done = subprocess.run(
        [str(loader()), *args], capture_output=True, timeout=timeout, cwd=cwd, env={**environment(), **(env or {})},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Outcome(done.returncode, _text(done.stdout), _text(done.stderr))


ELSEWHERE = {
    "PYTHONPYCACHEPREFIX": "Z:" + str(PLACE / "compiled"),
    "PYTHONDONTWRITEBYTECODE": "",
}  # from our own source


def shown(*args: str) -> int:
    """The Windows Python with these arguments, what it says passed on: Wine's programs want a pipe, not a terminal or a file."""
    with subprocess.Popen(
        [str(loader()), str(PYTHON), *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**environment(), **ELSEWHERE}, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line.decode("utf-8", "replace").rstrip("\r\n") + "\n")
            sys.stdout.flush()
    return process.returncode


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").replace("\r\n", "\n")


@contextmanager
def server() -> Iterator[None]:
    """Wine's services stay up meanwhile: else each program starts and stops them anew."""
    held = subprocess.Popen(
        [str(loader()), str(PYTHON), "-c", "import sys; print('up', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), cwd=ROOT,
    )  # fmt: skip
    assert held.stdin is not None and held.stdout is not None
    held.stdout.readline()  # before the others: what starts the services gives them its pipes, and they keep them
    try:
        yield
    finally:
        held.stdin.close()
        held.wait(20)
        held.stdout.close()


# -- paths ---------------------------------------------------------------------------------------------------------------


def outward(text: str) -> str:
    """A path of ours as Windows has it, and `--option=/path`; anything else as it is."""
    return re.sub(
        r"^(--[\w-]+=)?(/[^/].*|/)$",
        lambda m: f"{m[1] or ''}Z:{m[2]}".replace("/", "\\") if not m[1] else f"{m[1]}Z:{m[2]}",
        text,
    )


_THEIRS = re.compile(r"""Z:((?:\\\\|\\|/)(?:[^"'»\n\r\t<>|:*?]*[^"'»\n\r\t<>|:*? .,;\\]|))""")
_REWRITTEN = re.compile(r"\.([^/\\\s'\"]+)\.windows\.toml")


def homeward(text: str) -> str:
    """Z:\\… in what was said or written, as ours; doubled backslashes (JSON, TOML) too."""
    return _REWRITTEN.sub(r"\1", _THEIRS.sub(lambda m: re.sub(r"\\+", "/", m[1]), text))


def configured(path: Path) -> Path:
    """The configuration as Windows is to read it, beside ours."""
    theirs = path.with_name(f".{path.name}.windows.toml")
    if path.exists():
        text = path.read_text(encoding="utf-8")
        theirs.write_text(re.sub(r"([\"'])/(?=[^\"'\s]*\1)", r"\1Z:/", text), encoding="utf-8")
        os.utime(theirs, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    else:
        theirs.unlink(missing_ok=True)
    return theirs


def told(args: list[str]) -> list[str]:
    """A command line as Windows takes it."""
    made = [outward(a) for a in args]
    if "--config" in args and (at := args.index("--config") + 1) < len(args):
        made[at] = outward(str(configured(Path(args[at]))))
    return made


class Windows:
    """The engine in Wine, as tests/e2e tells its commands (`Elsewhere`)."""

    def __init__(self) -> None:
        self._console: subprocess.Popen[str] | None = None

    def ask(self, args: list[str], env: dict[str, str]) -> Outcome:
        for attempt in (1, 2):
            if self._console is None:
                self._console = self._started()
            into, out = self._console.stdin, self._console.stdout
            assert into is not None and out is not None
            try:
                into.write(json.dumps({"args": told(args), "env": _env(env)}) + "\n")
                into.flush()
                answer = out.readline()
            except BaseException:  # a test whose time is over: the next one is not to get this one's answer
                self.close()
                raise
            if answer:
                break
            self.close()  # a command ended its process
            assert attempt == 1, f"Windows: {args} ended the process"
        said = json.loads(answer)
        return self._home(args, Outcome(said["code"], said["out"], said["err"]))

    def _started(self) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [str(loader()), str(PYTHON), outward(str(CONSOLE))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment(), cwd=ROOT,
        )  # fmt: skip
        assert made.stdout is not None
        assert made.stdout.readline().strip() == "{}", "the interpreter did not start in Wine"
        return made

    def fresh(self, args: list[str], env: dict[str, str], *, prelude: str = "", timeout: float = 120) -> Outcome:
        process = self.start(args, env, prelude=prelude)
        out, err = process.communicate(timeout=timeout)
        return self._home(args, Outcome(process.returncode, out, err))

    def start(
        self,
        args: list[str],
        env: dict[str, str],
        *,
        prelude: str = "",
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        script = "import os, sys, json\nfrom pathlib import Path\n" + textwrap.dedent(prelude)
        script += "\nfrom syncd.cli import main\nmain()\n"
        return subprocess.Popen(
            [str(loader()), str(PYTHON), "-P", "-c", script, *told(args)], stdin=subprocess.DEVNULL, stdout=stdout,
            stderr=stderr, text=True, encoding="utf-8", env={**environment(), **_env(env)}, cwd=ROOT,
        )  # fmt: skip

    def _home(self, args: list[str], done: Outcome) -> Outcome:
        for n, arg in enumerate(args):
            written = Path(args[n + 1]) if arg == "--out" and n + 1 < len(args) else None
            if written is not None and written.exists():
                written.write_text(homeward(written.read_text(encoding="utf-8")), encoding="utf-8")
        err = "".join(line for line in done.err.splitlines(keepends=True) if not line.startswith("wine: "))
        return Outcome(done.code, homeward(done.out), homeward(err))

    def close(self) -> None:
        if self._console is not None:
            self._console.kill()
            self._console.communicate()
            self._console = None


def _env(env: dict[str, str]) -> dict[str, str]:
    return {k: outward(v) for k, v in env.items() if k.startswith("SYNCD_")}


class Holder:
    """A program on Windows that has a document open; `share` as CreateFile takes it (1 read, 2 write, 4 delete)."""

    def __init__(self, path: Path, *, write: bool = True, share: int = 1) -> None:
        script = f"""
        import sys, win32con, win32file
        access = win32con.GENERIC_READ | {"win32con.GENERIC_WRITE" if write else 0}
        held = win32file.CreateFile({outward(str(path))!r}, access, {share}, None, win32con.OPEN_EXISTING, 0, None)
        print("held", flush=True)
        sys.stdin.read()
        """
        self._process = subprocess.Popen(
            [str(loader()), str(PYTHON), "-c", textwrap.dedent(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT,
        )  # fmt: skip
        assert self._process.stdout is not None and self._process.stderr is not None
        if self._process.stdout.readline().strip() != "held":
            raise AssertionError(self._process.stderr.read())

    def __enter__(self) -> Holder:
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.communicate("", timeout=20)
