"""Markers tell the root and each client's directory apart from an empty mount point or a copy (RULES 4, HAZARDS 1).

Whoever may write in a client's directory may write its marker: it is read as what a stranger left there.
"""

from __future__ import annotations

import json
import os
import secrets
from typing import Annotated, Any

import msgspec

from syncd.core.errors import MirrorError, UsageError
from syncd.core.restored_backups import MOST
from syncd.core.words import faults
from syncd.disk import durability
from syncd.disk.directory import Directory, NotADocument, NotOurs, OtherDisk
from syncd.disk.hashing import write_open
from syncd.local.directory_fingerprint import ENGINE as ENGINE
from syncd.ports.local import ClientDirectory, ClientMarker, RootMarker

ROOT, CLIENT = "root.json", "client.json"
LARGEST = 4096  # bytes of a marker

_Id = Annotated[str, msgspec.Meta(max_length=64, pattern="^[0-9A-Za-z_-]*$")]
_Text = Annotated[str, msgspec.Meta(max_length=255)]


class Marker(msgspec.Struct, frozen=True):
    """What both kinds of marker hold: `client` with `code`, or `root`."""

    cabinet: _Id = ""
    client: _Id = ""
    root: _Id = ""
    code: _Text = ""
    generation: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0
    seal: _Id = ""


class _Ids(msgspec.Struct, frozen=True):
    cabinet: _Id = ""
    client: _Id = ""
    root: _Id = ""
    code: _Text = ""
    generation: Any = 0
    seal: _Id = ""


def write(holder: Directory, name: str, data: dict[str, Any], *, durable: bool = True) -> Directory:
    """Replace a marker atomically; the directory that it lies in. Raises OSError (NotOurs) and touches nothing else."""
    own = holder.own(ENGINE, make=True, narrow=True)
    temp = f"{name}.{secrets.token_hex(4)}"
    write_open(own.create(temp), json.dumps(data, ensure_ascii=False).encode())
    if durable:
        durability.sync_documents([(own, temp)])
    own.supplant(temp, name)
    if durable:
        durability.sync_names([own, holder])
    return own


def read(holder: Directory, name: str, inside: str = "", *, any_number: bool = False) -> Marker | None:
    """The marker of the root or of a client's directory, None when there is none. One that is damaged, or no plain small
    file, raises ValueError: it is not absent. OSError (NotOurs) when it lies in what is not the engine's.

    `inside`: a client's directory in the root. `any_number`: the ids of a marker whose generation is none; its generation is 0 then.
    """
    data = _bytes(holder, f"{inside}/{ENGINE}" if inside else ENGINE, name)
    if data is None:
        return None
    try:
        if not any_number:
            return msgspec.json.decode(data, type=Marker)
        ids = msgspec.json.decode(data, type=_Ids)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except msgspec.DecodeError as e:
        raise ValueError(str(e)) from None
    number = ids.generation if isinstance(ids.generation, int) and 0 <= ids.generation <= MOST else 0
    return Marker(ids.cabinet, ids.client, ids.root, ids.code, number, ids.seal)


def _bytes(holder: Directory, own: str, name: str) -> bytes | None:
    try:
        fd = holder.own(own, look=True).document(name)
    except FileNotFoundError:
        return None
    except NotADocument:
        raise ValueError("no regular file") from None
    try:
        data = os.read(fd, LARGEST + 1)
    finally:
        os.close(fd)
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    return data


def root_marker(root: str, *, any_number: bool = False) -> RootMarker:
    """Raises MirrorError when the root, or its marker, is missing or unreadable."""
    try:
        with Directory.at(root) as holder:
            device = holder.status().st_dev
            held = read(holder, ROOT, any_number=any_number)
    except NotOurs as e:
        raise MirrorError(
            "stop_root_marker",
            faults.ROOT_NOT_OURS.of(root=root, where=e.filename, why=e.strerror),
            mend=faults.ROOT_NOT_OURS_MEND.of(),
        ) from None
    except OSError as e:
        raise MirrorError(
            "stop_root_marker",
            faults.ROOT_AWAY.of(root=root, why=e.strerror),
            mend=faults.ROOT_AWAY_MEND.of(),
        ) from None
    except ValueError:
        raise MirrorError(
            "stop_root_marker",
            faults.ROOT_DAMAGED.of(root=root),
            mend=faults.ROOT_DAMAGED_MEND.of(),
        ) from None
    if held is None or not held.root:
        raise MirrorError(
            "stop_root_marker",
            faults.ROOT_UNMARKED.of(root=root),
            mend=faults.ROOT_UNMARKED_MEND.of(),
        )
    return RootMarker(held.cabinet, held.root, held.generation, device, held.seal)


def init_root(root: str, cabinet: str) -> str:
    """Mark a root for a cabinet; its random id. Refuses another cabinet's, and a root inside a root."""
    above = os.path.dirname(os.path.abspath(root))
    while True:
        if os.path.exists(os.path.join(above, ENGINE, ROOT)):
            raise UsageError(f"'{root}' lies inside another mirror, '{above}'.", mend="Choose a directory outside it.")
        if os.path.dirname(above) == above:
            break
        above = os.path.dirname(above)
    os.makedirs(root, exist_ok=True)
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and os.path.exists(os.path.join(entry.path, ENGINE, ROOT)):
                raise UsageError(
                    f"'{entry.path}' inside '{root}' is another mirror.",
                    mend="Choose that one, or another directory.",
                )
    holder = Directory.at(root)
    try:
        held = read(holder, ROOT)
    except NotOurs as e:
        raise UsageError(
            f"'{e.filename}' is not this account's ({e.strerror}).", mend="Run syncd as the account that it belongs to."
        ) from None
    except ValueError:
        raise UsageError(
            f"the marker in '{root}' is damaged.", mend="Put .syncd/root.json back from a backup."
        ) from None
    if held is not None:
        if held.cabinet != cabinet:
            raise UsageError(
                f"'{root}' bears another cabinet's marker.",
                mend="Choose another root, or the right portal and key.",
            )
        return held.root
    identity = secrets.token_hex(16)
    write(holder, ROOT, {"format": 1, "cabinet": cabinet, "root": identity, "generation": 0})
    return identity


def client_directory(root: Directory, name: str, *, any_number: bool = False) -> ClientDirectory:
    """What is wrong with its marker is said in it."""
    try:
        held = read(root, CLIENT, name, any_number=any_number)
    except OtherDisk as e:
        return ClientDirectory(name, fault=e.strerror or "", reason="stop_other_disk")
    except NotOurs as e:
        return ClientDirectory(name, fault=e.strerror or "", reason="stop_not_ours")
    except OSError as e:
        return ClientDirectory(name, fault=e.strerror or str(e))
    except ValueError as e:
        return ClientDirectory(name, fault=str(e))
    if held is None:
        return ClientDirectory(name)
    return ClientDirectory(name, held.client, held.cabinet, held.generation, held.seal)


def write_root(root: Directory, marker: RootMarker, *, durable: bool = True) -> Directory:
    said = {"cabinet": marker.cabinet, "root": marker.root, "generation": marker.generation, "seal": marker.seal}
    return write(root, ROOT, {"format": 1, **said}, durable=durable)


def write_client(directory: Directory, marker: ClientMarker, *, durable: bool = True) -> Directory:
    return write(directory, CLIENT, {"format": 1, **msgspec.structs.asdict(marker)}, durable=durable)


def bears(directory: Directory, client: str) -> bool:
    """Whether the directory's marker is this client's, whatever its generation. Raises OSError and ValueError."""
    held = read(directory, CLIENT, any_number=True)
    return held is not None and held.client == client
