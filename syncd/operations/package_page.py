"""The page of a company without a network, made at the cabinet for one client."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.core.errors import SyncdError
from syncd.core.words import packages as said
from syncd.disk.directory import Directory
from syncd.jobs.packages import cabinet, ledger
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.scheduled import HOME
from syncd.jobs.retrieve import small_files
from syncd.operations.outside import outside
from syncd.report.offline_page.facts import PageFacts
from syncd.report.offline_page.page import offline_page

if TYPE_CHECKING:
    from syncd.config.model import Config


def make_page(config: Config, client: str, to: Path) -> Path:
    """Its file. Raises SyncdError."""
    from syncd.wiring import assembly, report_writing

    to = outside(config, to)
    home = Path(config.mirror.state) / HOME
    with contextlib.closing(assembly.store(config, writes=False)) as store, ledger.opened(home) as own:
        row = cabinet.client(store, client)
        public, last, sender = Keys(own.home).public(), own.chain(row.id).last, report_writing.sender(config, store)
        page = offline_page(
            PageFacts(
                cabinet=store.progress.read().cabinet, client=row.id, code=row.code, name=row.name, sender=sender.name,
                colour=sender.colour, key=public.signing, age=public.sealing, language=config.language,
                number=last.prior.sequence if last is not None else 0, tree=cabinet.told_tree(row),
            )
        )  # fmt: skip
    file = to / said.PAGE_FILE(config.language, code=row.code)
    try:
        to.mkdir(parents=True, exist_ok=True)
        with Directory.at(str(to)) as into:
            small_files.write_whole(into, file.name, page, private=False)
    except OSError as e:
        raise SyncdError(said.NOT_WRITTEN.of(place=to, why=e.strerror or e), mend=said.NO_FILE_MEND.of()) from e
    return file
