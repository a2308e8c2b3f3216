"""People with what they may, and the keys of engines."""

from __future__ import annotations

import base64
import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from syncd.core.search_folding import fold
from syncd.portal.models.clients import Cabinet, Client
from syncd.portal.models.encrypted_text import SealedText
from syncd.portal.models.folded import Folded, FoldedManager
from syncd.portal.models.ids import new_id


def _nobodys() -> str:
    """In place of a second factor that cannot be opened: one that nobody knows; recovery codes go on."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


class People(FoldedManager["User"], BaseUserManager["User"]):
    """Accounts, whose names are folded whoever writes them."""


class User(AbstractBaseUser, Folded):
    """`folded`: name, sign-in name and address as people look for them, which gives the order of names too. `role`: one of rights.Role. `parent`: whose subtree the account is in (same side); who is nobody's child is a root.

    `email_since`: when the address was last changed; null: it is the account's first. `revoked_by`: who took the access away, while it is. `warned_at`: when the person was last told of failed attempts.
    `let_in_at`: when somebody else could last have let themselves in: a password chosen with a link or a card, or set by a command; null: never.
    `visited_at`: when the person was last at the first page, `visited_before`: at the end of the visit before this one.
    `language`: fr or en, '' while nobody chose. `totp`: the secret of the second factor, sealed, '' without; `mail_pace`: one of people.mail_pace, '' while nobody chose; `totp_step`: the last step used (a code is good once). `feed_key`, `calendar_key`: SHA-256 of the secret part of the feed's and the calendar's address.
    `message_addresses`: where messages are forwarded to besides, with blanks between them; after `:` one that was not confirmed.
    """

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="users")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    sign_in = models.CharField(max_length=254, unique=True)
    email = models.EmailField(blank=True)
    email_since = models.DateTimeField(null=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, default="correspondent")
    is_active = models.BooleanField(default=True)
    revoked_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    warned_at = models.DateTimeField(null=True)
    totp = SealedText(blank=True, broken=_nobodys)
    totp_step = models.BigIntegerField(default=0)
    language = models.CharField(max_length=5, blank=True, default="", db_default="")
    mail_deposits = models.BooleanField(default=True)
    mail_pace = models.CharField(max_length=10, blank=True, default="", db_default="")
    message_addresses = models.CharField(max_length=800, blank=True, default="", db_default="")
    feed_key = models.CharField(max_length=64, blank=True)
    calendar_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True, null=True)
    let_in_at = models.DateTimeField(null=True)
    visited_at = models.DateTimeField(null=True)
    visited_before = models.DateTimeField(null=True)
    folded = models.CharField(max_length=800, blank=True, default="", db_default="")

    objects: ClassVar[People] = People()
    FOLDED_OF: ClassVar[frozenset[str]] = frozenset({"name", "sign_in", "email"})

    USERNAME_FIELD = "sign_in"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.sign_in

    def folds(self) -> dict[str, str]:
        return {"folded": fold("\n".join((str(self), self.sign_in, self.email)))}

    @property
    def names_itself(self) -> bool:
        """A correspondent, whom nobody above could name."""
        return self.role == "correspondent"


class Portfolio(models.Model):
    """One line of a cabinet person's portfolio: clients whose `field` is `value`; the union of the lines counts.

    `field`: all, client (an id), site, group, sector, responsible (a user's id).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="portfolio")
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "field", "value"], name="portfolio_once")]  # noqa: RUF012


class Grant(models.Model):
    """What a person may in folders of one kind (`*`: the rest). `client`: of a company's person; null: the whole portfolio.

    `verbs`: space-separated.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="grants")
    kind = models.CharField(max_length=40)
    verbs = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client", "kind"], name="grant_once")]  # noqa: RUF012


class Invitation(models.Model):
    """A way to choose one's password once: a link, or the code of a printed "fiche d'accès". Stored hashed.

    `kind`: link, card, forgotten (asked for by anybody who knows the name), entered (a card's code was right).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)
    expires_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """One use each, in place of the second factor. Stored hashed. `short`: of before, with 40 bits instead of 99."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    sha256 = models.CharField(max_length=64)
    short = models.BooleanField(default=False, db_default=False)


class Knock(models.Model):
    """Something a stranger did under a name, whether anybody is called so or not: looked at later, so that the answer tells
    nothing. `what`: forgotten, sign_in_failed, second_failed.
    """

    what = models.CharField(max_length=20)
    sign_in = models.CharField(max_length=254)
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)


class SignedIn(models.Model):
    """Where a person is signed in: what the session list shows. `session`: the digest of its key."""

    session = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in")
    since = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=300, blank=True)


class EngineToken(models.Model):
    """A key is random 256-bit and stored hashed; `networks`: allowed ones, comma-separated, empty: any."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    networks = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
