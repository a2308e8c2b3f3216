"""What a card says for the fiscal calendar, as people read and type it; and the codes of the NAF."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core import fiscal_facts
from syncd.core.search_folding import fold
from syncd.portal.models import Client
from syncd.portal.refusals import Code, Refusal

LABELS = {
    "legal_form": noop("forme juridique"), "vat_regime": noop("régime de TVA"), "profit_category": noop("catégorie de revenus"),
    "profit_tax": noop("impôt sur le bénéfice"), "headcount": noop("effectif"), "closing_day": noop("jour de clôture"),
    "department": noop("département"), "fiscal_flags": noop("particularités fiscales"), "ape_2025": noop("code APE (NAF 2025)"),
    "name": noop("raison sociale"), "siren": noop("SIREN"),
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    "legal_form": {
        "ei": noop("Entreprise individuelle"), "eurl": noop("EURL"), "sarl": noop("SARL"), "sas": noop("SAS ou SASU"), "sa": noop("SA"), "snc": noop("SNC"), "sci": noop("SCI"),
        "scp": noop("SCP ou SCM"), "gaec": noop("GAEC"), "earl": noop("EARL"), "association": noop("Association"), "other": noop("Autre forme"),
    },
    "vat_regime": {
        "none": noop("Non assujetti"), "franchise": noop("Franchise en base"), "monthly": noop("Réel normal mensuel"),
        "quarterly": noop("Réel normal trimestriel"), "simplified": noop("Réel simplifié"), "farm_monthly": noop("Agricole mensuel"),
        "farm_quarterly": noop("Agricole trimestriel"), "farm_yearly": noop("Agricole annuel"),
    },
    "profit_category": {
        "bic": noop("BIC"), "bnc": noop("BNC"), "ba": noop("BA"), "land": noop("Revenus fonciers"), "none": noop("Aucune catégorie"),
    },
    "profit_tax": {"is": noop("IS"), "ir": noop("IR"), "none": noop("Non imposable")},
    "headcount": {"0": noop("Aucun salarié"), "1-10": noop("1 à 10"), "11-49": noop("11 à 49"), "50+": noop("50 et plus")},
}  # fmt: skip
FLAGS = {
    "is_3000": noop("IS de référence au-dessus de 3 000 €"), "first_exercise": noop("Premier exercice en cours"),
    "cfe_3000": noop("CFE d'au moins 3 000 €"), "no_cfe": noop("Exonéré de CFE"), "cvae": noop("Redevable de la CVAE"),
    "cvae_1500": noop("CVAE au-dessus de 1 500 €"), "das2": noop("Dépose une DAS2"), "eu_trade": noop("Opérations intracommunautaires"),
    "vehicles": noop("Véhicules taxés"), "e_reporting": noop("E-reporting"), "large": noop("Grande entreprise ou ETI"),
    "payroll_tax_monthly": noop("Taxe sur les salaires au mois"), "payroll_tax_quarterly": noop("Taxe sur les salaires au trimestre"),
    "payroll_tax_yearly": noop("Taxe sur les salaires à l'année"), "msa_employer": noop("Employeur à la MSA"),
    "tns_5": noop("Indépendant prélevé le 5"), "tns_20": noop("Indépendant prélevé le 20"), "tns_quarterly": noop("Indépendant prélevé au trimestre"),
}  # fmt: skip
_APE = re.compile(r"[0-9]{4}[A-Z]")


def _word(field: str, text: str) -> str:
    """The word that is kept, from itself or what people read, in either language. Raises Refusal."""
    for word, said in WORDS[field].items():
        if fold(text) in (word, fold(said), fold(_(said))):
            return word
    known = ", ".join(_(said) for said in WORDS[field].values())
    raise Refusal(Code.FACT_UNKNOWN, text=text, known=known)


def _closing_day(text: str) -> str:
    try:
        return fiscal_facts.closing_day(text)
    except ValueError:
        raise Refusal(Code.CLOSING_DAY_MALFORMED, text=text) from None


def _department(text: str) -> str:
    code = text.upper().replace(" ", "")
    code = f"0{code}" if len(code) == 1 and code.isdecimal() else code
    if not fiscal_facts.DEPARTMENT.fullmatch(code):
        raise Refusal(Code.DEPARTMENT_MALFORMED, text=text)
    return code


def _flags(text: str) -> str:
    """Words apart by blanks, or as people read them, apart by « ; »."""
    found = set[str]()
    for part in text.split(";"):
        words = [w for w, said in FLAGS.items() if fold(part.strip()) in (fold(said), fold(_(said)))]
        words = words or part.split()
        if unknown := [w for w in words if w not in FLAGS]:
            raise Refusal(Code.FACT_UNKNOWN, text=unknown[0], known="; ".join(_(said) for said in FLAGS.values()))
        found |= set(words)
    return " ".join(flag for flag in FLAGS if flag in found)


def ape(text: str) -> str:
    """By its shape, which NAF rev. 2 and NAF 2025 share. Raises Refusal."""
    code = re.sub(r"[\s.]", "", text).upper()
    if not _APE.fullmatch(code):
        raise Refusal(Code.APE_MALFORMED, text=text)
    return code


@lru_cache(maxsize=1)
def naf_rev2() -> frozenset[str]:
    lines = (Path(__file__).parent / "naf_rev2.txt").read_text(encoding="ascii").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())


CLEAN: Mapping[str, Callable[[str], str]] = {
    **{field: partial(_word, field) for field in WORDS}, "closing_day": _closing_day, "department": _department,
    "fiscal_flags": _flags, "ape_2025": ape,
}  # fmt: skip


def words_of(client: Client) -> dict[str, str]:
    """The facts of its calendar as people read them; '' where nobody said."""
    said = {f: _(WORDS[f][word]) if (word := getattr(client, f)) in WORDS[f] else "" for f in WORDS}
    flags = [_(FLAGS[flag]) for flag in FLAGS if flag in client.fiscal_flags.split()]
    return said | {"fiscal_flags": ", ".join(flags)}


def choices() -> dict[str, list[tuple[str, str]]]:
    """What a form offers."""
    offered = {f"{f}_choices": [(word, _(said)) for word, said in words.items()] for f, words in WORDS.items()}
    return offered | {"flag_choices": [(flag, _(said)) for flag, said in FLAGS.items()]}


def missing_said(names: tuple[str, ...]) -> list[str]:
    """Facts that a calendar lacks, in words."""
    return [_(LABELS[name]) for name in names if name in LABELS]


__all__ = ["CLEAN", "FLAGS", "LABELS", "WORDS", "ape", "choices", "missing_said", "naf_rev2", "words_of"]
