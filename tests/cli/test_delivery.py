"""What is delivered: a newer package is newer to apt, and making one removes nothing of anybody's."""

from __future__ import annotations

import importlib
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[2] / "scripts" / "packaging"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of scripts/packaging, by its name."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module


def test_a_later_delivery_of_the_same_version_is_newer(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both said 0.1.0: apt took the second for the first, and installed nothing."""
    deb, versions = script("deb"), []
    for moment in ("1795000000", "1795000001", "1820000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", moment)
        versions.append(deb.delivered("0.1.0"))
    for older, newer in zip(["0.1.0", *versions], [*versions, "0.1.1"], strict=True):
        subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=True)


@pytest.mark.parametrize("other", ["rapport.pdf", "syncd-sources", "sub/x"])
def test_a_directory_that_holds_anything_else_is_left_as_it_is(script: Any, tmp_path: Path, other: str) -> None:
    """It was removed, whatever it held, without a word."""
    made = tmp_path / other
    made.parent.mkdir(exist_ok=True)
    made.mkdir() if other == "syncd-sources" else made.write_text("mine")
    (tmp_path / "SHA256SUMS").write_text("")
    with pytest.raises(SystemExit, match=r"nothing was removed.*--out"):
        script("build").empty(tmp_path)
    assert made.exists() and (tmp_path / "SHA256SUMS").exists()


def test_an_earlier_delivery_is_replaced(script: Any, tmp_path: Path) -> None:
    for name in ("SHA256SUMS", "syncd_0.1.0_amd64.deb", "syncd-0.1.0-py3-none-any.whl", "Containerfile"):
        (tmp_path / name).write_text("old")
    script("build").empty(tmp_path)
    assert list(tmp_path.iterdir()) == []
    script("build").empty(tmp_path / "new" / "dist")
    assert (tmp_path / "new" / "dist").is_dir()


def test_what_the_keys_mean_is_delivered(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the configuration says of its keys pointed at a file that was in no package."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    for name in ("out", "store"):
        (tmp_path / name).mkdir()
    wheel = tmp_path / "out" / "syncd-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    with tarfile.open(script("bundle").make(tmp_path / "out", wheel, tmp_path / "store")) as held:
        assert "syncd-0.1.0-linux-amd64/configuration.md" in held.getnames()
    deb = script("deb")
    monkeypatch.setattr(deb, "run", lambda *command, **environ: "")
    (tmp_path / "stage/usr").mkdir(parents=True)
    deb._system(tmp_path / "stage", "0.1.0")
    assert (tmp_path / "stage/usr/share/doc/syncd/configuration.md").is_file()
