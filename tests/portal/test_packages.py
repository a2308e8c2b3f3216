"""Exchange packages at the portal: who may what, what is taken, what the engine is told and tells, who is written to."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import AlreadyRunning
from syncd.core.package_orders import PackageAnswer, PackageFacts, PackageLine, PackageNote
from syncd.core.packages.manifest import Way
from tests.portal.exchange_packages import PAGE, Engine, package

DOCS = {"Achats/a.pdf": b"one", "Ventes/b.pdf": b"two"}
SEE = {
    "correspondent", "associate all", "associate work", "associate read", "assistant", "contact all", "contact deposit", "contact read",
}  # fmt: skip
BRING = {"correspondent", "associate all", "associate work", "contact all", "contact deposit"}
DEAL = {"correspondent", "associate all", "associate work"}


def read(answer: Any) -> str:
    return unescape(answer.content.decode()).replace("\xa0", " ")


def packages(client: Any) -> list[Any]:
    from syncd.portal.models import ExchangePackage

    return list(ExchangePackage.objects.filter(client=client).order_by("at"))


@pytest.fixture
def engine(office: Any) -> Engine:
    return Engine(office.cabinet)


@pytest.fixture
def desk(office: Any, browse: Any) -> Any:
    """The correspondent at the page of the first client."""
    browser = browse(office.boss)

    def post(do: str, row: Any, **more: Any) -> str:
        form = {"do": do, "id": row.id, "number": row.number, **more}
        return read(browser.post(f"{PAGE}{office.one.code}/action", form, follow=True))

    browser.act = post
    return browser


def handed_in(browser: Any, client: Any, file: Path) -> str:
    with file.open("rb") as f:
        return read(browser.post(f"{PAGE}{client.code}/remettre", {"package": f}, follow=True))


def test_each_person_meets_the_packages_as_the_one_rule_says(house: Any, browse: Any, tmp_path: Path) -> None:
    """Who may not read each folder that crosses, reads no package; a company's people never say what becomes of one."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.models import ExchangePackage

    engine, made, data = Engine(house.cabinet), package(tmp_path / "c", house.mine, DOCS), b"x"
    page = f"{PAGE}{house.mine.code}"
    boss = browse(house.people["correspondent"])
    boss.post(f"{page}/preparer", {"what": "all"})
    engine.brings(data)
    handed_in(boss, house.mine, made)
    engine.tell(engine.answer(engine.order()))
    ours, theirs = packages(house.mine)
    for name, user in house.people.items():
        browser, held = browse(user), ExchangePackage.objects.filter(id=theirs.id)
        if user.cabinet_id != house.cabinet.id:  # who has a client of that very code
            assert browser.get(f"{page}/{ours.id}").status_code == 404
            assert browser.get(f"{page}/{ours.id}/telecharger").status_code == 404
            browser.post(f"{page}/action", {"do": "discard", "id": theirs.id, "number": theirs.number})
            assert held.get().act == ""
            continue
        sees = 200 if name in SEE else 404
        if browser.get(page).status_code == 302:  # let in no more
            assert name not in SEE
            continue
        assert browser.get(page).status_code == sees, name
        assert [browser.get(f"{page}/{p.id}").status_code for p in (ours, theirs)] == [sees, sees], name
        got = browser.get(f"{page}/{ours.id}/telecharger")
        assert got.status_code == sees and (sees == 404 or b"".join(got.streaming_content) == data), name
        if sees == 200:  # what the company handed in goes to the engine alone
            assert browser.get(f"{page}/{theirs.id}/telecharger").status_code == 302
        before = ExchangePackage.objects.count()
        told = browser.post(f"{page}/preparer", {"what": "all"})
        assert told.status_code == (302 if sees == 200 else 404), name
        assert ExchangePackage.objects.count() == before + (name in BRING), name
        ExchangePackage.objects.filter(act="make").delete()
        browser.post(
            f"{page}/remettre",
            {"package": SimpleUploadedFile("x.syncpkg.age", b"age-encryption.org/v1\n" + name.encode())},
        )
        assert ExchangePackage.objects.count() == before + (name in BRING), name
        ExchangePackage.objects.exclude(id__in=[ours.id, theirs.id]).delete()
        browser.post(f"{page}/action", {"do": "deal", "id": theirs.id, "number": held.get().number})
        assert (held.get().act == "apply") is (name in DEAL), name
        held.update(act="", number=theirs.number)
        browser.post(f"{page}/action", {"do": "discard", "id": theirs.id, "number": held.get().number})
        assert (held.get().act == "discard") is (name in DEAL), name
        held.update(act="", number=theirs.number)


def test_a_package_that_cannot_be_this_companys_is_not_taken(
    office: Any, desk: Any, engine: Engine, tmp_path: Path
) -> None:
    from syncd.portal.storage import package_store

    kept = set(package_store().held())
    fine = package(tmp_path / "c", office.one, DOCS)
    cut, foreign = tmp_path / "007868-20261128140300.syncpkg", package(tmp_path / "d", office.two, DOCS)
    cut.write_bytes(fine.read_bytes()[:-1])
    flipped = tmp_path / "x.syncpkg"
    flipped.write_bytes(bytes([*fine.read_bytes()[:-40], 1, *fine.read_bytes()[-39:]]))
    elsewhere = package(tmp_path / "e", office.one, DOCS, cabinet="f" * 32)
    own = package(tmp_path / "f", office.one, DOCS, way=Way.TO_COMPANY)
    for file, why in (
        (cut, "pas entier"), (flipped, "modifié ou abîmé"), (foreign, "d'un autre dossier"), (elsewhere, "d'un autre dossier"),
        (own, "préparé de ce côté-ci"),
    ):  # fmt: skip
        assert why in handed_in(desk, office.one, file), file
    assert packages(office.one) == [] and engine.tell().orders == () and set(package_store().held()) == kept
    assert "Paquet remis" in handed_in(desk, office.one, fine)
    assert "déjà été remis" in handed_in(desk, office.one, fine)
    assert [p.sequence for p in packages(office.one)] == [1]


def test_it_is_read_dealt_with_in_part_then_whole_and_reported(
    office: Any, desk: Any, engine: Engine, tmp_path: Path
) -> None:
    from syncd.portal.models import Audit
    from syncd.portal.storage import package_store

    page = f"{PAGE}{office.one.code}"
    handed_in(desk, office.one, package(tmp_path / "c", office.one, DOCS))
    look = engine.order()
    assert (look.act, look.client) == ("look", office.one.id) and look.content is not None
    facts = PackageFacts(1, "e" * 64, 1_795_000_000.0, "Révision", "Manque mars", "RWTkey", 2)
    engine.tell(engine.answer(look, "unknown_key", facts=facts))
    (row,) = packages(office.one)
    assert "changé entre-temps" in desk.act("trust", row, key="RWTother")
    assert "Clé enregistrée" in desk.act("trust", row, key="RWTkey")
    assert engine.order().trust == "RWTkey"
    lines = (
        PackageLine("package", "Achats/a.pdf", size=3),
        PackageLine("set_aside", "Ventes/c.pdf", "Ventes/supp_c.pdf"),
    )
    stale = engine.answer(look, "refused", why="late")
    engine.tell(
        stale,
        engine.answer(
            engine.order(), facts=facts, lines=lines, waits=1, left=(PackageNote("Interne/x.pdf", "direction"),)
        ),
    )
    (row,) = packages(office.one)
    shown = read(desk.get(f"{page}/{row.id}"))
    assert row.state == "looked" and "Révision" in shown and "Achats/a.pdf" in shown and "supp_c.pdf" in shown
    assert "Interne/x.pdf" in shown and "attendra votre accord" in shown
    assert "au moins un dossier" in desk.act("deal", row, choose="1")
    desk.act("deal", row, choose="1", folder="Achats")
    assert engine.order().folders == ("Achats",)
    assert "changé entre-temps" in desk.act("discard", row)  # seen before it was dealt with
    engine.tell(engine.answer(engine.order(), changes=1))
    assert engine.order().act == "look"  # what the other folders would do
    engine.tell(engine.answer(engine.order(), facts=facts))
    (row,) = packages(office.one)
    assert row.state == "part" and row.stored and "traité en partie" in read(desk.get(page))
    desk.act("deal", row)
    answer = PackageAnswer("d" * 64, (PackageNote("Achats/z.pdf", "too_large", "3 2"),))
    engine.tell(
        engine.answer(
            engine.order(), changes=2, left=(PackageNote("Ventes/b.pdf", "too_large", "3 2"),), answers=(answer,)
        )
    )
    (row,) = packages(office.one)
    assert row.state == "dealt" and not row.stored and row.id not in dict(package_store().held())
    shown = read(desk.get(page))
    assert "Rien en attente." in shown and "2 changements repris" in shown and "1 document refusé" in shown
    said = list(Audit.objects.filter(what__startswith="package_").values_list("what", flat=True))
    assert said == ["package_handed_in", "package_trusted", "package_dealt", "package_dealt"]


def test_others_that_wait_are_looked_at_again_and_dealt_with_in_order(
    office: Any, desk: Any, engine: Engine, tmp_path: Path
) -> None:
    made = [package(tmp_path / "c", office.one, DOCS) for _ in range(2)]
    for file in reversed(made):
        handed_in(desk, office.one, file)
    told = engine.tell()
    assert [o.act for o in told.orders] == ["look", "look"]
    rows = {p.id: p for p in packages(office.one)}
    assert [rows[o.id].sequence for o in told.orders] == [1, 2]
    engine.tell(
        *(engine.answer(o, facts=PackageFacts(rows[o.id].sequence, f"{n}" * 64)) for n, o in enumerate(told.orders))
    )
    assert "Tout traiter, dans l'ordre" in read(desk.get(f"{PAGE}{office.one.code}"))
    desk.post(f"{PAGE}{office.one.code}/action", {"do": "deal_all"})
    first, second = engine.tell().orders
    assert (first.act, second.act, rows[first.id].sequence) == ("apply", "apply", 1)
    engine.tell(engine.answer(first))
    assert engine.order().id == second.id
    engine.tell(engine.answer(second, "refused", why="older", french="plus ancien que le n° 3"))
    assert "Plus ancien que le n° 3" in read(desk.get(f"{PAGE}{office.one.code}"))
    (row,) = [p for p in packages(office.one) if p.id == second.id]
    assert "supprimé" in desk.act("discard", row)
    assert engine.tell().orders == ()


def test_what_is_made_is_kept_fetched_acknowledged_and_forgotten(office: Any, desk: Any, engine: Engine) -> None:
    from datetime import UTC, datetime, timedelta

    from syncd.portal.exchange import retention
    from syncd.portal.models import ExchangePackage
    from syncd.portal.storage import package_store

    page = f"{PAGE}{office.one.code}"
    prepared = read(desk.post(f"{page}/preparer", {"what": "changed", "purpose": "Envoi\npour révision"}, follow=True))
    assert "elle est arrêtée, ou sa version ne les connaît pas" in prepared  # no engine has asked for orders yet
    assert "déjà en préparation" in read(desk.post(f"{page}/preparer", {"what": "all"}, follow=True))
    with pytest.raises(AlreadyRunning):
        engine.tell(instance="another")
    order = engine.order()
    assert (order.act, order.full, order.purpose) == ("make", False, "Envoi pour révision")
    assert "sa version ne les connaît pas" not in read(desk.get(page))
    engine.tell(engine.made(order, b"never came"))
    assert packages(office.one)[0].state == "failed"
    desk.post(f"{page}/preparer", {"what": "all"})
    engine.brings(b"the package")
    shown = read(desk.get(page))
    assert "prêt" in shown and "RWQkey" in shown and "n° 3" in shown
    row = packages(office.one)[1]
    ExchangePackage.objects.filter(id=row.id).update(sequence=3)
    desk.post(f"{page}/preparer", {"what": "changed"})
    engine.tell(engine.answer(engine.order(), "nothing", acknowledged=3))
    assert "rien à envoyer" in read(desk.get(page)) and "traité par l'entreprise" in read(desk.get(page))
    ExchangePackage.objects.filter(id=row.id).update(changed_at=datetime.now(UTC) - timedelta(days=31))
    retention.prune()
    assert not ExchangePackage.objects.get(id=row.id).stored
    assert row.id in dict(package_store().held())  # a day old at least, before it goes
    assert "plus gardé ici" in read(desk.get(page))
    package_store().drop(row.id)


def test_people_are_told_by_mail_with_the_package_or_the_link_alone(
    office: Any, desk: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.exchange import people
    from syncd.portal.models import Grant, Letter, User
    from syncd.portal.notifications import outbox

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    User.objects.filter(id=office.marie.id).update(email="marie@example.fr")
    page = f"{PAGE}{office.one.code}"
    assert "marie@example.fr" not in read(desk.get(page))  # she may not read all that is in it
    Grant.objects.filter(user=office.marie).delete()
    Grant.objects.create(user=office.marie, client=office.one, kind="*", verbs="view deposit download delete")
    assert "marie@example.fr" in read(desk.get(page))
    desk.post(f"{page}/preparer", {"what": "all", "person": office.marie.id, "attach": "on", "comment": "Manque mars"})
    engine.brings(b"the package")
    (letter,) = Letter.objects.filter(topic="package")
    assert "Manque mars" in letter.text and "joint à ce message" in letter.text
    file = people.attachment(letter)
    assert file == ("001-20261128140300.syncpkg.zip", b"the package")
    sent = outbox._message(letter, None, file).message()
    assert [part.get_filename() for part in sent.walk() if part.get_filename()] == ["001-20261128140300.syncpkg.zip"]
    (row,) = packages(office.one)
    assert "E-mail envoyé à 1 personne" in desk.act("mail", row, person=office.marie.id)
    link = Letter.objects.filter(topic="package").latest("id")
    assert people.attachment(link) is None and "Connectez-vous" in link.text and f"{page}" in link.text
    assert "au moins une personne" in desk.act("mail", row, person=office.boss.id)
    assert people.may_go(link)
    Grant.objects.filter(user=office.marie).update(verbs="view")
    assert not people.may_go(link) and not people.may_go(letter)


def test_a_person_who_lost_a_kind_that_was_inside_has_the_package_no_more(
    office: Any, browse: Any, desk: Any, engine: Engine
) -> None:
    """Also where the client has no folder of that kind by now."""
    from syncd.portal.models import Client, Grant

    Grant.objects.filter(user=office.marie).delete()
    for kind, verbs in (("*", "view deposit download"), ("payroll", "")):
        Grant.objects.create(user=office.marie, client=office.one, kind=kind, verbs=verbs)
    page = f"{PAGE}{office.one.code}"
    desk.post(f"{page}/preparer", {"what": "all"})
    engine.brings(b"with payroll")
    (row,) = packages(office.one)
    client = Client.objects.get(id=office.one.id)
    client.rules = [r for r in client.rules if r.get("kind") != "payroll"]
    client.save()
    marie = browse(office.marie)
    assert marie.get(page).status_code == 200 and row.id not in read(marie.get(page))
    assert marie.get(f"{page}/{row.id}/telecharger").status_code == 404
    assert desk.get(f"{page}/{row.id}").status_code == 200


def test_the_engine_reads_and_brings_bytes_of_its_own_cabinet_alone(
    office: Any, desk: Any, engine: Engine, tmp_path: Path
) -> None:
    from syncd.portal import rights
    from syncd.portal.exchange import engine_orders
    from syncd.portal.models import Cabinet

    file = package(tmp_path / "c", office.one, DOCS)
    handed_in(desk, office.one, file)
    (row,) = packages(office.one)
    found = engine_orders.content(rights.Engine(office.cabinet.id), row.id)
    assert found is not None and found[0].read() == file.read_bytes()
    found[0].close()
    stranger = rights.Engine(Cabinet.objects.create(name="Ailleurs").id)
    assert engine_orders.content(stranger, row.id) is None and engine_orders.awaited(stranger, row.id) is None
    assert engine_orders.awaited(rights.Engine(office.cabinet.id), row.id) is None  # nothing is to be brought of it


def test_the_cabinet_is_told_that_a_package_waits(
    office: Any, desk: Any, engine: Engine, browse: Any, tmp_path: Path
) -> None:
    assert "d'être traité" not in read(desk.get("/"))
    handed_in(desk, office.one, package(tmp_path / "c", office.one, DOCS))
    assert "1 paquet remis attend d'être traité" in read(desk.get("/"))
    assert f'href="{PAGE}{office.one.code}"' in read(desk.get(f"/dossiers/{office.one.code}"))
    assert "Échanger sans réseau" not in read(browse(office.marie).get(f"/dossiers/{office.one.code}"))
