"""Wrong and hostile input gets one clear sentence; nothing is lost and nothing is half done (HAZARDS 2, 24, 27)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from tests.e2e.proxy import Proxy
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
A = "Achats/a.pdf"


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    made = Proxy(world.url)
    world.env["SYNCD_PORTAL_URL"] = made.url
    yield made
    made.close()


def settled(world: World) -> None:
    world.write(A, "one")
    world.put("Ventes/v.pdf", "online")
    assert world.run().code == 0


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "text/html"}, b"<html>Veuillez vous connecter</html>"),
        (404, {}, b"not found"),
        (200, {"Content-Type": "application/json"}, b'{"cabinet": "x", "clie'),
        (200, {"Content-Type": "application/json"}, b"{}"),
        (503, {}, b"down"),
        None,
    ],
)
def test_what_is_not_the_portal_changes_nothing(
    world: World, proxy: Proxy, answer: tuple[int, dict[str, str], bytes] | None
) -> None:
    settled(world)
    world.write("Achats/b.pdf", "new")
    proxy.change = lambda *_: answer
    done = world.run()
    assert done.code == 6 and done.idle and done.summary["verdict"] == "abandoned"
    assert set(world.here()) == {A, "Ventes/v.pdf", "Achats/b.pdf"} and set(world.online()) == {A, "Ventes/v.pdf"}
    proxy.change = lambda path, *rest: rest
    assert world.run().code == 0
    world.same()


@pytest.mark.parametrize("lie", ["empty", "short", "climbing", "absolute"])
def test_a_listing_that_lies_is_refused(world: World, proxy: Proxy, lie: str) -> None:
    settled(world)
    world.portal("engine-right", CODE, "Social", "off")  # makes the engine ask for the listing again

    def change(path: str, status: int, head: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if not path.endswith("/listings"):
            return status, head, body
        listing = json.loads(body.split(b"\n")[0])
        if lie == "empty":
            listing["docs"] = []
        elif lie == "short":
            listing["docs"] = listing["docs"][:1]
        else:
            from syncd.core import tree_digests
            from syncd.core.protocol import Listing

            listing["docs"][0]["path"] = "../../evil.pdf" if lie == "climbing" else "/tmp/evil.pdf"
            parsed = msgspec.convert(listing, Listing, dec_hook=lambda type_, value: value)
            listing["count"], listing["digest"] = tree_digests.listing(parsed.docs, parsed.folders)
        return status, head, json.dumps(listing).encode() + b"\n\n"

    proxy.change = change
    done = world.run()
    assert done.code == 3 and done.reasons == {"stop_listing"} and done.idle
    assert set(world.here()) == {A, "Ventes/v.pdf"}
    proxy.change = lambda path, *rest: rest
    assert world.run().code == 0
    world.same()


def test_wrong_bytes_are_never_placed(world: World, proxy: Proxy) -> None:
    world.put(A, "what was deposited")
    world.put("Achats/b.pdf", "another")

    def change(path: str, status: int, head: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        return (
            status,
            head,
            body.replace(b"what was deposited", b"what was tampered.") if path.endswith("/get") else body,
        )

    proxy.change = change
    done = world.run()
    assert done.code == 3 and world.here() == {"Achats/b.pdf": b"another"}
    proxy.change = lambda path, *rest: rest
    assert world.run().code == 0 and world.here()[A] == b"what was deposited"
    world.same()


def test_a_stored_batch_whose_answer_is_lost_is_one_document(world: World, proxy: Proxy) -> None:
    for n in range(5):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    lost = list[int]()

    def change(path: str, status: int, head: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        if path.endswith("/put") and not lost:
            lost.append(1)
            return None
        return status, head, body

    proxy.change = change
    assert world.run().code == 0 and lost
    assert len(world.online()) == 5 and all(d["version"] == 1 for d in world.online().values())
    world.same()


def test_a_revoked_key_a_missing_key_and_no_portal(world: World) -> None:
    settled(world)
    world.token.write_text("0" * 64)
    done = world.run()
    assert done.code == 5 and done.idle and "token_file" in done.err
    world.token.unlink()
    done = world.run()
    assert done.code == 2 and "token" in done.err
    world.stop_portal()
    done = world.run(env={"SYNCD_TOKEN": "x"})
    assert done.code == 6 and done.summary["verdict"] == "abandoned"


@pytest.mark.parametrize(
    ("old", "new", "say"),
    [
        ('settle = "2s"', 'setle = "2s"', "settle"),
        ('interval = "15m"', 'interval = "soon"', "interval"),
        ("max_share = 0.20", "max_share = 20", "max_share"),
        ("[guards]", "[guard]", "guards"),
        ('first_publication = "allow"', 'first_publication = "maybe"', "first_publication"),
        ("ignore = []", "ignore = [", "TOML"),
    ],
)
def test_a_mistake_in_the_configuration_names_its_place_and_mend(world: World, old: str, new: str, say: str) -> None:
    text = world.config.read_text()
    assert old in text
    world.config.write_text(text.replace(old, new))
    done = world.syncd("config", "validate")
    assert done.code == 2 and say in done.err and str(world.config) in done.err
    assert world.syncd("run").code == 2


def test_plain_http_is_for_this_machine_only(world: World) -> None:
    done = world.run(env={"SYNCD_PORTAL_URL": "http://documents.example.fr"})
    assert done.code == 2 and "https://" in done.err


def test_unknown_clients_and_options_are_usage_errors(world: World) -> None:
    assert world.run("999999").code == 2
    assert world.syncd("approve", "999999", "--yes").code == 2
    assert world.syncd("run", "--max-duration", "soon").code == 2
    assert world.syncd("report", "99").code == 2
    assert world.syncd("journal", CODE, "--month", "novembre").code == 2
    assert world.portal("document", "put", CODE, "../x.pdf", "/etc/hostname", check=False).code == 2
    assert world.portal("client", "add", CODE, "Again", check=False).code == 2


def test_a_time_budget_ends_between_two_documents_and_the_next_run_goes_on(world: World) -> None:
    world.write(A, "one")
    done = world.run("--max-duration", "0")
    assert done.code == 10 and done.summary["verdict"] == "budget" and world.online() == {}
    assert world.run().code == 0 and set(world.online()) == {A}


def test_a_document_written_while_it_settles_is_taken_later_and_once(world: World) -> None:
    import threading
    import time

    target = world.write("Achats/scan.pdf", "page 1\n")
    stop = threading.Event()

    def pages() -> None:
        n = 2
        while not stop.is_set():
            with target.open("a") as f:
                f.write(f"page {n}\n")
            n += 1
            time.sleep(0.05)

    writer = threading.Thread(target=pages)
    writer.start()
    done = world.run(env={"SYNCD_SCHEDULE_SETTLE": "0.4s"})
    stop.set()
    writer.join()
    assert done.code == 3 and done.reasons == {"unstable"} and world.online() == {}
    done = world.run(env={"SYNCD_SCHEDULE_SETTLE": "0.4s"})
    assert done.code == 0 and world.online()["Achats/scan.pdf"]["version"] == 1
    world.same()


def test_what_is_restored_elsewhere_lies_nowhere_else(world: World, proxy: Proxy) -> None:
    settled(world)
    to, lies = world.base / "juin", [f"{world.base}/evil.pdf", "../evil.pdf", "Achats/../../evil.pdf", "/evil.pdf"]
    for lie in lies:

        def change(
            path: str, status: int, head: dict[str, str], body: bytes, lie: str = lie
        ) -> tuple[int, dict[str, str], bytes]:
            formers = json.loads(body) if path.endswith("/tree-at") else []
            for former in formers:
                former["path"] = lie
            return status, head, json.dumps(formers).encode() if formers else body

        proxy.change = change
        done = world.syncd("restore", CODE, "--to", to)
        assert done.code == 6 and "n'est pas la plateforme" in done.err, (lie, done.code, done.err)
    assert not list(world.base.rglob("evil.pdf")) and not list(world.base.parent.glob("evil.pdf"))


def test_a_proxy_with_a_low_limit_lets_documents_through_and_names_what_does_not_pass(
    world: World, proxy: Proxy
) -> None:
    settled(world)
    large, proxy.limit = b"x" * 3_000_000, 1_000_000
    world.write("Achats/scan.pdf", large)
    for n in range(4):
        world.write(f"Achats/{n}.pdf", bytes([65 + n]) * 400_000)
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 5, (done.events, done.err)
    assert world.bytes_online("Achats/scan.pdf") == large
    proxy.limit = 20_000
    world.write("Achats/other.pdf", b"y" * 200_000)
    world.write("Achats/note.pdf", "small")
    done = world.run()
    (refused,) = done.actions("refused")
    assert (refused["path"], refused["reason"]) == ("Achats/other.pdf", "proxy_limit") and done.code == 3
    assert "Achats/note.pdf" in world.online() and done.summary["verdict"] == "warning"
