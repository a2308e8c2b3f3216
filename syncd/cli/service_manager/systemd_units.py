"""The service under systemd: units written, and enabled where this is root and systemd runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from syncd.cli.output import language
from syncd.core.errors import SyncdError, UsageError
from syncd.core.words import administration as said

UNITS = Path("/etc/systemd/system")
PACKAGED = tuple(Path(p) for p in ("/usr/lib/systemd/system/syncd.service", "/lib/systemd/system/syncd.service"))
NAME = "syncd.service"
ENABLE = "systemctl enable --now syncd"


def works() -> bool:
    """Whether this system was started by systemd, and may be asked."""
    return Path("/run/systemd/system").is_dir() and shutil.which("systemctl") is not None


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)


def may() -> bool:
    return getattr(os, "geteuid", lambda: 0)() == 0


def enable() -> bool:
    """Start it now and with the system; False: it is for somebody else to say so. Raises SyncdError."""
    if not (works() and may()):
        return False
    for words in (("daemon-reload",), ("enable", "--now", NAME)):
        done = asked(*words)
        if done.returncode != 0:
            raise SyncdError(f"systemctl {' '.join(words)}: {done.stderr.strip()}.", mend="See: journalctl -u syncd")
    return True


def uninstall(units: Path | None = None) -> list[str]:
    """Stop it and remove the units written here; their paths. Raises UsageError."""
    units = units or UNITS
    there = [units / name for name in (NAME, "syncd-alert.service") if (units / name).exists()]
    if not there:
        return []
    if works() and may():
        asked("disable", "--now", NAME)
    try:
        for path in there:
            path.unlink()
    except OSError as e:
        raise UsageError(f"'{path}' cannot be removed ({e.strerror}).", mend="As root.") from None
    if works() and may():
        asked("daemon-reload")
    return [str(p) for p in there]


def state() -> tuple[str, bool]:
    """What systemd says of it, and whether it works."""
    if not works():
        return said.NO_SYSTEMD(language()), False
    answer = asked("show", NAME, "--property=LoadState,ActiveState,SubState,UnitFileState,MainPID").stdout
    held = dict(line.partition("=")[::2] for line in answer.splitlines())
    if held.get("LoadState") != "loaded":
        return said.NOT_INSTALLED(language()), False
    active = held.get("ActiveState") == "active"
    number = held.get("MainPID", "0")
    process = said.PROCESS(language(), number=number) if active and number != "0" else ""
    return f"{held.get('ActiveState')} ({held.get('SubState')}), {held.get('UnitFileState')}{process}", active
