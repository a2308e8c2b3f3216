"""What a company keeps of each package: what it dealt with, made or threw away, and what the cabinet answered."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import words
from syncd.core.packages.manifest import Manifest, NotTaken, Receipt
from syncd.core.words import packages as said


def dealt_with(
    manifest: Manifest, done: Sequence[tuple[str, str]], refused: Sequence[NotTaken], later: Sequence[NotTaken],
    answers: Sequence[Receipt], at: str, language: str,
) -> str:  # fmt: skip
    """`done`: what was done here, and where."""
    count = said.CHANGES(language, len(done))
    lines = [said.REPORT_APPLIED(language, at=at, number=manifest.sequence, count=count), *about(manifest, language)]
    lines += [said.REPORT_DONE[what](language, path=path) for what, path in done]
    for found, phrase in ((refused, said.REFUSED), (later, said.NOTED)):
        if found:
            lines += [phrase(language), *not_taken(found, language)]
    return _section([*lines, *answered(answers, language)])


def made(manifest: Manifest, file: str, left: Sequence[NotTaken], at: str, language: str) -> str:
    count = said.DOCUMENTS(language, manifest.count)
    lines = [said.REPORT_MADE(language, at=at, number=manifest.sequence, file=file, count=count)]
    lines += about(manifest, language)
    lines += [said.REPORT_TELLS[e.change](language, path=e.path, source=e.source) for e in manifest.entries]
    return _section([*lines, *not_taken(left, language)])


def discarded(manifest: Manifest, at: str, language: str) -> str:
    return _section([said.REPORT_DISCARDED(language, at=at, number=manifest.sequence)])


def about(manifest: Manifest, language: str) -> list[str]:
    texts = ((manifest.purpose, said.PURPOSE), (manifest.comment, said.COMMENT))
    return [phrase(language, text=text) for text, phrase in texts if text]


def answered(answers: Sequence[Receipt], language: str) -> list[str]:
    """What became of this side's own packages on the other one."""
    lines = list[str]()
    for one in answers:
        whole = said.ANSWERED(language, number=one.sequence)
        lines.append(
            said.ANSWERED_PART(language, number=one.sequence, folders=", ".join(one.folders)) if one.folders else whole
        )
        lines += not_taken(one.refused, language)
        refused = {n.path for n in one.refused}
        lines += [said.ANSWERED_LATER(language, path=path) for path in one.later if path not in refused]
    return lines


def not_taken(left: Sequence[NotTaken], language: str) -> list[str]:
    return [said.NOT_NOW(language, path=n.path, why=words.reason(n.reason, n.detail, language)) for n in left]


def _section(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n\n"
