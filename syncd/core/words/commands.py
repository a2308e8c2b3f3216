"""What the engine's commands say: init, run, status, approve, verify, restore, journal, schedule."""

from __future__ import annotations

from syncd.core.words.phrase import Counted, Phrase

DOCUMENTS = Counted(("document", "documents"), ("document", "documents"))
NO_LIMIT = Phrase("sans limite", "no limit")
LABELLED = Phrase("{label} : {text}", "{label}: {text}")

# init, and setup
ASK_ROOT = Phrase("Les dossiers des clients se trouvent dans", "The clients' folders are in")
ASK_STATE = Phrase(
    "La mémoire de la synchronisation ira dans (un disque local)", "The engine's memory goes to (a local disk)"
)
ASK_LOGS = Phrase("Les comptes rendus et journaux iront dans", "Reports and journals go to")
ASK_PORTAL = Phrase("L'adresse de la plateforme", "The portal's address")
ASK_KEY_FILE = Phrase("Le fichier de la clé de synchronisation", "The file of the portal's key")
ASK_OUT = Phrase("La configuration sera écrite dans", "The configuration goes to")
ASK_KEY = Phrase("La clé de synchronisation (elle ne s'affiche pas)", "The portal's key (it is not shown)")
READY = Phrase("Prêt : les dossiers de « {cabinet} » dans {root}.", "Ready: the folders of “{cabinet}” in {root}.")
THEN = Phrase("Ensuite : {command}", "Next: {command}")

# run
COMPARING = Phrase("Comparaison des deux côtés…", "Comparing both sides…")
UNWRITTEN = Phrase(
    "le compte rendu ne peut pas être écrit : {why}. Vérifiez [mirror] logs, ses droits et son disque.",
    "the report cannot be written: {why}. Check [mirror] logs, its rights and its disk.",
)
JOURNAL_HELD = Phrase(
    "Le journal '{path}' ne peut pas être écrit ({why}){others}. "
    "Fermez-le là où il est ouvert ; le prochain passage ajoute ce qui manque.",
    "The journal '{path}' cannot be written ({why}){others}. "
    "Close it where it is open; the next pass adds what is missing.",
)
ANOTHER = Phrase(", ainsi qu'un autre", ", and another one")
OTHERS = Phrase(", ainsi que {number} autres", ", and {number} others")
SERVICE_GOES_ON = Phrase(
    "le service continue ; ce qui n'était pas commencé est retiré.",
    "the service goes on; what was not begun is withdrawn.",
)

# watch
WATCHING = Phrase("Surveille {root}", "Watches {root}")
CONFIGURATION_KEPT = Phrase(
    "La configuration ne peut être lue, celle d'avant reste en vigueur : {why}",
    "The configuration cannot be read, the former one stays in force: {why}",
)

# status
STATES = {
    "fine": Phrase("À jour", "Up to date"),
    "look": Phrase("À voir", "To be looked at"),
    "waiting": Phrase("En attente de votre accord", "Waiting for your agreement"),
    "stopped": Phrase("Interrompu", "Stopped"),
    "closed": Phrase("Fermé", "Closed"),
    "not_yet": Phrase("Pas encore synchronisé", "Not synchronised yet"),
    "behind": Phrase(
        "À faire : la dernière synchronisation n'est pas allée au bout", "To do: the last run did not come to its end"
    ),
}
CUT_SHORT = Phrase(
    "arrêtée net avant sa fin ; rien n'est perdu, la prochaine reprend là où elle en était",
    "cut short before its end; nothing is lost, the next one goes on where it was",
)
LAST_RUN = Phrase("Dernière synchronisation : {at} – {verdict}", "Last run: {at} – {verdict}")
NO_RUN = Phrase("Aucune synchronisation encore.", "No run yet.")
INTERRUPTED = Phrase("Interrompue : {why}.", "Given up: {why}.")
SERVED = Phrase("Le service travaille ; prochain passage complet : {at}", "The service works; its next full pass: {at}")
NOT_SERVED = Phrase("Le service ne travaille pas : {start}.", "The service does not work: {start}.")
PORTAL_SEEN_LATER = Phrase(
    "La plateforme a répondu le {at}, à en croire l'horloge d'alors : vérifiez l'heure de ce poste.",
    "The portal answered on {at}, as the clock said then: check this machine's clock.",
)
PORTAL_SEEN = Phrase("La plateforme a répondu {ago}.", "The portal answered {ago}.")
MAILS = Counted(
    ("e-mail attend que le serveur de messagerie réponde.", "e-mails attendent que le serveur de messagerie réponde."),
    ("mail waits for the mail server to answer.", "mails wait for the mail server to answer."),
)
RECONCILING = Phrase(
    "une sauvegarde a été remise en place : les deux côtés sont en cours de rapprochement (syncd doctor)",
    "a backup was put back: both sides are being reconciled (syncd doctor)",
)
HELD = Counted(("changement retenu", "changements retenus"), ("change held back", "changes held back"))
CLIENT = Phrase("{code}  {name} : {label}, {documents}{detail}", "{code}  {name}: {label}, {documents}{detail}")
BETWEEN = Phrase(" ; ", "; ")
CLOSED = Phrase("fermé", "closed")
EXCLUDED = Phrase("exclu", "excluded")

# approve
ALONE = Phrase("{name} ({code}) – {why} : syncd approve {code}", "{name} ({code}) – {why}: syncd approve {code}")
SHOWN = Phrase("{shown} montrés sur {all} : --list les montre tous", "{shown} of {all} shown: --list shows them all")
AGREE = Phrase("Autoriser ?", "Agree?")
AGREED_SERVED = Phrase(
    "Accord enregistré : fait maintenant par le service.", "Agreement kept: the service does it now."
)
AGREED = Phrase(
    "Accord enregistré : fait à la prochaine synchronisation.", "Agreement kept: it is done on the next run."
)

# verify
REPAIRING = Phrase("Réparation", "Repair of")
SAME = Phrase("identique des deux côtés, {documents}", "the same on both sides, {documents}")
DIFFERENCES = Counted(("différence", "différences"), ("difference", "differences"))
PROOF = Phrase("{code}  {name} : {verdict}  [{digest}]", "{code}  {name}: {verdict}  [{digest}]")
DIFFERENT = Phrase("  ≠ {path} : {why}", "  ≠ {path}: {why}")
EXCEPTED = Phrase("  – {path} : {why}", "  – {path}: {why}")
DIFFERS = {
    "rotten_here": Phrase("abîmé sur le disque du cabinet", "damaged on the cabinet's disk"),
    "rotten_online": Phrase("abîmé sur la plateforme", "damaged on the portal"),
    "rotten_version": Phrase("ancienne version abîmée sur la plateforme", "an older version is damaged on the portal"),
    "set_aside": Phrase("supprimé en ligne, conservé au cabinet", "deleted online, kept at the cabinet"),
    "left": Phrase("retiré au cabinet, toujours en ligne", "removed here, still online"),
    "not_online": Phrase("pas encore en ligne", "not online yet"),
    "not_here": Phrase("pas encore reçu", "not received yet"),
    "changed_here": Phrase(
        "modifié au cabinet depuis la dernière synchronisation", "changed at the cabinet since the last run"
    ),
    "changed_online": Phrase(
        "modifié en ligne depuis la dernière synchronisation", "changed online since the last run"
    ),
    "missing_here": Phrase("absent du cabinet", "missing at the cabinet"),
    "missing_online": Phrase("absent en ligne", "missing online"),
}

# restore
RESTORING = Phrase("Restauration", "Restoring")
AS_IT_WAS = Counted(
    ("document est déjà tel qu'il était", "documents sont déjà tels qu'ils étaient"),
    ("document is as it was already", "documents are as they were already"),
)
NOTHING_RESTORED = Phrase("Rien à restaurer.", "Nothing to restore.")
NOTHING_RESTORED_OF = Phrase("Rien à restaurer : {count}.", "Nothing to restore: {count}.")

# report, journal
RUN_TITLE = Phrase("Synchronisation {run} – {at}", "Run {run} – {at}")
REBUILT = Counted(("journal réécrit", "journaux réécrits"), ("journal written anew", "journals written anew"))
IN = Phrase("{count} dans {place}.", "{count} in {place}.")
CHAIN_BROKEN = Phrase(
    "Le journal a été modifié à partir de l'événement {at}.", "The journal was changed from event {at} on."
)
CHAIN_WHOLE = Phrase(
    "Le journal est d'un seul tenant : aucun événement n'a été modifié, retiré ou ajouté après coup.",
    "The journal is of one piece: no event was changed, removed or added afterwards.",
)
CHAIN_ALONE = Phrase(
    "La plateforme ne répond pas : le journal n'a pas pu être comparé à ce qu'elle en garde.",
    "The portal does not answer: the journal could not be compared with what it keeps of it.",
)
CHAIN_REWRITTEN = Phrase(
    "Le journal ne contient plus ce que la plateforme en a reçu le {at} (synchronisation {run}) : il a été réécrit, ou "
    "remplacé par une ancienne copie.",
    "The journal no longer holds what the portal received of it on {at} (run {run}): it was rewritten, or replaced by "
    "an old copy.",
)
RUNS = Counted(("passage", "passages"), ("run", "runs"))
CHAIN_BEFORE = Phrase(
    "{runs} d'avant le {at} : la mémoire a été refaite ce jour-là, leur journal n'y est plus.",
    "{runs} of before {at}: the state was made anew on that day, their journal is no longer in it.",
)
RUNS_FOUND = Counted(("passage retrouvé", "passages retrouvés"), ("run found", "runs found"))
CHAIN_PROVED = Phrase("{runs} tels que la plateforme les a reçus.", "{runs} as the portal received them.")

# schedule, config, template
INTERVAL = Phrase(
    "Passage complet : toutes les {minutes} min, tant que le service travaille.",
    "Full pass: every {minutes} min, while the service works.",
)
RATE = Phrase("Débit : {text} (maintenant : {now})", "Rate: {text} (now: {now})")
PER_SECOND = Phrase("{size} par seconde", "{size} a second")
NO_TRANSFER = Phrase("aucun transfert", "no transfer")
MIGRATES = Phrase("reprise de {source}", "migration of {source}")
EVERYBODY = Phrase("tous les clients", "all clients")
AT_MOST = Phrase(", au plus {minutes} min", ", at most {minutes} min")
NEXT_AT = Phrase("prochain passage : {at}", "next pass: {at}")
NEVER = Phrase("jamais plus", "never again")
OFF = Phrase("désactivé", "switched off")
NO_JOBS = Phrase(
    "Aucun passage à heure fixe ([[job]] dans la configuration).",
    "No pass at set times ([[job]] in the configuration).",
)
CONFIGURATION = Phrase("Configuration valide.", "The configuration is valid.")
TEMPLATE = Phrase("{name} : modèle valide.", "{name}: the template is valid.")

# mail
TEST_SUBJECT = Phrase("Essai de la synchronisation", "A test of the synchronisation")
TEST_LEAD = Phrase("Ce message arrive : les comptes rendus arriveront aussi.", "This arrived: so will the reports.")
SERVICE_ENDED = Phrase("Le service de synchronisation s'est arrêté", "The synchronisation service stopped")
NOTHING_LOST = Phrase(
    "Les documents ne passent plus d'un côté à l'autre ; rien n'est perdu.",
    "Documents no longer cross; nothing is lost.",
)
LOOK_AT_SERVICE = Phrase(
    "Sur le serveur du cabinet : systemctl status syncd, puis syncd doctor.",
    "On the cabinet's server: systemctl status syncd, then syncd doctor.",
)
TELL_OPERATOR = Phrase(
    "Prévenez la personne qui s'occupe du serveur du cabinet.",
    "Tell the person who looks after the firm's server.",
)
CONFIGURATION_WRONG = Phrase(
    "Son fichier de configuration ne peut pas être lu :", "Its configuration file cannot be read:"
)
CONFIGURATION_MEND = Phrase(
    "Corrigez-le (syncd config validate dit tout ce qui ne va pas), puis redémarrez le service.",
    "Mend it (syncd config validate says all that is wrong), then start the service again.",
)
NOT_TAKEN = Phrase("{recipient} : refusé ({why})", "{recipient}: refused ({why})")
SENT = Phrase("{recipient} : envoyé", "{recipient}: sent")
