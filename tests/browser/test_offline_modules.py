"""The page's rules are the program's own: asked the same, both answer the same."""

from __future__ import annotations

import base64
import hashlib
import random
import string
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from syncd.core import naming, paths
from syncd.core.packages import manifest as manifests
from syncd.core.packages.manifest import Change, Entry, Manifest, NotTaken, Prior, Receipt, Way, is_portable, totals
from syncd.package_file import archive
from syncd.package_file.public_keys import Public
from syncd.report.offline_page.facts import PageFacts
from tests.browser.offline import modules

KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
FACTS = PageFacts("a" * 32, "b" * 32, "007868", "SARL", "Cabinet", "#14507a", KEY, "age1qqq")
ODD = [
    "", ".", "..", "../x", "a/../b", "/x", "x/", "a//b", "C:\\x", "C:x.pdf", "CON", "con.pdf", "Achats/NUL", "COM¹.txt", "CONIN$", "a.", "a ", " a", "a .pdf",
    "é" * 127 + ".pdf", "é" * 125 + ".pdf", "x" * 251 + ".pdf", "x" * 256, "e\u0301.pdf", "été.pdf", "a\x00b", "a\x7f", "a\x85b", "a\u202eb.pdf", "a\u200cb", "a\u200bb",
    "<script>.pdf", "a|b", "Thumbs.db", "thumbs.DB", "~$x.docx", "a.tmp", ".syncd-x", "x/.syncd/y", ".git/a", "12345678", "1234567A", "a~", "._x", "#recycle/x", "4913",
    "a.sb-12345678-abcdef", "/".join("a" * 99), "/".join("a" * 101), "a/" * 40 + "é" * 120, "😀.pdf", "\ufb01.pdf", "straße.pdf", "ΣΊΣΥΦΟΣ", "İ.pdf", "ı.pdf", "ﬀ", "x.lock",
    "$RECYCLE.BIN", "lost+found", "a\u2028b", "\ufeffa.pdf", "\U000e0041a", "...", "-", "_", ".htaccess", "a.b.c", "Ǆ.pdf", "ŉ.pdf", "\u0345a", "K.pdf", "Å.pdf", "ẞ.pdf",
]  # fmt: skip


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = modules(chromium, FACTS, "bytes", "places", "manifest", "frame", "keys")
    yield page
    page.close()


def corpus() -> list[str]:
    chance, letters = random.Random(2028), string.ascii_letters[:6] + 'éÉßΣςıİﬁ 0.-_~$#/\\:*?"<>|\u0301\u202e\x07😀'
    return ODD + ["".join(chance.choices(letters, k=chance.randrange(1, 9))) for _ in range(3000)]


def test_a_place_is_one_for_both(page: Page) -> None:
    names = corpus()
    answers = page.evaluate("names => names.map(modules.places.isPlace)", names)
    assert [n for n, answer in zip(names, answers, strict=True) if answer != is_portable(n)] == []


def test_a_name_is_made_safe_alike(page: Page) -> None:
    names = [n.rpartition("/")[2] or "x" for n in corpus()]
    answers = page.evaluate("names => names.map(modules.places.safeName)", names)
    assert {
        n: (a, naming.windows_safe(n)) for n, a in zip(names, answers, strict=True) if a != naming.windows_safe(n)
    } == {}


def test_what_is_one_place_at_the_cabinet_is_one_in_the_page(page: Page) -> None:
    """It may be stricter, never laxer: a package with twins would be refused whole."""
    names = corpus() + [n.swapcase() for n in corpus()] + [n.casefold() for n in corpus()]
    by_key = dict[str, set[str]]()
    for name, key in zip(names, page.evaluate("names => names.map(modules.places.placeKey)", names), strict=True):
        by_key.setdefault(paths.key(name), set()).add(key)
    assert {k: v for k, v in by_key.items() if len(v) > 1} == {}


def test_places_are_in_one_order(page: Page) -> None:
    names = [*corpus(), "a\uff5e", "a\U0001f600", "a\ue000"]
    assert page.evaluate("names => names.sort(modules.bytes.byCharacter)", names) == sorted(names)


@pytest.mark.parametrize(
    "story",
    [
        [("a.pdf", 5, 1), ("données/été.pdf", 0, 2)],
        [("a", 2**31 - 1, 7), ("b", 2**31, 2**32 - 1), ("é", 2**33 + 1, 3), ("d", 1, 4)],
        [("data/x", 1, 3)] * 66_000,
    ],
    ids=["small", "beyond 4 GB", "more than 65,535"],
)
def test_a_frame_is_the_same_bytes_however_large_what_it_holds(page: Page, story: list[tuple[str, int, int]]) -> None:
    members = [archive.Member(*m) for m in story]
    expected = hashlib.sha256(b"".join(m.header() for m in members[:10]) + archive._tail(members)).hexdigest()
    found = page.evaluate(
        """([story, times]) => {
          const { frame, bytes } = modules, few = story.map(([name, size, crc]) => ({ name, size, crc }));
          const members = Array.from({ length: times }, (_, n) => few[n % few.length]);
          return bytes.sha256Hex(bytes.joined(...members.slice(0, 10).map(frame.memberHeader), frame.zipTail(members)));
        }""",
        [[list(m) for m in story[:10]], len(story)],
    )
    assert found == expected


def _sha(chance: random.Random) -> str:
    return f"{chance.getrandbits(256):064x}"


def _entry(chance: random.Random, place: str) -> Entry:
    change = chance.choice(list(Change))
    return Entry(
        change, place, f"Ventes/{place[7:]}" if change is Change.MOVE else "", "" if change is Change.ADD else _sha(chance),
        "" if change is Change.DELETE else _sha(chance), 0 if change is Change.DELETE else chance.choice([0, 1, 2**40]), chance.choice([0, -5, 1_700_000_000]),
    )  # fmt: skip


def _manifest(chance: random.Random) -> Manifest:
    text = "".join(chance.choices('abé😀"\\/<>&\u2028\u00a0 ', k=chance.randrange(12)))
    safe = naming.windows_safe(text)
    entries = [
        _entry(chance, f"Achats/{n} {safe}") for n in range(chance.randrange(4)) if is_portable(f"Achats/{n} {safe}")
    ]
    count, size = totals(entries)
    refused = (NotTaken("Achats/x", "empty", text),)
    receipts = tuple(
        Receipt(n + 1, _sha(chance), ("Achats",) if n else (), refused, (text,)) for n in range(chance.randrange(3))
    )
    return Manifest(
        format=1, id="1" * 32, cabinet="2" * 32, client="3" * 32, code="007868", name=text, way=chance.choice(list(Way)), key=KEY, age=chance.choice(["", "age1q"]),
        sequence=chance.randrange(1, 2**31), prerequisite=chance.choice([None, Prior(1, _sha(chance), "2026-02-28T23:59:59Z")]), full=chance.random() < 0.5,
        created="2026-11-28T14:03:00Z", purpose=text, comment=f"{text}\n{text}", receipts=receipts, entries=tuple(entries), count=count, size=size,
    )  # fmt: skip


def test_a_list_is_written_alike_and_no_other_bytes_are_taken(page: Page) -> None:
    chance = random.Random(7)
    good = [manifests.encode(_manifest(chance)) for _ in range(300)]
    for one in good:
        manifests.decode(one)
    odd = []
    for one in good[:150]:
        at = chance.randrange(len(one))
        odd.append(one[:at] + bytes([chance.randrange(32, 127)]) + one[at + 1 :])
    answers = page.evaluate(
        """given => given.map((text) => {
          const data = modules.bytes.fromBase64(text);
          try {
            return modules.bytes.base64(modules.manifest.encodeManifest(modules.manifest.decodeManifest(data))) === text ? "same" : "other";
          } catch (e) {
            return e.code ?? String(e);
          }
        })""",
        [base64.b64encode(one).decode() for one in good + odd],
    )
    assert answers[: len(good)] == ["same"] * len(good)
    for one, answer in zip(odd, answers[len(good) :], strict=True):
        assert (answer == "same") == _taken(one), (one, answer)


def _taken(data: bytes) -> bool:
    try:
        manifests.decode(data)
    except manifests.PackageRefused:
        return False
    return True


def test_two_people_compare_the_same_digits(page: Page) -> None:
    for public in (Public(KEY, "age1qqq"), Public(KEY[::-1], "age1" + "z" * 58)):
        assert (
            page.evaluate(
                "key => modules.keys.safetyNumber(key)", {"signing": public.signing, "sealing": public.sealing}
            )
            == public.safety_number
        )
