"""Where the whole of an unexpected error goes: people get a sentence, whoever has to mend it the traceback.

`faults.log` in the state's directory, for commands; the service has its own log (cli.service_log), and it is there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import traceback
from pathlib import Path
from typing import Any

from syncd.config.model import Config

FILE = "faults.log"
MOST = 1_000_000  # bytes; what is longer when it is opened becomes `faults.log.1`


class _File(logging.FileHandler):
    """Made when there is something to be written, for the engine's account alone. Whatever fails here is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.path = path
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def _open(self) -> Any:
        return _appending(self.path)

    def handleError(self, record: logging.LogRecord) -> None:
        pass


def _appending(path: Path) -> Any:
    with contextlib.suppress(OSError):
        if path.stat().st_size > MOST:
            path.replace(path.with_name(f"{FILE}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")


def listen(config: Config) -> None:
    """From now on what the engine's log is told goes to the file, unless it has a place already (the service)."""
    log, path = logging.getLogger("syncd"), Path(config.mirror.state) / FILE
    for handler in list(log.handlers):
        if not isinstance(handler, _File) or handler.path == path:
            return
        log.removeHandler(handler)
        handler.close()
    log.addHandler(_File(path))
    log.propagate = False


def write_down(error: BaseException, state: str) -> Path:
    """The file that now ends with this error: in the state's directory; '' or not writable: among temporary files."""
    told = "".join(traceback.format_exception(error))
    if state:
        with contextlib.suppress(OSError), _appending(Path(state) / FILE) as f:
            f.write(told)
            return Path(state) / FILE
    handle, path = tempfile.mkstemp(prefix="syncd-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        f.write(told)
    return Path(path)
