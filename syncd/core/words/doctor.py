"""What `syncd doctor` says of an installation, and what is to be done."""

from __future__ import annotations

from syncd.core.words.phrase import Counted, Phrase

CONFIGURATION = Phrase("La configuration est valable.", "The configuration is sound.")
UNKNOWN = Phrase("Ce point n'a pas pu être vérifié (« {why} »).", "This could not be checked (“{why}”).")
UNKNOWN_MEND = Phrase("Transmettez ceci à qui maintient syncd.", "Pass this on to whoever maintains syncd.")

# how each begins
FINE = Phrase("  ok ", "  ok ")
WARNING = Phrase("  !  ", "  !  ")
BAD = Phrase(" NON ", " NO  ")

# the disk
ROOT = Phrase("La racine '{root}' porte le repère de ce cabinet.", "The root '{root}' bears this cabinet's marker.")
DOUBLED = Phrase(
    "Deux dossiers portent le repère du même client : {names}.",
    "Two directories bear the marker of the same client: {names}.",
)
DOUBLED_MEND = Phrase("Gardez-en un sous la racine.", "Keep one of them under the root.")
MARKER = Phrase("Le repère de '{name}' est illisible ({why}).", "The marker of '{name}' cannot be read ({why}).")
MARKER_MEND = Phrase(
    "Remettez .syncd/client.json depuis une sauvegarde ; n'en créez pas un nouveau. "
    "Si seuls ses nombres sont faux, 'syncd doctor --repair' le réécrit.",
    "Put .syncd/client.json back from a backup; do not make a new one. "
    "If only its numbers are wrong, 'syncd doctor --repair' writes it anew.",
)
CLIENTS = Counted(("dossier client", "dossiers clients"), ("client directory", "client directories"))
MARKERS = Phrase("{clients}, chacun avec son repère.", "{clients}, each with its marker.")
AS_ROOT = Phrase(
    "syncd tourne sous le compte root : une erreur y aurait tous les droits de la machine.",
    "syncd runs as root: a mistake would have every right on the machine.",
)
AS_ROOT_MEND = Phrase(
    "Donnez-lui un compte à lui (User= dans l'unité), propriétaire des dossiers .syncd, de [mirror] state et de logs.",
    "Give it an account of its own (User= in the unit), which owns the .syncd directories, [mirror] state and logs.",
)
NOT_ROOT = Phrase("syncd tourne sous un compte qui n'est pas root.", "syncd runs under an account that is not root.")
RIGHTS_ROOT = Phrase(
    "Donnez au compte du service le droit d'écrire dans les dossiers du cabinet.",
    "Give the service's account the right to write in the cabinet's folders.",
)
RIGHTS_OF = Phrase(
    "Donnez au compte du service le droit d'écrire dans [mirror] {key}.",
    "Give the service's account the right to write in [mirror] {key}.",
)
UNWRITABLE = Phrase("'{place}' ne peut pas être écrit ({why}).", "'{place}' cannot be written ({why}).")
WRITABLE = Phrase("'{place}' peut être écrit.", "'{place}' can be written.")
ROOM_FULL = Phrase("Faites de la place sur ce disque.", "Make room on this disk.")
READ_ONLY = Phrase(
    "Ce disque est en lecture seule : faites-le vérifier, puis remontez-le en écriture.",
    "This disk is read-only: have it checked, then mount it for writing.",
)
ROOM = Phrase("{size} libres sur le disque de '{place}'.", "{size} free on the disk of '{place}'.")
ROOM_MEND = Phrase(
    "Faites de la place : sous 64 Mo, plus aucun document n'est reçu.",
    "Make room: below 64 MB no document is received any more.",
)
WATCHES_FEW = Phrase(
    "Plus de dossiers à surveiller que le système n'en permet ({allowed}).",
    "More directories to watch than the system allows ({allowed}).",
)
WATCHES_MEND = Phrase(
    "Augmentez la limite : sysctl fs.inotify.max_user_watches={wanted}. "
    "D'ici là, le passage complet voit tout, un peu plus tard.",
    "Raise the limit: sysctl fs.inotify.max_user_watches={wanted}. "
    "Until then the full pass sees everything, a little later.",
)
WATCHES = Phrase(
    "{needed} dossiers à surveiller, {allowed} permis.", "{needed} directories to watch, {allowed} allowed."
)

# what the disk can do
BETTER = Phrase("NTFS, ext4, XFS ou Btrfs tiennent toutes les règles.", "NTFS, ext4, XFS and Btrfs keep every rule.")
CASE = Phrase(
    "Ce disque distingue les majuscules : deux noms qui n'en diffèrent que par elles sont signalés, un seul va en ligne.",
    "This disk tells capitals apart: two names that differ in nothing else are reported, only one goes online.",
)
CASELESS = Phrase("Ce disque ne distingue pas les majuscules.", "This disk does not tell capitals apart.")
FORMS = Phrase(
    "Ce disque garde les accents tels qu'écrits ; les deux écritures sont tenues pour un même nom.",
    "This disk keeps accents as written; both ways of writing them are taken for the same name.",
)
FORMLESS = Phrase(
    "Ce disque confond les deux écritures des accents.",
    "This disk does not tell the two ways of writing accents apart.",
)
NETWORK = Phrase(
    "Les dossiers du cabinet sont sur un partage réseau ({name}).",
    "The cabinet's folders are on a network share ({name}).",
)
NETWORK_MEND = Phrase(
    "Faites tourner syncd sur le serveur de fichiers lui-même : plus rapide, et chaque changement est vu.",
    "Run syncd on the file server itself: faster, and every change is seen.",
)
LOCAL = Phrase(
    "Les dossiers du cabinet sont sur un disque local{name}.", "The cabinet's folders are on a local disk{name}."
)
REFUSED = Phrase(
    "Ce disque ({name}) ne sait ni renommer sans écraser, ni lier, ni créer un nom pour un seul : aucun "
    "document ne peut y être placé sans risquer d'en écraser un autre.",
    "This disk ({name}) can neither rename without replacing, nor link, nor make a name for one alone: no "
    "document can be placed there without the risk of replacing another.",
)
REFUSED_MEND = Phrase("Mettez les dossiers sur un autre disque : {better}", "Put the folders on another disk: {better}")
CAN = (
    ("no_replace", Phrase("renommer sans écraser", "rename without replacing")),
    ("exchange", Phrase("échanger deux documents", "exchange two documents")),
    ("links", Phrase("lier", "link")),
    ("inodes", Phrase("garder les numéros de ses fichiers", "keep its files' numbers")),
    ("change_times", Phrase("dater un changement pour de bon", "date a change for good")),
)
TRAITS = Phrase("Ce disque ({name}) sait {can}", "This disk ({name}) can {can}")
LITTLE = Phrase("peu de chose", "do little")
CANNOT = Phrase(" ; il ne sait pas {cannot}", "; it cannot {cannot}")
DATES = Phrase(". Ses dates valent à {grain} près.", ". Its dates hold to {grain}.")
DISK_NAMES = Phrase(
    "Ce disque ({name}) ne sait ni renommer sans écraser ni lier : un nom nouveau y est d'abord pris par un "
    "fichier vide. Ce qu'un programme enregistre à ce nom au même instant peut être remplacé, et une coupure de "
    "courant laisser le fichier vide.",
    "This disk ({name}) can neither rename without replacing nor link: a new name is first taken by an empty file. "
    "What a program saves under that name at the same instant may be replaced, and a power cut may leave the file "
    "empty.",
)
DISK_CHANGES = Phrase(
    "Sur ce disque ({name}) l'heure d'un changement peut être remise en arrière : une modification qui garde "
    "la taille et la date n'est vue que lorsque le document est relu, dans la semaine.",
    "On this disk ({name}) the time of a change can be set back: an edit that keeps size and date is seen only when "
    "the document is read again, within the week.",
)
DISK_CHANGES_MEND = Phrase(
    "Faites tourner syncd sur le serveur de fichiers lui-même, ou choisissez un autre disque : {better}",
    "Run syncd on the file server itself, or choose another disk: {better}",
)
DISK_INODES = Phrase(
    "Ce disque ({name}) invente les numéros de ses fichiers : quand il est monté à nouveau tout est relu une "
    "fois, et un déplacement se reconnaît au contenu seul.",
    "This disk ({name}) makes its files' numbers up: when it is mounted again everything is read once more, and a "
    "move is known by its content alone.",
)
DISK_ACCENTS = Phrase(
    "Ce disque ({name}) ne sait pas écrire « é » : les documents dont le nom porte un accent ne peuvent y être placés.",
    "This disk ({name}) cannot write “é”: documents whose name bears an accent cannot be placed there.",
)
DISK_ACCENTS_MEND = Phrase("Montez-le avec l'option iocharset=utf8.", "Mount it with the option iocharset=utf8.")

# the state
NO_STATE = Phrase(
    "La mémoire de la synchronisation n'existe pas (encore, ou plus).", "The state does not exist (yet, or any more)."
)
NO_STATE_MEND = Phrase(
    "Rien à faire : la prochaine synchronisation la refait en comparant les deux côtés.",
    "Nothing to do: the next run makes it anew by comparing both sides.",
)
DAMAGED = Phrase("La mémoire de la synchronisation est abîmée.", "The state is damaged.")
DAMAGED_MEND = Phrase(
    "Lancez 'syncd run' : elle est mise de côté et refaite en comparant les deux côtés ; vérifiez le disque.",
    "Run 'syncd run': it is kept aside and made anew by comparing both sides; check the disk.",
)
STATE = Phrase("La mémoire de la synchronisation est entière.", "The state is whole.")
JOURNAL_BROKEN = Phrase(
    "Le journal a été modifié ou abîmé à partir de la ligne {at}.",
    "The journal was changed or damaged from line {at} on.",
)
JOURNAL_MEND = Phrase(
    "Comparez avec une sauvegarde de [mirror] state ; 'syncd journal verify' dit où.",
    "Compare it with a backup of [mirror] state; 'syncd journal verify' says where.",
)
JOURNAL = Phrase("Le journal des événements est intact.", "The journal of events is intact.")
RUNNING = Phrase("Une synchronisation est en cours.", "A run is going on.")
OF_CLIENT = Phrase("{code} {name} : {what}", "{code} {name}: {what}")
UNMARKED = Phrase(
    "Remettez .syncd/client.json de ce client depuis la sauvegarde. Sans sauvegarde : arrêtez le service, mettez "
    "l'ancienne mémoire ([mirror] state) de côté, relancez 'syncd init' avec une mémoire neuve, attendez cinq minutes si "
    "une autre synchronisation est annoncée, puis 'syncd run' : chaque dossier sans repère attend alors votre accord "
    "('syncd approve'), et rien n'est transmis avant.",
    "Put this client's .syncd/client.json back from the backup. Without one: stop the service, put the old state "
    "([mirror] state) aside, run 'syncd init' again with a new one, wait five minutes if another engine is announced, "
    "then 'syncd run': each directory without its marker then waits for your agreement ('syncd approve'), and nothing "
    "is sent before.",
)
GOES_ON = Phrase(
    "Rien à faire : la prochaine synchronisation continue, jusqu'à ce que les deux côtés soient réconciliés.",
    "Nothing to do: the next run goes on, until both sides are reconciled.",
)
RECOVERING = {
    "portal": Phrase(
        "la plateforme a été restaurée ; ce qui y manque est renvoyé, rien n'est mis de côté.",
        "the portal was restored; what it lacks is sent again, nothing is set aside.",
    ),
    "state": Phrase(
        "la mémoire était perdue ou ancienne ; les deux côtés sont comparés, aucune suppression n'est déduite.",
        "the state was lost or old; both sides are compared, no deletion is inferred.",
    ),
    "mirror": Phrase(
        "les dossiers du cabinet ont été restaurés ; ce qui y manque est repris de la plateforme.",
        "the cabinet's folders were restored; what they lack is fetched from the portal.",
    ),
}
READABLE_BY = Phrase(
    "'{place}' peut être lu par d'autres comptes : {who}.", "'{place}' can be read by other accounts: {who}."
)
READABLE_BY_MEND = Phrase(
    "Le prochain passage le ferme aux autres comptes ; sinon, donnez au compte du service le droit de le faire.",
    "The next pass closes it to other accounts; else give the service's account the right to do so.",
)
READABLE = Phrase(
    "'{place}' peut être lu par d'autres comptes de cette machine.",
    "'{place}' can be read by other accounts of this machine.",
)
STATE_CLOSED = Phrase("La mémoire est fermée aux autres comptes.", "The state is closed to other accounts.")
BOTH_CLOSED = Phrase(
    "La mémoire et les comptes rendus sont fermés aux autres comptes.",
    "State and reports are closed to other accounts.",
)
KEY_READABLE = Phrase(
    "La clé '{path}' peut être lue par d'autres comptes de cette machine.",
    "The key '{path}' can be read by other accounts of this machine.",
)
KEY_READABLE_BY = Phrase(
    "La clé '{path}' peut être lue par d'autres comptes : {who}.",
    "The key '{path}' can be read by other accounts: {who}.",
)
KEY_READABLE_MEND = Phrase(
    'icacls "{path}" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F, et le compte du service s\'il en a un à lui.',
    'icacls "{path}" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F, and the service\'s account if it has its own.',
)
KEY = Phrase("La clé de synchronisation est là.", "The key is there.")

# the portal
PORTAL = Phrase(
    "La plateforme de « {cabinet} » répond et accepte la clé.", "The portal of “{cabinet}” answers and accepts the key."
)
TLS = Phrase(
    "La liaison est chiffrée et son certificat est valable.", "The line is encrypted and its certificate is valid."
)
NO_TLS = Phrase("La liaison reste sur cette machine.", "The line stays on this machine.")
SKEWED = Phrase("Les horloges diffèrent de {minutes} minutes.", "The clocks differ by {minutes} minutes.")
SKEWED_MEND = Phrase(
    "Mettez les deux machines à l'heure (NTP) : rien n'en dépend, mais les comptes rendus se lisent mal.",
    "Set both machines right (NTP): nothing depends on it, but reports are hard to read.",
)
CLOCKS = Phrase("Les horloges s'accordent.", "The clocks agree.")
HOLDER = Phrase("La synchronisation est tenue par : {holder}.", "The lease is held by: {holder}.")
OTHER_CABINET = Phrase(
    "Cette plateforme ou cette clé est d'un autre cabinet (« {cabinet} »).",
    "This portal or this key is another cabinet's (“{cabinet}”).",
)
OTHER_CABINET_MEND = Phrase(
    "Vérifiez [portal] url et token_file : aucun document n'est touché.",
    "Check [portal] url and token_file: no document is touched.",
)
WORN = Phrase(
    "Les compteurs de la synchronisation sont abîmés ({where}).", "The counts of generations are damaged ({where})."
)
WORN_MEND = Phrase(
    "Lancez 'syncd doctor --repair' : ils sont repris des trois côtés, aucun document n'est touché.",
    "Run 'syncd doctor --repair': they are set anew on all three sides, no document is touched.",
)
AND = Phrase(" et ", " and ")
SIDES = {
    "state": Phrase("la mémoire", "the state"),
    "portal": Phrase("la plateforme", "the portal"),
    "root": Phrase("le repère de la racine", "the root's marker"),
}
RESTORED = {
    "portal": (
        Phrase(
            "La plateforme a été restaurée d'une sauvegarde : elle ne connaît plus tout ce qui avait été vu.",
            "The portal was restored from a backup: it no longer knows all that had been seen.",
        ),
        Phrase(
            "La prochaine synchronisation y renvoie ce qui manque ; rien n'est mis de côté, les accords donnés sont à redonner.",
            "The next run sends again what it lacks; nothing is set aside, agreements have to be given again.",
        ),
    ),
    "state": (
        Phrase(
            "La mémoire de la synchronisation est perdue ou plus ancienne que les dossiers du cabinet.",
            "The state is lost, or older than the cabinet's folders.",
        ),
        Phrase(
            "La prochaine synchronisation la refait en comparant les deux côtés, sans en déduire aucune suppression.",
            "The next run makes it anew by comparing both sides, and infers no deletion.",
        ),
    ),
    "mirror": (
        Phrase(
            "Les dossiers du cabinet ont été restaurés d'une sauvegarde.",
            "The cabinet's folders were restored from a backup.",
        ),
        Phrase(
            "La prochaine synchronisation y remet ce qui manque depuis la plateforme, et n'envoie rien d'ancien.",
            "The next run puts back what they lack from the portal, and sends nothing old.",
        ),
    ),
}

# the mail
NO_MAIL = Phrase("Aucun e-mail n'est configuré : personne n'est prévenu.", "No mail is configured: nobody is told.")
NO_MAIL_MEND = Phrase("Remplissez [mail] smtp, from et to.", "Set [mail] smtp, from and to.")
MAIL_AWAY = Phrase(
    "Le serveur de messagerie {host} ne répond pas ({why}).", "The mail server {host} does not answer ({why})."
)
MAIL_AWAY_MEND = Phrase(
    "Vérifiez [mail] smtp, user et password_file ; la synchronisation, elle, n'en dépend pas.",
    "Check [mail] smtp, user and password_file; synchronisation itself does not depend on it.",
)
MAIL = Phrase("Le serveur de messagerie {host} répond.", "The mail server {host} answers.")
MAIL_AUTH = Phrase("nom ou mot de passe refusé", "name or password refused")
MAIL_REFUSED = Phrase("connexion refusée", "connection refused")
MAIL_TIMEOUT = Phrase("pas de réponse", "no answer")
MAIL_UNKNOWN = Phrase("adresse inconnue", "unknown address")
MAIL_TLS = Phrase(
    "son certificat n'est pas accepté, ou il ne chiffre pas", "its certificate is not accepted, or it does not encrypt"
)
QUOTED = Phrase("« {text} »", "“{text}”")

# the repair
NEXT = Phrase(
    "Rien d'autre à faire : la prochaine synchronisation compare les deux côtés, sans en déduire aucune suppression.",
    "Nothing else to do: the next run compares both sides, and infers no deletion.",
)
NOTHING_TO_REPAIR = Phrase(
    "Rien à réparer : tous les compteurs sont possibles.", "Nothing to repair: every count is possible."
)
REPAIRED = Phrase(
    "Compteurs repris à {generation} des trois côtés (abîmés : {where}).",
    "Counts set anew at {generation} on all three sides (damaged: {where}).",
)
REWRITTEN = Phrase("Repère du client {code} réécrit.", "The marker of client {code} is written anew.")
UNREWRITABLE = Phrase(
    "Le repère de '{name}' ne peut pas être réécrit ({why}).", "The marker of '{name}' cannot be written anew ({why})."
)
UNREWRITABLE_MEND = Phrase(
    "Donnez au compte du service le droit d'écrire dans ce dossier, puis recommencez.",
    "Give the service's account the right to write in this directory, then try again.",
)
OLD_PORTAL = Phrase(
    "La plateforme, d'une version plus ancienne, garde son compteur ; il est ignoré.",
    "The portal, of an older version, keeps its count; it is ignored.",
)
OLD_PORTAL_MEND = Phrase("Mettez la plateforme à jour, puis recommencez.", "Update the portal, then try again.")
