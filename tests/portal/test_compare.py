"""Two versions beside each other: which are shown, to whom, and how « À faire » leads there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from syncd.portal.rights import Verb

STAMP = " (version du cabinet 2026-11-21 14h03)"


def test_what_both_sides_made_of_a_document_stands_beside_each_other(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    """« Comparer » led to the folder, where each had to be opened by itself."""
    document, copy = put(office.one, "Achats/a.txt", b"a"), put(office.one, f"Achats/a{STAMP}.txt", b"b")
    shown = browse(office.boss).get(f"/documents/{document.id}/comparer?other={copy.id}").content.decode()
    assert "a.txt</h2>" in shown and f"a{STAMP}.txt</h2>" in shown and shown.count('value="delete"') == 2
    assert all(f"/documents/{d.id}/lecture?v=1" in shown for d in (document, copy))


@pytest.mark.parametrize("query", ["", "?other=", "?other=nobody", "?version=1", "?version=2"])
def test_what_is_nothing_to_compare_with_is_not_found(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any], query: str
) -> None:
    document = put(office.one, "Achats/a.pdf", b"a")
    assert browse(office.boss).get(f"/documents/{document.id}/comparer{query}").status_code == 404


def test_nobody_compares_with_what_they_may_not_see(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    from syncd.portal.models import Grant

    document, secret = put(office.one, "Achats/a.pdf", b"a"), put(office.one, "Social/b.pdf", b"b")
    elsewhere = put(office.two, "Achats/c.pdf", b"c")
    Grant.objects.filter(user=office.marie).delete()
    Grant.objects.create(user=office.marie, client=office.one, kind="purchases", verbs=f"{Verb.VIEW} {Verb.DOWNLOAD}")
    marie, boss = browse(office.marie), browse(office.boss)
    assert marie.get(f"/documents/{document.id}/comparer?other={secret.id}").status_code == 404
    assert marie.get(f"/documents/{secret.id}/comparer?other={document.id}").status_code == 404
    assert boss.get(f"/documents/{document.id}/comparer?other={secret.id}").status_code == 200
    assert boss.get(f"/documents/{document.id}/comparer?other={elsewhere.id}").status_code == 404


def test_a_document_is_compared_with_itself_as_it_was(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    document = put(office.one, "Achats/a.txt", b"first")
    boss = browse(office.boss)
    assert "comparer" not in boss.get(f"/documents/{document.id}").content.decode()
    put(office.one, "Achats/a.txt", b"second")
    where = f"/documents/{document.id}/comparer?version=1"
    assert where in boss.get(f"/documents/{document.id}").content.decode()
    shown = boss.get(where).content.decode()
    assert "Version 2, actuelle</h2>" in shown and "Version 1</h2>" in shown
    assert f"/documents/{document.id}/lecture?v=1" in shown and f"/documents/{document.id}/lecture?v=2" in shown
