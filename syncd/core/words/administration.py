"""What is said to whoever installs and looks after a machine: setup, service, the portal's own commands."""

from __future__ import annotations

from syncd.core.words.phrase import Counted, Phrase

# service
UNDER_WAY = Phrase("Le service « syncd » est en marche.", "The service “syncd” works.")
STILL_TO_SAY = Phrase("Il reste à dire : {command}", "It remains to say: {command}")
INSTALLED = Phrase(
    "Le service « {name} » ({account}) est installé : {state}.",
    "The service “{name}” ({account}) is installed: {state}.",
)
UNINSTALLED = Phrase("Le service « syncd » est enlevé.", "The service “syncd” is removed.")
NO_SERVICE = Phrase("Aucun service « syncd » n'est installé ici.", "No service “syncd” is installed here.")
SERVICE = Phrase("Service « syncd » : {state}.", "Service “syncd”: {state}.")
SERVICE_OF_WINDOWS = Phrase(
    "Service « syncd » : {state}{process} ; démarrage {starts} ; compte {account}.",
    "Service “syncd”: {state}{process}; start {starts}; account {account}.",
)
NO_SYSTEMD = Phrase("systemd ne tourne pas ici", "systemd does not run here")
NOT_INSTALLED = Phrase("pas installé", "not installed")
AUTOMATIC = Phrase("automatique", "automatic")
BY_HAND = Phrase("manuel", "by hand")
PROCESS = Phrase(" (processus {number})", " (process {number})")
TITLE = Phrase("syncd – dossiers des clients", "syncd – client folders")
STATES = {
    1: Phrase("arrêté", "stopped"), 2: Phrase("démarre", "starting"), 3: Phrase("s'arrête", "stopping"),
    4: Phrase("en marche", "running"), 5: Phrase("reprend", "resuming"), 6: Phrase("se met en pause", "pausing"),
    7: Phrase("en pause", "paused"),
}  # fmt: skip

# setup
MADE = Phrase("Créé : {path}", "Made: {path}")
SET_UP = Phrase(
    "Prêt : les dossiers de {root}, la configuration dans {config}.",
    "Ready: the folders in {root}, the configuration in {config}.",
)
NOBODY_TOLD = Phrase(
    "Aucun e-mail n'est configuré : personne n'est prévenu de rien. Complétez la partie [mail] de {config}, "
    "puis : systemctl reload syncd; syncd mail test.",
    "No mail is configured: nobody is told of anything. Complete the part [mail] of {config}, "
    "then: systemctl reload syncd; syncd mail test.",
)
CONFIG_KEPT = Phrase("La configuration de {config} est gardée.", "The configuration in {config} is kept.")
ENGINE_STARTED = Phrase(
    "Le service est en route : systemctl status syncd.", "The service is under way: systemctl status syncd."
)
DROP_IN = Phrase("Les dossiers de cette machine : ceux de {config}.", "This machine's folders: those of {config}.")
ASK_HOST = Phrase("Le nom public de la plateforme", "The portal's public name")
ASK_CABINET = Phrase("Le nom du cabinet", "The cabinet's name")
ASK_ADMIN = Phrase("L'adresse du premier correspondant", "The first correspondent's address")
ASK_ADMIN_NAME = Phrase(
    "Son nom, tel qu'on le verra (facultatif)", "The correspondent's name, as people see it (optional)"
)
PORTAL_KEPT = Phrase("La plateforme de {data} est gardée.", "The portal in {data} is kept.")
PORTAL_STARTED = Phrase("La plateforme est en route : https://{host}", "The portal is under way: https://{host}")
KEY = Phrase("Clé de synchronisation : {command}", "The engine's key: {command}")
NO_MAIL_SERVER = Phrase(
    "Aucun serveur de messagerie n'est donné : ni invitation, ni lien, ni accusé de dépôt ne part. "
    "Relancez : syncd setup portal --host {host} --smtp … --mail-from …",
    "No mail server is given: no invitation, link or acknowledgement goes out. "
    "Again: syncd setup portal --host {host} --smtp … --mail-from …",
)
MAIL_ANSWERS = Phrase("Le serveur de messagerie répond : {url}", "The mail server answers: {url}")
KEPT_AS_IT_IS = Phrase("Gardé tel quel : {path} (comparez : {command}).", "Kept as it is: {path} (compare: {command}).")

# the portal
PORTAL_MADE = Phrase(
    "Plateforme de « {cabinet} » prête dans {directory}.", "The portal of “{cabinet}” is ready in {directory}."
)
PASSWORD = Phrase("Mot de passe de {who} : {password}", "Password of {who}: {password}")
ONCE = Phrase("Notez-le : il n'est affiché qu'une fois.", "Write it down: it is shown only once.")
CLOSED = Phrase("fermé", "closed")
ROW = Phrase("Ligne {row}, {column} : {message}", "Row {row}, {column}: {message}")
CLIENTS_POSSIBLE = Counted(
    ("client peut être créé. Rien n'est fait (--dry-run).", "clients peuvent être créés. Rien n'est fait (--dry-run)."),
    ("client can be made. Nothing is done (--dry-run).", "clients can be made. Nothing is done (--dry-run)."),
)
CLIENTS_MADE = Counted(("client créé.", "clients créés."), ("client made.", "clients made."))
NO_FOLDER = Phrase(
    "ce client n'a pas de dossier « {name} » : {folders}.", "this client has no folder “{name}”: {folders}."
)
BACKING_UP = Phrase("Sauvegarde", "Backup")
RESTORING = Phrase("Restauration", "Restoring")
BACKED_UP = Counted(("version sauvegardée", "versions sauvegardées"), ("version backed up", "versions backed up"))
IN = Phrase("{count} dans {place}.", "{count} in {place}.")
VERSIONS = Counted(("version", "versions"), ("version", "versions"))
PORTAL_RESTORED = Phrase(
    "Plateforme restaurée dans {directory} : {versions}.", "The portal is restored in {directory}: {versions}."
)
SENT_AGAIN = Phrase(
    "À la prochaine synchronisation, le cabinet renvoie ce qui y manque.",
    "On the next run the cabinet sends again what it lacks.",
)
NO_MIGRATION = Phrase(
    "La plateforme est déjà à cette version : rien à faire.", "The portal is of this version already: nothing to do."
)
MOVING = Phrase("Copie des documents", "Copying documents")
ROWS = Counted(("ligne", "lignes"), ("row", "rows"))
PORTAL_MOVED = Phrase(
    "Plateforme dans {directory} : {versions}, {rows}, toutes relues ; rien ne s'écrivait pendant {seconds} s.",
    "The portal is in {directory}: {versions}, {rows}, all read back; nothing was written for {seconds} s.",
)
SERVE_THERE = Phrase(
    "Celle de {directory} ne sert plus : {command}, sous la même adresse.",
    "That of {directory} serves no more: {command}, at the same address.",
)
MIGRATED = Phrase(
    "Plateforme mise à jour dans {directory} ; la base d'avant est gardée : {kept}.",
    "The portal in {directory} is updated; the database of before is kept: {kept}.",
)
MIGRATED_SERVER = Phrase(
    "Plateforme mise à jour dans {directory} ; l'état d'avant est dans les sauvegardes du serveur PostgreSQL.",
    "The portal in {directory} is updated; what it was is in the backups of the PostgreSQL server.",
)
CABINET_ADDED = Phrase("Cabinet « {cabinet} » ajouté à la plateforme.", "“{cabinet}” is a cabinet of the portal.")
CABINET_CLOSED = Phrase(
    "« {cabinet} » est fermé : {people}. Rien n'est supprimé.", "“{cabinet}” is closed: {people}. Nothing is deleted."
)
CABINET_OPENED = Phrase("« {cabinet} » est rouvert pour {who}.", "“{cabinet}” is open again for {who}.")
CABINETS = Counted(("cabinet", "cabinets"), ("cabinet", "cabinets"))
BEGUN_ANEW = Phrase("Plateforme remise à une date passée : {cabinets}.", "The portal was put back: {cabinets}.")
INVOICES = Counted(("facture électronique", "factures électroniques"), ("electronic invoice", "electronic invoices"))
INVOICES_READ = Phrase("Lecture refaite : {count}.", "Read anew: {count}.")
INVOICES_LATER = Phrase(
    "La plateforme est en service : elle relit les factures électroniques elle-même, en quelques minutes.",
    "The portal is being served: it reads the electronic invoices again itself, within minutes.",
)
UNNAMED = Phrase("sans nom", "no name")
NO_KEY = Phrase("aucune", "none")
ACCOUNTS = Counted(("accès", "accès"), ("account", "accounts"))
HOLDS = Phrase(
    "Connexions et liens sont fermés. Valent comme dans la sauvegarde : {people} ; clés : {keys}.",
    "Sessions and links are closed. These hold as in the backup: {people}; keys: {keys}.",
)
TAKE_AWAY_AGAIN = Phrase(
    "Ce qui a été retiré depuis cette sauvegarde est à retirer de nouveau (pages « Accès » et « Réglages »).",
    "What was taken away since that backup has to be taken away again (pages “Accès” and “Réglages”).",
)
UNSOUND = Counted(
    ("version est illisible ou abîmée", "versions sont illisibles ou abîmées"),
    ("version is unreadable or damaged", "versions are unreadable or damaged"),
)
SEE = Phrase("{what}. Voir : {command}.", "{what}. See: {command}.")
FAULTS = {
    "database": Phrase("base de données : {where}", "database: {where}"),
    "missing": Phrase("contenu absent : {where}", "content missing: {where}"),
    "damaged": Phrase("contenu abîmé : {where}", "content damaged: {where}"),
    "stray": Phrase("contenu sans document : {where}", "content of no document: {where}"),
}
PORTAL_SOUND = Phrase(
    "La plateforme est saine : chaque version est entière.", "The portal is sound: every version is whole."
)
ACCOUNT_CLOSED = Phrase("accès retiré", "access taken away")
SECOND_FACTOR = Phrase("double authentification", "second factor")
PASSWORD_RESTS = Phrase(
    "Cet accès est retiré : le mot de passe ne servira que lorsqu'il sera rendu.",
    "This access is taken away: the password serves only once it is given back.",
)
SECOND_STAYS = Phrase(
    "La double authentification reste demandée ; téléphone perdu : syncd portal person second-factor … off.",
    "The second factor is still asked for; a lost telephone: syncd portal person second-factor … off.",
)
SECOND_NONE = Phrase("{who} n'a pas de double authentification.", "{who} has no second factor.")
SECOND_OFF = Phrase(
    "La double authentification de {who} est désactivée.", "The second factor of {who} is switched off."
)
