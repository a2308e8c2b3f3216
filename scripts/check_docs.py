"""Docs against the code: links resolve, every command is documented with an example, every key and ADR is listed."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

import click

from syncd.cli.group import cli
from syncd.config.model import KEYS

ROOT = Path(__file__).parent.parent
wrong: list[str] = []

for page in [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / "tree_templates").glob("*.md"),
]:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (page.parent / target).exists():
            wrong.append(f"{page.relative_to(ROOT)}: link to '{target}' leads nowhere")
    for path in re.findall(r"`((?:syncd|tests|scripts|docs|tree_templates)/[\w./-]+)`", text):
        if not (ROOT / path.rstrip("/")).exists():
            wrong.append(f"{page.relative_to(ROOT)}: '{path}' does not exist")
testing = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
for file, test in re.findall(r"`([\w/]+\.py)::(\w+)`", testing):
    at = ROOT / "tests" / file
    if not at.exists() or f"def {test}(" not in at.read_text(encoding="utf-8"):
        wrong.append(f"docs/testing.md: tests/{file} has no {test}")
HAZARDS = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
FAULTS = [
    f"{kind}{n}"
    for kind, most in (
        ("S-C", 1), ("S-H", 8), ("S-M", 13), ("S-L", 15), ("I-", 15), ("R-A", 5), ("R-B", 8), ("R-C", 6), ("R-D", 4),
        ("R-E", 9), ("R-F", 6), ("R-G", 4), ("R-H", 5), ("K-", 9), ("W", 9),
    )
    for n in range(1, most + 1)
] + ["S-INFO", *(f"I-{letter}" for letter in "abcdefg"), *(f"P-B{n}" for n in range(46))]  # fmt: skip
PARTS = [
    f"{part}-{n}"
    for part, most in (("A5", 20), ("B5", 10), ("C5", 12), ("E5", 15), ("F5", 13), ("H7", 15), ("H8", 10))
    for n in range(1, most + 1)
]
held = dict(re.findall(r"^\| ([\w-]+) \| [^|]+ \| (.+) \|$", testing, flags=re.MULTILINE))
for number in (*HAZARDS, *FAULTS, *PARTS):
    if number not in held:
        wrong.append(f"docs/testing.md: {number} has no row")
    elif not re.search(r"\.py::\w+`|^(check|changelog|open): ", held[number]):
        wrong.append(f"docs/testing.md: {number} names neither a test nor why there is none")

index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
for decision in sorted((ROOT / "docs" / "adr").glob("0*.md")):
    said = re.search(r"^\*\*Status:\*\* (.+)$", decision.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if said is None:
        wrong.append(f"docs/adr/{decision.name} has no status")
    elif not re.search(rf"\]\({decision.name}\) \| .+ \| {re.escape(said[1])} \|$", index, flags=re.MULTILINE):
        wrong.append(f"docs/adr/README.md: {decision.name} is missing, or has another status")
CITED = {
    "DESIGN": ("design.md", r"^## (\d+)\."),
    "RULES": ("rules.md", r"^## (\d+)\."),
    "HAZARDS": ("hazards.md", r"^\| (\d+) \|"),
}
sections = {
    name: set(re.findall(form, (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.MULTILINE))
    for name, (page, form) in CITED.items()
}
for page in [
    ROOT / "pyproject.toml",
    *(p for top in ("syncd", "tests", "scripts", "docs") for p in (ROOT / top).rglob("*.*")),
]:
    if page.suffix in (".py", ".md", ".toml", ".html", ".js") and "static" not in page.parts:
        for name, numbers in re.findall(
            r"\b(DESIGN|RULES|HAZARDS) (\d+(?:(?:, |–| to | and )\d+)*)", page.read_text(encoding="utf-8")
        ):
            for number in re.findall(r"\d+", numbers):
                if number not in sections[name]:
                    wrong.append(f"{page.relative_to(ROOT)}: {name} {number} is nowhere in docs/{CITED[name][0]}")
        for said in re.findall(r"\b(?:ADR|Adr) (\d+)", page.read_text(encoding="utf-8")):
            if not list((ROOT / "docs" / "adr").glob(f"{int(said):04}-*.md")):
                wrong.append(f"{page.relative_to(ROOT)}: ADR {said} is nowhere in docs/adr")
        for said in re.findall(
            r"\b(?:DOMAIN|PAGES|PLATFORMS|HOUSE|FINDINGS) [A-Z]?\d[\d.]*|\bE\d\.\d+\b", page.read_text(encoding="utf-8")
        ):
            wrong.append(f"{page.relative_to(ROOT)}: '{said}' is a section of no page here")


def walk(command: click.Command, name: str) -> None:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                walk(found, f"{name} {sub}")
    elif "Example" not in (command.help or ""):
        wrong.append(f"'{name} --help' shows no example")


walk(cli, "syncd")
configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
for section, keys in KEYS.items():
    for key in keys:
        if f"`{key}`" not in configuration and f" {key}`" not in configuration:
            wrong.append(f"docs/configuration.md: [{section}] {key} is missing")

static, bundle = ROOT / "syncd" / "portal" / "static" / "portal", ROOT / "scripts" / "bundle"
versions = list[str]()
offline = ROOT / "syncd" / "report" / "offline_page"
for at, bundle_name in ((static, "uppy"), (static, "pdfjs"), (offline, "libraries")):
    lines = (at / f"{bundle_name}.versions").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    versions += lines
    for digest, name in (words for words in map(str.split, lines) if len(words[0]) == 64):
        if hashlib.sha256((at / name).read_bytes()).hexdigest() != digest:
            wrong.append(
                f"{name} is not what scripts/bundle/make wrote: its digest is another than in {bundle_name}.versions"
            )
for packed in static.glob("*.gz"):
    if gzip.decompress(packed.read_bytes()) != packed.with_suffix("").read_bytes():
        wrong.append(f"{packed.name} is not {packed.stem} packed (scripts/bundle/make)")
lock = json.loads((bundle / "package-lock.json").read_text(encoding="utf-8"))["packages"]
asked = json.loads((bundle / "package.json").read_text(encoding="utf-8"))["dependencies"]
if lock[""]["dependencies"] != asked:
    wrong.append("scripts/bundle: package.json asks for other packages than its lock has (./make --lock)")
for place, package in lock.items():
    if place and ("integrity" not in package or "resolved" in package):
        wrong.append(f"scripts/bundle/package-lock.json: {place} needs its digest, and no address")
for words in (line.split() for line in versions if len(line.split()[0]) != 64):
    if lock.get(f"node_modules/{words[0]}", {}).get("version") != words[1]:
        wrong.append(f"*.versions: {words[0]} {words[1]} is not what the lock has")

if wrong:
    sys.exit("\n".join(wrong))
