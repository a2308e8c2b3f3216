"""What is said where something that the cabinet's engine is to do is refused: tasks, exchange packages (refusals.Code)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as noop

SENTENCES: Mapping[str, str] = {
    "no_task": noop("Cette tâche n'existe plus : quelqu'un l'a supprimée."),
    "no_package": noop("Ce paquet n'est plus là."),
    "package_otherwise": noop("Rien n'a été fait : ce paquet a changé entre-temps. Regardez-le de nouveau."),
    "package_asked": noop("Un paquet est déjà en préparation pour ce dossier : il arrive dans un instant."),
    "packages_too_many": noop("{most} paquets de ce dossier attendent déjà ici : traitez-les d'abord."),
    "package_again": noop("Ce paquet a déjà été remis le {at}."),
    "package_unread": noop("Ce paquet n'a pas été pris : {why}"),
    "package_folder": noop("Choisissez au moins un dossier."),
    "package_people": noop("Choisissez au moins une personne qui peut télécharger ce paquet."),
    "task_of_nothing": noop("Choisissez ce que fait la tâche."),
    "task_source_unknown": noop("La configuration de la synchronisation ne nomme pas d'ancien classement « {name} »."),
    "task_frequency_unknown": noop("Choisissez une fréquence."),
    "task_start_missing": noop("Indiquez la date et l'heure de démarrage."),
    "task_start_past": noop("Une tâche qui s'exécute une fois démarre dans l'avenir : choisissez une date et une heure à venir."),
    "task_step_unknown": noop("Choisissez combien d'heures séparent deux exécutions."),
    "task_day_missing": noop("Cochez au moins un jour de la semaine."),
    "task_minutes_malformed": noop("La durée maximale se compte en minutes, de 1 à {most} ; laissez vide pour ne pas la limiter."),
    "tasks_too_many": noop("Le cabinet a déjà {most} tâches : supprimez-en une d'abord."),
}  # fmt: skip
