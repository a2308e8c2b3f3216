"""Clients' cards brought to what the accounting software says: read, compared, applied by the portal's own use cases, kept, removed.

Repeating it changes nothing more: what was applied is no difference any more, and a file is removed by nothing but the end of a
turn in which all of it was applied or told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from syncd.core import client_register
from syncd.core.client_cards import CardResult
from syncd.core.client_register import Dossier, Misread, Register
from syncd.core.register_difference import Difference, difference, shrunk
from syncd.jobs.client_register.extraction_directory import PARAMETERS, USERS, Extracted, Extraction, Oddity
from syncd.ports.client_cards import ClientCards

REPORT = "compte-rendu.txt"


class Options(msgspec.Struct, frozen=True):
    """`directory`: of the extraction; `kept`: where files are kept once they were applied; `columns`: by file, without its
    extension; `settle`: seconds that a file has been left alone for; `render`: a report as people read it."""

    directory: str
    kept: str
    columns: Mapping[str, Sequence[str]]
    settle: float
    render: Callable[[Report], str]


class Held(msgspec.Struct, frozen=True):
    """A file of which nothing is taken. `why`: a sentence of the file itself; or `before` and `now`, its lines."""

    file: str
    why: str = ""
    before: int = 0
    now: int = 0


class Report(msgspec.Struct, frozen=True):
    """`found`: files there were. `held`: nothing at all was done for them. `results`: by the portal, of changes. `stays`: files
    wait for a right. `kept`: where they are kept. `young`: seconds until what is still being written is looked at again."""

    found: tuple[str, ...] = ()
    lines: Mapping[str, int] = {}
    held: tuple[Held, ...] = ()
    difference: Difference = Difference()
    results: tuple[CardResult, ...] = ()
    stays: bool = False
    kept: str = ""
    young: float = 0.0

    @property
    def refused(self) -> list[CardResult]:
        return [r for r in self.results if r.status != "ok" or r.faults]


async def update(
    options: Options, cards: ClientCards, before: Mapping[str, float], now: float, stamp: str, *, dry_run: bool = False, agreed: bool = False,
) -> Report:  # fmt: skip
    """`before`: lines of each file when it was last applied; `stamp`: names what is kept now; `agreed`: somebody saw that a file
    shrank. Raises SyncdError of the portal, OSError of the disk: then nothing was removed."""
    extraction = Extraction(options.directory)
    try:
        files = await asyncio.to_thread(extraction.files)
    except Oddity as e:
        return Report(held=(Held("", str(e)),))
    if not files:
        return Report()
    names = tuple(f.name for f in files)
    young = max(options.settle - abs(now - f.changed) for f in files)  # another computer's clock may be ahead
    if young > 0 and not dry_run:
        return Report(names, young=young)
    try:
        register = await asyncio.to_thread(_read, files, options.columns)
    except Misread as e:
        return Report(names, held=(Held("", str(e)),))
    lost = shrunk(before, register.lines)
    if lost and not agreed:
        held = tuple(Held(file, "", was, lines) for file, (was, lines) in lost.items())
        if not dry_run:
            return Report(names, register.lines, held)
    else:
        held = ()
    found = difference(register, await cards.cards())
    report = Report(names, register.lines, held, found, stays=found.wants_right)
    if dry_run:
        return report
    results = tuple(await cards.change(found.changes)) if found.changes else ()
    kept = Path(options.kept) / stamp
    report = replace(report, results=results, kept="" if report.stays else str(kept))
    told = Extracted(REPORT, options.render(report).encode(), (0, 0, 0), 0.0)
    await asyncio.to_thread(extraction.keep, [told] if report.stays else [*files, told], kept)
    if not report.stays:
        await asyncio.to_thread(extraction.remove, files)
    return report


def _read(files: Sequence[Extracted], columns: Mapping[str, Sequence[str]]) -> Register:
    """Raises Misread."""
    registers: list[Register] = []
    parameters: list[Dossier] = []
    for one in files:
        name = one.name.rpartition("/")[2]
        if one.name.casefold().startswith(PARAMETERS.casefold() + "/"):
            told = client_register.parameters(name, one.data, columns.get("par", ()))
            parameters += [told] if told is not None else []
        elif name.casefold() == USERS:
            registers.append(client_register.members(one.data, columns["users"], USERS))
        else:
            registers.append(client_register.dossiers(one.data, columns["dossiers"]))
    return client_register.together(registers, parameters)
