"""What an honest person and an engine feel while strangers do one thing at a time: `./scripts/bench abuse`."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from measure import cabinet as making
from measure.cabinet import Cabinet
from measure.figures import peak_of

HOST = "127.0.0.1"
PASSWORD = "un mot de passe assez long"
DOCUMENTS, LARGE = 1_990, 20_000_000  # in the archive; bytes of what is read slowly
PATIENCE = 30.0  # seconds that an honest person waits for a page
DESCRIPTORS = 1_024  # that the serving process may open: as where nobody gave it more
KINDS = {  # how many of each; what it says in the table
    "": (0, "calm"),
    "bodies": (200, "200 forms whose body does not come"),
    "dribbles": (2_100, "2,100 forms that come, a byte every two seconds"),
    "polls": (2_000, "2,000 long-polls of one engine's key"),
    "readers": (200, "200 readers of a document of 20 MB, 50 bytes a second each"),
    "archives": (20, "20 archives of 1,990 documents"),
    "passwords": (200, "200 sign-ins at a time, other names, one address"),
    "searches": (30, "30 searches at a time of one member"),
    "idle": (1_000, "1,000 connections that ask for nothing"),
    "headers": (4, "4 heads without an end"),
    "uploads": (250, "250 uploads that stop, of one member"),
    "heads": (2_100, "2,100 heads that come, a line every two seconds"),
    "pipelines": (200, "200 connections that ask for 20 pages at a time"),
    "cookies": (100, "100 heads of 4,000 cookies"),
    "parameters": (100, "100 addresses of 4,000 parameters"),
    "sessions": (200, "200 pages at a time of sessions that are made up, one address"),
    "trailers": (200, "200 forms in pieces of a byte, with 2,000 lines behind them"),
    "ranges": (30, "30 times 2,000 parts of a document of 20 MB, of one member"),
    "words": (30, "30 searches for ten thousand characters, of one member"),
    "pictures": (100, "100 pictures at a time, of one member"),
    "begun": (250, "250 uploads announced at a time, of one member"),
    "program": (200, "200 lines of one program's key, as fast as they are answered"),
}
PEOPLE = """
from syncd.portal.models import Cabinet, Client, Grant, User
one, two = Client.objects.order_by("code")[:2]
for name, client in (("marie", one), ("paul", two)):
    user = User.objects.create(cabinet=Cabinet.objects.get(), sign_in=name, name=name, role="contact")
    Grant.objects.create(user=user, client=client, kind="*", verbs="view deposit download")
    user.set_password(sys.argv[2])
    user.save()
import io
from measure import cabinet, corpus
from syncd.portal.rights import Operator
from syncd.portal.documents.deposit import deposit_file
import pathlib, tempfile, random
with tempfile.TemporaryDirectory() as tree:
    below = pathlib.Path(tree, corpus.directory(two.code), "Achats")
    below.mkdir(parents=True)
    for n in range(int(sys.argv[3])):
        pathlib.Path(below, f"Facture {n:04}.pdf").write_bytes(random.Random(n).randbytes(2000))
    cabinet.deposit_tree(pathlib.Path(tree))
deposit_file(Operator(two.cabinet_id, "bench", "company"), two, "Ventes/grand.pdf", io.BytesIO(bytes(int(sys.argv[4]))))
from syncd.portal.models import Document
print(Document.objects.get(path="Ventes/grand.pdf").id)
"""

PROGRAM = """
from syncd.portal.models import Cabinet
from syncd.portal.programs.keys import Wish, make
from syncd.portal.rights import Operator, Scope
wish = Wish("bench", "", frozenset({Scope.READ}), frozenset({"purchases"}), False, [("all", "")])
print(make(Operator(Cabinet.objects.get().id, "bench"), wish))
"""


def abuse(args: Namespace) -> None:
    if args.checkout:
        making.ROOT = Path(args.checkout)
    program = str(making.ROOT / ".venv/bin/syncd")
    making.SYNCD[:] = ["sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$0" "$@"', program]
    cabinet = Cabinet(["000000", "000001"], texts=True)
    try:
        cabinet.make()
        code = f"exec({PEOPLE!r})"
        document = cabinet.within(code, PASSWORD, str(DOCUMENTS), str(LARGE)).strip()
        by = "over https, " if args.tls else ""
        print(f"\n### abuse: what one member's pages and the engine's hello take meanwhile, {by}without a proxy\n")
        print("| meanwhile | a page p50 | p95 | hello p95 | portal's peak | the strangers were told |")
        print("|---|---|---|---|---|---|")
        for kind in args.abuses or KINDS:
            cabinet.rest()
            cabinet.serve(*_certificate(cabinet) if args.tls else ())
            count, said = KINDS[kind]
            print(f"| {said} | {_measured(cabinet, kind, count, document, args.seconds, tls=args.tls)} |", flush=True)
    finally:
        cabinet.close()


def _certificate(cabinet: Cabinet) -> list[str]:
    """The options to serve with one of this machine's own, made now."""
    cert, key = str(cabinet.base / "cert.pem"), str(cabinet.base / "key.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    cabinet.env["SYNCD_PORTAL_URL"] = f"https://{HOST}:{cabinet.port}"
    return ["--tls-cert", cert, "--tls-key", key]


def _poll(cabinet: Cabinet, port: int, *, tls: bool) -> tuple[str, str]:
    """The engine's key, and what its long-poll asks."""
    status, said = _greet(cabinet, port, tls=tls)
    if status != 200:
        sys.exit(f"the portal does not greet its engine: {status}")
    asked = {"protocol": 1, "instance": "bench", "cursor": json.loads(said)["cursor"], "wait": 60}
    return (cabinet.base / "token").read_text().strip(), json.dumps(asked)


def _measured(cabinet: Cabinet, kind: str, count: int, document: str, seconds: float, *, tls: bool) -> str:
    assert cabinet.serving is not None
    port, pid = int(cabinet.port), cabinet.serving.pid
    marie, paul = Person(port, tls=tls), Person(port, tls=tls)
    marie.sign_in("marie")
    cookie, token, path = paul.cookie, paul.token(), ""
    if kind in ("readers", "archives", "uploads", "searches", "ranges", "words", "pictures", "begun"):
        paul.sign_in("paul")
        cookie, token = paul.cookie, json.loads(paul.get("/jeton")[1])["token"]
        path = (
            f"/documents/{document}/telecharger"
            if kind in ("readers", "ranges")
            else "/dossiers/000001/archive.zip?folder=Achats"
        )
    if kind == "pictures":
        path = ",".join(dict.fromkeys(re.findall(r"/vignette/[^\"?& ]+", paul.get("/dossiers/000001/Achats")[1])))
    if kind == "polls":
        token, path = _poll(cabinet, port, tls=tls)
    if kind == "program":
        token = cabinet.within(PROGRAM).strip()
    if kind == "uploads":
        path = ",".join(paul.begin(token, n) for n in range(count))
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the high-water mark begins anew
    strangers = None
    if kind:
        line = [
            sys.executable,
            "-m",
            "measure.abusive_clients",
            kind,
            str(port),
            str(seconds + 1),
            str(count),
            cookie,
            token,
            path,
            "tls" if tls else "",
        ]
        strangers = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=os.environ)
        assert strangers.stdout is not None
        strangers.stdout.readline()
    end = time.monotonic() + seconds
    pages, hellos = list[float](), list[float]()
    engine = threading.Thread(target=_hello, args=(cabinet, port, end, hellos, tls))
    engine.start()
    while time.monotonic() < end:
        pages.append(_timed(lambda: marie.get("/dossiers/000000/Achats")[0] == 200))
        time.sleep(0.1)
    engine.join()
    told = "" if strangers is None else strangers.communicate(timeout=60)[0].strip()
    return f"{_said(pages, 0.5)} | {_said(pages, 0.95)} | {_said(hellos, 0.95)} | {peak_of(pid):.0f} MB | {told}"


def _said(times: Sequence[float], share: float) -> str:
    ordered = sorted(times)
    value = statistics.median(ordered) if share == 0.5 else ordered[min(int(len(ordered) * share), len(ordered) - 1)]
    return f"over {PATIENCE:.0f} s" if value >= PATIENCE else f"{value * 1000:,.0f} ms"


def _timed(work: object) -> float:
    """Seconds it took; PATIENCE when it failed, or was not done by then."""
    started = time.monotonic()
    try:
        fine = work()  # type: ignore[operator]
    except (OSError, http.client.HTTPException):
        fine = False
    return time.monotonic() - started if fine else PATIENCE


def _connection(port: int, *, tls: bool) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    context = ssl._create_unverified_context()
    return http.client.HTTPSConnection(HOST, port, timeout=PATIENCE, context=context)


def _greet(cabinet: Cabinet, port: int, *, tls: bool) -> tuple[int, str]:
    key = (cabinet.base / "token").read_text().strip()
    caller = {"engine": "bench", "machine": "bench", "instance": "bench", "lease": False}
    connection = _connection(port, tls=tls)
    asked = json.dumps({"protocol": 1, "caller": caller}).encode()
    connection.request("POST", "/api/v1/hello", asked, {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def _hello(cabinet: Cabinet, port: int, end: float, times: list[float], tls: bool) -> None:
    while time.monotonic() < end:
        times.append(_timed(lambda: _greet(cabinet, port, tls=tls)[0] == 200))
        time.sleep(0.2)


class Person:
    """A browser with a new connection for each page: what others hold open is no help to it."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        self._port, self._tls, self._jar = port, tls, dict[str, str]()
        self.get("/connexion")

    @property
    def cookie(self) -> str:
        return "; ".join(f"{k}={v}" for k, v in self._jar.items())

    def token(self) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/connexion")[1])
        return found[1] if found else ""

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)[:2]

    def sign_in(self, name: str) -> None:
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": self.token(), "login": name, "password": PASSWORD})
        status, page, _ = self._ask("POST", "/connexion", form, {"Content-Type": "application/x-www-form-urlencoded"})
        if status != 302:
            sys.exit(f"{name} could not sign in: {status} {page[:300]}")

    def begin(self, token: str, n: int) -> str:
        """An upload of 4 MB that is announced: where it goes."""
        about = {"client": "000001", "folder": "Achats", "name": f"envoi {n}.pdf", "batch": "batch-of-a-bench"}
        meta = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in about.items())
        sent = {"X-CSRFToken": token, "Upload-Length": "4000000", "Upload-Metadata": meta, "Tus-Resumable": "1.0.0"}
        return self._ask("POST", "/deposit/tus/", "", sent)[2]["location"]

    def _ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        connection, own = _connection(self._port, tls=self._tls), {"Cookie": self.cookie}
        if self._tls:
            own["Origin"] = f"https://{HOST}:{self._port}"
        connection.request(method, path, body, {**own, **(headers or {})})
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._jar[key] = rest.partition(";")[0]
        page = answer.read().decode()
        connection.close()
        return answer.status, page, {k.lower(): v for k, v in answer.getheaders()}
