"""What the pages tell people to type exists, and brings nobody else's code onto the machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from syncd.cli.group import cli

pytestmark = pytest.mark.lists

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]


def commands(page: Path) -> Iterator[str]:
    """Lines of blocks, and code within sentences; a line that goes on below is one."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line.startswith("    "):
            yield line.strip().removeprefix("$ ").split("  #")[0]
        else:
            yield from re.findall(r"`([^`]+)`", line)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_page_installs_a_package_that_nobody_owns(page: Path) -> None:
    """A name on a public index is whoever's registers it: ours is installed by file, what it needs by hash."""
    for line in commands(page):
        if not re.search(r"\b(pip3?|pipx|uv|uvx|conda|poetry|npm|npx)\b.*\b(install|add|run|i)\b|\b(uvx|npx)\b", line):
            continue
        by_hash = "--no-index" in line and "--require-hashes -r " in line
        assert by_hash, f"{page.name}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_debian_packages_are_files_of_the_delivery_or_debians_own(page: Path) -> None:
    for line in commands(page):
        if found := re.match(r"(?:sudo )?(?:apt|apt-get) install (.*)", line):
            for word in found[1].split():
                known = word.startswith(("./", "-")) and ("…" in word or word.endswith(".deb") or word.startswith("--"))
                assert known or word == "nginx", f"{page.name}: {line}"


def test_the_check_sees_what_it_is_there_for(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for line in (
        "pip install 'syncd[portal]'",
        "/opt/syncd/bin/pip install syncd",
        "uvx syncd",
        "/opt/syncd/bin/pip install --require-hashes -r requirements.txt",
        "python -m pip install .",
    ):
        page.write_text(f"Installez :\n\n    {line}\n")
        with pytest.raises(AssertionError):
            test_no_page_installs_a_package_that_nobody_owns(page)


def _words(line: str) -> list[str]:
    """What stands after `syncd` in a command line, up to the next program."""
    found = re.search(r"(?:^|[;&|] |runuser -u \w+ -- |-c ')syncd (.*)", line)
    if not found or "…" in found[1] or "|" in found[1] or "[" in found[1]:
        return []
    try:
        words = shlex.split(re.split(r" [;&>]|'$", found[1])[0])
    except ValueError:
        return []
    return words


def _fault(words: list[str]) -> str:
    """'' for a command that there is, with options that it has."""
    command: click.Command = cli
    rest = list(words)
    known = {"--config"}
    while isinstance(command, click.Group):
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option in ("--version", "--help"):
                return ""
            if option.split("=")[0] not in known:
                return f"no option {option}"
            if "=" not in option and rest:
                rest.pop(0)
        if not rest:
            return ""
        name = rest.pop(0)
        if not re.fullmatch(r"[a-z-]+", name):
            return ""  # a sentence, not a command
        following = command.get_command(click.Context(command), name)
        if following is None:
            return f"no command {name}"
        command, known = following, {o for p in following.params for o in p.opts}
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    return next((f"no option {w}" for w in rest if w.startswith("--") and w.split("=")[0] not in options), "")


@pytest.mark.parametrize("page", [p for p in PAGES if "adr" not in p.parts], ids=lambda p: p.name)
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    wrong = [f"syncd {' '.join(w)}: {_fault(w)}" for w in map(_words, commands(page)) if w and _fault(w)]
    assert not wrong, "\n".join(wrong)


def test_the_pages_of_an_installation_say_the_same_places_as_the_units() -> None:
    units = {p.stem: p.read_text() for p in (TOP / "syncd" / "cli" / "units").glob("*.txt")}
    host, install = ((TOP / "docs" / "manuel" / f"{name}.md").read_text() for name in ("heberger", "installer"))
    for said in ("/var/lib/syncd-portal", "/etc/syncd/portal.env", "syncdportal"):
        assert said in units["portal"] and said in host
    assert "User=syncd\n" in units["systemd"] and "useradd --system --gid cabinet" in install
    for place in ("/srv/cabinet/clients", "/srv/cabinet/journaux", "/var/lib/syncd", "/etc/syncd"):
        assert re.search(rf"install -d -o syncd -g cabinet -m \d+ {place}\s", install), place
