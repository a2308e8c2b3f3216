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
    assert "porte déjà le nom « EDF mai.pdf »" in rename("EDF mai.pdf")
    assert "ne peut pas être le nom d&#x27;un document" in rename("EDF / mars: 2026")
    rename("EDF avril")  # the type is kept when it is left out
    assert name() == "Achats/EDF avril.pdf"
    item = MoveItem(office.one.id, "Achats/EDF avril.pdf", "Achats/EDF avril.exe", doc=document.id)
    (result,) = lifecycle.move_many(Engine(office.one.cabinet_id), [item]).results
    assert (result.status, result.reason) == ("refused", "extension_not_allowed")
    with pytest.raises(Refusal, match="type que son dossier ne prend pas"):
        lifecycle.move(Engine(office.one.cabinet_id), document, "Achats/EDF avril.exe")
    assert name() == "Achats/EDF avril.pdf"
