"""What documents say, in tables of the portal's PostgreSQL database: words that are folded already, as `texts` has them.

Each text is one vector of the words that `text_search` sees in it, with their places, so that the same things are found as
on the embedded database. The tables are made by whoever writes first; they may be dropped at any time.
"""

from __future__ import annotations

import functools
import re
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from syncd.core import text_search
from syncd.core.search_folding import fold
from syncd.portal import server_database
from syncd.portal.storage.texts import AT_ONCE, PAUSES, TRIES

FORM = "1"  # of what is kept: another one, and all is read again
LONGEST = 500  # characters of a word: one that is longer is found by these
MOST = 1_000_000  # bytes of a text's words with their places: PostgreSQL takes no more than 2^20 - 1
FARTHEST = 16_382  # the last place that PostgreSQL tells from the next one
PLACES = 255  # that it keeps of a word
_WORD = re.compile(r"[^\W_]+")
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS portal_said (number bigserial PRIMARY KEY, version varchar(32) NOT NULL UNIQUE,
    client varchar(32) NOT NULL, tries integer NOT NULL DEFAULT 0, due double precision, turn integer NOT NULL,
    words tsvector, packed bytea)""",
    "CREATE INDEX IF NOT EXISTS portal_said_due ON portal_said (due, turn) WHERE due IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS portal_said_client ON portal_said (client, turn)",
    "CREATE INDEX IF NOT EXISTS portal_said_words ON portal_said USING gin (words)",
    "CREATE TABLE IF NOT EXISTS portal_said_mark (name varchar(100) PRIMARY KEY, said text NOT NULL)",
    "INSERT INTO portal_said_mark VALUES ('form', '1') ON CONFLICT DO NOTHING",  # FORM
)


class ServerTexts:
    """Keeps to `port.TextIndex`; any thread and any process may ask."""

    def __init__(self) -> None:
        self._there = False

    def expect(self, versions: Sequence[tuple[str, str]]) -> None:
        now = time.time()
        self._many(
            "INSERT INTO portal_said (version, client, due, turn) SELECT %s, %s, %s, coalesce(max(turn), 0) + 1"
            " FROM portal_said WHERE client = %s ON CONFLICT (version) DO NOTHING",
            [(version, client, now, client) for version, client in versions],
        )

    def forget(self, versions: Sequence[str]) -> None:
        for n in range(0, len(versions), AT_ONCE):
            self._do("DELETE FROM portal_said WHERE version = ANY(%s)", [list(versions[n : n + AT_ONCE])])

    def known(self) -> Iterator[str]:
        after = ""
        while rows := self._ask(
            "SELECT version FROM portal_said WHERE version > %s ORDER BY version LIMIT 5000", [after]
        ):
            yield from (version for (version,) in rows)
            after = rows[-1][0]

    def take(self) -> str:
        self._make()
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT number, version, tries FROM portal_said WHERE due <= %s ORDER BY due DESC, turn DESC"
                    " LIMIT 1 FOR UPDATE SKIP LOCKED",
                    [time.time()],
                )
                row = cursor.fetchone()
                if row is None:
                    return ""
                number, version, tries = row
                again = time.time() + PAUSES[tries] if tries < TRIES else None
                cursor.execute("UPDATE portal_said SET tries = tries + 1, due = %s WHERE number = %s", [again, number])
            if again is not None:
                return str(version)

    def put_back(self, version: str) -> None:
        self._do("UPDATE portal_said SET tries = tries - 1, due = %s WHERE version = %s", [time.time(), version])

    def put(self, version: str, text: str) -> None:
        text = text.replace("\0", " ")
        packed = zlib.compress(text.encode(), 6) if text else None
        self._do(
            "UPDATE portal_said SET due = NULL, words = %s::tsvector, packed = %s WHERE version = %s",
            [vector(fold(text)) if text else None, packed, version],
        )

    def waiting(self) -> int:
        rows = self._ask("SELECT count(*) FROM portal_said WHERE due IS NOT NULL")
        return int(rows[0][0])

    def mark(self, name: str) -> str:
        rows = self._ask("SELECT said FROM portal_said_mark WHERE name = %s", [name])
        return str(rows[0][0]) if rows else ""

    def keep_mark(self, name: str, said: str) -> None:
        self._do(
            "INSERT INTO portal_said_mark VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET said = excluded.said",
            [name, said],
        )

    def holding(self, word: str, clients: Collection[str] | None) -> Q | None:
        phrases = text_search.phrases(word)
        if not phrases or not self._is_there():
            return None
        end = "" if len(word) == 1 else ":*"
        wanted = " | ".join("(" + " <-> ".join(f"'{t[:LONGEST]}'" for t in tokens) + end + ")" for tokens in phrases)
        found = "SELECT version FROM portal_said WHERE words @@ %s::tsquery"
        if clients is None:
            return Q(version_id__in=RawSQL(found, (wanted,)))  # noqa: S611 - its text is this file's
        return Q(version_id__in=RawSQL(f"{found} AND client = ANY(%s)", (wanted, sorted(clients))))  # noqa: S611

    def texts(self, versions: Sequence[str]) -> dict[str, tuple[str, str]]:
        if not versions or not self._is_there():
            return {}
        rows = self._ask(
            "SELECT version, packed FROM portal_said WHERE version = ANY(%s) AND packed IS NOT NULL", [list(versions)]
        )
        found = {version: zlib.decompress(packed).decode() for version, packed in rows}
        return {version: (text, fold(text)) for version, text in found.items()}

    def mend(self) -> bool:
        """The server looks after its own files; another form of ours is made anew."""
        if self.mark("form") == FORM:
            return False
        self.clear()
        self.keep_mark("form", FORM)
        return True

    def clear(self) -> None:
        if self._is_there():
            self._do("TRUNCATE portal_said, portal_said_mark", [])

    def close(self) -> None:
        """Nothing of it is open."""

    def _is_there(self) -> bool:
        if self._there:
            return True
        found = server_database.has("portal_said_mark")
        self._there = found and not connection.in_atomic_block  # what a transaction made may not stay
        return found

    def _make(self) -> None:
        if self._is_there():
            return
        server_database.make("portal_said_mark", _SCHEMA)

    def _ask(self, asked: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._make()
        with connection.cursor() as cursor:
            cursor.execute(asked, given)
            return list(cursor.fetchall())

    def _do(self, asked: str, given: Sequence[Any]) -> None:
        self._make()
        with connection.cursor() as cursor:
            cursor.execute(asked, given)

    def _many(self, asked: str, given: Sequence[Sequence[Any]]) -> None:
        self._make()
        if given:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(asked, given)


def vector(folded: str) -> str:
    """What PostgreSQL reads as the words of a text with their places; a word is letters and digits: nothing to be escaped.

    As much of it as PostgreSQL takes, from its beginning: of a text with too many different words the last are not found. Places
    begin anew after the farthest, so that neighbours are neighbours far down, too.
    """
    places, size = dict[str, list[int]](), 0
    for n, match in enumerate(_WORD.finditer(folded), 1):
        word = match[0][:LONGEST]
        if (known := places.get(word)) is None:
            size += len(word.encode()) + 8  # its entry, how many places it has, and what both are aligned to
            if size > MOST:
                break
            known = places[word] = []
        if len(known) < PLACES and size + 2 <= MOST:
            known.append((n - 1) % FARTHEST + 1)
            size += 2
    return " ".join(f"'{word}':{','.join(map(str, at))}" if at else f"'{word}'" for word, at in places.items())


@functools.lru_cache(maxsize=8)
def texts_of(database: str) -> ServerTexts:
    """The one that this process has for a database of that name."""
    return ServerTexts()
