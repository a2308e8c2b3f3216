"""« Accès »: who is in the list of whom, what cuts it, and what is done to many people in one request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture(autouse=True)
def fresh(portal_directory: Any) -> None:
    """Nothing counted by an earlier test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch, portal_directory: Any) -> Callable[[], list[str]]:
    """A portal with a mail server; whom letters are for."""
    from django.conf import settings

    from syncd.portal.models import Letter

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    return lambda: list(Letter.objects.order_by("to").values_list("to", flat=True))


def contact(office: Any, sign_in: str, name: str, **more: Any) -> Any:
    """A person of the first client who never came."""
    from syncd.portal.models import Grant, User

    user = User.objects.create(
        cabinet=office.cabinet, sign_in=sign_in, name=name, role="contact", password="!", **more
    )  # fmt: skip
    Grant.objects.create(user=user, client=more.get("client", office.one), kind="*", verbs="view")
    return user


def listed(browser: Any, query: str = "") -> list[str]:
    """The people's names, in the order of the page."""
    page = browser.get(f"/personnes?{query}").content.decode()
    return re.findall(r'data-label="Nom"><a href="[^"]+">(.*?)</a>', page.replace("<mark>", "").replace("</mark>", ""))


def associate(office: Any, kinds: str = "view deposit download delete manage", **lines: str) -> Any:
    from syncd.portal.models import Grant, Portfolio, User

    user = User.objects.create(cabinet=office.cabinet, sign_in="assoc", name="Anne", role="associate")
    Grant.objects.create(user=user, kind="*", verbs=kinds)
    for field, value in (lines or {"all": ""}).items():
        Portfolio.objects.create(user=user, field=field, value=value)
    return user


def test_the_list_holds_whom_the_rule_lets_one_manage_and_nobody_else(office: Any) -> None:
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import account_of, manageable, person_of
    from syncd.portal.rights import may_manage_account

    both = contact(office, "both", "Des deux")
    Grant.objects.create(user=both, client=office.two, kind="*", verbs="view")
    User.objects.create(cabinet=office.cabinet, sign_in="nowhere", role="contact")
    User.objects.create(cabinet=office.foreign.cabinet, sign_in="elsewhere", role="correspondent")
    anne = associate(office, client=office.one.id)
    User.objects.create(cabinet=office.cabinet, sign_in="below", role="assistant", parent=anne)
    everybody, seen = list(User.objects.all()), 0
    for asks in everybody:
        person = person_of(asks)
        found = set(User.objects.filter(manageable(person)).values_list("id", flat=True))
        assert found == {u.id for u in everybody if may_manage_account(person, account_of(u))}, asks.sign_in
        seen += len(found)
    assert seen > 8


def test_companies_and_the_cabinet_are_apart_and_the_list_is_cut(office: Any, browse: Callable[..., Any]) -> None:
    from django.utils import timezone

    from syncd.portal.models import Client, User

    Client.objects.filter(id=office.one.id).update(name="Élégance SARL", folded="elegance sarl 000001")
    contact(office, "eric", "Éric Ébène", email="eric@example.fr")
    contact(office, "zoe", "Zoé Zola", is_active=False)
    User.objects.filter(id=office.marie.id).update(last_login=timezone.now())
    boss = browse(office.boss)
    assert listed(boss) == ["Éric Ébène", "Marie Dupont", "Paul", "Zoé Zola"]
    assert listed(boss, "side=cabinet") == ["boss"]  # whoever looks stands there too
    for query, names in {
        "q=ebene": ["Éric Ébène"], "q=elegance+marie": ["Marie Dupont"], "company=elegance&q=zoe": ["Zoé Zola"],
        "company=000002": [], "client=000001&q=paul": ["Paul"], "state=never": ["Éric Ébène", "Paul"],
        "state=withdrawn": ["Zoé Zola"], "state=no_email": ["Marie Dupont", "Paul"], "role=member": ["Paul"],
        "sort=-name&q=e": ["Zoé Zola", "Paul", "Marie Dupont", "Éric Ébène"], "sort=visit": ["Marie Dupont", "Éric Ébène", "Paul", "Zoé Zola"],
    }.items():  # fmt: skip
        assert listed(boss, query) == names, query
    assert listed(browse(office.marie)) == ["Marie Dupont", "Paul"]


def test_fifty_stand_on_a_page_and_queries_do_not_grow(office: Any, browse: Callable[..., Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    boss, asked = browse(office.boss), []
    boss.get("/personnes")
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            boss.get("/personnes?sort=name")
        asked.append(len(queries))
        for n in range(60):
            contact(office, f"c{len(asked)}.{n}", f"Personne {n:02}")
    assert asked[0] == asked[1], asked
    assert len(listed(boss)) == 50 and len(listed(boss, "page=2")) == 50


def test_who_may_manage_nobody_is_told_no_lie(office: Any, browse: Callable[..., Any]) -> None:
    """An associate who may not manage read « Personne n'a encore d'accès ici. » where thirty had one."""
    anne = associate(office, "view deposit")
    page = browse(anne).get("/personnes").content.decode()
    assert "Vous n'avez encore donné d'accès à personne." in page.replace("&#x27;", "'")


def decoded(svg: str) -> str:
    """What a telephone reads in the picture: its dark runs (`M2 2.5h7m1 0h4…`) as dots."""
    import zxingcpp

    wide, path = int(re.search(r'viewBox="0 0 (\d+)', svg)[1]), re.search(r' d="([^"]+)"', svg)[1]  # type: ignore[index]
    scale = 8
    rows = [[255] * (wide * scale) for _ in range(wide * scale)]
    x = y = 0.0
    for step, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if step == "h":
            for row in range(int(y - 0.5) * scale, int(y + 0.5) * scale):
                for column in range(int(x) * scale, int(x + float(first)) * scale):
                    rows[row][column] = 0
        if step == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second or 0)
    dots = bytes(dot for row in rows for dot in row)
    (found,) = zxingcpp.read_barcodes(memoryview(dots).cast("B", shape=[len(rows), len(rows)]))
    return str(found.text)


def test_sheets_of_many_are_made_in_one_request_and_let_their_people_in(
    office: Any, browse: Callable[..., Any]
) -> None:
    from django.test import Client as Browser

    from syncd.portal.models import Audit, Cabinet, Invitation
    from syncd.portal.people import invitations

    Cabinet.objects.filter(id=office.cabinet.id).update(phone="02 40 00 00 00")
    people = [contact(office, f"p.durand.{n}", f"Personne {n}") for n in range(6)]
    former = invitations.issue(people[0], "card")
    boss = browse(office.boss)
    asked = boss.post("/personnes/choisies", {"do": "sheets", "all": "1", "q": "personne"}).content.decode()
    assert "6 fiches à imprimer" in asked and "1 personne a déjà une fiche" in asked and "mot de passe" not in asked
    assert Invitation.objects.count() == 1  # nothing is made before it was said
    ids = re.findall(r'name="id" value="(\w+)"', asked)
    page = boss.post("/personnes/fiches", {"id": ids})
    html = page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0") and html.count('class="access-sheet"') == 6
    assert "Société 000001" in html and "02 40 00 00 00" in html and "testserver/acces" in html
    assert invitations.with_card("p.durand.0", former) is None
    assert Audit.objects.filter(what="invited_card").count() == 6
    codes = dict(zip(*[iter(re.findall(r"<dd><code>([^<]+)</code></dd>", html))] * 2, strict=True))
    assert len(codes) == 6
    for picture in re.findall(r"<svg(?! class).*?</svg>", html):
        leads = urlsplit(decoded(picture))
        given = {k: v[0] for k, v in parse_qs(leads.fragment).items()}
        assert (leads.path, leads.query) == ("/premiere-connexion", "")  # no server is sent the code
        assert codes.pop(given["login"]).replace("-", "") == given["code"]
        done = Browser().post("/premiere-connexion", {"login": given["login"], "code": given["code"].lower()})
        assert done.status_code == 302 and done["Location"] == "/invitation"
    assert not codes
    short = Browser().get("/acces")
    assert (short.status_code, short["Location"]) == (302, "/premiere-connexion")


def test_whoever_has_a_password_gets_a_sheet_only_when_asked_to(
    office: Any, browse: Callable[..., Any], mail: Callable[[], list[str]]
) -> None:
    from syncd.portal.models import Invitation, User

    User.objects.filter(id=office.marie.id).update(password="kept", email="marie@example.fr")
    newcomer = contact(office, "newcomer", "Nouvelle")
    gone = contact(office, "gone", "Partie", is_active=False)
    boss, ids = browse(office.boss), [office.marie.id, newcomer.id, gone.id]
    asked = boss.post("/personnes/choisies", {"do": "sheets", "id": ids}).content.decode()
    assert (
        "1 fiche à imprimer" in asked and "1 personne choisie a déjà un mot de passe" in asked and gone.id not in asked
    )
    form = {"id": [newcomer.id], "settled": [office.marie.id]}
    assert boss.post("/personnes/fiches", form).content.decode().count('class="access-sheet"') == 1
    assert mail() == []
    assert boss.post("/personnes/fiches", {**form, "also": "on"}).content.decode().count('class="access-sheet"') == 2
    assert mail() == ["marie@example.fr"]
    page = boss.post("/personnes/fiches", {"id": [gone.id]}).content.decode()
    assert "Partie est retiré" in page and not Invitation.objects.filter(user=gone).exists()


def test_many_are_invited_by_mail_and_the_others_named(
    office: Any, browse: Callable[..., Any], mail: Callable[[], list[str]]
) -> None:
    from syncd.portal.models import Audit, User

    User.objects.filter(id=office.marie.id).update(password="kept", email="marie@example.fr")
    User.objects.filter(id=office.paul.id).update(password="!")
    for n in range(3):
        contact(office, f"c{n}", f"C{n}", email=f"c{n}@example.fr")
    page = browse(office.boss).post("/personnes/choisies", {"do": "mail", "all": "1"}, follow=True).content.decode()
    page = page.replace("&#x27;", "'")
    assert "3 invitations partent par e-mail." in page
    assert "Paul n'a pas d'adresse e-mail" in page and "Marie Dupont a déjà un mot de passe" in page
    assert mail() == ["c0@example.fr", "c1@example.fr", "c2@example.fr"]
    assert Audit.objects.filter(what="invited_mail").count() == 3


def test_without_a_mail_server_nobody_is_invited_by_mail(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    assert "Inviter par e-mail" not in boss.get("/personnes").content.decode()
    page = boss.post("/personnes/choisies", {"do": "mail", "id": [office.paul.id]}, follow=True).content.decode()
    assert "envoie pas d&#x27;e-mails" in page and 'class="notice bad"' in page


def test_many_are_withdrawn_and_given_back_by_one_button(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Audit, Invitation, User
    from syncd.portal.people import invitations

    two = [contact(office, f"c{n}", f"C{n}") for n in range(2)]
    before = contact(office, "before", "Avant", is_active=False)
    invitations.issue(two[0], "card")
    paul, boss = browse(office.paul), browse(office.boss)
    form = {"do": "withdraw", "id": [*(u.id for u in two), before.id, office.paul.id]}
    page = boss.post("/personnes/choisies", form, follow=True).content.decode()
    assert "3 accès retirés." in page and paul.get("/").status_code == 302
    assert not User.objects.filter(id__in=form["id"], is_active=True).exists() and not Invitation.objects.exists()
    assert Audit.objects.filter(what="account_revoke").count() == 3
    (what,) = re.findall(r'name="what" value="([^"]+)"', page)
    assert (
        "ne peut plus" in browse(office.marie).post("/personnes/annuler", {"what": what}, follow=True).content.decode()
    )
    assert not User.objects.get(id=two[0].id).is_active
    page = boss.post("/personnes/annuler", {"what": what}, follow=True).content.decode()
    assert "3 accès rendus." in page and User.objects.get(id=two[0].id).is_active
    assert not User.objects.get(id=before.id).is_active  # taken away before, and by nobody knows whom
    assert Audit.objects.filter(what="account_allow").count() == 3


@pytest.mark.parametrize("who", ["marie", "paul", "anne"])
def test_nothing_is_done_to_people_whom_one_does_not_manage(
    office: Any, browse: Callable[..., Any], mail: Callable[[], list[str]], who: str
) -> None:
    from syncd.portal.models import Invitation, User

    office.anne = associate(office, "view deposit")
    User.objects.update(password="!", email="x@example.fr")
    ids = list(User.objects.exclude(id=office.paul.id).values_list("id", flat=True))
    asks = browse(getattr(office, who))
    for do in ("mail", "withdraw", "sheets"):
        asks.post("/personnes/choisies", {"do": do, "id": ids})
        asks.post("/personnes/choisies", {"do": do, "all": "1", "side": "cabinet"})
    asks.post("/personnes/fiches", {"id": ids})
    assert not Invitation.objects.exists() and mail() == []
    assert User.objects.filter(is_active=True).count() == User.objects.count()


def test_what_no_browser_sends_is_answered(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    boss.raise_request_exception = False
    for odd in ("²", "9" * 5000, "-1", "x" * 300, "%"):
        for name in ("side", "q", "state", "role", "company", "client", "sort", "page"):
            assert boss.get("/personnes", {name: odd}).status_code == 200, (name, odd)
        for path, form in (
            ("/personnes/choisies", {"do": odd, "id": odd}), ("/personnes/choisies", {"do": "sheets", "id": odd, "back": odd}),
            ("/personnes/choisies", {"do": "withdraw", "all": odd, "side": odd}), ("/personnes/fiches", {"id": odd, "also": odd, "back": odd}),
            ("/personnes/annuler", {"what": odd}), ("/reglages/action", {"do": "phone", "phone": odd}),
        ):  # fmt: skip
            assert boss.post(path, form).status_code < 500, (path, form)
    many = {"do": "sheets", "id": [f"{n:032x}" for n in range(600)]}
    page = boss.post("/personnes/choisies", many, follow=True).content.decode()
    assert "500 personnes au plus" in page


def test_the_cabinets_telephone_is_written_down(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Cabinet

    boss = browse(office.boss)
    boss.post("/reglages/action", {"do": "phone", "phone": " 02 40 11 22 33 "})
    assert Cabinet.objects.get(id=office.cabinet.id).phone == "02 40 11 22 33"
    page = boss.post("/reglages/action", {"do": "phone", "phone": "<b>"}, follow=True).content.decode()
    assert 'class="notice bad"' in page and Cabinet.objects.get(id=office.cabinet.id).phone == "02 40 11 22 33"
    browse(office.marie).post("/reglages/action", {"do": "phone", "phone": ""})
    assert Cabinet.objects.get(id=office.cabinet.id).phone == "02 40 11 22 33"
