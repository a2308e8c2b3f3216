"""« Nouvelle personne »: the least right by default, what would be seen is said, the chosen way stays, nothing without an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch, portal_directory: Any) -> None:
    """A portal with a mail server."""
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")


WHO = {"role": "contact", "preset": "secretary", "client": "000001", "name": "Jeanne Petit"}


def checked(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="(\w+)" checked', page)


def made(name: str = "Jeanne Petit") -> Any:
    from syncd.portal.models import User

    return User.objects.filter(name=name).first()


def test_the_least_right_is_chosen_unless_somebody_chooses_more(office: Any, browse: Callable[..., Any]) -> None:
    """All folders were chosen beforehand."""
    page = browse(office.boss).get("/personnes/nouvelle?client=000001").content.decode()
    assert checked(page, "role") == ["contact"] and checked(page, "preset") == ["information"]
    assert checked(page, "preset_cabinet") == ["read"] and checked(page, "invite") == ["auto"]
    page = browse(office.boss).get("/personnes/nouvelle?side=cabinet").content.decode()
    assert checked(page, "role") == ["assistant"]


def test_an_invitation_by_mail_without_an_address_is_refused_and_the_way_stays(
    office: Any, browse: Callable[..., Any], mail: None
) -> None:
    """A sheet with a code was shown, without a word, and after a mistake the sheet was chosen again."""
    answer = browse(office.boss).post("/personnes/nouvelle", {**WHO, "invite": "mail"})
    page = answer.content.decode()
    assert answer.status_code == 403 and "pas d&#x27;adresse e-mail" in page and made() is None
    assert checked(page, "invite") == ["mail"] and checked(page, "preset") == ["secretary"]
    assert 'value="000001" selected' in page and 'value="Jeanne Petit"' in page
    page = browse(office.boss).post("/personnes/nouvelle", {**WHO, "name": "", "invite": "link"}).content.decode()
    assert checked(page, "invite") == ["link"]


@pytest.mark.parametrize(("email", "what"), [("jeanne@example.fr", "invited_mail"), ("", "invited_card")])
def test_the_way_is_by_mail_where_there_is_an_address(
    office: Any, browse: Callable[..., Any], mail: None, email: str, what: str
) -> None:
    from syncd.portal.models import Audit

    browse(office.boss).post("/personnes/nouvelle", {**WHO, "email": email, "invite": "auto"})
    assert made().email == email and Audit.objects.filter(what=what).count() == 1


def test_what_would_be_seen_is_said_without_making_anything(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Client, User

    Client.objects.filter(id=office.one.id).update(site="Lyon")
    before, boss = User.objects.count(), browse(office.boss)
    told = boss.post("/personnes/apercu", {**WHO, "preset": "payroll"}).json()
    assert told["folders"]["payroll"] == "Social" and told["folders"]["secretary"].startswith(
        "À classer, Achats, Ventes, Banque"
    )
    assert "Juridique" in told["folders"]["all"] and told["sign_in"] == "j.petit"
    for form, said in (
        ({}, "Ne verra aucun client pour l'instant."), ({"all": "on"}, "Verra 2 clients."), ({"site": "Lyon"}, "Verra 1 client."),
        ({"client": ["000001", "000002"]}, "Verra 2 clients."), ({"role": "correspondent"}, "Verra 2 clients."), ({"client": "000009"}, "Ne verra aucun client pour l'instant."),
    ):  # fmt: skip
        assert boss.post("/personnes/apercu", {"role": "assistant", **form}).json()["covers"] == said, form
    page = boss.post("/personnes/nouvelle", {**WHO, "role": "assistant", "site": "Lyon", "do": "look"})
    assert page.status_code == 200 and "Verra 1 client." in page.content.decode() and User.objects.count() == before


def test_nobody_learns_of_clients_and_folders_beyond_their_own(office: Any, browse: Callable[..., Any]) -> None:
    marie = browse(office.marie)
    told = marie.post("/personnes/apercu", {"client": "000002", "all": "on", "name": "X Y"}).json()
    assert told["covers"] == "" and set(told["folders"].values()) == {"aucun dossier"}
    assert browse(office.paul).post("/personnes/apercu", WHO).status_code == 404
    assert browse(office.paul).get("/personnes/nouvelle").status_code == 404
    marie.post("/personnes/nouvelle", {**WHO, "role": "member", "client": "000002", "preset": "read"})
    assert made() is None


def test_what_no_browser_sends_is_answered(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    boss.raise_request_exception = False
    for odd in ("²", "9" * 5000, "%", "x" * 300):
        form = dict.fromkeys(("name", "email", "sign_in", "role", "preset", "client", "site", "responsible", "invite", "language"), odd)  # fmt: skip
        for path in ("/personnes/nouvelle", "/personnes/apercu"):
            assert boss.post(path, form).status_code < 500, (path, odd)
        assert boss.get("/personnes/nouvelle", form).status_code == 200


def test_the_first_administrator_has_a_name(portal: Any, browse: Callable[..., Any]) -> None:
    """It was called by its address, and stood in no list."""
    from syncd.portal.models import User
    from syncd.portal.operations import installation

    cabinet, _ = installation.found_cabinet(
        "Cabinet Neuf", "anne@example.fr", "une phrase assez longue", " Anne  Martin "
    )
    anne = User.objects.get(cabinet=cabinet)
    assert anne.name == "Anne Martin"
    assert "Anne Martin</a>" in browse(anne).get("/personnes?side=cabinet").content.decode()


def test_a_secretary_has_what_she_is_told_to_take_when_in_doubt(office: Any, browse: Any) -> None:
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import PRESETS

    jeanne = User.objects.create(cabinet=office.cabinet, sign_in="jeanne", name="Jeanne", role="contact")
    for kind, verbs in PRESETS["secretary"].items():
        Grant.objects.create(user=jeanne, client=office.one, kind=kind, verbs=" ".join(verbs))
    page = browse(jeanne).get("/").content.decode()
    assert "Dans le doute, prenez « À classer »." in page and 'data-folder="À classer"' in page
    assert not person_of(jeanne).kinds(office.one.id).get("payroll")
    told = browse(office.boss).post("/personnes/apercu", WHO).json()
    assert "À classer" in told["folders"]["secretary"] and "Social" not in told["folders"]["secretary"]


def test_whoever_was_a_secretary_before_is_called_one_and_has_no_more(office: Any, browse: Any) -> None:
    from syncd.portal.models import Grant, User

    jeanne = User.objects.create(cabinet=office.cabinet, sign_in="jeanne", name="Jeanne", role="contact")
    for kind in ("purchases", "sales", "bank", "other"):
        Grant.objects.create(user=jeanne, client=office.one, kind=kind, verbs="view download deposit delete")
    boss = browse(office.boss)
    assert "Secrétaire : Achats, Ventes, Banque, Autres<" in boss.get("/personnes").content.decode()
    assert 'value="secretary" checked' not in boss.get(f"/personnes/{jeanne.id}").content.decode()
    assert "prenez «" not in browse(jeanne).get("/").content.decode()
