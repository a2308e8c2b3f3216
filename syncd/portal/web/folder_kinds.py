"""Kinds of folders, as pages offer and name them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as noop

KINDS: Mapping[str, str] = {
    "purchases": noop("Achats"), "sales": noop("Ventes"), "bank": noop("Banque"), "payroll": noop("Social"), "tax": noop("Fiscalité"),
    "legal": noop("Juridique"), "accounts": noop("Comptes annuels"), "other": noop("Autre"), "information": noop("Informations"),
    "inbox": noop("À classer"),
}  # fmt: skip
