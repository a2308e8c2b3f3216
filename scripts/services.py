"""Servers for the tests of a portal that works on them: started, told to a command by its environment, and taken down."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from email.utils import formatdate
from pathlib import Path

HERE = Path(__file__).parents[1]
POSTGRES = "SYNCD_TEST_POSTGRES"  # the address of a database whose owner may make others
AZURE, AZURE_SECRET = "SYNCD_TEST_AZURE", "SYNCD_TEST_AZURE_SECRET"
S3, S3_KEY, S3_SECRET = "SYNCD_TEST_S3", "SYNCD_TEST_S3_KEY", "SYNCD_TEST_S3_SECRET"
PATIENCE = 60.0  # seconds until a server answers


class Missing(Exception):
    """What cannot be had here, in one sentence: who asked goes without it."""


class Broken(Exception):
    """A server that is installed here and does not start, in one sentence: that is a fault, and nothing is gone without."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def postgres_programs() -> Path:
    """Raises Missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Missing("PostgreSQL is not installed (apt-get install postgresql)")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            raise Missing("there is no account 'postgres', and PostgreSQL does not run as root") from None
    return found[-1].parent


@contextlib.contextmanager
def postgres(directory: Path) -> Iterator[str]:
    """The address of a PostgreSQL server that lasts as long as this does; durable it is not: it is thrown away."""
    programs, data, port, secret = postgres_programs(), directory / "data", free_port(), secrets.token_hex(16)
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    pwfile = directory / "password"
    pwfile.touch(0o600)
    pwfile.write_text(secret)
    if as_owner:
        for path in (directory, pwfile):
            shutil.chown(path, "postgres")
    made = [str(programs / "initdb"), "-D", str(data), "-U", "portal", "--pwfile", str(pwfile), "--auth=scram-sha-256"]
    subprocess.run([*as_owner, *made, "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": directory, "fsync": "off",
        "full_page_writes": "off", "max_connections": 300, "shared_buffers": "64MB", "logging_collector": "off",
    }  # fmt: skip
    given = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [*as_owner, str(programs / "postgres"), "-D", str(data), *given], stdout=log, stderr=log
        )
    try:
        wait_for(server, [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], directory / "log")
        yield f"postgresql://portal:{secret}@127.0.0.1:{port}/postgres"
    finally:
        pid = (data / "postmaster.pid").read_text().split()[0] if (data / "postmaster.pid").exists() else ""
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGQUIT)  # nothing of it is kept
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)


@contextlib.contextmanager
def s3(directory: Path) -> Iterator[dict[str, str]]:
    """SeaweedFS, the S3 server of one process, with a bucket `portal`: what it is reached by, as the portal's own variables."""
    program = HERE / ".services" / "bin" / "weed"
    if not program.exists():
        raise Missing("SeaweedFS is not installed (scripts/requirements/services.txt)")
    key, secret = secrets.token_hex(8), secrets.token_hex(16)
    config = directory / "s3.json"
    config.touch(0o600)
    config.write_text(json.dumps({"identities": [
        {"name": "portal", "credentials": [{"accessKey": key, "secretKey": secret}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    ]}))  # fmt: skip
    ports = [free_port() for _ in range(4)]
    given = {
        "-dir": directory, "-ip": "127.0.0.1", "-ip.bind": "127.0.0.1", "-master.port": ports[0], "-master.port.grpc": free_port(),
        "-volume.port": ports[1], "-volume.port.grpc": free_port(), "-filer.port": ports[2], "-filer.port.grpc": free_port(),
        "-s3.port": ports[3], "-s3.port.grpc": free_port(), "-s3.config": config, "-volume.max": 200,
        "-master.volumeSizeLimitMB": 64, "-s3.port.iceberg": 0, "-s3.port.lance": 0,
    }  # fmt: skip
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "server", "-filer", "-s3", *(f"{k}={v}" for k, v in given.items())],
            stdout=log,
            stderr=log,
            cwd=directory,
        )
    (directory / "pid").write_text(str(server.pid))
    endpoint = f"http://127.0.0.1:{ports[3]}"
    try:
        make_bucket(server, endpoint, key, secret, directory / "log")
        yield {S3: f"s3://portal?endpoint={endpoint}", S3_KEY: key, S3_SECRET: secret}
    finally:
        server.kill()
        server.wait(10)


@contextlib.contextmanager
def azure(directory: Path) -> Iterator[dict[str, str]]:
    """Azurite, with a container `portal`: the same. Nothing where it was not asked for (AZURE=1)."""
    program = HERE / ".services" / "azurite" / "node_modules" / ".bin" / "azurite-blob"
    if not os.environ.get("AZURE"):
        yield {}
        return
    if not program.exists():
        raise Missing("Azurite is not installed (npm ci, scripts/requirements/azurite)")
    key, port = base64.b64encode(secrets.token_bytes(64)).decode(), free_port()
    given = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(directory), "--disableTelemetry", "--skipApiVersionCheck"]  # fmt: skip
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, *given], stdout=log, stderr=log, env={**os.environ, "AZURITE_ACCOUNTS": f"portal:{key}"}
        )
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                if make_container(port, key) in (201, 409):
                    break
            if server.poll() is not None or time.monotonic() > until:
                raise Broken(f"Azurite does not start here: {(directory / 'log').read_text(errors='replace')[-400:]}")
            time.sleep(0.1)
        yield {AZURE: f"az://portal/portal?endpoint=http://127.0.0.1:{port}/portal", AZURE_SECRET: key}
    finally:
        server.kill()
        server.wait(10)


def make_container(port: int, key: str) -> int:
    """The status of `PUT /portal?restype=container`, signed as Azure wants it (Shared Key)."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2023-11-03"}
    asked = (
        "PUT"
        + "\n" * 12
        + "".join(f"{k}:{v}\n" for k, v in headers.items())
        + "/portal/portal/portal\nrestype:container"
    )
    sign = base64.b64encode(hmac.new(base64.b64decode(key), asked.encode(), hashlib.sha256).digest()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    given = {**headers, "Authorization": f"SharedKey portal:{sign}", "Content-Length": "0"}
    connection.request("PUT", "/portal/portal?restype=container", headers=given)
    return connection.getresponse().status


def make_bucket(server: subprocess.Popen[bytes], endpoint: str, key: str, secret: str, log: Path) -> None:
    """Once it answers: a signed request, for which no library of ours is needed."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if signed_put(endpoint, "portal", key, secret) in (200, 409):
                return
        except OSError:
            pass
        if server.poll() is not None or time.monotonic() > until:
            raise Broken(f"SeaweedFS does not start here: {log.read_text(errors='replace')[-400:]}")
        time.sleep(0.1)


def signed_put(endpoint: str, bucket: str, key: str, secret: str) -> int:
    """The status of `PUT /bucket`, signed as S3 wants it (AWS Signature Version 4)."""
    host, at = endpoint.partition("://")[2], time.gmtime()
    day, moment, nothing = (
        time.strftime("%Y%m%d", at),
        time.strftime("%Y%m%dT%H%M%SZ", at),
        hashlib.sha256().hexdigest(),
    )
    headers = {"host": host, "x-amz-content-sha256": nothing, "x-amz-date": moment}
    names, scope = ";".join(headers), f"{day}/us-east-1/s3/aws4_request"
    asked = "\n".join(["PUT", f"/{bucket}", "", *(f"{k}:{v}" for k, v in headers.items()), "", names, nothing])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(asked.encode()).hexdigest()])
    made = ("AWS4" + secret).encode()
    for part in (*scope.split("/"), to_sign):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    sign = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={made.hex()}"
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.request("PUT", f"/{bucket}", headers={**headers, "Authorization": sign})
    return connection.getresponse().status


def wait_for(server: subprocess.Popen[bytes], ask: Sequence[str], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None or time.monotonic() > until:
            raise Broken(f"PostgreSQL does not start here: {log.read_text(errors='replace')[-400:]}")
        time.sleep(0.05)


def run(command: Sequence[str]) -> int:
    """The command's exit code."""
    with tempfile.TemporaryDirectory(prefix="syncd-services-", ignore_cleanup_errors=True) as made:
        own = Path(made)
        own.chmod(0o711)  # the server's account enters its own directory below
        for name in ("postgres", "s3", "azure"):
            (own / name).mkdir(0o700)
        with postgres(own / "postgres") as address, s3(own / "s3") as objects, azure(own / "azure") as others:
            given = {**os.environ, POSTGRES: address, **objects, **others}
            return subprocess.run(command, check=False, env=given).returncode


def main(arguments: Sequence[str]) -> int:
    def ended(number: int, frame: object) -> None:
        sys.exit(128 + number)  # what was started is taken down on the way

    signal.signal(signal.SIGTERM, ended)
    try:
        if arguments[:1] == ["check"]:
            postgres_programs()
            return 0
        if arguments[:1] == ["run"] and len(arguments) > 1:
            return run(arguments[1:])
    except Missing as e:
        print(f"services: {e}.", file=sys.stderr)
        return 77
    except Broken as e:
        print(f"services: {e}", file=sys.stderr)
        return 1
    print("services: say 'run CMD…' or 'check'.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
