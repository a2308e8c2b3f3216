"""What a use case refuses: a code with what it is about. The doors say it: pages and commands as a sentence, the wire as its
code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from syncd.core import words
from syncd.portal import desk_sentences, sales_sentences
from syncd.portal.language import named, spoken


class Code(StrEnum):
    """Stable. The first ones are reasons that the engine knows too (DESIGN 2)."""

    NO_RIGHT = "no_right"
    TAKEN = "taken"
    NAME_COLLISION = "name_collision"
    BAD_NAME = "bad_name"
    NAME_SLASH = "name_slash"
    TOO_LONG = "too_long"
    EXTENSION_NOT_ALLOWED = "extension_not_allowed"
    QUOTA = "quota"
    NOT_ALLOWED_HERE = "not_allowed_here"
    SPACE_CLOSED = "space_closed"
    NO_DOCUMENT = "no_document"
    NOT_IN_BIN = "not_in_bin"
    NO_VERSION = "no_version"
    CHANGED = "changed"
    NO_LONGER_ASKED = "no_longer_asked"
    NOT_ON_WINDOWS = "not_on_windows"
    RESERVED_NAME = "reserved_name"
    NOT_ONLINE = "not_online"
    NO_FOLDER = "no_folder"
    TREE_FIXED = "tree_fixed"
    OUTSIDE_TREE = "outside_tree"
    INSIDE_ITSELF = "inside_itself"
    PASSWORD_WEAK = "password_weak"  # noqa: S105
    NOT_YOUR_ACCOUNT = "not_your_account"
    PERSON_UNNAMED = "person_unnamed"
    SIGN_IN_TAKEN = "sign_in_taken"
    ADDRESS_ITS_OWN = "address_its_own"
    PORTFOLIO_EMPTY = "portfolio_empty"
    NO_CLIENT = "no_client"
    RIGHTS_BEYOND = "rights_beyond"
    REVOKED_BY_ANOTHER = "revoked_by_another"
    SIGN_IN_MALFORMED = "sign_in_malformed"
    ADDRESS_MALFORMED = "address_malformed"
    ADDRESS_LONG = "address_long"
    NO_FREE_SIGN_IN = "no_free_sign_in"
    INVITATION_USED = "invitation_used"
    SECOND_FACTOR_ON = "second_factor_on"
    NO_SECOND_FACTOR = "no_second_factor"
    WRONG_CODE = "wrong_code"
    AN_EQUAL = "an_equal"
    NAMED_BY_ANOTHER = "named_by_another"
    NO_LANGUAGE = "no_language"
    TOO_MANY_GUESSES = "too_many_guesses"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    CODE_MALFORMED = "code_malformed"
    CODE_CLOSED = "code_closed"
    CODE_TAKEN = "code_taken"
    CLIENT_UNNAMED = "client_unnamed"
    EXERCISE_BACKWARDS = "exercise_backwards"
    NO_QUOTA = "no_quota"
    SIRET_OF_ANOTHER = "siret_of_another"
    SIREN_LENGTH = "siren_length"
    SIREN_WRONG = "siren_wrong"
    NO_COLLEAGUE = "no_colleague"
    FILE_KIND_UNKNOWN = "file_kind_unknown"
    WORK_KIND_UNKNOWN = "work_kind_unknown"
    SIRET_LENGTH = "siret_length"
    SIRET_WRONG = "siret_wrong"
    APE_MALFORMED = "ape_malformed"
    VAT_MALFORMED = "vat_malformed"
    VAT_WRONG = "vat_wrong"
    FACT_UNKNOWN = "fact_unknown"
    CLOSING_DAY_MALFORMED = "closing_day_malformed"
    DEPARTMENT_MALFORMED = "department_malformed"
    EVENT_UNNAMED = "event_unnamed"
    COMMENT_EMPTY = "comment_empty"
    COMMENT_LONG = "comment_long"
    NO_DATE = "no_date"
    DAY_FAR = "day_far"
    DAY_MISSING = "day_missing"
    ALERT_FAR = "alert_far"
    ENTRIES_MANY = "entries_many"
    TEMPLATE_UNNAMED = "template_unnamed"
    TEMPLATE_SHIPPED = "template_shipped"
    NO_TEMPLATE = "no_template"
    LABEL_MALFORMED = "label_malformed"
    LABEL_TWICE = "label_twice"
    SHEET_HEADS = "sheet_heads"
    SHEET_COLUMNS = "sheet_columns"
    SHEETS_WAIT = "sheets_wait"
    NO_SHEET = "no_sheet"
    SHEET_LARGE = "sheet_large"
    NO_COLOUR = "no_colour"
    COLOUR_TOO_LIGHT = "colour_too_light"
    NO_LOGO = "no_logo"
    NO_NETWORK = "no_network"
    NETWORKS_LONG = "networks_long"
    AGREED_ALREADY = "agreed_already"
    NO_LONGER_WAITS = "no_longer_waits"
    NO_TASK = "no_task"
    NO_PACKAGE = "no_package"
    PACKAGE_OTHERWISE = "package_otherwise"
    PACKAGE_ASKED = "package_asked"
    PACKAGES_TOO_MANY = "packages_too_many"
    PACKAGE_AGAIN = "package_again"
    PACKAGE_UNREAD = "package_unread"
    PACKAGE_FOLDER = "package_folder"
    PACKAGE_PEOPLE = "package_people"
    TASK_OF_NOTHING = "task_of_nothing"
    TASK_SOURCE_UNKNOWN = "task_source_unknown"
    TASK_FREQUENCY_UNKNOWN = "task_frequency_unknown"
    TASK_START_MISSING = "task_start_missing"
    TASK_START_PAST = "task_start_past"
    TASK_STEP_UNKNOWN = "task_step_unknown"
    TASK_DAY_MISSING = "task_day_missing"
    TASK_MINUTES_MALFORMED = "task_minutes_malformed"
    TASKS_TOO_MANY = "tasks_too_many"
    NO_ADDRESS = "no_address"
    NO_MAIL_SERVER = "no_mail_server"
    ACCESS_WITHDRAWN = "access_withdrawn"
    CAME_ALREADY = "came_already"
    TOO_MANY_PEOPLE = "too_many_people"
    PHONE_MALFORMED = "phone_malformed"
    NO_LONGER_TOLD = "no_longer_told"
    NO_SUBJECT = "no_subject"
    NOTHING_SAID = "nothing_said"
    MESSAGE_LONG = "message_long"
    ASKED_OFTEN = "asked_often"
    CONFIDENTIAL = "confidential"
    TOO_MANY_ADDRESSES = "too_many_addresses"
    REQUEST_UNNAMED = "request_unnamed"
    REQUEST_EMPTY = "request_empty"
    REQUEST_LONG = "request_long"
    DUE_PAST = "due_past"
    NO_REQUEST_LIST = "no_request_list"
    LIST_UNNAMED = "list_unnamed"
    NO_WORD = "no_word"
    NO_REQUEST = "no_request"
    TOO_MANY_CLIENTS = "too_many_clients"
    PRIVATE_NAME = "private_name"
    PRIVATE_OPENED = "private_opened"
    PRIVATE_RECOVERY_WRONG = "private_recovery_wrong"
    PRIVATE_LAST_KEY = "private_last_key"
    PRIVATE_NOWHERE = "private_nowhere"
    PRIVATE_TOO_MANY = "private_too_many"
    KEY_UNNAMED = "key_unnamed"
    KEY_FOR_NOTHING = "key_for_nothing"
    KEY_WITHOUT_KINDS = "key_without_kinds"
    KEYS_TOO_MANY = "keys_too_many"
    NO_KEY = "no_key"
    EMITTER_MALFORMED = "emitter_malformed"
    DOCUMENT_UNKNOWN = "document_unknown"
    CURSOR_UNKNOWN = "cursor_unknown"
    PLATFORM_UNNAMED = "platform_unnamed"
    PLATFORM_ADDRESS = "platform_address"
    PLATFORM_LOCAL = "platform_local"
    PLATFORM_TEXT = "platform_text"
    PLATFORM_SECRET = "platform_secret"  # noqa: S105
    PLATFORM_START = "platform_start"
    SALES_PREFIX = "sales_prefix"
    SALES_LOGO = "sales_logo"
    SALES_START = "sales_start"
    SALES_STARTED = "sales_started"
    SALES_GONE = "sales_gone"
    SALES_ISSUED = "sales_issued"
    SALES_LACKS = "sales_lacks"
    SALES_RULES = "sales_rules"
    SALES_NO_LIBRARY = "sales_no_library"
    SALES_NO_SHEET = "sales_no_sheet"
    SALES_ANTEDATED = "sales_antedated"
    SALES_INVOICED = "sales_invoiced"
    SALES_BEYOND = "sales_beyond"
    SALES_CHANGED = "sales_changed"
    SALES_NO_CREDIT = "sales_no_credit"
    SALES_CHECK_WAITS = "sales_check_waits"
    SALES_PREPAID = "sales_prepaid"
    SALES_CREDIT_BEYOND = "sales_credit_beyond"
    SALES_MANY = "sales_many"
    SALES_NOT_SENT = "sales_not_sent"
    SALES_CUSTOMER = "sales_customer"
    SALES_ARTICLE = "sales_article"
    SALES_HEADS = "sales_heads"
    SALES_PERCENT = "sales_percent"
    SALES_RESTORED = "sales_restored"
    WORD_USED = "word_used"
    ENTRY_MALFORMED = "entry_malformed"
    CARD_CHANGED = "card_changed"


_REASONS = {
    Code.SPACE_CLOSED: Code.NO_RIGHT,
    Code.NAME_SLASH: Code.BAD_NAME, Code.NOT_ON_WINDOWS: Code.BAD_NAME, Code.RESERVED_NAME: Code.BAD_NAME, Code.TREE_FIXED: Code.NO_RIGHT,
    Code.OUTSIDE_TREE: Code.NO_RIGHT, Code.INSIDE_ITSELF: Code.NAME_COLLISION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class By:
    """Somebody, said with their side (`origin`: company or cabinet)."""

    name: str
    origin: str


class Phrase(str):
    """A phrase of the portal's, said in the language of the sentence that it stands in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """A code of core.words.DETAILS, and what fills it."""

    code: str


Param = str | int | By | Phrase | Detail


class Refusal(Exception):
    """A use case does not do what it is asked; nothing was changed. `params` fill the code's sentence."""

    def __init__(self, code: Code, /, **params: Param) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params

    @property
    def reason(self) -> str:
        """What the engine is told."""
        return str(_REASONS.get(self.code, self.code))

    def __str__(self) -> str:
        return sentence(self)


def sentence(refusal: Refusal) -> str:
    """In the language that is spoken where it is said."""
    said = {name: _said(value) for name, value in refusal.params.items()}
    return gettext(SENTENCES[refusal.code]).format(**said)


def _said(value: Param) -> str:
    match value:
        case By():
            return named(value.name, value.origin)
        case Phrase():
            return gettext(value)
        case Detail():
            return words.detailed(value.code, spoken())
    return str(value)


SENTENCES: Mapping[Code, str] = {
    **{Code(code): sentence for code, sentence in {**sales_sentences.SENTENCES, **desk_sentences.SENTENCES}.items()},
    Code.NO_RIGHT: noop("« {path} » n'est pas dans un dossier de l'arborescence du client, ou l'accès n'y est pas autorisé."),
    Code.TAKEN: noop("« {path} » existe déjà."),
    Code.NAME_COLLISION: noop("« {path} » est un document : ce nom de dossier n'est pas possible."),
    Code.BAD_NAME: noop("« {path} » n'est pas un nom possible."),
    Code.NAME_SLASH: noop("Un nom ne contient pas « / » : écrivez « {instead} »."),
    Code.TOO_LONG: noop("Un chemin de plus de {most} octets est trop long."),
    Code.EXTENSION_NOT_ALLOWED: noop("« {path} » est d'un type que son dossier ne prend pas."),
    Code.QUOTA: noop("L'espace du client est plein : cette version n'y a pas la place."),
    Code.NOT_ALLOWED_HERE: noop("Vous n'avez pas le droit de faire cela ici."),
    Code.SPACE_CLOSED: noop("Cet espace est désactivé : on y lit et télécharge, rien n'y change avant que le cabinet le réactive."),
    Code.NO_DOCUMENT: noop("Le client {code} n'a pas de document « {path} »."),
    Code.NOT_IN_BIN: noop("La corbeille du client {code} n'a pas de « {path} »."),
    Code.NO_VERSION: noop("« {name} » n'a pas de version {number} différente de l'actuelle."),
    Code.CHANGED: noop("« {name} » vient d'être modifié ou n'est plus accepté ici."),
    Code.NO_LONGER_ASKED: noop("La suppression de « {name} » n'est plus demandée."),
    Code.NOT_ON_WINDOWS: noop("Le nom de dossier « {part} » ne peut pas exister sous Windows ({fault}). Écrivez « {instead} »."),
    Code.RESERVED_NAME: noop("Le nom de dossier « {part} » est réservé aux fichiers temporaires ou système."),
    Code.PRIVATE_NAME: noop("« {part} » est le nom de l'espace que chaque société garde pour elle : choisissez un autre nom de dossier."),
    Code.PRIVATE_OPENED: noop("L'espace privé de cette société est déjà ouvert."),
    Code.PRIVATE_RECOVERY_WRONG: noop("Cette clé de secours n'est pas la bonne."),
    Code.PRIVATE_LAST_KEY: noop("Au moins une personne doit gérer l'espace privé : donnez d'abord ce droit à une autre."),
    Code.PRIVATE_NOWHERE: noop("Rien n'a été envoyé : choisissez des documents, et un dossier où vous pouvez déposer."),
    Code.PRIVATE_TOO_MANY: noop("Rien n'a été envoyé : {most} documents au plus à la fois. Choisissez-en moins, puis envoyez les autres."),
    Code.KEY_UNNAMED: noop("Indiquez le nom du programme."),
    Code.KEY_FOR_NOTHING: noop("Cochez au moins une chose que ce programme peut faire."),
    Code.KEY_WITHOUT_KINDS: noop("Cochez au moins un type de dossier."),
    Code.KEYS_TOO_MANY: noop("Il y a déjà {most} clés : retirez d'abord celles qui ne servent plus."),
    Code.NO_KEY: noop("Cette clé est déjà retirée."),
    Code.EMITTER_MALFORMED: noop("Le code émetteur « {text} » n'est pas possible : lettres sans accent, chiffres, espace, « . », « _ » ou « - », 40 au plus."),
    Code.DOCUMENT_UNKNOWN: noop("Ce document n'existe pas, ou cette clé n'y donne pas accès."),
    Code.CURSOR_UNKNOWN: noop("Ce curseur n'est plus connu : relisez tout depuis le début."),
    Code.PLATFORM_UNNAMED: noop("Donnez le nom de la plateforme."),
    Code.PLATFORM_ADDRESS: noop("L'adresse d'une plateforme commence par https:// : reprenez celle qu'elle vous a donnée."),
    Code.PLATFORM_LOCAL: noop("Cette adresse mène à un réseau privé : une plateforme agréée est sur internet."),
    Code.PLATFORM_TEXT: noop("L'identifiant et le secret se reprennent tels que la plateforme les a donnés, sans accent."),
    Code.PLATFORM_SECRET: noop("Indiquez aussi le secret : il n'est pas repris pour une autre adresse ou un autre identifiant."),
    Code.PLATFORM_START: noop("Les factures se récupèrent depuis {days} jours au plus."),
    Code.WORD_USED: noop("Cette clé d'idempotence a déjà servi à autre chose."),
    Code.ENTRY_MALFORMED: noop("« {text} » n'est pas possible dans une écriture : une ligne de texte, journal de 20 caractères, pièce de 60 au plus."),
    Code.CARD_CHANGED: noop("La fiche a changé depuis que vous l'avez lue : relisez-la."),
    Code.NOT_ONLINE: noop("« {path} » est dans un dossier qui n'existe pas en ligne."),
    Code.NO_FOLDER: noop("Le client {code} n'a pas de dossier « {path} »."),
    Code.TREE_FIXED: noop("« {path} » fait partie de l'arborescence du client. Sa place est fixe : déplacez ce qu'il contient."),
    Code.OUTSIDE_TREE: noop("« {path} » n'est pas dans un dossier de l'arborescence du client."),
    Code.INSIDE_ITSELF: noop("« {path} » est à l'intérieur du dossier lui-même."),
    Code.PASSWORD_WEAK: "{why}",  # said by whoever checks passwords
    Code.NOT_YOUR_ACCOUNT: noop("Vous ne pouvez pas modifier ce compte."),
    Code.PERSON_UNNAMED: noop("Indiquez le nom de la personne."),
    Code.SIGN_IN_TAKEN: noop("L'identifiant « {sign_in} » est déjà pris : choisissez-en un autre."),
    Code.ADDRESS_ITS_OWN: noop("Seule cette personne change son adresse e-mail : page « Mon compte »."),
    Code.PORTFOLIO_EMPTY: noop("Choisissez au moins un client, un site, un groupe, un secteur ou un responsable."),
    Code.NO_CLIENT: noop("Ce client n'existe pas."),
    Code.RIGHTS_BEYOND: noop("Vous ne pouvez donner que des droits que vous avez vous-même, sur vos propres clients."),
    Code.REVOKED_BY_ANOTHER: noop("Cet accès a été retiré par {name} : seule cette personne, ou une personne au-dessus, le rend."),
    Code.SIGN_IN_MALFORMED: noop("Un identifiant a au moins 3 caractères, sans espace : « marie.dupont », ou une adresse e-mail."),
    Code.ADDRESS_LONG: noop("Une adresse e-mail n'a pas plus de {most} caractères."),
    Code.ADDRESS_MALFORMED: noop("« {text} » n'est pas une adresse e-mail."),
    Code.NO_FREE_SIGN_IN: noop("Aucun identifiant libre pour « {name} »."),
    Code.INVITATION_USED: noop("Ce lien vient de servir : connectez-vous, ou demandez-en un nouveau."),
    Code.SECOND_FACTOR_ON: noop("La double authentification est déjà activée : désactivez-la d'abord."),
    Code.NO_SECOND_FACTOR: noop("La double authentification n'est pas activée."),
    Code.WRONG_CODE: noop("Ce code n'est pas le bon : prenez celui qui est affiché maintenant par l'application."),
    Code.AN_EQUAL: noop("Cette personne est votre égale : elle seule choisit son mot de passe, par un lien envoyé à son adresse."),
    Code.NAMED_BY_ANOTHER: noop("Votre nom est donné par la personne qui a créé votre accès."),
    Code.NO_LANGUAGE: noop("Choisissez une langue."),
    Code.TOO_MANY_GUESSES: noop("Trop d'essais : attendez un quart d'heure, puis réessayez."),
    Code.WRONG_PASSWORD: noop("Le mot de passe actuel n'est pas le bon."),
    Code.CODE_MALFORMED: noop("« {code} » n'est pas un code dossier : lettres, chiffres, « . », « _ » ou « - », 40 caractères au plus."),
    Code.CODE_CLOSED: noop("Le client « {code} » existe déjà, et il est désactivé : réactivez-le depuis sa fiche."),
    Code.CODE_TAKEN: noop("Le client « {code} » existe déjà."),
    Code.CLIENT_UNNAMED: noop("Indiquez la raison sociale, en 200 caractères au plus."),
    Code.EXERCISE_BACKWARDS: noop("L'exercice se termine ({end}) avant de commencer ({start})."),
    Code.NO_QUOTA: noop("Un espace se compte en octets ; 0 : sans limite."),
    Code.SIRET_OF_ANOTHER: noop("Le SIRET ne commence pas par le SIREN {siren}."),
    Code.SIREN_LENGTH: noop("Le SIREN « {text} » n'a pas 9 chiffres."),
    Code.SIREN_WRONG: noop("Le SIREN « {text} » contient une erreur : sa clé de contrôle est fausse."),
    Code.NO_COLLEAGUE: noop("« {name} » n'a pas d'accès au cabinet : créez-le d'abord."),
    Code.FILE_KIND_UNKNOWN: noop("Dossier comptable « {text} » : original ou copie."),
    Code.WORK_KIND_UNKNOWN: noop("Tenue du dossier « {text} » : collaborative, autonome ou auxiliaire."),
    Code.SIRET_LENGTH: noop("Le SIRET « {text} » n'a pas 14 chiffres."),
    Code.SIRET_WRONG: noop("Le SIRET « {text} » contient une erreur : sa clé de contrôle est fausse."),
    Code.APE_MALFORMED: noop("Le code APE « {text} » s'écrit avec quatre chiffres et une lettre : 4711D."),
    Code.VAT_MALFORMED: noop("Le numéro de TVA « {text} » s'écrit FR, deux caractères et le SIREN."),
    Code.FACT_UNKNOWN: noop("« {text} » n'est pas un choix possible : {known}."),
    Code.CLOSING_DAY_MALFORMED: noop("Le jour de clôture « {text} » s'écrit jour et mois : 31/12."),
    Code.DEPARTMENT_MALFORMED: noop("Le département « {text} » s'écrit 01 à 95, 2A, 2B ou 971 à 988."),
    Code.EVENT_UNNAMED: noop("Un évènement a un titre, de 200 caractères au plus."),
    Code.COMMENT_EMPTY: noop("Écrivez d'abord votre commentaire."),
    Code.COMMENT_LONG: noop("{limit} caractères au plus."),
    Code.NO_DATE: noop("Cette date n'est plus au calendrier : rechargez la page."),
    Code.DAY_MISSING: noop("Choisissez un jour."),
    Code.DAY_FAR: noop("Le {day} est trop loin : cinq ans au plus."),
    Code.ALERT_FAR: noop("Une alerte part {days} jours avant au plus."),
    Code.ENTRIES_MANY: noop("Il y en a déjà {limit} : retirez d'abord ceux qui ne servent plus."),
    Code.VAT_WRONG: noop("Le numéro de TVA « {text} » contient une erreur : sa clé de contrôle est fausse."),
    Code.TEMPLATE_UNNAMED: noop("Donnez au modèle un nom de 100 caractères au plus."),
    Code.TEMPLATE_SHIPPED: noop("« {title} » est un modèle fourni : choisissez un autre nom."),
    Code.NO_TEMPLATE: noop("Choisissez un modèle d'arborescence."),
    Code.LABEL_MALFORMED: noop("« {label} » n'est pas possible : {most} caractères au plus, sans « / »."),
    Code.LABEL_TWICE: noop("« {label} » désignerait deux dossiers à la fois : choisissez un autre nom."),
    Code.SHEET_HEADS: noop("La première ligne doit porter les titres du modèle, dont « Code dossier » et « Raison sociale »."),
    Code.SHEET_COLUMNS: noop("Colonnes inconnues : {columns}. Reprenez les titres du modèle."),
    Code.SHEETS_WAIT: noop("D'autres classeurs sont en cours de lecture : réessayez dans un instant."),
    Code.NO_SHEET: noop("Ce fichier n'est pas un classeur Excel lisible."),
    Code.SHEET_LARGE: noop("Ce classeur est trop grand : {rows} lignes et {columns} colonnes au plus. Reprenez le modèle."),
    Code.NO_COLOUR: noop("Choisissez une couleur."),
    Code.COLOUR_TOO_LIGHT: noop("Cette couleur est trop claire : le texte blanc des boutons ne s'y lirait pas."),
    Code.NO_LOGO: noop("Le logo est une image PNG ou JPEG de 300 Ko au plus."),
    Code.NO_NETWORK: noop("« {part} » n'est pas un réseau : écrivez 192.0.2.0/24, ou une adresse."),
    Code.NETWORKS_LONG: noop("Trop de réseaux : 500 caractères au plus."),
    Code.AGREED_ALREADY: noop("Cette demande a déjà été accordée."),
    Code.NO_LONGER_WAITS: noop("Ce plan n'attend plus : ce qui attend maintenant est affiché ci-dessous."),
    Code.NO_ADDRESS: noop("{name} n'a pas d'adresse e-mail : indiquez-en une, ou imprimez une fiche d'accès."),
    Code.NO_MAIL_SERVER: noop("Cette plateforme n'envoie pas d'e-mails : imprimez une fiche d'accès, ou transmettez un lien."),
    Code.ACCESS_WITHDRAWN: noop("L'accès de {name} est retiré : rendez-le d'abord."),
    Code.CAME_ALREADY: noop("{name} a déjà un mot de passe."),
    Code.TOO_MANY_PEOPLE: noop("{most} personnes au plus à la fois : filtrez la liste, ou procédez page par page."),
    Code.PHONE_MALFORMED: noop("Le téléphone a 40 caractères au plus : chiffres, espaces, « . », « - », « + » et parenthèses."),
    Code.NO_LONGER_TOLD: noop("Ce point n'est plus à voir, ou ne vous revient pas."),
    Code.NO_SUBJECT: noop("Indiquez de quoi il s'agit."),
    Code.NOTHING_SAID: noop("Écrivez votre message."),
    Code.MESSAGE_LONG: noop("Un message a {most} caractères au plus : déposez plutôt un document."),
    Code.ASKED_OFTEN: noop("{address} a déjà reçu plusieurs demandes aujourd'hui : réessayez demain."),
    Code.CONFIDENTIAL: noop("Cet échange est réservé à ceux qui voient ces dossiers : il ne se transfère pas."),
    Code.TOO_MANY_ADDRESSES: noop("{most} adresses au plus."),
    Code.REQUEST_UNNAMED: noop("Donnez à la demande un titre de {most} caractères au plus."),
    Code.REQUEST_EMPTY: noop("Demandez au moins une pièce : cochez-en une, ou écrivez-la."),
    Code.REQUEST_LONG: noop("{most} pièces au plus par demande : faites-en deux."),
    Code.DUE_PAST: noop("Choisissez une échéance à partir d'aujourd'hui, et d'ici deux ans."),
    Code.NO_REQUEST_LIST: noop("Cette liste n'existe plus : choisissez-en une autre."),
    Code.LIST_UNNAMED: noop("Donnez à la liste un titre de {most} caractères au plus, qui ne soit pas celui d'une liste fournie."),
    Code.NO_WORD: noop("Dites en un mot pourquoi."),
    Code.NO_REQUEST: noop("Cette demande n'est plus ouverte, ou ne vous revient pas."),
    Code.TOO_MANY_CLIENTS: noop("{most} clients au plus à la fois."),
}  # fmt: skip
