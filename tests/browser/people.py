"""People as tests speak of them: the cabinet's correspondent, a company's contact, each at a page of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.world import CODE, World

PASSWORD = "encore une phrase longue"


class Cabinet:
    def __init__(self, visit: Callable[..., Page], world: World) -> None:
        self.visit, self.world = visit, world
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The correspondent's, signed in."""
        if self._page is None:
            self._page = self.visit()
            sign_in(self._page, "direction@cabinet-martin.fr", "une phrase assez longue")
        return self._page

    def invite(self, name: str, role: str = "contact", preset: str = "all") -> tuple[str, str]:
        """(sign-in name, code) of the sheet that is printed for a new person of the company."""
        page = self.page
        page.goto(f"/personnes/nouvelle?client={CODE}")
        page.fill("[name=name]", name)
        page.check(f"[name=role][value={role}]")
        page.check(f"[name=preset][value={preset}]")
        page.check("[name=invite][value=card]")
        page.get_by_role("button", name="Créer l’accès").click()
        shown = page.locator("dd code")
        expect(shown).to_have_count(2)
        return shown.nth(0).inner_text(), shown.nth(1).inner_text()

    def company(self, name: str = "Marie Dupont", preset: str = "all", **options: object) -> Page:
        """A new person of the company, come in with the printed code; at the company's first screen."""
        login, code = self.invite(name, preset=preset)
        page = self.visit(**options)
        page.goto("/premiere-connexion")
        page.fill("[name=login]", login)
        page.fill("[name=code]", code.lower())
        page.get_by_role("button", name="Continuer").click()
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        page.get_by_role("button", name="Enregistrer et entrer").click()
        expect(page.locator("h1")).to_contain_text("SARL Dupont")
        return page


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/connexion")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator(".me summary")).to_be_visible()


def drop(page: Page, selector: str, *files: Path) -> None:
    """Files and directories dragged from outside and dropped, by the browser's own drag events."""
    page.locator(selector).first.scroll_into_view_if_needed()
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(f) for f in files], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})
    session.detach()


def receipt(page: Page) -> None:
    """From the panel, once all has arrived, to the acknowledgement."""
    link = page.locator(".sending").get_by_role("link", name=re.compile("Voir l.accusé|See the receipt"))
    link.click(timeout=60_000)
    page.wait_for_url("**/depots/*")


def only_on_request(world: World, base: Path) -> None:
    """The company of the usual client asks from now on, and the cabinet deletes."""
    shipped = (Path(__file__).parents[2] / "tree_templates" / "commerce.toml").read_text(encoding="utf-8")
    template = base / "demande.toml"
    template.write_text(shipped.replace("[defaults]", 'client_delete = "request"\n\n[defaults]', 1), encoding="utf-8")
    world.portal("client", "set", CODE, "--template", template)
