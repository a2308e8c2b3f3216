"""A client's card on the portal cuts the cabinet's reports and portfolios; journals are written anew from the stream."""

from __future__ import annotations

import csv
import io
import shutil

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.mail_server import Sink
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def test_the_processing_report_and_portfolios_know_the_clients_card(world: World) -> None:
    boss = Visitor(world.url)
    boss.sign_in()
    wrong = {
        "name": "SARL Dupont",
        "site": "Lyon",
        "group": "Nord",
        "sector": "BTP",
        "kind": "IS",
        "siret": "732 829 320 00075",
    }
    status, page = boss.post(f"/clients/{CODE}", f"/clients/{CODE}", **wrong)
    assert status == 403 and "sa clé de contrôle est fausse" in page and 'value="Lyon"' in page
    status, page = boss.post(f"/clients/{CODE}", f"/clients/{CODE}", **{**wrong, "siret": "732 829 320 00074"})
    assert status == 200 and "Fiche enregistrée" in page and "73282932000074" in page and "732829320" in page
    world.client("001111", "SCI Autre")
    world.put("Achats/a.pdf", "one")
    world.put("Achats/b.pdf", "two", code="001111")
    sink = Sink()
    world.config.write_text(
        world.config.read_text()
        + f'\n[mail]\nsmtp = "{sink.url}"\nfrom = "syncd@cabinet-martin.fr"\nto = []\nsend = "each"\n'
        + '[[recipient]]\naddress = "lyon@cabinet-martin.fr"\nsites = ["Lyon"]\n'
    )
    try:
        assert world.run().code == 0
        (mail,) = sink.to("lyon@cabinet-martin.fr")
        body = mail.get_body(("plain",))
        assert body is not None and "SARL Dupont" in body.get_content() and "SCI Autre" not in body.get_content()
    finally:
        sink.close()
    rows = list(csv.DictReader(io.StringIO(world.syncd("report", "--csv").out.lstrip("\ufeff")), delimiter=";"))
    (row,) = [r for r in rows if r["Document"] == "Achats/a.pdf"]
    assert [row[c] for c in ("Code dossier", "Site", "Groupe", "Secteur", "Type")] == [
        CODE,
        "Lyon",
        "Nord",
        "BTP",
        "IS",
    ]
    assert "@" in row["Compte"] and row["Verdict"] == "Terminé" and row["Début"] and row["Fin"]


def test_journals_are_rebuilt_from_the_stream_at_will(world: World) -> None:
    world.put("Achats/été.pdf", "one")
    world.run()
    before = {p.relative_to(world.logs): p.read_bytes() for p in (world.logs / "clients").rglob("*") if p.is_file()}
    assert len(before) == 2
    shutil.rmtree(world.logs / "clients")
    done = world.syncd("journal", "rebuild")
    assert done.code == 0 and "1 journal réécrit" in done.out
    assert {
        p.relative_to(world.logs): p.read_bytes() for p in (world.logs / "clients").rglob("*") if p.is_file()
    } == before
