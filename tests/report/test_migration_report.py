"""A migration's report: what people read, what a spreadsheet takes, what a program reads."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from syncd.core.client_classification import Card
from syncd.core.migration.report import ClientReport, Filter, MigrationReport, NotTaken
from syncd.core.verdicts import Verdict
from syncd.report import migration_report

FOUR = (
    NotTaken("001/2025/Achats/grand.pdf", "too_large", "21000000 20000000"), NotTaken("001/2025/Achats/vide.pdf", "empty"),
    NotTaken("001/2025/Achats/outil.exe", "extension_not_allowed", ".exe"), NotTaken("=001/parti.pdf", "vanished"),
)  # fmt: skip
DUPONT = ClientReport(
    "001", "SARL Dupont", Card("Anne", "Lyon", "Nord", "BTP"), 3600.0, 3660.0, Verdict.WARNING, 10, 3, 2, 1, 1, 1_500_000, 7, 2,
    4, errors=FOUR, listed=(NotTaken("001/Divers", "unknown_folder", "Divers", 12),),
)  # fmt: skip
MARTIN = ClientReport("002", "Martin", Card(site="Paris"), 3660.0, 3700.0, Verdict.DONE, 5, 0, 0, 5, online=5)
REPORT = MigrationReport(
    7,
    "/srv/gef",
    3600.0,
    3700.0,
    Verdict.BUDGET,
    (DUPONT, MARTIN),
    ("003", "zz9"),
    (NotTaken("autre", "unknown_code"),),
)


def local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def test_people_read_n_of_n_the_reasons_and_who_comes_next() -> None:
    text = "".join(migration_report.render(REPORT, local))
    for said in (
        "Reprise de l'antériorité n° 7 du 01/01/1970 01:00\nDepuis : /srv/gef\nRésultat : En cours\n",
        "001 - SARL Dupont : Avertissement, 6 sur 10\n", "002 - Martin : Terminé, 5 sur 5\n",
        "3 documents copiés (1,5 Mo)", "4 documents en erreur",
        "001/2025/Achats/vide.pdf – document vide\n", "trop volumineux : 21 Mo, limite 20 Mo", "fichier introuvable",
        "type de fichier non accepté (.exe)", "001/Divers – hors de l'arborescence du client", ", 12 documents\n",
        "7 documents d'exercices plus anciens, laissés où ils sont", "autre – aucun client n'a ce code ; créez-le, ou dites avec --map à qui est ce dossier",
        "ils passeront d'abord la prochaine fois : 003, zz9",
    ):  # fmt: skip
        assert said in text.replace("\u00a0", " ").replace("\u202f", " "), said
    assert "6 of 10" in "".join(migration_report.render(REPORT, local, "en"))


def test_a_spreadsheet_gets_the_columns_of_accountants_and_no_formula() -> None:
    text = migration_report.as_csv(migration_report.rows(REPORT, local))
    assert text.startswith(
        "\ufeffCode dossier;Client;Colla resp.;Site;Groupe;Secteur;Type de traitement;Date début;Date fin;"
    )
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["Code dossier"] for row in rows] == ["001"] * 6 + ["002", ""]
    assert (
        rows[0]["Libellé"] == "6 sur 10" and rows[0]["Résultat"] == "Avertissement" and rows[0]["Colla resp."] == "Anne"
    )
    assert rows[4]["Document"] == "'=001/parti.pdf" and rows[4]["Motif"] == "fichier introuvable"
    assert {row["Type de traitement"] for row in rows} == {"Reprise de l'antériorité"}
    assert text.endswith("\r\n") and all(None not in row and None not in row.values() for row in rows)


def test_a_report_is_filtered_by_what_accountants_cut_by() -> None:
    for asked, codes in (
        (Filter(site="lyon"), {"001"}), (Filter(verdict="done"), {"002"}), (Filter(client="002"), {"002"}),
        (Filter(responsible="Anne", sector="BTP"), {"001"}), (Filter(group="Nord", site="Paris"), set()),
        (Filter(), {"001", "002", ""}),
    ):  # fmt: skip
        assert {row[0] for row in migration_report.rows(REPORT, local, asked)} == codes


def test_each_verdict_is_one_of_five() -> None:
    said = {migration_report.verdict(v, "fr") for v in Verdict}
    assert said == {"En cours", "Terminé", "Erreur", "Abandon", "Avertissement"}


def test_a_program_gets_a_line_for_each_client_and_one_for_all() -> None:
    *clients, whole = migration_report.lines(REPORT)
    assert [c["client"] for c in clients] == ["001", "002"] and clients[0]["errors"][1]["reason"] == "empty"
    assert whole["type"] == "migration" and whole["found"] == 15 and whole["copied"] == 3 and whole["exit_code"] == 10
    assert whole["waiting"] == ["003", "zz9"]


def test_a_plan_says_what_would_be_done() -> None:
    plan = MigrationReport(0, "/srv/gef", 0.0, clients=(DUPONT,), dry_run=True)
    text = "".join(migration_report.render(plan, local))
    assert text.startswith("Ce que la reprise ferait\nDepuis : /srv/gef\n\n001 - SARL Dupont : 10 documents\n")
    assert "3 documents à copier" in text and "Résultat" not in text
    assert "Rien à reprendre." in "".join(migration_report.render(MigrationReport(0, "x", 0.0, dry_run=True), local))
