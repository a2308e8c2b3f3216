"""What is said where the wing `invoicing` refuses: the sentences of its codes (refusals.Code)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as noop

SENTENCES: Mapping[str, str] = {
    "sales_prefix": noop("« {prefix} » n'est pas un préfixe possible : 20 caractères au plus parmi {allowed}, sans chiffre à la fin."),
    "sales_logo": noop("Le logo est une image PNG, JPEG ou WebP de 5 Mo au plus."),
    "sales_start": noop("Le dernier numéro déjà donné est un nombre de 0 à 999 999."),
    "sales_started": noop("La série « {series} » a déjà ses numéros : ils se suivent sans trou et ne se choisissent plus."),
    "sales_gone": noop("Ce document n'existe plus : rechargez la page."),
    "sales_issued": noop("Le document {number} est émis : il ne change plus. Faites un avoir."),
    "sales_lacks": noop("Rien n'est émis : complétez d'abord ce qui manque."),
    "sales_rules": noop("Rien n'est émis : le fichier ne passerait pas les contrôles des plateformes. {what}"),
    "sales_no_library": noop("Ce serveur ne peut pas écrire de factures : son administrateur doit installer syncd avec l'extra « invoices »."),
    "sales_no_sheet": noop("Le fichier n'a pas pu être fait. Rien n'est perdu : réessayez dans un instant."),
    "sales_antedated": noop("Rien n'est émis : la date du {day} est antérieure à celle du document {number}. Vérifiez l'horloge du serveur."),
    "sales_invoiced": noop("Ce devis est déjà facturé en entier."),
    "sales_beyond": noop("Les acomptes dépasseraient le total du devis."),
    "sales_changed": noop("Rien n'est émis : le document a changé entre-temps. Relisez-le, puis recommencez."),
    "sales_check_waits": noop("D'autres factures sont en cours de vérification : réessayez dans un instant. Aucun numéro n'a été donné."),
    "sales_prepaid": noop("Un acompte ne se rectifie pas : faites un avoir, puis un autre acompte."),
    "sales_no_credit": noop("Un avoir se fait sur une facture émise, pas sur un devis ou un autre avoir."),
    "sales_credit_beyond": noop("Rien n'est émis : les avoirs dépasseraient le montant de la facture {number}."),
    "sales_many": noop("{most} au plus."),
    "sales_not_sent": noop("Rien n'a été envoyé : choisissez une facture émise, et un dossier où vous pouvez déposer."),
    "sales_customer": noop("Un client a un nom de {most} caractères au plus."),
    "sales_article": noop("Un article a un nom de {most} caractères au plus, un prix et un taux de TVA possibles."),
    "sales_heads": noop("La première ligne doit porter les titres du modèle, dont « {head} »."),
    "sales_restored": noop("Rien n'est émis : la plateforme a été remise à un état antérieur. Dites d'abord, dans les réglages, quels numéros ont été donnés."),
    "sales_percent": noop("Un acompte est un pourcentage, de 1 à 99."),
}  # fmt: skip
