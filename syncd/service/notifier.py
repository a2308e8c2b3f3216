"""Who is told what, and when: trouble at once, the rest in the digest; everything through the state's outbox."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from syncd.config.local_time import local_time
from syncd.config.model import Config, RecipientKeys
from syncd.core import alert_timing, paths
from syncd.core.alert_timing import Trouble
from syncd.core.client_classification import Card
from syncd.core.errors import NotSent
from syncd.core.folder_rules import ClientRules
from syncd.core.mail_address import mail_address
from syncd.core.reasons import NOBODYS, STORMS, TECHNICAL, Family, Reason, family
from syncd.core.run_result import RunResult
from syncd.service import day_end
from syncd.wiring import assembly
from syncd.wiring.assembly import Store

if TYPE_CHECKING:  # a run that has nothing to tell does not wait for what would tell it
    from syncd.report import digest as report
    from syncd.report.message import Message, Sender
    from syncd.report.open_problems import Standing
from syncd.wiring import service_parts

_STOPPED_BY_HAND = (130, 143)
MAIL_AWAY = 3600.0
NAMED = 10  # of the directories that are nobody's


class Recipient(msgspec.Struct, frozen=True):
    """`clients`: codes of the portfolio; `cards`: (field, value) of those whose card says so; neither: all clients.
    `commands`: has the machine's command line."""

    address: str
    clients: frozenset[str] = frozenset()
    trouble: bool = True
    cards: frozenset[tuple[str, str]] = frozenset()
    commands: bool = False

    def follows(self, code: str, card: Card) -> bool:
        if not code or not (self.clients or self.cards) or code in self.clients:
            return True
        return any(getattr(card, field) == value for field, value in self.cards)


def recipients(config: Config) -> list[Recipient]:
    operators = config.mail.operator
    everybody = [Recipient(address, commands=True) for address in operators]
    everybody += [Recipient(address) for address in config.mail.to if address not in operators]
    return everybody + [Recipient(r.address, frozenset(r.clients), r.trouble, _cards(r)) for r in config.recipients]


def _cards(keys: RecipientKeys) -> frozenset[tuple[str, str]]:
    fields = (
        ("site", keys.sites),
        ("group", keys.groups),
        ("sector", keys.sectors),
        ("responsible", keys.responsibles),
    )
    return frozenset((field, value) for field, values in fields for value in values)


class Notifier:
    """Made once per service or run. `now`: the clock."""

    def __init__(self, config: Config, store: Store, say: Callable[..., None]) -> None:
        self.config, self.store, self.say = config, store, say
        self.recipients = recipients(config) if config.mail.smtp else []
        self._fault = ""
        self._rules: dict[str, ClientRules] = {}
        self._cards: dict[str, Card] = {}

    def _follows(self, recipient: Recipient, code: str) -> bool:
        if code and code not in self._cards:
            self._cards = assembly.cards(self.store)
        return recipient.follows(code, self._cards.get(code, Card()))

    def after(self, result: RunResult, scope: frozenset[str] | None, now: float) -> None:
        """After a pass: what is trouble now, what is over. `scope`: ids of the clients it was about, None for all."""
        self._rules, self._cards = {}, {}  # trees and cards change between passes
        codes = {r.id: r.code for r in self.store.clients.all()}
        there = self._there(codes, result)
        seen = {codes[c] for c in scope if c in codes} if scope is not None else None
        abandoned = result.abandoned

        def judged(trouble: Trouble) -> bool:
            if trouble.reason == "mail":
                return False
            if result.exit_code in _STOPPED_BY_HAND or (abandoned and trouble.reason != "abandoned"):
                return False
            return seen is None or not trouble.client or trouble.client in seen

        before = self.store.outboxes.troubles()
        after = alert_timing.watch(before, there, judged, now)
        if after != list(before.values()):
            self.store.outboxes.put_troubles(after)
        if self.config.mail.send == "each" and (self.store.journal.has_events(result.run) or abandoned):
            self._digest(now, each=True)

    def _there(self, codes: dict[str, str], result: RunResult) -> dict[str, Trouble]:
        out: dict[str, Trouble] = {}
        reports = self.store.journal.open_reports()
        nobodys = {str(reason): [r.path for r in reports if r.reason == reason] for reason in NOBODYS}

        def add(client: str, reason: str, detail: str = "") -> None:
            out[f"{client}:{reason}"] = Trouble(f"{client}:{reason}", client, reason, detail)

        for w in self.store.guards.waiting():
            add(codes.get(w.client, ""), w.reason)
        for told in reports:
            client, path, reason = told.client, told.path, told.reason
            if family(reason) is Family.STOP and client in codes:
                add(codes[client], reason, told.detail)
            elif reason in STORMS and client in codes:
                add(codes[client], reason, self.store.guards.storm(client, reason))
            elif reason in (Reason.CLOCK_SKEW, Reason.DISK_FULL, Reason.SHARE_AWAY):  # of the whole cabinet
                add("", reason)
            elif reason in NOBODYS:
                add("", reason, ", ".join(sorted(nobodys[reason])[:NAMED]))
            elif reason in TECHNICAL and client in codes:
                add(codes[client], reason, path if self._may_name(codes[client], path) else "")
        progress = self.store.progress.read()
        if progress.reports_unwritten:
            add("", alert_timing.REPORTS, progress.reports_unwritten)
        if progress.migration_failed:
            add("", Reason.MIGRATION_FAILED, progress.migration_failed)
        if result.abandoned and result.exit_code not in _STOPPED_BY_HAND:
            add("", "abandoned", f"{result.reason or 'unexpected'} {result.cause}".strip())
        return out

    # -- what goes out -------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """What is due by the clock: held-back trouble, the digest. Queued only."""
        self._alarm(now)
        if self._digest_due(now):
            if self.config.mail.send != "each":
                self._digest(now)
            self.store.progress.change(day_ended=now, digest_owed=False)

    def _alarm(self, now: float) -> None:
        before = list(self.store.outboxes.troubles().values())
        progress = self.store.progress.read()
        lately = {key: at for key, at in progress.alarm_lately.items() if now - at < alert_timing.AT_MOST}
        told = alert_timing.tell(before, now, progress.alarm_at, lately)
        if not told.news and not told.over:
            return
        with self.store.atomic():
            for recipient in self.recipients:
                news = [t for t in told.news if recipient.trouble and self._follows(recipient, t.client)]
                over = [t for t in told.over if recipient.trouble and self._follows(recipient, t.client)]
                if news or over:
                    self._queue(recipient, self._alarm_for(recipient, news, over, now), now)
            self.store.outboxes.put_troubles(told.kept)
            self.store.progress.change(alarm_at=now, alarm_lately={**lately, **{t.key: now for t in told.news}})

    def _alarm_for(self, recipient: Recipient, news: Sequence[Trouble], over: Sequence[Trouble], now: float) -> Message:
        from syncd.report.alarm import alarm

        day = self._today(recipient, now)
        return alarm(news, over, self._standing(recipient).waiting, day)

    def _digest_due(self, now: float) -> bool:
        """Whether the day has ended since the last digest; the first waits for its hour."""
        progress = self.store.progress.read()
        if progress.digest_event is None:
            self.store.progress.change(digest_event=self.store.journal.last())
        if not progress.day_ended:
            self.store.progress.change(day_ended=now)
            return False
        return progress.digest_owed or day_end.passed(self.config, progress.day_ended, now)

    def _digest(self, now: float, *, each: bool = False) -> None:
        from syncd.report import digest as report

        seq = self.store.progress.read().digest_event or 0
        told = self._news(seq)
        with self.store.atomic():
            for recipient in self.recipients:
                told_to = self.day(recipient, told, now)
                if not each or told_to.news:
                    self._queue(recipient, report.digest(told_to), now)
            self.store.progress.change(digest_event=self.store.journal.last())

    def _news(self, after: int) -> list[report.News]:
        """What the stream holds after the `after`-th event: a client at a time, since a first day may be a million lines."""
        from syncd.report import digest as report

        names, language = assembly.names(self.store), self.config.mail.language
        codes = {r.id: r.code for r in self.store.clients.all()}
        holds: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for open_ in self.store.journal.open_reports():
            holds[codes.get(open_.client, "")].add((open_.path, open_.reason))
        told = []
        for code in self.store.journal.clients_after(after):
            events = (e for _, e in self.store.journal.events(client=code, after=after))
            told.append(report.news(code, list(report.still(events, holds[code])), names, self._may_name, language))
        return told

    def day(self, recipient: Recipient, told: Sequence[report.News], now: float) -> report.Day:
        """What one recipient's digest tells."""

        mine = [n for n in told if self._follows(recipient, n.client)]
        still = self._standing(recipient)
        fresh = {(n.client, *refused) for n in mine for refused in n.refused}
        refused = [r for r in still.refused if (r.client, r.path, r.reason) not in fresh]
        troubles = [t for t in self.store.outboxes.troubles().values() if self._follows(recipient, t.client)]
        day = self._today(recipient, now)
        return msgspec.structs.replace(day, news=mine, waiting=still.waiting, refused=refused, troubles=troubles)

    def _today(self, recipient: Recipient, now: float) -> report.Day:
        from syncd.wiring import report_writing

        return self._nothing(recipient, assembly.names(self.store), now, report_writing.sender(self.config, self.store))

    def _nothing(self, recipient: Recipient, names: Mapping[str, str], now: float, sender: Sender) -> report.Day:
        """A day of which nothing is told yet, as that recipient reads it."""
        from syncd.report import digest as report
        from syncd.report.message import reachable

        url = self.config.portal.url
        return report.Day(
            (), (), (), (), names, self._may_name, local_time(self.config, now), self.config.mail.language,
            url, reachable(url), recipient.commands, sender,
        )  # fmt: skip

    def _standing(self, recipient: Recipient) -> Standing:
        from syncd.wiring import report_writing

        return report_writing.standing(self.store, lambda code: self._follows(recipient, code))

    def _may_name(self, code: str, path: str) -> bool:
        """A bare address is told names only of folders that are not restricted."""
        if code not in self._rules:
            self._rules = {r.code: r.rules.rules(r.code) for r in self.store.clients.all() if r.rules is not None}
        rules = self._rules.get(code)
        return rules is not None and not rules.is_restricted(paths.parent(path) or path)

    def _queue(self, recipient: Recipient, message: Message, now: float) -> None:
        host = urlsplit(self.config.portal.url).hostname or "localhost"
        try:
            composed = service_parts.composed(self.config, message, recipient.address, f"syncd.{host}")
        except ValueError as e:  # one that cannot be written to keeps nobody else's mail
            self.say("mail_not_sent", error=f"'{recipient.address}': {e}", waiting=0)
            return
        self.store.outboxes.queue_mail(recipient.address, composed, now)

    async def tell_unremembered(self, now: float) -> bool:
        """That the state cannot be written: sent without it, since nothing can be queued. False: not yet."""
        from syncd.report.alarm import alarm
        from syncd.report.message import Sender

        there = [Trouble(":abandoned", "", "abandoned", Reason.STATE_FAILED.value, since=now)]
        host = urlsplit(self.config.portal.url).hostname or "localhost"
        to = [r for r in self.recipients if r.trouble]
        try:
            mails = [
                (r.address, service_parts.composed(self.config, alarm(there, (), (), self._nothing(r, {}, now, Sender())), r.address, f"syncd.{host}"))
                for r in to
            ]  # fmt: skip
            answers = await asyncio.to_thread(service_parts.smtp(self.config).send, mails) if mails else []
        except (NotSent, ValueError) as e:
            self.say("mail_not_sent", error=str(e), waiting=0)
            return False
        return not to or not all(answers)

    # -- the outbox ----------------------------------------------------------------------------------------------------

    async def deliver(self, now: float) -> None:
        """What lies in the outbox goes out; a server that is away is a warning, and the mails wait."""
        due = self._deliverable(self.store.outboxes.due_mails(now)) if self.recipients else []
        if not due:
            return
        smtp = service_parts.smtp(self.config)
        try:
            answers = await asyncio.to_thread(smtp.send, [(recipient, message) for _, recipient, message in due])
        except NotSent as e:
            answers = [str(e)] * len(due)
        with self.store.atomic():
            for (mail, _, _), fault in zip(due, answers, strict=True):
                if fault:
                    self.store.outboxes.mail_failed(mail, fault, now)
                else:
                    self.store.outboxes.mail_sent(mail)
        faults = sorted({a for a in answers if a})
        if faults and faults[0] != self._fault:
            self.say("mail_not_sent", error=faults[0], waiting=len(due))
        self._fault = faults[0] if faults else ""
        self._mail_trouble(now)

    def _deliverable(self, due: Sequence[tuple[int, str, bytes]]) -> list[tuple[int, str, bytes]]:
        """Without what can never go out: to an address that is none (an older version took it), and is told of here once."""
        kept = []
        for mail, recipient, message in due:
            try:
                mail_address(recipient)
                kept.append((mail, recipient, message))
            except ValueError as e:
                self.store.outboxes.mail_sent(mail)
                self.say("mail_dropped", error=f"'{recipient}' is no address: {e}")
        return kept

    def _mail_trouble(self, now: float) -> None:
        """A mail server that stays away is told by the digest that reaches people at last."""
        count, since, fault = self.store.outboxes.waiting_mails()
        troubles = self.store.outboxes.troubles()
        if count and now - since > MAIL_AWAY and ":mail" not in troubles:
            self.store.outboxes.put_troubles([*troubles.values(), Trouble(":mail", "", "mail", fault, since, told=now)])
        elif not count and ":mail" in troubles:
            self.store.outboxes.put_troubles([t for k, t in troubles.items() if k != ":mail"])
