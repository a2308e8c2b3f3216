"""How packages are shown: lines of JSON, or words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd.cli.output import language, line, say, tell
from syncd.core.words import packages as said

if TYPE_CHECKING:
    from syncd.core.packages.manifest import NotTaken, Receipt
    from syncd.jobs.packages.creation import Made
    from syncd.operations.package_desk import Applied, Listed, Viewed


def made_line(made: Made, to: Path, left: Sequence[NotTaken]) -> None:
    manifest = made.manifest
    line({
        "type": "package", "file": str(to / made.file) if made.file else "", "sealed": made.sealed, "size": made.size,
        **({"client": manifest.code, "sequence": manifest.sequence, "documents": manifest.count, "entries": len(manifest.entries)}
           if manifest is not None else {}),
        "left": [{"path": n.path, "reason": n.reason, "detail": n.detail} for n in left], "changed": list(made.left),
        "withheld": list(made.withheld),
    })  # fmt: skip


def made_words(made: Made, left: Sequence[NotTaken]) -> None:
    from syncd.core import words

    if made.manifest is None:
        tell(said.NOTHING_TO_SEND)
    else:
        m = made.manifest
        tell(
            said.MADE,
            file=made.file,
            count=said.DOCUMENTS(language(), m.count),
            size=words.size(made.size, language()),
            number=m.sequence,
        )
        if made.sealed:
            tell(said.SEALED)
    for path in made.left:
        tell(said.LEFT_OUT, path=path)
    if made.withheld:
        tell(said.WITHHELD)
    for path in made.withheld:
        tell(said.WITHHELD_ONE, path=path)
    not_taken(left)


def viewed_lines(viewed: Viewed, file: Path) -> None:
    m, why = viewed.manifest, viewed.refused_by
    line({
        "type": "package", "file": str(file), "client": m.code, "name": m.name, "way": m.way.value, "sequence": m.sequence,
        "prerequisite": m.prerequisite.sequence if m.prerequisite else 0, "created": m.created, "purpose": m.purpose,
        "comment": m.comment, "key": m.key, "signer": viewed.signer, "sealed": viewed.sealed, "documents": m.count,
        "size": m.size, "folders": viewed.counts, "tree_added": list(viewed.added), "tree_removed": list(viewed.removed),
        "waits": viewed.waits, "refused": str(why) if why else "",
    })  # fmt: skip
    for answer in viewed.answers:
        line({"type": "answer", "client": m.code, **_answer(answer)})
    for event in viewed.steps:
        line(event.as_dict())
    for one in viewed.not_taken:
        line({"type": "not_taken", "client": m.code, "path": one.path, "reason": one.reason, "detail": one.detail})


def viewed_words(viewed: Viewed) -> None:
    from syncd.core import words
    from syncd.jobs.packages.dates import PARIS, shown_in
    from syncd.report import package_report
    from syncd.report.event_sentences import sentence

    m = viewed.manifest
    sender = said.SENDERS[m.way](language())
    tell(said.HEAD, code=m.code, name=m.name, number=m.sequence, sender=sender, at=shown_in(PARIS)(m.created))
    for text, phrase in ((m.purpose, said.PURPOSE), (m.comment, said.COMMENT)):
        if text:
            tell(phrase, text=text)
    tell(said.SIGNED[viewed.signer], key=m.key)
    tell(said.HOLDS, count=said.DOCUMENTS(language(), m.count), size=words.size(m.size, language()))
    for folder, count in viewed.counts.items():
        tell(said.IN_FOLDER, folder=folder, count=said.CHANGES(language(), count))
    for folders, phrase in ((viewed.added, said.TREE_ADDED), (viewed.removed, said.TREE_REMOVED)):
        if folders:
            tell(phrase, folders=", ".join(folders))
    for text in package_report.answered(viewed.answers, language()):
        say(text)
    if viewed.refused_by is not None:
        tell(said.NOT_HERE, why=" ".join(str(part) for part in words.fault(viewed.refused_by, language())))
    elif viewed.signer:
        tell(said.WOULD if viewed.steps else said.NOTHING_CHANGES)
        for event in viewed.steps:
            tell(said.STEP, text=sentence(event, language()))
    not_taken(viewed.not_taken)
    if viewed.waits:
        tell(said.WILL_WAIT, count=said.CHANGES(language(), viewed.waits))


def not_taken(left: Sequence[NotTaken]) -> None:
    from syncd.core import words

    for one in left:
        tell(said.NOT_NOW, path=one.path, why=words.reason(one.reason, one.detail, language()))


def applied(done: Applied, viewed: Viewed, *, as_json: bool) -> None:
    if as_json:
        line({
            "type": "applied", "client": viewed.manifest.code, "sequence": done.number, "changes": done.done,
            "refused": [{"path": n.path, "reason": n.reason, "detail": n.detail} for n in done.refused],
            "later": [{"path": n.path, "reason": n.reason, "detail": n.detail} for n in done.later],
            "answers": [_answer(a) for a in viewed.answers], "report": done.report, "exit_code": done.exit_code,
        })  # fmt: skip
        return
    if done.done is None:
        tell(said.APPLIED_BY_SERVICE, number=done.number)
    else:
        tell(said.APPLIED, number=done.number, count=said.CHANGES(language(), done.done))
    for found, phrase in ((done.refused, said.REFUSED), (done.later, said.NOTED)):
        if found:
            tell(phrase)
            not_taken(found)
    if done.report:
        tell(said.REPORT_AT, file=done.report)


def _answer(answer: Receipt) -> dict[str, Any]:
    return {
        "sequence": answer.sequence, "folders": list(answer.folders), "later": list(answer.later),
        "refused": [{"path": n.path, "reason": n.reason, "detail": n.detail} for n in answer.refused],
    }  # fmt: skip


def listed_line(one: Listed) -> dict[str, Any]:
    return {
        "type": "package", "client": one.code, "sequence": one.number, "created": one.at, "state": one.state, "way": one.way,
        "at": one.when, "folders": list(one.folders), "file": one.file, "size": one.size, "why": str(one.why) if one.why else "",
    }  # fmt: skip


def listed_words(one: Listed) -> None:
    from syncd.core import words

    why = " ".join(str(part) for part in words.fault(one.why, language())) if one.why is not None else ""
    state = said.STATES[one.state](language(), at=one.when, folders=", ".join(one.folders), why=why)
    if one.size:
        tell(
            said.FOUND,
            file=one.file,
            number=one.number or "?",
            at=one.at,
            size=words.size(one.size, language()),
            state=state,
        )
    else:
        tell(said.LISTED, code=one.code, number=one.number, at=one.at, state=state)
