"""Who of a company may enter its private space: keys, and what gives a lost one back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.private_rows import SECRET_PDF as SECRET
from tests.portal.private_rows import the_document


def test_a_key_is_given_by_the_company_and_its_level_holds(space: Any, person: Callable[[Any], Any]) -> None:
    from syncd.portal.private_space import contents, deletions, deposits, keys, spaces
    from syncd.portal.refusals import Code, Refusal

    marie, paul = person(space.marie), person(space.paul)
    keys.give(marie, space.one, space.paul.id, "read")
    assert [d.name for d in contents.look(paul, space.one).documents] == [SECRET]
    for act in (
        lambda: deposits.take_stream(paul, space.one, "", "x.pdf", io.BytesIO(b"x")),
        lambda: deletions.remove(paul, space.one, [the_document(space).id]),
        lambda: keys.holders(paul, space.one), lambda: keys.give(paul, space.one, space.paul.id, "manage"),
        lambda: keys.give(marie, space.one, space.boss.id, "read"),  # nobody of the cabinet is given one
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code is Code.NOT_ALLOWED_HERE
    with pytest.raises(Refusal) as last:
        keys.give(marie, space.one, space.marie.id, "work")
    assert last.value.code is Code.PRIVATE_LAST_KEY
    assert spaces.still(paul, space.one)
    keys.give(marie, space.one, space.paul.id, "")
    assert not spaces.still(paul, space.one)  # an archive that is on its way ends
    with pytest.raises(Refusal):
        contents.look(paul, space.one)


def test_whoever_takes_an_account_over_from_the_cabinet_finds_no_key(space: Any, person: Callable[[Any], Any]) -> None:
    """The cabinet makes a link or prints an access sheet: whoever then signs in as Marie is not let in."""
    from syncd.portal.models import User
    from syncd.portal.people import invitations, own_account
    from syncd.portal.private_space import contents, keys
    from syncd.portal.refusals import Code, Refusal

    marie = User.objects.get(id=space.marie.id)
    own_account.change_password(person(marie), "un mot de passe à moi seule")
    contents.look(person(marie), space.one)  # her own choice changes nothing
    secret = invitations.invite(person(space.boss), User.objects.get(id=marie.id), "link")[1]
    invitation = invitations.invited(secret)
    assert invitation is not None
    invitations.accept(invitation, "choisi par le cabinet 12", "")
    with pytest.raises(Refusal):
        contents.look(person(marie), space.one)
    standing = keys.standing(person(marie), space.one)
    assert standing.voided and standing.recovers
    with pytest.raises(Refusal) as wrong:
        keys.recover(person(marie), space.one, "AAAA-BBBB-CCCC-DDDD")
    assert wrong.value.code is Code.PRIVATE_RECOVERY_WRONG
    fresh = keys.recover(person(marie), space.one, space.recovery.lower().replace("-", " "))
    assert [d.name for d in contents.look(person(marie), space.one).documents] == [SECRET] and fresh != space.recovery
    forgotten = invitations.invited(invitations.issue(marie, "forgotten"))
    assert forgotten is not None
    invitations.accept(forgotten, "choisi par qui lit ses mails", "")  # the cabinet once wrote that address down
    assert keys.standing(person(marie), space.one).voided
    own_account.change_password(person(marie), "et choisi encore une fois 12")
    assert keys.standing(person(marie), space.one).voided  # whoever took it over chooses a second one in vain


def test_whoever_may_no_longer_recover_when_it_is_done_learns_no_new_recovery_key(
    space: Any, person: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the transaction somebody who manages gave the key again, to read."""
    from datetime import UTC, datetime

    from syncd.portal.models import User
    from syncd.portal.people import throttle
    from syncd.portal.private_space import keys
    from syncd.portal.refusals import Code, Refusal

    keys.give(person(space.marie), space.one, space.paul.id, "manage")
    User.objects.filter(id=space.marie.id).update(let_in_at=datetime.now(UTC))

    def meanwhile(*_: object) -> bool:
        keys.give(person(space.paul), space.one, space.marie.id, "read")
        return False

    monkeypatch.setattr(throttle, "beyond", meanwhile)
    with pytest.raises(Refusal) as refused:
        keys.recover(person(space.marie), space.one, space.recovery)
    assert refused.value.code is Code.NOT_ALLOWED_HERE
    assert keys.recovers(person(space.paul), space.one, space.recovery)  # it is the same as before


@pytest.mark.parametrize("lost", ["grant", "password", "inactive"])
def test_somebody_manages_whose_key_holds_now(space: Any, person: Callable[[Any], Any], lost: str) -> None:
    """Whose key is void, or whom the cabinet took out of the company, manages nothing: whoever is left does not go as well."""
    from datetime import UTC, datetime

    from syncd.portal.models import Grant, User
    from syncd.portal.private_space import contents, keys
    from syncd.portal.refusals import Code, Refusal

    rita = User.objects.create(cabinet=space.cabinet, sign_in="rita", name="Rita", role="contact")
    Grant.objects.create(user=rita, client=space.one, kind="*", verbs="view")
    keys.give(person(space.marie), space.one, rita.id, "manage")
    if lost == "grant":
        Grant.objects.filter(user=rita).delete()
    else:
        now = {"let_in_at": datetime.now(UTC)} if lost == "password" else {"is_active": False}
        User.objects.filter(id=rita.id).update(**now)
    for level in ("", "work"):
        with pytest.raises(Refusal) as refused:
            keys.give(person(space.marie), space.one, space.marie.id, level)
        assert refused.value.code is Code.PRIVATE_LAST_KEY
    if lost == "password":
        keys.give(person(space.marie), space.one, rita.id, "manage")  # given again, it holds
        keys.give(person(space.marie), space.one, space.marie.id, "")
        assert contents.trail(person(rita), space.one)


def test_the_recovery_key_is_shown_until_it_is_noted_and_of_its_company_alone(
    space: Any, browse: Callable[[Any], Any]
) -> None:
    """A cut line or a prefetch loses nothing; of several companies each has its own."""
    from syncd.portal.models import Grant

    Grant.objects.create(user=space.marie, client=space.two, kind="*", verbs="view")
    marie = browse(space.marie)
    own = "/espace-prive/000002"
    assert marie.post(f"{own}/action", {"do": "open"}).url == f"{own}/cle"
    assert marie.get("/espace-prive/000001/cle").url == "/espace-prive/000001"  # nothing to show of the other
    shown = [marie.get(f"{own}/cle") for _ in range(2)]
    codes = [re.findall(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>", page.content.decode()) for page in shown]
    assert codes[0] == codes[1] and len(codes[0]) == 1 and "no-store" in shown[0].headers["Cache-Control"]
    assert f"{own}/cle" in marie.get(own).content.decode()  # until then the space reminds of it
    assert marie.post("/espace-prive/000001/action", {"do": "noted"}).url == "/espace-prive/000001"
    assert marie.get(f"{own}/cle").status_code == 200
    assert marie.post(f"{own}/action", {"do": "noted"}).url == own
    assert marie.get(f"{own}/cle").url == own and f"{own}/cle" not in marie.get(own).content.decode()


def test_who_manages_makes_a_new_recovery_key_and_the_old_one_is_void(
    space: Any, person: Callable[[Any], Any], browse: Callable[[Any], Any]
) -> None:
    from datetime import UTC, datetime

    from syncd.portal.models import User
    from syncd.portal.private_space import contents, keys
    from syncd.portal.refusals import Code, Refusal

    keys.give(person(space.marie), space.one, space.paul.id, "work")
    with pytest.raises(Refusal):
        keys.renew(person(space.paul), space.one)
    marie, at = browse(space.marie), "/espace-prive/000001"
    assert "new_recovery" in marie.get(f"{at}/acces").content.decode()
    assert marie.post(f"{at}/action", {"do": "new_recovery"}).url == f"{at}/cle"
    shown = marie.get(f"{at}/cle")
    assert shown.status_code == 200 and space.recovery not in shown.content.decode()
    assert contents.trail(person(space.marie), space.one)[0].what == "recovery_made"
    assert "nouvelle clé de secours" in marie.get(f"{at}/acces").content.decode()
    fresh = keys.renew(person(space.marie), space.one)  # by somebody else, meanwhile: the first is void, and not shown
    assert marie.get(f"{at}/cle").url == at
    User.objects.filter(id=space.marie.id).update(let_in_at=datetime.now(UTC))
    with pytest.raises(Refusal) as wrong:
        keys.recover(person(space.marie), space.one, space.recovery)
    assert wrong.value.code is Code.PRIVATE_RECOVERY_WRONG
    keys.recover(person(space.marie), space.one, fresh)
    assert contents.look(person(space.marie), space.one).documents


def test_a_brake_says_nothing_to_whoever_has_no_key(
    space: Any, browse: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.people import throttle

    monkeypatch.setattr(throttle, "beyond", lambda what, *rest: what == "archive")
    at = "/espace-prive/000001/recuperer"
    assert [browse(who).post(at).status_code for who in (space.boss, space.paul, space.marie)] == [404, 404, 429]
