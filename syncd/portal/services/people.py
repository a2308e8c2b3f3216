"""Accounts: created below somebody with a subset of that person's rights, invited, revoked."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from syncd.core.errors import UsageError
from syncd.portal.models import Client, Grant, Invitation, Portfolio, SignedIn, User
from syncd.portal.rights import Account, Kinds, Person, Role, may_grant, may_manage_account
from syncd.portal.sealed import digest
from syncd.portal.services.reach import FIELDS, account_of, in_portfolio, person_of

LINK, CARD = timedelta(days=14), timedelta(days=60)
TRIES = 8
_SIGN_IN = re.compile(r"[^\s/\\<>\"']{3,254}")
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that reads like another


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


def create(by: User, wish: Wish) -> User:
    """Raises UsageError: a right the creator does not hold, a name that is taken."""
    person = person_of(by)
    sign_in = check_sign_in(wish.sign_in)
    name = " ".join(wish.name.split())[:200]
    email = check_email(wish.email)
    if not name:
        raise UsageError(_("Indiquez le nom de la personne."))
    _check(person, by, wish)
    parent = (
        by
        if by.role in (Role.ASSOCIATE, Role.CONTACT) and Role(wish.role).of_cabinet == person.role.of_cabinet
        else None
    )
    with transaction.atomic():
        if User.objects.filter(sign_in=sign_in).exists():
            said = _("L'identifiant « {sign_in} » est déjà pris : choisissez-en un autre.")
            raise UsageError(said.format(sign_in=sign_in))
        user = User.objects.create(
            cabinet_id=by.cabinet_id, parent=parent, sign_in=sign_in, email=email, name=name, role=wish.role,
            language=wish.language, password=make_password(None),
        )  # fmt: skip
        _write_rights(user, wish)
    return user


def change(by: User, user: User, wish: Wish) -> None:
    """Name, address, rights; the rights of those below shrink with them by themselves."""
    person = person_of(by)
    if not may_manage_account(person, account_of(user)):
        raise UsageError(_("Vous ne pouvez pas modifier ce compte."))
    wish = replace(wish, role=Role(user.role))
    _check(person, by, wish)
    with transaction.atomic():
        user.name, user.email = " ".join(wish.name.split())[:200] or user.name, check_email(wish.email)
        user.language = wish.language
        user.save(update_fields=["name", "email", "language"])
        _write_rights(user, wish)


def _check(person: Person, by: User, wish: Wish) -> None:
    if wish.role.of_cabinet:
        wanted: dict[str, Kinds] = {}
        if wish.role is not Role.CORRESPONDENT:
            if any(f not in FIELDS for f, _ in wish.portfolio) or not wish.portfolio:
                raise UsageError(_("Choisissez au moins un client, un site, un groupe, un secteur ou un responsable."))
            lines = [Portfolio(field=f, value=v) for f, v in wish.portfolio]
            found = Client.objects.filter(in_portfolio(lines), cabinet_id=by.cabinet_id).values_list("id", flat=True)
            wanted = {c: wish.kinds for c in found if person.everywhere is not None or c in person.clients}
    else:
        wanted = {c.id: wish.kinds for c in wish.clients}
        if any(c.cabinet_id != by.cabinet_id for c in wish.clients):
            raise UsageError(_("Ce client n'existe pas."))
    if not may_grant(person, wish.role, wanted):
        raise UsageError(_("Vous ne pouvez donner que des droits que vous avez vous-même, sur vos propres clients."))


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


def set_active(by: User, user: User, active: bool) -> None:
    """A revoked account signs in no more, and neither does anybody below it; its documents and history stay."""
    if not may_manage_account(person_of(by), account_of(user)):
        raise UsageError(_("Vous ne pouvez pas modifier ce compte."))
    with transaction.atomic():
        User.objects.filter(id=user.id).update(is_active=active)
        if not active:
            Invitation.objects.filter(user=user).delete()
            end_sessions(user)


def end_sessions(user: User, *, but: str = "") -> None:
    """Signed out everywhere, but in the session of the key `but`."""
    from django.contrib.sessions.models import Session

    keys = list(SignedIn.objects.filter(user=user).exclude(session=digest(but)).values_list("session", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SignedIn.objects.filter(session__in=keys).delete()


def check_sign_in(text: str) -> str:
    text = text.strip().lower()
    if not _SIGN_IN.fullmatch(text):
        raise UsageError(
            _("Un identifiant a au moins 3 caractères, sans espace : « marie.dupont », ou une adresse e-mail.")
        )
    return text


def check_email(text: str) -> str:
    text = text.strip()
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise UsageError(_("« {text} » n'est pas une adresse e-mail.").format(text=text)) from None
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
    raise UsageError(_("Aucun identifiant libre pour « {name} ».").format(name=name))


# -- invitations -----------------------------------------------------------------------------------------------------


def invite(user: User, kind: str = "link") -> str:
    """A secret that lets the person choose a password, once: for a link (14 days), or a printed code (60 days).

    A newer one of the same kind takes the place of the older.
    """
    if kind == "link":
        secret = secrets.token_urlsafe(32)
    else:
        secret = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    with transaction.atomic():
        user.invitations.filter(kind=kind).delete()
        expires = datetime.now(UTC) + (LINK if kind == "link" else CARD)
        Invitation.objects.create(user=user, sha256=_digest(secret), kind=kind, expires_at=expires)
    return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def invited(secret: str) -> User | None:
    """Whose link it is, while it holds."""
    found = (
        Invitation.objects.select_related("user")
        .filter(sha256=_digest(secret), kind="link", expires_at__gt=datetime.now(UTC), user__is_active=True)
        .first()
    )
    return found.user if found else None


def with_card(sign_in: str, code: str) -> User | None:
    """Whose printed code it is; a code that is guessed at dies after a few tries."""
    found = (
        Invitation.objects.select_related("user")
        .filter(
            user__sign_in=sign_in.strip().lower(), kind="card", expires_at__gt=datetime.now(UTC), user__is_active=True
        )
        .first()
    )
    if found is None:
        return None
    if not secrets.compare_digest(found.sha256, _digest(re.sub(r"\s", "", code).upper())):
        found.tries += 1
        found.save(update_fields=["tries"]) if found.tries < TRIES else found.delete()
        return None
    return found.user


def set_password(user: User, password: str) -> None:
    """Raises UsageError when it is too weak. Whatever invited is used up, and old sessions end."""
    try:
        validate_password(password, user)
    except ValidationError as e:
        raise UsageError(" ".join(e.messages)) from None
    with transaction.atomic():
        user.password = make_password(password)
        user.save(update_fields=["password"])
        user.invitations.all().delete()
        end_sessions(user)


def managed_by(by: User) -> list[tuple[User, Account]]:
    """Everybody the person may manage, in the order of their names; a handful of queries however many there are."""
    person = person_of(by)
    everybody = list(
        User.objects.filter(cabinet_id=by.cabinet_id).select_related("parent__parent__parent").prefetch_related("grants__client").order_by("name")
    )  # fmt: skip
    out = []
    for user in everybody:
        chain, up = [], user.parent
        while up is not None:
            chain.append(up.id)
            up = up.parent
        clients = frozenset(g.client_id for g in user.grants.all() if g.client_id)
        account = Account(user.cabinet_id, user.id, Role(user.role), tuple(chain), clients)
        if may_manage_account(person, account):
            out.append((user, account))
    return out


def kinds_of(user: User) -> Mapping[str, str]:
    """The first of the account's grants by kind, as written: what a form shows."""
    return {g.kind: g.verbs for g in user.grants.order_by("client_id")}
