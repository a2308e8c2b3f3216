"""One odd address, or one that is refused, is nobody else's matter; what was sent is not sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core.errors import NotSent
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.mail.smtp import Smtp
from syncd.service.notifier import Notifier, Recipient
from syncd.state.store import Store
from syncd.wiring import assembly
from tests.e2e.mail_server import Sink
from tests.service.test_notifier import CONFIG

DIRECTION = "direction@cabinet-martin.fr"
MESSAGE = b"From: syncd@cabinet-martin.fr\r\nSubject: x\r\n\r\nx\r\n"


class Strict(Sink):
    """Refuses some recipients, and hangs up at one."""

    refused: tuple[str, ...] = ()
    hangs_up = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.hangs_up:
            server.transport.close()
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[Strict]:
    made = Strict()
    yield made
    made.close()


@pytest.fixture
def config(tmp_path: Path, sink: Strict) -> Config:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    return loads(CONFIG.format(tmp_path).replace("smtp://127.0.0.1:1", sink.url), "syncd.toml", {})


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    made = assembly.store(config, writes=True)
    yield made
    made.close()


def deliver(config: Config, store: Store, now: float) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    post = Notifier(config, store, lambda event, **fields: said.append((event, str(fields.get("error", "")))))
    asyncio.run(post.deliver(now))
    return said


def test_a_poisoned_outbox_heals(config: Config, store: Store, sink: Strict) -> None:
    for recipient in ("jérôme@cabinet-martin.fr", "Claire <x@société.fr>", "a\x00@b.fr", "", DIRECTION):
        store.outboxes.queue_mail(recipient, MESSAGE, 1.0)
    said = deliver(config, store, 2.0)
    assert [to for to, _ in sink.mails] == ["x@xn--socit-esab.fr", DIRECTION]
    assert [event for event, _ in said] == ["mail_dropped"] * 3 and "accents" in said[0][1]
    assert store.outboxes.due_mails(10**9) == [] and deliver(config, store, 3.0) == []


def test_one_that_is_refused_keeps_nobody_elses(config: Config, store: Store, sink: Strict) -> None:
    sink.refused = ("gone@cabinet-martin.fr",)
    for recipient in ("gone@cabinet-martin.fr", DIRECTION, "gone@cabinet-martin.fr", "two@cabinet-martin.fr"):
        store.outboxes.queue_mail(recipient, MESSAGE, 1.0)
    (told,) = deliver(config, store, 2.0)
    assert told[0] == "mail_not_sent" and "no such mailbox" in told[1]
    assert [to for to, _ in sink.mails] == [DIRECTION, "two@cabinet-martin.fr"]
    assert [recipient for _, recipient, _ in store.outboxes.due_mails(10**9)] == ["gone@cabinet-martin.fr"] * 2


def test_what_went_before_the_line_broke_is_not_sent_twice(config: Config, store: Store, sink: Strict) -> None:
    sink.hangs_up = "two@cabinet-martin.fr"
    for recipient in (DIRECTION, "two@cabinet-martin.fr", "three@cabinet-martin.fr"):
        store.outboxes.queue_mail(recipient, MESSAGE, 1.0)
    deliver(config, store, 2.0)
    assert [recipient for _, recipient, _ in store.outboxes.due_mails(10**9)] == [
        "two@cabinet-martin.fr",
        "three@cabinet-martin.fr",
    ]
    sink.hangs_up = ""
    deliver(config, store, 10**9)
    assert [to for to, _ in sink.mails] == [DIRECTION, "two@cabinet-martin.fr", "three@cabinet-martin.fr"]


def test_a_letter_that_cannot_be_written_is_its_recipients(config: Config, store: Store, sink: Strict) -> None:
    post = Notifier(config, store, lambda event, **fields: None)
    first = post.recipients[0]
    post.recipients = [replace(first, address="x\n@b.fr"), first]
    assert all(isinstance(r, Recipient) for r in post.recipients)
    given_up = RunResult(verdict=Verdict.ABANDONED, exit_code=1, reason="disk_failed", run=1, ended=1.0)
    post.after(given_up, None, 1.0)
    post.tick(5000.0)
    assert [recipient for _, recipient, _ in store.outboxes.due_mails(10**9)] == [first.address]


def test_nobody_to_send_with_is_said(sink: Strict) -> None:
    for url in ("smtp://127.0.0.1:1", "smtp://société..fr:25"):
        with pytest.raises((NotSent, ValueError)):
            Smtp(url, "syncd@cabinet-martin.fr").send([(DIRECTION, MESSAGE)])
