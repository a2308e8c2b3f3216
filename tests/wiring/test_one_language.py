"""What `syncd doctor` says of whatever is wrong is in the cabinet's language from the first word to the last; a name, a path or
the network's own words stand between quotes. Other commands end in that language too."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.cli import main
from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core import words
from syncd.core.errors import Refused, Unreachable
from syncd.core.protocol import ClientState
from syncd.doctor import disk, mail, portal, state_database
from syncd.doctor.finding import Finding, Level
from syncd.local.markers import init_root
from syncd.state.store import open_store
from tests.service.test_notifier import CONFIG

ENGLISH = re.compile(
    r"\b(the|cannot|is|of|its|it|not|holds|no|be|run|read|used|this|by|with|into|here)\b", re.IGNORECASE
)
Break = Callable[[Path, pytest.MonkeyPatch], object]


def _asks(error: Exception) -> Break:
    async def ask(_: Config) -> None:
        raise error

    return lambda _, patch: patch.setattr(portal, "_ask", ask)


def _newer(at: Path, _: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(at / "state/state.db") as conn:
        conn.execute("pragma user_version = 999")


def _held(at: Path, patch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    patch.setattr("syncd.state.store._connect", locked)


BROKEN: dict[str, tuple[Break, str, int]] = {
    "no key file": (lambda at, _: (at / "token").unlink(), "token", 2),
    "no key in it": (lambda at, _: (at / "token").write_text("two words"), "token", 2),
    "no key in the environment": (lambda _, patch: patch.setenv("SYNCD_TOKEN", "two words"), "portal", 2),
    "no certificates": (lambda at, _: (at / "none.pem").write_text("none"), "portal", 2),
    "no proxy": (lambda _, patch: patch.setenv("HTTPS_PROXY", "socks5://proxy:1"), "portal", 2),
    "a refused key": (_asks(Refused("token", "The portal refuses the key: unknown.")), "key", 5),
    "a wrong network": (_asks(Refused("network", "The portal refuses the key: not from there.")), "key", 5),
    "nobody there": (_asks(Unreachable("The portal does not answer.", cause="All attempts failed")), "portal", 6),
    "an expired certificate": (_asks(Unreachable("It has expired.", reason="certificate_expired")), "portal", 6),
    "a newer state": (_newer, "state", 2),
    "a held state": (_held, "state", 1),
    "no mail password": (lambda at, _: (at / "mail").unlink(), "mail", 0),
    "no mail server": (lambda *_: None, "mail", 0),
    "no root": (lambda at, _: (at / "root").rmdir(), "root", 1),
    "another root": (lambda *_: None, "root", 1),
}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_finding_is_in_one_language(
    what: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x" * 43)
    (tmp_path / "mail").write_text("secret")
    text = CONFIG.format(tmp_path) + f'user = "syncd"\npassword_file = "{tmp_path}/mail"\n'
    if what in ("no certificates", "no proxy"):
        ca_file = f'ca_file = "{tmp_path}/none.pem"\n' if what == "no certificates" else ""
        text = text.replace('url = "http://127.0.0.1:1"\n', f'url = "https://documents.example.fr"\n{ca_file}')
    config = loads(f'language = "{language}"\n' + text, "syncd.toml", {})
    open_store(tmp_path / "state").close()
    how, about, code = BROKEN[what]
    how(tmp_path, monkeypatch)
    examine = {
        "portal": portal.examine, "key": portal.examine, "mail": mail.examine, "root": disk.examine,
    }.get(about, state_database.examine)  # fmt: skip
    found = [f for f in examine(config) if f.level is not Level.OK and f.about == about]
    assert [f.code for f in found] == [code]
    _alone(found[0], language)


def _alone(finding: Finding, language: str) -> None:
    assert (finding.text.endswith(".") and finding.mend and finding.text[0].isupper()) or finding.text[0] == "'", (
        finding
    )
    for said in (finding.text, finding.mend):
        ours = re.sub(r"«.*?»|“.*?”|'.*?'|\(.*?\)|\[\w+\] \w+|http\S+", "", said)
        assert not (ENGLISH if language == "fr" else FRENCH).search(ours), ours


FRENCH = re.compile(r"[àâçéèêîôùœ«»]|\b(le|la|les|un|une|des|du|est|ne|pas|que|par|pour|ce|cette)\b", re.IGNORECASE)


@pytest.mark.parametrize("command", ["verify", "restore 001", "approve --all", "status", "run --json"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("away", ["root", "portal"])
def test_a_command_ends_in_the_cabinets_language(
    command: str, language: str, away: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    """verify and restore answered in English where run and doctor speak French; so did `run --json` beside its lines."""
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x" * 43)
    (tmp_path / "syncd.toml").write_text(f'language = "{language}"\n' + CONFIG.format(tmp_path))
    store = open_store(tmp_path / "state")
    root = init_root(str(tmp_path / "root"), "cabinet")
    store.progress.change(cabinet="cabinet", root=root, engine=root)
    store.clients.put(ClientState("001", "001", "SARL Dupont", 1, False))
    store.close()
    if away == "root":
        (tmp_path / "root").rename(tmp_path / "elsewhere")

    async def hello(*_: object) -> None:
        raise Unreachable("The portal does not answer.", cause="no_answer")

    monkeypatch.setattr("syncd.remote.http.HttpRemote.hello", hello)
    monkeypatch.setattr(sys, "argv", ["syncd", "--config", str(tmp_path / "syncd.toml"), *command.split()])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr()
    shown = said.err if command.endswith("--json") else said.out + said.err
    ours = re.sub(rf"'?{tmp_path}\S*|\(No such.*?\)|^syncd: |syncd \w+( --\w+)?|SARL", "", shown)
    assert len(ours) > 20 and not (ENGLISH if language == "fr" else FRENCH).search(ours), ours


def test_english_is_looked_for_where_it_stands() -> None:
    """The expression above finds English sentences, and no French one."""
    for french, _ in words.REASONS.values():
        assert not ENGLISH.search(re.sub(r"«.*?»|syncd doctor", "", french)), french
    for code in ("key_file", "key_none", "ca_file", "proxy", "not_bound", "state_newer", "state_unusable", "token"):
        assert ENGLISH.search(words.reason(code, "", "en"))
