"""Bytes of versions in an object storage: S3, or Azure's. An object's name holds its version's id (RULES 8).

What comes in is staged on this machine's own disk, or as pieces of an upload (`shared_uploads`), and goes up under its name,
once, before the transaction that refers to it. The store refuses a name that is taken; of a large one, which goes up part by
part, it is asked before. A marker object tells this store from an empty one (HAZARDS 2).
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import xxhash

from syncd.core.content import Content
from syncd.disk import durability, hashing
from syncd.portal.storage.local import LocalBlobs
from syncd.portal.storage.object_reader import AHEAD, Piece, pieces_of, reading, told
from syncd.portal.storage.port import Held, Staged

if TYPE_CHECKING:
    from syncd.portal.storage.object_reader import Store

AT_ONCE = 8  # objects that go up at a time
PART, PARTS = 8 * 1024 * 1024, 2  # bytes of a part of a large one; how many of them are in memory
KNOWN = 5.0  # seconds for which an answer of the store about itself is good
VERSIONS, MARKER = "versions/", "syncd-portal"


class ObjectBlobs:
    """Keeps to `port.BlobStore`. Staged is the path of a file on this disk, in `scratch`, or says the pieces of an upload. One for
    the process."""

    def __init__(self, store: Store, scratch: Path, *, guarded: bool = False) -> None:
        """`guarded`: what is staged stops at the disk's reserve (NoRoom)."""
        self.store = self._store = store
        self._local = LocalBlobs(scratch, guarded=guarded)
        self._up = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="objects")
        self._there, self._looked = False, 0.0

    # -- what is staged, here -----------------------------------------------------------------------------------------

    def stage(self, data: bytes) -> Staged:
        return self._local.stage(data)

    def stage_from(self, source: BinaryIO) -> tuple[Staged, Content]:
        return self._local.stage_from(source)

    def drop_staged(self, staged: Staged) -> None:
        """Pieces of an upload go with it, when it is over."""
        if pieces_of(staged) is None:
            self._local.drop_staged(staged)

    @contextlib.contextmanager
    def used_up(self, staged: Staged) -> Iterator[None]:
        try:
            yield
        finally:
            self.drop_staged(staged)

    def sweep(self, older: float) -> None:
        self._local.sweep(older)

    # -- what has a name, there ---------------------------------------------------------------------------------------

    def publish(self, named: Sequence[tuple[Staged, str]]) -> None:
        sent = [self._up.submit(self._send, staged, version_id) for staged, version_id in named]
        faults = [fault for one in sent if (fault := one.exception()) is not None]
        if faults:
            raise faults[0]

    def _send(self, staged: Staged, version_id: str) -> None:
        pieces = pieces_of(staged)
        size = Path(staged).stat().st_size if pieces is None else sum(p.size for p in pieces)
        put = self._put_parts if size > PART else self._put_whole
        if not put(staged, _key(version_id)) and self.prove(version_id)[0] != self._content(staged):
            raise FileExistsError(errno.EEXIST, "the version has bytes", version_id)
        if pieces is None:
            Path(staged).unlink()

    def _staged(self, staged: Staged) -> BinaryIO:
        pieces = pieces_of(staged)
        return Path(staged).open("rb") if pieces is None else reading(self._store, pieces)

    def _content(self, staged: Staged) -> Content:
        with self._staged(staged) as source:
            return hashing.hash_stream(source)

    def _put_whole(self, staged: Staged, key: str) -> bool:
        """Whether it went up; False: the name is taken, or the answer to an earlier try was lost."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with self._staged(staged) as source, told():
                obstore.put(self._store, key, source.read(), mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def _put_parts(self, staged: Staged, key: str) -> bool:
        """The same of a large one: `mode="create"` would read all of it into memory."""
        import obstore

        with contextlib.suppress(FileNotFoundError):
            self._head(key)
            return False
        if pieces_of(staged) is None:
            with told():
                obstore.put(self._store, key, Path(staged), use_multipart=True, chunk_size=PART, max_concurrency=PARTS)
            return True
        with self._staged(staged) as source, told():  # `put` reads no store while it writes to one
            out = obstore.open_writer(self._store, key, buffer_size=PART, max_concurrency=PARTS)
            while data := source.read(AHEAD):
                out.write(data)
            out.close()  # before this there is no such object; parts of one that was given up, the provider clears
        return True

    def take_back(self, named: Sequence[tuple[Staged, str]]) -> None:
        for staged, version_id in named:
            with contextlib.suppress(FileNotFoundError):  # it never went up: it is staged still
                if pieces_of(staged) is not None:
                    self._take_away(version_id, staged)
                elif not os.path.lexists(staged):
                    self._fetch(version_id, staged)
                    self._delete(_key(version_id))

    def _take_away(self, version_id: str, staged: Staged) -> None:
        """What was made of pieces, which lie there still."""
        if self.prove(version_id)[0] == self._content(staged):
            self._delete(_key(version_id))

    def _fetch(self, version_id: str, staged: Staged) -> None:
        """It lies here whole, and lasts, or not at all."""
        part = Path(f"{staged}.part")
        try:
            with self.open(version_id) as source, open(part, "wb", opener=_private) as target:
                while data := source.read(AHEAD):
                    target.write(data)
                target.flush()
                os.fsync(target.fileno())
            part.replace(staged)
            durability.sync_directory(str(part.parent))
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def read(self, version_id: str) -> bytes:
        import obstore

        with told(version_id):
            return bytes(obstore.get(self._store, _key(version_id)).bytes())

    def open(self, version_id: str) -> BinaryIO:
        return reading(self._store, [Piece(_key(version_id), self.size(version_id))])

    def size(self, version_id: str) -> int:
        return int(self._head(_key(version_id))["size"])

    def is_there(self, version_id: str, size: int) -> bool:
        try:
            return self.size(version_id) == size
        except OSError:
            return False

    def prove(self, version_id: str) -> tuple[Content, str]:
        sha, xxh = hashlib.sha256(), xxhash.xxh3_128()
        size = self._digest(version_id, sha, xxh)
        return Content(size, sha.digest()), str(xxh.hexdigest())

    def mark(self, version_id: str) -> str:
        xxh = xxhash.xxh3_128()
        self._digest(version_id, xxh)
        return str(xxh.hexdigest())

    def _digest(self, version_id: str, *digests: Any) -> int:
        """Bytes that were read."""
        size = 0
        with self.open(version_id) as source:
            while data := source.read(AHEAD):
                size += len(data)
                for digest in digests:
                    digest.update(data)
        return size

    def held(self) -> Iterator[Held]:
        import obstore

        with told():
            for part in obstore.list(self._store, VERSIONS, chunk_size=1000):
                for found in part:
                    key = found["path"]
                    yield Held(key.rpartition("/")[2], found["last_modified"].timestamp(), key)

    def move_away(self, name: str, why: str) -> None:
        """Below `why/`; where that name is taken, beside it."""
        import obstore

        target = f"{why}/{name}"
        with contextlib.suppress(FileNotFoundError):
            self._head(target)
            target += f"-{secrets.token_hex(4)}"
        with contextlib.suppress(FileNotFoundError):
            with told(name):
                obstore.copy(self._store, _key(name), target)
            self._delete(_key(name))

    def available(self) -> bool:
        now = time.monotonic()
        if now - self._looked > KNOWN or not self._looked:
            try:
                self._head(MARKER)
                self._there = True
            except OSError:
                self._there = False
            self._looked = time.monotonic()
        return self._there

    def try_writing(self) -> None:
        """A storage without its marker is an OSError too: another one, or one that lost what it held."""
        import obstore

        self._head(MARKER)
        tried = f"tried/{secrets.token_hex(8)}"
        with told():
            obstore.put(self._store, tried, b"?", use_multipart=False)
        self._delete(tried)
        self._local.try_writing()

    def begin(self, token: str = "") -> bool:
        """The marker is there from now on; False where it was already, but for one of the same token."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        said = f"the versions of a portal\n{token}".encode()
        try:
            with told():
                obstore.put(self._store, MARKER, said, mode="create", use_multipart=False)
        except AlreadyExistsError:
            with told(MARKER):
                return bool(token) and bytes(obstore.get(self._store, MARKER).bytes()) == said
        return True

    def _head(self, key: str) -> Any:
        import obstore

        with told(key):
            return obstore.head(self._store, key)

    def _delete(self, key: str) -> None:
        import obstore

        with told(key):
            obstore.delete(self._store, key)


def _key(version_id: str) -> str:
    return f"{VERSIONS}{version_id[:2]}/{version_id}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def opened(address: str, key: str, secret: str) -> Store:
    """s3://BUCKET/PREFIX or az://ACCOUNT/CONTAINER/PREFIX, `?endpoint=` and `?region=` where it is not the provider's own.

    Without a key: what the machine was given (instance role, AWS_… and AZURE_… variables).
    """
    from obstore.store import AzureStore, S3Store

    from syncd.portal.portal_file import blob_address

    where = blob_address(address)
    plain = urlsplit(where.endpoint).scheme == "http"
    client: Any = {"allow_http": plain, "connect_timeout": "10s", "timeout": "120s"}
    retry: Any = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
    config: Any = {}
    if where.scheme == "s3":
        config |= {"endpoint": where.endpoint} if where.endpoint else {}
        if region := where.region or ("us-east-1" if where.endpoint else ""):
            config |= {"region": region}
        config |= {"access_key_id": key, "secret_access_key": secret} if key else {}
        return S3Store(
            where.bucket, prefix=where.prefix or None, config=config, client_options=client, retry_config=retry
        )
    config |= {"account_name": where.account}
    config |= {"endpoint": where.endpoint} if where.endpoint else {}
    config |= {"account_key": secret} if secret else {}
    return AzureStore(
        where.bucket, prefix=where.prefix or None, config=config, client_options=client, retry_config=retry
    )


@functools.lru_cache(maxsize=8)
def objects_at(address: str, key: str, secret: str, scratch: str) -> ObjectBlobs:
    """The one that this process has for a storage."""
    return ObjectBlobs(opened(address, key, secret), Path(scratch), guarded=True)
