"""How an item is answered: by documents, by a word why there is nothing, by the cabinet; and why it is open again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core import paths
from syncd.core.plain_text import one_line
from syncd.portal.language import counted, speaking
from syncd.portal.messages.entries import Kind
from syncd.portal.messages.requests import history
from syncd.portal.messages.requests.asking import wanted_of
from syncd.portal.messages.requests.cadence import Cadence, next_reminder, open_day
from syncd.portal.messages.requests.rest_days import rests
from syncd.portal.models import Document, DocumentRequest, ItemAnswer, RequestedItem, RequestNotice
from syncd.portal.people.visibility import again, visible
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Operator, Person, Verb, may_with_wanted

REASONS: Mapping[str, str] = {
    "illegible": noop("illisible"), "wrong_period": noop("mauvaise période"), "incomplete": noop("incomplet"),
    "wrong_document": noop("ce n'est pas la bonne pièce"), "other": noop("autre raison"),
}  # fmt: skip
DOCUMENTS, WAIVED, CABINET = "documents", "waived", "cabinet"
WORD = 300
STATE = ["how", "word", "closed_at", "closed_by", "again", "again_name", "again_reason", "again_word"]


def give(actor: Person, item: RequestedItem, documents: Sequence[Document], said: str = "") -> None:
    """These answer it: documents of its client that the actor may see. `said`: in the place of how many they are, and once,
    however often they are given in its words. Raises Refusal."""
    with writing(actor.cabinet):
        person = _allowed(actor, Verb.DEPOSIT, item)
        here = Document.objects.filter(visible(person), client=item.request.client_id, tombstone="")
        now = datetime.now(UTC)
        given_now = list(here.filter(id__in=[d.id for d in documents]))
        for document in given_now:
            fresh = {"at": now, "by": person.name, "refused_at": None, "reason": "", "word": "", "gone": False}
            ItemAnswer.objects.update_or_create(item=item, document=document, defaults=fresh)
        if given_now:
            with speaking(""):
                many = counted(len(given_now), "document déposé", "documents déposés")
            if not said or not history.stands(item, said):
                _tell(person, item, Kind.ANSWER, said or many)
        settle(item.request, now, person.name)


def waive(actor: Person, item: RequestedItem, word: str) -> None:
    """There is nothing to give; `word` says why. Raises Refusal."""
    said = one_line(word, WORD)
    if not said:
        raise Refusal(Code.NO_WORD)
    with writing(actor.cabinet):
        person = _allowed(actor, Verb.DEPOSIT, item)
        if item.how:  # since the page was shown
            raise Refusal(Code.NO_REQUEST)
        _close(item, WAIVED, person.name, said)
        audit.record(person, "request_item_waived", _about(item))
        with speaking(""):
            _tell(person, item, Kind.ANSWER, _("sans objet ({word})").format(word=said), _("sans objet"))
        settle(item.request, datetime.now(UTC), person.name)


def close(actor: Person, items: Sequence[RequestedItem]) -> int:
    """By the cabinet: those that are still awaited are not any more; how many. Items of one request. Raises Refusal."""
    with writing(actor.cabinet):
        closed = 0
        for item in items:
            person = _allowed(actor, Verb.MANAGE, item)
            if item.how:
                continue
            closed += 1
            _close(item, CABINET, person.name, "")
            audit.record(person, "request_item_closed", _about(item))
            settle(item.request, datetime.now(UTC), person.name)
    return closed


def reopen(actor: Person, item: RequestedItem, word: str = "") -> None:
    """What was waived, or closed by the cabinet, is awaited again. Raises Refusal."""
    with writing(actor.cabinet):
        person = _allowed(actor, Verb.MANAGE, item)
        if item.how == DOCUMENTS:  # they came since the page was shown
            raise Refusal(Code.NO_REQUEST)
        if item.how:
            _open(item, "reopened", one_line(word, WORD))
            audit.record(person, "request_item_reopened", _about(item))
        settle(item.request, datetime.now(UTC), person.name)


def refuse(actor: Person, answer: ItemAnswer, reason: str, word: str = "", seen: int = 0) -> None:
    """The document is of no use: `reason` one of REASONS. It stays where it is; the item is awaited again where it lacks it.
    `seen`: the version that was looked at, 0 where nobody says. Raises Refusal, also of a document that is another by now."""
    item, said = answer.item, one_line(word, WORD)
    if reason not in REASONS or (reason == "other" and not said):
        raise Refusal(Code.NO_WORD)
    with writing(actor.cabinet):
        person = _allowed(actor, Verb.MANAGE, item)
        if not _stands(answer, seen):
            return
        now = datetime.now(UTC)
        ItemAnswer.objects.filter(id=answer.id).update(refused_at=now, refused_by=person.name, reason=reason, word=said)
        audit.record(person, "request_answer_refused", _about(item))
        settle(item.request, now, person.name)
        item.refresh_from_db(fields=["how"])
        if item.how:  # the others suffice, or it is not awaited any more
            return
        with speaking(""):
            _tell(person, item, Kind.SYSTEM, _("de nouveau demandée ({why})").format(why=_(REASONS[reason])))
        press([item.request], timezone.localdate(now))  # whoever sent it learns why


def _stands(answer: ItemAnswer, seen: int) -> bool:
    """Whether it still answers; False: it is refused already. Raises Refusal where its document went, or is another version."""
    answer.refresh_from_db()
    document = answer.document
    if document.tombstone or seen not in (0, document.version):
        raise Refusal(Code.CHANGED, name=paths.name(document.path))
    return answer.refused_at is None


def _allowed(actor: Person, verb: Verb, item: RequestedItem) -> Person:
    """The actor as it is now; so is the item, afterwards. Raises Refusal."""
    person = again(actor)
    item.refresh_from_db()
    client = item.request.client
    if not may_with_wanted(person, verb, wanted_of(client, item.kind)):
        raise Refusal(Code.SPACE_CLOSED if client.closed else Code.NO_REQUEST)
    return person


def _tell(person: Person | None, item: RequestedItem, kind: Kind, said: str, general: str = "") -> None:
    """Into the client's thread; without a person in the cabinet's name."""
    cabinet = item.request.client.cabinet
    actor = Operator(cabinet.id, person.name, person.origin) if person else Operator(cabinet.id, cabinet.name)
    history.happened(actor, item, kind, said, general)


def _about(item: RequestedItem) -> str:
    return f"{item.request.client.code} {item.label}"


def _close(item: RequestedItem, how: str, by: str, word: str) -> None:
    item.how, item.word, item.closed_at, item.closed_by = how, word, datetime.now(UTC), by
    item.again = item.again_name = item.again_reason = item.again_word = ""
    item.save(update_fields=STATE)


def _open(item: RequestedItem, why: str, word: str, reason: str = "", name: str = "") -> None:
    item.how, item.word, item.closed_at, item.closed_by = "", "", None, ""
    item.again, item.again_reason, item.again_word, item.again_name = why, reason, word, name[:300]
    item.save(update_fields=STATE)


def settle(request: DocumentRequest, now: datetime, by: str = "") -> None:
    """What its answers say now: items closed or open again, the request with them; reminders end or go on. In the caller's
    transaction."""
    held = DocumentRequest.objects.select_for_update().get(id=request.id)
    items = list(held.items.order_by("position"))
    answers = list(ItemAnswer.objects.filter(item__in=items).select_related("document").order_by("at", "id"))
    for item in items:
        _settle_item(item, [a for a in answers if a.item_id == item.id], by)
    done = all(item.how for item in items)
    if done and held.closed_at is None:
        held.closed_at, held.remind_on = now, None
    elif not done and held.closed_at is not None:
        today = timezone.localdate(now)
        made, cadence = timezone.localdate(held.made_at), msgspec.convert(held.cadence, Cadence)
        held.closed_at, held.remind_on = None, _after(made, held.due_on, cadence, today)
    held.save(update_fields=["closed_at", "remind_on"])
    request.closed_at, request.remind_on = held.closed_at, held.remind_on


def _after(made: date, due: date, cadence: Cadence, today: date) -> date | None:
    """A request that is open again goes on with its next day, which is not today: whoever opened it has just said so."""
    return next_reminder(made, due, cadence, today, rests)


def _settle_item(item: RequestedItem, answers: Sequence[ItemAnswer], by: str) -> None:
    for answer in answers:
        gone = answer.document.tombstone != ""
        if answer.gone is not gone:
            ItemAnswer.objects.filter(id=answer.id).update(gone=gone)
    good = [a for a in answers if a.refused_at is None and not a.document.tombstone]
    if item.how == DOCUMENTS and len(good) < item.expected:
        lost = max((a for a in answers if a not in good), key=_when_lost)
        _open(item, "refused" if lost.refused_at else "deleted", lost.word, lost.reason, paths.name(lost.document.path))
        if not lost.refused_at:
            with speaking(""):
                _tell(None, item, Kind.SYSTEM, _("de nouveau demandée (document supprimé)"))
    elif not item.how and len(good) >= item.expected:
        _close(item, DOCUMENTS, by or good[-1].by, "")


def _when_lost(answer: ItemAnswer) -> datetime:
    return answer.refused_at or answer.document.deleted_at or answer.at


def press(requests: Sequence[DocumentRequest], today: date) -> date:
    """Their people are reminded with the next letter that may be written to them: the day. Whoever had today's is written to
    tomorrow. In the caller's transaction."""
    day = today
    if RequestNotice.objects.filter(request__in=[r.id for r in requests], on=today).exists():
        day += timedelta(1)
    at = open_day(day, rests)
    still = DocumentRequest.objects.filter(id__in=[r.id for r in requests], closed_at=None)
    still.update(pressed_on=day, remind_on=at)
    return at


def look_again(now: datetime) -> int:
    """Items whose documents were deleted, or put back, since: how many requests changed."""
    moved = ItemAnswer.objects.filter(
        Q(gone=False) & ~Q(document__tombstone="") | Q(gone=True, document__tombstone=""), refused_at=None
    )
    found = DocumentRequest.objects.filter(id__in=moved.values("item__request")[:200])
    for request in found:
        with writing(request.cabinet_id):
            settle(request, now)
    return len(found)


def given(items: Sequence[RequestedItem]) -> dict[str, int]:
    """By item: how many documents of those expected are there."""
    good = ItemAnswer.objects.filter(item__in=items, refused_at=None, document__tombstone="")
    return dict(good.order_by().values_list("item").annotate(n=Count("id")))
