"""Documents that come one by one, over cuts and reloads, and answer what they were sent for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from syncd.portal.language import speaking
from syncd.portal.messages.requests.answers import give
from syncd.portal.models import DepositLine, RequestedItem
from syncd.portal.people.visibility import wanted_items
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person


def answer(actor: Person, item: str, line: DepositLine) -> None:
    """The line's document answers the item, by its id; nothing where none was taken. All of a deposit are told once. Raises
    Refusal: the item is another client's, or none that the actor may answer any more; the document stays where it is.
    """
    if line.document is None:
        return
    mine = RequestedItem.objects.select_related("request__client__cabinet", "request__series")
    found = mine.filter(wanted_items(actor), id=item, request__client=line.deposit.client_id).first()
    if found is None:
        raise Refusal(Code.NO_REQUEST)
    with speaking(""):
        said = _("documents déposés, accusé n° {number}").format(number=line.deposit.number)
    give(actor, found, [line.document], said)
