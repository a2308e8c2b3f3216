"""What tests of messages do and ask again and again."""

from __future__ import annotations

import html
from typing import Any

GENERAL = "other"


def person(user: Any) -> Any:
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of

    return person_of(User.objects.get(id=user.id))


def say(user: Any, client: Any, subject: str, text: str, kind: str = GENERAL, **more: Any) -> Any:
    """What the user says in the client's thread of that subject; the thread."""
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.messages.threads import open_thread

    told = more.pop("told", None)
    thread = open_thread(person(user), client, subject, kind)
    append(person(user), thread, Said(Kind(more.pop("of", "message")), text, **more), told)
    return thread


def threads_of(user: Any, **wanted: Any) -> list[str]:
    from syncd.portal.messages.threads import Wanted, listed

    return [t.subject for t in listed(person(user), Wanted(**wanted))]


def told_of(thread: Any) -> set[str]:
    from syncd.portal.models import ThreadReader

    return set(ThreadReader.objects.filter(thread=thread, told=True).values_list("user__sign_in", flat=True))


def unread(user: Any) -> int:
    from syncd.portal.messages import threads

    return threads.unread(person(user))


def page(browser: Any, path: str, status: int = 200) -> str:
    """What the browser shows there."""
    answer = browser.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return html.unescape(answer.content.decode())
