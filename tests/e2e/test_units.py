"""The units that `service print` fills in are units that systemd takes."""

from __future__ import annotations

import codecs
import contextlib
import http.client
import os
import pty
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.world import SYNCD, World, syncd

pytestmark = pytest.mark.e2e


@pytest.fixture
def config(world: World) -> Path:
    path = world.base / "served.toml"
    path.write_text(world.config.read_text().replace(str(world.state), "/var/lib/syncd"))
    return path


def test_units_are_filled_in_and_verified(world: World, config: Path, tmp_path: Path) -> None:
    made = tmp_path / "units"
    made.mkdir()
    for kind in ("systemd", "timer", "portal"):
        done = syncd("--config", config, "service", "print", kind, "--host", "documents.example.fr", "--to", made)
        assert done.code == 0, done.err
    assert {p.name for p in made.iterdir()} == {
        "syncd.service", "syncd-alert.service", "syncd-run.service", "syncd-run.timer", "syncd-portal.service",
    }  # fmt: skip
    portal = (made / "syncd-portal.service").read_text()
    assert "\nLimitNOFILE=" in portal and "\nMemoryMax=" in portal
    unit = (made / "syncd.service").read_text()
    assert "\nStartLimitBurst=5\n" in unit and "\nStartLimitIntervalSec=300\n" in unit  # a loop fails, and is told
    assert f"ReadWritePaths=-{world.root} -{world.logs}" in unit and f"--config {config} watch" in unit
    assert "LoadCredential=token:" in unit and "$" not in unit.replace("$MAINPID", "")
    again = syncd("--config", config, "service", "print", "systemd", "--to", made, "--group", "other")
    assert again.code == 2 and "differs" in again.err
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    for path in made.iterdir():
        path.write_text(path.read_text().replace(f"ExecStart={shutil.which('syncd') or ''}", "ExecStart="))
        text = "\n".join(
            "ExecStart=/bin/true" if x.startswith("ExecStart=") else x for x in path.read_text().splitlines()
        )
        path.write_text(text + "\n")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, made.iterdir())], capture_output=True, text=True
    )
    about_ours = [x for x in checked.stderr.splitlines() if "syncd" in x and str(made) in x]
    assert not about_ours, checked.stderr


def test_proxies_and_tasks_name_the_host_and_a_state_elsewhere_is_said(world: World, config: Path) -> None:
    for kind in ("caddy", "nginx"):
        text = syncd("service", "print", kind, "--host", "documents.example.fr").out
        assert "documents.example.fr" in text and "127.0.0.1:8080" in text
    assert "error_page 502 504 @away" in text and "La plateforme redémarre" in text
    pages, _, data = text.partition("location / {")[2].partition("location ~")
    assert (
        "proxy_request_buffering on" in pages and "proxy_request_buffering off" in data and "api/v1|deposit/tus" in data
    )
    task = syncd("--config", config, "service", "print", "windows-task").out
    assert str(config).replace("/", "\\") in task and "/service.log" not in task and "encoding" not in task
    done = syncd("--config", config, "service", "print", "windows-task", "--to", world.base)
    assert done.code == 0, done.err
    made = (world.base / "syncd-windows-task.xml").read_bytes()
    assert made[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    assert ET.fromstring(made).tag.endswith("Task")  # what it says of its encoding is so
    wrong = syncd("--config", world.config, "service", "print", "systemd")
    assert wrong.code == 2 and "/var/lib" in wrong.err


def test_on_a_terminal_init_asks_and_elsewhere_it_says_what_is_missing(world: World, tmp_path: Path) -> None:
    silent = syncd("init", "--root", tmp_path / "r")
    assert silent.code == 2 and "--state is missing" in silent.err and not (tmp_path / "r").exists()
    key, url = world.token.read_text().strip(), world.url
    answers = [tmp_path / "r", tmp_path / "s", "", url, tmp_path / "etc/token", tmp_path / "etc/syncd.toml", key]
    told = at_a_terminal(["init"], [str(a) for a in answers])
    assert "Prêt : les dossiers de « Cabinet Martin »" in told and key not in told
    assert (tmp_path / "etc/token").stat().st_mode & 0o077 == 0
    assert syncd("--config", tmp_path / "etc/syncd.toml", "config", "validate").code == 0
    whole = (tmp_path / "etc/syncd.toml").read_text()
    (tmp_path / "etc/syncd.toml").write_text(whole.replace("[portal]", '[portal]\nca_file = "/nowhere/ca.pem"'))
    done = syncd("--config", tmp_path / "etc/syncd.toml", "config", "validate")
    assert done.code == 2 and "no file '/nowhere/ca.pem'" in done.err  # the service would not start with it
    (tmp_path / "etc/syncd.toml").write_text(whole)
    assert f'logs = "{tmp_path / "journaux"}"' in (tmp_path / "etc/syncd.toml").read_text()


def at_a_terminal(args: list[str], answers: list[str]) -> str:
    """What a person sees who gives these answers, one for each question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(SYNCD[0], [*SYNCD, *args])
    seen = b""
    for answer in [*answers, None]:
        asked = len(seen)
        while answer is None or not seen[asked:].rstrip().endswith((b"]:", b":")):
            try:
                part = os.read(terminal, 4096)
            except OSError:
                part = b""
            if not part:
                break
            seen += part
        if answer is not None:
            os.write(terminal, answer.encode() + b"\n")
    os.waitpid(pid, 0)
    os.close(terminal)
    return seen.decode()


def test_as_its_unit_starts_it_the_portal_gives_cookies_for_https_alone(world: World) -> None:
    unit = syncd(
        "service", "print", "portal", "--host", "Documents.example.fr", "--smtp-password-file", "/etc/syncd/smtp"
    ).out
    assert "User=syncdportal" in unit and "UMask=0077" in unit and "DynamicUser" not in unit
    assert "LoadCredential=smtp:/etc/syncd/smtp" in unit and "EnvironmentFile=-/etc/syncd/portal.env" in unit
    given = dict(
        x.removeprefix("Environment=").split("=", 1) for x in unit.splitlines() if x.startswith("Environment=SYNCD")
    )
    assert given.pop("SYNCD_PORTAL_SMTP_PASSWORD_FILE") == "%d/smtp"
    world.stop_portal()
    process = subprocess.Popen(
        [*SYNCD, "portal", "serve", str(world.portal_dir), "--port", "0"], env={**os.environ, **given}, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1])

        def page(*headers: tuple[str, str]) -> http.client.HTTPMessage:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
                line.request("GET", "/connexion", headers={"Host": "documents.example.fr", **dict(headers)})
                answer = line.getresponse()
                answer.read()
                assert answer.status in (200, 403)
                return answer.headers

        through = page(("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.7"))
        cookies = through.get_all("Set-Cookie") or []
        assert cookies and all("__Host-" in c and "Secure" in c and "Path=/" in c for c in cookies if "csrf" in c), (
            cookies
        )
        assert "max-age=31536000" in str(through["Strict-Transport-Security"])
        assert page()["Strict-Transport-Security"] is None
        assert page(("X_Forwarded_Proto", "https"))["Strict-Transport-Security"] is None
    finally:
        process.terminate()
        assert process.wait(10) in (0, -15, 143)
        process.communicate()
