"""A portal is carried from its directory to servers, or from there into a directory, while it is served: documents first, then,
during a moment in which nobody writes, its rows. The same call goes on wherever an earlier one ended.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from django.db import OperationalError, connections

from syncd.core.content import Content
from syncd.core.errors import SyncdError, UsageError
from syncd.disk import durability, private
from syncd.portal import portal_file, storage
from syncd.portal.documents import integrity
from syncd.portal.models import Cabinet
from syncd.portal.operations import moved, table_copy
from syncd.portal.operations.backup import SECRET, copied
from syncd.portal.portal_file import PortalFile
from syncd.portal.storage.port import BlobStore, Staged

TARGET = "target"  # the other database's alias
AT_ONCE, THREADS = 200, 8
FEW, PASSES = 50, 5  # documents that came during a pass, and are carried in the moment without writers
Told = Callable[[int, int], None]


@dataclass(slots=True)
class Carried:
    """`bad`: versions whose bytes are missing or damaged here already; `seconds` without writers."""

    documents: int = 0
    rows: int = 0
    bad: list[str] = field(default_factory=list)
    seconds: float = 0.0


def move(source: Path, to: Path, file: PortalFile, make_schema: Callable[[Path], None], told: Told) -> Carried:
    """`make_schema`: of the database for a directory. Raises UsageError; SyncdError when it cannot be done now: nothing was moved then, and the same call goes on."""
    source, to = source.resolve(), to.resolve()
    done = Carried()
    if (at := moved.place()) and at != str(to):
        raise UsageError(f"this portal has moved to '{at}' already.")
    if at:
        finish(to)
        return done
    begin(source, to, file)
    _connect(to, file)
    make_schema(to)
    documents = _Documents(storage.blobs_for(to, file), done)
    for _ in range(PASSES):
        if documents.carry(told) <= FEW:
            break
    with moved.no_writers():
        began = time.monotonic()
        documents.carry(told)
        done.rows = table_copy.carry("default", TARGET)
        moved.close(to)
    done.seconds, done.documents = time.monotonic() - began, documents.count
    finish(to)
    return done


def begin(source: Path, to: Path, file: PortalFile) -> None:
    """The new place, which is nobody else's, and is not served until all is there."""
    if to == source or source in to.parents or to in source.parents:
        raise UsageError(f"'{to}' and the portal '{source}' lie in one another.", mend="Choose another directory.")
    begun = to / moved.ARRIVING
    if not begun.exists():
        if to.exists() and any(to.iterdir()):
            raise UsageError(f"'{to}' is not empty.", mend="Choose an empty or a new directory.")
        private.directory(to)
        _write(begun, f"{source}\n{secrets.token_hex(16)}\n")
    where, token = begun.read_text().splitlines()
    if where != str(source):
        raise UsageError(f"another portal is being carried into '{to}': '{where}'.", mend="Choose another directory.")
    if file.database and not (to / portal_file.NAME).exists():
        portal_file.write(to, file)
    elif file != portal_file.read(to, {}):
        raise UsageError(f"'{to}' was begun with other addresses.", mend="Give the same, or choose another directory.")
    storage.make(to)
    _write(to / SECRET, (source / SECRET).read_text())
    if file.blobs:
        storage.begin_objects(file, to, token)


def _write(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "w", opener=private.owned) as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    shutil.move(new, path)
    durability.sync_directory(str(path.parent))


def _connect(to: Path, file: PortalFile) -> None:
    given = portal_file.postgresql(file.database) if file.database else portal_file.embedded(to)
    connections.settings[TARGET] = connections.configure_settings({"default": given})["default"]
    if file.database:
        try:
            connections[TARGET].ensure_connection()
        except OperationalError as e:
            why = str(e).strip().splitlines()
            raise SyncdError(
                f"the database {portal_file.shown(file.database)} cannot be used ({why[0] if why else 'no answer'}).",
                mend="See that the server runs, that this machine may reach it, and the user, the password and the name.",
            ) from None
        _is_ours()


def _is_ours() -> None:
    """Raises UsageError for a database that holds another portal: its rows would go."""
    there = connections[TARGET]
    if moved.TABLE in there.introspection.table_names():
        raise UsageError("a portal was carried away from that database.", mend="Give a new database.")
    if Cabinet._meta.db_table not in there.introspection.table_names():
        return
    others = set(Cabinet.objects.using(TARGET).values_list("id", flat=True))
    if others - set(Cabinet.objects.values_list("id", flat=True)):
        raise UsageError("the database holds another portal already.", mend="Give a new database.")


def finish(to: Path) -> None:
    """From now on it may be served there, and only there."""
    for one in connections.all(initialized_only=True):
        if one.alias == TARGET:
            one.close()
    (to / moved.ARRIVING).unlink(missing_ok=True)
    durability.sync_directory(str(to))


class _Documents:
    """Bytes of versions, each once: read here, written there, read again there. `count`: those that are there."""

    def __init__(self, target: BlobStore, done: Carried) -> None:
        self._source, self._target, self._done = storage.blob_store(), target, done
        self._proved: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._proved)

    def carry(self, told: Told) -> int:
        """All that are not there yet; how many those were."""
        wanted = [one for one in integrity.kept() if one[0] not in self._proved]
        self._done.bad.clear()
        with ThreadPoolExecutor(THREADS) as pool:
            for n in range(0, len(wanted), AT_ONCE):
                self._some(wanted[n : n + AT_ONCE], pool)
                told(min(n + AT_ONCE, len(wanted)), len(wanted))
        return len(wanted)

    def _some(self, wanted: Sequence[tuple[str, Content]], pool: ThreadPoolExecutor) -> None:
        staged = list(pool.map(lambda one: self._staged(*one), wanted))
        pairs = [(of, one[0]) for of, one in zip(staged, wanted, strict=True) if of]
        try:
            self._target.publish(pairs)
        except OSError:
            for of, _ in pairs:
                self._target.drop_staged(of)
            raise
        whole = pool.map(lambda one: self._whole(*one), wanted)
        for (version, content), was, held in zip(wanted, staged, whole, strict=True):
            if held:
                self._proved.add(version)
            elif was is None:
                self._done.bad.append(version)
            else:
                raise SyncdError(f"the bytes of the version {version} are not what was written ({content.size} bytes).")

    def _staged(self, version: str, content: Content) -> Staged | None:
        """'' when its bytes are there by now; None when they are none here."""
        if self._whole(version, content):
            return Staged("")
        staged = copied(self._source, self._target, version, content)
        if staged is not None:
            self._target.move_away(version, "damaged")
        return staged

    def _whole(self, version: str, content: Content) -> bool:
        try:
            return self._target.prove(version)[0] == content
        except FileNotFoundError:
            return False
