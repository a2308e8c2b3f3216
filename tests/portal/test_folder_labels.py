"""Order and names of folders per cabinet: what people read, on pages and in mails; places stay what they are."""

from __future__ import annotations

import re
from typing import Any


def save(browser: Any, *wanted: tuple[str, str, str]) -> Any:
    """(key, place, label) each."""
    form = dict[str, str]()
    for n, (key, place, label) in enumerate(wanted, 1):
        form |= {f"key-{n}": key, f"place-{n}": place, f"label-{n}": label}
    return browser.post("/reglages/dossiers", form, follow=True)


def tiles(browser: Any, code: str = "000001") -> list[str]:
    return re.findall(r'<span class="name">([^<]+)</span>', browser.get(f"/dossiers/{code}").content.decode())


def test_folders_have_the_order_and_the_names_the_cabinet_gives_them(office: Any, browse: Any, put: Any) -> None:
    boss, marie = browse(office.boss), browse(office.marie)
    document = put(office.one, "Achats/facture.pdf", b"invoice")
    before = tiles(marie)
    assert before[:3] == ["À classer", "Achats", "Ventes"]
    offered = re.findall(
        r'name="label-\d+" value="" placeholder="([^"]+)"', boss.get("/reglages/dossiers").content.decode()
    )
    assert offered == tiles(boss)  # saved as it is, nothing changes
    save(boss, ("banque", "1", ""), ("achats", "2", "Factures fournisseurs"))
    assert tiles(marie)[:3] == ["Banque", "À classer", "Factures fournisseurs"] and sorted(tiles(marie)) != sorted(
        before
    )
    assert len(tiles(marie)) == len(before)
    assert "<h1>Factures fournisseurs</h1>" in marie.get("/dossiers/000001/Achats").content.decode()
    assert "Factures fournisseurs</a></p>" in marie.get(f"/documents/{document.id}").content.decode()
    found = marie.get("/recherche?q=facture").content.decode()
    assert "<mark>Facture</mark>s fournisseurs · " in found
    save(boss, ("banque", "3", ""))
    assert tiles(marie)[:3] == ["À classer", "Achats", "Banque"]
    document.refresh_from_db()
    assert document.path == "Achats/facture.pdf"
    assert tiles(boss)[:3] == tiles(marie)[:3]


def test_another_cabinet_keeps_its_own(office: Any, browse: Any) -> None:
    from syncd.portal.models import User

    save(browse(office.boss), ("achats", "1", "Dépenses"))
    other = User.objects.create(cabinet=office.foreign.cabinet, sign_in="other", role="correspondent")
    assert "Achats" in tiles(browse(other), "000009") and "Dépenses" not in tiles(browse(other), "000009")


def test_a_name_that_would_mislead_is_refused_and_what_was_typed_stays(office: Any, browse: Any) -> None:
    boss = browse(office.boss)
    for label, why in (("VENTES", "deux dossiers à la fois"), ("a/b", "sans « / »"), ("x" * 61, "60 caractères")):
        page = save(boss, ("achats", "1", label), ("ventes", "2", ""))
        assert page.status_code == 403 and why in page.content.decode() and f'value="{label}"' in page.content.decode()
    page = save(boss, ("achats", "1", "<b>Achats</b> & co"))
    assert page.status_code == 403  # a "/" again, and never markup
    save(boss, ("achats", "1", "<i>Achats"))
    assert "&lt;i&gt;Achats" in browse(office.marie).get("/").content.decode()
    save(boss, ("achats", "pas un nombre", ""))
    assert "Achats" in tiles(browse(office.marie))
