"""Faults that a command ends with, where the sentence says more than a reason does (core.errors)."""

from __future__ import annotations

from syncd.core.words.phrase import Phrase

# the root
ROOT_NOT_OURS = Phrase(
    "Le repère de la racine '{root}' n'est pas de ce compte ({where} : {why}).",
    "The marker of the mirror '{root}' is not this account's ({where}: {why}).",
)
ROOT_NOT_OURS_MEND = Phrase(
    "Lancez syncd sous le compte avec lequel il a été installé : aucun document n'a été touché.",
    "Run syncd as the account that it was set up with: no document was touched.",
)
ROOT_AWAY = Phrase(
    "La racine des dossiers '{root}' ne peut pas être atteinte ({why}).",
    "The mirror '{root}' cannot be reached ({why}).",
)
ROOT_AWAY_MEND = Phrase(
    "Remontez son disque ou son partage, puis relancez : aucun document n'a été touché.",
    "Mount its disk or share again, then run again: no document was touched.",
)
ROOT_DAMAGED = Phrase("Le repère de la racine '{root}' est abîmé.", "The marker of the mirror '{root}' is damaged.")
ROOT_DAMAGED_MEND = Phrase(
    "Remettez .syncd/root.json depuis une sauvegarde, ou lancez 'syncd doctor --repair' : aucun document n'a été touché.",
    "Put .syncd/root.json back from a backup, or run 'syncd doctor --repair': no document was touched.",
)
ROOT_UNMARKED = Phrase(
    "'{root}' ne porte pas le repère de ce cabinet : ce n'est pas le bon disque ou partage, ou il n'est pas monté.",
    "'{root}' does not hold this cabinet's marker: the disk or share is not the right one, or is not mounted.",
)
ROOT_UNMARKED_MEND = Phrase(
    "Montez le bon, puis relancez : aucun document n'a été touché.",
    "Mount the right one, then run again: no document was touched.",
)

# the scanners' share
NO_SHARE = Phrase("aucun partage de scanners n'est configuré.", "no share of scanners is configured.")
NO_SHARE_MEND = Phrase(
    'Indiquez-le dans la configuration : [intake] root = "/import".',
    'Name it in the configuration: [intake] root = "/import".',
)

# clients
NO_CLIENT = Phrase("aucun client n'a le code {codes}.", "no client with code {codes}.")
NO_CLIENT_ONLINE = Phrase(
    "aucun client de la plateforme n'a le code {codes}.", "no client with code {codes} on the portal."
)
SEE_CLIENTS = Phrase("Voir : syncd client list.", "See: syncd client list.")
NAME_A_CLIENT = Phrase("nommez un client, ou --all.", "name a client, or --all.")
NOTHING_WAITS = Phrase("rien n'attend d'accord là.", "nothing waits for agreement there.")
NOWHERE = Phrase(
    "le client {client} n'a de document ou dossier '{place}' d'aucun côté.",
    "client {client} has no document or folder '{place}' on either side.",
)
NOWHERE_MEND = Phrase("Vérifiez comment il s'écrit.", "Check how it is written.")

# restore
CHOOSE_ONE = Phrase("Choisissez l'un des deux.", "Choose one.")
AT_OR_RUN = Phrase("--at et --run ne vont pas ensemble.", "--at and --run do not go together.")
ALL_OR_CLIENT = Phrase(
    "--all, --portfolio et un client ne vont pas ensemble.", "--all, --portfolio and a client do not go together."
)
NO_MOMENT = Phrase("'{text}' n'est pas un moment.", "'{text}' is no moment.")
NO_MOMENT_MEND = Phrase('Écrivez-le ainsi : "2026-11-20 12:00".', 'Write it as "2026-11-20 12:00".')
TO_COME = Phrase("'{at}' n'est pas encore passé.", "'{at}' has not come yet.")
TO_COME_MEND = Phrase("Donnez un moment passé.", "Name a moment in the past.")
IN_MIRROR = Phrase("'{to}' est dans les dossiers du cabinet.", "'{to}' lies in the mirror.")
IN_MIRROR_MEND = Phrase(
    "Retirez --to pour restaurer sur place, ou choisissez un autre endroit.",
    "Leave --to out to restore there, or choose another place.",
)
MAY_NOT_WRITE = Phrase(
    "le compte '{account}' ne peut pas écrire dans '{place}'.", "the account '{account}' may not write in '{place}'."
)
OWN_DIRECTORY = Phrase(
    "Faites-lui un dossier à lui : install -d -o {account} -m 700 '{to}' ; ou choisissez un autre --to.",
    "Make it a directory of its own: install -d -o {account} -m 700 '{to}'; or choose another --to.",
)
OTHER_TO = Phrase("Choisissez un autre --to.", "Choose another --to.")
NOT_THERE_THEN = Phrase(
    "le client {client} n'avait alors aucun document à '{path}'.", "client {client} had no document at '{path}' then."
)
NOT_THERE_THEN_MEND = Phrase(
    "Essayez un autre moment avec --at, ou sans PATH.", "Look at another moment with --at, or leave PATH out."
)
NO_DIRECTORY = Phrase(
    "le client {client} n'a pas de dossier où restaurer.", "client {client} has no directory to restore into."
)
NO_DIRECTORY_MEND = Phrase("Voir : syncd status.", "See: syncd status.")
NO_RUN = Phrase("il n'y a pas de synchronisation {run}.", "there is no run {run}.")
NO_RUN_MEND = Phrase("Voir : syncd report.", "See: syncd report.")

# the service
SERVICE_STOPPED = Phrase("Le service s'est arrêté avant d'avoir fini.", "The service stopped before it was done.")
SERVICE_STOPPED_MEND = Phrase("Relancez la commande.", "Run again.")
AT_WORK = Phrase("Un autre syncd travaille sur ces dossiers.", "Another syncd is at work on this mirror.")
AT_WORK_MEND = Phrase("Attendez qu'il ait fini, ou arrêtez-le.", "Wait until it has finished, or stop it.")
WORN = Phrase("Les compteurs de la synchronisation sont abîmés.", "The state's count of generations is damaged.")
WORN_MEND = Phrase(
    "Lancez 'syncd doctor --repair' : aucun document n'a été touché.",
    "Run 'syncd doctor --repair': no document was touched.",
)

# the state
STATE_HELD = Phrase(
    "La mémoire de la synchronisation '{at}' est tenue par un autre programme ({why}).",
    "The state database '{at}' is held by another program ({why}).",
)
STATE_HELD_MEND = Phrase(
    "Trouvez lequel (une sauvegarde, un lecteur de bases), ou relancez plus tard : le passage suivant reprend.",
    "Find out which one (a backup, a viewer), or run again later; the next run goes on.",
)
STATE_UNWRITTEN = Phrase(
    "La mémoire de la synchronisation '{at}' ne peut pas être écrite ({why}).",
    "The state database '{at}' cannot be written ({why}).",
)
STATE_REFUSED_MEND = Phrase(
    "Vérifiez que son disque n'est pas en lecture seule et que ce compte peut y écrire : le passage suivant reprend.",
    "Look whether its disk is read-only, and whether this account may write it; the next run goes on.",
)
STATE_FULL_MEND = Phrase(
    "Faites de la place sur son disque : le passage suivant voit ce qui a été fait et reprend.",
    "Free space on its disk; the next run sees what was done and goes on.",
)
STATE_BROKEN_MEND = Phrase(
    "Faites vérifier son disque : le passage suivant voit ce qui a été fait et reprend.",
    "Have its disk checked; the next run sees what was done and goes on.",
)

ANSWERED = Phrase("{french}", "{english}")  # a fault of the service's, in its own words

# retrieve
RETRIEVING_THERE = Phrase("une autre récupération travaille dans '{to}'.", "another retrieval is at work in '{to}'.")
RETRIEVING_THERE_MEND = Phrase(
    "Attendez sa fin, ou choisissez un autre --to.", "Wait for its end, or choose another --to."
)
TARGET_FAILED = Phrase("'{to}' ne peut pas être écrit ({why}).", "'{to}' cannot be written ({why}).")
TARGET_FAILED_MEND = Phrase(
    "Ce qui est récupéré y reste : relancez la même commande quand le disque est là et a de la place.",
    "What was retrieved stays there: run the same command again when the disk is there and has room.",
)
NO_ROOM = Phrase(
    "'{to}' n'a pas assez de place : il faut {needed}, il reste {free}.",
    "'{to}' has not enough room: {needed} are needed, {free} are left.",
)
NO_ROOM_MEND = Phrase(
    "Rien n'a été récupéré : choisissez un autre --to.", "Nothing was retrieved: choose another --to."
)
OTHER_RETRIEVAL = Phrase(
    "une autre récupération est commencée dans '{to}', avec d'autres choix.",
    "another retrieval was begun in '{to}', with other choices.",
)
OTHER_RETRIEVAL_MEND = Phrase(
    "Relancez-la telle quelle pour la finir, choisissez un autre --to, ou effacez-y '.syncd-retrieve'.",
    "Run it again as it was to finish it, choose another --to, or remove '.syncd-retrieve' there.",
)
BAG_THERE = Phrase("'{place}' existe déjà.", "'{place}' exists already.")
BAG_THERE_MEND = Phrase(
    "Rien n'y est écrit : déplacez-le, ou choisissez un autre --to.",
    "Nothing is written there: move it away, or choose another --to.",
)
NO_PORTFOLIO = Phrase(
    "aucun client n'a '{name}' pour responsable, site, groupe ou secteur.",
    "no client has '{name}' as responsible, site, group or sector.",
)
NO_PORTFOLIO_MEND = Phrase(
    "Vérifiez comment il s'écrit sur la fiche des clients.", "Check how it is written on the clients' cards."
)
NO_EXERCISE = Phrase(
    "aucun de ces clients n'a d'exercice {exercise}.", "none of these clients has a fiscal year {exercise}."
)
NO_EXERCISE_MEND = Phrase("Voir la fiche du client sur la plateforme.", "See the client's card on the portal.")
TREE_UNSOUND = Phrase(
    "l'arborescence du client {client} ne peut pas être lue ({why}).",
    "the tree of client {client} cannot be read ({why}).",
)
ONE_CHOICE = Phrase(
    "nommez des clients (ou --list), ou --all, ou --portfolio : un seul des trois.",
    "name clients (or --list), or --all, or --portfolio: one of the three.",
)
TO_SYNCDS_OWN = Phrase("'{to}' est un dossier de syncd ({what}).", "'{to}' is a directory of syncd's ({what}).")
LIST_UNREADABLE = Phrase("la liste '{path}' ne peut pas être lue ({why}).", "the list '{path}' cannot be read ({why}).")
LIST_MEND = Phrase(
    "Donnez un fichier texte avec un code dossier par ligne.", "Give a text file with one client's code on each line."
)
PART_SIZE = Phrase("'{text}' n'est pas une taille.", "'{text}' is no size.")
PART_SIZE_MEND = Phrase("Écrivez-la ainsi : 4G, 700M.", "Write it as 4G or 700M.")
ASK_OR_YES = Phrase("il n'y a pas de terminal pour demander.", "there is no terminal to ask on.")
ASK_OR_YES_MEND = Phrase("Ajoutez --yes pour récupérer.", "Add --yes to retrieve.")
MAY_NOT_DEACTIVATE = Phrase(
    "la synchronisation n'a pas le droit de désactiver {codes}.", "this engine may not deactivate {codes}."
)
MAY_NOT_DEACTIVATE_MEND = Phrase(
    "Rien n'a été récupéré : donnez-lui le droit sur les fiches (syncd portal engine-right … cards on), ou retirez "
    "--deactivate et désactivez sur la plateforme.",
    "Nothing was retrieved: give it the right to cards (syncd portal engine-right … cards on), or leave --deactivate out and "
    "deactivate on the portal.",
)
DEACTIVATE_ALL = Phrase(
    "--deactivate et --exercise ne vont pas ensemble : un client ne part pas avec un seul exercice.",
    "--deactivate and --exercise do not go together: no client leaves with one fiscal year.",
)
