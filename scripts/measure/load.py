"""Load on the portal: eight batch uploads at once, and people's pages meanwhile."""

from __future__ import annotations

import http.cookiejar
import json
import random
import re
import statistics
import threading
import time
import urllib.parse
import urllib.request
from argparse import Namespace
from collections.abc import Sequence

from measure import corpus
from measure.cabinet import Cabinet
from measure.figures import cpu_of, peak_of

SENDERS, BATCHES, DOCUMENTS = 8, 6, 500
PASSWORD = "un mot de passe assez long"
PAGES = ("/", "/synchronisation", "/recherche?q=facture", "/dossiers/000000/Achats")


def portal(args: Namespace) -> None:
    cabinet = Cabinet(corpus.codes(SENDERS * corpus.EACH), texts=True)
    try:
        cabinet.make()
        assert cabinet.serving is not None
        ids = json.loads(
            cabinet.within(
                "import json; from syncd.portal.models import Client, User; "
                f"u = User.objects.get(); u.set_password({PASSWORD!r}); u.save(); "
                "print(json.dumps(dict(Client.objects.values_list('code', 'id'))))"
            )
        )
        calm = _visit(cabinet.url, 20)
        sending = [threading.Thread(target=_send, args=(cabinet, ids[code], n)) for n, code in enumerate(cabinet.codes)]
        before, started = cpu_of(cabinet.serving.pid), time.monotonic()
        for thread in sending:
            thread.start()
        busy = _visit(cabinet.url, 40, sending)
        for thread in sending:
            thread.join()
        seconds, count = time.monotonic() - started, SENDERS * BATCHES * DOCUMENTS
        print("\n### portal: 8 batch uploads at once, durable, and people's pages meanwhile\n")
        print("| | |\n|---|---|")
        print(f"| documents of 4–16 KB stored | {count:,} in {seconds:.1f} s: {count / seconds:,.0f} a second |")
        print(f"| CPU of the portal | {cpu_of(cabinet.serving.pid) - before:.1f} s |")
        print(f"| peak memory of the portal | {peak_of(cabinet.serving.pid):.0f} MB |")
        print(f"| a page, calm | {_said(calm)} |")
        print(f"| a page, meanwhile | {_said(busy)} |", flush=True)
    finally:
        cabinet.close()


def _said(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms ({len(ordered)} pages)"


def _send(cabinet: Cabinet, client: str, number: int) -> None:
    """Batches of one engine; the lease is the one the cabinet's own engine took a moment ago."""
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.wire import framing

    rng = random.Random(number)
    token = (cabinet.base / "token").read_text().strip()
    lease = cabinet.lease()
    for batch in range(BATCHES):
        items = []
        for n in range(DOCUMENTS):
            data = rng.randbytes(rng.randint(4_000, 16_000))
            items.append((PutItem(client, f"Achats/{batch}-{n:04}.pdf", content_of(data)), data))
        request = urllib.request.Request(
            f"{cabinet.url}/api/v1/put", b"".join(framing.write(items)),
            {"Authorization": f"Bearer {token}", "Syncd-Lease": lease, "Syncd-Request": "1000000"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=120) as answer:
            results = json.loads(answer.read())["results"]
        assert all(r["status"] == "ok" for r in results), results[:1]


def _visit(url: str, most: int, while_alive: Sequence[threading.Thread] = ()) -> list[float]:
    """Somebody who signs in and looks at one page after the other."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = opener.open(f"{url}/connexion").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert found is not None
    fields = {"csrfmiddlewaretoken": found[1], "login": "a@example.fr", "password": PASSWORD}
    opener.open(f"{url}/connexion", urllib.parse.urlencode(fields).encode())
    times: list[float] = []
    while len(times) < most or any(t.is_alive() for t in while_alive):
        page = PAGES[len(times) % len(PAGES)]
        started = time.monotonic()
        body = opener.open(url + page).read().decode()
        times.append(time.monotonic() - started)
        assert "Se déconnecter" in body, (page, body[:300])
        time.sleep(0.02)
    return times
