"""What the portal's variables mean, however they are written; what `serve` says of wrong ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.portal import environment

ASKED = [
    "SECURE",
    "PUBLIC_URL",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SECURE_HSTS_SECONDS",
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_PROXY_SSL_HEADER",
    "ALLOWED_HOSTS",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS",
    "QUIET",
    "TIME_ZONE",
]


def settings(**environ: str) -> dict[str, object]:
    """The settings a portal would have that is started with these variables."""
    script = (
        "import json, django.conf.global_settings as usual, syncd.portal.settings as own\n"
        f"print(json.dumps({{k: getattr(own, k, getattr(usual, k, None)) for k in {ASKED!r}}}))"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**clean, **environ}, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "environ",
    [
        {"SYNCD_PORTAL_URL": "HTTPS://Documents.example.fr/"},
        {"SYNCD_PORTAL_URL": " https://documents.example.fr"},
        {"SYNCD_PORTAL_HOSTS": "localhost, Documents.Example.fr,.example.fr"},  # a unit made before it said the address
    ],
)
def test_cookies_are_for_https_whichever_way_it_was_said(environ: dict[str, str]) -> None:
    said = settings(**environ)
    assert said["PUBLIC_URL"] == "https://documents.example.fr" and said["SECURE"]
    assert said["SESSION_COOKIE_SECURE"] and said["CSRF_COOKIE_SECURE"] and said["SECURE_HSTS_SECONDS"]
    assert str(said["SESSION_COOKIE_NAME"]).startswith("__Host-") and str(said["CSRF_COOKIE_NAME"]).startswith(
        "__Host-"
    )
    assert said["CSRF_TRUSTED_ORIGINS"] == ["https://documents.example.fr"]
    assert said["SECURE_PROXY_SSL_HEADER"] is None  # anybody may send that header
    hosts = said["ALLOWED_HOSTS"]
    assert isinstance(hosts, list) and "documents.example.fr" in hosts and "127.0.0.1" in hosts
    assert "testserver" not in hosts


def test_without_any_variable_it_is_this_machines(tmp_path: Path) -> None:
    said = settings()
    assert said["PUBLIC_URL"] == "http://127.0.0.1:8080" and not said["SECURE"]
    assert said["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]


def test_a_password_never_goes_out_in_clear(tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    secret.write_bytes("\ufeffgeheim\r\n".encode())
    asks = {"SYNCD_PORTAL_SMTP_USER": "documents", "SYNCD_PORTAL_SMTP_PASSWORD_FILE": str(secret)}
    for plain in ("smtp://mail.example.fr", "SMTP://mail.example.fr:25", "Smtp://mail.example.fr"):
        environ = {"SYNCD_PORTAL_SMTP": plain, **asks}
        assert environment.mail(environ) is None
        assert any("password" in said for said in environment.faults(environ))
    for fine in ("smtp+starttls://mail.example.fr:587", "SMTPS://mail.example.fr", "smtp://localhost:1025"):
        environ = {"SYNCD_PORTAL_SMTP": fine, **asks}
        assert environment.mail(environ) is not None and environment.password(environ) == "geheim"
        assert not list(environment.faults(environ))


@pytest.mark.parametrize(
    "environ",
    [
        {"SYNCD_PORTAL_URL": "documents.example.fr"},
        {"SYNCD_PORTAL_URL": "http://documents.example.fr"},
        {"SYNCD_PORTAL_URL": "https://documents.example.fr/portail"},
        {"SYNCD_PORTAL_URL": "https://documents.example.fr:port"},
        {"SYNCD_PORTAL_SMTP": "mail.example.fr"},
        {"SYNCD_PORTAL_SMTP": "smtp://mail.example.fr:99999"},
        {"SYNCD_PORTAL_SMTP": "smtps://mail.example.fr", "SYNCD_PORTAL_SMTP_PASSWORD_FILE": "/nonexistent/smtp"},
        {"SYNCD_PORTAL_MAIL_FROM": "Cabinet Martin"},
        {"SYNCD_PORTAL_MAIL_FROM": "jérôme@cabinet-martin.fr"},
        {"SYNCD_PORTAL_QUIET": "bientôt"},
        {"SYNCD_PORTAL_FULL_TEXT": "peut-être"},
        {"SYNCD_PORTAL_QUIET": "nan"},
        {"SYNCD_PORTAL_QUIET": "-1"},
        {"SYNCD_PORTAL_TIMEZONE": "Europe/Nantes"},
        {"SYNCD_PORTAL_TIMEZONE": "/etc/passwd"},
    ],
)
def test_a_wrong_variable_is_one_sentence_and_counts_as_not_given(environ: dict[str, str]) -> None:
    said = list(environment.faults(environ))
    assert (len(said) == 1 and next(iter(environ)) in said[0]) or "PASSWORD_FILE" in said[0]
    environment.public(environ), environment.mail(environ), environment.quiet(environ), environment.timezone(environ)
