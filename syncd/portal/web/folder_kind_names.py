"""Kinds of folders, as pages offer and name them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as noop

# those that most trees have, offered where one chooses
OFFERED: Mapping[str, str] = {
    "purchases": noop("Achats"), "sales": noop("Ventes"), "bank": noop("Banque"), "payroll": noop("Social"), "tax": noop("Fiscalité"),
    "legal": noop("Juridique"), "accounts": noop("Comptes annuels"), "other": noop("Autre"), "information": noop("Informations"),
    "inbox": noop("À classer"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    **OFFERED,
    "cash": noop("Caisse"), "internal": noop("Interne"), "expenses": noop("Notes de frais"), "stock": noop("Stocks"),
    "assets": noop("Immobilisations"), "loans": noop("Emprunts"), "vehicle": noop("Véhicule"),
    "contributions": noop("Cotisations sociales"), "contracts": noop("Contrats"), "rents": noop("Loyers"), "charges": noop("Charges"),
    "works": noop("Travaux"), "deeds": noop("Actes"), "meetings": noop("Assemblées"), "cooperatives": noop("Coopératives"),
    "aids": noop("Aides"), "leases": noop("Fermages"), "herd": noop("Cheptel et récoltes"), "equipment": noop("Matériel"),
    "members": noop("Adhésions et dons"), "grants": noop("Subventions"), "events": noop("Manifestations"), "fec": noop("FEC"),
    "ecritures": noop("Écritures"),
}  # fmt: skip
