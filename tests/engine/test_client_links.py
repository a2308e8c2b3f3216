"""« Espace client en ligne.url »: in each directory where it is wanted, of no document, never instead of a person's own file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.client_link import NAME, is_ours, shortcut
from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab

FOLDERS, CODES = (FolderRule("Achats"),), ("001", "002")
PORTAL = "https://documents.cabinet-martin.fr"


def link(lab: Lab, code: str = "001") -> Path:
    return lab.dir(code) / NAME


def wants(lab: Lab, portal: str) -> None:
    lab.settings = replace(lab.settings, link=portal)
    lab.run()


@pytest.fixture
def linked(lab: Lab) -> Lab:
    wants(lab, PORTAL)
    return lab


def test_each_directory_gets_it_and_nothing_else_comes_of_it(linked: Lab) -> None:
    for code in CODES:
        text = link(linked, code).read_bytes()
        assert text == f"[InternetShortcut]\r\nURL={PORTAL}/c/{linked.clients[code]}\r\n".encode()
    for _ in range(4):
        linked.run()
        assert linked.events == []  # nothing is published, refused, reported or counted
    assert not any(NAME in path for path in linked.online("001"))
    link(linked).unlink()
    linked.write("Achats/more.pdf", b"more", "001")
    linked.converge()
    assert link(linked).exists()


def test_without_the_wish_there_is_none(lab: Lab) -> None:
    assert not link(lab).exists() and not link(lab, "002").exists()


def test_another_address_of_the_portal_is_written_into_every_one(linked: Lab) -> None:
    wants(linked, "https://espace.exemple.fr:8443/portail/")
    for code in CODES:
        assert (
            f"URL=https://espace.exemple.fr:8443/portail/c/{linked.clients[code]}\r\n".encode()
            in link(linked, code).read_bytes()
        )


def test_a_persons_own_file_of_that_name_stays(lab: Lab) -> None:
    for own in (
        b"mine",
        b"[InternetShortcut]\r\nURL=https://x.fr/c/" + b"0" * 32 + b"\r\nIconIndex=1\r\n",
        b"x" * 5000,
    ):
        link(lab).write_bytes(own)
        wants(lab, PORTAL)
        wants(lab, PORTAL + "/" + str(len(own)))
        assert link(lab).read_bytes() == own


def test_a_directory_that_takes_no_file_goes_without_and_synchronises(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.local.mirror import DiskMirror

    def refuses(*args: object, **named: object) -> None:
        raise PermissionError(13, os.strerror(13))

    with monkeypatch.context() as patched:
        patched.setattr(DiskMirror, "place", refuses)
        wants(lab, PORTAL)
    assert not link(lab).exists() and lab.events == []
    lab.write("Achats/more.pdf", b"more", "001")
    lab.converge()
    assert link(lab).exists()


def test_a_name_with_accents_is_written_as_it_is_asked_for() -> None:
    text = shortcut("https://Éspace.exemple.fr", "0" * 32)
    assert text.isascii() and b"URL=https://xn--" in text and is_ours(text)
    for broken in (text[:-2], text + b"\r\n", text.replace(b"\r\n", b"\n"), text.replace(b"/c/", b"/d/")):
        assert not is_ours(broken)
