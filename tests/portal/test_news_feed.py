"""RSS and Atom at one secret address: the same rights, and what any reader takes apart."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tests.portal.talk import person, say


def test_rss_and_atom_say_the_same_and_no_more_than_the_reader_may_see(office: Any, put: Any, browse: Any) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import own_account
    from syncd.portal.people.visibility import person_of

    put(office.one, "Achats/facture & 'été'.pdf", b"1")
    put(office.one, "Social/bulletin.pdf", b"2")
    put(office.two, "Achats/autre.pdf", b"3")
    key = own_account.make_feed(person_of(office.marie))
    reader = Browser()
    rss = reader.get(f"/flux/{key}.rss")
    assert rss.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = ET.fromstring(rss.content)
    assert root.tag == "rss" and root.get("version") == "2.0"
    (channel,) = root.findall("channel")
    for needed in ("title", "link", "description", "lastBuildDate"):
        assert (channel.findtext(needed) or "").strip(), needed
    (item,) = channel.findall("item")
    assert item.findtext("title") == "facture & 'été'.pdf" and urlsplit(item.findtext("link") or "").path.startswith(
        "/documents/"
    )
    assert item.findtext("guid") and parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is not None
    atom = ET.fromstring(reader.get(f"/flux/{key}.atom").content)
    spaces = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.text for e in atom.findall("a:entry/a:title", spaces)] == [item.findtext("title")]
    own_account.end_feed(person_of(office.marie))
    assert reader.get(f"/flux/{key}.rss").status_code == 404
    page = browse(office.marie).post("/compte/action", {"do": "feed_off"}, follow=True)
    assert page.status_code == 200


def test_my_account_shows_both_addresses(office: Any, browse: Any) -> None:
    from syncd.portal.people import accounts

    accounts.set_password(office.marie, "une phrase assez longue")
    browser = browse(office.marie)
    page = browser.post(
        "/compte/action", {"do": "feed_on", "current": "une phrase assez longue"}, follow=True
    ).content.decode()
    assert ".rss</code>" in page and ".atom</code>" in page


def test_what_was_said_is_fed_to_who_may_read_it_and_ends_with_the_right(talking: Any, put: Any) -> None:
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.messages.newest import newest
    from syncd.portal.models import Grant
    from syncd.portal.people import own_account

    spaces = {"a": "http://www.w3.org/2005/Atom"}
    thread = say(talking.boss, talking.one, "TVA & <b>", "Bonjour\x1b <script>\nune ligne")
    say(talking.boss, talking.one, "TVA & <b>", "entre nous", internal=True)
    say(talking.boss, talking.one, "Paie", "salaire", "payroll")
    say(talking.boss, talking.two, "Ailleurs", "rien pour Marie")
    keys, reader = {u.id: own_account.make_feed(person(u)) for u in (talking.marie, talking.rh)}, Browser()

    def read(user: Any) -> list[tuple[str, str]]:
        answer = reader.get(f"/flux/{keys[user.id]}/echanges.atom")
        assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        entries = ET.fromstring(answer.content).findall("a:entry", spaces)
        return [(e.findtext("a:title", "", spaces), e.findtext("a:summary", "", spaces)) for e in entries]

    ((title, said),) = read(talking.marie)
    assert title == "TVA & <b> – Société 000001" and said.endswith("Bonjour <script>\nune ligne")
    assert read(talking.rh) == [("Un message confidentiel – Société 000001", "à lire dans l'espace documents")]
    for n in range(60):
        say(talking.boss, talking.one, f"Sujet {n % 7}", f"mot {n}")
    with CaptureQueriesContext(connection) as queries:
        found = newest(person(talking.marie), 50)
    assert [e.text for e in found] == [f"mot {n}" for n in range(59, 9, -1)]
    assert sum("portal_thread" in q["sql"] for q in queries) == 2 and thread.id not in {e.thread_id for e in found}
    Grant.objects.filter(user=talking.marie).update(verbs="view")
    assert read(talking.marie) == []
    own_account.end_feed(person(talking.rh))
    assert reader.get(f"/flux/{keys[talking.rh.id]}/echanges.atom").status_code == 404


def test_words_stay_in_the_feed_however_many_notes_follow(talking: Any) -> None:
    from syncd.portal.messages.newest import newest

    say(talking.boss, talking.one, "TVA", "Bonjour")
    for n in range(3):
        say(talking.boss, talking.one, "TVA", f"entre nous {n}", internal=True)
    assert [e.text for e in newest(person(talking.marie), 1)] == ["Bonjour"]
