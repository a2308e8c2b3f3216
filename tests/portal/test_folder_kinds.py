"""Kinds of folders have words wherever pages name them: no code is shown."""

from __future__ import annotations

from typing import Any

from syncd.core import templates


def test_every_kind_of_a_template_has_words(office: Any) -> None:
    from syncd.portal.web import folder_kind_names

    assert not set(templates.KINDS) - set(folder_kind_names.KINDS)
    assert not {said for said in folder_kind_names.KINDS.values() if said in templates.KINDS}
