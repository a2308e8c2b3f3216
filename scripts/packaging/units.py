"""The package's units, from the same texts as `syncd service print`: what a cabinet decides comes by drop-ins (`syncd setup`)."""

from __future__ import annotations

import re
from string import Template

from common import TOP

UNITS = TOP / "syncd" / "cli" / "units"
SAME = {"syncd": "/usr/bin/syncd", "group": "syncd", "config": "/etc/syncd/syncd.toml", "token": "/etc/syncd/token",
        "statedir": "syncd", "credential": ""}  # fmt: skip
LATER = {"root", "logs", "portal", "host"}  # a cabinet's own
WHEN = {"syncd.service": "/etc/syncd/syncd.toml", "syncd-portal.service": "/var/lib/syncd-portal/portal.db"}


def all_of_them() -> dict[str, str]:
    """name → text. A unit without what it needs is not started, and is no failure."""
    found = {}
    for kind in ("systemd", "portal"):
        text = (UNITS / f"{kind}.txt").read_text(encoding="utf-8")
        for part in re.split(r"(?m)^(?=# /etc/)", text):
            if named := re.match(r"# /etc/systemd/system/(\S+?):?(?: .*)?\n", part):
                found[named[1]] = _unit(named[1], part[named.end() :])
    assert set(WHEN) <= set(found), found
    return found


def _unit(name: str, text: str) -> str:
    kept = []
    for line in text.splitlines():
        asks = set(re.findall(r"(?<!\$)\$\{?([a-z]+)", line))
        if line.startswith("Description="):
            line = line.replace("mirrors the client folders with $portal", "mirrors the client folders with the portal")
        elif asks & LATER or line.startswith("# Its account"):
            continue
        kept.append(Template(line).substitute(SAME))
        if line == "[Unit]" and name in WHEN:
            kept.append(f"ConditionPathExists={WHEN[name]}")
    return "\n".join(line for line in kept if line is not None).rstrip() + "\n"
