"""`syncd portal backup|restore|migrate|check`: copies of the whole portal, its way to a new version, and whether its bytes are sound."""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli.output import Bar, language, say, tell, warn
from syncd.cli.portal.common import directory, opens
from syncd.core.words import administration as said
from syncd.operations.drop_privileges import become_owner_of, give, owner_of


@click.command()
@directory
@click.argument("to", metavar="TO", type=click.Path(path_type=Path, file_okay=False))
def backup(directory: Path, to: Path) -> int:
    """Copy the portal into the directory TO, while it serves; again into the same TO, only what is new is copied. One of
    an older version, too, as it is: 'restore' brings the copy to the version that restores it.

    \b
    Example:
      syncd portal backup /srv/portail /mnt/sauvegarde/portail
    """
    from syncd.portal import bootstrap
    from syncd.portal.operations.backup import backup as copy
    from syncd.portal.operations.backup import of_file as copy_of_file

    copy_of_file(directory)
    bootstrap.use(directory)
    if bootstrap.is_older():
        warn(
            f"syncd: the portal in '{directory}' is of an older version of syncd: it is copied as it is, nothing in it is "
            f"changed. Bring it to this one: syncd portal migrate {directory}."
        )
    with Bar(said.BACKING_UP(language())) as bar:
        count, bad = copy(directory, to, bar)
    tell(said.IN, count=said.BACKED_UP(language(), count - len(bad)), place=to)
    return _missing(bad, "syncd portal check DIR")


@click.command()
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path, file_okay=False))
@directory
@click.option("--revoke-keys", is_flag=True, help="No key of an engine holds any more: make new ones (engine-token).")
def restore(source: Path, directory: Path, revoke_keys: bool) -> int:
    """Make a portal in the new or empty directory DIR from the backup FROM.

    Engines see that the portal went back: what the backup lacks is sent again, nothing is set aside. Nobody is signed
    in, and no link leads in. Keys and accounts hold as in the backup, those taken back since, too: they are named.

    \b
    Example:
      syncd portal restore /mnt/sauvegarde/portail /srv/portail
    """
    from syncd.portal import bootstrap
    from syncd.portal.operations.backup import restore as make

    bootstrap.check_backup(source)
    if (source / bootstrap.DATABASE).exists():  # what is no backup is said by who restores it
        bootstrap.check_secret(source)
    owner = owner_of(directory)
    with Bar(said.RESTORING(language())) as bar:
        count, bad = make(source, directory, bar, revoke_keys=revoke_keys)
    give(directory, owner)  # only root may read the backup, only the service's account what is made of it
    become_owner_of(directory)
    bootstrap.use(directory)
    bootstrap.migrate()  # the backup itself stays as it is
    tell(said.PORTAL_RESTORED, directory=directory, versions=said.VERSIONS(language(), count - len(bad)))
    tell(said.SENT_AGAIN)
    _say_what_holds()
    return _missing(bad, "syncd verify --deep --repair")


@click.command()
@directory
@click.option("--new-epoch", is_flag=True, required=True, help="Said, so that it is meant.")
@click.option("--revoke-keys", is_flag=True, help="No key of an engine holds any more: make new ones (engine-token).")
@opens
def restored(new_epoch: bool, revoke_keys: bool) -> int:
    """After the PostgreSQL server, or the storage, was put back to an earlier time, and before the portal is served again.

    Engines see that the portal went back: what it lacks is sent again, nothing is set aside. Nobody is signed in, and no
    link leads in. 'restore' does this of itself for a backup in a directory.

    \b
    Example:
      syncd portal restored /srv/portail --new-epoch
    """
    from syncd.portal.operations.restored import begin_anew

    cabinets = begin_anew(revoke_keys=revoke_keys)
    tell(said.BEGUN_ANEW, cabinets=said.CABINETS(language(), cabinets))
    tell(said.SENT_AGAIN)
    _say_what_holds()
    return 0


@click.command()
@directory
def migrate(directory: Path) -> int:
    """Bring a portal of an older version to this one's schema; a copy of its database is kept beside it first.

    Its service is stopped before, and started after. Going back means putting that copy back under its name. Of a
    PostgreSQL database no copy is made: the server's own backups are what one goes back to.

    \b
    Example:
      syncd portal migrate /srv/portail
    """
    from syncd.core.errors import UsageError
    from syncd.portal import bootstrap
    from syncd.portal.turn import served

    become_owner_of(directory)
    bootstrap.use(directory)
    if served():
        raise UsageError(f"the portal in '{directory}' is being served.", mend="Stop its service, then migrate.")
    older = bootstrap.is_older()
    kept = bootstrap.migrate()
    if kept is not None:
        tell(said.MIGRATED, directory=directory, kept=kept.name)
    else:
        tell(said.MIGRATED_SERVER if older else said.NO_MIGRATION, directory=directory)
    return 0


def _say_what_holds() -> None:
    from syncd.portal.models import EngineToken, User

    keys = EngineToken.objects.filter(revoked_at__isnull=True).order_by("created_at")
    named = ", ".join(f"{key.label or said.UNNAMED(language())} ({key.created_at:%d/%m/%Y})" for key in keys)
    people = said.ACCOUNTS(language(), User.objects.filter(is_active=True).count())
    tell(said.HOLDS, people=people, keys=named or said.NO_KEY(language()))
    tell(said.TAKE_AWAY_AGAIN)


def _missing(bad: list[str], mend: str) -> int:
    if bad:
        warn(f"syncd: {said.SEE(language(), what=said.UNSOUND(language(), len(bad)), command=mend)}")
    return 3 if bad else 0


@click.command()
@directory
@click.option("--repair", is_flag=True, help="Move damaged and unreferenced bytes out of the way; nothing is deleted.")
@opens
def check(repair: bool) -> int:
    """Read every version's bytes again and compare them with their digest; look for bytes of no document.

    \b
    Example:
      syncd portal check /srv/portail --repair
    """
    from syncd.portal.documents import integrity
    from syncd.portal.storage import blob_store
    from syncd.portal.turn import served

    faults = 0
    for fault in integrity.check(blob_store(), repair=repair, served=served()):
        faults += fault.kind != "stray" or not repair
        say(said.FAULTS[fault.kind](language(), where=fault.where) + (f" ({fault.detail})" if fault.detail else ""))
    if faults:
        warn(
            "syncd: mend: lost or damaged versions that the cabinet still has come back with "
            "'syncd verify --deep --repair' there; --repair moves damaged and unreferenced bytes away."
        )
        return 3
    tell(said.PORTAL_SOUND)
    return 0


@click.command("read-invoices")
@directory
@opens
def read_invoices() -> int:
    """Forget what was read of electronic invoices, and read all of them anew. No document changes. A portal that is being served
    does it in the background.

    \b
    Example:
      syncd portal read-invoices /srv/portail
    """
    from syncd.portal.documents import invoice_facts
    from syncd.portal.models import InvoiceFacts
    from syncd.portal.readers import worker_client
    from syncd.portal.turn import Held, Name, turn_of

    invoice_facts.forget()
    turn = turn_of(Name.INVOICES)
    try:
        turn.acquire()
        while invoice_facts.read_some(60.0, lambda: False):
            pass
    except Held:
        tell(said.INVOICES_LATER)
        return 0
    finally:
        turn.release()
        worker_client.stop()
    tell(said.INVOICES_READ, count=said.INVOICES(language(), InvoiceFacts.objects.count()))
    return 0
