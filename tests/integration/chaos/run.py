"""Chaos: load over HTTP while Postgres, NATS and every process are killed or frozen; then every promise is checked.

`make chaos SECONDS=60`, or `python tests/integration/chaos/run.py --seconds 60 --seed 1`. Ends with status 0 when every
invariant holds, else with 1 and keeps the folder with the data and the logs.
"""

import argparse
import asyncio
import contextlib
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from callers import Caller
from derived import (
    fired_timers_have_had_their_effect,
    read_models_equal_a_fold,
    stores_of,
    waiting_timers_are_there,
)
from hits import Hits
from journal import Journal
from lives import BusinessTime, live, open_the_office
from stored import (
    Finding,
    acknowledged_is_stored,
    chains_are_whole,
    everything_came_to_rest,
    finding,
    nothing_is_parked,
    reactions_happened_once,
    read_history,
    streams_are_exact,
    the_erased_are_gone,
)

from hotline_embedded.city import MOMENT, City

CLIENTS = 12
# A crash of the server is part of the game, so fsync stays on. Where the system can sync a whole disk at once, a recovery
# does that instead of opening every file, and takes a tenth of the time.
_POSTGRES = {"shared_buffers": "64MB"} | ({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {})
_FAR = timedelta(days=30)  # every limit of the rule pack has run out by then


async def chaos(city: City, seconds: float, seed: int) -> bool:
    """Break the city for so long, let it recover, and say whether every invariant holds."""
    began = monotonic()
    await city.drive(MOMENT)
    await open_the_office(city)
    await city.rows("postgres", "checkpoint")  # or the first crash would replay the making of five databases
    await city.close()  # connections that look on would complain of every crash; they are opened again for the checks
    journal, hits, time = Journal(), Hits(city, seed), BusinessTime(city)
    caller = Caller(city, journal)
    loads = [live(number, seed, caller, time, journal) for number in range(CLIENTS)]
    ready = monotonic()
    async with _running(*loads, time.run()), _running(hits.keep_up()):
        async with _running(hits.run()):
            await asyncio.sleep(seconds)
        broken = monotonic()
        await hits.cease()
    recovered = monotonic()
    findings = await _check(city, journal, hits, seed)
    _show(journal, hits, findings)
    spans = {"start": ready - began, "chaos": broken - ready, "recovery": recovered - broken, "checks": monotonic() - recovered}
    print("\n" + ", ".join(f"{name} {span:.1f} s" for name, span in spans.items()) + f", seed {seed}")
    return all(one.holds for one in findings)


@contextlib.asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let these run for ever beside the block, and stop them with it; one that fails is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, Exception):
            raise one


async def _check(city: City, journal: Journal, hits: Hits, seed: int) -> list[Finding]:
    """Wait until nothing moves, look at the timers, let all of them fire, and check everything on what is then there."""
    rested = await everything_came_to_rest(city)
    if not rested.holds:
        return [rested]
    async with stores_of(city) as stores:
        now = max([row[0] for service in city.services for row in await city.rows(service, "select now from business_clock")])
        await city.drive(now)
        waiting = await waiting_timers_are_there(stores, await read_history(stores), now)
        await city.drive(now + _FAR)
        history = await read_history(stores)
        return [
            rested,
            await acknowledged_is_stored(city, journal, history),
            finding("no client was refused", _counted(journal.refused), f"{journal.sent} commands"),
            await chains_are_whole(city),
            await streams_are_exact(city, history),
            await read_models_equal_a_fold(stores, history, seed),
            *reactions_happened_once(history),
            await nothing_is_parked(city),
            waiting,
            await fired_timers_have_had_their_effect(stores, history),
            await the_erased_are_gone(city, history),
            finding("no process ended by itself", _counted(hits.ended_by_itself), f"{len(city.units)} processes"),
        ]


def _counted(what: dict[str, int]) -> list[str]:
    return [f"{count} × {name}" for name, count in sorted(what.items())]


def _show(journal: Journal, hits: Hits, findings: list[Finding]) -> None:
    victims = sorted({victim for victim, _ in hits.given})
    print(f"\n{'hits':<20}{'crashed':>9}{'killed':>9}{'frozen':>9}")
    for victim in victims:
        counts = [hits.given[victim, how] for how in ("crashed", "killed", "frozen")]
        print(f"{victim:<20}" + "".join(f"{count or '–':>9}" for count in counts))
    print(f"\ncommands sent {journal.sent}, acknowledged {len(journal.acknowledged)}, unknown {journal.unknown},")
    print(f"  attempts {journal.attempts}, acknowledged after a repetition {journal.repeated}, unchanged {journal.unchanged}")
    print(f"  attempts without an answer: {dict(journal.no_answer.most_common())}")
    each_second = [journal.in_second[second] for second in range(max(journal.in_second, default=0) + 1)]
    print(f"  acknowledged in each second: {' '.join(map(str, each_second))}")
    print(f"whole lives: {dict(journal.lives)}\n")
    for one in findings:
        print(f"{'holds ' if one.holds else 'BROKEN'}  {one.invariant}: {one.detail}")
    if True:
        print("\nwhat happened when:\n" + "\n".join(hits.log))


def main() -> int:
    """Run on a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="repeats the same hits and lives; chosen when not given")
    arguments = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    # Not under a folder that is closed to other users: as root, Postgres runs as another one.
    folder = Path(tempfile.mkdtemp(prefix="hotline-chaos-"))
    city = City(folder, postgres_settings=_POSTGRES)
    good = False
    try:
        city.start()
        good = asyncio.run(_run(city, arguments.seconds, seed))
    finally:
        city.stop()
        if good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"the data and the logs are kept in {folder}; repeat with --seed {seed}", file=sys.stderr)
    return 0 if good else 1


async def _run(city: City, seconds: float, seed: int) -> bool:
    try:
        return await chaos(city, seconds, seed)
    finally:
        await city.close()


if __name__ == "__main__":
    sys.exit(main())
