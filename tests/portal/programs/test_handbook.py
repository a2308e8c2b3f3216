"""« Relier votre logiciel » : its program runs as it is printed, what it says may be asked may be, and no more."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.portal.programs.program import Caller, make

PAGE = (Path(__file__).parents[3] / "docs/manuel/relier.md").read_text(encoding="utf-8")


def program() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


class Line:
    """httpx.Client, but that the portal is the test's own."""

    caller: Caller

    def __init__(self, headers: dict[str, str], timeout: float) -> None:
        assert headers == self.caller.headers and timeout

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *ended: object) -> None:
        return None

    def request(self, method: str, address: str, **given: Any) -> httpx.Response:
        path = address.removeprefix("https://documents.example/api/v1/programs")
        assert path != address
        return self.caller.ask(method, path, **given)


@pytest.fixture
def run(office: Any, inline: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    Line.caller = Caller(make(office.cabinet, "deposit", "read", "reference"))
    monkeypatch.setenv("SYNCD_ADDRESS", "https://documents.example")
    monkeypatch.setenv("SYNCD_KEY", Line.caller.key)
    monkeypatch.setattr(httpx, "Client", Line)
    document = tmp_path / "facture de l'été.pdf"
    document.write_bytes(b"%PDF- facture")

    def ran(client: str, folder: str) -> None:
        monkeypatch.setattr(sys, "argv", ["relier.py", client, folder, str(document)])
        exec(compile(program(), "relier.md", "exec"), {"__name__": "__main__"})

    return ran


def test_the_printed_program_deposits_says_the_entry_and_finds_it_again(run: Callable[..., None], capsys: Any) -> None:
    from syncd.portal.models import Document

    run("000001", "Achats")
    document = Document.objects.get()
    assert capsys.readouterr().out.split() == ["Achats", "facture", "de", "l'été.pdf", capsys_link(document)]
    run("000001", "Achats")  # another word, the same content: nothing twice
    assert Document.objects.count() == 1
    with pytest.raises(SystemExit, match="no_right: "):
        run("000001", "Social")


def capsys_link(document: Any) -> str:
    from syncd.portal.records.mail_queue import address

    return address(f"/d/{document.id}")


def test_it_has_forty_lines() -> None:
    assert len(program().splitlines()) <= 40


def test_what_the_page_says_may_be_asked_is_what_may_be(portal: object) -> None:
    from syncd.portal.api.programs import rate_limit
    from syncd.portal.api.programs.table import ENDPOINTS, PREFIX

    assert PREFIX in PAGE and f"{PREFIX}/openapi.json" in PAGE
    for endpoint in ENDPOINTS:
        if "/uploads/" not in endpoint.path:  # tus says what follows its beginning
            last = endpoint.path.removeprefix("/documents/{document}").removeprefix("/clients/{code}")
            assert last in PAGE and endpoint.method in PAGE, endpoint.name
    limits = (rate_limit.A_SECOND, rate_limit.AT_ONCE, rate_limit.TOGETHER)
    assert "{:.0f} demandes par seconde, {:.0f} d'affilée, {} en même temps".format(*limits) in PAGE
