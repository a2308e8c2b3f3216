"""All printing. JSON Lines with --json; otherwise words, on standard output; faults on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from syncd.core.errors import SyncdError

if TYPE_CHECKING:
    from syncd.core.words.phrase import Phrase


def say(text: str = "") -> None:
    """A line for people; what the terminal cannot show is escaped, never an error."""
    print(_showable(text), flush=True)


def say_all(pieces: Iterable[str]) -> None:
    """Text that comes in pieces, and an empty line."""
    for piece in pieces:
        print(_showable(piece), end="")
    say()


def _showable(text: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


FLUSH = 0.2
_flushed = 0.0


def line(value: Any) -> None:
    """One JSON line; thousands of them are not a write each, and none waits for long."""
    global _flushed
    due = (now := time.monotonic()) - _flushed >= FLUSH
    sys.stdout.write(_json(value) + "\n")  # at once: unbuffered, `print` would write twice
    if due:
        sys.stdout.flush()
        _flushed = now


_BREAKS = "\x7f\x85\u2028\u2029"


def _json(value: Any) -> str:
    """One line for every reader: some take other characters than a line feed for the end of one."""
    if (sys.stdout.encoding or "").lower() in ("utf-8", "utf8"):
        import msgspec

        text = msgspec.json.encode(value, enc_hook=str).decode()
        for c in _BREAKS:
            if c in text:
                text = text.replace(c, f"\\u{ord(c):04x}")
        return text
    return json.dumps(value, default=str)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def tell(phrase: Phrase, /, **values: object) -> None:
    """A line in the language of this invocation."""
    say(phrase(language(), **values))


def failed(error: SyncdError) -> int:
    """Its exit code, once it was said: in the configuration's language, in English where none was read."""
    if LANGUAGE in ("", "en"):
        warn(f"syncd: {error}")
    else:
        from syncd.core.words import fault

        warn(f"syncd: {fault(error, LANGUAGE)}")
    return error.exit_code


STATE = ""  # the directory of the configuration in use
LANGUAGE = ""  # and what people read by it


def language() -> str:
    """The configuration's; where none is read the environment's, else French."""
    return LANGUAGE or ("en" if os.environ.get("SYNCD_LANGUAGE") == "en" else "fr")


def unexpected(error: BaseException) -> int:
    """A sentence for whoever sees it, and where the whole of it is."""
    try:
        from syncd.engine.unexpected_errors import line as short
        from syncd.wiring.fault_log import write_down

        path = write_down(error, STATE)
        said = f"unexpected error ({short(error)}). Send '{path}' to whoever maintains syncd, then run again."
    except Exception as e:  # a module that this account may not read, no place for a file: the sentence is all there is
        said = f"unexpected error ({_short(error)}), and it could not be written down ({_short(e)})."
    with contextlib.suppress(OSError, ValueError):  # there may be nobody to read it
        warn(f"syncd: {said}")
    return 1


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


class Progress:
    """A line that says how far a run is; only on a terminal, gone when it ends (NO_COLOR is honoured)."""

    def __init__(self, *, shown: bool) -> None:
        self._count = 0
        self._status: Any = None
        if shown and sys.stdout.isatty():
            from rich.console import Console

            from syncd.core.words.commands import COMPARING

            self._status = Console().status(COMPARING(language()))
            self._status.start()

    def step(self, client: str, path: str) -> None:
        self._count += 1
        if self._status is not None:
            from rich.markup import escape

            self._status.update(f"{self._count} – {escape(client)} {escape(path[-60:])}")

    def reached(self, done: int, of: int, what: str) -> None:
        """The same, as somebody else who is at it says."""
        if self._status is not None:
            from rich.markup import escape

            self._status.update(f"{done} – {escape(what[-70:])}")

    def close(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


class Bar:
    """A progress bar, only on a terminal: call it with (done, of)."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        if sys.stdout.isatty():
            from rich.progress import Progress as Rich

            self._bar = Rich(transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=None)
        return self

    def __call__(self, done: int, of: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=of)

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
