"""Writes docs/manuel/reference.md from the code: commands, exit codes, verdicts, reasons, configuration keys."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncd.cli.group import cli
from syncd.config.model import KEYS, LISTS
from syncd.core.verdicts import Verdict
from syncd.core.words import LABELS, REASONS

PAGE = Path(__file__).parent.parent / "docs" / "manuel" / "reference.md"
CODES = (
    (0, "terminé"), (1, "arrêt : disque, racine ou mémoire"), (2, "commande ou configuration à corriger"),
    (3, "terminé, des documents sont refusés ou en erreur, ou le compte rendu n'a pas pu être écrit"), (4, "quelque chose attend votre accord"),
    (5, "clé ou droit refusé"), (6, "plateforme injoignable"), (10, "durée maximale atteinte"),
    (11, "une autre synchronisation travaille"), (130, "interrompu proprement (Ctrl-C)"), (143, "interrompu proprement (SIGTERM)"),
)  # fmt: skip


def commands(command: click.Command, name: str) -> list[str]:
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        out: list[str] = []
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                out += commands(found, f"{name} {sub}")
        return out
    lines = [f"### `{name}`", "", "```text", command.get_help(context).strip(), "```", ""]
    return [line.rstrip() for line in "\n".join(lines).split("\n")]


def _kind(kind: str) -> str:
    """`ask|allow` → `ask` ou `allow`; a required one says so."""
    text = " ou ".join(f"`{word}`" for word in kind.rstrip("!").split("|"))
    return text + (" (obligatoire)" if kind.endswith("!") else "")


def page() -> str:
    out = [
        "# Référence", "", "Page écrite par `scripts/reference.py` d'après le programme lui-même.", "",
        "## Codes de sortie", "", "| code | sens |", "|---|---|", *(f"| {n} | {text} |" for n, text in CODES), "",
        "## Verdicts", "", "| code | en français |", "|---|---|", *(f"| `{v.value}` | {LABELS[v][0]} |" for v in Verdict), "",
        "## Raisons", "", "| code | ce que vous lisez |", "|---|---|",
        *(f"| `{code}` | {french} |" for code, (french, _) in sorted(REASONS.items())), "",
        "## Clés de la configuration", "",
        "Ce que chacune veut dire, et comment s'écrivent calendriers et débits : `configuration.md` (en anglais), dans l'archive livrée "
        "et dans `/usr/share/doc/syncd`.", "", "| section | clé | forme |", "|---|---|---|",
        *(f"| `{f'[{s}]' if s else 'en tête'}` | `{k}` | {_kind(kind)} |" for s, keys in KEYS.items() for k, kind in keys.items()),
        *(f"| `[[{s}]]` | `{k}` | {_kind(kind)} |" for s, keys in LISTS.items() for k, kind in keys.items()),
        "", "## Commandes", "",
    ]  # fmt: skip
    return "\n".join([*out, *commands(cli, "syncd")]).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/manuel/reference.md is not what the code says: run .venv/bin/python scripts/reference.py")
    else:
        PAGE.write_text(page(), encoding="utf-8")
