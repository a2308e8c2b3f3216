"""Documents that come one by one, over cuts and reloads, and answer what they were sent for: at once, else by the next round."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from syncd.portal.language import speaking
from syncd.portal.messages.requests.answers import give
from syncd.portal.models import DepositLine, RequestedItem
from syncd.portal.people.visibility import person_of, wanted_items
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

AT_ONCE = 200
SOON = timedelta(seconds=20)  # whoever stored the document answers first


def answer(actor: Person, line: DepositLine) -> None:
    """The line's document answers the item that the line names; nothing where it names none. All of a deposit are told once.
    Raises Refusal: the item is another client's, or none that the actor may answer any more; the document stays where it is, and
    the line names no item any more.
    """
    if not line.item:
        return
    try:
        _give(actor, line)
    except Refusal:
        _settled(line)
        raise
    _settled(line)


def answer_waiting(now: datetime) -> int:
    """What could not be answered when it was stored, as the database was held, or a process ended; how many lines."""
    waiting = DepositLine.objects.exclude(item="").filter(deposit__last_at__lt=now - SOON).order_by("id")
    lines = list(waiting.select_related("deposit__user", "document")[:AT_ONCE])
    for line in lines:
        if line.deposit.user is None or not line.deposit.user.is_active:
            _settled(line)
            continue
        try:
            answer(person_of(line.deposit.user), line)
        except Refusal:
            continue  # there is nobody to tell
    return len(lines)


def _give(actor: Person, line: DepositLine) -> None:
    mine = RequestedItem.objects.select_related("request__client__cabinet", "request__series")
    found = mine.filter(wanted_items(actor), id=line.item, request__client=line.deposit.client_id).first()
    if found is None or line.document is None:
        raise Refusal(Code.NO_REQUEST)
    with speaking(""):
        said = _("documents déposés, accusé n° {number}").format(number=line.deposit.number)
    give(actor, found, [line.document], said)


def _settled(line: DepositLine) -> None:
    DepositLine.objects.filter(id=line.id).update(item="")
