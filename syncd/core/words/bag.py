"""What a bag says to whoever opens it, and what the command that makes one says."""

from __future__ import annotations

from syncd.core.words.phrase import Counted, Phrase

TITLE = Phrase("Dossier {code} – {name}", "Client {code} – {name}")
DOCUMENTS = Counted(("document", "documents"), ("document", "documents"))
RETRIEVED = Phrase("{got} {got_word} sur {all} {all_word}", "{got} {got_word} of {all} {all_word}")
GOT = Counted(("récupéré", "récupérés"), ("retrieved", "retrieved"))
PRESENT = Counted(("présent", "présents"), ("present", "present"))
STATE_OF = Phrase(
    "État des documents au {at}, remis par {cabinet}.", "The documents as of {at}, handed over by {cabinet}."
)
PART = Phrase("Partie {part} sur {of}.", "Part {part} of {of}.")
EXERCISE = Phrase("Exercice {exercise} seul.", "Fiscal year {exercise} alone.")
MISSING = Phrase("Non récupérés", "Not retrieved")
NO_DOCUMENT = Phrase("Ce dossier ne contient aucun document.", "This client has no document.")
FOLDERS = Phrase("Dossiers", "Folders")
HEAD = {
    "name": Phrase("Document", "Document"),
    "size": Phrase("Taille", "Size"),
    "stored": Phrase("Déposé", "Deposited"),
    "received": Phrase("Reçu par le cabinet", "Received by the cabinet"),
}
STORED = Phrase("{at}, {by}", "{at}, {by}")
COMPANY, CABINET = Phrase("l'entreprise", "the company"), Phrase("le cabinet", "the cabinet")
STATES = {
    "online": Phrase("en ligne", "online"),
    "version": Phrase("ancienne version", "earlier version"),
    "bin": Phrase("corbeille", "bin"),
}
YES, NO = Phrase("oui", "yes"), Phrase("non : {why}", "no: {why}")
COLUMNS = (
    Phrase("Fichier", "File"),
    Phrase("Emplacement en ligne", "Place online"),
    Phrase("Taille (octets)", "Size (bytes)"),
    Phrase("SHA-256", "SHA-256"),
    Phrase("Identifiant", "Id"),
    Phrase("Version", "Version"),
    Phrase("État", "State"),
    Phrase("Déposé le", "Deposited on"),
    Phrase("Déposé par", "Deposited by"),
    Phrase("Origine", "Origin"),
    Phrase("Reçu le", "Received on"),
    Phrase("Reçu par", "Received by"),
    Phrase("Supprimé le", "Deleted on"),
    Phrase("Supprimé par", "Deleted by"),
    Phrase("Référence", "Reference"),
    Phrase("Récupéré", "Retrieved"),
)
ORIGINS = {"company": COMPANY, "cabinet": CABINET, "engine": CABINET}

READ_ME = Phrase(
    """{title}
{state}

{count}.

Comment lire ce dossier
- index.html : la liste des documents, à ouvrir dans un navigateur ; chaque nom mène au document. Rien n'est à installer,
  rien n'est envoyé sur Internet.
- documents.csv : la même liste pour un tableur : emplacement, taille, empreinte, qui a déposé, quand le cabinet a reçu.
- data : les documents eux-mêmes, dans leurs dossiers.
{more}
Comment vérifier que rien n'a changé
- Linux et macOS, dans ce dossier : sha256sum -c SHA256SUMS (macOS : shasum -a 256 -c SHA256SUMS)
- Windows, document par document : certutil -hashfile "data\\...\\document.pdf" SHA256, à comparer avec documents.csv
- Ce dossier est aussi un « bag » au format BagIt 1.0 (RFC 8493), que les outils d'archivage savent vérifier.
  Ce format prouve que les fichiers n'ont pas changé ; il ne fait pas de ce dossier un archivage à valeur probante.
{left}""",
    """{title}
{state}

{count}.

How to read this folder
- index.html: the list of documents, to be opened in a browser; each name leads to the document. Nothing has to be
  installed, nothing is sent over the Internet.
- documents.csv: the same list for a spreadsheet: place, size, SHA-256, who deposited, when the cabinet received.
- data: the documents themselves, in their folders.
{more}
How to check that nothing has changed
- Linux and macOS, in this folder: sha256sum -c SHA256SUMS (macOS: shasum -a 256 -c SHA256SUMS)
- Windows, document by document: certutil -hashfile "data\\...\\document.pdf" SHA256, to be compared with documents.csv
- This folder is a bag of BagIt 1.0 (RFC 8493), too, which archivists' tools can check.
  It proves that the files have not changed; it does not make them an archive of probative value.
{left}""",
)
WITH_JOURNAL = Phrase(
    "- journal : ce que la synchronisation a fait de ce dossier, jour après jour.",
    "- journal: what the synchronisation did for this client, day by day.",
)
WITH_MESSAGES = Phrase(
    "- echanges.html : ce que le cabinet et le client se sont dit.",
    "- echanges.html: what the firm and the client told each other.",
)
WITH_VERSIONS = Phrase(
    "- data/_versions : les versions précédentes des documents.", "- data/_versions: the documents' earlier versions."
)
WITH_BIN = Phrase("- data/_corbeille : ce qui a été supprimé en ligne.", "- data/_corbeille: what was deleted online.")
RENAMED = Phrase(
    "{count} : nom adapté pour se lire partout ; le nom en ligne est dans documents.csv.",
    "{count}: name adapted so that it can be read everywhere; the one online is in documents.csv.",
)
LEFT_OUT = Phrase("Non compris : {folders}.", "Not included: {folders}.")

# why a document is not there
NOT_GIVEN = Phrase(
    "la plateforme ne peut pas le donner (abîmé, ou retiré entre-temps)",
    "the portal cannot give it (damaged, or taken away meanwhile)",
)
TOO_LARGE = Phrase(
    "trop volumineux pour le disque choisi (4 Go au plus)", "too large for the chosen disk (4 GB at most)"
)
TOO_LONG = Phrase("nom ou chemin trop long pour le disque choisi", "name or path too long for the chosen disk")
WHY = {"not_given": NOT_GIVEN, "too_large": TOO_LARGE, "too_long": TOO_LONG}

# the command
RETRIEVING = Phrase("Récupération", "Retrieving")
SHOWN = Phrase("{clients}, {documents}, {size} → {to}", "{clients}, {documents}, {size} → {to}")
CLIENTS = Counted(("dossier client", "dossiers clients"), ("client", "clients"))
AGREE = Phrase("Récupérer ?", "Retrieve?")
RESUMED = Phrase("Reprise de la récupération commencée le {at}.", "The retrieval begun on {at} goes on.")
CLIENT_DONE = Phrase("{code}  {name} : {count}  → {place}", "{code}  {name}: {count}  → {place}")
CLIENT_MISSING = Phrase("  – {path} : {why}", "  – {path}: {why}")
SKIPPED = Phrase("{code}  {name} : n'a pas cet exercice", "{code}  {name}: has no such fiscal year")
ALL_DONE = Phrase("{count}.", "{count}.")
AGAIN_FOR_MISSING = Phrase(
    "Relancez la même commande : elle ne demandera que ce qui manque.",
    "Run the same command again: it asks for what is missing alone.",
)
THEN_DEACTIVATED = Phrase(
    "Ensuite, ceux qui sont entiers sont désactivés : plus rien n'y passe, tout reste en place.",
    "Those that come whole are then deactivated: nothing moves there any more, everything stays in place.",
)
DEACTIVATED = Counted(("client désactivé", "clients désactivés"), ("client deactivated", "clients deactivated"))
NOT_DEACTIVATED = Phrase("{code} : pas désactivé ({why})", "{code}: not deactivated ({why})")
