"""Clients from an Excel sheet: the empty model, what is wrong where, and the creation of the rest."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from syncd.core.templates import Template
from syncd.portal.clients import clients, fiscal_words, profile, templates, xlsx_reader
from syncd.portal.models import Cabinet, Client, User
from syncd.portal.people import accounts, invitations
from syncd.portal.people.accounts import Wish
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import EVERYTHING, PRESETS, Actor, Person, Role, with_messages

PRESET_WORDS = {
    "gérant": "all", "secrétaire": "secretary", "rh": "payroll", "informations": "information", "dépôt": "deposit", "lecture": "read",
}  # fmt: skip
COLUMNS: dict[str, tuple[str, str]] = {
    "code": ("Code dossier", "Obligatoire. Votre code dossier, comme dans votre logiciel : les zéros de tête comptent."),
    "name": ("Raison sociale", "Obligatoire. Le nom du client, tel qu'il le verra."),
    "template": ("Modèle", "Le modèle d'arborescence : commerce, liberal, sci, agricole ou association. Vide : commerce."),
    "responsible": ("Responsable", "L'identifiant, l'adresse e-mail ou le nom du collaborateur qui suit ce client. Il doit avoir un accès."),
    "site": ("Site", "Libre : Lyon, Paris…"),
    "group": ("Groupe", "Libre : le groupe de sociétés."),
    "sector": ("Secteur", "Libre : BTP, restauration…"),
    "kind": ("Type", "Libre : BIC, BNC, IS, association…"),
    "kind_of_file": ("Dossier comptable", "Facultatif : original, ou copie d'un dossier tenu ailleurs. Rien n'est repris de l'antériorité d'une copie."),
    "kind_of_work": ("Tenue", "Facultatif : collaborative, autonome ou auxiliaire. Autonome, auxiliaire : le client tient sa comptabilité sur son poste."),
    "siren": ("SIREN", "9 chiffres. Vide : repris du SIRET."),
    "siret": ("SIRET", "14 chiffres."),
    "ape": ("Code APE", "Quatre chiffres et une lettre : 4711D."),
    "vat": ("TVA", "FR, deux caractères, le SIREN."),
    "address": ("Adresse", "Sur une ligne."),
    "legal_form": ("Forme juridique", "Facultatif, pour le calendrier fiscal."),
    "vat_regime": ("Régime de TVA", "Facultatif, pour le calendrier fiscal : le régime et sa périodicité."),
    "profit_category": ("Catégorie de revenus", "Facultatif, pour le calendrier fiscal : BIC, BNC, BA, Revenus fonciers."),
    "profit_tax": ("Impôt", "Facultatif, pour le calendrier fiscal : IS ou IR."),
    "headcount": ("Effectif", "Facultatif, pour le calendrier fiscal."),
    "closing_day": ("Jour de clôture", "Facultatif : 31/12. Les exercices saisis l'emportent."),
    "department": ("Département", "Facultatif : 29, 2A, 974. Le jour de la TVA en dépend."),
    "fiscal_flags": ("Particularités fiscales", "Facultatif. Plusieurs : séparées par « ; ». Par exemple : " + " ; ".join(list(fiscal_words.FLAGS.values())[:6]) + ". La liste complète est sur la fiche du client."),
    "ape_2025": ("Code APE 2027", "Facultatif : le code de la NAF 2025, en vigueur le 1er janvier 2027."),
    "contact_name": ("Contact", "Prénom et nom de la personne qui déposera. Un accès lui est créé."),
    "contact_email": ("E-mail du contact", "Facultatif : sans adresse, une fiche d'accès s'imprime depuis la plateforme."),
    "contact_phone": ("Téléphone du contact", "Facultatif."),
    "sign_in": ("Identifiant", "Facultatif : l'identifiant du contact. Vide : proposé à partir du nom."),
    "preset": ("Droits du contact", "Gérant, Secrétaire, RH, Informations, Dépôt ou Lecture. Vide : Gérant."),
    "invite": ("Inviter", "Oui : l'invitation part par e-mail à l'import."),
}  # fmt: skip
_BY_LABEL = {label.casefold(): key for key, (label, _) in COLUMNS.items()}
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` as Excel numbers it; `column`: its label."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    row: int
    code: str
    name: str
    template: str
    card: Mapping[str, str]
    responsible: User | None
    sign_in: str
    preset: str
    invite: bool


@dataclass(slots=True)
class Sheet:
    """What can be imported, and what cannot, row by row."""

    newcomers: list[Newcomer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Created:
    """What came of a sheet: how many clients, ids of those who got an access, of those among them who were invited, rows that
    failed.
    """

    clients: int = 0
    people: list[str] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def model(cabinet: Cabinet | None = None) -> bytes:
    """The empty sheet, with help in its cells."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Clients"
    for n, (key, (label, help_)) in enumerate(COLUMNS.items(), 1):
        cell = sheet.cell(1, n, label)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="14507A")
        cell.comment = Comment(help_, "Aide", width=320, height=90)
        letter = get_column_letter(n)
        sheet.column_dimensions[letter].width = max(14, len(label) + 4)
        for row in range(2, 1002):
            sheet.cell(row, n).number_format = "@"  # text: leading zeros stay
        choices = {
            "template": _listed(t.name for t in templates.known(cabinet)), "preset": "Gérant,Secrétaire,RH,Informations,Dépôt,Lecture",
            "invite": "Oui,Non", "kind_of_file": ",".join(profile.FILE_KINDS.values()), "kind_of_work": ",".join(profile.WORK_KINDS.values()),
            **{field: ",".join(words.values()) for field, words in fiscal_words.WORDS.items()},
        }.get(key)  # fmt: skip
        if choices:
            check = DataValidation("list", formula1=f'"{choices}"', allow_blank=True, showErrorMessage=True)
            sheet.add_data_validation(check)
            check.add(f"{letter}2:{letter}1001")
    sheet.freeze_panes = "C2"
    help_sheet = book.create_sheet("Aide")
    help_sheet.column_dimensions["A"].width, help_sheet.column_dimensions["B"].width = 26, 110
    for n, (label, help_) in enumerate(COLUMNS.values(), 1):
        help_sheet.cell(n, 1, label).font = Font(bold=True)
        help_sheet.cell(n, 2, help_)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(cabinet: Cabinet, source: BinaryIO) -> Sheet:
    """Every row checked against the cabinet as it is; nothing is written. Raises Refusal when it is no such sheet."""
    grid = xlsx_reader.rows(source)
    while grid and not any(grid[0]):
        grid.pop(0)
    heads = [_BY_LABEL.get(c.casefold(), "") for c in (grid[0] if grid else [])]
    if "code" not in heads or "name" not in heads:
        raise Refusal(Code.SHEET_HEADS)
    unknown = [c for c, key in zip(grid[0], heads, strict=True) if not key and c]
    if unknown:
        raise Refusal(Code.SHEET_COLUMNS, columns=", ".join(unknown[:5]))
    checker = _Checker(cabinet)
    sheet = Sheet()
    for n, cells in enumerate(grid[1:], 2):
        given = {key: c for key, c in zip(heads, cells, strict=False) if key}
        if any(given.values()):
            newcomer, faults = checker.row(n, given)
            sheet.faults += faults
            if newcomer is not None:
                sheet.newcomers.append(newcomer)
    return sheet


def _listed(names: Iterable[str]) -> str:
    """As many as a workbook's list of choices holds; others can be typed."""
    found = ""
    for name in names:
        if len(found) + len(name) < 250:
            found += f",{name}" if found else name
    return found


class _Checker:
    """One sheet against one cabinet: a few queries, however many rows."""

    def __init__(self, cabinet: Cabinet) -> None:
        self.codes = {c.casefold(): 0 for c in Client.objects.filter(cabinet=cabinet).values_list("code", flat=True)}
        self.templates = {t.name for t in templates.known(cabinet)}
        roles = [r.value for r in Role if r.of_cabinet]
        self.colleagues: dict[str, User] = {}
        for user in User.objects.filter(cabinet=cabinet, is_active=True, role__in=roles):
            for name in (user.sign_in, user.email, user.name):
                if name:
                    self.colleagues[name.casefold()] = user
        self.names = set(User.objects.values_list("sign_in", flat=True))

    def row(self, n: int, given: Mapping[str, str]) -> tuple[Newcomer | None, list[Fault]]:
        faults: list[Fault] = []

        def wrong(key: str, message: str) -> None:
            faults.append(Fault(n, COLUMNS[key][0], message))

        code, name = given.get("code", ""), given.get("name", "")
        if said := self._code(n, code):
            wrong("code", said)
        try:
            name = clients.check_name(name)
        except Refusal:
            wrong("name", _("La raison sociale manque.") if not name else _("200 caractères au plus."))
        template = given.get("template", "").casefold() or "commerce"
        if template not in self.templates:
            said = _("« {template} » n'est pas un modèle : {known}.")
            wrong("template", said.format(template=given["template"], known=", ".join(sorted(self.templates))))
        responsible = self.colleagues.get(given.get("responsible", "").casefold())
        if given.get("responsible") and responsible is None:
            said = _("« {name} » n'a pas d'accès au cabinet : créez-le d'abord.")
            wrong("responsible", said.format(name=given["responsible"]))
        preset = PRESET_WORDS.get(given.get("preset", "").casefold() or "gérant", "")
        if not preset:
            said = _("« {preset} » : Gérant, Secrétaire, RH, Informations, Dépôt ou Lecture.")
            wrong("preset", said.format(preset=given["preset"]))
        card, found = profile.cleaned({k: v for k, v in given.items() if k in profile.FIELDS})
        for fault in found:
            wrong(fault.field, fault.message)
        sign_in = given.get("sign_in", "").lower()
        if sign_in and sign_in in self.names:
            wrong("sign_in", _("L'identifiant « {sign_in} » est déjà pris.").format(sign_in=sign_in))
        elif sign_in:
            self.names.add(sign_in)
        invite = given.get("invite", "").casefold() in ("oui", "o", "x", "1", "yes")
        if invite and not (card.get("contact_email") and card.get("contact_name")):
            wrong("invite", _("Pour inviter, il faut le nom et l'e-mail du contact."))
        if faults:
            return None, faults
        return Newcomer(n, code, name, template, card, responsible, sign_in, preset, invite), []

    def _code(self, n: int, code: str) -> str:
        """What is wrong with the code of row `n`, in words; '' when it is that row's from now on."""
        if not clients.CODE.fullmatch(code):
            fine = _("Lettres, chiffres, « . », « _ » et « - », 40 au plus.")
            return fine if code else _("Le code dossier manque.")
        first = self.codes.setdefault(code.casefold(), n)
        if first == n:
            return ""
        said = _("Le code « {code} » est déjà à la ligne {row}.") if first else _("Le client « {code} » existe déjà.")
        return said.format(code=code, row=first)


def create(actor: Actor, newcomers: Sequence[Newcomer], by: Person) -> Created:
    """Clients with trees, cards, contacts, invitations; what somebody else took in between is a fault of its row alone.

    `by`: in whose name contacts get their access. Raises Refusal to who may not.
    """
    done = Created()
    actor = managing_cabinet(actor)
    loaded = {t.name: t for t in templates.known(Cabinet.objects.get(id=actor.cabinet))}
    for start in range(0, len(newcomers), CHUNK):
        with writing(actor.cabinet):  # one for many: each commit waits for the disk
            before = done.clients
            for newcomer in newcomers[start : start + CHUNK]:
                try:
                    with transaction.atomic():
                        person, invited = _create(actor, by, newcomer, loaded)
                except Refusal as e:
                    done.faults.append(Fault(newcomer.row, COLUMNS["code"][0], str(e)))
                else:
                    done.clients += 1
                    done.people += [person] if person else []
                    done.invited += [person] if invited else []
            audit.record(actor, "clients_imported", str(done.clients - before))
    return done


def _create(actor: Actor, by: Person, n: Newcomer, loaded: Mapping[str, Template]) -> tuple[str, bool]:
    """The contact's id, '' without one, and whether an invitation goes out."""
    client = clients.add(actor, n.code, n.name, loaded[n.template])
    profile.write(client, n.card, n.responsible)
    if not n.card.get("contact_name"):
        return "", False
    contact, email = n.card["contact_name"], n.card.get("contact_email", "")
    sign_in = n.sign_in or (email.lower() if email and not User.objects.filter(sign_in=email.lower()).exists() else "")
    sign_in = sign_in or accounts.free_sign_in(contact, n.code)
    kinds = with_messages(PRESETS[n.preset], by.grants(client.id) or EVERYTHING)
    user = accounts.add(by, Wish(contact, sign_in, Role.CONTACT, kinds, email, [client]))
    invited = n.invite and mail_queue.configured()
    if invited:
        mail_queue.invitation(user, invitations.issue(user))
    return user.id, invited
