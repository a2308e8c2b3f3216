"""Which version may take the place of which: nobody's that its author did not see, nobody's of the other side without the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.upload_client import Depositor


def rights_of(user: Any, verbs: str) -> None:
    from syncd.portal.models import Grant

    Grant.objects.filter(user=user, kind="*").update(verbs=verbs)


def the_cabinet_saves(client: Any, document: Any, data: bytes) -> None:
    import io

    from syncd.core.protocol import PutItem
    from syncd.portal.documents.deposit import Arrival, deposit
    from syncd.portal.rights import Engine
    from syncd.portal.storage import blob_store

    document.refresh_from_db()
    blobs = blob_store()
    staged, content = blobs.stage_from(io.BytesIO(data))
    item = PutItem(client.id, document.path, content, doc=document.id, version=document.version)
    (result,) = deposit(Engine(client.cabinet_id), [Arrival(item, content, staged)]).results
    assert result.ok, result


@pytest.mark.parametrize(("verbs", "back"), [("view deposit", False), ("view deposit download delete", True)])
def test_an_old_version_is_put_over_the_cabinets_by_whoever_may_delete_alone(
    office: Any, browse: Any, put: Callable[..., Any], verbs: str, back: bool
) -> None:
    document = put(office.one, "Banque/bail.pdf", b"the company's")
    the_cabinet_saves(office.one, document, b"the cabinet's correction")
    rights_of(office.marie, verbs)
    marie = browse(office.marie)
    assert ("Remettre" in marie.get(f"/documents/{document.id}").content.decode()) is back
    said = marie.post(f"/documents/{document.id}/action", {"do": "version", "to": "1"}, follow=True).content.decode()
    document.refresh_from_db()
    assert (document.version, "pas le droit" in said) == ((3, False) if back else (2, True))


def test_where_the_cabinet_deletes_on_request_nobody_puts_an_old_version_over_its_own(
    office: Any, browse: Any, put: Callable[..., Any]
) -> None:
    document = put(office.one, "Achats/a.pdf", b"the company's")
    the_cabinet_saves(office.one, document, b"the cabinet's correction")
    office.one.client_delete = "request"
    office.one.save()
    rights_of(office.marie, "view deposit download delete")
    browse(office.marie).post(f"/documents/{document.id}/action", {"do": "version", "to": "1"})
    document.refresh_from_db()
    assert document.version == 2


def test_an_old_version_is_not_put_over_one_that_nobody_saw(office: Any, browse: Any, put: Callable[..., Any]) -> None:
    document = put(office.one, "Achats/a.pdf", b"1")
    the_cabinet_saves(office.one, document, b"2")
    boss = browse(office.boss)
    page = boss.get(f"/documents/{document.id}").content.decode()
    assert '<input type="hidden" name="over" value="2">' in page
    the_cabinet_saves(office.one, document, b"3")
    fields = {"do": "version", "to": "1", "over": "2"}
    assert (
        "vient d&#x27;être modifié"
        in boss.post(f"/documents/{document.id}/action", fields, follow=True).content.decode()
    )
    document.refresh_from_db()
    assert document.version == 3


def test_the_right_is_asked_within_the_transaction(office: Any, put: Callable[..., Any], monkeypatch: Any) -> None:
    """The cabinet saves between the question and the writing."""
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Version
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Code, Refusal

    document = put(office.one, "Achats/a.pdf", b"1")
    put(office.one, "Achats/a.pdf", b"2")
    document.refresh_from_db()
    read, marie = Version.objects.filter, person_of(office.marie)

    def meanwhile(*args: Any, **values: Any) -> Any:
        if "number" in values:
            the_cabinet_saves(office.one, type(document).objects.get(id=document.id), b"3")
        return read(*args, **values)

    monkeypatch.setattr(Version.objects, "filter", meanwhile)
    with pytest.raises(Refusal) as refused:
        lifecycle.put_version_back(marie, document, 1)
    assert refused.value.code is Code.NOT_ALLOWED_HERE
    document.refresh_from_db()
    assert document.version == 3


@pytest.mark.parametrize("verbs", ["view deposit", "view deposit download delete"])
@pytest.mark.parametrize("told", [True, False])
def test_what_the_cabinet_saved_while_a_new_version_arrived_is_kept_beside_it(
    office_there: Any, browse: Any, told: bool, verbs: str
) -> None:
    """`told`: by a page that says which version its person saw; pages of before do not."""
    from syncd.portal.models import Document

    rights_of(office_there.marie, verbs)
    marie = Depositor(office_there.marie, office_there.one.code)
    asyncio.run(marie.deposit("Achats", "devis.txt", b"1"))
    document = Document.objects.get(client=office_there.one)
    meta = {"over": document.id, **({"base": "1"} if told else {})}
    created = asyncio.run(marie.create("Achats", "mine.txt", 4, meta))
    assert created.status_code == 201
    the_cabinet_saves(office_there.one, document, b"the cabinet's")
    done = asyncio.run(marie.patch(created.headers["location"], 0, b"mine"))
    assert done.status_code == 204
    said = Depositor.line_of(done)
    assert said["outcome"] == "beside" and "Un autre a remplacé ce document entre-temps" in said["message"]
    kept = {d.path: d.version for d in Document.objects.filter(client=office_there.one)}
    assert kept == {"Achats/devis.txt": 2, "Achats/devis (2).txt": 1}
    receipt = browse(office_there.marie).get(f"/depots/{said['number']}").content.decode()
    assert "Un autre a remplacé ce document entre-temps" in receipt


def test_a_page_of_an_hour_ago_replaces_what_it_showed_alone(office_there: Any) -> None:
    from syncd.portal.models import Document

    marie = Depositor(office_there.marie, office_there.one.code)
    asyncio.run(marie.deposit("Achats", "devis.txt", b"1"))
    document = Document.objects.get(client=office_there.one)
    the_cabinet_saves(office_there.one, document, b"the cabinet's")
    created = asyncio.run(marie.create("Achats", "devis.txt", 4, {"over": document.id, "base": "1"}))
    done = asyncio.run(marie.patch(created.headers["location"], 0, b"mine"))
    assert Depositor.line_of(done)["outcome"] == "beside"
    document.refresh_from_db()
    assert document.version == 2


def test_ones_own_newer_version_is_no_others(office_there: Any) -> None:
    """A list that was not loaded anew since one replaced something in it."""
    from syncd.portal.models import Document

    marie = Depositor(office_there.marie, office_there.one.code)
    asyncio.run(marie.deposit("Achats", "devis.txt", b"1"))
    document = Document.objects.get(client=office_there.one)
    for data in (b"2", b"3"):
        created = asyncio.run(marie.create("Achats", "devis.txt", 1, {"over": document.id, "base": "1"}))
        done = asyncio.run(marie.patch(created.headers["location"], 0, data))
        assert Depositor.line_of(done)["outcome"] == "version"
    document.refresh_from_db()
    assert document.version == 3
