"""What exchange packages say: to whoever opens one, to whoever makes or brings one in, and why one is not taken."""

from __future__ import annotations

from collections.abc import Callable

from syncd.core.words.phrase import Counted, Phrase

Shown = Callable[[str], str]  # a moment of a manifest, as people read it

DOCUMENTS = Counted(("document", "documents"), ("document", "documents"))
SENDERS = {"to_company": Phrase("le cabinet", "the cabinet"), "to_cabinet": Phrase("l'entreprise", "the company")}

READ_ME = Phrase(
    """Paquet d'échange de documents
Dossier {code} – {name}
N° {sequence}, préparé par {sender}, {created} (heure universelle)
{count}, dans « data ».

Ce fichier est un ZIP ordinaire : renommez-le en .zip pour l'ouvrir. Ne modifiez rien dedans : il ne serait plus accepté.
Pour le traiter : syncd package apply FICHIER
Pour vérifier la signature sans ce logiciel (minisign) :
minisign -V -m manifest.json -P {key}
""",
    """Package of documents
Client {code} – {name}
No. {sequence}, prepared by {sender}, {created} (UTC)
{count}, below "data".

This file is an ordinary ZIP: rename it to .zip to open it. Change nothing in it: it would not be taken any more.
To bring it in: syncd package apply FILE
To check the signature without this program (minisign):
minisign -V -m manifest.json -P {key}
""",
)

# why a package is not taken; after each: nothing of it was
NOT_A_PACKAGE = Phrase("ce fichier n'est pas un paquet d'échange.", "this file is no exchange package.")
NOT_OURS = Phrase(
    "la liste du paquet n'est pas telle que syncd l'écrit.", "the package's list is not as syncd writes it."
)
LATER = Phrase("ce paquet est d'une version plus récente de syncd.", "this package is of a later version of syncd.")
UPDATE_SYNCD = Phrase("Mettez syncd à jour, puis relancez.", "Update syncd, then run again.")
TOO_MANY = Phrase("ce paquet est plus grand que ce qui est accepté.", "this package is larger than what is taken.")
CUT = Phrase("ce paquet n'est pas entier.", "this package is not whole.")
ALTERED = Phrase("ce paquet a été modifié ou abîmé.", "this package was changed or damaged.")
COPY_AGAIN = Phrase(
    "Copiez-le de nouveau depuis l'original ; rien n'a été repris.",
    "Copy it again from the original; nothing was taken.",
)
ASK_ANOTHER = Phrase("Demandez-en un autre ; rien n'a été repris.", "Ask for another one; nothing was taken.")
NOTHING_TAKEN = Phrase("Rien n'a été repris.", "Nothing was taken.")
BAD_PLACE = Phrase(
    "le paquet contient un emplacement interdit ({path}).", "the package holds a forbidden place ({path})."
)
TWICE = Phrase(
    "le paquet contient deux fois le même emplacement ({path}).", "the package holds one place twice ({path})."
)
OTHER_KEY = Phrase(
    "ce paquet est signé par une autre clé ({key}) que celle que vous avez comparée.",
    "this package is signed by another key ({key}) than the one you compared.",
)
BAD_SIGNATURE = Phrase("la signature du paquet est fausse.", "the package's signature is wrong.")
BAD_SIGNATURE_MEND = Phrase(
    "Il a été modifié en chemin : demandez-en un autre à l'expéditeur ; rien n'a été repris.",
    "It was changed on its way: ask its sender for another one; nothing was taken.",
)
OTHER_CLIENT = Phrase(
    "ce paquet est d'un autre dossier ({code} – {name}).", "this package is of another client ({code} – {name})."
)
OTHER_CLIENT_HERE = Phrase(
    "ce paquet est d'un autre dossier que celui pour lequel il a été remis.",
    "this package is of another client than the one it was handed in for.",
)
OTHER_CLIENT_MEND = Phrase(
    "Vérifiez le fichier choisi ; rien n'a été repris.", "Check the chosen file; nothing was taken."
)
OWN_PACKAGE = Phrase("ce paquet a été préparé de ce côté-ci.", "this package was made on this very side.")
OWN_PACKAGE_MEND = Phrase("Remettez-le à son destinataire.", "Give it to its receiver.")
UNKNOWN_KEY = Phrase(
    "ce paquet est signé par une clé inconnue ({key}).", "this package is signed by an unknown key ({key})."
)
UNKNOWN_KEY_MEND = Phrase(
    "Comparez-la avec celle que l'expéditeur vous donne de vive voix, puis : syncd package trust {code} CLÉ ; ou comparez son empreinte, que montre : syncd package trust {code} --of PAQUET. Rien n'a été repris.",
    "Compare it with the one that its sender tells you, then: syncd package trust {code} KEY; or compare its safety number, which is shown by: syncd package trust {code} --of PACKAGE. Nothing was taken.",
)
REVOKED_KEY = Phrase(
    "ce paquet est signé par une clé révoquée ({key}).", "this package is signed by a revoked key ({key})."
)
REVOKED_KEY_MEND = Phrase(
    "Demandez à l'expéditeur d'en refaire un avec sa nouvelle clé ; rien n'a été repris.",
    "Ask its sender to make one with the new key; nothing was taken.",
)
REPLAYED = Phrase("le paquet n° {number} a déjà été traité.", "package no. {number} was dealt with already.")
NOTHING_TO_DO = Phrase("Il n'y a rien à faire.", "There is nothing to do.")
OLDER = Phrase(
    "le paquet n° {number} est plus ancien que le n° {newest}, déjà traité.",
    "package no. {number} is older than no. {newest}, which was dealt with.",
)
OLDER_MEND = Phrase(
    "Le plus récent contenait tout : il n'y a rien à faire. Si l'expéditeur a été restauré, qu'il refasse un paquet complet (--all).",
    "The newer one held everything: there is nothing to do. If its sender was restored, a whole package is to be made (--all).",
)
GAP = Phrase(
    "le paquet n° {number} suppose le n° {missing} : il manque le n° {missing} du {at}.",
    "package no. {number} builds on no. {missing}: no. {missing} of {at} is missing.",
)
GAP_MEND = Phrase(
    "Traitez d'abord celui-là ; s'il est perdu, demandez un paquet complet (--all). Rien n'a été repris.",
    "Deal with that one first; if it is lost, ask for a whole package (--all). Nothing was taken.",
)
NEVER_MADE = Phrase(
    "le paquet n° {number} accuse réception de paquets qui n'ont jamais été préparés ici.",
    "package no. {number} acknowledges packages that were never made here.",
)
NEVER_MADE_MEND = Phrase(
    "Demandez à l'expéditeur ce qui lui est arrivé, puis un autre paquet ; rien n'a été repris.",
    "Ask its sender what happened there, then for another one; nothing was taken.",
)
NO_FILE = Phrase("'{path}' ne peut pas être lu ({why}).", "'{path}' cannot be read ({why}).")
NO_FILE_MEND = Phrase(
    "Vérifiez la clé USB ou le dossier, puis relancez.", "Check the USB stick or directory, then run again."
)
DISK_FULL_MAKING = Phrase(
    "le disque de '{place}' est plein : le paquet n'a pas pu être préparé.",
    "the disk of '{place}' is full: the package could not be made.",
)
DISK_FULL_OPENING = Phrase(
    "le disque de '{place}' est plein : le paquet n'a pas pu être ouvert.",
    "the disk of '{place}' is full: the package could not be opened.",
)
DISK_FULL_MEND = Phrase(
    "Faites de la place, puis relancez ; rien n'a été repris ni envoyé.",
    "Make room, then run again; nothing was taken, and nothing sent.",
)
DISK_FULL_APPLYING = Phrase(
    "le disque de '{place}' est plein : le paquet n'a pas été traité en entier.",
    "the disk of '{place}' is full: the package was not dealt with to its end.",
)
NOT_WRITTEN = Phrase("'{place}' ne peut pas être écrit ({why}).", "'{place}' cannot be written ({why}).")
SEALED_UNREAD = Phrase("ce paquet est chiffré.", "this package is sealed.")
SEALED_UNREAD_MEND = Phrase(
    "Nommez de quel côté il est ouvert : --config FICHIER ou --at DOSSIER.",
    "Name the side that opens it: --config FILE or --at DIR.",
)
SEALED_FOR_OTHER = Phrase(
    "ce paquet est chiffré pour un autre destinataire, ou n'est pas entier.",
    "this package is sealed for another receiver, or is not whole.",
)

NOT_AT_PORTAL = Phrase("ce paquet n'est plus sur la plateforme.", "this package is not at the portal any more.")
HAND_IN_AGAIN = Phrase("Déposez-le de nouveau ; rien n'a été repris.", "Hand it in again; nothing was taken.")
UNKNOWN_ORDER = Phrase(
    "la synchronisation du cabinet est d'une version trop ancienne pour le faire.",
    "the cabinet's engine is of a version too old to do it.",
)

# keys and memory
NO_KEY = Phrase("ce n'est pas une clé de paquets.", "this is no key of packages.")
NO_KEY_MEND = Phrase("Recopiez celle que dit : syncd package key.", "Copy the one that 'syncd package key' says.")
OWN_KEY = Phrase("c'est la clé de ce côté-ci.", "this is the key of this very side.")
OWN_KEY_MEND = Phrase(
    "Enregistrez celle que dit l'autre côté : syncd package key.",
    "Register the one that the other side's 'syncd package key' says.",
)
KEY_DAMAGED = Phrase("la clé de signature est abîmée ({why}).", "the signing key is damaged ({why}).")
KEY_DAMAGED_MEND = Phrase("Remettez-la depuis une sauvegarde.", "Put it back from a backup.")
LEDGER_DAMAGED = Phrase("la mémoire des échanges est abîmée ({why}).", "the memory of exchanges is damaged ({why}).")
LEDGER_DAMAGED_MEND = Phrase("Remettez-la depuis une sauvegarde.", "Put it back from a backup.")
BUSY = Phrase("une autre commande travaille sur les échanges.", "another command works on exchanges.")
BUSY_MEND = Phrase("Relancez quand elle a fini.", "Run again when it has ended.")
NO_RECIPIENT = Phrase("la clé du destinataire n'est pas connue.", "the receiver's key is not known.")
NO_RECIPIENT_MEND = Phrase(
    "Enregistrez-la : syncd package trust CLIENT CLÉ.", "Register it: syncd package trust CLIENT KEY."
)

# sides
NO_DIRECTORY = Phrase(
    "le client {code} n'a pas de dossier au cabinet, ou est désactivé.",
    "client {code} has no directory here, or is closed.",
)
NO_DIRECTORY_MEND = Phrase("Lancez d'abord : syncd run.", "Run first: syncd run.")
NOT_SOUND = Phrase(
    "le dossier du client {code} ne porte pas son repère.", "the directory of client {code} does not bear its marker."
)
NOT_SOUND_MEND = Phrase(
    "Lancez : syncd run ; il dit quoi faire. Rien n'a été repris.",
    "Run: syncd run; it says what to do. Nothing was taken.",
)
DIRECTORY_AWAY = Phrase("le dossier '{at}' ne peut pas être lu ({why}).", "directory '{at}' cannot be read ({why}).")
NOT_JOINED = Phrase("'{at}' n'est pas un dossier d'échange.", "'{at}' is no exchange directory.")
NOT_JOINED_MEND = Phrase(
    "Commencez avec le premier paquet du cabinet : syncd package join PAQUET --at DOSSIER.",
    "Begin with the cabinet's first package: syncd package join PACKAGE --at DIR.",
)
JOINED_OTHER = Phrase(
    "'{at}' est déjà le dossier d'un autre échange ({code}).",
    "'{at}' is another exchange's directory already ({code}).",
)
IS_MIRROR = Phrase("'{at}' est un dossier client du cabinet.", "'{at}' is a client's directory of a cabinet.")
TO_ITSELF = Phrase("'{to}' est dans le dossier d'échange lui-même.", "'{to}' lies in the exchange directory itself.")
TO_ITSELF_MEND = Phrase("Choisissez un autre dossier, ou une clé USB.", "Choose another directory, or a USB stick.")
ONE_SIDE = Phrase("--config et --at ne vont pas ensemble.", "--config and --at do not go together.")
ALL_OR_CHANGED = Phrase("--all et --changed ne vont pas ensemble.", "--all and --changed do not go together.")
SEAL_OR_PLAIN = Phrase("--seal et --plain ne vont pas ensemble.", "--seal and --plain do not go together.")
NEEDS_CLIENT = Phrase("nommez le client.", "name the client.")
NO_CLIENT_HERE = Phrase(
    "un dossier d'échange n'a qu'un client : n'en nommez pas.", "an exchange directory has one client: name none."
)
NO_FOLDER = Phrase("le dossier client n'a pas : {folders}.", "the client has no folder: {folders}.")
NO_FOLDER_MEND = Phrase("Vérifiez comment ils s'écrivent.", "Check how they are written.")
NO_AGREEMENT = Phrase("personne n'est là pour accepter.", "nobody is here to agree.")
NO_AGREEMENT_MEND = Phrase(
    "Ajoutez --yes après avoir lu : syncd package show.", "Add --yes once you have read: syncd package show."
)
PASS_FAILED = Phrase(
    "la synchronisation qui précède le paquet n'a pas abouti ({why}).",
    "the pass before the package did not come to its end ({why}).",
)

STOPPED = Phrase("interrompu avant la fin du paquet.", "stopped before the package's end.")
STOPPED_MEND = Phrase(
    "Relancez la même commande : elle reprend où elle en était.", "Run the same command again: it goes on where it was."
)

# what the commands say
NOTHING_TO_SEND = Phrase("Rien à envoyer.", "Nothing to send.")
NOTHING_WAITS = Phrase("Rien en attente.", "Nothing is waiting.")
MADE = Phrase("{file} : {count}, {size}, n° {number}.", "{file}: {count}, {size}, no. {number}.")
SEALED = Phrase("Chiffré : seul le destinataire peut l'ouvrir.", "Sealed: the receiver alone can open it.")
LEFT_OUT = Phrase(
    "  – {path} : modifié à l'instant, sera dans le prochain",
    "  – {path}: changed a moment ago, will be in the next one",
)
HEAD = Phrase(
    "Dossier {code} – {name}, paquet n° {number} préparé par {sender} le {at}.",
    "Client {code} – {name}, package no. {number} prepared by {sender} on {at}.",
)
PURPOSE = Phrase("Objet : {text}", "Purpose: {text}")
COMMENT = Phrase("Commentaire : {text}", "Comment: {text}")
SIGNED = {
    "trusted": Phrase("Signature : juste, clé connue.", "Signature: right, by a known key."),
    "unknown": Phrase("Signature : juste, clé inconnue ({key}).", "Signature: right, by an unknown key ({key})."),
    "revoked": Phrase("Signature : clé révoquée ({key}).", "Signature: by a revoked key ({key})."),
    "": Phrase("Signature : juste, par la clé {key}.", "Signature: right, by key {key}."),
}
HOLDS = Phrase("Contient : {count}, {size}.", "Holds: {count}, {size}.")
IN_FOLDER = Phrase("  {folder} : {count}", "  {folder}: {count}")
CHANGES = Counted(("changement", "changements"), ("change", "changes"))
WOULD = Phrase("Serait fait ici :", "Would be done here:")
NOTHING_CHANGES = Phrase("Rien ne changerait ici.", "Nothing would change here.")
TREE_ADDED = Phrase("Modèle d'arborescence : nouveau dossier {folders}", "Folder tree: new folder {folders}")
TREE_REMOVED = Phrase(
    "Modèle d'arborescence : n'a plus {folders} (rien n'est supprimé ici)",
    "Folder tree: no longer has {folders} (nothing is deleted here)",
)
WILL_WAIT = Phrase(
    "{count} attendront votre accord (syncd approve).", "{count} will wait for your agreement (syncd approve)."
)
NOT_HERE = Phrase("Ne peut pas être traité ici : {why}", "Cannot be dealt with here: {why}")
STEP = Phrase("  – {text}", "  – {text}")
WITHHELD = Phrase(
    "Restent ici, confidentiels, jusqu'à ce que la clé du destinataire soit enregistrée (syncd package trust) :",
    "Stay here, confidential, until the receiver's key is registered (syncd package trust):",
)
WITHHELD_ONE = Phrase("  – {path}", "  – {path}")
NOT_NOW = Phrase("  – {path} : {why}", "  – {path}: {why}")
ANSWERED = Phrase(
    "Accusé : notre paquet n° {number} a été traité de l'autre côté.",
    "Acknowledged: our package no. {number} was dealt with on the other side.",
)
ANSWERED_PART = Phrase(
    "Accusé : de notre paquet n° {number}, ont été traités de l'autre côté : {folders}.",
    "Acknowledged: of our package no. {number} there were dealt with on the other side: {folders}.",
)
ANSWERED_LATER = Phrase(
    "  – {path} : pas encore repris, à redire avec le prochain",
    "  – {path}: not taken yet, to be told again with the next one",
)

# what a company keeps of each
REPORT_FILE = Phrase("compte-rendu-{month}.txt", "report-{month}.txt")
REPORT_AT = Phrase("Compte rendu : {file}", "Report: {file}")
REPORT_APPLIED = Phrase(
    "{at} – paquet n° {number} du cabinet traité : {count}",
    "{at} – the cabinet's package no. {number} dealt with: {count}",
)
REPORT_MADE = Phrase(
    "{at} – paquet n° {number} préparé ({file}) : {count}", "{at} – package no. {number} made ({file}): {count}"
)
REPORT_DISCARDED = Phrase(
    "{at} – paquet n° {number} du cabinet écarté : rien n'en a été repris",
    "{at} – the cabinet's package no. {number} discarded: nothing of it was taken",
)
REPORT_DONE = {
    "package": Phrase("  – {path} : reçu", "  – {path}: received"),
    "move": Phrase("  – {path} : renommé ou déplacé ici", "  – {path}: renamed or moved here"),
    "set_aside": Phrase(
        "  – {path} : supprimé par le cabinet, gardé ici sous supp_",
        "  – {path}: deleted by the cabinet, kept here as supp_",
    ),
}
REPORT_TELLS = {
    "add": Phrase("  – {path} : ajouté", "  – {path}: added"),
    "update": Phrase("  – {path} : modifié", "  – {path}: changed"),
    "move": Phrase("  – {path} : déplacé depuis {source}", "  – {path}: moved from {source}"),
    "delete": Phrase("  – {path} : supprimé", "  – {path}: deleted"),
}
APPLY = Phrase("Traiter ce paquet ?", "Deal with this package?")
APPLIED = Phrase("Paquet n° {number} traité : {count}.", "Package no. {number} dealt with: {count}.")
APPLIED_BY_SERVICE = Phrase("Paquet n° {number} traité.", "Package no. {number} dealt with.")
NOTED = Phrase("À reprendre avec le prochain paquet :", "To be taken up again with the next package:")
REFUSED = Phrase("Refusés par les règles de ce côté :", "Refused by this side's rules:")
DISCARDED = Phrase(
    "Paquet n° {number} écarté, sans rien en reprendre. Le suivant contiendra ce qu'il portait.",
    "Package no. {number} discarded, nothing of it was taken. The next one will hold what it carried.",
)
KEY_IS = Phrase("{key}", "{key}")
TRUSTED = Phrase("Clé enregistrée pour {code}.", "Key registered for {code}.")
REVOKED = Phrase(
    "Clé révoquée pour {code} : ses paquets ne sont plus acceptés.",
    "Key revoked for {code}: its packages are no longer taken.",
)
KEY_OR_PACKAGE = Phrase(
    "donnez la clé, ou --of avec un paquet qu'elle a signé.", "give the key, or --of with a package that it signed."
)
TRUST_ASK = Phrase(
    "Empreinte de la clé : {number}\nEst-ce celle que l'autre côté vous lit ?",
    "The key's safety number: {number}\nIs it the one that the other side reads to you?",
)
COMPARE_FIRST = Phrase(
    "Comparez l'empreinte avec celle que lit l'autre côté, puis ajoutez --yes : {number}",
    "Compare the safety number with the one that the other side reads, then add --yes: {number}",
)
PAGE_FILE = Phrase("Échanges hors connexion - {code}.html", "Exchanges without a network - {code}.html")
PAGE_MADE = Phrase(
    "{file} : donnez cette page à l'entreprise, avec un premier paquet complet (syncd package create … --all).",
    "{file}: give this page to the company, with a first whole package (syncd package create … --all).",
)
JOINED = Phrase("'{at}' est prêt. Donnez cette clé au cabinet :", "'{at}' is ready. Give this key to the cabinet:")
JOIN_ASK = Phrase(
    "Clé du cabinet : {key}\nEst-ce celle que le cabinet vous a donnée ?",
    "The cabinet's key: {key}\nIs it the one that the cabinet gave you?",
)
STATES = {
    "sent": Phrase("envoyé, pas encore confirmé", "sent, not acknowledged yet"),
    "received": Phrase("traité le {at}", "dealt with on {at}"),
    "part": Phrase("traité en partie le {at} ({folders})", "dealt with in part on {at} ({folders})"),
    "discarded": Phrase("écarté le {at}", "discarded on {at}"),
    "next": Phrase("à traiter", "to be dealt with"),
    "rest": Phrase("à finir de traiter", "to be finished"),
    "replayed": Phrase("déjà traité", "dealt with already"),
    "older": Phrase("plus ancien qu'un paquet déjà traité", "older than one that was dealt with"),
    "gap": Phrase("un paquet manque avant lui", "a package is missing before it"),
    "own": Phrase("préparé de ce côté-ci", "made on this side"),
    "other": Phrase("d'un autre dossier", "of another client"),
    "bad": Phrase("{why}", "{why}"),
}
LISTED = Phrase("{code}  n° {number}  {at}  {state}", "{code}  no. {number}  {at}  {state}")
FOUND = Phrase("{file}  n° {number}  {at}  {size}  {state}", "{file}  no. {number}  {at}  {size}  {state}")

# the mail that announces one
MAIL_SUBJECT = Phrase(
    "Paquet de documents n° {number} – {code} {name}", "Package of documents no. {number} – {code} {name}"
)
MAIL_HEADING = Phrase(
    "{sender} vous a préparé un paquet de documents", "{sender} has made a package of documents for you"
)
MAIL_TITLE = Phrase("Dossier {code} – {name}", "Client {code} – {name}")
MAIL_FILE = Phrase("{file} : {count}, {size}", "{file}: {count}, {size}")
MAIL_CLOSING = Phrase(
    "Le paquet n'est pas joint à ce message : il vous est remis par ailleurs (clé USB, par exemple). Pour le traiter : syncd package apply.",
    "The package is not attached to this message: it comes to you by another way (a USB stick, say). To bring it in: syncd package apply.",
)
NO_MAIL = Phrase("la configuration n'a pas de serveur de mail.", "there is no mail server in the configuration.")
NO_MAIL_MEND = Phrase("Renseignez [mail] smtp, from et to.", "Set [mail] smtp, from and to.")
NO_ADDRESS = Phrase("{addresses} : adresse refusée ({why}).", "{addresses}: no address ({why}).")
MAIL_NOT_TAKEN = Phrase("mail à {to} : {why}", "mail to {to}: {why}")
MAIL_OF_CABINET = Phrase(
    "--mail est pour le cabinet, qui a un serveur de mail.", "--mail is for the cabinet, which has a mail server."
)
