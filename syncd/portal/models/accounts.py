"""People, and the keys of engines."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from syncd.portal.models.clients import Cabinet
from syncd.portal.models.ids import new_id


class User(AbstractBaseUser):
    """`role`: correspondent (of the cabinet) for now; the roles below come with delegation."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="users")
    sign_in = models.CharField(max_length=254, unique=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, default="correspondent")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[BaseUserManager[User]] = BaseUserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "sign_in"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.sign_in


class EngineToken(models.Model):
    """A key is random 256-bit and stored hashed; `networks`: allowed ones, comma-separated, empty: any."""

    id = models.CharField(max_length=32, primary_key=True, default=new_id)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="tokens")
    sha256 = models.CharField(max_length=64, unique=True)
    networks = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
