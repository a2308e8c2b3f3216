"""A hostile depositor at the real portal (HAZARDS 25, 28): path tricks, scripts, polyglots, forged ids, requests from elsewhere."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import urllib.parse
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.world import CODE, SYNCD, World

pytestmark = pytest.mark.e2e
BATCH = "batch-of-a-test"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Depositor:
    """Somebody with a session who writes requests by hand."""

    def __init__(self, world: World, login: str, password: str) -> None:
        self.world, self.visitor = world, Visitor(world.url)
        assert self.visitor.sign_in(login, password) == 200
        jar = next(h.cookiejar for h in vars(self.visitor._opener)["handlers"] if hasattr(h, "cookiejar"))
        self.cookies = "; ".join(f"{c.name}={c.value}" for c in jar)
        self.token = json.loads(self.visitor.get("/jeton"))["token"]

    def ask(self, method: str, path: str, body: bytes = b"", *, cookies: bool = True, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=20)
        sent = {"Cookie": self.cookies} if cookies else {}
        sent |= {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def begin(self, name: str, size: int, folder: str = "Achats", **headers: str) -> Answer:
        given = {"client": CODE, "folder": folder, "name": name, "batch": BATCH}
        meta = ",".join(
            f"{k} {base64.b64encode(v.encode('utf-8', 'surrogatepass')).decode()}" for k, v in given.items()
        )
        sent = {
            "X_CSRFToken": self.token,
            "Upload_Length": str(size),
            "Upload_Metadata": meta,
            "Tus_Resumable": "1.0.0",
            **headers,
        }
        return self.ask("POST", "/deposit/tus/", **sent)

    def put(self, name: str, data: bytes, folder: str = "Achats") -> dict[str, Any]:
        begun = self.begin(name, len(data), folder)
        assert begun.status == 201, begun.text
        done = self.ask("PATCH", begun.headers["location"], data, Upload_Offset="0", X_CSRFToken=self.token)
        assert done.status == 204, done.text
        said: dict[str, Any] = json.loads(urllib.parse.unquote(done.headers["syncd-deposit"]))
        return said


def person(world: World, name: str, preset: str) -> Depositor:
    """A person of the company, made by the portal's own use cases."""
    script = f"""
from pathlib import Path
from syncd.portal import bootstrap; bootstrap.use(Path({str(world.portal_dir)!r}))
from syncd.portal.models import Client, User
from syncd.portal.rights import PRESETS
from syncd.portal.rights import Role
from syncd.portal.people import accounts
from syncd.portal.people.visibility import person_of
boss, client = User.objects.get(role="correspondent"), Client.objects.get(code={CODE!r})
user = accounts.create(person_of(boss), accounts.Wish({name!r}, {name!r}, Role.CONTACT, PRESETS[{preset!r}], clients=[client]))
accounts.set_password(user, "encore une phrase longue")
"""
    subprocess.run([SYNCD[0], "-c", script], check=True)
    return Depositor(world, name, "encore une phrase longue")


@pytest.fixture
def marie(world: World) -> Depositor:
    return person(world, "marie", "secretary")


@pytest.mark.parametrize(
    "name",
    [
        "../Social/x.pdf",
        "../../etc/passwd.pdf",
        "a/../../x.pdf",
        "..\\Social\\x.pdf",
        "x\0.pdf",
        "./x.pdf",
        "",
        "/",
        "~$x.docx",
        ".syncd/x.pdf",
        "x.pdf.exe",
        "script.js",
        "a" * 5000 + ".pdf",
    ],
)
def test_names_that_lead_elsewhere_are_refused_before_a_byte_is_sent(world: World, marie: Depositor, name: str) -> None:
    answer = marie.begin(name, 5)
    assert answer.status in (400, 422), (answer.status, answer.text)
    assert json.loads(answer.text)["message"] and not list((world.portal_dir / "uploads").iterdir())


def test_folders_out_of_ones_rights_and_other_peoples_uploads_do_not_exist(world: World, marie: Depositor) -> None:
    assert marie.begin("x.pdf", 5, "Social").status == 422
    assert marie.begin("x.pdf", 5, "Interne").status == 422
    assert marie.begin("x.pdf", 5, "Nulle part").status == 422
    paul = person(world, "paul", "all")
    begun = paul.begin("salaires.pdf", 5, "Social")
    where = begun.headers["location"]
    for answer in (
        marie.ask("HEAD", where, X_CSRFToken=marie.token), marie.ask("PATCH", where, b"12345", Upload_Offset="0", X_CSRFToken=marie.token),
        marie.ask("DELETE", where, X_CSRFToken=marie.token), marie.ask("HEAD", "/deposit/tus/" + "0" * 32), marie.ask("HEAD", "/deposit/tus/..%2f..%2fportal.db"),
    ):  # fmt: skip
        assert answer.status == 404
    said = paul.ask("PATCH", where, b"12345", Upload_Offset="0", X_CSRFToken=paul.token)
    assert said.status == 204
    number = json.loads(urllib.parse.unquote(said.headers["syncd-deposit"]))["number"]
    document = next(iter(world.online().values()))["id"]
    for path in (
        f"/documents/{document}",
        f"/documents/{document}/telecharger",
        f"/documents/{document}/apercu",
        f"/depots/{number}",
        "/dossiers/007868/Social",
    ):
        assert marie.ask("GET", path).status == 404, path


def test_requests_from_elsewhere_or_without_a_session_write_nothing(world: World, marie: Depositor) -> None:
    assert marie.begin("x.pdf", 5, X_CSRFToken="wrong").status == 403
    assert marie.begin("x.pdf", 5, Origin="https://evil.example").status == 403
    assert marie.ask("POST", "/deposit/tus/", Upload_Length="5", X_CSRFToken=marie.token, cookies=False).status == 401
    assert marie.begin("x.pdf", 5, Host="evil.example").status == 400
    assert marie.ask("GET", "/", Host="evil.example").status == 400
    assert marie.ask("GET", "/", X_Huge="x" * 70_000).status in (400, 431)
    assert marie.ask("GET", "/dossiers/%00").status == 400
    assert marie.ask("GET", "/documents/" + "9" * 3000).status == 404
    for bad in ("-1", "five", "9" * 30, ""):
        assert marie.begin("x.pdf", 0, Upload_Length=bad).status == 400
    begun = marie.begin("x.pdf", 5)
    assert (
        marie.ask("PATCH", begun.headers["location"], b"123456789", Upload_Offset="0", X_CSRFToken=marie.token).status
        == 413
    )
    assert marie.ask("PATCH", begun.headers["location"], b"1", Upload_Offset="3", X_CSRFToken=marie.token).status == 409
    assert not world.online()


def test_scripts_stay_text_and_nothing_is_rendered_that_is_not_what_it_says(world: World, marie: Depositor) -> None:
    world.portal("client", "set", CODE, "--name", "<script>alert(1)</script> & Cie")
    html = b"<html><script>alert(document.cookie)</script></html>"
    said = marie.put('"><img src=x onerror=alert(1)>.pdf', html)
    assert said["outcome"] == "stored"
    marie.put("image.png", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")
    marie.put("page.xml", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    for path in (
        "/",
        "/dossiers/007868/Achats",
        f"/depots/{said['number']}",
        "/recherche?q=%3Cscript%3Ealert(1)%3C/script%3E&by=%22%3E%3Cscript%3E",
    ):
        page = marie.ask("GET", path)
        assert page.status == 200 and "<script>alert" not in page.text and "onerror=alert(1)>" not in page.text, path
        assert (
            "script-src 'self'" in page.headers["content-security-policy"] and page.headers["x-frame-options"] == "DENY"
        )
        assert not re.search(r"<script(?! src=)", page.text) and " style=" not in page.text
    ids = {path.rsplit("/", 1)[1]: d["id"] for path, d in world.online().items()}
    for name, document in ids.items():
        shown = marie.ask("GET", f"/documents/{document}/apercu")
        if name == "image.png":
            assert shown.headers["content-type"] == "image/png" and shown.headers["content-security-policy"].startswith(
                "sandbox;"
            )
        else:
            assert shown.status == 302 and shown.headers["location"].endswith("/telecharger"), name
        got = marie.ask("GET", f"/documents/{document}/telecharger")
        assert (
            got.headers["content-disposition"].startswith("attachment")
            and got.headers["content-type"] == "application/octet-stream"
        )
        assert got.headers["x-content-type-options"] == "nosniff"


def test_one_person_cannot_begin_more_uploads_than_the_disk_should_hold(world: World) -> None:
    few = (
        "from syncd.portal.storage import uploads\nuploads.BYTES = 20_000_000"  # of 20 GB, which no disk here need have
    )
    world.stop_portal()
    world.serve(few)
    marie = person(world, "marie", "all")

    def begin(n: int) -> Answer:
        return marie.begin(f"fec {n}.txt", 1_000_000, "Fiscalité/FEC")

    assert [begin(n).status for n in range(20)] == [201] * 20
    over = begin(20)
    assert over.status == 429 and "terminez-les" in over.text
    uploads = world.portal_dir / "uploads"
    oldest = min(p for p in uploads.iterdir() if p.suffix != ".json")
    assert person(world, "Paul", "all").begin("fec.txt", 1_000_000, "Fiscalité/FEC").status == 201
    world.stop_portal()
    os.utime(oldest, (oldest.stat().st_mtime - 7200,) * 2)
    world.serve(few)  # it counts what it finds
    assert begin(20).status == 201 and not oldest.exists()  # what was left alone longest made way


def test_25_the_same_name_twice_is_never_an_overwrite(world: World, marie: Depositor) -> None:
    first, again, other = (
        marie.put("facture.pdf", b"one"),
        marie.put("facture.pdf", b"one"),
        marie.put("facture.pdf", b"two"),
    )
    assert (first["outcome"], again["outcome"], other["outcome"]) == ("stored", "already", "stored")
    assert other["path"] == "Achats/facture (2).pdf" and first["number"] == other["number"]
    assert world.bytes_online("Achats/facture.pdf") == b"one" and world.bytes_online("Achats/facture (2).pdf") == b"two"
    page = marie.ask("GET", f"/depots/{first['number']}").text
    assert "Déjà déposé le" in page and "déposé comme «\u202ffacture.pdf\u202f»" in page
    assert marie.put("FACTURE.PDF", b"three")["path"] == "Achats/FACTURE (3).PDF"


def test_signing_in_leads_nowhere_else(world: World) -> None:
    visitor = Visitor(world.url)
    for where in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        page = visitor.get("/connexion?next=" + urllib.parse.quote(where))
        assert 'name="next" value="/"' in page, where


def test_what_the_cabinet_removed_comes_again_when_it_is_deposited_again(world: World) -> None:
    world.put("Achats/a.pdf", "the same")
    world.run()
    world.path("Achats/a.pdf").unlink()
    assert world.run().actions("leave")
    assert world.run().idle
    world.put("Achats/a.pdf", "the same")
    done = world.run()
    assert [e["path"] for e in done.actions("download")] == ["Achats/a.pdf"]
    assert world.here()["Achats/a.pdf"] == b"the same"
    world.same()
    world.path("Achats/a.pdf").unlink()
    world.run()
    assert world.run().idle and "Achats/a.pdf" not in world.here()  # left again, and stays so
