"""`syncd setup portal`: this machine serves the portal, behind nginx."""

from __future__ import annotations

import http.client
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from syncd.cli.output import language, say, tell
from syncd.core.words import administration as said

DATA = Path("/var/lib/syncd-portal")
ENV = Path("/etc/syncd/portal.env")
UNIT = "syncd-portal.service"
SITE = Path("/etc/nginx/sites-available/syncd")
LINK = Path("/etc/nginx/sites-enabled/syncd")
START = 30.0  # seconds that it may take until it answers


@click.command()
@click.option("--host", help="The public name, as documents.cabinet-martin.fr.")
@click.option("--cabinet", help="The cabinet's name.")
@click.option("--admin-email", help="The first administrator's address: also the sign-in name.")
@click.option(
    "--admin-name", default="", help="The first administrator's name, as people see it; asked for at a terminal."
)
@click.option("--cert", type=click.Path(path_type=Path, dir_okay=False), help="The certificate; Let's Encrypt's place otherwise.")  # fmt: skip
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="And its key.")
@click.option("--smtp", help="The mail server: smtp://HOST:25, smtp+starttls://HOST:587 or smtps://HOST:465.")
@click.option("--smtp-user", help="For a server that asks who sends.")
@click.option("--smtp-password-file", type=click.Path(path_type=Path, dir_okay=False), help="And its password.")
@click.option("--mail-from", help='Who the letters are from, as "Cabinet Martin <documents@cabinet-martin.fr>".')
@click.option("--no-proxy", is_flag=True, help="Another proxy than nginx on this machine carries the encryption.")
def portal(
    host: str | None, cabinet: str | None, admin_email: str | None, admin_name: str, cert: Path | None, key: Path | None,
    smtp: str | None, smtp_user: str | None, smtp_password_file: Path | None, mail_from: str | None, no_proxy: bool,
) -> int:  # fmt: skip
    """Make the portal of one cabinet, put nginx before it, and start both. On a terminal it asks.

    \b
    Example:
      syncd setup portal --host documents.cabinet-martin.fr --cabinet "Cabinet Martin" \\
        --admin-email direction@cabinet-martin.fr
    """
    from syncd.cli.init import asked
    from syncd.cli.setup import system
    from syncd.core import web_address
    from syncd.core.errors import UsageError
    from syncd.portal import environment

    system.root_of(UNIT, "syncdportal")
    host = asked("--host", host, said.ASK_HOST, "documents.")
    try:
        host = web_address.safe(host if "://" in host else f"https://{host}").host
    except ValueError:
        raise UsageError(f"--host {host!r}: give a name as documents.cabinet-martin.fr.") from None
    cert, key = _certificate(host, cert, key)
    if not no_proxy:
        _proxy_is_there(host, cert, key)
    wanted = {
        "SYNCD_PORTAL_URL": f"https://{host}", "SYNCD_PORTAL_HOSTS": host, "SYNCD_PORTAL_SMTP": smtp,
        "SYNCD_PORTAL_SMTP_USER": smtp_user, "SYNCD_PORTAL_MAIL_FROM": mail_from,
    }  # fmt: skip
    variables = {name: value for name, value in wanted.items() if value}
    if faults := list(environment.faults(variables)):
        raise UsageError("\n".join(faults))
    if smtp_password_file is not None and not smtp_password_file.is_file():
        raise UsageError(f"there is no file '{smtp_password_file}'.")
    _platform(cabinet, admin_email, admin_name)
    _remember(variables)
    if smtp_password_file is not None:
        system.drop_in(
            UNIT, "10-messagerie.conf",
            f"[Service]\nLoadCredential=smtp:{system.quoted(smtp_password_file.absolute())}\n"
            "Environment=SYNCD_PORTAL_SMTP_PASSWORD_FILE=%d/smtp\n",
        )  # fmt: skip
    if not no_proxy:
        _proxy(host, cert, key)
    system.start(UNIT)
    _answers(host)
    tell(said.PORTAL_STARTED, host=host)
    tell(said.KEY, command=f"syncd portal engine-token {DATA} --to /etc/syncd/token")
    if smtp is not None:
        _mail_goes(smtp, smtp_user, smtp_password_file)
    elif not any(line.startswith("SYNCD_PORTAL_SMTP=") for line in ENV.read_text(encoding="utf-8").splitlines()):
        tell(said.NO_MAIL_SERVER, host=host)
    return 0


def _platform(cabinet: str | None, admin_email: str | None, admin_name: str) -> None:
    """The one that is there is kept. Raises SyncdError."""
    from syncd.cli.init import asked
    from syncd.cli.setup import system

    if (DATA / "portal.db").exists():
        system.told(system.ours("portal", "client", "list", DATA))  # of another version, or without its key: said now
        tell(said.PORTAL_KEPT, data=DATA)
        return
    cabinet = asked("--cabinet", cabinet, said.ASK_CABINET, "")
    admin_email = asked("--admin-email", admin_email, said.ASK_ADMIN, "")
    if not admin_name and sys.stdin.isatty():
        admin_name = click.prompt(said.ASK_ADMIN_NAME(language()), default="", show_default=False)
    made = system.told(
        system.ours(
            "portal", "init", DATA, "--cabinet", cabinet, "--admin-email", admin_email, "--admin-name", admin_name
        )
    )
    say("\n".join(line for line in made.splitlines() if "engine-token" not in line))


def _site() -> dict[str, str]:
    """What nginx' site of ours says: server_name, ssl_certificate, ssl_certificate_key. Empty without one."""
    text = SITE.read_text(encoding="utf-8") if SITE.exists() else ""
    return dict(re.findall(r"(?m)^\s*(server_name|ssl_certificate|ssl_certificate_key)\s+([^;]+?)\s*;", text))


def _certificate(host: str, cert: Path | None, key: Path | None) -> tuple[Path, Path]:
    """Those that are given, else those that nginx has for this host, else Let's Encrypt's place."""
    let, site = Path("/etc/letsencrypt/live") / host, _site()
    cert = cert or Path(site.get("ssl_certificate", let / "fullchain.pem"))
    key = key or Path(site.get("ssl_certificate_key", let / "privkey.pem"))
    return cert.absolute(), key.absolute()


def _mail_goes(url: str, user: str | None, password_file: Path | None) -> None:
    """SyncdError when the mail server does not answer, or refuses who signs in: all else is in place."""
    from syncd.core.errors import NotSent, SyncdError
    from syncd.wiring import service_parts

    try:
        service_parts.mail_server(url, "", user or "", str(password_file or "")).send([])
    except NotSent as e:
        raise SyncdError(
            f"everything is set up but the mail: {url}: {e}.",
            mend=f"It is in {ENV}: mend it there, then: systemctl restart syncd-portal. Letters wait, none is lost.",
        ) from None
    tell(said.MAIL_ANSWERS, url=url)


def _proxy_is_there(host: str, cert: Path, key: Path) -> None:
    """UsageError before anything is made, where nginx is not there yet, or no certificate that fits."""
    from syncd.cli.setup import certificate
    from syncd.core.errors import UsageError

    if not SITE.parent.is_dir():
        raise UsageError("nginx is not installed.", mend="apt install nginx; or --no-proxy, and a proxy of your own.")
    name = _site().get("server_name", host)
    if host not in name.split():
        raise UsageError(
            f"nginx serves the portal as {name} here ('{SITE}'), not as {host}.",
            mend=f"To give it another name: mv {SITE} {SITE}.before; rm -f {LINK}; then again, with its --cert and --key.",
        )
    for path in (cert, key):
        if not path.is_file():
            raise UsageError(
                f"there is no '{path}'.",
                mend=f"Get a certificate (certbot certonly --standalone -d {host}), or name yours: --cert, --key.",
            )
    certificate.check(host, cert, key, datetime.now(UTC))


def _proxy(host: str, cert: Path, key: Path) -> None:
    from syncd.cli.setup import system

    text = system.told(system.ours("service", "print", "nginx", "--host", host, "--cert", cert, "--key", key))
    made = list[Path]()
    if not SITE.exists():
        system.put(SITE, text)
        made.append(SITE)
    elif SITE.read_text(encoding="utf-8").strip() != text.strip():
        command = f"syncd service print nginx --host {host} --cert {cert} --key {key}"
        tell(said.KEPT_AS_IT_IS, path=SITE, command=command)
    if not LINK.is_symlink():
        LINK.symlink_to(SITE)
        made.append(LINK)

    def undo() -> None:
        for path in made:
            path.unlink()

    system.undoing(undo, lambda: system.system("nginx", "-t", "-q"))
    system.system("systemctl", "enable", "nginx")
    system.system("systemctl", "reload-or-restart", "nginx")


def _remember(variables: dict[str, str]) -> None:
    """In the file that the service reads: each variable once, what else stands there as it was."""
    from syncd.cli.setup import system

    lines = ENV.read_text(encoding="utf-8").splitlines() if ENV.exists() else []
    kept = [line for line in lines if line.split("=")[0].strip() not in variables]
    new = [f'{name}="{_SPECIAL.sub(_ESCAPED, value)}"' for name, value in variables.items()]
    system.put(ENV, "\n".join([*kept, *new]) + "\n")


_SPECIAL, _ESCAPED = re.compile(r'([\\"$`])'), r"\\\1"  # within double quotes, for systemd


def _answers(host: str) -> None:
    """SyncdError when the portal does not answer in time; its log says why."""
    from syncd.core.errors import SyncdError

    end = time.monotonic() + START
    while time.monotonic() < end:
        line = http.client.HTTPConnection("127.0.0.1", 8080, timeout=5)
        try:
            line.request("GET", "/healthz", headers={"Host": host})
            answer = line.getresponse()
            said = answer.read(200).decode(errors="replace").strip()
            if answer.status == 200:
                return
            raise SyncdError(f"the portal is not well ({said}).", mend="See: journalctl -u syncd-portal")
        except OSError:
            time.sleep(0.2)
        finally:
            line.close()
    raise SyncdError("the portal does not answer.", mend="See: journalctl -u syncd-portal")
