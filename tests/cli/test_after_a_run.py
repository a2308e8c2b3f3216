"""Whatever is wrong with the directory of logs or with the mail, a run's documents have crossed, and its report is shown."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.cli import service_log
from syncd.cli.screen import Screen
from syncd.core.errors import StateFailed
from syncd.core.run_result import RunResult
from syncd.operations import run
from syncd.wiring import report_writing

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

    monkeypatch.setattr(report_writing, "write_reports", fails)
    monkeypatch.setattr(run, "_post", post)
    kept = {"reports_unwritten": ""}
    progress = SimpleNamespace(read=lambda: SimpleNamespace(**kept), change=lambda **fields: kept.update(fields))
    settings = SimpleNamespace(only=None)
    anything: Any = SimpleNamespace(progress=progress, language="en", settings=settings)
    screen = Screen(as_json=False)
    for code, shown in ((0, 3), (4, 4)):
        capsys.readouterr()
        result = asyncio.run(run.told(anything, anything, RunResult(exit_code=code), ["text"], anything, screen))
        assert result.exit_code == shown and result.unwritten and result.unwritten == kept["reports_unwritten"]
    said = capsys.readouterr()
    assert len(posted) == 2 and all(result.exit_code in (0, 4) for _, _, result, *_ in posted)
    assert said.err.count("\n") == 1 and said.err.startswith("syncd: the report cannot be written: ")
    assert "Traceback" not in said.err and "None" not in said.err


def test_a_log_that_cannot_be_renamed_now_loses_no_line_and_no_older_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, while somebody looks at it."""
    monkeypatch.setattr(service_log, "BYTES", 400)
    file, rename = tmp_path / "service.log", os.rename
    say = service_log.log_to(str(file), as_json=False)
    for n in range(12):
        say("before", n=n)
    older = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p != file}
    assert older

    def held(source: Any, target: Any) -> None:
        if Path(source) == file:
            raise PermissionError(errno.EACCES, "The process cannot access the file", source)
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", held)
        for n in range(40):
            say("meanwhile", n=n)
    assert file.read_text().count("meanwhile") == 40
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p != file} == older
    say("after")
    assert "meanwhile" not in file.read_text() and (tmp_path / "service.log.1").read_text().count("meanwhile") == 40
