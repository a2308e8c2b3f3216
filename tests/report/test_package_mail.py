"""The mail that announces a package: what it is for and how much it is, and no document's name."""

from __future__ import annotations

import pytest

from syncd.core.packages.manifest import FORMAT, Change, Entry, Manifest, Way
from syncd.report.mail_layout import written
from syncd.report.message import Sender, printed
from syncd.report.package_mail import announced


@pytest.mark.parametrize(("language", "words"), [("fr", ("paquet de documents", "1 document", "Objet : Révision")), ("en", ("package of documents", "1 document", "Purpose: Révision"))])  # fmt: skip
def test_it_says_what_comes_and_names_no_document(language: str, words: tuple[str, ...]) -> None:
    entry = Entry(Change.ADD, "Social/bulletin secret.pdf", sha256="0" * 64, size=5)
    manifest = Manifest(
        format=FORMAT, id="a" * 32, cabinet="b" * 32, client="c" * 32, code="007868", name="SARL Dupont",
        way=Way.TO_COMPANY, key="K" * 56, sequence=3, created="2026-11-21T14:03:00Z", purpose="Révision",
        entries=(entry,), count=1, size=5,
    )  # fmt: skip
    message = printed(
        announced(manifest, "007868-20261121140300.syncpkg", 5000, Sender("Cabinet Martin", "#7a1450"), "", language)
    )
    assert "#7a1450" in written(message)[1] and f'lang="{language}"' in written(message)[1]
    for text in written(message):
        flat = text.replace("\u202f", " ").replace("\u00a0", " ")
        assert all(word in flat for word in words) and "Cabinet Martin" in flat and "5 " in flat
        assert "secret" not in text
