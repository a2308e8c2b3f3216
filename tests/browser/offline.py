"""A company whose only tool is the page on its disk, and its cabinet; a stick goes between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from syncd.core.folder_rules import FolderRule
from syncd.jobs.packages import receiving
from syncd.jobs.packages.cabinet import told_tree
from syncd.jobs.packages.cabinet_apply import CabinetResult
from syncd.package_file.public_keys import Public
from syncd.report.offline_page.facts import PageFacts
from syncd.report.offline_page.page import offline_page
from tests.jobs.packages.sides import CODE, FOLDERS, Sides

PASSWORD = "cheval agrafe pile"
T = TypeVar("T")


class Company:
    """`name`: what it is called. Each `page` is a window of one browser, which knows no network."""

    def __init__(
        self, chromium: Browser, base: Path, folders: tuple[FolderRule, ...] = FOLDERS, name: str = "SARL"
    ) -> None:
        expect.set_options(timeout=15_000)  # a password takes a while on a machine at work
        self._aside = ThreadPoolExecutor(1)  # the browser has this thread's event loop
        self.sides = self.at_cabinet(lambda: Sides(base / "sides", folders, known=False))
        self.file = base / "Échanges hors connexion - 007868.html"
        self.file.write_bytes(offline_page(self.facts(name)))
        self.asked, self.complaints = list[str](), list[str]()
        self._chromium, self._contexts = chromium, list[BrowserContext]()
        self.context = self._browser()

    def _browser(self) -> BrowserContext:
        context = self._chromium.new_context(locale="fr-FR", offline=True, accept_downloads=True)
        context.on("request", lambda r: self.asked.append(r.url))
        self._contexts.append(context)
        return context

    def elsewhere(self, **facts: object) -> Page:
        """On another computer, with a page of its own: of these facts."""
        self.context = self._browser()
        self.file.write_bytes(offline_page(replace(self.facts(), **facts)))
        return self.begun()

    def at_cabinet(self, act: Callable[[], T]) -> T:
        return self._aside.submit(act).result()

    def facts(self, name: str = "SARL", number: int = 0) -> PageFacts:
        sides = self.sides
        row = next(r for r in sides.lab.state.clients.all() if r.code == CODE)
        public = sides.key()
        return PageFacts(
            cabinet=sides.lab.portal.cabinet, client=row.id, code=CODE, name=name, sender="Cabinet Martin & Associés", colour="#14507a",
            key=public.signing, age=public.sealing, number=number, tree=told_tree(row),
        )  # fmt: skip

    def page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: self.complaints.append(m.text))
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.goto(self.file.as_uri())
        return page

    def begun(self) -> Page:
        page = self.page()
        begin(page)
        return page

    def known(self, page: Page) -> None:
        """The cabinet has the page's key."""
        page.locator("#own-key summary").click()
        key = Public.of(page.locator("#own-key code").inner_text())
        assert page.locator("#own-key .safety-number").inner_text() == key.safety_number
        self.at_cabinet(lambda: self.sides.trust(key))

    def open(self, page: Page, name: str) -> None:
        page.set_input_files("#package", self.sides.stick / name)

    def acknowledge(self, page: Page) -> None:
        page.get_by_role("button", name="Tout enregistrer (ZIP)").click()
        page.get_by_role("button", name="Accuser réception").click()
        expect(page.locator("#notice")).to_contain_text("Accusé de réception noté")

    def made(self, page: Page, folder: str, files: Sequence[FilePayload]) -> str:
        """A package on the stick: its name there."""
        if files:
            page.select_option("#folder", folder)
            page.set_input_files("#documents", files)
            expect(page.locator("#list li")).to_have_count(len(files))
        with page.expect_download() as told:
            page.get_by_role("button", name="Préparer le paquet").click()
        name = told.value.suggested_filename
        name = name if not (self.sides.stick / name).exists() else name.replace(".syncpkg", " (2).syncpkg")
        told.value.save_as(self.sides.stick / name)
        return name

    def taken(self, name: str, only: tuple[str, ...] = ()) -> CabinetResult:
        return self.at_cabinet(lambda: self.sides.take_cabinet(name, only))

    def manifest(self, name: str) -> Any:
        def read() -> Any:
            with receiving.opened_for(self.sides.home, self.sides.stick / name) as found:
                return found.manifest

        return self.at_cabinet(read)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._aside.shutdown()


def begin(page: Page) -> None:
    for field in ("#password", "#password-again"):
        page.fill(field, PASSWORD)
    page.get_by_role("button", name="Commencer").click()
    expect(page.locator("#receive")).to_be_visible(timeout=15_000)


def modules(chromium: Browser, facts: PageFacts, *parts: str) -> Page:
    """The page's modules alone, as `modules.NAME`, to be asked one by one."""
    page = chromium.new_page()
    text = offline_page(facts).decode()
    found = re.findall(r"<script[^>]*>(.*?)</script>", text, flags=re.DOTALL)
    given, libraries, scripts = found[0], found[1], found[2].partition("const module_words =")[0]
    page.set_content(f'<script type="application/json" id="facts">{given}</script>')
    page.evaluate(f"() => {{ {libraries} }}")
    page.evaluate(f"() => {{ {scripts} window.modules = {{ {', '.join(f'{p}: module_{p}' for p in parts)} }}; }}")
    return page


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}
