"""What people saw wrong in pages, in HTML alone: failures that looked like successes, places that were not there, others' words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


def read(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ").replace("&#x27;", "'")


def notices(page: str) -> list[tuple[str, str]]:
    """(kind, words) of each that the page shows."""
    return re.findall(r'<div class="notice (\w+)"[^>]*><span>(.*?)</span>', page)


def somebody(office: Any, role: str, verbs: str = "view download deposit delete") -> Any:
    from syncd.portal.models import Grant, Portfolio, User

    person = User.objects.create(cabinet=office.cabinet, sign_in=f"a {role}", name=role.title(), role=role)
    Grant.objects.create(user=person, kind="*", verbs=verbs)
    Portfolio.objects.create(user=person, field="all")
    return person


def test_a_failure_is_no_success_and_says_its_one_cause(office: Any, browse: Any, put: Callable[..., Any]) -> None:
    """All were green, and named three causes of which one was right."""
    one = put(office.one, "Achats/facture.pdf", b"1")
    put(office.one, "Ventes/Facture.pdf", b"2")
    boss = browse(office.boss)
    for path, form, kind, said in (
        ("/choisis/000001", {"do": "delete"}, "warn", "Choisissez au moins un document."),
        ("/reglages/action", {"do": "look", "colour": "#ffffee"}, "bad", "Cette couleur est trop claire : le texte blanc des boutons ne s'y lirait pas."),
        (f"/documents/{one.id}/action", {"do": "move", "to": "Ventes"}, "bad", "Un document s'appelle déjà « facture.pdf » dans Ventes."),
        (f"/documents/{one.id}/action", {"do": "rename", "to": "a:b"}, "bad", "Ce nom contient un caractère interdit ( : )."),
        (f"/documents/{one.id}/action", {"do": "move", "to": "Nulle part"}, "bad", None),
        ("/annuler", {"what": "x"}, "warn", "Il est trop tard pour annuler."),
    ):  # fmt: skip
        ((shown, text),) = notices(read(boss.post(path, form, follow=True)))
        assert shown == kind and (said is None or text == said), (form, shown, text)
    one.refresh_from_db()
    assert one.path == "Achats/facture.pdf"


@pytest.mark.parametrize("role", ["associate", "assistant"])
def test_whoever_gives_no_access_is_not_led_to_where_it_is_given(office: Any, browse: Any, role: str) -> None:
    """« Accès » and « Nouvelle personne » stood there for an assistant, and led to a page that does not exist."""
    hers = browse(somebody(office, role))
    assert ("/personnes" in read(hers.get("/"))) is (hers.get("/personnes/nouvelle").status_code == 200)
    links = set(
        re.findall(r'href="(/personnes[^"?#]*)', read(hers.get("/personnes")) + read(hers.get("/clients/000001")))
    )
    assert all(hers.get(link).status_code == 200 for link in links), links
    if role == "assistant":
        assert "/personnes/nouvelle" not in links


@pytest.mark.parametrize("who", ["boss", "associate", "assistant", "marie", "paul"])
def test_each_place_of_the_menu_says_that_one_is_there(office: Any, browse: Any, who: str) -> None:
    """No page said where one was."""
    person = getattr(office, who, None) or somebody(office, who)
    hers = browse(person)
    page = read(hers.get("/"))
    places = re.findall(r'<a href="([^"]+)"', page[page.index('class="places"') : page.index("</nav>")])
    assert len(places) >= 3
    for place in places:
        answer = hers.get(place, follow=True)  # of one company, some lead to its own page
        assert answer.status_code == 200, place
        menu = read(answer).partition("</nav>")[0]
        assert re.findall(r'<a href="([^"]+)"[^>]* aria-current="(?:page|true)"', menu) == [place], place


def test_a_companies_person_reads_no_words_of_the_cabinets(office: Any, browse: Any, put: Any) -> None:
    """The tab said « Clients », the column « À traiter : 2 à classer »."""
    from syncd.portal.models import Grant

    Grant.objects.create(user=office.marie, client=office.two, kind="*", verbs="view deposit")
    put(office.two, "À classer/a.pdf", b"a")
    page = read(browse(office.marie).get("/"))
    assert "<title>Mes sociétés – Cabinet Martin</title>" in page and page.count('class="card company"') == 2
    assert not re.search(r">[^<]*(à classer|À traiter|Clients?)\b[^<]*<", page.partition("<main")[2])
    type(office.one).objects.filter(id=office.one.id).update(siret="")
    card = read(browse(office.boss).get("/clients/000001"))
    assert re.search(r"Il manque : [^.]*\bSIRET\b[^.]* \(facultatif\)\. Rien n'est bloqué\.", card)


def test_whoever_may_not_change_a_card_sees_no_field(office: Any, browse: Any) -> None:
    """Fourteen of them, without a button."""
    card = read(browse(somebody(office, "associate", "view download")).get("/clients/000001")).partition("<main")[2]
    assert not re.search(r"<(input|select|textarea)(?! type=\"hidden\")", card), card
    assert "<dt>" in card


def test_nothing_is_chosen_beforehand_in_the_menu_that_moves_a_document(office: Any, browse: Any, put: Any) -> None:
    """The first folder was, and a careless click moved the document there."""
    from syncd.portal.models import Grant

    document = put(office.one, "Achats/a.pdf", b"a")
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit delete")
    marie = browse(office.marie)
    page = read(marie.get(f"/documents/{document.id}"))
    assert re.search(r'Déplacer vers <select name="to" required><option value="">Déplacer vers…</option>', page)
    assert "selected" not in page[page.index('<select name="to"') :].partition("</select>")[0]
    ((kind, said),) = notices(
        read(marie.post(f"/documents/{document.id}/action", {"do": "move", "to": ""}, follow=True))
    )
    document.refresh_from_db()
    assert (kind, said, document.path) == ("bad", "Choisissez un dossier.", "Achats/a.pdf")
    listed = read(marie.get("/dossiers/000001/Achats"))
    assert re.search(r'<select name="to"[^>]*><option value="">', listed)


def test_what_was_treated_leads_on_in_the_list_one_came_from_and_nowhere_else(
    office: Any, browse: Any, put: Callable[..., Any]
) -> None:
    type(office.cabinet).objects.update(treated=True)
    one, two = put(office.one, "Achats/a.pdf", b"1"), put(office.one, "Achats/b.pdf", b"2")
    hidden = put(office.foreign, "Achats/c.pdf", b"3")
    boss = browse(office.boss)
    form = re.search(
        r'<input type="hidden" name="then" value="(\w+)">', read(boss.get(f"/documents/{one.id}?sort=name"))
    )
    assert form is not None and form[1] == two.id
    act = f"/documents/{one.id}/action"
    for then in (hidden.id, "x/y"):
        assert boss.post(act, {"do": "treat", "then": then}).status_code == 404
    answer = boss.post(act, {"do": "treat", "then": two.id, "cut": "sort=name&x=//evil.example&q=été"})
    assert answer["Location"].startswith(f"/documents/{two.id}?") and "evil" not in answer["Location"]
    page = read(boss.get(answer["Location"]))
    assert "« a.pdf » est traité." in page and f'action="/documents/{one.id}/action"' in page  # undone from there
