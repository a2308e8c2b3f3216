"""A use case takes the actor first: whoever asks for anything says in whose name (docs/CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.invoicing.listed import LISTED as INVOICING

pytestmark = pytest.mark.lists

PORTAL = Path(__file__).parent.parent.parent / "syncd" / "portal"
WINGS = (
    "operations", "sync", "messages", "messages/requests", "documents", "notifications", "calendar", "clients", "people",
    "private_space", "invoicing", "programs", "flows", "exchange",
)  # fmt: skip
ACTORS = {"Actor", "Person", "Engine", "Operator", "Program", "Reader", "Connector", "Depositor", "_Who"}  # fmt: skip  # `_Who`: any of them

OPERATOR = "what the portal's operator does before, or while, no cabinet is open: whoever may read the directory"
CLOCK = "done by the clock, in nobody's name"
ENGINE = "what makes of a key, and of its turn to write, the engine that is the actor"
STRANGER = "before anybody is signed in: who it is, is the question"
PART = "a step of use cases, in the transaction that has asked for the right and tells of it"
VALUE = "a value out of values: it asks nobody and writes nothing"
READ = "read by use cases, and by pages that have asked for the right"


def each(module: str, names: str, why: str) -> dict[str, str]:
    return {f"{module}.{name}": why for name in names.split()}


LISTED: dict[str, str] = {
    "operations.background.tell": CLOCK,
    **{
        f"flows.{name}": CLOCK
        for name in ("passes.due", "passes.look", "passes.put_off", "arrivals.arrive", "arrivals.behind")
    },
    **{f"flows.arrivals.{name}": VALUE for name in ("actor_of", "ending_of", "facts_of")},
    **{f"flows.{name}": VALUE for name in ("passes.host_of", "arrivals.folder_of", "transport.check")},
    **{f"exchange.{name}": READ for name in ("access.kinds_of", "access.exchange_of", "people.reachable")},
    **{f"exchange.{name}": VALUE for name in ("listing.told", "listing.outcome", "orders.upload_key")},
    **{f"exchange.{name}": PART for name in ("orders.ordered", "people.queue")},
    **{f"exchange.{name}": CLOCK for name in ("people.may_go", "people.attachment", "retention.prune")},
    "operations.backup.copy_database": OPERATOR,
    **dict.fromkeys(("operations.backup.copied", "operations.table_copy.carry", "documents.integrity.kept"), OPERATOR),
    **dict.fromkeys((f"operations.move.{name}" for name in ("move", "begin", "finish")), OPERATOR),
    **dict.fromkeys((f"operations.moved.{name}" for name in ("place", "check", "no_writers", "close")), OPERATOR),
    "operations.backup.of_file": OPERATOR,
    "operations.restored.begin_anew": OPERATOR,
    "operations.installation.check_database_empty": OPERATOR,
    "operations.installation.named_cabinet": OPERATOR,
    "operations.cabinets.add": OPERATOR,
    "operations.cabinets.checked_host": VALUE,
    "operations.cabinets.listed": OPERATOR,
    "operations.cabinets.close": OPERATOR,
    "operations.cabinets.reopen": OPERATOR,
    "clients.cabinet_settings.at_host": STRANGER,
    "operations.backup.backup": OPERATOR,
    "operations.backup.restore": OPERATOR,
    "operations.installation.prepare_directory": OPERATOR,
    "operations.installation.check_account": OPERATOR,
    "operations.installation.found_cabinet": OPERATOR,
    "operations.installation.only_cabinet": OPERATOR,
    "operations.installation.operator": OPERATOR,
    "operations.installation.first_correspondent": OPERATOR,
    **{f"operations.log_redaction.{name}": OPERATOR for name in ("cut", "begin", "short")},
    **INVOICING,
    "private_space.contents.above": VALUE,
    "private_space.contents.below": VALUE,
    "private_space.contents.check_name": VALUE,
    "private_space.contents.free_name": PART,
    "private_space.contents.is_taken": PART,
    "private_space.contents.make_folders": PART,
    "private_space.contents.live": PART,
    "private_space.contents.places": READ,
    "private_space.contents.portions": VALUE,
    "private_space.contents.these": PART,
    "private_space.deposits.rule": VALUE,
    **{f"private_space.{name}": VALUE for name in ("keys.level_of", "sending.kinds_of")},
    "private_space.spaces.is_void": VALUE,
    "private_space.spaces.refuse": VALUE,
    "private_space.spaces.space_of": PART,
    "sync.approvals.show": PART,
    "sync.approvals.lines_held": VALUE,
    "sync.approvals.lines": VALUE,
    "sync.approvals.first_lines": VALUE,
    "sync.client_list.wanted_of": VALUE,
    "sync.open_reports.enough": VALUE,
    "sync.approvals.totals": VALUE,
    "sync.approvals.perhaps_more": VALUE,
    "sync.dashboard.passes": READ,
    "sync.dashboard.states": READ,
    **each("people.allowed_networks", "allow cleaned", VALUE),
    "people.visibility.program_of": STRANGER,
    "programs.client_cards.stamp": VALUE,
    "programs.deposits.prune": CLOCK,
    "programs.entries.of_documents": READ,
    "programs.keys.program_with": STRANGER,
    "sync.engine_keys.engine_token": ENGINE,
    "sync.engine_keys.saw_engine": ENGINE,
    "sync.lease.holder": ENGINE,
    "sync.lease.keep_lease": ENGINE,
    "sync.lease.take_lease": ENGINE,
    "sync.lease.holds_lease": ENGINE,
    "sync.run_summaries.bounded": VALUE,
    "sync.run_summaries.given_up": READ,
    "documents.as_remote.remote_docs": VALUE,
    "documents.as_remote.for_engine": VALUE,
    "documents.inventory.described": READ,
    "documents.handover.called": VALUE,
    "documents.deposit.drop": PART,
    "documents.deposit.target": VALUE,
    "documents.deposit.safe_path": VALUE,
    "documents.inbox.often": READ,
    "documents.inbox.letters": VALUE,
    "documents.integrity.check": OPERATOR,
    "documents.integrity.make_whole": PART,
    "clients.cabinet_settings.met_by": READ,
    "documents.lifecycle.live": READ,
    "documents.lifecycle.binned": READ,
    "documents.listing.sent_by_company": VALUE,
    "documents.receipts.deliver_again": PART,
    "documents.listing.right_inside": VALUE,
    "documents.folder_documents.unchanged_since": VALUE,
    "documents.listing.turns": READ,
    "documents.pictures.asked_for": READ,
    "documents.invoice_facts.read_some": CLOCK,
    "documents.invoice_facts.newest": CLOCK,
    "documents.invoice_facts.forget": OPERATOR,
    "documents.invoice_facts.keep": CLOCK,
    "documents.invoices.behind_its_pdf": VALUE,
    "documents.invoices.proposal": READ,
    "documents.texts.follow": CLOCK,
    "documents.texts.compare": CLOCK,
    "documents.texts.read_some": CLOCK,
    "documents.store.is_taken": READ,
    "documents.store.new_version_id": PART,
    "documents.store.no_room": READ,
    "documents.store.used": READ,
    "messages.entries.kind_of": READ,
    "messages.mails.gather": CLOCK,
    "messages.receipts.gather": CLOCK,
    "messages.mails.addresses": VALUE,
    "messages.mails.may_go": CLOCK,
    "messages.mass_entries.append_each": PART,
    "people.forwarding_addresses.asked_too_often": PART,
    "people.forwarding_addresses.queue_question": PART,
    "messages.recipients.usual_of_each": READ,
    "notifications.outbox.always": VALUE,
    "notifications.notices.gather": CLOCK,
    "notifications.notices.accountants": READ,
    "notifications.notices.company": READ,
    "notifications.notices.answering": READ,
    "notifications.summaries.gather": CLOCK,
    "notifications.summaries.note": PART,
    "notifications.summaries.last_hour": VALUE,
    "notifications.fresh_documents.fresh": READ,
    "notifications.fresh_documents.may_see": VALUE,
    **each(
        "notifications.deposit_mails",
        "by_folder refused received deposited asked_to_delete published new_and_changed summary",
        VALUE,
    ),
    "people.mail_pace.pace_of": VALUE,
    "people.unsubscribing.link": VALUE,
    "people.unsubscribing.who": STRANGER,
    **dict.fromkeys(
        (
            "messages.forwarding.agree",
            "messages.forwarding.who",
            "people.forwarding_addresses.agree",
            "people.forwarding_addresses.who",
        ),
        STRANGER,
    ),
    **dict.fromkeys(
        (
            "messages.mails.restricted",
            "messages.mails.words_of",
            "people.forwarding_addresses.confirmed",
            "people.forwarding_addresses.waiting",
        ),
        VALUE,
    ),
    "messages.forwarding.may_go": CLOCK,
    "messages.requests.reminders.may_go": CLOCK,
    "messages.requests.deposited.answer_waiting": CLOCK,
    "people.unsubscribing.stop": STRANGER,
    "notifications.outbox.deliver": CLOCK,
    "notifications.outbox.prune": CLOCK,
    **dict.fromkeys(
        (
            f"messages.requests.{name}"
            for name in (
                "asking.wanted_of",
                "cadence.fell_due",
                "cadence.next_reminder",
                "cadence.open_day",
                "cadence.reminders",
                "lists.parse",
                "listing.by_request",
                "listing.late",
                "periods.said",
                "periods.span",
                "reminder_mails.about",
                "reminder_mails.reminder",
                "rest_days.rests",
            )
        ),
        VALUE,
    ),
    "messages.requests.answers.given": READ,
    "messages.requests.answers.look_again": CLOCK,
    "messages.requests.answers.press": PART,
    "messages.requests.answers.settle": PART,
    "messages.requests.asking.make_due": CLOCK,
    "messages.requests.fitting.online": READ,
    "messages.requests.history.asked": PART,
    "messages.requests.history.stands": READ,
    "messages.requests.listing.answers_of": READ,
    "messages.requests.listing.open_items_of": READ,
    "messages.requests.own_lists.shipped": READ,
    "messages.requests.reminders.awaited_of": READ,
    "messages.requests.reminders.gather": CLOCK,
    "messages.requests.reminders.last_told": READ,
    "messages.requests.reminders.revise": CLOCK,
    "messages.requests.reminders.without_mail": READ,
    "messages.requests.request_round.round": CLOCK,
    "calendar.icalendar_feed.agenda_of": STRANGER,
    "calendar.icalendar_feed.written": VALUE,
    "calendar.alerts.gather": CLOCK,
    "calendar.alerts.look_again": PART,
    "calendar.alerts.may_go": CLOCK,
    "calendar.client_facts.facts_of": READ,
    "calendar.client_facts.of_clients": VALUE,
    "calendar.day_tables.day_of": VALUE,
    "calendar.day_tables.initial": VALUE,
    "calendar.due_dates.due_days": VALUE,
    "calendar.due_dates.shifted": VALUE,
    "calendar.generation.calendar": VALUE,
    "calendar.generation.unsaid_of": VALUE,
    **each(
        "calendar.holidays",
        "easter_of holidays is_holiday is_working_day nth_working_day_after working_day_on_or_after",
        VALUE,
    ),
    "calendar.seen_dates.concerns": VALUE,
    "calendar.period_words.period": VALUE,
    "calendar.period_words.title": VALUE,
    **each("calendar.periods", "add_months containing exercises of_calendar same_day", VALUE),
    "calendar.rule_files.shipped": VALUE,
    **{f"calendar.rule_reader.{name}": VALUE for name in ("joined", "parse")},
    "clients.activation.templates_used": READ,
    "clients.activation.concerned": READ,
    "clients.clients.check_name": VALUE,
    "clients.clients.difference": VALUE,
    "clients.fiscal_words.ape": VALUE,
    "clients.fiscal_words.naf_rev2": VALUE,
    "clients.fiscal_words.words_of": VALUE,
    "clients.fiscal_words.choices": VALUE,
    "clients.fiscal_words.missing_said": VALUE,
    "clients.folder_labels.labels_of": READ,
    "clients.folder_labels.tops": READ,
    "clients.import_xlsx.model": VALUE,
    "clients.import_xlsx.read": READ,
    "clients.profile.cleaned": VALUE,
    "clients.profile.choices": VALUE,
    "clients.profile.missing": VALUE,
    "clients.profile.words_of": VALUE,
    "clients.profile.write": PART,
    "clients.search.clients_with": VALUE,
    "clients.search.called": VALUE,
    "documents.folder_documents.wanted_of": VALUE,
    "documents.search.of_type": VALUE,
    "documents.search.turned": READ,
    "clients.templates.known": READ,
    "clients.templates.load": READ,
    **each(
        "clients.tree", "check_name check_open not_here with_rules rules_json kind_of checked check_folder_path", VALUE
    ),
    **each("clients.tree", "trees_of rules_by_client rules_of place_in place_of live_folder rules_now", READ),
    "clients.tree.bump": PART,
    "clients.tree.make_folders": PART,
    "clients.tree.move_folder": PART,
    "clients.xlsx_reader.rows": VALUE,
    "people.accounts.check_name": VALUE,
    "people.accounts.side": VALUE,
    "people.accounts.end_sessions": PART,
    "people.accounts.end_secrets_below": PART,
    "people.accounts.check_sign_in": VALUE,
    "people.accounts.check_email": VALUE,
    "people.accounts.free_sign_in": READ,
    "people.accounts.sign_in_of": STRANGER,
    "people.accounts.hashed": VALUE,
    "people.accounts.keep_password": PART,
    "people.accounts.set_password": PART,
    "people.accounts.kinds_of": READ,
    "people.audience.audiences": READ,
    "people.audience.holders": READ,
    "people.audience.seen_by": VALUE,
    "people.access_preview.folders_seen": VALUE,
    "people.directory.wanted_of": VALUE,
    "people.directory.with_codes": READ,
    "people.invitations.check_mail": VALUE,
    "people.invitations.new_code": VALUE,
    "people.invitations.new_link": VALUE,
    "people.invitations.digest": VALUE,
    "people.invitations.issue": PART,
    "people.invitations.invited": STRANGER,
    "people.invitations.accept": STRANGER,
    "people.invitations.printed": VALUE,
    "people.invitations.with_card": STRANGER,
    "people.passwords.too_many": STRANGER,
    "people.passwords.too_many_wrong": STRANGER,
    "people.passwords.was_right": STRANGER,
    "people.passwords.was_wrong": STRANGER,
    "people.second_factor.check": STRANGER,
    "people.second_factor.new_secret": VALUE,
    "people.second_factor.address": VALUE,
    "people.second_factor.turn_on": PART,
    "people.second_factor.new_codes": PART,
    "people.second_factor.short_codes": VALUE,
    "people.second_factor.turn_off": PART,
    "people.sessions.ended": STRANGER,
    "people.sessions.idle": STRANGER,
    "people.sessions.seen": STRANGER,
    "people.sessions.prune": CLOCK,
    "people.sessions.browser": STRANGER,
    "people.sign_in_attempts.note": STRANGER,
    "people.sign_in_attempts.locked": STRANGER,
    "people.sign_in_attempts.answer": CLOCK,
    "people.sign_in_attempts.tell": PART,
    "people.sign_in_attempts.prune": CLOCK,
    "people.throttle.beyond": STRANGER,
    "people.counters.count": STRANGER,
    "people.counters.counted": STRANGER,
    "people.counters.remember": STRANGER,
    "people.counters.prune": CLOCK,
    "people.throttle.reached": STRANGER,
    "people.visibility.above": STRANGER,
    "people.visibility.in_force": STRANGER,
    "people.visibility.person_of": STRANGER,
    "people.visibility.in_portfolio": VALUE,
    "people.visibility.verbs": VALUE,
    "people.visibility.account_of": READ,
    "people.visibility.downloads": STRANGER,
    "people.visibility.fate_of": VALUE,
}


def public() -> Iterator[tuple[str, ast.FunctionDef]]:
    for wing in WINGS:
        for path in sorted((PORTAL / wing).glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield f"{wing.replace('/', '.')}.{path.stem}.{node.name}", node


def actor_first(function: ast.FunctionDef) -> bool:
    args = [*function.args.posonlyargs, *function.args.args]
    if not args or args[0].arg != "actor":
        return False
    return isinstance(args[0].annotation, ast.Name) and args[0].annotation.id in ACTORS


def test_whoever_asks_a_use_case_says_in_whose_name() -> None:
    without = {name for name, function in public() if not actor_first(function)}
    assert without - LISTED.keys() == set(), "a use case takes the actor first; what is none is listed with its reason"
    assert LISTED.keys() - without == set(), "what is listed is gone, or takes the actor by now"


def test_no_use_case_knows_of_a_request_or_a_page() -> None:
    doors = ("django.http", "django.shortcuts", "django.urls", "starlette", "uvicorn")
    found = []
    for wing in (*WINGS, "records", "storage"):
        for path in sorted((PORTAL / wing).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
                found += [f"{wing}/{path.name}: {name}" for name in names if name.startswith(doors)]
    assert found == []


def test_documents_come_in_by_one_use_case() -> None:
    """Engines, browsers and commands: nobody but `documents.deposit` has documents stored, or gives their bytes a name."""
    storing = {
        path.relative_to(PORTAL).as_posix()
        for path in PORTAL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "syncd.portal.documents.store"
        for name in node.names
        if name.name in ("store", "Body")
    }
    assert storing == {"documents/deposit.py"}
