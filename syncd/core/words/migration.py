"""What `syncd migrate` says: its plan, its report, and why something goes nowhere."""

from __future__ import annotations

from syncd.core.words.phrase import Counted, Phrase

KIND = Phrase("Reprise de l'antériorité", "Migration of past documents")

# refused before anything is copied
CLASH = Phrase(
    "le dossier '{source}' peut être celui de plusieurs clients ({codes}).",
    "the directory '{source}' may be that of several clients ({codes}).",
)
CLASH_MEND = Phrase("Dites lequel dans un fichier (--map).", "Say which in a file (--map).")
MAP_CLASH = Phrase(
    "le dossier '{source}' est donné deux fois (clients : {codes} ; lignes {rows}).",
    "the directory '{source}' is given twice (clients: {codes}; rows {rows}).",
)
MAP_CLASH_MEND = Phrase("Gardez une seule de ces lignes.", "Keep one of these rows.")
MAP_HEADS = Phrase(
    "'{file}' n'a pas de première ligne « {columns} » (les deux premières sont obligatoires).",
    "'{file}' has no first row “{columns}” (the first two are needed).",
)
MAP_HEADS_MEND = Phrase("Ajoutez-la, puis relancez.", "Add it, then run again.")
MAP_LONG = Phrase("'{file}' a plus de {most} lignes.", "'{file}' has more than {most} rows.")
MAP_ROW = Phrase("ligne {row} : {why}", "row {row}: {why}")
MAP_FAULTS = Phrase("'{file}' ne peut pas servir. {faults}", "'{file}' cannot be used. {faults}")
MAP_FAULTS_MEND = Phrase(
    "Écrivez chaque dossier depuis la racine de l'ancienne arborescence, comme 007868/2023.",
    "Write each directory from the root of the old tree, as 007868/2023.",
)
MAP_EMPTY = Phrase("'{file}' n'a aucune ligne sous « {columns} ».", "'{file}' has no row below “{columns}”.")
MAP_UNREADABLE = Phrase("'{file}' ne peut pas être lu ({why}).", "'{file}' cannot be read ({why}).")
MAP_UNREADABLE_MEND = Phrase(
    "Enregistrez-le en CSV (séparateur point-virgule), puis relancez.",
    "Save it as CSV (separated by semicolons), then run again.",
)
MAP_NO_EXCEL = Phrase(
    "ce poste ne lit pas les classeurs Excel, et '{file}' en est un.",
    "this machine reads no Excel workbooks, and '{file}' is one.",
)
SOURCE_AWAY = Phrase(
    "L'ancienne arborescence '{source}' ne peut pas être atteinte ({why}).",
    "The old tree '{source}' cannot be reached ({why}).",
)
SOURCE_AWAY_MEND = Phrase(
    "Remontez son disque ou son partage, puis relancez : rien n'y a été touché.",
    "Mount its disk or share again, then run again: nothing there was touched.",
)
SOURCE_IN_MIRROR = Phrase(
    "'{source}' et les dossiers du cabinet '{root}' sont l'un dans l'autre.",
    "'{source}' and the mirror '{root}' lie one in the other.",
)
SOURCE_IN_MIRROR_MEND = Phrase("Donnez l'ancienne arborescence.", "Name the old tree.")
AT_WORK = Phrase("Une reprise est déjà en cours.", "A migration is at work already.")
AT_WORK_MEND = Phrase("Attendez qu'elle finisse.", "Wait for it to end.")
NO_CLIENTS = Phrase(
    "aucun client n'est encore connu ici.",
    "no client is known here yet.",
)
NO_CLIENTS_MEND = Phrase("Lancez d'abord : syncd run.", "Run first: syncd run.")

NO_MIGRATION = Phrase("aucune reprise n'a encore eu lieu.", "no migration has taken place yet.")
NO_SUCH_MIGRATION = Phrase("il n'y a pas de reprise n° {run}.", "there is no migration {run}.")

# why a directory, or a document, goes nowhere (beside core.words.REASONS)
REASONS: dict[str, Phrase] = {
    "unknown_code": Phrase(
        "aucun client n'a ce code ; créez-le, ou dites avec --map à qui est ce dossier",
        "no client has this code; add it, or say with --map whose directory it is",
    ),
    "unknown_exercise": Phrase(
        "exercice inconnu de ce client ; ajoutez-le sur sa fiche",
        "no exercise of this client; add it on the client's card",
    ),
    "two_exercises": Phrase(
        "deux exercices dans un même chemin ; dites avec --map lequel compte",
        "two exercises in one path; say with --map which one counts",
    ),
    "no_folder": Phrase(
        "le chemin ne nomme aucun dossier du client ; dites-le avec --map",
        "the path names no folder of the client; say it with --map",
    ),
    "loose": Phrase("fichier hors de tout dossier de client", "file in no client's directory"),
    "no_directory": Phrase(
        "ce client n'a pas encore son dossier au cabinet ; lancez « syncd run »",
        "this client has no directory here yet; run 'syncd run'",
    ),
    "copy_of_file": Phrase("dossier en copie : l'original est ailleurs", "a copy: the original is elsewhere"),
    "source_away": Phrase(
        "l'ancienne arborescence n'est plus accessible ; remontez-la, puis relancez",
        "the old tree cannot be reached any more; mount it again, then run again",
    ),
    "unknown_source": Phrase(
        "la configuration de la synchronisation ne nomme plus cet ancien classement ; remettez-le ([[old_tree]])",
        "the configuration names this old tree no more; put it back ([[old_tree]])",
    ),
    "absent": Phrase("absent de l'ancienne arborescence", "not in the old tree"),
}

# the report
TITLE = Phrase("Reprise de l'antériorité n° {run} du {at}", "Migration no. {run} of {at}")
PLAN_TITLE = Phrase("Ce que la reprise ferait", "What the migration would do")
FROM = Phrase("Depuis : {source}", "From: {source}")
VERDICT = Phrase("Résultat : {verdict}", "Result: {verdict}")
N_OF_N = Phrase("{done} sur {found}", "{done} of {found}")
CLIENT = Phrase("{code} - {name} : {verdict}, {n_of_n}", "{code} - {name}: {verdict}, {n_of_n}")
PLAN_CLIENT = Phrase("{code} - {name} : {verdict}", "{code} - {name}: {verdict}")
COPIED = Counted(("document copié", "documents copiés"), ("document copied", "documents copied"))
TO_COPY = Counted(("document à copier", "documents à copier"), ("document to copy", "documents to copy"))
ALREADY = Counted(
    ("document que le client a déjà", "documents que le client a déjà"),
    ("document that the client has already", "documents that the client has already"),
)
EARLIER = Counted(("repris auparavant", "repris auparavant"), ("taken earlier", "taken earlier"))
LATE = Counted(
    (
        "document déjà en place, pas encore en ligne : il suit",
        "documents déjà en place, pas encore en ligne : ils suivent",
    ),
    ("document in place, not online yet: it follows", "documents in place, not online yet: they follow"),
)
RENAMED = Counted(
    ("nom adapté à Windows", "noms adaptés à Windows"), ("name made fit for Windows", "names made fit for Windows")
)
ERRORS = Counted(("document en erreur", "documents en erreur"), ("document in error", "documents in error"))
DOCUMENTS = Counted(("document", "documents"), ("document", "documents"))
OUT_OF_SCOPE = Counted(
    ("document d'exercices plus anciens, laissé où il est", "documents d'exercices plus anciens, laissés où ils sont"),
    ("document of older exercises, left where it is", "documents of older exercises, left where they are"),
)
LISTED = Phrase("Rien ne dit où vont :", "Nothing says where these go:")
WAITING_CLIENTS = Phrase(
    "Pas encore servis, ils passeront d'abord la prochaine fois : {codes}",
    "Not served yet, they come first next time: {codes}",
)
AND_OTHERS = Phrase("… et {number} autres, dans le fichier CSV", "… and {number} others, in the CSV file")
NOTHING = Phrase("Rien à reprendre.", "Nothing to take.")
THEN_PUBLISH = Phrase("La mise en ligne suit au prochain passage.", "What was copied goes online with the next pass.")
COVERED = Phrase(
    "Cet accord vaut pour les documents de ce plan, et pour eux seuls.",
    "This agreement covers the documents of this plan, and no others.",
)
PLAN_YES = Phrase(
    "Sans --yes, ce qui est copié attend l'accord habituel avant d'aller en ligne.",
    "Without --yes, what is copied waits for the usual agreement before it goes online.",
)
WRITTEN = Phrase("Compte rendu : {path}", "Report: {path}")
