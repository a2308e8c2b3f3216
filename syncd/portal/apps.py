"""Django's name for the portal."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "syncd.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
