"""Pictures of documents, one after the other: `./scripts/bench pictures`. Memory stays where it was, and no file of a stranger's
fails a request."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from measure import corpus
from measure.abuse import HOST, PASSWORD, Person
from measure.cabinet import ROOT, Cabinet
from measure.figures import peak_of

MANY, HOSTILE, AT_ONCE = 10_000, 200, 2
PATIENCE = 120.0  # seconds until a picture, or the icon that stands for one that cannot be made, is there
PENDING = b'height="37"'  # how an icon says that the picture is still to come
PEOPLE = """
from syncd.portal.models import Cabinet, Client, Grant, User
user = User.objects.create(cabinet=Cabinet.objects.get(), sign_in="marie", name="marie", role="contact")
Grant.objects.create(user=user, client=Client.objects.get(), kind="*", verbs="view deposit download")
user.set_password(sys.argv[2])
user.save()
import pathlib
from measure import cabinet
cabinet.deposit_tree(pathlib.Path(sys.argv[3]))
from syncd.portal.models import Document
print(" ".join(Document.objects.order_by("path").values_list("id", flat=True)))
"""


def pictures(args: Namespace) -> None:
    sys.path.insert(0, str(ROOT))
    many = args.documents or MANY
    cabinet = Cabinet(["000000"])
    try:
        cabinet.make()
        ids = cabinet.within(f"exec({PEOPLE!r})", PASSWORD, str(_tree(cabinet.base, many))).split()
        fine, hostile = ids[:many], ids[many:]
        print(
            f"\n### pictures: {len(fine):,} documents and {len(hostile)} hostile ones, {AT_ONCE} asked for at a time\n"
        )
        print("| pictures | seconds | failed requests | icons | portal RSS (peak) | process that reads RSS |")
        print("|---|---|---|---|---|---|", flush=True)
        step = max(many // 10, 1)
        _measured(cabinet, fine[:50], "the first 50")
        _measured(cabinet, hostile, f"{len(hostile)} hostile files")
        for n in range(50, many, step):
            _measured(cabinet, fine[n : n + step], f"to {min(n + step, many):,}")
        _measured(cabinet, fine[:step], f"{step:,} of the first, as they were kept")
    finally:
        cabinet.close()


def _tree(base: Path, many: int) -> Path:
    """Documents as people have them, each another; and those of strangers who mean harm."""
    from tests.support import hostile_files

    inside = base / "tree" / corpus.directory("000000") / "Achats"
    inside.mkdir(parents=True)
    for n in range(many):
        (inside / f"a facture {n:06}.pdf").write_bytes(hostile_files.invoice(f"FACTURE {n}"))
    for n, (name, data) in enumerate(hostile_files.files(HOSTILE)):
        if data:  # an empty one is refused when it is deposited
            (inside / f"z {n:03} {name.split(' ')[-1]}").write_bytes(data)
    return base / "tree"


def _measured(cabinet: Cabinet, ids: Sequence[str], said: str) -> None:
    assert cabinet.serving is not None
    started, told = time.monotonic(), list[str]()
    rows = [list(ids[n::AT_ONCE]) for n in range(AT_ONCE)]
    people = [threading.Thread(target=_looks, args=(int(cabinet.port), row, told)) for row in rows]
    for person in people:
        person.start()
    for person in people:
        person.join()
    failed, icons = sum(t not in ("icon", "picture") for t in told), told.count("icon")
    portal, reader = cabinet.serving.pid, _reader(cabinet.serving.pid)
    took = time.monotonic() - started
    print(
        f"| {said} | {took:,.0f} | {failed} | {icons} | {_resident(portal):.0f} MB ({peak_of(portal):.0f}) | {_resident(reader):.0f} MB |",
        flush=True,
    )


def _looks(port: int, ids: Sequence[str], told: list[str]) -> None:
    """As a page does: an icon that stands for what is still being made is asked for again."""
    marie = Person(port)
    marie.sign_in("marie")
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    for document in ids:
        until = time.monotonic() + PATIENCE
        while True:
            connection.request("GET", f"/vignette/{document}/petite", headers={"Cookie": marie.cookie})
            answer = connection.getresponse()
            shown = answer.read()
            kind = answer.headers.get_content_type()
            if answer.status == 200 and kind == "image/svg+xml" and PENDING in shown and time.monotonic() < until:
                time.sleep(0.2)
                continue
            told.append(str(answer.status) if answer.status != 200 else "picture" if kind == "image/webp" else "icon")
            break
    connection.close()


def _reader(portal: int) -> int:
    """The process that reads files: a child of the portal's, in whose line its module stands."""
    for task in Path(f"/proc/{portal}/task").iterdir():
        for pid in (task / "children").read_text().split():
            if b"syncd.portal.readers.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return portal


def _resident(pid: int) -> float:
    """MB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
