"""Twelve typical clients in 2026 and January 2027, line by line: what changes a line is looked at, with its source, first.

`python -m tests.portal.calendar.test_twelve_clients` writes the lines anew; read the difference before you keep it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from syncd.core.fiscal_facts import Facts
from syncd.portal.calendar import rule_files
from syncd.portal.calendar.generation import Generator

LINES = Path(__file__).parent / "twelve_clients.txt"
FIRST, LAST = date(2026, 1, 1), date(2027, 1, 31)


def _facts(
    name: str, form: str, vat: str, profit: str, tax: str, people: str, closing: str, department: str, flags: str = ""
) -> Facts:
    return Facts(name, "497829320", form, vat, profit, tax, people, closing, department, frozenset(flags.split()))


CLIENTS = {
    "EI à Paris, commerçante, TVA mensuelle": _facts(
        "Martin", "ei", "monthly", "bic", "ir", "0", "12-31", "75", "tns_5"
    ),
    "SARL du Finistère, dix salariés, IS": _facts(
        "Ker Armor", "sarl", "monthly", "bic", "is", "1-10", "12-31", "29", "is_3000"
    ),
    "SA des Hauts-de-Seine, 80 salariés, grande": _facts(
        "Seine SA",
        "sa",
        "monthly",
        "bic",
        "is",
        "50+",
        "12-31",
        "92",
        "is_3000 cfe_3000 cvae cvae_1500 das2 eu_trade vehicles e_reporting large",
    ),
    "SCI à l'IR": _facts("Les Tilleuls", "sci", "none", "land", "ir", "0", "12-31", "69"),
    "SCI à l'IS, TVA trimestrielle": _facts("Le Quai", "sci", "quarterly", "bic", "is", "0", "12-31", "33"),
    "GAEC, clôture au 30 juin, TVA agricole annuelle": _facts(
        "Des Prés", "gaec", "farm_yearly", "ba", "ir", "1-10", "06-30", "35", "msa_employer"
    ),
    "Association employeuse, taxe sur les salaires": _facts(
        "Les Amis", "association", "none", "none", "none", "11-49", "12-31", "59", "payroll_tax_quarterly"
    ),
    "Infirmière libérale, TNS au trimestre": _facts(
        "Étienne", "ei", "none", "bnc", "ir", "0", "12-31", "13", "tns_quarterly"
    ),
    "Architecte, BNC, TVA trimestrielle": _facts(
        "Le Goff", "ei", "quarterly", "bnc", "ir", "1-10", "12-31", "56", "tns_20"
    ),
    "SAS au régime simplifié, clôture au 31 décembre": _facts(
        "Atelier", "sas", "simplified", "bic", "is", "0", "12-31", "31", "is_3000"
    ),
    "SARL au régime simplifié, clôture au 31 mars": _facts(
        "Les Pins", "sarl", "simplified", "bic", "is", "1-10", "03-31", "40", "is_3000"
    ),
    "SAS, clôture au 30 septembre, à La Réunion": _facts(
        "Lagon", "sas", "monthly", "bic", "is", "11-49", "09-30", "974", "is_3000 vehicles"
    ),
}


def lines() -> list[str]:
    by, found = Generator(rule_files.shipped()), []
    for client, facts in CLIENTS.items():
        calendar = by.calendar(facts, FIRST, LAST)
        assert not calendar.missing, client
        found.append(f"# {client}")
        for e in calendar.events:
            shifted = f" (du {e.legal})" if e.legal != e.day else ""
            check = " [à vérifier]" if e.rule.verified_on is None else ""
            found.append(
                f"{e.day}{shifted} {e.rule.title}{f' {e.number}' if e.number else ''} [{e.start} – {e.end}]{check}"
            )
    sources = {e.rule.id: e.rule.source for f in CLIENTS.values() for e in by.calendar(f, FIRST, LAST).events}
    return [*found, "# Sources", *(f"{rule} : {source}" for rule, source in sorted(sources.items()))]


def test_each_line_is_the_one_that_was_reviewed() -> None:
    assert lines() == LINES.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    LINES.write_text("\n".join(lines()) + "\n", encoding="utf-8")
