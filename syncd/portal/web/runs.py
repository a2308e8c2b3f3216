"""Run reports for accountants: filters, a page, and the same as CSV for a French Excel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from syncd.core import words
from syncd.core.verdicts import Verdict
from syncd.portal.language import counted, label, totals
from syncd.portal.models import RunLine, RunReport
from syncd.portal.sync import runs
from syncd.portal.web.forms import day, midnight
from syncd.portal.web.request import Asker, for_cabinet
from syncd.report.spreadsheet import sheet

AT_ONCE = 50
MOST = 20_000  # lines of one CSV file
RESULTS = (Verdict.DONE, Verdict.WARNING, Verdict.ERROR)
_HEAD = (noop("Début"), noop("Code dossier"), noop("Client"), noop("Responsable"), noop("Site"), noop("Groupe"), noop("Secteur"), noop("Résultat"), noop("Mis en ligne"), noop("Reçus"), noop("Supprimés en ligne, conservés"), noop("Deux versions"), noop("Déplacés"), noop("Retirés"), noop("Refusés"), noop("À reprendre"), noop("En attente de votre accord"))  # fmt: skip
_CHOICES = (
    ("responsible", noop("Responsable")), ("site", noop("Site")), ("group", noop("Groupe")), ("sector", noop("Secteur")), ("verdict", noop("Résultat")),
)  # fmt: skip
_COUNTS = ("uploaded", "downloaded", "set_aside", "kept_both", "moved", "withdrawn", "refused", "problems", "waiting")


_GIVEN = ("code", "responsible", "site", "group", "sector", "verdict")


def _wanted(asker: Asker) -> runs.Wanted:
    asked = asker.request.GET
    since, until = day(asked.get("since", "")), day(asked.get("until", ""))
    given = {n: " ".join(asked.get(n, "").split())[:200] for n in _GIVEN}
    run = asked.get("run", "")
    number = int(run) if run.isdecimal() and len(run) < 18 else 0
    return runs.Wanted(**given, run=number, since=midnight(since), until=midnight(until, 1))


def did(counts: Mapping[str, int]) -> str:
    """What a pass did, in words; also of one that only made folders, or left everything to somebody's agreement."""
    said = totals(counts)
    if not said and (made := counts.get("folders", 0)):
        said = [counted(made, "dossier créé", "dossiers créés")]
    if counts.get("waiting"):
        said.append(_("en attente de votre accord"))
    if counts.get("stopped"):
        said.append(_("interrompu"))
    return ", ".join(said) or _("rien à faire")


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    wanted = _wanted(asker)
    page = Paginator(runs.lines(asker.person, wanted), AT_ONCE).get_page(asker.request.GET.get("page"))
    rows = [
        {
            "line": x,
            "label": label(Verdict(x.verdict)),
            "did": did(x.counts),
            "documents": _documents(x) if any(x.counts.get(n) for n in ("uploaded", "downloaded")) else "",
        }
        for x in page
    ]
    chosen = {k: v for k, v in asker.request.GET.items() if v and k != "page"}
    choices: list[dict[str, Any]] = [
        {"name": name, "label": _(said), "options": options, "chosen": getattr(wanted, name)}
        for (name, said), options in zip(
            _CHOICES,
            (*(runs.choices(asker.person)[k] for k in ("responsible", "site", "group", "sector")), [(v.value, label(v)) for v in RESULTS]),
            strict=True,
        )
        if options
    ]  # fmt: skip
    one = RunReport.objects.filter(cabinet=asker.cabinet, id=wanted.run).first() if wanted.run else None
    return asker.page(
        "runs", one=one, page=page, rows=rows, wanted=wanted, given=chosen, choices=choices, query=urlencode(chosen)
    )


def _documents(line: RunLine) -> str:
    """Those of the client that came on the days of the pass."""
    days = [f"{timezone.localtime(at):%Y-%m-%d}" for at in (line.run.started_at, line.run.ended_at)]
    return f"{reverse('search')}?{urlencode({'client': line.client.code, 'since': days[0], 'until': days[1]})}"


@require_GET
@for_cabinet
def table(asker: Asker) -> HttpResponse:
    lines = runs.lines(asker.person, _wanted(asker))[:MOST]
    text = sheet([_(cell) for cell in _HEAD], map(_cells, lines))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="passages-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


def _cells(line: RunLine) -> list[str]:
    client = line.client
    return [
        words.date_time(timezone.localtime(line.run.started_at)), client.code, client.name,
        str(client.responsible) if client.responsible else "", client.site, client.group, client.sector,
        label(Verdict(line.verdict)), *(str(line.counts.get(name, 0)) for name in _COUNTS),
    ]  # fmt: skip
