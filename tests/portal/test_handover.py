"""« Récupérer les documents »: a bag of one client, or of several, within the rights of whoever asks."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from syncd.portal import rights
from syncd.portal.rights import Verb
from tests.portal.test_rights import House, expected
from tests.support import databases
from tests.support.bags import check, documents

PAGE = "/recuperation"


def taken(answer: Any, into: Path) -> list[Path]:
    """The bags of an archive."""
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as z:
        assert z.testzip() is None
        z.extractall(into)
    return sorted(into.iterdir())


def let_download(user: Any, kind: str = "*") -> None:
    from syncd.portal.models import Grant

    Grant.objects.filter(user=user, kind=kind).update(verbs="view deposit download")


def test_the_cabinet_hands_one_client_over_and_it_is_written_down(
    office: Any, browse: Any, put: Any, tmp_path: Path
) -> None:
    from syncd.portal.models import Audit, Document

    put(office.one, "Achats/été 100 %.pdf", b"one")
    put(office.one, "Social/paie.pdf", b"two")
    put(office.two, "Achats/other.pdf", b"never")
    browser = browse(office.boss)
    page = browser.get(f"{PAGE}?client=000001").content.decode()
    assert "2 documents" in page.replace("\xa0", " ") and 'method="post"' in page and "<script>" not in page
    (bag,) = taken(browser.post(PAGE, {"client": "000001"}), tmp_path)
    assert bag.name == "000001 - Société 000001"
    check(bag)
    assert documents(bag) == {"Achats/été 100 %.pdf": b"one", "Social/paie.pdf": b"two"}
    assert "Interne" in (bag / "LISEZ-MOI.txt").read_text("utf-8-sig")
    assert Audit.objects.get(what="handed_over").about == "000001 (2)"
    assert all(d.received_at for d in Document.objects.filter(client=office.one))
    assert "documents récupérés" in browser.get("/reglages/historique").content.decode()


def test_several_clients_are_a_bag_each(office: Any, browse: Any, put: Any, tmp_path: Path) -> None:
    put(office.one, "Achats/a.pdf", b"one")
    put(office.two, "Achats/a.pdf", b"two")
    browser = browse(office.boss)
    chosen = browser.post("/clients/choisis", {"do": "handover", "id": [office.one.id, office.two.id]})
    assert chosen.status_code == 302 and chosen.url.startswith(PAGE)
    assert "2 documents de 2 clients" in browser.get(chosen.url).content.decode().replace("\xa0", " ")
    found = taken(browser.post(PAGE, {"client": ["000001", "000002"]}), tmp_path)
    assert [documents(bag) for bag in found] == [{"Achats/a.pdf": b"one"}, {"Achats/a.pdf": b"two"}]
    for bag in found:
        check(bag)


def test_a_company_takes_what_it_may_have_and_nothing_else(office: Any, browse: Any, put: Any, tmp_path: Path) -> None:
    put(office.one, "Achats/a.pdf", b"ours")
    put(office.one, "Social/paie.pdf", b"payroll")
    marie = browse(office.marie)
    assert "Aucun document à récupérer" in marie.get(PAGE).content.decode()  # she may look, not download
    let_download(office.marie)
    assert "1 document" in marie.get(PAGE).content.decode().replace("\xa0", " ")
    assert f'href="{PAGE}?client=000001"' in marie.get("/dossiers/000001", follow=True).content.decode()
    (bag,) = taken(marie.post(PAGE), tmp_path)
    check(bag)
    assert documents(bag) == {"Achats/a.pdf": b"ours"}
    text = "".join(p.read_text("utf-8-sig") for p in bag.iterdir() if p.is_file())
    assert not re.search(r"\b(Social|paie|Interne)\b", text)
    for other in ("000002", "000009", "none"):
        assert marie.get(f"{PAGE}?client={other}").status_code == 404
        assert marie.post(PAGE, {"client": other}).status_code == 404


def test_what_is_damaged_is_named_and_never_sent(office: Any, browse: Any, put: Any, tmp_path: Path) -> None:
    from django.conf import settings

    bad, gone = (put(office.one, f"Achats/{name}.pdf", name.encode()) for name in ("bad", "gone"))
    put(office.one, "Achats/good.pdf", b"good")
    databases.hurt(settings.DATA, bad.version_id, b"BAD")
    databases.hurt(settings.DATA, gone.version_id, None)
    (bag,) = taken(browse(office.boss).post(PAGE, {"client": "000001"}), tmp_path)
    check(bag)
    assert documents(bag) == {"Achats/good.pdf": b"good"}
    said = (bag / "LISEZ-MOI.txt").read_text("utf-8-sig")
    assert "1 récupéré sur 3 présents" in said and "Achats/bad.pdf" in said and "Achats/gone.pdf" in said


def test_a_client_without_documents_says_so_and_too_many_are_refused(
    office: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.web import handover

    browser = browse(office.boss)
    page = browser.get(f"{PAGE}?client=000001").content.decode()
    assert "Aucun document à récupérer" in page and "Récupérer</button>" not in page
    monkeypatch.setattr(handover, "TOGETHER", 1)
    answer = browser.post(PAGE, {"client": ["000001", "000002"]})
    assert answer.status_code == 200 and "syncd retrieve" in answer.content.decode()


def test_an_access_that_ended_meanwhile_gives_nothing(office: Any, put: Any) -> None:
    from django.utils import timezone

    from syncd.portal.documents.handover import hand_over
    from syncd.portal.models import Audit, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    put(office.one, "Achats/a.pdf", b"ours")
    let_download(office.marie)
    marie = person_of(office.marie)
    User.objects.filter(id=office.marie.id).update(is_active=False)
    with pytest.raises(Refusal):
        hand_over(marie, office.one, timezone.localtime())
    assert not Audit.objects.filter(what="handed_over").exists()


def test_everybody_takes_exactly_what_the_rule_gives(house: House, browse: Any, tmp_path: Path) -> None:
    """Every role, folder kind, company and cabinet: of the cabinet whoever manages the client, of a company what it may have."""
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of

    given = 0
    for user in house.people.values():
        person = person_of(User.objects.get(id=user.id))
        for client in (house.mine, house.other, house.foreign):
            if client.cabinet_id != user.cabinet_id:  # its code leads to their own, or nowhere
                continue
            may = [d for d in house.documents if d.client_id == client.id and not d.tombstone]
            may = [d for d in may if expected(user, Verb.DOWNLOAD, d)]
            if person.role.of_cabinet and not rights.may_manage_client(person, client.id):
                may = []
            answer = browse(user).post(PAGE, {"client": client.code})
            held = set[str]()
            if answer.status_code == 200 and answer.streaming:
                (bag,) = taken(answer, tmp_path / f"{user.name} {client.id}")
                held = set(documents(bag))
            wanted = {d.path for d in may} if user.is_active else set()
            assert held == wanted, (user.name, client.code, answer.status_code)
            given += len(held)
    assert given > 50
