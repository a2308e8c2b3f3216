"""A root, a state and logs, bound to one cabinet of one portal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from syncd.operations.drop_privileges import become_owner_of
from syncd.operations.drop_privileges import name as account_name

if TYPE_CHECKING:
    from syncd.config.model import Config


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted; every path is absolute. `mail`: the keys of [mail] that are known."""

    root: Path
    state: Path
    logs: Path
    portal: str
    token_file: Path
    out: Path
    first_publication: str = "ask"
    ca_file: Path | None = None
    mail: Mapping[str, Any] = {}


def init(wanted: Installation, ask_key: Callable[[], str] | None = None) -> str:
    """The cabinet's name, once everything is made and the configuration is written.

    `ask_key`: gives the portal's key where its file is not there yet. Raises UsageError, Refused, Unreachable; until the
    portal has answered nothing is made but the key's file, and a key that the portal refuses is taken away again.
    """
    from syncd.config.write import text
    from syncd.core.errors import Refused
    from syncd.wiring import assembly

    portal = _address(wanted.portal)
    become_owner_of(wanted.state)
    _check_places(wanted)
    typed = _key(wanted.token_file, ask_key)
    given = os.environ.get("SYNCD_PORTAL_CA_FILE")
    ca_file = wanted.ca_file or (Path(given) if given else None)
    content = text(
        wanted.root, wanted.state, wanted.logs, portal, wanted.token_file, wanted.first_publication,
        ca_file and ca_file.absolute(), wanted.mail,
    )  # fmt: skip
    config = assembly.check_config_text(content, wanted.out)
    _check_directories(wanted)
    try:
        cabinet, name = asyncio.run(_met(config))
    except Refused:
        if typed:
            wanted.token_file.unlink(missing_ok=True)  # the next try asks for it again
        raise
    _bind(config, wanted, cabinet)
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    _write(wanted.out, content)
    return name


def _address(portal: str) -> str:
    from syncd.core import web_address
    from syncd.core.errors import UsageError

    try:
        return str(web_address.safe(portal))
    except ValueError as e:
        raise UsageError(f"--portal {portal!r}: {e}.") from None


def _check_places(wanted: Installation) -> None:
    """Before anything is made: what this account may not do is one sentence. Raises UsageError."""
    from syncd.core.errors import UsageError

    for option, directory in (
        ("--state", wanted.state), ("--logs", wanted.logs), ("--root", wanted.root), ("--out", wanted.out.parent),
    ):  # fmt: skip
        there = next((p for p in (directory, *directory.parents) if os.path.lexists(p)), directory)
        if there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
            raise UsageError(
                f"{option} '{directory}': this account may not write in '{there}'.",
                mend=f"As root: install -d -o {account_name()} -m 0700 {directory} (the handbook says which mode each has).",
            )
    if wanted.out.exists():
        raise UsageError(f"'{wanted.out}' exists already.", mend="Remove it, or choose another --out.")


def _check_directories(wanted: Installation) -> None:
    from syncd.core.errors import UsageError

    for path in (wanted.root, wanted.state, wanted.logs):
        if path.exists() and not path.is_dir():
            raise UsageError(f"'{path}' is not a directory.")
    state = wanted.state
    if state.exists() and any(state.iterdir()) and not (state / "state.db").exists():
        raise UsageError(
            f"'{state}' is not empty and holds no state of syncd.", mend="Choose an empty or a new directory."
        )


def _key(token_file: Path, ask: Callable[[], str] | None) -> bool:
    """Whether a key was asked for, and kept where only this account reads it."""
    if token_file.exists() or os.environ.get("SYNCD_TOKEN") or ask is None:
        return False
    key = ask().strip()
    token_file.parent.mkdir(parents=True, exist_ok=True)
    _write(token_file, key + "\n")
    return True


async def _met(config: Config) -> tuple[str, str]:
    """The portal's cabinet: its id, its name."""
    from syncd.core.protocol import Caller
    from syncd.wiring import assembly

    remote = assembly.remote(config)
    try:
        hello = await remote.hello(Caller("", platform.node(), "", lease=False), None)
        return hello.cabinet, hello.cabinet_name
    finally:
        await remote.close()


def _bind(config: Config, wanted: Installation, cabinet: str) -> None:
    """State, root and logs, made where they are not there. Raises Refused, UsageError: they are another's."""
    from syncd.core.errors import Refused, UsageError
    from syncd.disk import private
    from syncd.wiring import assembly

    state = wanted.state
    private.directory(state)
    with assembly.lock(config), contextlib.closing(assembly.store(config, writes=True)) as store:
        bound = store.progress.read()
        if bound.cabinet not in ("", cabinet):
            raise Refused(
                "stop_other_cabinet",
                f"The state in '{state}' is of another cabinet.",
                mend="Choose another --state, or the right portal and key.",
            )
        identity = assembly.mark_root(config, cabinet)
        if bound.root not in ("", identity):
            raise UsageError(f"the state in '{state}' was made for another root.", mend="Choose another --state.")
        wanted.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        # a mirror made anew over its root is the same engine to the lease
        store.progress.change(cabinet=cabinet, root=identity, engine=identity)


def _write(path: Path, text: str) -> None:
    """A new file that only this account reads."""
    from syncd.disk import private

    with open(path, "x", encoding="utf-8", opener=private.owned) as f:
        f.write(text)
