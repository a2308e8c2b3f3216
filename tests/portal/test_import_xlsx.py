"""Clients from a sheet: every mistake with its row and column, the rest created; a model whose own help reads back."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook


@pytest.fixture
def boss(portal: Path) -> Any:
    from syncd.portal.models import Cabinet, User

    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    return User.objects.create(
        cabinet=cabinet, sign_in="boss", name="Anne Martin", role="correspondent", email="anne@martin.fr"
    )


def sheet(*rows: Mapping[str, object], extra: str = "") -> io.BytesIO:
    from syncd.portal.clients.import_xlsx import COLUMNS

    book = Workbook()
    page = book.active
    assert page is not None
    page.append([label for label, _ in COLUMNS.values()] + ([extra] if extra else []))
    for row in rows:
        page.append([row.get(key, "") for key in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def test_the_model_has_help_in_its_cells_and_reads_back_empty(boss: Any) -> None:
    from syncd.portal.clients import import_xlsx

    page = load_workbook(io.BytesIO(import_xlsx.model()))["Clients"]
    assert (
        page["A1"].value == "Code dossier"
        and "zéros de tête" in page["A1"].comment.text
        and page["A2"].number_format == "@"
    )
    found = import_xlsx.read(boss.cabinet, io.BytesIO(import_xlsx.model()))
    assert not found.newcomers and not found.faults


def test_an_import_of_500_with_ten_bad_rows_says_exactly_what_is_wrong_where(boss: Any) -> None:
    from syncd.portal.clients import clients, import_xlsx, templates
    from syncd.portal.models import Client, Grant, User
    from syncd.portal.people.visibility import person_of

    clients.add(person_of(boss), "000007", "Déjà là", templates.load("sci"))
    good = [
        {
            "code": f"{n:06}", "name": f"Société {n}", "template": "Commerce" if n % 2 else "", "site": "Lyon", "responsible": "anne martin",
            "siret": 73282932000074 if n == 1000 else "", "contact_name": f"Jean Client{n}", "contact_email": f"jean{n}@exemple.fr" if n % 3 else "",
        }
        for n in range(1000, 1490)
    ]  # fmt: skip
    bad: list[tuple[dict[str, object], str, str]] = [
        ({"name": "Sans code"}, "Code dossier", "Le code dossier manque."),
        ({"code": "a b", "name": "x"}, "Code dossier", "Lettres, chiffres"),
        ({"code": "001000", "name": "x"}, "Code dossier", "déjà à la ligne 2"),
        ({"code": "000007", "name": "x"}, "Code dossier", "existe déjà"),
        ({"code": "b1"}, "Raison sociale", "manque"),
        ({"code": "b2", "name": "x", "template": "boulangerie"}, "Modèle", "n'est pas un modèle"),
        ({"code": "b3", "name": "x", "siret": "73282932000075"}, "SIRET", "clé de contrôle"),
        ({"code": "b4", "name": "x", "vat": "FR12732829320"}, "TVA", "clé de contrôle"),
        ({"code": "b5", "name": "x", "contact_email": "pas une adresse"}, "E-mail du contact", "n'est pas une adresse"),
        ({"code": "b6", "name": "x", "responsible": "personne"}, "Responsable", "n'a pas d'accès"),
    ]
    source = sheet(*good, *(row for row, _, _ in bad))
    started = time.process_time()  # other tests run beside this one
    found = import_xlsx.read(boss.cabinet, source)
    assert len(found.newcomers) == 490 and Client.objects.filter(cabinet=boss.cabinet).count() == 1
    assert [(f.row, f.column) for f in found.faults] == [(492 + n, column) for n, (_, column, _) in enumerate(bad)]
    for fault, (_, _, words) in zip(found.faults, bad, strict=True):
        assert words in fault.message, fault
    assert import_xlsx.create(person_of(boss), found.newcomers, person_of(boss)).faults == []
    assert time.process_time() - started < 30
    assert Client.objects.filter(cabinet=boss.cabinet).count() == 491
    first = Client.objects.get(cabinet=boss.cabinet, code="001000")
    assert (first.siret, first.siren, first.site, first.responsible) == ("73282932000074", "732829320", "Lyon", boss)
    assert first.folders.filter(key="achats").exists() and Grant.objects.filter(client=first, kind="*").count() == 1
    assert User.objects.filter(cabinet=boss.cabinet, role="contact").count() == 490
    again = import_xlsx.read(boss.cabinet, sheet(*good[:2]))
    assert not again.newcomers and all("existe déjà" in f.message for f in again.faults)


@pytest.mark.parametrize("content", [b"", b"not a sheet", b"PK\x03\x04 broken"])
def test_what_is_no_sheet_is_one_sentence(boss: Any, content: bytes) -> None:
    from syncd.portal.clients import import_xlsx
    from syncd.portal.refusals import Refusal

    with pytest.raises(Refusal, match="n'est pas un classeur Excel lisible"):
        import_xlsx.read(boss.cabinet, io.BytesIO(content))


def test_columns_nobody_knows_are_named(boss: Any) -> None:
    from syncd.portal.clients import import_xlsx
    from syncd.portal.refusals import Refusal

    with pytest.raises(Refusal, match="Colonnes inconnues : Couleur"):
        import_xlsx.read(boss.cabinet, sheet({"code": "1", "name": "x"}, extra="Couleur"))


def test_after_an_import_the_sheets_that_are_to_be_printed_are_one_click_away(
    office: Any, browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:

    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Code dossier", "Raison sociale", "Contact", "E-mail du contact", "Inviter"])
    for n in range(5):
        sheet.append(
            [
                f"N{n}",
                f"Client {n}",
                f"Contact {n}" if n else "",
                f"c{n}@example.fr" if n else "",
                "Oui" if n == 1 else "",
            ]
        )
    book.save(out)
    boss = browse(office.boss)
    page = boss.post("/clients/import", {"sheet": SimpleUploadedFile("clients.xlsx", out.getvalue())}).content.decode()
    (token,) = re.findall(r'name="token" value="(\w+)"', page)
    page = boss.post("/clients/import", {"token": token, "go": "1"}).content.decode()
    assert "5 clients, 4 contacts : 1 invité, 3 fiches à imprimer" in page and "Imprimer les 3" in page
    ids = re.findall(r'name="id" value="(\w+)"', page)
    sheets = boss.post("/personnes/fiches", {"id": ids}).content.decode()
    assert sheets.count('class="access-sheet"') == 3 and "Contact 1" not in sheets


def test_a_large_import_says_how_far_it_is_and_goes_on_where_it_was(boss: Any, browse: Any) -> None:
    from syncd.portal.models import Client

    browser = browse(boss)
    rows = [{"code": f"{n:04}", "name": f"Société {n}"} for n in range(1, 121)]
    rows[99]["name"] = ""
    page = browser.post("/clients/import", {"sheet": _upload(rows)}).content.decode()
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token is not None and "119 clients peuvent être créés" in page.replace("\u00a0", " ")
    given, seen = {"token": token[1], "go": "1"}, []
    while True:
        page = browser.post("/clients/import", given).content.decode().replace("\u00a0", " ")
        after = re.search(r'name="after" value="(\d+)"', page)
        seen.append((Client.objects.count(), "data-onward" in page))
        if after is None:
            break
        assert f"{seen[-1][0]} sur 119 clients" in page and f'value="{seen[-1][0]}" max="119"' in page
        given["after"] = after[1]
    assert seen == [(50, True), (100, True), (119, False)]
    assert "119 clients créés" in page and page.count("La raison sociale manque.") == 1
    again = browser.post("/clients/import", {"sheet": _upload(rows)}).content.decode()
    assert "Aucun client à créer" in again


def test_an_import_that_was_left_goes_on_with_the_same_sheet(boss: Any, browse: Any) -> None:
    from syncd.portal.models import Client

    browser = browse(boss)
    rows = [{"code": f"{n:04}", "name": f"Société {n}"} for n in range(1, 71)]
    for expected in (50, 70):
        page = browser.post("/clients/import", {"sheet": _upload(rows)}).content.decode()
        token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
        assert token is not None
        browser.post("/clients/import", {"token": token[1], "go": "1"})
        assert Client.objects.count() == expected


def _upload(rows: list[dict[str, str]]) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("clients.xlsx", sheet(*rows).getvalue())
