"""`LISEZ-MOI.txt`: what a bag is, how it is read, how it is checked, and what is not in it."""

from __future__ import annotations

from syncd.core.words import bag as said
from syncd.report.bag.facts import Bag


def read_me(bag: Bag) -> bytes:
    """UTF-8 with its mark and lines ended as an old Windows editor wants them."""
    language, choice = bag.language, bag.choice
    more = [
        phrase(language)
        for phrase, holds in (
            (said.WITH_JOURNAL, bag.journal),
            (said.WITH_MESSAGES, bag.messages),
            (said.WITH_VERSIONS, choice.versions),
            (said.WITH_BIN, choice.bin),
        )
        if holds
    ]
    left = [""]
    if renamed := sum(e.renamed for e in bag.held):
        left += [said.RENAMED(language, count=said.DOCUMENTS(language, renamed)), ""]
    if bag.left_out:
        left += [said.LEFT_OUT(language, folders=", ".join(bag.left_out)), ""]
    if len(bag.held) < len(bag.entries):
        left += [said.MISSING(language)]
        left += [said.CLIENT_MISSING(language, path=e.kept.path, why=why) for e in bag.entries if (why := bag.why(e))]
    text = said.READ_ME(
        language, title=bag.title, state=bag.state, count=bag.count, more="".join(f"{line}\n" for line in more),
        left="\n".join(left),
    )  # fmt: skip
    return b"\xef\xbb\xbf" + (text.rstrip() + "\n").replace("\n", "\r\n").encode()
