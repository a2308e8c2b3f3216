"""« Échanges » as people meet it: lists, a thread, writing; by right, without a script, whatever somebody writes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.portal.talk import page, say, told_of, unread


def test_a_company_without_addresses_writes_and_the_cabinet_answers(talking: Any, browse: Any) -> None:
    """Nobody here has an e-mail address."""
    marie, boss = browse(talking.marie), browse(talking.boss)
    assert "Aucun échange pour l'instant." in page(marie, "/echanges")
    assert "Général – Marie Dupont, Paul" in page(marie, "/echanges/nouveau")
    answer = marie.post(
        "/echanges/nouveau", {"subject": "TVA d'octobre", "text": "Que dois-je envoyer ?", "kind": "other"}
    )
    assert answer.status_code == 302
    where = answer["Location"]
    shown = page(boss, "/echanges")
    assert "TVA d'octobre" in shown and "Société 000001" in shown and "Que dois-je envoyer ?" in shown
    assert re.search(r"Échanges</span> <b class=\"hot\">1</b>", page(boss, "/"))
    assert "Marie Dupont (société)" in page(boss, where) and '<b class="hot">1</b>' not in page(boss, "/")
    assert boss.post(where, {"text": "Les relevés."}).status_code == 302
    mine = page(marie, where)
    assert (
        "boss (cabinet)" in mine
        and "Les relevés." in mine
        and "Vu par le cabinet le" in mine
        and "Vu par boss" not in mine
    )
    assert "Vu par Marie Dupont (société) le" in page(boss, where)


def test_a_note_stands_in_yellow_for_the_cabinet_and_nowhere_for_the_company(talking: Any, browse: Any) -> None:
    thread = say(talking.marie, talking.one, "TVA", "Bonjour")
    boss, marie = browse(talking.boss), browse(talking.marie)
    where = f"/echanges/{thread.id}"
    assert 'name="internal"' in page(boss, where) and 'name="internal"' not in page(marie, where)
    boss.post(where, {"text": "à relancer lundi", "internal": "1"})
    assert 'class="message note mine"' in page(boss, where)
    for path in (where, "/echanges", "/echanges?q=relancer"):
        assert "relancer lundi" not in page(marie, path)
    assert unread(talking.marie) == 0
    marie.post(
        where, {"text": "de la société", "internal": "1"}
    )  # what only the cabinet may ask for counts for nothing
    assert "de la société" in page(marie, where)
    hidden = say(talking.boss, talking.one, "Contrôle", "secret", internal=True)
    page(marie, f"/echanges/{hidden.id}", 404)


@pytest.mark.parametrize("who", ["rh", "silent"])
def test_whoever_may_not_read_a_thread_finds_none(talking: Any, browse: Any, who: str) -> None:
    thread = say(talking.marie, talking.one, "TVA", "Bonjour")
    browser = browse(getattr(talking, who))
    page(browser, f"/echanges/{thread.id}", 404)
    assert browser.post(f"/echanges/{thread.id}", {"text": "x"}).status_code == 404
    for path in ("/echanges", "/echanges?q=TVA", "/echanges?q=bonjour", f"/echanges?after={thread.id}", "/"):
        shown = page(browser, path)
        assert (
            f'href="/echanges/{thread.id}' not in shown
            and ">TVA" not in shown
            and "Bonjour" not in shown.replace("Bonjour R", "").replace("Bonjour S", "")
        )


def test_whoever_reads_no_messages_meets_no_way_to_them(talking: Any, browse: Any) -> None:
    browser = browse(talking.silent)
    page(browser, "/echanges/nouveau", 404)
    assert browser.post("/echanges/nouveau", {"subject": "x", "text": "y", "kind": "other"}).status_code == 404
    assert 'href="/echanges"' not in page(browser, "/") and 'href="/echanges/nouveau"' not in page(browser, "/echanges")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{ thread }}",
        "\u202egnp.exe",
        "a\0b",
        "\n".join("x" for _ in range(9_000)),
        "https://evil.example/x",
        "é" * 20_000,
    ],
)
def test_whatever_somebody_writes_is_shown_and_does_nothing(talking: Any, browse: Any, text: str) -> None:
    marie, boss = browse(talking.marie), browse(talking.boss)
    answer = marie.post("/echanges/nouveau", {"subject": text[:40], "text": text, "kind": "other"})
    assert answer.status_code == (400 if "\0" in text else 302)
    if answer.status_code == 400:
        return
    raw = boss.get(answer["Location"]).content.decode()
    assert "<script>alert" not in raw and "<img src=x" not in raw and "\u202e" not in raw and "\0" not in raw
    assert 'href="https://evil' not in raw and boss.get("/echanges?q=x").status_code == 200


def test_what_names_another_clients_document_leads_nowhere_and_tells_nothing(
    talking: Any, browse: Any, put: Any
) -> None:
    other = put(talking.two, "Achats/secret.pdf", b"1")
    thread = say(talking.boss, talking.one, "TVA", f"voir /documents/{other.id}")
    raw = page(browse(talking.marie), f"/echanges/{thread.id}")
    assert f'href="/documents/{other.id}' not in raw and "secret.pdf" not in raw


def test_the_title_of_a_document_is_there_for_who_sees_it(talking: Any, browse: Any, put: Any) -> None:
    slip = put(talking.one, "Social/paie de Paul.pdf", b"1")
    thread = say(talking.boss, talking.one, "Divers", "Voir ceci", document=slip)
    mine = page(browse(talking.marie), f"/echanges/{thread.id}")
    assert "paie de Paul" not in mine and slip.id not in mine and "que vos droits ne montrent pas" in mine
    assert "paie de Paul.pdf" in page(browse(talking.boss), f"/echanges/{thread.id}")


def test_a_refused_message_is_not_lost(talking: Any, browse: Any) -> None:
    from syncd.portal.models import Client

    thread, marie = say(talking.boss, talking.one, "TVA", "Bonjour"), browse(talking.marie)
    Client.objects.filter(id=talking.one.id).update(closed=True)
    answer = marie.post(f"/echanges/{thread.id}", {"text": "Bonjour"})
    assert answer.status_code == 403 and "désactivé" in answer.content.decode()
    Client.objects.filter(id=talking.one.id).update(closed=False)
    answer = marie.post(f"/echanges/{thread.id}", {"text": "y" * 20_001})
    assert answer.status_code == 403 and "y" * 20_001 in answer.content.decode()
    answer = marie.post("/echanges/nouveau", {"subject": " ", "text": "Un long message", "kind": "other"})
    assert answer.status_code == 403 and "Un long message" in answer.content.decode()


def test_a_button_struck_twice_says_it_once(talking: Any, browse: Any) -> None:
    thread, marie = say(talking.boss, talking.one, "TVA", "Bonjour"), browse(talking.marie)
    for _ in range(2):
        marie.post(f"/echanges/{thread.id}", {"text": "Oui\r\nmerci"})
    assert thread.entries.count() == 2
    for _ in range(2):
        marie.post("/echanges/nouveau", {"client": "000001", "subject": "Paie", "text": "Bonjour", "kind": "other"})
    assert [t.entries.count() for t in type(thread).objects.filter(subject="Paie")] == [1]


def test_the_same_word_after_another_persons_is_a_word_of_its_own(talking: Any) -> None:
    thread = say(talking.boss, talking.one, "TVA", "Avez-vous tout envoyé ?")
    for _ in range(2):
        say(talking.marie, talking.one, "TVA", "Oui")
        say(talking.boss, talking.one, "TVA", "Et les relevés ?")
    assert thread.entries.count() == 5


def test_who_is_told_is_chosen_on_the_page(talking: Any, browse: Any) -> None:
    boss = browse(talking.boss)
    where = boss.post(
        "/echanges/nouveau",
        {
            "client": "000001",
            "subject": "TVA",
            "text": "x",
            "kind": "other",
            "choose": "these",
            "told": [talking.paul.id],
        },
    )["Location"]
    from syncd.portal.models import Thread

    thread = Thread.objects.get()
    assert told_of(thread) == {"paul", "boss"} and "Prévenus : Paul" in page(boss, where)
    boss.post(where, {"text": "y", "choose": "1", "told": [talking.marie.id]})
    assert told_of(thread) == {"marie", "boss"}
    boss.post(where, {"text": "z"})
    assert told_of(thread) == {"marie", "boss"}


def test_a_correspondent_chooses_the_client_first(talking: Any, browse: Any) -> None:
    boss = browse(talking.boss)
    assert '<option value="000002">' in page(boss, "/echanges/nouveau")
    assert "Société 000002" in page(boss, "/echanges/nouveau?client=000002")
    page(boss, "/echanges/nouveau?client=000009", 404)
    page(boss, "/echanges?client=000009", 404)


def test_a_long_thread_is_read_from_its_end(talking: Any, browse: Any) -> None:
    thread, marie = say(talking.boss, talking.one, "TVA", "premier"), browse(talking.marie)
    for n in range(50):
        say(talking.boss, talking.one, "TVA", f"message {n}.")
    last = page(marie, f"/echanges/{thread.id}")
    assert "message 49." in last and "message 5." not in last
    (before,) = re.findall(r"\?before=([0-9a-f]{32})", last)
    first = page(marie, f"/echanges/{thread.id}?before={before}")
    assert "premier" in first and "message 9." in first and 'href="?before=' not in first
    assert "message 10." in last and "message 10." not in first
    assert marie.get(f"/echanges/{thread.id}?before=x").status_code == 200


def test_one_who_has_no_right_to_messages_is_named_so_and_given_it_back(talking: Any, browse: Any) -> None:
    from syncd.portal.models import Grant

    boss = browse(talking.boss)
    form = {"name": "Simon", "preset": "all", "client": "000001"}
    assert "checked" in page(boss, f"/personnes/{talking.silent.id}").partition('name="no_messages"')[2][:30]
    assert boss.post(f"/personnes/{talking.silent.id}", form).status_code == 302
    assert all("message" in g.verbs.split() for g in Grant.objects.filter(user=talking.silent))
    assert 'value="all" checked' in page(boss, f"/personnes/{talking.silent.id}")
    boss.post(f"/personnes/{talking.silent.id}", {**form, "no_messages": "1"})
    assert not any("message" in g.verbs.split() for g in Grant.objects.filter(user=talking.silent))


def test_documents_are_put_from_a_thread_and_their_receipt_stands_in_it(talking: Any, browse: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.messages import receipts
    from syncd.portal.models import Deposit, Document

    def post(browser: Any, folder: str, *names: str, text: str = "Les voici.") -> Any:
        files = [SimpleUploadedFile(n, n.encode()) for n in names]
        form = {"folder": folder, "text": text, **({"documents": files} if files else {})}
        return browser.post(f"/echanges/{thread.id}/deposer", form)

    thread, marie = say(talking.boss, talking.one, "TVA", "Les relevés ?"), browse(talking.marie)
    assert '<option value="Achats"' in page(marie, f"/echanges/{thread.id}")
    assert post(marie, "Banque", "octobre.pdf", "novembre.pdf").status_code == 302
    begun = Deposit.objects.get()
    for user in (talking.boss, talking.marie):
        shown = page(browse(user), f"/echanges/{thread.id}")
        assert "Les voici." in shown and f"Accusé n° {begun.number}" in shown and "2 documents" in shown
    assert set(Document.objects.values_list("path", flat=True)) == {"Banque/octobre.pdf", "Banque/novembre.pdf"}
    assert post(marie, "Banque", "octobre.pdf").status_code == 302  # there already: nothing is said again
    assert thread.entries.count() == 2
    answer = post(marie, "Banque", text="sans document")
    assert answer.status_code == 403 and "sans document" in answer.content.decode()
    assert (
        post(marie, "Social", "paie.pdf").status_code == 404 and post(marie, "Nulle part", "x.pdf").status_code == 404
    )
    assert post(browse(talking.silent), "Banque", "x.pdf").status_code == 404
    receipts.gather()
    assert thread.entries.count() == 2 and Deposit.objects.count() == 1


def test_a_receipt_is_hidden_from_who_does_not_see_the_folder_and_the_words_are_not(talking: Any, browse: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    thread = say(talking.boss, talking.one, "TVA", "Bonjour")
    form = {"folder": "Social", "text": "ci-joint", "documents": [SimpleUploadedFile("paie.pdf", b"x")]}
    assert browse(talking.boss).post(f"/echanges/{thread.id}/deposer", form).status_code == 302
    shown = page(browse(talking.marie), f"/echanges/{thread.id}")
    assert "ci-joint" in shown and "Accusé" not in shown and "paie" not in shown
