"""The page of a company without a network, from its own disk in a real browser: what it reads and what it makes."""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, expect

from syncd.core.folder_rules import FolderRule
from syncd.core.packages.manifest import Change, PackageRefused
from syncd.jobs.packages.creation import Wish
from tests.browser.offline import PASSWORD, Company, begin, payload
from tests.browser.pictures import look
from tests.e2e.world import CODE as WORLDS
from tests.e2e.world import World
from tests.jobs.packages.sides import CODE
from tests.support.strangers import stranger

OPEN, WHOLE = Wish(sealed=False), Wish(full=True, sealed=False)
KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"  # a stranger's
TREE = (FolderRule("Achats"), FolderRule("Ventes", max_size=1000), FolderRule("Social", restricted=True))


@pytest.fixture
def company(chromium: Browser, tmp_path: Path) -> Iterator[Company]:
    company = Company(chromium, tmp_path, TREE)
    yield company
    company.close()
    assert not company.complaints
    assert {urlsplit(url).scheme for url in company.asked} <= {"file", "blob", "data"}


def test_a_company_reads_the_cabinets_package_and_answers_it(company: Company, tmp_path: Path) -> None:
    sides = company.sides
    sides.lab.write("Achats/été.pdf", b"%PDF from the cabinet", CODE)
    first = company.at_cabinet(
        lambda: sides.send_cabinet(Wish(full=True, sealed=False, purpose="Révision", comment='Deux\nlignes "à lire"'))
    ).file
    page = company.begun()
    look(page, "offline-open")
    company.open(page, first)
    expect(page.locator(".package h3")).to_have_text("Paquet n°\xa01 du cabinet")
    expect(page.locator(".package")).to_contain_text("Révision")
    expect(page.locator(".rows li")).to_contain_text("nouveau")
    look(page, "offline-package")
    with page.expect_download() as one:
        page.get_by_role("button", name="Enregistrer été.pdf").click()
    assert one.value.suggested_filename == "été.pdf" and Path(one.value.path()).read_bytes() == b"%PDF from the cabinet"
    with page.expect_download() as every:
        page.get_by_role("button", name="Tout enregistrer (ZIP)").click()
    with zipfile.ZipFile(every.value.path()) as opened:
        assert opened.testzip() is None and opened.read("Achats/été.pdf") == b"%PDF from the cabinet"
    page.get_by_role("button", name="Accuser réception").click()
    expect(page.locator("#notice")).to_contain_text("Accusé de réception noté")
    company.open(page, first)
    expect(page.locator(".package .warned")).to_contain_text("a déjà été traité")
    expect(page.get_by_role("button", name="Accuser réception")).to_have_count(
        0
    )  # what it holds can be saved again, no more
    expect(page.locator(".rows li")).to_contain_text("déjà reçu")

    page.fill("#purpose", "Factures")
    page.fill("#comment", 'Une "ligne" \\ été 😀\nune autre')
    back = company.made(page, "Achats", [payload("été.pdf", b"%PDF changed"), payload("b.pdf", b"%PDF b")])
    assert re.fullmatch(rf"{CODE}-\d{{14}}\.syncpkg\.age", back)
    number = page.locator("#notice .safety-number")
    expect(number).to_have_text(page.locator("#own-key .safety-number").inner_text())  # until the cabinet has taken one
    with pytest.raises(PackageRefused, match="unknown key"):
        company.taken(back)
    company.known(page)
    told = company.manifest(back)
    assert (told.purpose, told.comment, told.sequence) == ("Factures", 'Une "ligne" \\ été 😀\nune autre', 1)
    assert [(e.path, e.change) for e in told.entries] == [
        ("Achats/b.pdf", Change.ADD),
        ("Achats/été.pdf", Change.UPDATE),
    ]
    done = company.taken(back)
    assert done.result is not None and done.result.done == 2 and [r.sequence for r in done.prepared.answers] == [1]
    assert sides.cabinet() == sides.online() == {"Achats/été.pdf": b"%PDF changed", "Achats/b.pdf": b"%PDF b"}

    plain = tmp_path / "plain.zip"
    plain.write_bytes(stranger("age", "-d", "-i", sides.home / "key.age", sides.stick / back, cwd=tmp_path))
    with zipfile.ZipFile(plain) as opened:
        assert opened.testzip() is None and opened.read("data/Achats/b.pdf") == b"%PDF b"
        opened.extract("manifest.json", tmp_path)
        opened.extract("manifest.json.minisig", tmp_path)
    stranger("minisign", "-V", "-m", "manifest.json", "-P", told.key, cwd=tmp_path)

    answer = company.at_cabinet(lambda: sides.send_cabinet(Wish(sealed=True)))
    assert answer.sealed and answer.manifest is not None and not answer.manifest.entries
    page.reload()  # what was made and read is kept, and asks for the password
    page.fill("#password", "ce n'est pas lui")
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("pas le bon mot de passe")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".waiting")).to_contain_text("1 du")
    company.open(page, answer.file)
    expect(page.locator(".package")).to_contain_text("Le cabinet a traité votre paquet n°\xa01")
    page.get_by_role("button", name="Accuser réception").click()
    expect(page.locator(".waiting")).to_have_count(0)


def test_the_commands_make_the_page_and_deal_with_its_package(chromium: Browser, world: World, tmp_path: Path) -> None:
    world.write("Achats/a.pdf", "from the cabinet")
    stick = tmp_path / "stick"
    first = Path(
        json.loads(world.syncd("package", "create", WORLDS, "--to", stick, "--all", "--plain", "--json").out)["file"]
    )
    told = json.loads(world.syncd("package", "page", WORLDS, "--to", stick, "--json").out)
    context = chromium.new_context(locale="fr-FR", offline=True)
    page = context.new_page()
    page.goto(Path(told["file"]).as_uri())
    begin(page)
    page.set_input_files("#package", first)
    page.get_by_role("button", name="Tout enregistrer (ZIP)").click()
    page.get_by_role("button", name="Accuser réception").click()
    expect(page.locator("#notice")).to_contain_text("noté")
    page.select_option("#folder", "Achats")
    page.set_input_files("#documents", [payload("b.pdf", b"from the company")])
    expect(page.locator("#list li")).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Préparer le paquet").click()
    back = stick / saved.value.suggested_filename
    saved.value.save_as(back)
    number = page.locator("#own-key .safety-number").inner_text()
    context.close()

    unknown = world.syncd("package", "apply", back, "--yes")
    assert unknown.code == 3 and "clé inconnue" in unknown.err and f"trust {WORLDS} --of PAQUET" in unknown.err
    compared = world.syncd("package", "trust", WORLDS, "--of", back)
    assert compared.code == 2 and number in compared.err
    assert world.syncd("package", "trust", WORLDS, "--of", first, "--yes").code == 3  # its own
    assert world.syncd("package", "trust", WORLDS, "--of", back, "--yes").code == 0
    shown = [json.loads(line) for line in world.syncd("package", "show", back, "--json").out.splitlines()]
    assert (
        shown[0]["signer"] == "trusted"
        and shown[1]["type"] == "answer"
        and [e["path"] for e in shown[2:]] == ["Achats/b.pdf"]
    )
    assert world.syncd("package", "apply", back, "--yes").code == 0
    assert world.here() == {"Achats/a.pdf": b"from the cabinet", "Achats/b.pdf": b"from the company"}
    world.same()


def test_each_of_two_hundred_flipped_bits_is_refused_with_a_sentence(company: Company) -> None:
    company.at_cabinet(lambda: company.sides.lab.write("Achats/a.pdf", b"%PDF a", CODE))
    made = company.at_cabinet(lambda: company.sides.send_cabinet(WHOLE))
    data = (company.sides.stick / made.file).read_bytes()
    page = company.begun()
    chance = random.Random(28)
    flips = [(chance.randrange(len(data)), chance.randrange(8)) for _ in range(200)]
    answers = page.evaluate(
        """async ([data, flips]) => {
          const input = document.querySelector("#package"), notice = document.querySelector("#notice"), found = [];
          for (const [at, bit] of flips) {
            const bytes = Uint8Array.from(data);
            bytes[at] ^= 1 << bit;
            const given = new DataTransfer();
            given.items.add(new File([bytes], "007868-20261121140300.syncpkg"));
            input.files = given.files;
            input.dispatchEvent(new Event("change"));
            while (!notice.querySelector(".bad") && !document.querySelector(".package")) await new Promise((soon) => setTimeout(soon));
            found.push(document.querySelector(".package") ? "taken" : notice.textContent);
            notice.replaceChildren();
            await new Promise((soon) => setTimeout(soon));
          }
          return found;
        }""",
        [list(data), flips],
    )
    assert len(answers) == 200
    for (at, bit), told in zip(flips, answers, strict=True):
        assert told != "taken" and told.endswith(".") and "abouti" not in told, (at, bit, told)
    company.open(page, made.file)
    expect(page.locator(".package")).to_be_visible()  # as it was made, it is read
    huge = bytearray(data)
    huge[18:26] = (2**32 - 1).to_bytes(4, "little") * 2  # a list that says it has 4 GB
    for name, odd, told in (
        ("huge", bytes(huge), "plus grand que ce qui est accepté"),
        ("cut", data[:-1], "n’est pas entier"),
        ("longer", data + b"x", "modifié ou abîmé"),
        ("none", b"%PDF-1.7 no package at all, and long enough to be looked at", "n’est pas un paquet"),
        ("empty", b"", "n’est pas un paquet"),
    ):
        page.set_input_files("#package", [payload(f"{name}.syncpkg", odd)])
        expect(page.locator("#notice")).to_contain_text(told)


def test_gaps_replays_and_other_peoples_packages_are_named(company: Company) -> None:
    sides = company.sides
    sides.lab.write("Achats/a.pdf", b"one", CODE)
    first = company.at_cabinet(lambda: sides.send_cabinet(WHOLE)).file
    page = company.begun()
    company.open(page, first)
    company.acknowledge(page)
    company.known(page)
    back = company.made(page, "Achats", [])  # nothing but what was read
    company.taken(back)
    sides.lab.write("Achats/b.pdf", b"two", CODE)
    second = company.at_cabinet(lambda: sides.send_cabinet(OPEN)).file
    sides.lab.write("Achats/c.pdf", b"three", CODE)
    third = company.at_cabinet(lambda: sides.send_cabinet(OPEN)).file
    company.open(page, third)  # it holds what the second one holds
    expect(page.locator(".rows li")).to_have_count(2)
    company.acknowledge(page)
    for name, told in ((second, "plus ancien que le n°\xa03"), (third, "a déjà été traité")):
        company.open(page, name)
        expect(page.locator(".package .warned")).to_contain_text(told)
    company.open(page, back)
    expect(page.locator("#notice")).to_contain_text("chiffré pour un autre")
    odd: dict[str, dict[str, object]] = {
        "Il manque le paquet n°\xa01 du": {}, "d’un autre dossier": {"client": "f" * 32}, "une autre clé que celle du cabinet": {"key": KEY},
    }  # fmt: skip
    for told, facts in odd.items():
        other = company.elsewhere(**facts)
        company.open(other, third)
        expect(other.locator("#notice")).to_contain_text(told)


def test_hostile_names_come_to_the_cabinet_as_names_or_not_at_all(company: Company) -> None:
    page = company.begun()
    company.known(page)
    dialogs = list[str]()

    def told(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", told)
    long = "é" * 120 + ".pdf"  # 244 bytes
    names = {
        "../x.pdf": None, "<script>alert(1)<.pdf": None, "e\u0301te\u0301.pdf": "été.pdf", long: long, "a:b?.pdf": None, "CON.pdf": "_CON.pdf", "a\u202efdp.pdf": "afdp.pdf",
    }  # fmt: skip
    made = company.made(page, "Achats", [payload(name, name.encode()) for name in names])
    found = [e.path for e in company.manifest(made).entries]
    assert len(found) == len(names) and all(p.startswith("Achats/") and p.count("/") == 1 for p in found)
    assert {f"Achats/{n}" for n in names.values() if n} <= set(found)
    done = company.taken(made)
    assert done.result is not None and not done.result.refused and set(company.sides.cabinet()) == set(found)
    page.select_option("#folder", "Achats")
    for name, data, why in (
        ("~$x.docx", b"x", "ne peut pas être transmis"),
        ("a.exe", b"x", "type de fichier"),
        ("vide.pdf", b"", "vide"),
        (long, long.encode(), ""),
    ):
        page.set_input_files("#documents", [payload(name, data)])
        if why:
            expect(page.locator("#notice")).to_contain_text(why)
    page.select_option("#folder", "Ventes")
    page.set_input_files("#documents", [payload("gros.pdf", b"x" * 1001)])
    expect(page.locator("#notice")).to_contain_text("la limite")
    assert not dialogs
