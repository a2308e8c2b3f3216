"""Accounts: created below somebody with a subset of that person's rights, changed, revoked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as noop

from syncd.core import paths
from syncd.core.plain_text import one_line
from syncd.core.search_folding import wanted_words
from syncd.portal.models import Client, Grant, Invitation, Portfolio, SignedIn, User
from syncd.portal.models.encrypted_text import digest
from syncd.portal.people.visibility import FIELDS, account_of, in_portfolio, manageable, person_of
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import By, Code, Param, Phrase, Refusal
from syncd.portal.rights import Account, Kinds, Person, Role, may_allow, may_grant, may_let_in, may_manage_account

ADDRESS = 254  # characters: of an address, and of a column that keeps one
_SIGN_IN = re.compile(r"[^\s/\\<>\"']{3,254}")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # of accounts from before their beginning was written down


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. `clients`: of a company's person. `portfolio`: (field, value) lines of a cabinet's person.

    `language`: as in models.User.
    """

    name: str
    sign_in: str
    role: Role
    kinds: Kinds
    email: str = ""
    clients: Sequence[Client] = ()
    portfolio: Sequence[tuple[str, str]] = ()
    language: str = ""


def as_now(actor: Person) -> tuple[User, Person]:
    """Rights are asked again where something is written; nobody's once the access was taken away."""
    found = User.objects.filter(id=actor.id, is_active=True).first()
    if found is None:
        raise Refusal(Code.NOT_YOUR_ACCOUNT)
    return found, replace(person_of(found), address=actor.address)


def managed(actor: Person, user: User) -> Person:
    """The actor as it is now. Raises Refusal of an account that it may not manage."""
    _, actor = as_now(actor)
    if not may_manage_account(actor, account_of(user)):
        raise Refusal(Code.NOT_YOUR_ACCOUNT)
    return actor


def check_name(name: str) -> str:
    """As it is shown. Raises Refusal."""
    name = paths.nfc(one_line(name))
    if not name:
        raise Refusal(Code.PERSON_UNNAMED)
    return name


@alone
def create(actor: Person, wish: Wish) -> User:
    """Raises Refusal: a right the creator does not hold, a name that is taken."""
    user = add(actor, wish)
    audit.record(actor, "account_created", user.sign_in)
    return user


def add(actor: Person, wish: Wish) -> User:
    """As `create`, where the caller's transaction tells of it."""
    by, actor = as_now(actor)
    sign_in = check_sign_in(wish.sign_in)
    name = check_name(wish.name)
    email = check_email(wish.email)
    _check(actor, wish)
    parent = (
        by
        if by.role in (Role.ASSOCIATE, Role.CONTACT) and Role(wish.role).of_cabinet == actor.role.of_cabinet
        else None
    )
    with writing(actor.cabinet):
        taken = Q(sign_in=sign_in) | Q(email__iexact=sign_in, is_active=True) if "@" in sign_in else Q(sign_in=sign_in)
        if User.objects.filter(taken).exists():
            raise Refusal(Code.SIGN_IN_TAKEN, sign_in=sign_in)
        user = User.objects.create(
            cabinet_id=by.cabinet_id, parent=parent, sign_in=sign_in, email=email, name=name, role=wish.role,
            language=wish.language, password=make_password(None),
        )  # fmt: skip
        _write_rights(user, wish)
    return user


@alone
def change(actor: Person, user: User, wish: Wish) -> None:
    """Name, address, rights; the rights of those below shrink with them by themselves. Raises Refusal."""
    actor = managed(actor, user)
    if check_email(wish.email) != user.email and not lets_in(actor, user):
        raise Refusal(Code.ADDRESS_ITS_OWN)
    wish = replace(wish, role=Role(user.role))
    _check(actor, wish)
    user.name = one_line(wish.name) or user.name
    if (email := check_email(wish.email)) != user.email:
        user.email, user.email_since = email, datetime.now(UTC)
    user.language = wish.language
    user.save(update_fields=["name", "email", "email_since", "language"])
    _write_rights(user, wish)
    audit.record(actor, "account_changed", user.sign_in)


def _check(actor: Person, wish: Wish) -> None:
    if wish.role.of_cabinet:
        wanted: dict[str, Kinds] = {}
        if wish.role is not Role.CORRESPONDENT:
            if any(f not in FIELDS for f, _ in wish.portfolio) or not wish.portfolio:
                raise Refusal(Code.PORTFOLIO_EMPTY)
            lines = [Portfolio(field=f, value=v) for f, v in wish.portfolio]
            found = Client.objects.filter(in_portfolio(lines), cabinet_id=actor.cabinet).values_list("id", flat=True)
            wanted = {c: wish.kinds for c in found if actor.everywhere is not None or c in actor.clients}
    else:
        wanted = {c.id: wish.kinds for c in wish.clients}
        if any(c.cabinet_id != actor.cabinet for c in wish.clients):
            raise Refusal(Code.NO_CLIENT)
    if not may_grant(actor, wish.role, wanted):
        raise Refusal(Code.RIGHTS_BEYOND)


def _write_rights(user: User, wish: Wish) -> None:
    user.grants.all().delete()
    user.portfolio.all().delete()
    spots: Sequence[Client | None] = [None] if wish.role.of_cabinet else list(wish.clients)
    if wish.role is Role.CORRESPONDENT:
        spots = []
    Grant.objects.bulk_create(
        Grant(user=user, client=client, kind=kind, verbs=" ".join(sorted(verbs)))
        for client in spots for kind, verbs in wish.kinds.items()
    )  # fmt: skip
    if wish.role.of_cabinet and wish.role is not Role.CORRESPONDENT:
        Portfolio.objects.bulk_create(Portfolio(user=user, field=f, value=v) for f, v in dict.fromkeys(wish.portfolio))


SECRETS: Mapping[str, Any] = {"feed_key": "", "calendar_key": ""}
"""Of an account without an address that lets its reader in without signing in."""
OUTSIDE: Mapping[str, Any] = {**SECRETS, "message_addresses": ""}
"""Of one without any address that opens it, or that its messages go to besides its own."""
WITHDRAWN: Mapping[str, Any] = {"is_active": False, **OUTSIDE}
"""What is left of an account whose access is taken away: an address of before opens nothing when it is given back."""


@alone
def set_active(actor: Person, user: User, active: bool) -> None:
    """A revoked account signs in no more, and neither does anybody below it; its documents and history stay.

    Given back by whoever revoked it, or somebody above. Raises Refusal.
    """
    user = User.objects.select_related("revoked_by").get(id=user.id)
    actor = managed(actor, user)
    if user.is_active or may_give_back(actor, user):
        if active:
            User.objects.filter(id=user.id).update(is_active=True, revoked_by=None)
        else:
            User.objects.filter(id=user.id).update(revoked_by=actor.id, **WITHDRAWN)
            end_secrets_below([user.id])
            Invitation.objects.filter(user=user).delete()
            end_sessions(user)
    elif active:
        raise Refusal(Code.REVOKED_BY_ANOTHER, name=_whose(user.revoked_by))
    audit.record(actor, "account_allow" if active else "account_revoke", user.sign_in)


def end_secrets_below(ids: Sequence[str]) -> None:
    """The addresses of feed and calendar of everybody below these answer no more. In the caller's transaction."""
    below = list(ids)
    while below := list(User.objects.filter(parent__in=below).values_list("id", flat=True)):
        User.objects.filter(id__in=below).update(**SECRETS)


def _whose(user: User | None) -> Param:
    return By(str(user), side(user)) if user else Phrase(noop("le cabinet"))


def may_give_back(actor: Person, user: User) -> bool:
    """Whether the actor may give the access back that was taken from `user`."""
    revoked_by = account_of(user.revoked_by) if user.revoked_by else None
    return may_allow(actor, account_of(user), revoked_by)


def side(user: User) -> str:
    return "cabinet" if Role(user.role).of_cabinet else "company"


def lets_in(actor: Person, user: User) -> bool:
    """Whether the actor may hold a link or code with which one becomes `user`."""
    return may_let_in(actor, account_of(user), user.has_usable_password())


@alone
def sign_out(actor: Person, user: User) -> None:
    """Everywhere. Raises Refusal."""
    actor = managed(actor, user)
    end_sessions(user)
    audit.record(actor, "account_sign_out", user.sign_in)


def end_sessions(user: User, *, but: str = "") -> None:
    """Signed out everywhere, but in the session of the key `but`. In the caller's transaction."""
    from django.contrib.sessions.models import Session

    keys = list(SignedIn.objects.filter(user=user).exclude(session=digest(but)).values_list("session", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SignedIn.objects.filter(session__in=keys).delete()


def check_sign_in(text: str) -> str:
    """As it is kept. Raises Refusal."""
    text = text.strip().lower()
    if not _SIGN_IN.fullmatch(text):
        raise Refusal(Code.SIGN_IN_MALFORMED)
    return text


def check_email(text: str) -> str:
    """As it is kept. Raises Refusal."""
    text = text.strip()
    if len(text) > ADDRESS:
        raise Refusal(Code.ADDRESS_LONG, most=ADDRESS)
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Refusal(Code.ADDRESS_MALFORMED, text=text) from None
    return text


def free_sign_in(name: str, code: str) -> str:
    """A sign-in name nobody has, from a person's name: `m.dupont`, `m.dupont.007868`, `m.dupont.007868.2`."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain) or ["contact"]
    stem = f"{words[0][0]}.{words[-1]}" if len(words) > 1 else words[0]
    for n in range(1, 10_000):
        candidate = (stem, f"{stem}.{code.lower()}")[min(n - 1, 1)] + (f".{n - 1}" if n > 2 else "")
        if len(candidate) >= 3 and not User.objects.filter(sign_in=candidate).exists():
            return candidate
    raise Refusal(Code.NO_FREE_SIGN_IN, name=name)


def sign_in_of(said: str) -> str:
    """The sign-in name of whoever says their name or their e-mail address.

    An address that several people have is the one's who had it first: nobody takes it away by writing it down as their own.
    """
    name = said.strip().lower()
    if "@" not in name:
        return name
    said_by = Q(email__iexact=name, is_active=True) | Q(sign_in=name)
    rows = User.objects.filter(said_by).values_list("sign_in", "email", "email_since", "created_at")
    since = sorted(
        ((created or _LONG_AGO) if sign_in == name or changed is None else changed, sign_in)
        for sign_in, _, changed, created in rows
    )
    if not since or (len(since) > 1 and since[0][0] == since[1][0]):
        return name
    return since[0][1]


def hashed(user: User, password: str) -> str:
    """As it is kept. It takes its time: before any transaction. Raises Refusal when it is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as e:
        raise Refusal(Code.PASSWORD_WEAK, why=" ".join(e.messages)) from None
    return make_password(password)


@alone
def keep_password(user: User, kept: str, invitation: Invitation | None = None, *, own: bool = False) -> None:
    """`own`: whoever knew the former one chose it, which no link and no card proves. Raises Refusal when what invited was used in between: of several at once, one wins.

    Whatever invited is used up, old sessions end, the addresses of feed and calendar answer no more, and messages are forwarded to nobody. The caller tells of it.
    """
    if invitation is not None and not Invitation.objects.filter(id=invitation.id, user__is_active=True).delete()[0]:
        raise Refusal(Code.INVITATION_USED)
    user.password, user.feed_key, user.calendar_key, user.message_addresses = kept, "", "", ""
    if not own:
        user.let_in_at = datetime.now(UTC)
    user.save(update_fields=["password", "feed_key", "calendar_key", "message_addresses", "let_in_at"])
    user.invitations.all().delete()
    end_sessions(user)


def set_password(user: User, password: str, invitation: Invitation | None = None) -> None:
    """Both. Raises Refusal."""
    keep_password(user, hashed(user, password), invitation)


def managed_by(actor: Person, words: str = "") -> list[tuple[User, Account]]:
    """Everybody the actor may manage, of whom every word is in name, sign-in name or address; in the order of their names.

    A handful of queries however many there are.
    """
    found = User.objects.filter(manageable(actor))
    for word in wanted_words(words):
        found = found.filter(folded__contains=word)
    return with_accounts(actor, found.order_by("folded"))


def with_accounts(actor: Person, users: QuerySet[User]) -> list[tuple[User, Account]]:
    """Those of them that the actor may manage, each as rights see it; a handful of queries."""
    out = []
    for user in users.select_related("parent__parent__parent").prefetch_related("grants__client"):
        chain, up = [], user.parent
        while up is not None:
            chain.append(up.id)
            up = up.parent
        clients = frozenset(g.client_id for g in user.grants.all() if g.client_id)
        account = Account(user.cabinet_id, user.id, Role(user.role), tuple(chain), clients)
        if may_manage_account(actor, account):
            out.append((user, account))
    return out


def kinds_of(user: User) -> Mapping[str, str]:
    """The first of the account's grants by kind, as written: what a form shows."""
    return {g.kind: g.verbs for g in user.grants.order_by("client_id")}
