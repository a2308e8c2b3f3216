"""`syncd config`: what is configured, and whether it is right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.structs import fields

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say, tell
from syncd.core.words.commands import CONFIGURATION
from syncd.schedule.calendar import Bandwidth, Calendar


@click.group()
def config() -> None:
    """The configuration file."""


@config.command()
@json_option
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> int:
    """Print every key with the value in force (file, environment, default). The key itself is never shown.

    \b
    Example:
      syncd config show
    """
    config = config_of(ctx, stay=True)
    if as_json:
        line({f.name: _plain(getattr(config, f.name)) for f in fields(config)})
        return 0
    for name in ("language", "timezone"):
        say(f"{name} = {_toml(getattr(config, name))}")
    for name in ("mirror", "portal", "schedule", "guards", "mail", "monitor", "intake"):
        _section(f"[{name}]", getattr(config, name))
    for name, tables in (("job", config.jobs), ("recipient", config.recipients), ("old_tree", config.old_trees)):
        for table in tables:
            _section(f"[[{name}]]", table)
    return 0


def _section(title: str, values: Any) -> None:
    say()
    say(title)
    for key, item in _plain(values).items():
        if item is not None:
            say(f"{key} = {_toml(item)}")


_NAMES = {"sender": "from", "calendar": "when"}


def _plain(value: Any) -> Any:
    """As the file has it."""
    if isinstance(value, Calendar | Bandwidth):
        return value.text
    if isinstance(value, msgspec.Struct):
        return {_NAMES.get(f.name, f.name): _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | frozenset):
        return [_plain(v) for v in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _toml(value: object) -> str:
    import json

    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(v)}" for name, v in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@config.command()
@click.pass_context
def validate(ctx: click.Context) -> int:
    """Check the file: every mistake with its place. Exit 0 when all is well, 2 otherwise.

    \b
    Example:
      syncd --config syncd.toml config validate
    """
    from syncd.core.errors import UsageError

    config = config_of(ctx, stay=True)
    ca_file = config.portal.ca_file
    if ca_file and not Path(ca_file).is_file():
        raise UsageError(
            f"[portal] ca_file: there is no file '{ca_file}'.", mend="Name the authority's certificate (PEM)."
        )
    tell(CONFIGURATION)
    return 0
