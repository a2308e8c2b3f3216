"""A right that is missing is one sentence and an exit code, whatever the command is: no traceback, ever (I-2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from syncd.cli.group import cli
from tests.handbook.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]  # the delivery is made first, whatever else goes on
ACCOUNT, STRANGER = 61001, 61002
BASE = "/srv/rights"
PORTAL = "PORTAL"

# What a command is given after its name (another: nothing, or the portal); PORTAL, IN and OUT are places of the situation.
ARGS: dict[str, list[str]] = {
    "init": ["--root", "OUT/root", "--state", "OUT/state", "--logs", "OUT/logs", "--portal", "http://127.0.0.1:8081", "--token-file", "TOKEN", "--out", "OUT/new.toml"],
    "run": [], "watch": [], "status": [], "approve": ["--all", "--yes"], "verify": [], "restore": ["007868", "--run", "1", "--dry-run"], "doctor": [],
    "report": [], "mail test": [], "mail stopped": [], "schedule list": [], "service print": ["systemd", "--to", "OUT"],
    "journal": ["007868"], "setup engine": [], "setup portal": ["--host", "documents.example.fr"], "client list": [],
    "config show": [], "config validate": [], "template check": ["TEMPLATE"], "template list": [], "template show": ["commerce"],
    "portal init": ["NEW", "--cabinet", "Cabinet", "--admin-email", "a@example.fr"], "portal serve": [PORTAL, "--port", "0"],
    "portal engine-token": [PORTAL, "--to", "OUT/key"], "portal engine-right": [PORTAL, "007868", "Social", "off"],
    "portal backup": [PORTAL, "OUT/backup"], "portal restore": [PORTAL, "OUT/restored"], "portal migrate": [PORTAL], "portal check": [PORTAL, "--repair"],
    "portal client add": [PORTAL, "B002", "SARL Martin"], "portal client list": [PORTAL], "portal client close": [PORTAL, "007868"],
    "portal client set": [PORTAL, "007868", "--name", "SARL"], "portal client exercise": [PORTAL, "007868", "2025", "2025-01-01", "2025-12-31"],
    "portal client quota": [PORTAL, "007868", "5000"], "portal client import": [PORTAL, "IN"], "portal client model": ["OUT/clients.xlsx"],
    "portal folder add": [PORTAL, "007868", "Achats/x"], "portal folder move": [PORTAL, "007868", "Achats/y", "Achats/z"], "portal folder remove": [PORTAL, "007868", "Achats/y"],
    "portal document put": [PORTAL, "007868", "Achats/n.txt", "IN"], "portal document list": [PORTAL, "007868"],
    "portal document get": [PORTAL, "007868", "Achats/a.txt", "OUT/got"], "portal document move": [PORTAL, "007868", "Achats/a.txt", "Ventes/a.txt"],
    "portal document remove": [PORTAL, "007868", "Achats/a.txt"], "portal document restore": [PORTAL, "007868", "Achats/a.txt"],
    "portal person list": [PORTAL], "portal person reset-password": [PORTAL, "a@example.fr"], "portal person second-factor": [PORTAL, "a@example.fr", "off"],
}  # fmt: skip

# name: (account, what root does to a copy of the installation first)
SITUATIONS: dict[str, tuple[int, str]] = {
    "config": (STRANGER, "chmod 600 syncd.toml"),
    "state": (STRANGER, "chmod 644 syncd.toml token"),
    "state closed": (ACCOUNT, "chown root state; chmod 700 state"),
    "state file": (ACCOUNT, "chown root state/*; chmod 600 state/*"),
    "state written": (ACCOUNT, "chown -R root state; chmod 755 state; chmod 644 state/*"),
    "root": (ACCOUNT, "chown root root; chmod 700 root"),
    "root written": (ACCOUNT, "chown root root; chmod 755 root"),
    "key": (ACCOUNT, "chown root token; chmod 600 token"),
    "logs": (ACCOUNT, "chown root logs; chmod 700 logs"),
    "logs written": (ACCOUNT, "chown -R root logs; chmod -R a+rX logs"),
    "read-only": (ACCOUNT, "mount --bind . . && mount -o remount,bind,ro ."),
    "portal": (STRANGER, "chmod 755 portal; chmod 600 portal/*.db"),
    "portal file": (ACCOUNT, "chown root portal/portal.db; chmod 600 portal/portal.db"),
    "portal written": (ACCOUNT, "chown -R root portal; chmod 755 portal; chmod -R a+rX portal"),
    "portal key": (ACCOUNT, "chown root portal/secret_key; chmod 600 portal/secret_key"),
    "portal blobs": (ACCOUNT, "chown root portal/blobs; chmod 700 portal/blobs"),
}  # fmt: skip

MADE = f"""
set -e
mkdir -p {BASE}/base && cd {BASE}/base && echo 'une phrase assez longue' > password
syncd portal init portal --cabinet Cabinet --admin-email a@example.fr --admin-password-file password
syncd portal client add portal 007868 'SARL Dupont'
syncd template show commerce > t.toml; echo a > a.txt; syncd portal document put portal 007868 Achats/a.txt a.txt
syncd portal folder add portal 007868 Achats/y
syncd portal engine-token portal --to token
syncd portal serve portal --port 8081 > serving & sleep 0.1
until grep -q http serving; do sleep 0.1; done
syncd init --root $PWD/root --state $PWD/state --logs $PWD/logs --portal http://127.0.0.1:8081 --token-file $PWD/token --out syncd.toml
syncd --config syncd.toml run
kill %1; wait
chown -R {ACCOUNT}:{ACCOUNT} .; chmod 755 . ; chmod 600 token
"""


def prepare(machine: Machine) -> None:
    """An installation with a client and a document on both sides, and a copy for each situation."""
    machine.type(MADE)
    machine.bring(Path(__file__).parent / "rights.py", f"{BASE}/rights.py")
    for name, (_, change) in SITUATIONS.items():
        at = f"{BASE}/{name.replace(' ', '-')}"
        machine.type(f"cp -a {BASE}/base {at} && cd {at} && sed -i 's#{BASE}/base#{at}#' syncd.toml && {change}")


def commands(command: click.Command = cli, *above: str) -> list[str]:
    """Every command there is."""
    if not isinstance(command, click.Group):
        return [" ".join(above)]
    named = (
        (name, command.get_command(click.Context(command), name))
        for name in command.list_commands(click.Context(command))
    )
    return [found for name, sub in named if sub is not None for found in commands(sub, *above, name)]


def tried(machine: Machine, situations: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    asked: list[list[dict[str, object]]] = []
    keys: list[list[tuple[str, str]]] = []
    machine.type(
        f"cd {BASE}/base && (nohup syncd portal serve portal --port 8081 > serving 2>&1 &) && until grep -q http serving; do sleep 0.1; done"
    )
    for name in situations:
        asked.append([])
        keys.append([])
        uid, _ = SITUATIONS[name]
        at = f"{BASE}/{name.replace(' ', '-')}"
        places = {
            PORTAL: f"{at}/portal",
            "IN": f"{at}/a.txt",
            "TEMPLATE": f"{at}/t.toml",
            "NEW": f"{at}/portal/new",
            "TOKEN": f"{at}/token",
        }
        for command in commands():
            args = ARGS.get(command, [PORTAL] if command.startswith("portal ") else [])
            if (command.split()[0] == "portal") != name.startswith(("portal", "read")) and not name.startswith("read"):
                continue
            if command in ONCE and name not in ("config", "read-only"):
                continue
            if command == "portal init" and name not in ("portal", "portal written", "read-only"):
                continue  # it has the right there, and takes seconds
            given = [places.get(a, a.replace("OUT", f"{at}/out", 1) if a.startswith("OUT") else a) for a in args]
            asked[-1].append({"args": ["--config", f"{at}/syncd.toml", *command.split(), *given], "uid": uid})
            keys[-1].append((name, command))
    done = machine.type(f"/usr/lib/syncd/bin/python3.11 -I -X utf8 {BASE}/rights.py", stdin=json.dumps(asked))
    answers = json.loads(done.stdout.splitlines()[-1])
    return {key: said for names, some in zip(keys, answers, strict=True) for key, said in zip(names, some, strict=True)}


def fault(situation: str, command: str, said: dict[str, Any]) -> str:
    """'' when it was said as it should be."""
    told = said["out"] + said["err"]
    if "Traceback" in told or "unexpected error" in told:
        return "a traceback"
    goes_on = command in ("watch", "portal serve") and said["code"] == -14
    if said["code"] not in (0, 1, 2, 3) and not goes_on:
        return "an exit code that says something else"
    if situation in PORTAL_NEEDS and command not in NO_PORTAL and said["code"] != 2:
        return "done without the right"
    if said["code"] and not goes_on and not any(len(line) > 20 for line in told.splitlines()):
        return "no sentence"
    if "Move it away" in told:
        return "a mend that loses what only the right is missing for"
    return ""


# What touches neither state nor documents is tried where the configuration is closed, and on a disk that is read-only.
ONCE = frozenset(
    ["setup engine", "setup portal", "template check", "template list", "template show", "config show", "config validate",
     "schedule list", "mail test", "mail stopped", "service print"]
)  # fmt: skip
PORTAL_NEEDS = ("portal", "portal file", "portal written", "portal key")
NO_PORTAL = ("portal client model", "portal init")


def test_the_table_names_what_there_is() -> None:
    assert not set(ARGS) - set(commands())


def test_a_missing_right_is_a_sentence_whatever_the_command(make_machine: Callable[[], Machine]) -> None:
    machine = make_machine()
    machine.type("dpkg -i syncd_0.1.0_amd64.deb", cwd="/root/livraison")
    prepare(machine)
    wrong = {key: (why, said) for key, said in tried(machine, list(SITUATIONS)).items() if (why := fault(*key, said))}
    assert not wrong, "\n".join(f"{s}: {c}: {why}: {said}" for (s, c), (why, said) in wrong.items())
