"""`kill -9` at each durable step of engine and portal, one after the other: then new runs, and both sides compared.

A step is right before and right after each rename, exchange, sync, commit and request: enumerated, not at random. The
process kills itself there with SIGKILL: nothing of it runs any more, what the system has is what there is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e

FUSE = """
import functools, os, signal
left, armed = [{at}], [True]
def step():
    left[0] -= armed[0]
    if left[0] == 0 and armed[0]:
        os.kill(os.getpid(), signal.SIGKILL)
def around(owner, name):
    inner = getattr(owner, name)
    @functools.wraps(inner)
    def fused(*args, **kwargs):
        step()
        result = inner(*args, **kwargs)
        step()
        return result
    setattr(owner, name, fused)
import syncd.disk.rename, syncd.disk.durability
from syncd.disk.directory import Directory
for owner, name in (
    (syncd.disk.rename, "move_no_replace"), (syncd.disk.durability, "sync_files"), (syncd.disk.durability, "sync_directories"),
    (syncd.disk.durability, "sync_documents"), (syncd.disk.durability, "sync_names"), (Directory, "move"), (Directory, "exchange"),
    (os, "mkdir"), (os, "link"),
):
    around(owner, name)
"""
ENGINE = (
    FUSE
    + """
import contextlib
from syncd.state.transaction import Transaction
atomic = Transaction.atomic
@contextlib.contextmanager
def committing(self):
    outer = not self.conn.in_transaction
    with atomic(self):
        yield
        if outer:
            step()
    if outer:
        step()
Transaction.atomic = committing
import syncd.remote.session
send = syncd.remote.session.Session.whole
async def sending(self, *args, **kwargs):
    step()
    answer = await send(self, *args, **kwargs)
    step()
    return answer
syncd.remote.session.Session.whole = sending
"""
)
PORTAL = (
    FUSE
    + """
from pathlib import Path
from syncd.portal import bootstrap
bootstrap.use(Path({portal!r}))
from django.db.backends.base.base import BaseDatabaseWrapper
around(BaseDatabaseWrapper, "commit")
import syncd.portal.api.auth as guard
answered = guard.answer
def answering(value, status=200):
    step()
    return answered(value, status)
guard.answer = answering
armed[0] = False  # until it serves
from syncd.portal.serve import Server
startup = Server.startup
async def ready(self, sockets=None):
    await startup(self, sockets)
    armed[0] = True
Server.startup = ready
import syncd.portal.api.endpoints, syncd.portal.api.transfer
syncd.portal.api.endpoints.answer = syncd.portal.api.transfer.answer = answering
"""
)


MOST = 400  # steps of a run, and then some
EVERY = int(os.environ.get("SYNCD_EVERY", "4"))  # 1: each step; the test run takes every fourth, to be quick


class Tale:
    """The same work again and again, with new documents each time; `ever`: every content anybody wrote."""

    def __init__(self, world: World) -> None:
        self.world, self.n, self.ever = world, 0, set[str]()

    def data(self, what: str) -> str:
        text = f"{what} {self.n}"
        self.ever.add(hashlib.sha256(text.encode()).hexdigest())
        return text

    def work(self) -> None:
        world, n = self.world, self.n
        with contextlib.closing(sqlite3.connect(world.state / "state.db")) as state, state:
            state.execute("delete from windows")  # as a day would: guards are tried elsewhere
        if n == 0:
            for name in ("edited", "changed", "both", "moved", "deleted"):
                world.write(f"Achats/{name}-0.pdf", self.data(f"first {name}"))
            assert world.run().code == 0
        world.write(f"Achats/edited-{n}.pdf", self.data("edited here"))
        world.put(f"Achats/changed-{n}.pdf", self.data("changed online"))
        world.write(f"Achats/both-{n}.pdf", self.data("both, here"))
        world.put(f"Achats/both-{n}.pdf", self.data("both, online"))
        world.path(f"Achats/moved-{n}.pdf").rename(world.path(f"Ventes/moved-{n}.pdf"))
        world.remove(f"Achats/deleted-{n}.pdf")
        self.n = n = n + 1
        for name in ("edited", "changed", "both", "moved", "deleted"):
            world.write(f"Achats/{name}-{n}.pdf", self.data(f"first {name}"))
        world.put(f"Banque/{n}/deposit.pdf", self.data("deposit"))

    def together(self, at: int) -> None:
        """At most three runs, and everything there ever was is somewhere; nothing is there twice."""
        world = self.world
        for _ in range(3):  # a second name made just before the end shares its bytes: it is taken one run later
            done = world.run()
            assert done.code == 0 or done.reasons == {"unstable"}, f"killed at step {at}: {done.events} {done.err}"
            if done.idle and not done.code:
                break
        assert done.idle and not done.code, f"killed at step {at}: {done.events}"
        here = world.here()
        online = world.online()
        assert {p: hashlib.sha256(d).hexdigest() for p, d in here.items() if "supp_" not in p} == {
            p: d["sha256"] for p, d in online.items()
        }, f"killed at step {at}"
        copies = [p for p in here if f"both-{self.n - 1} (version du cabinet" in p]
        aside = [p for p in here if f"deleted-{self.n - 1}.pdf" in p]
        assert len(copies) == 1, f"killed at step {at}: {copies}"
        assert aside == [f"Achats/supp_deleted-{self.n - 1}.pdf"], f"killed at step {at}: {aside}"
        assert world.bytes_online(f"Achats/edited-{self.n - 1}.pdf", 1).startswith(b"first edited")
        assert online[f"Achats/edited-{self.n - 1}.pdf"]["version"] == 2, f"killed at step {at}"
        assert f"Ventes/moved-{self.n - 1}.pdf" in online

    def nothing_lost(self) -> None:
        world = self.world
        found = {hashlib.sha256(p.read_bytes()).hexdigest() for p in world.root.rglob("*") if p.is_file()}
        found |= {
            hashlib.sha256(p.read_bytes()).hexdigest() for p in (world.portal_dir / "blobs").rglob("*") if p.is_file()
        }
        assert not self.ever - found
        proof = world.syncd("verify", "--deep")
        assert proof.code == 0, proof.out
        assert world.portal("check").code == 0


def test_the_engine_killed_at_each_of_its_steps(world: World) -> None:
    tale, at, finished = Tale(world), 1, False
    while not finished:
        tale.work()
        said = world.forked(ENGINE.replace("{at}", str(at)), "run", "--json")
        finished = bool(said) and said[-1]["type"] == "summary"
        tale.together(at)
        at += EVERY
        assert at < MOST, "no run came to its end"
    assert at > 40, f"only {at} steps"
    tale.nothing_lost()


QUICK = "import stamina; stamina.set_testing(True, attempts=1)"


def test_the_portal_killed_at_each_of_its_steps_and_what_it_answered_is_there(world: World) -> None:
    tale, at = Tale(world), 1
    tale.work()
    tale.together(0)
    while True:
        tale.work()
        world.stop_portal()
        world.serve(PORTAL.replace("{at}", str(at)).replace("{portal!r}", repr(str(world.portal_dir))))
        said = world.forked(QUICK, "run", "--json")
        stored = [e for e in said if e.get("action") == "upload"]
        assert world.server is not None
        alive = world.server.poll() is None
        if alive:
            world.stop_portal()
        else:
            world.server.stdout.close()
        world.serve()
        online = world.online()
        for event in stored:  # "stored" was answered, and the process killed at once: the document is there
            assert online[event["path"]]["sha256"] == event["sha256"], f"killed at step {at}: {event}"
        tale.together(at)
        at += EVERY
        if alive:
            break
    assert at > 15, f"only {at} steps"
    tale.nothing_lost()


def test_the_order_of_the_portals_calls_is_write_sync_name_directory_commit_answer(world: World) -> None:
    """Asserted on the real calls of the real process (HAZARDS 43)."""
    log = world.base / "calls"
    world.stop_portal()
    world.serve(
        f"""
import os
from pathlib import Path
from syncd.portal import bootstrap
bootstrap.use(Path({str(world.portal_dir)!r}))
out = os.open({str(log)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def said(owner, name, word):
    inner = getattr(owner, name)
    def telling(*args, **kwargs):
        os.write(out, (word + "\\n").encode())
        return inner(*args, **kwargs)
    setattr(owner, name, telling)
import syncd.disk.rename, syncd.disk.durability
from syncd.portal.storage.local import LocalBlobs
from django.db.backends.base.base import BaseDatabaseWrapper
import syncd.portal.api.transfer as contents
said(LocalBlobs, "stage", "write")
said(syncd.disk.durability, "sync_files", "sync")
said(syncd.disk.rename, "move_no_replace", "name")
said(syncd.disk.durability, "sync_directories", "directory")
said(BaseDatabaseWrapper, "commit", "commit")
said(contents, "answer", "answer")
"""
    )
    for n in range(3):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    log.write_text("")
    assert world.run().code == 0
    calls = log.read_text().split()
    first, last = calls.index("write"), calls.index("answer", calls.index("write"))
    order = [c for n, c in enumerate(calls[first : last + 1]) if n == 0 or c != calls[first + n - 1]]
    assert order == ["write", "sync", "name", "directory", "commit", "answer"], calls
