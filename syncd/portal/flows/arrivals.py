"""What becomes of one flow: fetched, looked at, deposited where its facts say; held back where a person has to decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import BinaryIO

import msgspec

from syncd.core import flows, invoice_filing, paths, web_address
from syncd.core.content import Content
from syncd.core.flows import Failure, Reason
from syncd.core.folder_rules import ClientRules
from syncd.core.invoices import Facts, Form
from syncd.portal.clients.tree import place_in, rules_of
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.documents import deposit as deposits
from syncd.portal.documents.deposit import Incoming
from syncd.portal.documents.store import new_version_id
from syncd.portal.flows.service import Fetched, FlowService
from syncd.portal.flows.transport import Failed
from syncd.portal.models import Client, Deposit, Document, Flow, FlowConnection, Version
from syncd.portal.readers import kinds, xml_tree
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.records.feed import writing
from syncd.portal.rights import Connector, Verb, may

TRIES, VIEW_TRIES = 8, 3  # of one flow, before a person is asked; of a readable view, before one does without
READING, BUSY = 5.0, 30.0  # seconds; until those are over who are read now
ORIGINAL, VIEW = "Original", "ReadableView"
OF_THE_FLOW = (
    Failure.MISSING,
    Failure.LARGE,
)  # what else fails is the platform's matter, and the same of the next flow
PDF, XML = ".pdf", ".xml"


class State(StrEnum):
    """Of a flow. HELD: until somebody decides; APART: somebody decided against it."""

    WAITING = "waiting"
    STORED = "stored"
    HELD = "held"
    APART = "apart"


def actor_of(connection: FlowConnection) -> Connector:
    return Connector(connection.cabinet_id, connection.client_id, f"Plateforme {connection.name}")


def arrive(connection: FlowConnection, flow: Flow, service: FlowService) -> None:
    """Raises Failed where the platform, and not this flow, is the matter; then the flow is as it was."""
    if not _settled(connection, flow):
        if (
            flow.host != web_address.parse(connection.address).host
        ):  # another platform's: it is not asked for by this one's ids
            _held(flow, Reason.GONE)
            return
        try:
            with service.file(flow.flow_id, ORIGINAL) as fetched:
                _original(connection, flow, fetched)
        except Failed as e:
            if e.failure not in OF_THE_FLOW:
                raise
            _again(flow, Reason.LARGE if e.failure is Failure.LARGE else Reason.GONE)
    if flow.state == State.WAITING and flow.document_id is not None:
        _view(connection, flow, service)


def _settled(connection: FlowConnection, flow: Flow) -> bool:
    """Whether its document is there: since before, or by an arrival that did not come to its end."""
    if flow.document_id is not None:
        return True
    version = Version.objects.filter(id=flow.version_id).select_related("document").first() if flow.version_id else None
    if version is None:
        return False
    deposits.line_of(actor_of(connection), connection.client, version.document)
    _stored(flow, version.document)
    return True


def _batch(connection: FlowConnection) -> Deposit:
    return deposits.begin(actor_of(connection), connection.client, new_version_id())


def _stored(flow: Flow, document: Document) -> None:
    """With a readable view to come, where it is bare XML."""
    flow.document, flow.tries = document, 0
    flow.state = State.WAITING if document.key.endswith(XML) else State.STORED
    flow.reason = flow.detail = ""
    _keep(flow, "document", "tries", "state", "reason", "detail")


def _keep(flow: Flow, *names: str) -> None:
    with writing(flow.connection.cabinet_id):
        flow.save(update_fields=names)


def _again(flow: Flow, reason: Reason) -> None:
    """Later, a few times; then it is a person's."""
    flow.tries += 1
    flow.reason, flow.next_at = reason, datetime.now(UTC) + flows.wait(flow.tries, None)
    if flow.tries >= TRIES:
        flow.state = State.HELD
    _keep(flow, "tries", "reason", "next_at", "state")


def behind(flow: Flow) -> None:
    """After the others, hours later; then it is a person's."""
    flow.tries += 1
    flow.next_at = datetime.now(UTC) + timedelta(hours=flow.tries)
    if flow.tries >= TRIES:
        flow.state, flow.reason = State.HELD, Reason.GONE
    _keep(flow, "tries", "next_at", "state", "reason")


def _held(flow: Flow, reason: str, detail: str = "") -> None:
    flow.state, flow.reason, flow.detail = State.HELD, reason, detail[:200]
    _keep(flow, "state", "reason", "detail")


def _original(connection: FlowConnection, flow: Flow, fetched: Fetched) -> None:
    if flow.digest and flow.digest != fetched.digest:
        _again(flow, Reason.DIGEST)
        return
    ending = ending_of(fetched.source)
    if not ending:
        _held(flow, Reason.KIND)
        return
    try:
        facts = facts_of(fetched.source)
    except Busy:  # others' documents are read: with the next look
        flow.next_at = datetime.now(UTC) + timedelta(seconds=BUSY)
        _keep(flow, "next_at")
        return
    client, rules = connection.client, rules_of(connection.client)
    whose = facts is not None and invoice_filing.of_another(client.siren, facts.seller_siren, facts.buyer_siren)
    if facts is not None and whose and not flow.forced:
        _held(flow, Reason.OTHER_BUYER, f"{facts.buyer_siren} {facts.seller} {facts.number}")
        return
    folder = folder_of(connection, rules, None if whose else facts)
    if not folder:
        _held(flow, Reason.NO_FOLDER)
        return
    _deposit(connection, flow, rules, folder, flows.file_name(flow.name, flow.flow_id, ending), fetched)


def _deposit(
    connection: FlowConnection, flow: Flow, rules: ClientRules, folder: str, name: str, fetched: Fetched
) -> None:  # fmt: skip
    actor, client = actor_of(connection), connection.client
    reason, detail = deposits.refusal(actor, client, rules, Incoming(folder, name, fetched.size))
    if reason:
        _held(flow, reason, detail)
        return
    flow.version_id = new_version_id()
    _keep(flow, "version_id")
    fetched.source.seek(0)
    line = deposits.take_stream(actor, _batch(connection), folder, name, fetched.source, flow.version_id)
    if line.document is None:
        _held(flow, line.reason, line.detail)
    else:
        _stored(flow, line.document)


def _view(connection: FlowConnection, flow: Flow, service: FlowService) -> None:
    """Beside the XML, under its name: lists show the two as one."""
    document = Document.objects.filter(id=flow.document_id, tombstone="").first()
    there = Version.objects.filter(id=flow.view_version_id or "-").select_related("document").first()
    if there is not None:
        deposits.line_of(actor_of(connection), connection.client, there.document)
    if document is None or there is not None:
        _done(flow)
        return
    try:
        with service.file(flow.flow_id, VIEW) as fetched:
            if ending_of(fetched.source) != PDF:
                _done(flow)
                return
            flow.view_version_id = new_version_id()
            _keep(flow, "view_version_id")
            fetched.source.seek(0)
            folder, stem = paths.parent(document.path), paths.split_ext(paths.name(document.path))[0]
            actor, client, name = actor_of(connection), connection.client, stem + PDF
            content = Content(fetched.size, bytes.fromhex(fetched.digest))
            if not deposits.refusal(actor, client, rules_of(client), Incoming(folder, name, content.size))[0]:
                deposits.take_stream(actor, _batch(connection), folder, name, fetched.source, flow.view_version_id)
            _done(flow)
    except Failed as e:
        flow.tries += 1
        if e.failure not in OF_THE_FLOW and flow.tries < VIEW_TRIES:
            _keep(flow, "tries")
            raise
        _done(flow)  # there is none: the portal shows the XML itself as a sheet


def _done(flow: Flow) -> None:
    flow.state, flow.tries = State.STORED, 0
    _keep(flow, "state", "tries")


def ending_of(source: BinaryIO) -> str:
    """By its bytes: '.pdf', '.xml', or '' of what is neither."""
    source.seek(0)
    head = source.read(kinds.HEAD)
    if kinds.of_head(head) == "pdf":
        return PDF
    return XML if xml_tree.looks_like(head) else ""


def facts_of(source: BinaryIO) -> Facts | None:
    """None where it says nothing that can be read. Raises Busy."""
    try:
        found = msgspec.json.decode(reader().ask("facts", source, seconds=READING), type=Facts)
    except (TooMuch, Unreadable):
        return None
    return found if found.form not in (Form.BROKEN, Form.STATUS, Form.ORDER) else None


def folder_of(connection: FlowConnection, rules: ClientRules, facts: Facts | None) -> str:
    """Where the facts say, or « À classer »; '' where there is neither."""
    client, actor = connection.client, actor_of(connection)
    mine = {r.path: r.kind for r in rules.folders if may(actor, Verb.DEPOSIT, place_in(client, r.path, rules))}
    said = _proposed(client, mine, facts) if facts is not None else ""
    return said or next((path for path, kind in mine.items() if kind == INBOX), "")


def _proposed(client: Client, mine: dict[str, str], facts: Facts) -> str:
    days: list[date] = [day for day in (facts.issued, facts.delivered) if day is not None]
    side = invoice_filing.side(client.siren, facts.seller_siren, facts.buyer_siren)
    exercises = list(client.exercises.values_list("label", "start", "end"))
    return invoice_filing.folder(side, days, mine, exercises) if side and days else ""
