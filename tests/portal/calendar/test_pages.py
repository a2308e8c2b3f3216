"""The calendar's pages: who reads what, what people add and change, what is proposed, and the paper."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

FACTS = {
    "legal_form": "sarl", "vat_regime": "monthly", "profit_category": "bic", "profit_tax": "is", "headcount": "1-10", "closing_day": "31/12",
    "department": "29", "siren": "732829320", "fiscal_flags": "is_3000",
}  # fmt: skip
HERE = "/calendrier/000001"
NOVEMBER = "TVA : déclaration CA3 du mois – novembre 2026"
CA3 = "tva-ca3@2026-11-30"


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    def today(value: Any = None, zone: Any = None) -> date:
        return timezone.localtime(value, zone).date() if value else date(2026, 11, 28)

    monkeypatch.setattr(timezone, "localdate", today)


@pytest.fixture
def firm(office: Any) -> Any:
    """The first client with a card; an accountant who follows it, and one who follows nobody."""
    from syncd.portal.models import Client, Grant, Portfolio, User

    Client.objects.filter(cabinet=office.cabinet).update(**FACTS)
    office.lucie = User.objects.create(cabinet=office.cabinet, sign_in="lucie", name="Lucie", role="associate")
    Grant.objects.create(user=office.lucie, kind="*", verbs="view deposit download")
    Portfolio.objects.create(user=office.lucie, field="responsible", value=office.lucie.id)
    Client.objects.filter(id=office.one.id).update(responsible=office.lucie)
    office.one.refresh_from_db()
    return office


def act(browser: Any, do: str, **given: str) -> str:
    answer = browser.post(f"{HERE}/action", {"do": do, **given}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def read(browser: Any, address: str = HERE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_no_date_is_shown_without_its_source_and_that_it_is_indicative(firm: Any, browse: Callable[..., Any]) -> None:
    for who in (firm.boss, firm.marie):
        page = read(browse(who))
        dates = page.count('<span class="on">')
        assert dates and page.count("<summary>Indicatif") == dates and "Dates indicatives" in page
    assert "À vérifier" in read(browse(firm.boss)), "what nobody verified says so to the cabinet"
    assert "Indicatif, non vérifié : la source" in read(browse(firm.boss))
    assert not {"À vérifier", "non vérifié", "n'a pas été lue"} & {
        *re.findall("À vérifier|non vérifié|n'a pas été lue", html.unescape(read(browse(firm.marie))))
    }


def test_dates_follow_the_rights_on_the_kinds_of_folders(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant

    assert "DSN du mois" in read(browse(firm.boss))
    assert "DSN du mois" not in read(browse(firm.marie)) and NOVEMBER in read(browse(firm.marie))
    Grant.objects.filter(user=firm.marie, kind="*").update(verbs="")
    Grant.objects.create(user=firm.marie, client=firm.one, kind="purchases", verbs="view")
    assert NOVEMBER not in read(browse(firm.marie))
    Grant.objects.filter(user=firm.marie).delete()
    assert browse(firm.marie).get(HERE).status_code == 404


def test_strangers_and_other_cabinets_find_nothing(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import User

    for address in ("", "/action", "/feuille"):
        method = "post" if address == "/action" else "get"
        assert getattr(browse(firm.marie), method)(f"/calendrier/000002{address}").status_code == 404
        assert getattr(browse(firm.boss), method)(f"/calendrier/000009{address}").status_code == 404
        assert getattr(browse(firm.lucie), method)(f"/calendrier/000002{address}").status_code == 404
    nobody = User.objects.create(cabinet=firm.cabinet, sign_in="x", role="assistant")
    assert browse(nobody).get(HERE).status_code == 404 and "Aucune date" in read(browse(nobody), "/calendrier")


def test_a_company_with_one_client_is_led_to_its_calendar(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant

    assert browse(firm.marie).get("/calendrier").headers["Location"] == HERE
    Grant.objects.create(user=firm.marie, client=firm.two, kind="*", verbs="view")
    page = read(browse(firm.marie), "/calendrier?month=2026-12")
    assert page.count("/calendrier/000002?month=2026-12") > page.count("/calendrier/000001?month=2026-12") > 0, (
        "and no payroll of the first"
    )


def test_the_cabinets_page_puts_the_same_obligations_together(firm: Any, browse: Callable[..., Any]) -> None:
    page = read(browse(firm.boss), "/calendrier?month=2026-12")
    assert page.count(NOVEMBER) == 1 and "2 clients" in page
    mine = read(browse(firm.lucie), "/calendrier?month=2026-12")
    assert "1 client" in mine and "000002" not in mine
    assert "000002" not in read(browse(firm.boss), "/calendrier?month=2026-12&q=000001")
    assert (
        browse(firm.boss).get("/calendrier?month=2026-12&whose=mine").content.decode().count('<span class="on">') == 0
    )
    assert browse(firm.boss).get("/calendrier?month=9999-12&q=%22%3E&whose=x").status_code == 200


def test_what_the_card_lacks_is_said_to_the_cabinet(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Client

    Client.objects.filter(id=firm.one.id).update(vat_regime="", department="")
    assert "Il manque à la fiche : régime de TVA" in read(browse(firm.boss)) and NOVEMBER not in read(browse(firm.boss))
    assert "Il manque" not in read(browse(firm.marie))
    assert "1 fiche ne dit pas tout" in read(browse(firm.boss), "/calendrier")


def test_an_exercise_of_another_length_is_said(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Exercise

    for first, last in ((date(2024, 7, 1), date(2025, 6, 30)), (date(2025, 7, 1), date(2026, 12, 31))):
        Exercise.objects.create(client=firm.one, label=str(last), start=first, end=last)
    assert "Exercice du 01/07/2025 au 31/12/2026 : il ne dure pas douze mois" in read(browse(firm.boss))


def test_a_date_the_cabinet_moves_stays_moved_and_goes_back(firm: Any, browse: Callable[..., Any]) -> None:
    boss = browse(firm.boss)
    assert "Date changée" in act(boss, "move", key=CA3, day="2026-12-18", why="Congés", month="2026-12")
    page = read(browse(firm.marie), f"{HERE}?month=2026-12")
    assert "Date changée par le cabinet ; les règles disent le 21/12/2026. Congés" in page
    act(boss, "move", key=CA3, day="2027-06-01")
    assert NOVEMBER not in read(boss, f"{HERE}?month=2026-12") and NOVEMBER in read(boss, f"{HERE}?month=2027-06")
    act(boss, "restore", key=CA3)
    assert NOVEMBER in read(boss, f"{HERE}?month=2026-12") and "Date changée" not in read(boss, f"{HERE}?month=2026-12")


def test_what_the_cabinet_hides_the_company_does_not_see(firm: Any, browse: Callable[..., Any]) -> None:
    boss, marie = browse(firm.boss), browse(firm.marie)
    act(boss, "hide", key=CA3)
    assert NOVEMBER not in read(marie) and "Masquée à l'entreprise" in read(boss)
    assert NOVEMBER not in read(marie, f"{HERE}/feuille?quarter=2026-4") and NOVEMBER not in read(
        boss, f"{HERE}/feuille?quarter=2026-4"
    )
    act(boss, "restore", key=CA3)
    assert NOVEMBER in read(marie)


def test_events_and_comments_of_the_cabinet_for_one_for_a_portfolio_for_all(
    firm: Any, browse: Callable[..., Any]
) -> None:
    from syncd.portal.models import Grant, User

    other = User.objects.create(cabinet=firm.cabinet, sign_in="jean", name="Jean", role="contact")
    Grant.objects.create(user=other, client=firm.two, kind="*", verbs="view deposit")
    lucie, boss, marie, jean = (browse(u) for u in (firm.lucie, firm.boss, firm.marie, other))
    act(lucie, "event", day="2026-12-10", title="Bilan à signer <b>", text="Avec le gérant", scope="responsible")
    act(lucie, "comment", key=CA3, text="Pensez aux avoirs", scope="responsible")
    act(boss, "event", day="2026-12-11", title="Fermeture", scope="all")
    act(boss, "event", day="2026-12-12", title="Rendez-vous")
    mine, theirs = read(marie), read(jean, "/calendrier/000002")
    assert (
        "Bilan à signer &lt;b&gt;" in mine
        and "Pensez aux avoirs" in mine
        and "Fermeture" in mine
        and "Rendez-vous" in mine
    )
    assert "Bilan" not in theirs and "avoirs" not in theirs and "Fermeture" in theirs and "Rendez-vous" not in theirs
    assert "Ce n&#x27;est pas" not in mine
    refused = lucie.post(
        f"{HERE}/action", {"do": "event", "day": "2026-12-10", "title": "x", "scope": "all"}, follow=True
    )
    assert "Fermeture" in refused.content.decode() and "« x »" not in refused.content.decode()


def test_a_companys_notes_are_its_own_and_the_cabinet_reads_them(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import CalendarEntry

    marie, boss, paul = browse(firm.marie), browse(firm.boss), browse(firm.paul)
    assert "est au calendrier" in act(marie, "note", day="2026-12-01", title="Appeler la banque", text="Prêt")
    act(marie, "comment", key=CA3, text="Réserver la somme")
    for who in (boss, paul):
        page = read(who)
        assert "Appeler la banque" in page and "Réserver la somme" in page and "Note de l'entreprise" in page
    entry = CalendarEntry.objects.get(title="Appeler la banque")
    assert (
        "Cette date n&#x27;est plus" in act(boss, "remove", id=entry.id)
        and CalendarEntry.objects.filter(id=entry.id).exists()
    )
    act(paul, "move_entry", id=entry.id, day="2026-12-02")
    act(marie, "comment", key=entry.id, text="Fait par téléphone")
    act(marie, "remove", id=entry.id)
    assert list(CalendarEntry.objects.values_list("text", flat=True)) == ["Réserver la somme"]


@pytest.mark.parametrize("do", ["event", "move", "hide", "restore", "tick", "untick"])
def test_a_company_changes_no_date(firm: Any, browse: Callable[..., Any], do: str) -> None:
    from syncd.portal.models import CalendarChange, CalendarEntry, CalendarTick

    page = act(browse(firm.marie), do, key=CA3, day="2026-12-01", title="x")
    assert 'role="alert"' in page or "notice bad" in page
    assert not (CalendarChange.objects.exists() or CalendarEntry.objects.exists() or CalendarTick.objects.exists())


@pytest.mark.parametrize(
    ("do", "given"),
    [
        ("event", {"day": "", "title": "x"}), ("event", {"day": "2026-13-01", "title": "x"}), ("event", {"day": "2099-01-01", "title": "x"}),
        ("event", {"day": "2026-12-01", "title": " "}), ("event", {"day": "2026-12-01", "title": "x" * 300}),
        ("event", {"day": "2026-12-01", "title": "x", "text": "y" * 3000}), ("comment", {"key": "x@y", "text": "z"}),
        ("comment", {"key": CA3, "text": " "}), ("move", {"key": "tva-ca3@9999-12-31", "day": "2026-12-01"}), ("move", {"key": CA3, "day": "0001-01-01"}),
        ("remove", {"id": "../x"}), ("alert", {"key": CA3, "days": "32"}), ("alert", {"key": "x", "days": "3"}),
        ("tick", {"key": CA3, "document": "f" * 32}), ("event", {"day": "2026-12-01", "title": "x", "scope": "site"}),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_in_words(
    firm: Any, browse: Callable[..., Any], do: str, given: dict[str, str]
) -> None:
    from syncd.portal.models import CalendarAlert, CalendarChange, CalendarEntry, CalendarTick

    assert "notice bad" in act(browse(firm.boss), do, **given)
    assert not any(m.objects.exists() for m in (CalendarAlert, CalendarChange, CalendarEntry, CalendarTick))


def test_an_unknown_act_is_no_page(firm: Any, browse: Callable[..., Any]) -> None:
    assert browse(firm.boss).post(f"{HERE}/action", {"do": "delete"}).status_code == 404
    assert browse(firm.boss).get(f"{HERE}/action").status_code == 405


def test_a_fitting_document_proposes_and_ticks_nothing_by_itself(
    firm: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    from datetime import UTC, datetime

    from syncd.portal.models import CalendarTick, Document

    boss = browse(firm.boss)
    other = put(firm.one, "Fiscalité/CA32 novembre.pdf", b"%PDF-1.4 2 %%EOF", "cabinet")
    before = put(firm.one, "Fiscalité/CA3 octobre 2026.pdf", b"%PDF-1.4 3 %%EOF", "cabinet")
    found = put(firm.one, "Fiscalité/CA3_novembre 2026.pdf", b"%PDF-1.4 1 %%EOF", "cabinet")
    Document.objects.filter(id__in=[other.id, before.id, found.id]).update(
        created_at=datetime(2026, 12, 5, 9, tzinfo=UTC), kind="tax"
    )
    page = read(boss, f"{HERE}?month=2026-12")
    assert page.count("Ce document semble le montrer") == 1 and f'value="{found.id}"' in page
    assert not CalendarTick.objects.exists() and "Ce document semble" not in read(
        browse(firm.marie), f"{HERE}?month=2026-12"
    )
    assert "C&#x27;est fait." in act(boss, "tick", key=CA3, document=found.id, month="2026-12")
    assert CalendarTick.objects.get().document_id == found.id
    page = read(browse(firm.marie), f"{HERE}?month=2026-12")
    assert "Fait, dit" in page and "CA3_novembre" not in page
    act(boss, "untick", key=CA3)
    assert not CalendarTick.objects.exists()


def test_a_closed_client_is_read_and_not_changed(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import CalendarEntry, Client

    Client.objects.filter(id=firm.one.id).update(closed=True)
    page = read(browse(firm.boss))
    assert NOVEMBER in page and "Ajouter un évènement" not in page
    act(browse(firm.boss), "event", day="2026-12-01", title="x")
    for who in (firm.boss, firm.marie):
        act(browse(who), "comment", key=CA3, text="x")
    assert not CalendarEntry.objects.exists()


def test_the_sheet_has_one_quarter_with_its_sources(firm: Any, browse: Callable[..., Any]) -> None:
    page = read(browse(firm.marie), f"{HERE}/feuille?quarter=2026-4")
    assert page.count("<section>") == 3 and NOVEMBER in page and "Sources" in page and "juriblio.fr" in page
    assert "Échéances du trimestre 1 de 2027" in read(browse(firm.marie), f"{HERE}/feuille?quarter=2027-1")
    assert read(browse(firm.marie), f"{HERE}/feuille?quarter=2027-5").count("<section>") == 3


def test_both_first_pages_say_what_is_coming(firm: Any, browse: Callable[..., Any]) -> None:
    assert "Échéances" in read(browse(firm.marie), "/") and "Dates indicatives" in read(browse(firm.marie), "/")
    act(browse(firm.boss), "event", day="2026-12-01", title="Bientôt")
    assert (
        "Bientôt" in read(browse(firm.boss), "/")
        and "Bientôt" in read(browse(firm.marie), "/")
        and "Bientôt" in read(browse(firm.lucie), "/")
    )


def test_titles_are_said_in_english_to_who_reads_english(firm: Any, browse: Callable[..., Any]) -> None:
    firm.marie.language = "en"
    firm.marie.save(update_fields=["language"])
    page = read(browse(firm.marie))
    assert "VAT: monthly CA3 return – November 2026" in page and "Indicative: the source" in page


def test_the_address_of_the_calendar_is_made_changed_and_ended(firm: Any, browse: Callable[..., Any]) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import accounts

    accounts.set_password(firm.marie, "un mot de passe bien long")
    marie = browse(firm.marie)
    assert "agenda/" not in read(marie, "/compte")

    def make() -> str:
        marie.post("/compte/action", {"do": "agenda_on", "current": "un mot de passe bien long"})
        shown = read(marie, "/compte")
        return str(shown.partition("/agenda/")[2].partition(".ics")[0])

    first = make()
    got = Browser().get(f"/agenda/{first}.ics")
    assert got.status_code == 200 and got["Content-Type"].startswith("text/calendar") and b"BEGIN:VEVENT" in got.content
    again = Browser().get(f"/agenda/{first}.ics", headers={"If-None-Match": got["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    second = make()
    assert (
        Browser().get(f"/agenda/{first}.ics").status_code == 404
        and Browser().get(f"/agenda/{second}.ics").status_code == 200
    )
    firm.marie.refresh_from_db()
    assert firm.marie.calendar_key == hashlib.sha256(second.encode()).hexdigest(), "the secret itself is not kept"
    marie.post("/compte/action", {"do": "agenda_off"})
    assert Browser().get(f"/agenda/{second}.ics").status_code == 404
    third = make()
    firm.marie.refresh_from_db()
    accounts.set_password(firm.marie, "un autre mot de passe")
    assert Browser().get(f"/agenda/{third}.ics").status_code == 404
    assert Browser().get(f"/agenda/{'x' * 43}.ics").status_code == 404


def test_no_address_without_the_password(firm: Any, browse: Callable[..., Any]) -> None:
    browse(firm.marie).post("/compte/action", {"do": "agenda_on", "current": "faux"})
    firm.marie.refresh_from_db()
    assert firm.marie.calendar_key == ""


@pytest.mark.parametrize("day", ["2026-06-03", "2028-01-05", "2031-12-31"])
def test_a_date_that_was_moved_far_stands_where_it_was_moved_and_comes_back(
    firm: Any, browse: Callable[..., Any], day: str
) -> None:
    """« 2028 » in the place of « 2027 » is typed quickly: nobody may lose a legal date by it."""
    boss = browse(firm.boss)
    assert "Date changée" in act(boss, "move", key=CA3, day=day)
    assert NOVEMBER in read(boss, f"{HERE}?month={day[:7]}") and NOVEMBER in read(
        browse(firm.marie), f"{HERE}?month={day[:7]}"
    )
    assert "Commentaire ajouté" in act(boss, "comment", key=CA3, text="Voir le courrier.")
    assert "de nouveau celle des règles" in act(boss, "restore", key=CA3)
    assert NOVEMBER in read(boss, f"{HERE}?month=2026-12") and NOVEMBER not in read(boss, f"{HERE}?month={day[:7]}")


def test_one_company_s_notes_take_nothing_from_the_room_of_others(
    firm: Any, browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.calendar import entries
    from syncd.portal.models import CalendarEntry

    assert (entries.NOTES, entries.MOST) == (500, 2000)
    monkeypatch.setattr(entries, "NOTES", 13)  # the rooms are as small as they can be asked
    monkeypatch.setattr(entries, "MOST", 29)
    CalendarEntry.objects.bulk_create(
        CalendarEntry(cabinet=firm.cabinet, client=firm.one, kind="note", field="client", value=firm.one.id, day=date(2026, 12, 1), title="x")
        for _ in range(entries.MOST)
    )  # fmt: skip
    assert "au calendrier" in act(browse(firm.boss), "event", day="2026-12-24", title="Bureau fermé")
    assert "Il y en a déjà 13" in act(browse(firm.marie), "note", day="2026-12-24", title="Inventaire")
    assert "Inventaire" in act(browse(firm.marie), "note", day="2027-02-24", title="Inventaire")
