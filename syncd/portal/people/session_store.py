"""Sessions as Django keeps them, but of a key only its hash, and sealed: the database opens nobody's session."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from syncd.portal.models.encrypted_text import Broken, digest, opened, seal


class SessionStore(db.SessionStore):
    """`session_key` is the browser's secret; in the database stands `digest` of it."""

    def _get_session_from_db(self) -> Any:
        now = timezone.now()
        found = (
            self.session_key
            and self.model.objects.filter(session_key=digest(self.session_key), expire_date__gt=now).first()
        )
        if not found:
            self._session_key = None
        return found or None

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: Any) -> Any:
        made = super().create_model_instance(data)
        made.session_key = digest(made.session_key)
        return made

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))

    def encode(self, session_dict: Any) -> str:
        return seal(super().encode(session_dict))

    def decode(self, session_data: str | bytes) -> Any:
        try:
            return super().decode(opened(str(session_data)))
        except Broken:
            return {}
