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

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.plain_text import one_line
from syncd.portal.language import named
from syncd.portal.models import Client, Grant, Invitation, Portfolio, SignedIn, User
from syncd.portal.models.encrypted_text import digest
from syncd.portal.people.visibility import FIELDS, account_of, in_portfolio, person_of
from syncd.portal.rights import Account, Kinds, Person, Role, may_allow, may_grant, may_let_in, may_manage_account

GOOD = {
    "link": timedelta(days=14), "card": timedelta(days=60), "forgotten": timedelta(days=1), "entered": timedelta(hours=1),
}  # fmt: skip
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


def _as_now(user: User) -> User:
    """Rights are asked again where something is written; nobody's once the access was taken away."""
    found = User.objects.filter(id=user.id, is_active=True).first()
    if found is None:
        raise UsageError(_("Vous ne pouvez pas modifier ce compte."))
    return found


def check_name(name: str) -> str:
    """As it is shown. Raises UsageError."""
    name = paths.nfc(one_line(name))
    if not name:
        raise UsageError(_("Indiquez le nom de la personne."))
    return name


@transaction.atomic
def create(by: User, wish: Wish) -> User:
    """Raises UsageError: a right the creator does not hold, a name that is taken."""
    by = _as_now(by)
    person = person_of(by)
    sign_in = check_sign_in(wish.sign_in)
    name = check_name(wish.name)
    email = check_email(wish.email)
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


@transaction.atomic
def change(by: User, user: User, wish: Wish) -> None:
    """Name, address, rights; the rights of those below shrink with them by themselves."""
    by = _as_now(by)
    person = person_of(by)
    if not may_manage_account(person, account_of(user)):
        raise UsageError(_("Vous ne pouvez pas modifier ce compte."))
    if check_email(wish.email) != user.email and not lets_in(by, user):
        raise UsageError(_("Seule cette personne change son adresse e-mail : page « Mon compte »."))
    wish = replace(wish, role=Role(user.role))
    _check(person, by, wish)
    with transaction.atomic():
        user.name, user.email = one_line(wish.name) or user.name, check_email(wish.email)
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
    """A revoked account signs in no more, and neither does anybody below it; its documents and history stay.

    Given back by whoever revoked it, or somebody above. Raises UsageError.
    """
    with transaction.atomic():
        by, user = _as_now(by), User.objects.select_related("revoked_by").get(id=user.id)
        if not may_manage_account(person_of(by), account_of(user)):
            raise UsageError(_("Vous ne pouvez pas modifier ce compte."))
        if not user.is_active and not may_give_back(by, user):
            if active:
                said = _(
                    "Cet accès a été retiré par {name} : seule cette personne, ou une personne au-dessus, le rend."
                )
                by_whom = user.revoked_by
                raise UsageError(said.format(name=named(str(by_whom), side(by_whom)) if by_whom else _("le cabinet")))
            return  # revoked already, by somebody whose word stays
        User.objects.filter(id=user.id).update(is_active=active, revoked_by=None if active else by)
        if not active:
            Invitation.objects.filter(user=user).delete()
            end_sessions(user)


def may_give_back(by: User, user: User) -> bool:
    """Whether `by` may give the access back that was taken from `user`."""
    revoked_by = account_of(user.revoked_by) if user.revoked_by else None
    return may_allow(person_of(by), account_of(user), revoked_by)


def side(user: User) -> str:
    return "cabinet" if Role(user.role).of_cabinet else "company"


def lets_in(by: User, user: User) -> bool:
    """Whether `by` may hold a link or code with which one becomes `user`."""
    return may_let_in(person_of(by), account_of(user), user.has_usable_password())


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
    """A secret that lets the person choose a password, once; `GOOD` says for how long.

    A newer link, or card, takes the place of the older; what anybody can ask for under somebody's name takes nobody's.
    """
    if kind == "card":
        secret = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    else:
        secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        if kind in ("link", "card"):
            user.invitations.filter(kind=kind).delete()
        expires = datetime.now(UTC) + GOOD[kind]
        Invitation.objects.create(user=user, sha256=_digest(secret), kind=kind, expires_at=expires)
    return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def invited(secret: str) -> Invitation | None:
    """The link, with whose it is, while it holds."""
    return (
        Invitation.objects.select_related("user")
        .filter(sha256=_digest(secret), expires_at__gt=datetime.now(UTC), user__is_active=True)
        .exclude(kind="card")
        .first()
    )


def sign_in_of(said: str) -> str:
    """The sign-in name of whoever says their name or their e-mail address; an address several people have names nobody."""
    name = said.strip().lower()
    if "@" not in name:
        return name
    there = User.objects.filter(
        sign_in=name
    ).exists()  # both are asked, whatever the first says: the time tells nothing
    found = list(User.objects.filter(email__iexact=name, is_active=True).values_list("sign_in", flat=True)[:2])
    return found[0] if len(found) == 1 and not there else name


def printed(code: str) -> str:
    """A code as it was printed, however it was typed: without its hyphens, with blanks, in small letters."""
    letters = re.sub(r"[^A-Z0-9]", "", code.upper())
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def with_card(sign_in: str, code: str) -> User | None:
    """Whose printed code it is. Whoever guesses is braked by the page; 79 bits are not guessed, and nobody's code is voided
    by a stranger's tries. The same is done whether anybody is called so.
    """
    found = (
        Invitation.objects.select_related("user")
        .filter(user__sign_in=sign_in_of(sign_in), kind="card", expires_at__gt=datetime.now(UTC), user__is_active=True)
        .first()
    )
    right = secrets.compare_digest(found.sha256 if found else "-" * 64, _digest(printed(code)))
    return found.user if found is not None and right else None


def set_password(user: User, password: str, invitation: Invitation | None = None) -> None:
    """Raises UsageError when it is too weak, or when what invited was used in between: of several at once, one wins.

    Whatever invited is used up, old sessions end, and the feed's address answers no more.
    """
    try:
        validate_password(password, user)
    except ValidationError as e:
        raise UsageError(" ".join(e.messages)) from None
    user.password, user.feed_key = make_password(password), ""  # takes its time: before the transaction
    with transaction.atomic():
        if invitation is not None and not Invitation.objects.filter(id=invitation.id, user__is_active=True).delete()[0]:
            raise UsageError(_("Ce lien vient de servir : connectez-vous, ou demandez-en un nouveau."))
        user.save(update_fields=["password", "feed_key"])
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
