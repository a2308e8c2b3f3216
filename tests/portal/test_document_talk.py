"""Questions on a document and the cabinet's notes, from its page and from « À classer »; what its state then says."""

from __future__ import annotations

from typing import Any

from tests.portal.talk import page, person


def test_a_question_from_the_pile_is_answered_on_the_documents_page(talking: Any, browse: Any, put: Any) -> None:
    document = put(talking.one, "À classer/scan.pdf", b"1")
    boss, marie = browse(talking.boss), browse(talking.marie)
    assert "Demander au client" in page(boss, "/a-classer")
    where = f"/documents/{document.id}/echange"
    answer = boss.post(where, {"text": "Magasin ou atelier ?", "kind": "question", "back": "inbox"})
    assert answer["Location"] == f"/a-classer?document={document.id}"
    assert "Magasin ou atelier ?" in page(boss, "/a-classer")
    lists = ("/dossiers/000001/À classer", "/recherche?q=scan", f"/documents/{document.id}", "/echanges")
    for path in lists:
        assert '"chip warn" title="Le cabinet attend une réponse">Question<' in page(marie, path), path
    shown = page(marie, f"/documents/{document.id}")
    assert "Magasin ou atelier ?" in shown and "boss (cabinet)" in shown and "Répondre" in shown
    answer = marie.post(where, {"text": "L'atelier."})
    assert answer["Location"] == f"/documents/{document.id}#echanges"
    for path in lists:
        assert ">Répondu<" in page(boss, path), path
    assert "L'atelier." in page(boss, "/a-classer")


def test_the_cabinets_note_on_a_document_is_the_cabinets_alone(talking: Any, browse: Any, put: Any) -> None:
    document = put(talking.one, "Achats/facture.pdf", b"1")
    boss, marie = browse(talking.boss), browse(talking.marie)
    where = f"/documents/{document.id}/echange"
    boss.post(where, {"text": "compte 606", "internal": "1", "kind": "question"})
    assert "compte 606" in page(boss, f"/documents/{document.id}")
    for path in (f"/documents/{document.id}", "/echanges", "/dossiers/000001/Achats", "/recherche?q=facture"):
        shown = page(marie, path)
        assert "compte 606" not in shown and ">Question</span>" not in shown and "Note interne" not in shown
    marie.post(where, {"text": "Une question", "kind": "question", "internal": "1"})
    assert "La société attend une réponse" in page(boss, "/dossiers/000001/Achats")


def test_who_sees_a_document_and_reads_no_messages_learns_of_no_question(talking: Any, browse: Any, put: Any) -> None:
    document = put(talking.one, "Achats/facture.pdf", b"1")
    browse(talking.boss).post(f"/documents/{document.id}/echange", {"text": "secret ?", "kind": "question"})
    simon = browse(talking.silent)
    for path in (f"/documents/{document.id}", "/dossiers/000001/Achats", "/recherche?q=facture"):
        shown = page(simon, path)
        assert ">Question</span>" not in shown and "secret ?" not in shown and 'id="echanges"' not in shown
    simon.post(f"/documents/{document.id}/echange", {"text": "moi"})
    assert document.thread.entries.count() == 1


def test_nothing_is_said_about_a_document_one_does_not_see(talking: Any, browse: Any, put: Any) -> None:
    slip = put(talking.one, "Social/paie.pdf", b"1")
    other = put(talking.two, "Achats/x.pdf", b"1")
    for document in (slip, other):
        answer = browse(talking.marie).post(f"/documents/{document.id}/echange", {"text": "x"})
        assert answer.status_code == 404


def test_what_is_refused_is_said_on_the_page(talking: Any, browse: Any, put: Any) -> None:
    document = put(talking.one, "Achats/facture.pdf", b"1")
    marie = browse(talking.marie)
    marie.post(f"/documents/{document.id}/echange", {"text": "  "})
    assert "Écrivez votre message." in page(marie, f"/documents/{document.id}")


def test_rows_of_documents_take_one_question_more_however_many(talking: Any, put: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.documents.listing import rows_of
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.messages.questions import asked_of, say

    documents = [put(talking.one, f"Achats/{n}.pdf", str(n).encode()) for n in range(3)]
    for document in documents[:2]:
        say(person(talking.boss), document, Said(Kind.QUESTION, "?"))
    with CaptureQueriesContext(connection) as queries:
        rows = rows_of(person(talking.marie), documents)
    asker = len(queries)
    assert [r.question for r in rows] == ["asked", "asked", ""]
    with CaptureQueriesContext(connection) as queries:
        rows_of(person(talking.marie), documents[:1])
    assert len(queries) == asker
    assert [t.subject for t in asked_of(person(talking.marie), talking.one.id, 5)] == ["0.pdf", "1.pdf"]
    assert asked_of(person(talking.boss), "", 5) == []


def test_lists_and_search_are_cut_by_what_is_asked_and_answered(talking: Any, browse: Any, put: Any) -> None:
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.messages.questions import say

    asked, answered, quiet = (put(talking.one, f"Achats/piece {n}.pdf", n.encode()) for n in ("a", "b", "c"))
    for document in (asked, answered):
        say(person(talking.boss), document, Said(Kind.QUESTION, "?"))
    say(person(talking.marie), answered, Said(Kind.MESSAGE, "voilà"))

    def found(user: Any, path: str) -> list[Any]:
        shown = page(browse(user), path)
        return [d for d in (asked, answered, quiet) if f'<a href="/documents/{d.id}' in shown]

    for user in (talking.boss, talking.marie):
        for path in ("/dossiers/000001/Achats?", "/recherche?q=piece&"):
            assert found(user, f"{path}state=question") == [asked], (user, path)
            assert found(user, f"{path}state=answered") == [answered], (user, path)
            assert ">Répondu</option>" in page(browse(user), path)
    for path in ("/dossiers/000001/Achats?", "/recherche?q=piece&"):  # nor is who reads no messages told by the list
        assert found(talking.silent, f"{path}state=question") == [] == found(talking.silent, f"{path}state=answered")
