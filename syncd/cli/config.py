"""`syncd config`: what is configured, and whether it is right."""

from __future__ import annotations

import dataclasses

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


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
    values = dataclasses.asdict(config_of(ctx))
    if as_json:
        line(values)
        return 0
    for name, value in values.items():
        if isinstance(value, dict):
            say(f"[{name}]")
            for key, item in value.items():
                say(f"{'from' if (name, key) == ('mail', 'sender') else key} = {_toml(item)}")
            say()
        else:
            say(f"{name} = {_toml(value)}")
    return 0


def _toml(value: object) -> str:
    import json

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
    config_of(ctx)
    say("Configuration valide.")
    return 0
