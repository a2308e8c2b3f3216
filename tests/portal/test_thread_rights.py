"""One rule for messages too: every list, page, search, count, mail and bag answers what `may_read_messages` says."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.portal import rights
from tests.portal.talk import person
from tests.portal.test_rights import House

KINDS = ("other", "purchases", "payroll", "bank", "information")


def _talk(house: House) -> dict[str, Any]:
    """By subject a thread of each kind of each client, of which everybody who may be is told."""
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.messages.threads import open_thread
    from syncd.portal.models import Client, ThreadReader
    from syncd.portal.rights import Operator

    found: dict[str, Any] = {}
    for client in (house.mine, house.other, house.foreign, house.off):
        actor = Operator(client.cabinet_id, "Cabinet")
        Client.objects.filter(id=client.id).update(closed=False)
        client.refresh_from_db()
        for kind in KINDS:
            subject = f"sujet {client.cabinet_id[:6]} {client.code} {kind}"
            thread = open_thread(actor, client, subject, kind)
            append(actor, thread, Said(Kind.MESSAGE, f"mot{client.cabinet_id[:6]}{client.code}{kind}"))
            for user in house.people.values():  # also those who may not read it: what is told is not what may be read
                ThreadReader.objects.update_or_create(thread=thread, user=user, defaults={"told": True, "unread": True})
            found[subject] = thread
    Client.objects.filter(id=house.off.id).update(closed=True)
    return found


def test_everything_that_shows_messages_answers_what_the_rule_says(
    house: House, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.messages import export, threads
    from syncd.portal.messages.threads import Wanted, listed
    from syncd.portal.models import Client, Thread, User
    from syncd.portal.people.visibility import messages
    from syncd.portal.web import news_feed

    found, given, denied = _talk(house), 0, 0
    monkeypatch.setattr(news_feed, "ENTRIES", 1000)
    for name, user in house.people.items():
        who, browser = person(user), browse(user)
        may = {
            subject: who.cabinet == t.cabinet_id and rights.may_read_messages(who, t.client_id, t.kind)
            for subject, t in found.items()
        }
        wanted = {subject for subject, fine in may.items() if fine}
        assert {t.subject for t in listed(who, Wanted())} == wanted, name
        assert threads.unread(who) == len(wanted), name
        assert set(Thread.objects.filter(messages(who)).values_list("subject", flat=True)) == wanted, name
        page = browser.get("/echanges").content.decode()
        feed = news_feed._said(User.objects.get(id=user.id))
        for subject in found:
            fine = may[subject]
            given, denied = given + fine, denied + (not fine)
            assert (subject in page) is fine and (f"/echanges/{found[subject].id}#" in feed) is fine, (name, subject)
        for subject, thread in list(found.items())[:: 3 if name.startswith("contact") else 7]:
            fine = may[subject]
            assert (browser.get(f"/echanges/{thread.id}").status_code == 200) is fine, (name, subject)
            word = thread.entries.get().text
            assert (f"/echanges/{thread.id}" in browser.get(f"/echanges?q={word}").content.decode()) is fine, (
                name,
                subject,
            )
            before = thread.entries.count()
            browser.post(f"/echanges/{thread.id}", {"text": "moi aussi"})
            wrote = thread.entries.count() > before
            thread.entries.filter(number__gt=before).delete()
            Thread.objects.filter(id=thread.id).update(last=before, shared=before)
            assert wrote is (fine and thread.client_id != house.off.id), (name, subject)
        for client in Client.objects.filter(cabinet=house.cabinet):
            said = export.files(who, client).get("echanges.html", b"").decode()
            for subject, thread in found.items():
                if thread.client_id == client.id:
                    assert (subject in said) is may[subject], (name, subject)
    assert given > 60 and denied > 100
