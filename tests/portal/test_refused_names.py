"""A rename is no way around what a deposit is refused for (RULES 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_a_document_is_not_renamed_to_a_type_that_is_refused(office: Any, browse: Any, put: Callable[..., Any]) -> None:
    from syncd.core.protocol import MoveItem
    from syncd.portal.documents import lifecycle
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Engine

    document = put(office.one, "Achats/EDF mars.pdf", b"an invoice")
    boss = browse(office.boss)

    def name() -> str:
        document.refresh_from_db()
        return str(document.path)

    def rename(to: str) -> str:
        boss.post(f"/documents/{document.id}/action", {"do": "rename", "to": to})
        return str(boss.get(f"/documents/{document.id}").content.decode())

    assert "« EDF mars.exe » est d&#x27;un type de fichier qui n&#x27;est pas accepté là" in rename("EDF mars.exe")
    assert name() == "Achats/EDF mars.pdf"
    rename("EDF mars.pdf.locked")
    assert name() == "Achats/EDF mars.pdf"
    put(office.one, "Achats/EDF mai.pdf", b"2")
    assert "Un document s&#x27;appelle déjà « EDF mai.pdf » dans Achats." in rename("EDF mai.pdf")
    assert "Un nom ne contient pas « / » : écrivez « EDF - mars- 2026.pdf »." in rename("EDF / mars: 2026")
    assert "Ce nom contient un caractère interdit ( : )." in rename("EDF mars: 2026")
    assert "ne peut pas être le nom d&#x27;un document" in rename("EDF mars .pdf")
    rename("EDF avril")  # the type is kept when it is left out
    assert name() == "Achats/EDF avril.pdf"
    item = MoveItem(office.one.id, "Achats/EDF avril.pdf", "Achats/EDF avril.exe", doc=document.id)
    (result,) = lifecycle.move_many(Engine(office.one.cabinet_id), [item]).results
    assert (result.status, result.reason) == ("refused", "extension_not_allowed")
    with pytest.raises(Refusal, match="type que son dossier ne prend pas"):
        lifecycle.move(Engine(office.one.cabinet_id), document, "Achats/EDF avril.exe")
    assert name() == "Achats/EDF avril.pdf"


def test_a_name_leads_into_no_other_folder(office: Any, browse: Any, put: Callable[..., Any]) -> None:
    """« Facture 03/2026 » is a name, and was three folders."""
    from syncd.portal.models import Document, Folder, Grant

    Grant.objects.filter(user=office.marie).update(verbs="view download deposit delete")
    document = put(office.one, "Achats/f.pdf", b"1")
    filed = put(office.one, "À classer/g.pdf", b"2")
    marie, boss = browse(office.marie), browse(office.boss)
    before = set(Folder.objects.values_list("path", flat=True))
    for browser, address, form in (
        (marie, f"/documents/{document.id}/action", {"do": "rename", "to": "Facture 03/2026"}),
        (marie, f"/documents/{document.id}/action", {"do": "rename", "to": "../Ventes/f.pdf"}),
        (marie, f"/documents/{document.id}/action", {"do": "rename", "to": "   "}),
        (marie, "/choisis/000001", {"do": "rename", "to": "Facture 03/2026", "id": document.id}),
        (marie, "/nouveau-dossier/000001", {"name": "a/b/c", "inside": "Achats"}),
        (marie, "/nouveau-dossier/000001", {"name": " ", "inside": "Achats"}),
        (boss, "/a-classer", {"document": filed.id, "to": "Achats", "name": "Facture 03/2026"}),
    ):
        browser.post(address, form)
        assert browser.session["said"]["kind"] == "bad", form
        if "03/2026" in str(form):
            assert "Facture 03-2026" in browser.session["said"]["text"], form
    assert set(Folder.objects.values_list("path", flat=True)) == before
    assert set(Document.objects.values_list("path", flat=True)) == {"Achats/f.pdf", "À classer/g.pdf"}
    marie.post(f"/documents/{document.id}/action", {"do": "rename", "to": "Facture  03-2026"})
    document.refresh_from_db()
    assert document.path == "Achats/Facture 03-2026.pdf"


def test_a_folder_is_made_by_who_may_deposit_in_it_itself(office: Any, browse: Any) -> None:
    from syncd.portal.models import Folder

    office.one.rules = [*office.one.rules, {"path": "Achats/Réservé", "direction": "none"}]
    office.one.save()
    boss = browse(office.boss)
    boss.post("/nouveau-dossier/000001", {"name": "Réservé", "inside": "Achats"})
    assert boss.session["said"]["kind"] == "bad" and not Folder.objects.filter(path="Achats/Réservé").exists()
