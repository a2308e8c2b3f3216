"""Rows of RULES 1, 5, 6 and 7 that need a hand inside: lost rows, emptied documents, answers, the long-poll, pages."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message

import pytest

from tests.e2e.world import CODE, SYNCD, World

pytestmark = pytest.mark.e2e
A = "Achats/a.pdf"


def inside(world: World, sql: str, *values: object) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db", timeout=10)) as conn, conn:
        return conn.execute(sql, values).fetchall()


def test_what_the_portal_lost_is_sent_again_and_only_a_tombstone_is_a_deletion(world: World) -> None:
    world.write(A, "one")
    world.run()
    for table, column in (("version", "document_id"), ("document", "id")):
        inside(
            world,
            f"delete from portal_{table} where {column} in (select id from portal_document where path = ?)"
            if table == "document"
            else f"delete from portal_{table}",
            *([A] if table == "document" else []),
        )
    world.portal("engine-right", CODE, "Social", "off")  # makes the engine list the client again
    done = world.run()
    assert done.summary["uploaded"] == 1 and done.summary["verdict"] == "warning" and world.here() == {A: b"one"}
    assert world.bytes_online(A) == b"one"
    world.same()


def test_a_known_document_suddenly_empty_or_short_is_put_back_never_sent(world: World) -> None:
    for name in ("empty", "short"):
        world.write(f"Achats/{name}.pdf", f"the whole of {name}")
    world.run()
    world.write("Achats/empty.pdf", "")
    short = world.path("Achats/short.pdf")
    before = short.stat()
    short.write_bytes(b"the wh")
    os.utime(short, ns=(before.st_atime_ns, before.st_mtime_ns))
    done = world.run()
    assert done.code == 3 and done.reasons == {"emptied"} and done.summary["downloaded"] == 2
    assert world.here() == {"Achats/empty.pdf": b"the whole of empty", "Achats/short.pdf": b"the whole of short"}
    assert all(d["version"] == 1 for d in world.online().values())
    world.same()


def test_touching_every_document_transfers_nothing(world: World) -> None:
    for n in range(5):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.run()
    for n in range(5):
        os.utime(world.path(f"Achats/{n}.pdf"), (n * 10**9, n * 10**9))
    done = world.run()
    assert done.idle and done.summary["requests"] == 2
    world.same()


def test_an_answer_given_on_the_portal_reaches_the_engine_by_the_feed(world: World) -> None:
    for n in range(40):
        world.write(f"Achats/{n:02}.pdf", f"doc {n}")
    world.run()
    for n in range(25):
        world.remove(f"Achats/{n:02}.pdf")
    assert world.run().code == 4
    script = (
        f"from pathlib import Path\nfrom syncd.portal import bootstrap; bootstrap.use(Path({str(world.portal_dir)!r}))\n"
        "from syncd.portal.models import User, WaitingSet\nfrom syncd.portal.people import visibility\nfrom syncd.portal.sync import approvals\n"
        "w = WaitingSet.objects.get(); assert len(w.actions) == 25\nwho = visibility.person_of(User.objects.get())\n"
        "approvals.answer(who, w.digest, True)"
    )
    assert subprocess.run([SYNCD[0], "-c", script]).returncode == 0
    done = world.run()
    assert done.code == 0 and done.summary["set_aside"] == 25
    world.same()


def test_the_long_poll_answers_as_soon_as_a_command_changes_something(world: World) -> None:
    import asyncio

    from syncd.core.protocol import Caller
    from syncd.remote.http import HttpRemote
    from syncd.remote.session import Session
    from syncd.remote.transport import Transport

    caller = Caller("other", "machine", "instance", lease=False)

    async def wait() -> tuple[float, bool]:
        remote = HttpRemote(Session(Transport(world.url, world.token.read_text().strip())))
        first = await remote.hello(caller, None)
        started = time.monotonic()
        later.start()
        head = await remote.poll(caller, first.cursor, 20.0)
        await remote.close()
        return time.monotonic() - started, head != first.cursor

    world.online()
    later = threading.Timer(0.7, lambda: world.put(A, "one"))
    took, moved = asyncio.run(wait())
    later.join()
    assert 0.5 < took < 15 and moved  # of the 20 it would have waited


def test_the_first_page_asks_to_sign_in_lists_and_hands_out_attachments_only(world: World) -> None:
    world.put("Achats/<b>été</b>.html.pdf", "<script>alert(1)</script>")
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(path: str) -> tuple[str, Message]:
        with opener.open(world.url + path) as answer:
            return answer.read().decode(), answer.headers

    page, headers = get("/dossiers/" + CODE)
    assert "Connexion" in page and "default-src 'none'" in headers["Content-Security-Policy"]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None

    def sign_in(password: str) -> int:
        form = {"csrfmiddlewaretoken": token[1], "login": "direction@cabinet-martin.fr", "password": password}
        try:
            with opener.open(world.url + "/connexion", urllib.parse.urlencode(form).encode()) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as e:
            with e:
                return e.code

    assert sign_in("wrong") == 403
    assert sign_in("une phrase assez longue") == 200
    assert "SARL Dupont" in get("/clients")[0]
    page, _ = get("/dossiers/" + CODE)
    assert "été" in page and "<b>été" not in page and "En attente" in page
    link = re.search(r"/documents/[0-9a-f]{32}", page)
    assert link is not None
    body, headers = get(link[0] + "/telecharger")
    assert body.startswith("<script>") and headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Type"] == "application/octet-stream" and headers["X-Content-Type-Options"] == "nosniff"
    assert next(iter(world.online().values()))["downloads"] == 1
    assert next(iter(world.online().values()))["received_at"] is not None
