"""What a cabinet's engine may change of its clients: the right, given by a correspondent, and what is changed under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q

from syncd.core.client_cards import NAME, RESPONSIBLE, CardChange, CardResult, Cards, ClientCard, Colleague
from syncd.core.fiscal_years import Exercise as CoreExercise
from syncd.core.search_folding import fold
from syncd.portal.clients import clients, profile, templates
from syncd.portal.models import Cabinet, Client, Exercise, User
from syncd.portal.people.visibility import again, changing_card, managing, managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, publishing, writing
from syncd.portal.refusals import Code, Refusal, sentence
from syncd.portal.rights import Actor, Engine, Role

ALL = "*"  # in the place of a code: every client, and those to come
CHUNK = 50  # changes in one transaction: others wait for it


@alone
def allow(actor: Actor, client: Client | None, on: bool) -> None:
    """Whether the cabinet's engine may change this card; without `client`: every card, and create clients. Raises Refusal."""
    actor = managing_cabinet(actor if client is None else managing(actor, client))
    if client is None:
        Cabinet.objects.filter(id=actor.cabinet).update(engine_cards=on)
    else:
        Client.objects.filter(id=client.id).update(engine_cards=on)
    audit.record_of_any(actor, "engine_cards_on" if on else "engine_cards_off", client.code if client else ALL)


def cards(actor: Engine) -> Cards:
    """Every client's card, the cabinet's people, and what of it the engine may change, in four questions of the database."""
    again(actor)
    cabinet = Cabinet.objects.get(id=actor.cabinet)
    exercises = defaultdict[str, list[CoreExercise]](list)
    for e in Exercise.objects.filter(client__cabinet=cabinet).order_by("start"):
        exercises[e.client_id].append(CoreExercise(e.label, e.start, e.end, e.closed))
    found = []
    for client in Client.objects.filter(cabinet=cabinet).select_related("responsible").order_by("code"):
        values = {NAME: client.name} | {f: text for f in profile.FIELDS if (text := getattr(client, f))}
        who = client.responsible
        names = tuple(n for n in (who.sign_in, who.name, who.email) if n) if who is not None else ()
        found.append(
            ClientCard(
                client.id, client.code, values, names, tuple(exercises[client.id]), client.closed,
                changeable=client.engine_cards or cabinet.engine_cards,
            )
        )  # fmt: skip
    people = tuple(Colleague(u.sign_in, u.name, u.email) for u in _colleagues(actor))
    return Cards(tuple(found), people, cabinet.engine_cards)


def change(actor: Engine, changes: Sequence[CardChange]) -> list[CardResult]:
    """A result for each. What a field may not say leaves that field as it is; the rest of the card follows."""
    colleagues = {
        fold(name): user for user in _colleagues(actor) for name in (user.email, user.name, user.sign_in) if name
    }
    results = []
    for start in range(0, len(changes), CHUNK):
        with writing(actor.cabinet):  # one for many: each commit waits for the disk
            results += [_result(actor, one, colleagues) for one in changes[start : start + CHUNK]]
    return results


def _colleagues(actor: Engine) -> list[User]:
    roles = [r.value for r in Role if r.of_cabinet]
    return list(User.objects.filter(cabinet=actor.cabinet, is_active=True, role__in=roles).order_by("folded"))


def _result(actor: Engine, wanted: CardChange, colleagues: Mapping[str, User]) -> CardResult:
    try:
        with publishing(actor.cabinet):
            client = _created(actor, wanted) if not wanted.client else _there(actor, wanted.client, close=wanted.close)
            faults = {} if client.closed else _change(actor, client, wanted, colleagues)
            if wanted.close and not client.closed:
                clients.close(actor, client)
    except Refusal as e:
        return CardResult(wanted.code, "refused", e.reason, sentence(e))
    return CardResult(wanted.code, "ok", faults=faults)


def _there(actor: Engine, client: str, *, close: bool = False) -> Client:
    found = Client.objects.select_related("responsible").filter(cabinet=actor.cabinet, id=client).first()
    if found is None:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    changing_card(actor, found)
    if found.closed and not close:
        raise Refusal(Code.CODE_CLOSED, code=found.code)
    return found


def _created(actor: Engine, wanted: CardChange) -> Client:
    """From the same request twice: the client that the first one made."""
    held = Client.objects.filter(cabinet=actor.cabinet, code=wanted.code, closed=False).first()
    if held is not None:
        return _there(actor, held.id)
    template = templates.load(wanted.template or "commerce", Cabinet.objects.get(id=actor.cabinet))
    client = clients.add(actor, wanted.code, wanted.values.get(NAME, ""), template)
    audit.record_of_any(actor, "client_created", client.code)
    return client


def _change(actor: Engine, client: Client, wanted: CardChange, colleagues: Mapping[str, User]) -> dict[str, str]:
    """What was not taken, by field."""
    given = {f: text for f, text in wanted.values.items() if f in profile.FIELDS}
    cleaned, found = profile.cleaned({f: getattr(client, f) for f in profile.FIELDS} | given)
    faults = {fault.field: fault.message for fault in found if fault.field in given}
    values = {f: text for f, text in cleaned.items() if f not in faults and text != getattr(client, f)}
    responsible = client.responsible
    if who := wanted.values.get(RESPONSIBLE, ""):
        responsible = colleagues.get(fold(who))
        if responsible is None:
            faults[RESPONSIBLE] = str(Refusal(Code.NO_COLLEAGUE, name=who))
            responsible = client.responsible
    name = client.name
    if wanted.values.get(NAME):
        try:
            name = profile.check_name(wanted.values[NAME])
        except Refusal as e:
            faults[NAME] = str(e)
    if values or name != client.name or responsible != client.responsible:
        profile.change(actor, client, name, values, responsible)
    new = wanted.exercise
    if new is not None and not client.exercises.filter(Q(end=new.end) | Q(label=new.label)).exists():
        try:
            clients.set_exercise(actor, client, new.label, new.start, new.end, new.closed)
        except Refusal as e:
            faults["exercise"] = str(e)
    return faults
