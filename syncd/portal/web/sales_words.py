"""What the pages of quotes and invoices say of codes: what is missing, kinds, units, taxes, what was done."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from syncd.portal.invoicing import sheet, typed_values
from syncd.portal.invoicing.content import Content
from syncd.portal.invoicing.readiness import Lack
from syncd.portal.invoicing.units import UNITS


def lack(of: Lack) -> str:
    said = _whole(of) or _of_line(of) or _("Une valeur n'est pas possible.")
    said = said.format(about=of.about) if "{about}" in said else said
    return _("Ligne {n} : {what}").format(n=of.line, what=said) if of.line else said


def _whole(of: Lack) -> str:
    return {
        "seller_name": _("Indiquez le nom de votre société dans les réglages."),
        "seller_address": _("Indiquez l'adresse de votre société dans les réglages."),
        "seller_siren": _("Indiquez le SIREN de votre société dans les réglages."),
        "seller_siret": _("Le SIRET de votre société ne commence pas par son SIREN."),
        "seller_vat": _("Indiquez votre numéro de TVA dans les réglages, ou cochez la franchise."),
        "buyer_name": _("Indiquez le nom du client."), "buyer_long": _("Le nom du client est trop long : 300 caractères au plus."),
        "buyer_address": _("Indiquez l'adresse du client : rue, code postal et ville."),
        "country": _("« {about} » n'est pas un code de pays : FR, BE, DE…"),
        "buyer_siren": _("Indiquez le SIREN du client professionnel : 9 chiffres, ou dites que c'est un particulier."),
        "buyer_siret": _("Le SIRET du client ne commence pas par son SIREN."),
        "endpoint": _("« {about} » n'est pas une adresse de facturation électronique : elle commence par le SIREN."),
        "no_line": _("Ajoutez au moins une ligne."), "many_lines": _("100 lignes au plus."),
        "outside_alone": _("« Hors champ » ne se mélange pas avec d'autres taux."),
        "year": _("La date n'est pas possible."), "days": _("Le délai de paiement va de 0 à 365 jours."),
        "no_preceding": _("Un avoir ou une facture rectificative se fait depuis la facture d'origine."),
        "text_long": _("Un texte est trop long : 2 000 caractères au plus."),
        "valid_until": _("La date de validité est passée."), "too_much": _("Le total est trop grand."),
        "below_zero": _("Le total, ou celui d'un taux, est négatif : faites un avoir."),
    }.get(of.code, "")  # fmt: skip


def _of_line(of: Lack) -> str:
    return {
        "line_name": _("indiquez la désignation."), "line_long": _("la désignation est trop longue."),
        "number": _("un nombre n'en est pas un."), "quantity": _("la quantité n'est pas possible : 4 décimales au plus, pas 0."),
        "price": _("le prix n'est pas possible : il est positif, avec 6 décimales au plus."),
        "rebate": _("une remise va de 0 à 100 %."), "rate": _("ce taux de TVA n'existe pas."), "unit": _("cette unité n'est pas possible."),
        "franchise_taxed": _("en franchise, aucune TVA n'est facturée : choisissez « sans TVA »."),
        "no_exemption": _("dites pourquoi aucune TVA n'est facturée."),
        "reverse_charge_vat": _("l'autoliquidation demande le numéro de TVA du client."),
        "intra_eu_vat": _("une livraison intracommunautaire demande un client d'un autre pays de l'Union, avec son numéro de TVA."),
        "export_country": _("une exportation va hors de l'Union européenne."),
    }.get(of.code, "")  # fmt: skip


def kind(code: str) -> str:
    return {
        "quote": _("Devis"), "invoice": _("Facture"), "prepayment": _("Facture d'acompte"), "final": _("Facture de solde"),
        "corrected": _("Facture rectificative"), "credit": _("Avoir"),
    }.get(code, code)  # fmt: skip


def taxes() -> Sequence[tuple[str, str]]:
    named = {
        "E": _("sans TVA"), "AE": _("autoliquidation"), "K": _("livraison UE"), "G": _("exportation"), "O": _("hors champ"),
    }  # fmt: skip
    return [(c, named.get(c) or f"{c.replace('.', ',')} %") for c in typed_values.choices()]


def units() -> Sequence[tuple[str, str]]:
    return [(code, word or _("unité")) for code, word in UNITS.items()]


def levels() -> Sequence[tuple[str, str]]:
    return [
        ("", _("Aucun accès")), ("read", _("Voir")), ("draft", _("Voir et préparer")), ("issue", _("Préparer, émettre, envoyer")),
    ]  # fmt: skip


def heading(content: Content, number: str) -> str:
    return sheet.title(content, number) if number else f"{kind(content.kind)} – {_('brouillon')}"


def models() -> Sequence[tuple[str, str]]:
    return [("classic", _("Classique")), ("band", _("Bandeau")), ("airy", _("Aéré"))]


def logo_places() -> Sequence[tuple[str, str]]:
    return [("left", _("À gauche")), ("centre", _("Au centre")), ("right", _("À droite"))]


def done(what: str) -> str:
    """Of the company's own trail."""
    return {
        "issued": _("émis"), "sent": _("envoyé au cabinet"), "profile": _("réglages modifiés"), "logo": _("logo modifié"),
        "start": _("dernier numéro indiqué"), "confirmed": _("numéros confirmés après une restauration"), "reference": _("document de départ choisi"), "customers": _("clients repris d'Excel"),
        "articles": _("articles repris d'Excel"), "key_read": _("accès donné : voir"), "key_draft": _("accès donné : préparer"),
        "key_issue": _("accès donné : émettre"), "key_none": _("accès retiré"),
    }.get(what, what)  # fmt: skip
