"""A key opens what it was made for, as long as it holds, from where it may, and is found nowhere afterwards."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.portal.programs.program import Caller, make


def test_of_a_key_nothing_is_kept_that_opens_anything(office: Any, inline: None) -> None:
    from syncd.portal.models import Audit, ProgramKey

    key = make(office.cabinet, "read")
    held = ProgramKey.objects.get()
    secret = key.rsplit("_", 1)[1]
    assert len(secret) == 64 and not any(secret in str(getattr(held, f.name)) for f in ProgramKey._meta.fields)
    assert not Audit.objects.filter(about__contains=secret).exists()
    caller = Caller(key)
    assert caller.get("/clients").status_code == 200
    assert Caller(key[:-1] + ("0" if key[-1] != "0" else "1")).get("/clients").status_code == 401
    assert Caller(key.replace(held.id, "0" * 32)).get("/clients").status_code == 401
    held.refresh_from_db()
    assert held.used_at is not None and held.used_from == "127.0.0.1"


def test_a_key_is_compared_in_a_time_that_tells_nothing(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    from syncd.core.errors import Refused
    from syncd.portal.programs import keys

    asked = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: asked.append((a, b)) or compare(a, b))
    for key in (make(office.cabinet, "read")[:-2] + "zz", "syncd_" + "0" * 32 + "_" + "1" * 64, "x"):
        with pytest.raises(Refused):
            keys.program_with(key, "")
    assert len(asked) == 3 and all(len(a) == len(b) == 64 for a, b in asked)  # also where there is no such key


def test_no_answer_without_a_key_that_holds(office: Any, inline: None, person: Any) -> None:
    from syncd.portal.models import ProgramKey
    from syncd.portal.programs import keys

    answer = Caller("").get("/clients")
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["code"] == "key"
    caller = Caller(make(office.cabinet, "read", networks="192.0.2.0/24"))
    assert caller.get("/clients").json()["code"] == "network"
    assert caller.ask("GET", "/clients", address="192.0.2.7").status_code == 200
    ended = Caller(make(office.cabinet, "read"))
    assert ended.get("/clients").status_code == 200
    ProgramKey.objects.filter(networks="").update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert (ended.get("/clients").status_code, ended.get("/clients").json()["code"]) == (401, "key_ended")
    revoked = Caller(make(office.cabinet, "read", name="Quadra"))
    keys.revoke(person(office.boss), ProgramKey.objects.get(name="Quadra").id)
    assert revoked.get("/clients").status_code == 401
    assert revoked.get("/nothing").status_code == 401  # nor is it told what there is


def test_a_key_in_an_address_is_refused_even_with_a_right_one_beside(office: Any, inline: None) -> None:
    key = make(office.cabinet, "read")
    for name in ("key", "access_token", "anything"):
        assert Caller("").get("/clients", **{name: key}).json()["code"] == "key_in_address"
        assert Caller(key).get("/clients", **{name: key}).json()["code"] == "key_in_address"
    assert Caller(key).get("/clients", token="x").status_code == 422
    from syncd.portal.operations.log_redaction import cut

    assert key not in cut(f"GET /api/v1/programs/clients?key={key}") and key[-64:] not in cut(f"a {key} b")


def test_who_asks_too_often_is_told_when_to_come_back(
    office: Any, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.api.programs import rate_limit
    from syncd.portal.api.programs.rate_limit import RateLimit

    monkeypatch.setattr(rate_limit, "LATE", 0.0)
    now = [0.0]
    caller, other = Caller(make(office.cabinet, "read")), make(office.cabinet, "read")
    caller.app.state.programs.rate = RateLimit(2.0, 3.0, lambda: now[0])
    assert [caller.get("/clients").status_code for _ in range(4)] == [200, 200, 200, 429]
    told = caller.get("/clients")
    assert told.headers["Retry-After"] == "1" and told.json()["status"] == 429
    assert Caller(other, caller.app).get("/clients").status_code == 200  # another key is unharmed
    now[0] = 0.5
    assert caller.get("/clients").status_code == 200


def test_who_tries_keys_is_slowed_by_address_and_nobody_else(office: Any, inline: None, monkeypatch: Any) -> None:
    from syncd.portal.api.programs import rate_limit

    monkeypatch.setattr(rate_limit, "LATE", 0.0)
    right = Caller(make(office.cabinet, "read"))
    right.app.state.programs.wrong = rate_limit.RateLimit(1.0, 20.0, lambda: 0.0)
    found = [
        Caller(f"syncd_{n:032x}_{n:064x}", right.app).ask("GET", "/clients", address="192.0.2.9").status_code
        for n in range(30)
    ]
    assert found[:20] == [401] * 20 and set(found[25:]) == {429}
    assert right.get("/clients").status_code == 200


def test_buckets_are_forgotten_when_they_are_full_again() -> None:
    from syncd.portal.api.programs.rate_limit import KNOWN, RateLimit

    now = [0.0]
    limit = RateLimit(1.0, 2.0, lambda: now[0])
    assert [limit.take("mine") for _ in range(3)] == [0, 0, 1]
    for n in range(KNOWN):
        limit.left(str(n))
    assert len(limit._buckets) < 10 and limit.take("mine") == 1
    for n in range(KNOWN + 1):  # none of them is full
        limit.take(f"later {n}")
    assert len(limit._buckets) < KNOWN


def test_keys_are_made_and_taken_back_by_correspondents_on_their_page(office: Any, browse: Any) -> None:
    from syncd.portal.models import Audit, ProgramKey

    boss = browse(office.boss)
    form = {
        "do": "make",
        "name": "Éditeur (v2)",
        "scope": ["read", "deposit"],
        "kind": ["purchases"],
        "client": "000001",
        "days": "90",
    }
    page = boss.post("/reglages/programmes", form, follow=True).content.decode()
    held = ProgramKey.objects.get()
    assert f"syncd_{held.id}_" in page and held.emitter == "Editeur v2" and held.reach == [["client", office.one.id]]
    assert held.scopes == "deposit read" and held.kinds == "purchases" and not held.restricted
    assert held.expires_at is not None and 88 < (held.expires_at - held.made_at).days <= 90
    again = boss.get("/reglages/programmes").content.decode()
    assert f"syncd_{held.id}_" not in again and "Éditeur (v2)" in again  # shown once
    for wrong, why in (
        ({"name": ""}, "nom du programme"), ({"scope": []}, "au moins une chose"), ({"kind": []}, "type de dossier"),
        ({"client": ""}, "au moins un client"), ({"days": "7"}, "pas le droit"), ({"emitter": "é!"}, "code émetteur"), ({"networks": "x"}, "x"),
    ):  # fmt: skip
        refused = boss.post("/reglages/programmes", {**form, **wrong})
        assert refused.status_code == 403 and why in refused.content.decode(), why
    for user in (office.marie, office.paul):
        assert browse(user).post("/reglages/programmes", form).status_code == 404
        assert browse(user).get("/reglages/programmes").status_code == 404
    assert ProgramKey.objects.count() == 1
    said = boss.post("/reglages/programmes", {"do": "revoke", "key": held.id}, follow=True).content.decode()
    held.refresh_from_db()
    assert held.revoked_at is not None and "Clé retirée" in said
    assert "déjà retirée" in boss.post("/reglages/programmes", {"do": "revoke", "key": held.id}).content.decode()
    assert set(Audit.objects.values_list("what", flat=True)) >= {"program_key_made", "program_key_revoked"}
    assert "clé d&#x27;un programme créée" in boss.get("/reglages/historique").content.decode()


def test_another_cabinet_sees_and_takes_back_none_of_it(office: Any, browse: Any) -> None:
    from syncd.portal.models import ProgramKey, User

    make(office.cabinet, "read", name="Pennylane")
    other = browse(User.objects.create(cabinet=office.foreign.cabinet, sign_in="other", role="correspondent"))
    assert "Pennylane" not in other.get("/reglages/programmes").content.decode()
    other.post("/reglages/programmes", {"do": "revoke", "key": ProgramKey.objects.get().id})
    assert ProgramKey.objects.get().revoked_at is None


def test_the_more_of_one_key_wait_the_later_each_is_told() -> None:
    """However many lines a program opens, few refusals a second are told, and few requests are at work."""
    import asyncio

    from syncd.portal.api.programs import rate_limit
    from syncd.portal.api.programs.rate_limit import LATE, LATEST, TOGETHER, TOLD_A_SECOND, RateLimit

    slept, limit = list[float](), RateLimit()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    async def many() -> None:
        await asyncio.gather(*(limit.pause("one") for _ in range(500)), limit.pause("another"))

    real = asyncio.sleep
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_limit.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
        asyncio.run(many())
    assert slept[0] == slept[-1] == LATE and max(slept) == LATEST
    assert slept[199] == 200 / TOLD_A_SECOND and not limit._late
    with contextlib.ExitStack() as held:
        assert [held.enter_context(limit.at_work("one")) for _ in range(TOGETHER + 1)] == [True] * TOGETHER + [False]
        assert held.enter_context(limit.at_work("another"))
    assert not limit._working
