"""`make bench`: measure every row beside its limit or its peer in the same run and print one table.

`--rows 1,3` measures only those, `--quick` once and briefly. What was not quick is kept in `.hotline/bench.json`
and, as the table of a document, in `.hotline/bench.md`.
"""

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

import uvloop
from bench import Bench, machine
from table import Row, keep, show

from hotline_chassis.serve import settle_collector

HOME = Path(__file__).resolve().parent.parent / ".hotline"
GROUPS = {
    "appends": (1, 2),
    "relaying": (3,),
    "following": (4, 5),
    "commands": (6, 7),
    "visible": (8,),
    "lives": (9,),
    "growth": (10,),
    "deciding": (11,),
    "timing": (12, 13),
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", help="numbers of rows, with commas", default="")
    parser.add_argument("--rounds", type=int, default=3, help="how often each figure is measured; the median counts")
    parser.add_argument("--quick", action="store_true", help="measure once and briefly")
    arguments = parser.parse_args()
    wanted = {int(number) for number in arguments.rows.split(",") if number} or {
        row for rows in GROUPS.values() for row in rows
    }
    about = machine()
    rows: list[Row] = []
    failed = False
    with Bench(HOME / "bench", quick=arguments.quick, rounds=1 if arguments.quick else arguments.rounds) as bench:
        for name, numbers in GROUPS.items():
            if not wanted & set(numbers):
                continue
            started = time.perf_counter()
            try:
                rows += [row for row in _measured(name, bench) if row.number in wanted]
            except Exception:  # noqa: BLE001 - the other rows are still worth printing
                traceback.print_exc(limit=-4)
                failed = True
            print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
            bench.rest()
    show(rows, about)
    if not arguments.quick:
        keep(rows, about, HOME / "bench.json")
    return int(failed)


def _measured(name: str, bench: Bench) -> list[Row]:
    """Measure one group in an interpreter that is set as a service's process sets its own."""
    module = importlib.import_module(name)
    settle_collector()
    rows: list[Row] = uvloop.run(module.measure(bench))
    return rows


if __name__ == "__main__":
    sys.exit(main())
