"""Setting up refuses what would leave a half-made machine, before anything is made, in a sentence."""

from __future__ import annotations

import importlib
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from syncd.cli.group import cli
from syncd.cli.setup import certificate, system
from syncd.core.errors import SyncdError, UsageError

portal = importlib.import_module("syncd.cli.setup.portal")  # the package names its command so
engine = importlib.import_module("syncd.cli.setup.engine")
HOST = "documents.cabinet-martin.fr"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates: of the host, of a wildcard, of another's, without a name; `other.key` is nobody's here."""
    at = tmp_path_factory.mktemp("certificates")
    names = {
        "host": f"DNS:{HOST}",
        "wild": "DNS:*.cabinet-martin.fr",
        "another": "DNS:autre.fr,IP:192.0.2.1",
        "none": "",
    }
    for name, said in names.items():
        new = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
        ]
        extra = ["-addext", f"subjectAltName={said}"] if said else []
        subprocess.run(
            [*new, "-subj", "/CN=x", *extra, "-keyout", at / f"{name}.key", "-out", at / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    (at / "text.pem").write_text("not a certificate")
    return at


@pytest.mark.parametrize("name", ["host", "wild"])
def test_a_certificate_of_the_host_passes(made: Path, name: str) -> None:
    certificate.check(HOST, made / f"{name}.pem", made / f"{name}.key", NOW)
    certificate.check(HOST.upper(), made / f"{name}.pem", made / f"{name}.key", NOW)


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("host.pem", "another.key", "not the key"),
        ("host.pem", "text.pem", "not the key"),
        ("text.pem", "host.key", "no certificate"),
        ("host.key", "host.key", "no certificate"),
        ("another.pem", "another.key", f"autre.fr, 192.0.2.1, not for {HOST}"),
        ("none.pem", "none.key", "for no name"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(made: Path, cert: str, key: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        certificate.check(HOST, made / cert, made / key, NOW)


def test_a_wildcard_stands_for_one_label(made: Path) -> None:
    for host in ("a.documents.cabinet-martin.fr", "cabinet-martin.fr"):
        with pytest.raises(UsageError, match="not for"):
            certificate.check(host, made / "wild.pem", made / "wild.key", NOW)


def test_one_that_has_expired_is_refused(made: Path) -> None:
    with pytest.raises(UsageError, match="expired"):
        certificate.check(HOST, made / "host.pem", made / "host.key", NOW + timedelta(days=31))


def test_a_site_that_nginx_refuses_is_taken_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stayed, and the next try, with the right certificate, kept it as it was."""
    site, link = tmp_path / "available", tmp_path / "enabled"
    monkeypatch.setattr(portal, "SITE", site)
    monkeypatch.setattr(portal, "LINK", link)
    monkeypatch.setattr(system, "put", lambda path, text: path.write_text(text))

    def refuses(*command: str) -> None:
        raise SyncdError("'nginx -t -q' failed")

    monkeypatch.setattr(system, "system", refuses)
    with pytest.raises(SyncdError):
        portal._proxy(HOST, tmp_path / "cert", tmp_path / "key")
    assert not site.exists() and not link.is_symlink()
    site.write_text("a person's own")
    with pytest.raises(SyncdError):
        portal._proxy(HOST, tmp_path / "cert", tmp_path / "key")
    assert site.read_text() == "a person's own" and not link.is_symlink()


def test_why_nginx_refuses_is_said() -> None:
    said = "nginx: [emerg] cannot load certificate\\nnginx: configuration file test failed"
    with pytest.raises(SyncdError, match="cannot load certificate"):
        system.system("sh", "-c", f"printf '{said}' >&2; exit 1")


def test_what_is_missing_names_the_command_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "root_of", lambda unit, account: None)
    for part in ("portal", "engine"):
        done = CliRunner().invoke(cli, ["setup", part], standalone_mode=False)
        assert isinstance(done.exception, UsageError) and f"setup {part} --help" in str(done.exception)


@pytest.mark.parametrize("given", [HOST, f"https://{HOST}", f"https://{HOST}/"])
def test_a_host_may_be_given_as_its_address(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def there(host: str, cert: Path, key: Path) -> None:
        asked.append(host)
        raise UsageError("enough")

    monkeypatch.setattr(system, "root_of", lambda unit, account: None)
    monkeypatch.setattr(portal, "_proxy_is_there", there)
    done = CliRunner().invoke(cli, ["setup", "portal", "--host", given], standalone_mode=False)
    assert isinstance(done.exception, UsageError) and asked == [HOST]


def test_a_missing_disk_keeps_the_service_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd would not start it, again and again, and nobody was told."""
    made: dict[str, str] = {}
    monkeypatch.setattr(system, "drop_in", lambda unit, name, text: made.update({unit: text}))
    engine._service(Path("/srv/le cabinet"), Path("/srv/logs"), Path("/etc/syncd/token"), "cabinet", start=False)
    assert '\nReadWritePaths="-/srv/le cabinet" -/srv/logs\n' in made["syncd.service"]
    assert 'RequiresMountsFor="/srv/le cabinet" /srv/logs\n' in made["syncd.service"]


def test_a_key_that_is_gone_is_said_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="syncd portal engine-token"):
        engine._key(tmp_path / "token")


SITE = """server {
    listen 80;
    server_name documents.cabinet-martin.fr;
}
server {
    server_name documents.cabinet-martin.fr;
    ssl_certificate     /etc/ssl/cabinet/plateforme.pem;
    ssl_certificate_key /etc/ssl/cabinet/plateforme.key;
}
"""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """nginx' site of ours as it was set up before, with a certificate of the cabinet's own."""
    (tmp_path / "site").write_text(SITE)
    monkeypatch.setattr(portal, "SITE", tmp_path / "site")
    monkeypatch.setattr(portal, "LINK", tmp_path / "link")
    return tmp_path / "site"


def test_a_second_time_the_sites_own_certificate_counts(served: Path) -> None:
    """Let's Encrypt's was looked for, and its absence refused."""
    cert, key = portal._certificate(HOST, None, None)
    assert (str(cert), str(key)) == ("/etc/ssl/cabinet/plateforme.pem", "/etc/ssl/cabinet/plateforme.key")
    assert portal._certificate(HOST, Path("/a"), Path("/b")) == (Path("/a"), Path("/b"))
    served.unlink()
    assert portal._certificate(HOST, None, None)[0] == Path(f"/etc/letsencrypt/live/{HOST}/fullchain.pem")


def test_another_name_than_nginx_serves_is_refused_before_anything_is_written(served: Path) -> None:
    """The portal took the new name, nginx kept the old one, and neither answered."""
    with pytest.raises(UsageError, match=f"as {HOST} here.*not as autre.fr.*--cert"):
        portal._proxy_is_there("autre.fr", served, served)


def test_a_mail_server_that_does_not_answer_is_said_at_once() -> None:
    with socket.socket() as held:  # nobody listens at a port that is only held
        held.bind(("127.0.0.1", 0))
        with pytest.raises(SyncdError, match="everything is set up but the mail"):
            portal._mail_goes(f"smtp://127.0.0.1:{held.getsockname()[1]}", None, None)


@pytest.mark.parametrize(
    "given",
    [
        ["--mail-to", "a@b.fr"],
        ["--mail-from", "a@b.fr"],
        ["--smtp-user", "a"],
        ["--smtp-password-file", "p"],
        ["--token-file", "t"],
    ],
)
def test_what_a_second_set_up_would_leave_out_is_refused(
    given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken, and nothing done with it."""
    (tmp_path / "syncd.toml").touch()
    monkeypatch.setattr(engine, "CONFIG", tmp_path / "syncd.toml")
    monkeypatch.setattr(system, "root_of", lambda unit, account: None)
    done = CliRunner().invoke(cli, ["setup", "engine", *given], standalone_mode=False)
    assert isinstance(done.exception, UsageError) and "set up already" in str(done.exception)


def test_what_init_refuses_names_no_file_that_nobody_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = tmp_path / "syncd.toml.new"
    said = subprocess.CompletedProcess(
        [], 2, "", f"syncd: {new}:24: smtp = 'smtp.exemple.fr': write it as smtp://host:25"
    )
    account = SimpleNamespace(pw_name="syncd", pw_uid=0, pw_gid=0)
    monkeypatch.setattr(engine, "CONFIG", tmp_path / "syncd.toml")
    monkeypatch.setattr(engine, "STATE", tmp_path)
    monkeypatch.setattr(engine, "_key", lambda file: None)
    monkeypatch.setattr(engine, "_places", lambda *given: None)
    monkeypatch.setattr(system, "root_of", lambda unit, account_: account)
    monkeypatch.setattr(system, "as_account", lambda account_, command: said)
    options = ["--root", str(tmp_path), "--portal", f"https://{HOST}", "--smtp", "smtp.exemple.fr"]
    done = CliRunner().invoke(cli, ["setup", "engine", *options], standalone_mode=False)
    assert str(done.exception).startswith("smtp = 'smtp.exemple.fr'")


def test_an_authority_that_the_account_may_not_read_is_said_of_that_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").touch()
    account = SimpleNamespace(pw_name="syncd", pw_uid=0, pw_gid=0)
    monkeypatch.setattr(engine, "CONFIG", tmp_path / "syncd.toml")
    monkeypatch.setattr(engine, "_key", lambda file: None)
    monkeypatch.setattr(engine, "_places", lambda *given: None)
    monkeypatch.setattr(system, "root_of", lambda unit, account_: account)
    monkeypatch.setattr(system, "as_account", lambda account_, command: subprocess.CompletedProcess(command, 1, "", ""))
    options = ["--root", str(tmp_path), "--portal", f"https://{HOST}", "--ca-file", str(tmp_path / "ca.pem")]
    done = CliRunner().invoke(cli, ["setup", "engine", *options], standalone_mode=False)
    assert "the account 'syncd' may not read" in str(done.exception) and "chmod 644" in str(done.exception)
