"""`./scripts/bench CASE…`: which case is measured by which module."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from measure import (
    abuse,
    against,
    cabinets,
    growth,
    intake,
    load,
    looks,
    migration,
    packages,
    peers,
    pictures,
    retrieve,
    service_latency,
    soak,
    stop_latency,
    transfers,
)
from measure.cabinet import ROOT

CROSSING, LOOKING = ("publish", "fetch"), ("nothing", "few", "memory", "startup")
CASES = [
    *CROSSING,
    "large",
    "wan",
    *LOOKING,
    "growth",
    "migrate",
    "portal",
    "pictures",
    "retrieve",
    "packages",
    "abuse",
    "latency",
    "idle",
    "soak",
    "stop",
    "intake",
    "cabinets",
]
MEASURES: tuple[tuple[Sequence[str], Callable[[argparse.Namespace, set[str]], object]], ...] = (
    (CROSSING, transfers.crossing),
    (("wan",), lambda args, _: transfers.wan(args)),
    (("large",), lambda args, _: transfers.large(args)),
    (LOOKING, looks.looking),
    (("growth",), lambda args, _: growth.growth(args)),
    (("migrate",), lambda args, _: migration.migrate(args)),
    (("portal",), lambda args, _: load.portal(args)),
    (("pictures",), lambda args, _: pictures.pictures(args)),
    (("retrieve",), lambda args, _: retrieve.retrieve(args)),
    (("packages",), lambda args, _: packages.packages(args)),
    (("abuse",), lambda args, _: abuse.abuse(args)),
    (("latency", "idle"), lambda args, _: service_latency.living(args)),
    (("soak",), lambda args, _: soak.soak(args)),
    (("stop",), lambda args, _: stop_latency.stop(args)),
    (("intake",), lambda args, _: intake.intake(args)),
    (("cabinets",), lambda args, _: cabinets.cabinets(args)),
)  # in this order


def main() -> None:
    sys.path.insert(0, str(ROOT))
    parser = argparse.ArgumentParser(prog="./scripts/bench", description="Measures this engine beside its peers.")
    parser.add_argument("what", nargs="+", choices=CASES, help="or, alone: all, those of docs/performance.md")
    parser.add_argument("--documents", type=int, help="of the case's own number")
    parser.add_argument("--clients", type=int, help="latency, idle, soak: how many share them")
    parser.add_argument("--rounds", type=int, default=5, help="each contender's runs; the median counts")
    parser.add_argument("--samples", type=int, default=60, help="latency: documents each way; stop: runs")
    parser.add_argument("--minutes", type=float, default=10.0, help="idle, soak, cabinets")
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="abuse: how long each kind lasts; stop: the latest moment"
    )
    parser.add_argument("--abuses", nargs="*", choices=list(abuse.KINDS), help="abuse: these kinds only")
    parser.add_argument("--tls", action="store_true", help="abuse: over https, with a certificate made for it")
    parser.add_argument("--checkout", help="abuse: the portal of another checkout, with its .venv")
    parser.add_argument("--against", help="publish, fetch, nothing, few: turn by turn with another checkout")
    parser.add_argument("--no-bisync", action="store_true", help="leave out rclone bisync, half a minute a round")
    parser.add_argument("--cabinets", type=int, default=1000, help="cabinets: how many")
    parser.add_argument("--engines", type=int, default=200, help="cabinets: how many of them have an engine at work")
    parser.add_argument("--still", action="store_true", help="cabinets: nothing is killed")
    parser.add_argument("--one", action="store_true", help="stop: half of the documents are one client's")
    args = parser.parse_args()
    if args.against:
        against.against(args)
        return
    asked = set(args.what)
    if gone := peers.missing():
        print(f"not installed here, so not measured: {', '.join(gone)}", flush=True)
    for cases, measure in MEASURES:
        if which := asked & set(cases):
            measure(args, which)


main()
