"""People are told by mail that a package is on its way, by the cabinet's own mail server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from syncd.core.errors import NotSent, UsageError
from syncd.core.mail_address import mail_address
from syncd.core.words import packages as said

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.jobs.packages.creation import Made


def checked(config: Config, addresses: Sequence[str]) -> list[str]:
    """As they are written to, before anything is made. Raises UsageError where there is no mail server, or one is no address."""
    if addresses and not config.mail.smtp:
        raise UsageError(said.NO_MAIL.of(), mend=said.NO_MAIL_MEND.of())
    try:
        return [mail_address(address) for address in addresses]
    except ValueError as e:
        raise UsageError(said.NO_ADDRESS.of(addresses=", ".join(addresses), why=e)) from None


def announce(config: Config, made: Made, addresses: Sequence[str], warn: Callable[[str], None]) -> None:
    """The package itself is not in it. What is not taken is a warning: the package is made all the same."""
    from syncd.report.message import printed
    from syncd.report.package_mail import announced
    from syncd.wiring import assembly, report_writing, service_parts

    if made.manifest is None or not addresses:
        return
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        sender = report_writing.sender(config, store)
    message = printed(announced(made.manifest, made.file, made.size, sender, config.mail.sender, config.mail.language))
    mails = [(to, service_parts.composed(config, message, to, "syncd.package")) for to in addresses]
    try:
        answers = service_parts.smtp(config).send(mails)
    except NotSent as e:
        answers = [str(e)] * len(mails)
    for to, why in zip(addresses, answers, strict=True):
        if why:
            warn(said.MAIL_NOT_TAKEN(config.language, to=to, why=why))
