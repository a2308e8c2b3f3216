"""What is done to the access of many people at once: sheets with codes, invitations by mail, withdrawn and given back.

Rights are asked of each; each refusal stands alone. The number of questions to the database does not grow with the people,
but for the letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from syncd.portal.language import named, speaking
from syncd.portal.models import Invitation, SignedIn, User
from syncd.portal.people import accounts, invitations
from syncd.portal.people.visibility import manageable
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Account, Person, may_allow, may_let_in

MOST = 500


@dataclass(slots=True)
class Done:
    """`people`: to whom it was done; `refused`: of whom it was not, and why."""

    people: list[User] = field(default_factory=list)
    refused: list[tuple[User, Refusal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed for one person; `code` is kept nowhere. `companies`: names of those whose folders the person sees."""

    user: User
    code: str
    companies: tuple[str, ...]


def chosen(actor: Person, ids: Sequence[str]) -> list[tuple[User, Account]]:
    """Those of them that the actor may manage, in the order of their names. Raises Refusal of too many."""
    if len(ids) > MOST:
        raise Refusal(Code.TOO_MANY_PEOPLE, most=MOST)
    return accounts.with_accounts(actor, User.objects.filter(manageable(actor), id__in=ids).order_by("folded", "id"))


@alone
def print_sheets(actor: Person, ids: Sequence[str]) -> tuple[list[Sheet], Done]:
    """A new code for each: what was printed before holds no more. Raises Refusal."""
    actor, found = _as_now(actor, ids)
    done, sheets = Done(), list[Sheet]()
    for user, account in found:
        if not user.is_active:
            done.refused.append((user, Refusal(Code.ACCESS_WITHDRAWN, name=str(user))))
        elif not may_let_in(actor, account, user.has_usable_password()):
            done.refused.append((user, Refusal(Code.AN_EQUAL)))
        else:
            names = {g.client_id: g.client.name for g in user.grants.all() if g.client}
            sheets.append(Sheet(user, invitations.new_code(), tuple(sorted(names.values()))))
            done.people.append(user)
    _renew([(s.user, s.code) for s in sheets], "card")
    for user in done.people:
        if user.has_usable_password():
            _tell(actor, user)
    audit.record_each(actor, "invited_card", [user.sign_in for user in done.people])
    return sheets, done


@alone
def invite_by_mail(actor: Person, ids: Sequence[str]) -> Done:
    """A link to each who has an address and never chose a password. Raises Refusal where the portal sends no mail."""
    if not mail_queue.configured():
        raise Refusal(Code.NO_MAIL_SERVER)
    actor, found = _as_now(actor, ids)
    done = Done()
    for user, _account in found:
        if not user.is_active:
            done.refused.append((user, Refusal(Code.ACCESS_WITHDRAWN, name=str(user))))
        elif not user.email:
            done.refused.append((user, Refusal(Code.NO_ADDRESS, name=str(user))))
        elif user.has_usable_password():
            done.refused.append((user, Refusal(Code.CAME_ALREADY, name=str(user))))
        else:
            done.people.append(user)
    links = [(user, invitations.new_link()) for user in done.people]
    _renew(links, "link")
    for user, secret in links:
        mail_queue.invitation(user, secret)
    audit.record_each(actor, "invited_mail", [user.sign_in for user in done.people])
    return done


@alone
def withdraw(actor: Person, ids: Sequence[str]) -> Done:
    """They sign in no more, and neither does anybody below them. Raises Refusal."""
    actor, found = _as_now(actor, ids)
    done = Done([user for user, _account in found if user.is_active])
    gone = [user.id for user in done.people]
    User.objects.filter(id__in=gone).update(revoked_by=actor.id, **accounts.WITHDRAWN)
    accounts.end_secrets_below(gone)
    Invitation.objects.filter(user__in=gone).delete()
    _end_sessions(gone)
    audit.record_each(actor, "account_revoke", [user.sign_in for user in done.people])
    return done


@alone
def give_back(actor: Person, ids: Sequence[str]) -> Done:
    """To whom it was taken away by the actor, or by somebody the actor may manage. Raises Refusal."""
    actor, found = _as_now(actor, ids)
    by = [user.revoked_by_id for user, _account in found if user.revoked_by_id]
    takers = {u.id: a for u, a in accounts.with_accounts(actor, User.objects.filter(id__in=by))}
    done = Done()
    for user, account in found:
        if user.is_active:
            continue
        if user.revoked_by_id == actor.id or may_allow(actor, account, takers.get(user.revoked_by_id or "")):
            done.people.append(user)
        else:
            done.refused.append((user, Refusal(Code.NOT_YOUR_ACCOUNT)))
    User.objects.filter(id__in=[u.id for u in done.people]).update(is_active=True, revoked_by=None)
    audit.record_each(actor, "account_allow", [user.sign_in for user in done.people])
    return done


def _as_now(actor: Person, ids: Sequence[str]) -> tuple[Person, list[tuple[User, Account]]]:
    _user, actor = accounts.as_now(actor)
    return actor, chosen(actor, ids)


def _renew(secrets: Sequence[tuple[User, str]], kind: str) -> None:
    """Each gets this one in place of the older of its kind."""
    Invitation.objects.filter(user__in=[user.id for user, _ in secrets], kind=kind).delete()
    expires = datetime.now(UTC) + invitations.GOOD[kind]
    Invitation.objects.bulk_create(
        Invitation(user=user, sha256=invitations.digest(secret), kind=kind, expires_at=expires)
        for user, secret in secrets
    )


def _tell(actor: Person, user: User) -> None:
    with speaking(user.language):
        told = _(invitations.MADE)
        mail_queue.changed(user, told.format(by=named(actor.name, actor.origin)))


def _end_sessions(ids: Sequence[str]) -> None:
    from django.contrib.sessions.models import Session

    keys = list(SignedIn.objects.filter(user__in=ids).values_list("session", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SignedIn.objects.filter(session__in=keys).delete()
