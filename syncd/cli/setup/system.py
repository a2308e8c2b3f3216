"""What setting up asks of the system: accounts, directories, files of root's, services. Each fault is one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.cli.output import tell
from syncd.core.errors import SyncdError, UsageError
from syncd.core.words.administration import MADE

if TYPE_CHECKING:
    import pwd

ETC = Path("/etc/syncd")
UNITS = Path("/etc/systemd/system")
PACKAGED = (Path("/lib/systemd/system"), Path("/usr/lib/systemd/system"))


def root_of(unit: str, account: str) -> pwd.struct_passwd:
    """The service's account. Raises UsageError unless this is root, on a machine where the package is installed."""
    if os.name != "posix":
        raise UsageError("setup is for Debian; on Windows: syncd init, then syncd service.")
    if os.geteuid() != 0:
        raise UsageError("setup makes accounts' directories and starts services.", mend="Run it as root: sudo syncd …")
    import pwd

    try:
        found = pwd.getpwnam(account)
    except KeyError:
        found = None
    if found is None or not any((place / unit).exists() for place in PACKAGED):
        raise UsageError(
            f"this machine has no account '{account}' or no unit {unit}: it was not installed from the Debian package.",
            mend="Install the package, or use 'init' and 'service print' (the handbook says how).",
        )
    return found


def directory(path: Path, account: pwd.struct_passwd, group: int, mode: int) -> None:
    """One that is not there is made so; one that is there stays as it is, if the account can work in it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir()
        os.chown(path, account.pw_uid, group)
        path.chmod(mode)
        tell(MADE, path=path)
        return
    if as_account(account, [sys.executable, "-c", _MAY_WRITE, str(path)]).returncode:
        raise UsageError(
            f"the account '{account.pw_name}' may not write in '{path}', which is there already.",
            mend=f"Give it to a group with --group, new documents too: chgrp -R GROUP '{path}'; chmod -R g+rwX '{path}'; "
            f"find '{path}' -type d -exec chmod g+s {{}} +",
        )


_MAY_WRITE = "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK | os.W_OK | os.X_OK))"


def as_account(account: pwd.struct_passwd, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """`command` as the account, in its groups."""
    groups = os.getgrouplist(account.pw_name, account.pw_gid)
    environ = {**os.environ, "USER": account.pw_name, "LOGNAME": account.pw_name, "HOME": account.pw_dir}
    return subprocess.run(
        list(command), user=account.pw_uid, group=account.pw_gid, extra_groups=sorted(groups), umask=0o077, env=environ,
        capture_output=True, text=True, cwd="/", check=False,
    )  # fmt: skip


def syncd(*args: str | Path) -> list[str]:
    """This program's own command line."""
    return [sys.executable, "-I", "-X", "utf8", "-c", "from syncd.cli import main; main()", *map(str, args)]


def ours(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of ours, as root: it becomes whose data it works on."""
    return subprocess.run(syncd(*args), capture_output=True, text=True, cwd="/", check=False)


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What a command of ours said. What it refused is refused here, in its words."""
    if done.returncode:
        said = done.stderr.strip().removeprefix("syncd: ") or done.stdout.strip()
        error = SyncdError(said)
        error.exit_code = done.returncode
        raise error
    return done.stdout


def system(*command: str) -> None:
    """A command of the system's. SyncdError when it fails, with the line that says why (nginx's [emerg]), or its last."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as e:
        raise SyncdError(f"'{command[0]}' cannot be started ({e.strerror}).") from None
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        said = [line for line in lines if "[emerg]" in line][:1] or lines[-1:]
        raise SyncdError(f"'{' '.join(command)}' failed: {''.join(said) or f'exit {done.returncode}'}.")


def give(path: Path, account: pwd.struct_passwd) -> None:
    """A secret's file to the account that is to read it, and to nobody else. UsageError when there is none."""
    if path.is_symlink() or not path.is_file():
        raise UsageError(f"there is no file '{path}'.")
    os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o600)


def put(path: Path, text: str, *, group: int = 0, mode: int = 0o644) -> None:
    """A file of root's, whole or not at all."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
        f.write(text)
    os.chown(new, 0, group)
    new.chmod(mode)
    new.replace(path)


def drop_in(unit: str, name: str, text: str) -> None:
    """What this machine adds to a unit of the package's."""
    put(UNITS / f"{unit}.d" / name, text)


def quoted(path: Path, prefix: str = "") -> str:
    """A path in a list of a unit, after what the list has for it ('-': it may be missing)."""
    text = prefix + str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if re.search(r"[\s\"'\\;#]", text) else text


def start(unit: str) -> None:
    system("systemctl", "daemon-reload")
    system("systemctl", "enable", unit)
    system("systemctl", "restart", unit)


def undoing(undo: Callable[[], object], work: Callable[[], None]) -> None:
    """`work`; when it is refused, `undo` first."""
    try:
        work()
    except SyncdError:
        undo()
        raise
