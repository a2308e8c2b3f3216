"""Binds this process to one data directory; Django is started once."""

from __future__ import annotations

import os
from pathlib import Path

from syncd.core.errors import UsageError

DATABASE = "portal.db"


def use(directory: Path, *, new: bool = False) -> None:
    """Start Django on `directory`. Raises UsageError when it holds no portal (and `new` is False)."""
    directory = directory.resolve()
    if not new and not (directory / DATABASE).exists():
        raise UsageError(
            f"'{directory}' holds no portal.",
            mend="Make one: syncd portal init DIR --cabinet NAME --admin-email EMAIL.",
        )
    os.environ["SYNCD_PORTAL_DIR"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = "syncd.portal.settings"
    import django

    django.setup()


def without_directory() -> None:
    """Start Django for what needs no portal: nothing may be read from or written to the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncd.portal.settings")
    import django

    django.setup()


def migrate() -> None:
    """Bring the database to this version's schema; hardly a look when it is there."""
    from django.core.management import call_command

    if _behind():
        call_command("migrate", verbosity=0, interactive=False)


def _behind() -> bool:
    """Whether any migration of any app is not applied: the whole machinery costs twenty times this look, at every command."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    for app in apps.get_app_configs():
        names = (p.stem for p in (Path(app.path) / "migrations").glob("*.py") if p.stem != "__init__")
        if any((app.label, name) not in applied for name in names):
            return True
    return False
