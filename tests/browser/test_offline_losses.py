"""What a company's page does where a stick, a password or a computer is lost: nothing is passed over, and everything is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from syncd.core.packages.manifest import PackageRefused
from syncd.jobs.packages.creation import Wish
from tests.browser.offline import PASSWORD, Company, begin, modules, payload
from tests.jobs.packages.sides import CODE

A, B = payload("a.pdf", b"%PDF a"), payload("b.pdf", b"%PDF b")
PICKER = """
  const folder = (name) => {
    const held = new Map();
    const missing = () => { throw new DOMException("none", "NotFoundError"); };
    return {
      name, held,
      getDirectoryHandle: async (at) => held.get(at) ?? held.set(at, folder(at)).get(at),
      getFileHandle: async (at, { create } = {}) => {
        if (!held.has(at) && !create) missing();
        return {
          getFile: async () => held.get(at),
          createWritable: async () => {
            const parts = [];
            return new WritableStream({ write: (part) => void parts.push(part), close: () => void held.set(at, new File(parts, at)) });
          },
        };
      },
    };
  };
  window.chosen = folder("Cabinet");
  window.showDirectoryPicker = async () => window.chosen;
"""


@pytest.fixture
def company(chromium: Browser, tmp_path: Path) -> Iterator[Company]:
    company = Company(chromium, tmp_path)
    yield company
    company.close()
    assert not company.complaints


def answer(company: Company, page: Page, wish: Wish = Wish(sealed=True)) -> None:  # noqa: B008
    """The cabinet's next package, read and acknowledged."""
    made = company.at_cabinet(lambda: company.sides.send_cabinet(wish))
    company.open(page, made.file)
    page.get_by_role("button", name="Accuser réception", exact=True).click()
    if page.get_by_role("button", name="sans enregistrer").count():
        page.get_by_role("button", name="sans enregistrer").click()
    expect(page.locator("#notice")).to_contain_text("Accusé de réception noté")


def test_a_lost_package_is_named_and_its_documents_are_asked_for_again(company: Company) -> None:
    page = company.begun()
    company.known(page)
    first, second = company.made(page, "Achats", [A]), company.made(page, "Ventes", [B])
    with pytest.raises(PackageRefused, match=r"no\. 1 of"):
        company.taken(second)
    expect(page.locator(".waiting li")).to_have_count(2)
    page.get_by_role("button", name="Ces fichiers sont perdus").click()
    page.get_by_role("button", name="Oui, ils sont perdus").click()
    expect(page.locator(".again li")).to_have_count(2)
    whole = company.made(page, "Achats", [A])
    expect(page.locator(".again li")).to_have_text(["Ventes/b.pdf" + "6\xa0octets" + "Ne plus demander"])
    assert company.manifest(whole).full
    company.taken(whole)
    with pytest.raises(PackageRefused, match=r"older than no\. 3"):
        company.taken(first)
    rest = company.made(page, "Ventes", [B])
    assert company.manifest(rest).prerequisite.sequence == 3
    company.taken(rest)
    expect(page.locator(".again")).to_have_count(0)
    assert company.sides.cabinet() == {"Achats/a.pdf": b"%PDF a", "Ventes/b.pdf": b"%PDF b"}
    answer(company, page)
    expect(page.locator(".waiting")).to_have_count(0)
    page.select_option("#folder", "Achats")
    page.set_input_files("#documents", [A])
    expect(page.locator("#notice")).to_contain_text("déjà ce document")


def test_what_was_taken_in_part_comes_again_and_what_the_cabinet_moves_is_said(company: Company) -> None:
    sides = company.sides
    page = company.begun()
    company.known(page)
    page.select_option("#folder", "Ventes")
    page.set_input_files("#documents", [B])
    expect(page.locator("#list li")).to_have_count(1)
    page.fill("#comment", "à lire")
    page.select_option("#folder", "Achats")
    page.set_input_files("#documents", [A])
    expect(page.locator("#list li")).to_have_count(2)
    answer(company, page, Wish(full=True, sealed=False))  # what was begun here stays
    assert page.input_value("#comment") == "à lire" and page.input_value("#folder") == "Achats"
    both = company.made(page, "Achats", [])
    company.taken(both, ("Achats",))
    answer(company, page)
    expect(page.locator(".waiting li")).to_contain_text("1\xa0document")
    later = company.made(page, "Achats", [payload("c.pdf", b"%PDF c")])
    company.taken(later)
    root = sides.lab.root / next(r.dir for r in sides.lab.state.clients.all())
    (root / "Achats/c.pdf").rename(root / "Achats/d.pdf")
    sides.lab.portal.remove(sides.client, "Achats/a.pdf")
    made = company.at_cabinet(lambda: sides.send_cabinet(Wish(sealed=False)))
    company.open(page, made.file)
    shown = page.locator(".package .plain")
    expect(shown).to_contain_text(
        "« Achats/c.pdf » est maintenant « Achats/d.pdf »".replace(" »", "\u202f»").replace("« ", "«\u202f")
    )
    expect(shown).to_contain_text("Supprimé par le cabinet")
    page.get_by_role("button", name="Accuser réception", exact=True).click()
    expect(page.locator(".again li")).to_contain_text(["Ventes/b.pdf"])  # it is dealt with no more
    company.taken(company.made(page, "Ventes", [B]))
    assert set(sides.online()) == {"Achats/d.pdf", "Ventes/b.pdf"}


def test_another_computer_goes_on_with_the_backup_and_a_lost_password_is_a_new_key(
    company: Company, tmp_path: Path
) -> None:
    page = company.begun()
    company.known(page)
    with page.expect_download() as told:
        page.get_by_role("button", name="Enregistrer une sauvegarde").click()
    backup = tmp_path / told.value.suggested_filename
    told.value.save_as(backup)
    assert b"%PDF" not in backup.read_bytes() and b"AGE-SECRET" not in backup.read_bytes()
    company.taken(company.made(page, "Achats", [A]))

    company.context = company._browser()
    other = company.page()
    other.get_by_text("Reprendre une sauvegarde").first.click()
    other.set_input_files("#backup-file", backup)
    other.fill("#backup-password", PASSWORD)
    other.locator("#resume button").click()
    expect(other.locator("#receive")).to_be_visible(timeout=15_000)
    again = company.made(other, "Ventes", [B])
    m = company.manifest(again)
    assert (m.sequence, m.full) == (101, True)
    company.taken(again)

    second = company.page()  # a window beside it, opened later, is the one that counts
    second.fill("#password", PASSWORD)
    second.keyboard.press("Enter")
    expect(second.locator("#receive")).to_be_visible(timeout=15_000)
    other.set_input_files("#documents", [payload("c.pdf", b"%PDF c")])
    expect(other.locator("#list li")).to_have_count(1)
    other.get_by_role("button", name="Préparer le paquet").click()
    expect(other.locator("#notice")).to_contain_text("dans une autre fenêtre")

    third = company.page()
    third.get_by_text("Mot de passe perdu").click()
    third.get_by_role("button", name="Recommencer avec une nouvelle clé").click()
    third.get_by_role("button", name="Oui, abandonner").click()
    begin(third)
    company.known(third)
    anew = company.made(third, "Banque", [payload("d.pdf", b"%PDF d")])
    m = company.manifest(anew)
    assert (m.sequence, m.full) == (102, True)
    company.taken(anew)
    assert set(company.sides.online()) == {"Achats/a.pdf", "Ventes/b.pdf", "Banque/d.pdf"}
    odd = tmp_path / "odd.json"
    odd.write_text('{"format": 1, "client": "x"}')
    fourth = company.page()
    fourth.get_by_text("Reprendre une sauvegarde").first.click()
    fourth.set_input_files("#backup-file", odd)
    fourth.fill("#backup-password", PASSWORD)
    fourth.locator("#resume button").click()
    expect(fourth.locator("#notice")).to_contain_text("d’un autre dossier")


def test_a_browser_that_keeps_nothing_says_so_and_goes_on_with_the_backup(company: Company, tmp_path: Path) -> None:
    company.context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page = company.begun()
    expect(page.locator("#not-kept")).to_contain_text("ne garde rien")
    company.known(page)
    company.taken(company.made(page, "Achats", [A]))
    with page.expect_download() as told:
        page.get_by_role("button", name="Enregistrer une sauvegarde").click()
    told.value.save_as(tmp_path / "backup.json")
    page.reload()
    page.get_by_text("Reprendre une sauvegarde").first.click()
    page.set_input_files("#backup-file", tmp_path / "backup.json")
    page.fill("#backup-password", PASSWORD)
    page.locator("#doubt").uncheck()
    page.locator("#resume button").click()
    expect(page.locator(".waiting li")).to_have_count(1, timeout=15_000)
    second = company.made(page, "Achats", [B])
    m = company.manifest(second)
    assert (m.sequence, m.full) == (2, False) and m.prerequisite.sequence == 1
    company.taken(second)
    assert set(company.sides.online()) == {"Achats/a.pdf", "Achats/b.pdf"}


def test_documents_go_into_a_chosen_folder_and_over_no_other(company: Company) -> None:
    company.sides.lab.write("Achats/a.pdf", b"new", CODE)
    company.sides.lab.write("Achats/b.pdf", b"same", CODE)
    company.context.add_init_script(PICKER)
    page = company.begun()
    page.evaluate(
        """async () => {
          const at = await window.chosen.getDirectoryHandle("Achats");
          at.held.set("a.pdf", new File(["mine"], "a.pdf"));
          at.held.set("b.pdf", new File(["same"], "b.pdf"));
        }"""
    )
    company.open(page, company.at_cabinet(lambda: company.sides.send_cabinet(Wish(full=True, sealed=False))).file)
    page.get_by_role("button", name="Tout enregistrer dans un dossier").click()
    expect(page.locator("#notice")).to_contain_text("a (2).pdf")
    lies: Any = page.evaluate(
        "async () => Object.fromEntries(await Promise.all([...window.chosen.held.get('Achats').held].map(async ([n, f]) => [n, await f.text()])))"
    )
    assert lies == {"a.pdf": "mine", "a (2).pdf": "new", "b.pdf": "same"}


def test_an_answer_says_what_is_to_be_sent_again(chromium: Browser, company: Company) -> None:
    """What was refused is not asked for again, what was put off is; a receipt of another package under one's number counts for none."""
    page = modules(chromium, company.facts(), "chain")
    found: Any = page.evaluate(
        """() => {
          const { newState, acknowledge, isFar } = modules.chain;
          const entry = (path) => ({ change: "add", path, sha256: path, size: 1 });
          const sent = (n, ...paths) => ({ prior: { sequence: n, manifest: "m" + n, created: "" }, entries: paths.map(entry), folders: [], refused: [], file: "" });
          const state = () => ({ ...newState({ number: 0, tree: [] }), number: 3, sent: [sent(1, "A/1", "B/1"), sent(2, "A/2", "A/3", "A/4"), sent(3, "A/5")] });
          const receipt = (n, more = {}) => ({ sequence: n, manifest: "m" + n, folders: [], refused: [], later: [], ...more });
          const said = (receipts) => {
            const s = state(), refused = acknowledge(s, receipts);
            return { held: Object.keys(s.held).sort(), again: s.again.map((w) => w.path).sort(), sent: s.sent.map((o) => o.prior.sequence), refused: refused.map((n) => n.path), anew: s.anew, number: s.number };
          };
          return {
            whole: said([receipt(1), receipt(2)]),
            parts: said([receipt(1, { folders: ["A"] }), receipt(2, { later: ["A/3"], refused: [{ path: "A/4", reason: "empty", detail: "" }] })]),
            other: said([receipt(2, { manifest: "another" })]),
            beyond: said([receipt(9)]),
            far: isFar(state(), { receipts: [receipt(99999)] }),
          };
        }"""
    )
    page.close()
    whole, parts, other, beyond = (found[k] for k in ("whole", "parts", "other", "beyond"))
    assert whole == {
        "held": ["A/1", "A/2", "A/3", "A/4", "B/1"],
        "again": [],
        "sent": [3],
        "refused": [],
        "anew": False,
        "number": 3,
    }
    assert parts == {
        "held": ["A/1", "A/2"],
        "again": ["A/3", "B/1"],
        "sent": [3],
        "refused": ["A/4"],
        "anew": False,
        "number": 3,
    }
    everything = ["A/1", "A/2", "A/3", "A/4", "A/5", "B/1"]
    assert (other["again"], other["sent"], other["anew"], other["number"]) == (everything, [], True, 3)
    assert (beyond["again"], beyond["anew"], beyond["number"], found["far"]) == (everything, True, 9, True)
