"""The rights matrix with columns of keys: for each key and document, each address answers what the rule says; and the rule
says no more than what is written here."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.portal.rights import READING, Program, Verb
from tests.portal.programs.program import KINDS, Caller, make

EVERY = (*KINDS, "payroll", "internal", "cash", "private")
# Each column: its scopes, and what else its key is made with.
KEYS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "deposit": (("deposit",), {}),
    "read": (("read",), {}),
    "read, of purchases": (("read",), {"kinds": ("purchases",)}),
    "read, of one client": (("read",), {"reach": "mine"}),
    "read, of payroll": (("read",), {"kinds": EVERY}),
    "read, restricted too": (("read",), {"kinds": EVERY, "restricted": True}),
    "reference": (("reference",), {}),
    "cards": (("cards",), {"kinds": ()}),
    "all": (("read", "deposit", "reference", "cards"), {"kinds": EVERY, "restricted": True}),
    "another cabinet's": (("read", "deposit", "reference", "cards"), {"kinds": EVERY, "restricted": True, "cabinet": "elsewhere"}),
}  # fmt: skip


@pytest.fixture
def keys(house: Any) -> dict[str, str]:
    found = {}
    for name, (scopes, given) in KEYS.items():
        wish = dict(given)
        cabinet = getattr(house, wish.pop("cabinet", "cabinet"))
        if wish.get("reach") == "mine":
            wish["reach"] = [("client", house.mine.id)]
        found[name] = make(cabinet, *scopes, name=name, **wish)
    return found


def reads(house: Any, name: str, document: Any) -> bool:
    """Whether a key sees a document: written down here once more, in other words than the rule's."""
    scopes, wish = KEYS[name]
    if "read" not in scopes or document.tombstone:
        return False
    if document.client.cabinet_id != (house.elsewhere if name.startswith("another") else house.cabinet).id:
        return False
    if wish.get("reach") == "mine" and document.client_id != house.mine.id:
        return False
    top = document.path.split("/")[0]
    rule = next(r for r in document.client.rules if r["path"] == top)
    named = document.kind in wish.get("kinds", KINDS) and document.kind not in ("", "private")
    return named and (not rule.get("restricted") or wish.get("restricted", False))


def program(house: Any, key: str) -> Program:
    from syncd.portal.people.visibility import program_of

    return program_of(key.split("_")[1], "")


def test_each_address_answers_each_key_what_the_rule_says(house: Any, keys: dict[str, str], inline: None) -> None:
    from syncd.portal.clients.tree import place_of
    from syncd.portal.people.visibility import fate_of
    from syncd.portal.rights import may

    asked = given = 0
    for name, key in keys.items():
        caller, actor = Caller(key), program(house, key)
        caller.app.state.programs.rate._rate = caller.app.state.programs.rate._most = 1e9
        listed = caller.all_documents()[0] if "read" in KEYS[name][0] else []
        ids = [d.id for d in house.documents]
        opened = [i for n, i in enumerate(ids) if n % 3 == asked % 3]  # another third of the documents for each key
        ones = caller.get_all([f"/documents/{i}" for i in ids])
        contents = dict(zip(opened, caller.get_all([f"/documents/{i}/content" for i in opened]), strict=True))
        for document, one in zip(house.documents, ones, strict=True):
            want = reads(house, name, document)
            assert may(actor, Verb.VIEW, place_of(document), fate_of(document)) is want, (name, document.path)
            assert (document.id in {d["id"] for d in listed}) is want, (name, document.path)
            missing = 404 if "read" in KEYS[name][0] else 403
            content = contents.get(document.id, one)
            assert [one.status_code, content.status_code] == [200 if want else missing] * 2, (name, document.path)
            assert want or document.path not in one.text + content.text
            asked, given = asked + 1, given + want
    assert asked > 500 and 100 < given < asked / 2


def test_no_key_does_to_a_document_more_than_its_scopes_say(house: Any, keys: dict[str, str]) -> None:
    from syncd.portal.clients.tree import place_of
    from syncd.portal.people.visibility import fate_of
    from syncd.portal.rights import may, may_manage_cabinet, may_manage_client, may_read_messages, may_refer

    for name, key in keys.items():
        actor, scopes = program(house, key), KEYS[name][0]
        assert not may_manage_cabinet(actor) and not may_manage_client(actor, house.mine.id)
        assert not may_read_messages(actor, house.mine.id, "purchases")
        for document in house.documents:
            place, fate = place_of(document), fate_of(document)
            allowed = {verb for verb in Verb if may(actor, verb, place, fate)}
            assert allowed <= (READING if "read" in scopes else set()) | (
                {Verb.DEPOSIT} if "deposit" in scopes else set()
            )
            assert not allowed or not document.tombstone
            assert not may_refer(actor, place, fate) or ("reference" in scopes and not document.tombstone)
            if document.client.closed:
                assert Verb.DEPOSIT not in allowed and not may_refer(actor, place, fate)


def test_what_each_key_may_change_is_written_here(house: Any, keys: dict[str, str], inline: None) -> None:
    """A deposit, entries, a card: of each client, in an ordinary folder and a restricted one."""
    deposited = referred = carded = 0
    for name, key in keys.items():
        scopes, wish = KEYS[name]
        caller, restricted = Caller(key), wish.get("restricted", False)
        foreign = name.startswith("another")
        for client in (house.mine, house.other, house.foreign, house.off):
            reached = (client is house.foreign) is foreign and not client.closed
            if (client is house.foreign) is not foreign and client.code == "001":
                continue  # the code is that of one of its own
            for folder in ("Achats", "Social"):
                named = reached and (folder == "Achats" or restricted)
                answer = caller.ask(
                    "POST", f"/clients/{client.code}/documents", params={"folder": folder, "name": f"{name}.pdf"},
                    content=f"{name} {client.id} {folder}".encode(), headers={"Idempotency-Key": f"{client.code}-{folder}"},
                )  # fmt: skip
                assert (answer.status_code == 201) is (named and "deposit" in scopes), (
                    name,
                    client.code,
                    folder,
                    answer.text,
                )
                deposited += answer.status_code == 201
                document = next(
                    d
                    for d in house.documents
                    if d.client_id == client.id and d.path.startswith(folder) and not d.tombstone
                )
                body = {"entries": [{"journal": "AC", "date": "2026-08-31", "piece": "1"}]}
                answer = caller.ask("PUT", f"/documents/{document.id}/entries", json=body)
                assert (answer.status_code == 200) is (named and "reference" in scopes), (name, client.code, folder)
                referred += answer.status_code == 200
            answer = caller.ask("PATCH", f"/clients/{client.code}/card", json={"group": "G"}, headers={"If-Match": "*"})
            assert (answer.status_code == 200) is (reached and "cards" in scopes), (name, client.code)
            carded += answer.status_code == 200
    assert (deposited, referred, carded) == (8, 8, 5)


def test_a_folder_kept_from_machines_is_kept_from_programs(house: Any, keys: dict[str, str], inline: None) -> None:
    from syncd.portal.clients import clients
    from syncd.portal.rights import Operator

    document = next(
        d for d in house.documents if d.client_id == house.mine.id and d.kind == "purchases" and not d.tombstone
    )
    caller = Caller(keys["all"])
    assert caller.get(f"/documents/{document.id}").status_code == 200
    clients.set_engine_right(Operator(house.cabinet.id, "x"), house.mine, "Achats", on=False)
    assert caller.get(f"/documents/{document.id}").status_code == 404
    assert document.id not in {d["id"] for d in caller.all_documents()[0]}


def test_no_key_reaches_what_lies_in_a_private_space(house: Any, keys: dict[str, str], inline: None) -> None:
    """Not its documents, not its name; the fixture holds that no question so much as touches its tables."""
    for key in keys.values():
        caller = Caller(key)
        for path in (f"/documents/{house.private.document.id}", f"/documents/{house.private.document.id}/content"):
            assert caller.get(path).status_code in (403, 404)
