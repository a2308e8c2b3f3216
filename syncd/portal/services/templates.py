"""The shipped tree templates, as pages offer them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from syncd.core.errors import UsageError
from syncd.core.templates import Template
from syncd.disk import template_files


def known() -> list[Template]:
    return [template_files.load(name) for name in template_files.shipped()]


def load(name: str) -> Template:
    """One of the shipped; a page names no file. Raises UsageError."""
    if name not in template_files.shipped():
        raise UsageError(_("Choisissez un modèle d'arborescence."))
    return template_files.load(name)
