"""Whatever is wrong with the directory of logs or with the mail, a run's documents have crossed, and its report is shown."""

from __future__ import annotations

import asyncio
import errno
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.cli import run
from syncd.core.errors import StateFailed
from syncd.wiring import reports

FAULTS = [
    OSError(errno.ENOSPC, "No space left on device", "/srv/journaux/runs/2026"),
    FileExistsError(errno.EEXIST, "File exists", "/srv/journaux"),
    NotADirectoryError(errno.ENOTDIR, "Not a directory", "/srv/journaux/runs"),
    PermissionError(errno.EACCES, "Permission denied", "/srv/journaux/runs"),
    OSError("a disk that says nothing"),
    StateFailed("The state database cannot be written."),
    UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
    KeyError("x"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_one_sentence_and_the_mail_goes_out(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    posted: list[Any] = []

    def fails(*args: Any) -> None:
        raise fault

    async def post(*args: Any) -> None:
        posted.append(args)

    monkeypatch.setattr(reports, "write_reports", fails)
    monkeypatch.setattr(run, "_post", post)
    anything: Any = SimpleNamespace()
    asyncio.run(run._told(anything, anything, {}, ["text"], anything))
    said = capsys.readouterr()
    assert len(posted) == 1
    assert said.err.count("\n") == 1 and said.err.startswith("syncd: the report cannot be written: ")
    assert "Traceback" not in said.err and "None" not in said.err
