"""Every sentence an accountant or a client reads, in French and English (DESIGN 2).

Here are reasons, verdicts and figures; beside it, by who says them, `commands`, `doctor`, `administration` and `faults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.core.errors import SyncdError
from syncd.core.folder_rules import MACROS
from syncd.core.reasons import Disappeared, Family, Reason, Said, Several, Sizes, family, parameters
from syncd.core.verdicts import BY_HAND, Verdict
from syncd.core.words.phrase import Sentence

NBSP, NARROW = "\u00a0", "\u202f"
MONTHS = (
    ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
)
MONTH_NAMES = (
    ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
)  # fmt: skip

LABELS: dict[Verdict, tuple[str, str]] = {
    Verdict.RUNNING: ("En cours", "Running"),
    Verdict.DONE: ("Terminé", "Done"),
    Verdict.BUDGET: ("Terminé, durée maximale atteinte", "Done, time limit reached"),
    Verdict.WARNING: ("Avertissement", "Warning"),
    Verdict.ERROR: ("Erreur", "Error"),
    Verdict.ABANDONED: ("Abandon", "Abandoned"),
}
INTERRUPTED = ("Interrompu", "Stopped")  # a run that somebody stopped

REASONS: dict[str, tuple[str, str]] = {
    "too_large": ("trop volumineux", "too large"),
    "empty": ("document vide", "empty document"),
    "extension_not_allowed": ("type de fichier non accepté", "file type not accepted"),
    "unstable": ("en cours d'enregistrement, sera repris", "still being written, will be taken up again"),
    "locked": ("ouvert, sera repris", "open, will be taken up again"),
    "vanished": ("fichier introuvable", "file not found"),
    "unreadable": ("illisible (droits ou disque)", "unreadable (rights or disk)"),
    "bad_name": ("nom refusé par Windows", "name refused by Windows"),
    "name_collision": ("deux noms identiques aux majuscules ou accents près", "two names equal but for case or accents"),
    "quota": ("espace du client plein", "the client's space is full"),
    "no_right": ("accès non autorisé", "access not allowed"),
    "emptied": (
        "devenu vide ; l'espace client garde le contenu, remis dès que possible",
        "became empty; the client space keeps the content, put back as soon as it can be",
    ),
    "too_long": ("nom ou chemin trop long", "name or path too long"),
    "moved_out": ("déplacé hors de l'espace du client, toujours en ligne", "moved out of the client's space, still online"),
    "direction": ("sens du dossier : non transmis", "folder direction: not transmitted"),
    "withdrawn_right": ("accès retiré", "access withdrawn"),
    "failed": ("erreur technique, sera repris", "technical error, will be taken up again"),
    "disk_full": ("le disque du cabinet est plein ; faites de la place, la suite arrivera d'elle-même", "the cabinet's disk is full; make room, the rest will come by itself"),
    "missing_folder": ("dossier du modèle absent ou renommé : rien n'est transmis, remettez-le à sa place", "template folder missing or renamed: nothing is transmitted, put it back"),
    "renamed_template_folder": ("dossier du modèle renommé ou déplacé : rien n'est transmis, remettez-le à sa place", "template folder renamed or moved: nothing is transmitted, put it back"),
    "link": ("lien ou fichier spécial, ignoré", "link or special file, ignored"),
    "unknown_folder": ("hors de l'arborescence du client, non transmis", "outside the client's tree, not transmitted"),
    "out_of_scope": ("exercice hors du périmètre, conservé au cabinet", "exercise out of scope, kept at the cabinet"),
    "not_a_client": ("ce dossier n'est rattaché à aucun client de la plateforme", "this directory belongs to no client of the portal"),
    "excluded": ("client exclu de cette synchronisation", "client excluded here"),
    "closed": ("espace client fermé : les documents restent au cabinet", "client space closed: the documents stay at the cabinet"),
    "unknown_supp": ("document supp_ non reconnu", "supp_ document not recognised"),
    "vanished_here": ("beaucoup de documents ont disparu au cabinet ; ils restent en ligne, « Reprendre au cabinet » (page « Accueil ») les rend", "many documents disappeared at the cabinet; they stay online, “Reprendre au cabinet” (page “Accueil”) brings them back"),
    "renamed_here": ("beaucoup de documents ont été renommés au cabinet en un type non accepté ; rien n'est transmis, ils gardent leur nom en ligne ; remettez leurs noms", "many documents were renamed at the cabinet to a type that is not accepted; nothing is transmitted, they keep their names online; put their names back"),
    "guard": ("en attente de votre accord", "waiting for your agreement"),
    "guard_changes": ("en attente de votre accord : beaucoup de changements à la fois", "waiting for your agreement: many changes at once"),
    "guard_emptied_side": ("en attente de votre accord : tous les documents seraient touchés", "waiting for your agreement: every document would be touched"),
    "guard_first_publication": ("en attente de votre accord : première mise en ligne", "waiting for your agreement: first publication"),
    "guard_many_new": ("en attente de votre accord : beaucoup de nouveaux documents à mettre en ligne", "waiting for your agreement: many new documents to publish"),
    "guard_other_client": ("en attente de votre accord : ces documents sont déjà ceux d'un autre client, vérifiez qu'ils ne sont pas au mauvais endroit", "waiting for your agreement: these documents are another client's; check that they are not in the wrong place"),
    "not_asked": ("ce qui attendait votre accord n'est plus à faire", "what waited for your agreement is not to be done any more"),
    "stop_root_marker": ("interrompu : la racine des dossiers n'est pas celle de ce cabinet ; remontez le bon disque ou partage", "stopped: the root is not this cabinet's; mount the right disk or share"),
    "stop_client_marker": ("interrompu : le dossier du client est absent ou son repère manque ; remettez-le en place depuis le disque ou la sauvegarde (syncd doctor dit comment faire sans sauvegarde)", "stopped: the client's directory is missing or lost its marker; put it back from the disk or the backup (syncd doctor says what to do without one)"),
    "stop_client_directory": ("interrompu : le dossier du client, ou ce que syncd y garde dans .syncd, ne peut pas être utilisé ; corrigez ce qui est dit, les autres clients continuent", "stopped: the client's directory, or what syncd keeps in its .syncd, cannot be used; mend what is said, the other clients go on"),
    "stop_client_name": ("interrompu : le nom du dossier du client n'est pas du texte lisible ; renommez-le", "stopped: the name of the client's directory is no readable text; rename it"),
    "stop_not_ours": ("interrompu : un lien, ou le bien d'un autre compte, se trouve là où seul le moteur range (.syncd) ; retirez-le, puis relancez : rien n'y a été touché", "stopped: a link, or another account's property, lies where the engine alone keeps things (.syncd); remove it, then run again: nothing there was touched"),
    "stop_disk": ("interrompu : le disque des dossiers ne permet pas de placer un document sans risquer d'en écraser un autre ; mettez les dossiers sur un autre disque", "stopped: the folders' disk cannot place a document without the risk of replacing another; put the folders on another disk"),
    "stop_other_disk": ("interrompu : un autre disque est monté dans le dossier du client ; démontez-le, ou placez-le hors des dossiers", "stopped: another disk is mounted in the client's directory; unmount it, or mount it elsewhere"),
    "stop_doubled": ("interrompu : deux dossiers portent le repère de ce client ; gardez-en un sous la racine", "stopped: two directories bear this client's marker; keep one under the root"),
    "stop_nested": ("interrompu : un dossier client se trouve dans un autre ; remettez-le sous la racine", "stopped: a client's directory lies inside another; move it back under the root"),
    "stop_no_clients": ("interrompu : la plateforme ne nomme plus aucun client en service ; remettez-y une sauvegarde plus récente, ou recréez-les", "stopped: the portal names none of the clients in use; put back a newer backup of it, or create them again"),
    "stop_other_cabinet": ("interrompu : ce portail ou cette clé est d'un autre cabinet ; vérifiez la configuration", "stopped: this portal or key is another cabinet's; check the configuration"),
    "stop_listing": ("interrompu : la liste reçue de la plateforme est incomplète ; réessayez, puis prévenez l'hébergeur", "stopped: the listing from the portal is incomplete; retry, then tell whoever hosts it"),
    "proxy_limit": ("refusé par un serveur intermédiaire, dont la limite de taille des envois est trop basse ; prévenez l'hébergeur", "refused by a server in between, whose limit on uploads is too low; tell whoever hosts it"),
    "proxy_barred": ("refusé en chemin par un pare-feu ou un antivirus ; faites-le vérifier, puis autoriser si ce document est sain", "refused on its way by a firewall or a virus scanner; have it checked, and allowed if the document is sound"),
    "line_cut": ("l'envoi est coupé à chaque essai, alors que la plateforme répond au reste ; sera réessayé, faites vérifier le pare-feu ou l'antivirus si cela dure", "its sending is cut at each try, while the portal answers everything else; will be tried again, have the firewall or virus scanner checked if that lasts"),
    "portal_refuses": ("la plateforme refuse la demande ; mettez les deux côtés à la même version, puis prévenez l'hébergeur", "the portal refuses the request; bring both sides to the same version, then tell whoever hosts it"),
    "not_the_portal": ("ce qui répond à cette adresse n'est pas la plateforme ; vérifiez l'adresse, et ce qui se trouve entre elle et vous (page de connexion, serveur intermédiaire)", "what answers at this address is not the portal; check the address, and what lies between it and you (a sign-in page, a proxy)"),
    "certificate_expired": ("le certificat de la plateforme a expiré ; vérifiez l'heure de ce poste, puis demandez à l'hébergeur de le renouveler", "the portal's certificate has expired; check this machine's clock, then ask whoever hosts it to renew it"),
    "certificate_early": ("le certificat de la plateforme n'est pas encore valable ; vérifiez l'heure de ce poste", "the portal's certificate is not valid yet; check this machine's clock"),
    "certificate_name": ("le certificat de la plateforme est celui d'une autre adresse ; vérifiez l'adresse, puis prévenez l'hébergeur", "the portal's certificate is another address's; check the address, then tell whoever hosts it"),
    "certificate_unknown": ("le certificat de la plateforme est d'une autorité inconnue de ce poste ; indiquez-la dans la configuration ([portal] ca_file), ou prévenez l'hébergeur", "the portal's certificate is from an authority this machine does not know; name it in the configuration ([portal] ca_file), or tell whoever hosts it"),
    "certificate": ("le certificat de la plateforme n'est pas accepté ; prévenez l'hébergeur", "the portal's certificate is not accepted; tell whoever hosts it"),
    "no_tls": ("cette adresse ne répond pas en https ; vérifiez l'adresse et le port", "nothing speaks https at this address; check the address and the port"),
    "portal_full": ("la plateforme manque de place ; prévenez l'hébergeur, la suite partira d'elle-même", "the portal lacks space; tell whoever hosts it, the rest will go by itself"),
    "portal_failed": ("la plateforme a répondu une erreur ; voir le journal du portail, puis prévenez l'hébergeur", "the portal answered with an error; see the portal's journal, then tell whoever hosts it"),
    "proxy_alone": ("la plateforme ne fonctionne pas : seul le serveur placé devant elle répond ; prévenez l'hébergeur", "the portal does not work: only the server in front of it answers; tell whoever hosts it"),
    "portal_away": ("la plateforme ne répond pas ; vérifiez la connexion, puis prévenez l'hébergeur", "the portal does not answer; check the connection, then tell whoever hosts it"),
    "token": ("la plateforme refuse la clé de synchronisation ; demandez une nouvelle clé au cabinet (syncd portal engine-token) et écrivez-la dans [portal] token_file", "the portal refuses the key; ask for a new one (syncd portal engine-token) and write it into [portal] token_file"),
    "key_file": ("la clé de synchronisation ne peut pas être lue ; écrivez la clé de la plateforme dans ce fichier (syncd portal engine-token), lisible par ce compte", "the key cannot be read; write the portal's key into this file (syncd portal engine-token), readable by this account"),
    "key_none": ("ce qui devrait être la clé de synchronisation n'en est pas une ; mettez-y la clé de la plateforme (syncd portal engine-token)", "what should be the key is none; put the portal's key there (syncd portal engine-token)"),
    "ca_file": ("les certificats indiqués ([portal] ca_file) ne peuvent pas être utilisés ; indiquez un fichier PEM lisible, ou rien pour ceux du système", "the certificates of [portal] ca_file cannot be used; name a readable PEM file, or none for the system's own"),
    "proxy": ("le serveur intermédiaire indiqué dans l'environnement ne peut pas être utilisé ; écrivez-le comme http://proxy.exemple.fr:3128, ou retirez-le", "the proxy of the environment cannot be used; write it as http://proxy.example.fr:3128, or take it out"),
    "not_bound": ("la mémoire de la synchronisation n'est encore à aucun cabinet ; lancez « syncd init »", "the state belongs to no cabinet yet; run 'syncd init'"),
    "state_newer": ("la mémoire de la synchronisation a été écrite par une version plus récente de syncd ; réinstallez celle-ci, rien n'a été changé", "the state was written by a newer version of syncd; install that one again, nothing was changed"),
    "state_unusable": ("la mémoire de la synchronisation ne peut pas être utilisée ; vérifiez qu'elle est sur un disque local de ce poste, que ce compte peut y écrire, et qu'aucun autre programme ne la tient", "the state cannot be used; check that it is on a local disk of this machine, that this account may write there, and that no other program holds it"),
    "mail_password": ("le mot de passe de messagerie ne peut pas être lu ; vérifiez [mail] password_file", "the mail password cannot be read; check [mail] password_file"),
    "network": ("la clé de synchronisation ne peut pas servir depuis ce réseau ; vérifiez ses réseaux autorisés", "the key may not be used from this network; check its allowed networks"),
    "held": ("une autre synchronisation travaille déjà pour ce cabinet ; arrêtez l'une des deux", "another engine works for this cabinet; stop one of them"),
    "disk_failed": ("le disque du cabinet ne répond plus correctement ; faites-le vérifier", "the cabinet's disk fails; have it checked"),
    "reports": ("les comptes rendus ne peuvent pas être écrits ; vérifiez [mirror] logs, ses droits et son disque : les documents, eux, sont synchronisés", "the reports cannot be written; check [mirror] logs, its rights and its disk: documents are synchronised all the same"),
    "migration_failed": ("la reprise de l'antériorité n'est pas allée au bout ; remettez en place ce qui est dit, la prochaine reprend là où elle en était", "the migration of past documents did not come to its end; mend what is said, the next one goes on from there"),
    "state_failed": ("la mémoire de la synchronisation ne peut pas être écrite ; vérifiez le disque de [mirror] state (place, état, droits) et qu'aucun autre programme ne la tient, le passage suivant reprend", "the state cannot be written; check the disk of [mirror] state (room, health, rights) and that no other program holds it, the next run goes on"),
    "clock_skew": ("les horloges du cabinet et de la plateforme diffèrent ; mettez-les à l'heure", "the clocks of cabinet and portal differ; set them right"),
    "restored_portal": ("la plateforme a été restaurée d'une sauvegarde : ce qui y manque est renvoyé, rien n'est mis de côté", "the portal was restored from a backup: what it lacks is sent again, nothing is set aside"),
    "restored_state": ("la mémoire de la synchronisation était perdue ou ancienne : elle est refaite en comparant les deux côtés, aucune suppression n'en est déduite", "the state was lost or old: it is rebuilt by comparing both sides, no deletion is inferred"),
    "restored_mirror": ("les dossiers du cabinet ont été restaurés d'une sauvegarde : ce qui y manque est repris de la plateforme", "the mirror was restored from a backup: what it lacks is fetched from the portal"),
    "restored_marker": ("le repère du dossier n'est pas celui que la synchronisation y avait écrit : ses deux côtés sont comparés, aucune suppression n'en est déduite", "the directory's marker is not the one that was written there: its two sides are compared, no deletion is inferred"),
    "unexpected": ("une erreur inattendue a interrompu la synchronisation ; son détail est dans le journal technique, transmettez-le à qui maintient syncd", "an unexpected error stopped the run; its details are in the technical log, pass them on to whoever maintains syncd"),
    "generations": ("les compteurs de la synchronisation sont abîmés ; lancez « syncd doctor --repair »", "the counts of generations are damaged; run 'syncd doctor --repair'"),
    "taken_away": ("retiré du disque aussitôt reçu (un antivirus ?), sera repris plus tard", "taken off the disk as soon as it was received (a virus scanner?), will be taken up again later"),
    "not_renamed": ("ne se laisse pas renommer au cabinet comme il l'a été en ligne, après trois essais ; renommez-le vous-même, il y est encore sous son ancien nom", "cannot be renamed at the cabinet as it was online, after three tries; rename it yourself, it still bears its old name there"),
    "not_a_folder": ("un fichier porte le nom de ce dossier ; renommez-le ou déplacez-le", "a file bears this folder's name; rename or move it"),
    "unfinished": ("fichier incomplet ou abîmé ; numérisez-le de nouveau", "incomplete or damaged file; scan it again"),
    "not_what_it_says": ("le contenu n'est pas celui que son nom annonce ; numérisez-le de nouveau", "it is not the kind of file that its name says; scan it again"),
    "taken_from_mirror": ("retiré des dossiers du cabinet avant sa mise en ligne ; remettez-le dans le dossier du scanner s'il doit être publié", "taken out of the cabinet's folders before it was online; put it into the scanner's folder again if it is to be published"),
    "unknown_dossier": ("numérisé pour un dossier inconnu, mis en quarantaine ; créez ce dossier sur la plateforme, ou corrigez le nom du répertoire", "scanned for an unknown code, put in quarantine; create that client on the portal, or mend the directory's name"),
    "closed_dossier": ("numérisé pour un dossier fermé, mis en quarantaine ; rouvrez l'espace du client, ou retirez ces fichiers", "scanned for a closed client, put in quarantine; open the client's space again, or take the files away"),
    "loose_scan": ("numérisé hors de tout dossier, mis en quarantaine ; rangez-le dans le répertoire d'un dossier", "scanned into no client's directory, put in quarantine; move it into a client's directory"),
    "already_received": ("déjà reçu, non doublé ; le fichier est dans « .doublons »", "received already, not doubled; the file is in “.doublons”"),
    "register_held": ("fichiers du logiciel comptable laissés de côté, rien n'en est appliqué", "files of the accounting software held back, nothing of them is applied"),
    "ask_deletion": ("l'entreprise l'a supprimé de son côté, mais ne peut que demander une suppression : qu'elle la demande en ligne, ou supprimez-le au cabinet ; rien n'a été supprimé", "the company deleted it on its side, but may only ask for deletions: it is to be asked for online, or deleted at the cabinet; nothing was deleted"),
    "not_online": ("pris, pas encore en ligne ; le fichier du scanner reste gardé jusque-là", "taken, not online yet; the scanner's file is kept until then"),
    "share_away": ("le partage des scanners ne peut pas être lu ; vérifiez [intake] root et les droits de ce compte, aucun fichier n'a été touché", "the scanners' share cannot be read; check [intake] root and this account's rights, no file was touched"),
    "lost_online": ("ce client n'existe plus sur la plateforme restaurée : recréez-le, ses documents restent au cabinet", "the restored portal no longer knows this client: create it again, its documents stay at the cabinet"),
}  # fmt: skip

# What fills a reason's sentence, where the code that says it has words of its own: {0}, {1}: what follows it.
DETAILS: dict[str, tuple[str, str]] = {
    "no_connection": ("aucune connexion n'aboutit", "no connection is accepted"),
    "no_answer": ("aucune réponse à temps", "no answer in time"),
    "disk_full": ("disque plein", "disk full"),
    "disk_error": ("erreur du disque", "disk error"),
    "read_only": ("disque en lecture seule, ou droit manquant", "disk read-only, or a right missing"),
    "held_open": ("tenue par un autre programme", "held by another program"),
    "not_given": ("non fourni par la plateforme", "not given by the portal"),
    "other_content": ("contenu reçu différent", "what came differs"),
    "rotten_here": ("abîmé au cabinet, sans exemplaire sain en ligne", "damaged at the cabinet, no sound copy online"),
    "rotten_online": ("abîmé en ligne, version {0} : {1}", "damaged online, version {0}: {1}"),
    "unreadable_bytes": ("octets illisibles", "unreadable bytes"),
    "name_too_long": ("nom trop long", "name too long"),
    "forbidden_character": ("caractère interdit {0}", "forbidden character {0}"),
    "invisible_character": ("caractère invisible", "invisible character"),
    "dot_or_space_at_end": ("point ou espace final", "dot or space at its end"),
    "space_at_start": ("espace initial", "space at its start"),
    "reserved_name": ("nom réservé", "reserved name"),
    "space_before_extension": ("espace avant l'extension", "space before the extension"),
    "no_sound_copy": ("aucun exemplaire sain au cabinet", "no sound copy at the cabinet"),
}


def label(verdict: Verdict, language: str = "fr", exit_code: int = 0) -> str:
    by_hand = verdict is Verdict.ABANDONED and exit_code in BY_HAND
    return (INTERRUPTED if by_hand else LABELS[verdict])[language == "en"]


def size(count: int, language: str = "fr") -> str:
    """`0 o`, `12 Ko`, `25 Mo`, `1,2 Go`: decimal units, as file managers and the limits count them."""
    units = ("o", "Ko", "Mo", "Go") if language == "fr" else ("B", "KB", "MB", "GB")
    value, unit = float(count), units[0]
    for unit in units:
        if value < 999.5 or unit == units[-1]:
            break
        value /= 1000
    text = f"{value:.0f}" if value >= 9.95 or unit == units[0] else f"{value:.1f}".removesuffix(".0")
    return (text.replace(".", ",") if language == "fr" else text) + NBSP + unit


def number(count: int, language: str = "fr") -> str:
    """`2 010`, `2,010`."""
    return f"{count:,}" if language == "en" else f"{count:,}".replace(",", NARROW)


def relative(at: datetime, now: datetime, language: str = "fr") -> str:
    """`aujourd'hui 14:11`, `hier`, `18 nov.`, `18/11/2025`: as near as a list needs it, both in one time zone."""
    english = language == "en"
    if at.date() == now.date():
        return f"{'today' if english else 'aujourd’hui'} {at:%H:%M}"
    if at.date() == now.date() - timedelta(days=1):
        return "yesterday" if english else "hier"
    if at.year == now.year:
        return f"{at.day}{NBSP}{MONTHS[english][at.month - 1]}"
    return f"{at:%d/%m/%Y}"


def date_time(at: datetime) -> str:
    """`21/11/2026 14:03`, in whatever time zone `at` carries."""
    return f"{at.day:02}/{at.month:02}/{at.year:04} {at.hour:02}:{at.minute:02}"


def reason(code: str, detail: str = "", language: str = "fr") -> str:
    """The sentence of a reason code; `detail` is what the code's source says fills it."""
    text = REASONS.get(code, (code, code))[language == "en"]
    match parameters(code, detail):
        case Sizes(have, limit):
            has, may = size(have, language), size(limit, language)
            return f"{text} : {has}, limite {may}" if language == "fr" else f"{text}: {has}, limit {may}"
        case Disappeared(gone, strange):
            return _vanished(gone, strange, language)
        case Several(many) if code == Reason.RENAMED_HERE:
            return _renamed(many, language)
        case Several(many):
            return f"{text} ({count(many, 'document', 'documents') if language == 'fr' else f'{many} documents'})"
        case Said(""):
            return text
        case Said(who) if code == Reason.LOCKED:
            return f"ouvert par {who}, sera repris" if language == "fr" else f"open by {who}, will be taken up again"
        case Said(extension) if code == Reason.EXTENSION_NOT_ALLOWED and extension.lstrip(".") in MACROS:
            how = (
                "documents avec macros ; votre cabinet peut les autoriser pour ce dossier dans le modèle"
                if language == "fr"
                else "documents with macros; the cabinet may allow them for this folder in the template"
            )
            return f"{text} ({extension}, {how})"
    return f"{text} ({detailed(detail, language)})"


def detailed(detail: str, language: str = "fr") -> str:
    """A code of DETAILS as a phrase; anything else (a name, a number, the disk's own word) as it is."""
    code, _, rest = detail.partition(" ")
    if code not in DETAILS:
        return detail
    first, _, more = rest.partition(" ")
    return DETAILS[code][language == "en"].format(first, detailed(more, language))


def _vanished(gone: int, strange: int, language: str) -> str:
    if language == "en":
        came = f", {strange} files of unknown type appeared" if strange else ""
        return f"{gone} documents disappeared at the cabinet{came}: have it checked at once; nothing is lost, they stay online and “Reprendre au cabinet” (page “Accueil”) brings them back"
    appeared = count(strange, "fichier de type inconnu est apparu", "fichiers de type inconnu sont apparus")
    came = f", {appeared}" if strange else ""
    return f"{count(gone, 'document a disparu', 'documents ont disparu')} au cabinet{came} : faites vérifier tout de suite ; rien n'est perdu, ils restent en ligne et « Reprendre au cabinet » (page « Accueil ») les rend"


def _renamed(many: int, language: str) -> str:
    if language == "en":
        return f"{many} documents were renamed at the cabinet to a type that is not accepted: have it checked at once; nothing is transmitted, they keep their names and contents online, put their names back here"
    return f"{count(many, 'document a été renommé', 'documents ont été renommés')} au cabinet en un type non accepté : faites vérifier tout de suite ; rien n'est transmis, ils gardent leur nom et leur contenu en ligne, remettez leurs noms ici"


class Fault(NamedTuple):
    """What is wrong, and what to do about it ('' where the first says it): sentences."""

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what} {self.mend}".strip()


def fault(error: SyncdError, language: str) -> Fault:
    """An error in the reader's language: its own sentence, else its reason's, else the English it was raised with."""
    if isinstance(error.said, Sentence):
        mend = error.said_mend
        return Fault(error.said(language), mend(language) if isinstance(mend, Sentence) else mend)
    if language == "en" or family(error.reason) not in (Family.RUN, Family.STOP):
        return Fault(error.message, error.mend)
    return of_reason(error.reason, error.cause, language)


def of_reason(code: str, cause: str, language: str) -> Fault:
    """A reason that stops everything, as two sentences; `cause`: what the system said of it."""
    before, between = ("interrompu : ", " ; ") if language == "fr" else ("stopped: ", "; ")
    what, _, mend = reason(code, "", language).removeprefix(before).partition(between)
    quoted = (
        (f" (« {detailed(cause, language)} »)" if language == "fr" else f" ({detailed(cause, language)})")
        if cause
        else ""
    )
    return Fault(f"{_capital(what)}{quoted}.", f"{_capital(mend)}." if mend else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def declined(asked: str, by: str, at: datetime, language: str = "fr") -> str:
    """Of what waits for agreement (`asked`: its reason's sentence): that somebody said no, and nothing is done."""
    what = asked.partition(" : " if language == "fr" else ": ")[2]
    if language == "en":
        return f"declined on {date_time(at)}{f' by {by}' if by else ''}, nothing is done{f': {what}' if what else ''}"
    return f"refusé le {date_time(at)}{f' par {by}' if by else ''}, rien n'est fait{f' : {what}' if what else ''}"


def count(n: int, singular: str, plural: str) -> str:
    """`1 document reçu`, `2 documents reçus`; French says 0 in the singular, but nothing is said of zeros."""
    return f"{number(n)} {singular if n < 2 else plural}"


def age(seconds: float, language: str = "fr") -> str:
    """`depuis 40 min`, `depuis 3 h`, `depuis 2 jours`."""
    seconds = max(seconds, 0.0)  # a clock that was set back
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if days:
        text = f"{days}{NBSP}" + (
            ("jour" if days == 1 else "jours") if language == "fr" else ("day" if days == 1 else "days")
        )
    else:
        text = f"{hours}{NBSP}h" if hours else f"{max(minutes, 1)}{NBSP}min"
    return f"depuis {text}" if language == "fr" else f"for {text}"


def ago(seconds: float, language: str = "fr") -> str:
    """`il y a 40 min`, `3 h ago`."""
    text = age(seconds, language)
    return text.replace("depuis", "il y a") if language == "fr" else f"{text.removeprefix('for ')} ago"


_SUMMARY = (
    ("uploaded", ("mis en ligne", "mis en ligne"), ("published", "published")),
    ("downloaded", ("reçu", "reçus"), ("received", "received")),
    ("set_aside", ("supprimé en ligne, conservé au cabinet", "supprimés en ligne, conservés au cabinet"), ("deleted online, kept at the cabinet", "deleted online, kept at the cabinet")),
    ("restored", ("remis", "remis"), ("restored", "restored")),
    ("kept_both", ("en deux versions conservées", "en deux versions conservées"), ("kept in two versions", "kept in two versions")),
    ("moved", ("déplacé ou renommé", "déplacés ou renommés"), ("moved or renamed", "moved or renamed")),
    ("withdrawn", ("retiré de l'espace du client", "retirés de l'espace du client"), ("withdrawn from the client space", "withdrawn from the client space")),
    ("removed", ("retiré de l'espace du client", "retirés de l'espace du client"), ("removed online", "removed online")),
    ("left", ("retiré au cabinet, toujours en ligne", "retirés au cabinet, toujours en ligne"), ("removed here, still online", "removed here, still online")),
    ("taken", ("pris du scanner", "pris du scanner"), ("taken from the scanner", "taken from the scanner")),
    ("refused", ("refusé", "refusés"), ("refused", "refused")),
    ("problems", ("à reprendre", "à reprendre"), ("to be taken up again", "to be taken up again")),
)  # fmt: skip


def totals(counts: Mapping[str, int], language: str = "fr") -> list[str]:
    """`131 reçus`, `12 mis en ligne`, …: nothing is said of zeros."""
    out = []
    for name, french, english in _SUMMARY:
        if n := counts.get(name, 0):
            singular, plural = french if language == "fr" else english
            out.append(count(n, singular, plural))
    return out
