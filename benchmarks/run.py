"""`make bench`: measure every row beside its limit or its peer in the same run and print one table.

`--rows 1,3` measures only those, `--quick` once and briefly. The whole run is kept in `.hotline/bench.json`.
"""

import argparse
import importlib
import sys
import time
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
    rows: list[Row] = []
    with Bench(HOME / "bench", quick=arguments.quick, rounds=1 if arguments.quick else arguments.rounds) as bench:
        for name, numbers in GROUPS.items():
            if wanted & set(numbers):
                module = importlib.import_module(name)
                settle_collector()  # as every process of a service does
                started = time.perf_counter()
                measured = uvloop.run(module.measure(bench))
                rows += [row for row in measured if row.number in wanted]
                print(f"{name}: rows {numbers} took {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
                bench.rest()
    show(rows, machine())
    keep(rows, machine(), HOME / "bench.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
