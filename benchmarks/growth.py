"""Row 10: a rebuild of ten times the events: ten times as long, and in the same memory.

Each rebuild runs in a process of its own (`python benchmarks/growth.py SOURCE_URL TARGET_URL`), whose peak is its own.
"""

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass
from statistics import median

import uvloop
from bench import Bench, engine_on, fill
from following import live_at
from relaying import SERVICE
from table import Row

from hotline_chassis.serve import settle_collector
from hotline_embedded.fixtures import TestDatabase
from hotline_events.rebuild import own_history, rebuild
from hotline_events.store import Store
from reporting.adapters.views.timeline import VIEW

ROWS = (10,)

_SMALL = 100_000
_TIMES = 10
_SLOWER = 12.0
_MORE_MEMORY = 1.2


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How long a rebuild took, and the most memory its process held."""

    seconds: float
    mib: float


async def measure(bench: Bench) -> list[Row]:
    """Rebuild from a table, and from one ten times as long."""
    small, large = (_SMALL // 10, _SMALL) if bench.quick else (_SMALL, _SMALL * _TIMES)
    source = await bench.databases().fresh(SERVICE)
    await fill(source, small)
    of_small = [await _in_own_process(bench, source, small) for _ in range(bench.rounds)]
    await fill(source, large, after=small)
    of_large = [await _in_own_process(bench, source, large) for _ in range(bench.rounds)]
    slower = median(one.seconds for one in of_large) / median(one.seconds for one in of_small)
    memory = [median(one.mib for one in rebuilt) for rebuilt in (of_small, of_large)]
    row = Row(
        number=10,
        what=f"rebuild of {large:,} events",
        ours=f"{median(one.seconds for one in of_large):.1f} s, {memory[1]:.0f} MiB",
        against=f"rebuild of {small:,} events",
        peer=f"{median(one.seconds for one in of_small):.1f} s, {memory[0]:.0f} MiB",
        ratio=f"{slower:.1f}× time, {memory[1] / memory[0]:.2f}× memory",
        aim=f"≤ {_SLOWER:g}× time, ≤ {_MORE_MEMORY:g}× memory",
        met=slower <= _SLOWER and memory[1] <= memory[0] * _MORE_MEMORY,
        rounds={
            "seconds": [one.seconds for one in of_large],
            "seconds of the small one": [one.seconds for one in of_small],
            "MiB": [one.mib for one in of_large],
            "MiB of the small one": [one.mib for one in of_small],
        },
    )
    return [row]


async def _in_own_process(bench: Bench, source: TestDatabase, count: int) -> Rebuilt:
    target = await bench.databases().fresh("reporting")
    await live_at(target, count)
    command = [sys.executable, __file__, source.app_url, target.app_url]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    answer, _ = await process.communicate()
    return Rebuilt(**json.loads(answer))


async def _rebuild(source_url: str, target_url: str) -> None:
    async with engine_on(source_url) as read, engine_on(target_url) as write:
        started = time.perf_counter()
        await rebuild(write, VIEW, own_history(Store(read)))
        took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "mib": peak}))


if __name__ == "__main__":
    settle_collector()
    uvloop.run(_rebuild(sys.argv[1], sys.argv[2]))
