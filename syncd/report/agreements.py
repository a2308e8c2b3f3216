"""How people are asked for their agreement in a mail: how much of whom, and where they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from urllib.parse import quote

from syncd.core import paths, plan_totals, words
from syncd.report.event_sentences import would
from syncd.report.message import Link, colon
from syncd.report.open_problems import Held
from syncd.report.run_report import who


def asked(waiting: Sequence[Held], names: Mapping[str, str], language: str) -> str:
    """`À autoriser : 22 documents de Boulangerie Martin et de 2 autres clients`; '' where nothing waits."""
    if not waiting:
        return ""
    french = language == "fr"
    codes = list(dict.fromkeys(w.client for w in waiting))
    first, more = names.get(codes[0], codes[0]), len(codes) - 1
    many = sum(t.count for w in waiting for t in plan_totals.totals(w.lines, paths.top) if t.change != "adopt")
    what = _documents(many, language) if many else ("un dossier" if french else "a directory")
    if french:
        rest = f" et de {words.count(more, 'autre client', 'autres clients')}" if more else ""
        return f"À autoriser : {what} de {first}{rest}"
    rest = f" and {more} more client{'s' if more > 1 else ''}" if more else ""
    return f"To authorise: {what} of {first}{rest}"


def _documents(many: int, language: str) -> str:
    return (
        words.count(many, "document", "documents")
        if language == "fr"
        else f"{words.number(many, 'en')} document{'s' * (many > 1)}"
    )


def button(waiting: Sequence[Held], portal: str, language: str) -> Link | None:
    """To the very request where there is one client's; to all of them where there are several."""
    if not waiting or not portal:
        return None
    codes = {w.client for w in waiting}
    where = f"/synchronisation/accords/{quote(codes.pop(), safe='')}" if len(codes) == 1 else "/accords"
    return Link("Voir et répondre" if language == "fr" else "See and answer", portal + where)


def lines(
    w: Held, names: Mapping[str, str], language: str, zone: tzinfo | None, *, commands: bool = False
) -> list[str]:
    """Who waits for what; `commands`: how to agree at a command line."""
    said = f"{who(w.client, names)}{colon(language)}{w.why(zone, language)}. {w.would(language)}."
    if w.declined_at or not commands:
        return [said]
    return [said, command(w.client, language)]


def command(code: str, language: str) -> str:
    return f"Sur le serveur : syncd approve {code}" if language == "fr" else f"At the server: syncd approve {code}"


def by_folder(w: Held, language: str) -> list[str]:
    """`Achats : 22 documents à mettre en ligne`, each top-level folder of it."""
    tops = plan_totals.by_top(plan_totals.totals(w.lines, paths.top))
    return [f"{top}{colon(language)}{would(changes, language)}" for top, changes in tops.items() if top]
