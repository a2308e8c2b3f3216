"""Addresses are taken apart once; nothing is decided by how their text begins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.core import web_address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://documents.example.fr", "https://documents.example.fr"),
        ("HTTPS://documents.example.fr", "https://documents.example.fr"),
        ("Https://Documents.Example.FR/", "https://documents.example.fr"),
        ("  https://documents.example.fr \u00a0", "https://documents.example.fr"),
        ("\ufeffhttps://documents.example.fr", "https://documents.example.fr"),
        ("https://documents.example.fr:443", "https://documents.example.fr"),
        ("https://documents.example.fr:8443", "https://documents.example.fr:8443"),
        ("https://documents.example.fr/portail/", "https://documents.example.fr/portail"),
        ("https://documents.société.fr", "https://documents.xn--socit-esab.fr"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("HTTP://LOCALHOST:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://127.0.0.2", "http://127.0.0.2"),
    ],
)
def test_one_address_however_it_is_written(written: str, meant: str) -> None:
    found = web_address.safe(written)
    assert str(found) == meant
    assert found.secure == meant.startswith("https:")
    assert web_address.parse(str(found)) == found


@pytest.mark.parametrize(
    "written",
    [
        "", "documents.example.fr", "https:documents.example.fr", "https:///x", "https ://documents.example.fr", "ftp://documents.example.fr",
        "https://documents.example.fr:99999", "https://documents.example.fr:port", "https://documents.example.fr:0", "https://documents.example.fr:-1",
        "https://a:b@documents.example.fr", "https://@documents.example.fr", "https://documents.example.fr?x=1", "https://documents.example.fr/#x",
        "https://docu ments.example.fr", "https://documents.example.fr/a b", "https://documents\t.example.fr", "https://documents.example.fr\\x",
        "https://[::1", "https://[nom]", "https://..", "https://a..fr", "https://.", "https://" + "é" * 80 + ".fr",
        "http://documents.example.fr", "HTTP://documents.example.fr", "http://localhost.example.fr", "http://127.0.0.1.example.fr",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(written: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        web_address.safe(written)


def test_no_decision_is_made_by_how_an_address_begins() -> None:
    """`HTTPS://…` begins with neither: whoever asks must take the address apart."""
    asked = re.compile(r"""startswith\(\s*\(?\s*f?["'](https?|smtps?)\b""")
    sources = Path(__file__).parents[2].joinpath("syncd").rglob("*.py")
    assert [str(p) for p in sources if asked.search(p.read_text())] == []
