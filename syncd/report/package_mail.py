"""The mail that says that an exchange package is on its way: no document in it, no name of one."""

from __future__ import annotations

from syncd.core import words
from syncd.core.packages.manifest import Manifest
from syncd.core.words import packages as said
from syncd.report.message import Message, Section, Sender


def announced(manifest: Manifest, file: str, size: int, sender: Sender, address: str, language: str) -> Message:
    """`file`: the package's name; `size`: its bytes; `address`: who sent it, where no cabinet has a name yet."""
    count = said.DOCUMENTS(language, manifest.count)
    lines = [said.MAIL_FILE(language, file=file, count=count, size=words.size(size, language))]
    for text, phrase in ((manifest.purpose, said.PURPOSE), (manifest.comment, said.COMMENT)):
        if text:
            lines.append(phrase(language, text=text))
    return Message(
        subject=said.MAIL_SUBJECT(language, code=manifest.code, name=manifest.name, number=manifest.sequence),
        verdict="done",
        heading=said.MAIL_HEADING(language, sender=sender.name or address),
        sections=(Section(said.MAIL_TITLE(language, code=manifest.code, name=manifest.name), tuple(lines)),),
        closing=said.MAIL_CLOSING(language),
        language=language,
        sender=sender,
    )
