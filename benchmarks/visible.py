"""Row 8: how long after its commit an event can be read in reporting, through relay, stream and projection."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from statistics import median
from uuid import uuid4

import asyncpg
from bench import Bench, raw_connection
from http_load import Connection, connections, request
from table import Row

from hotline_chassis.tokens import fetch_demo_token
from hotline_embedded.stack import Stack

ROWS = (8,)

_RATE = 500
_CONNECTIONS = 25
_P50, _P99 = 30.0, 200.0
_LOOK = 0.001
_RECEIVE = {"line": "12345"}
_REACHED = "select position from checkpoints where consumer = 'reporting.timeline@1' and source = 'intake'"
_COMMITTED = "select position, recorded_at from events where position between $1 and $2 order by position"


async def measure(bench: Bench) -> list[Row]:
    """Report calls at an even pace to intake's api, and watch the checkpoint of reporting's timeline.

    The clock starts with `recorded_at`, which the append reads before it writes: the commit itself is counted too.
    """
    stack = bench.stack(("intake", "reporting"))
    token = fetch_demo_token(stack.issuer_url, "call_taker")
    await _delays(stack, token, 1.0)
    rounds = [await _delays(stack, token, bench.seconds * 2) for _ in range(bench.rounds)]
    p50 = [quantile(delays, 0.5) for delays in rounds]
    p99 = [quantile(delays, 0.99) for delays in rounds]
    row = Row(
        number=8,
        what=f"commit → visible in reporting at {_RATE} events/s",
        ours=f"p50 {median(p50):.1f} ms, p99 {median(p99):.1f} ms",
        aim=f"p50 < {_P50:g} ms, p99 < {_P99:g} ms",
        met=median(p50) < _P50 and median(p99) < _P99,
        rounds={"p50": p50, "p99": p99},
        notes=[f"events in each round: {', '.join(str(len(delays)) for delays in rounds)}; looked at every {_LOOK * 1e3:g} ms"],
    )
    return [row]


async def _delays(stack: Stack, token: str, seconds: float) -> list[float]:
    """Return the delay of every event of one round, in milliseconds."""
    async with (
        raw_connection(stack.postgres.dsn("reporting")) as reporting,
        raw_connection(stack.postgres.dsn("intake")) as intake,
        connections(stack.units["intake-api"].port, _CONNECTIONS) as opened,
    ):
        first = int(await intake.fetchval("select position from head"))
        goal: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(seconds + 30), asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(reporting, goal))
            await _report(opened, token, seconds)
            last = int(await intake.fetchval("select position from head"))
            goal.set_result(last)
        seen = watching.result()
        committed = await intake.fetch(_COMMITTED, first + 1, last)
    at = iter(seen)
    position, when = next(at)
    delays = []
    for event, recorded_at in committed:
        while position < event:
            position, when = next(at)
        delays.append((when - recorded_at.timestamp()) * 1e3)
    return delays


async def _report(opened: Sequence[Connection], token: str, seconds: float) -> None:
    """Send requests at an even pace, each connection its share."""
    started = time.perf_counter()

    async def share(number: int, connection: Connection) -> None:
        for turn in count():
            due = (number + turn * len(opened)) / _RATE
            if due > seconds:
                return
            await asyncio.sleep(max(0.0, started + due - time.perf_counter()))
            await connection.json(request("PUT", f"/calls/{uuid4()}", token, _RECEIVE))

    await asyncio.gather(*(share(number, connection) for number, connection in enumerate(opened)))


async def _watch(reporting: asyncpg.Connection, goal: "asyncio.Future[int]") -> list[tuple[int, float]]:
    """Note when each position could first be read, until the goal is known and reached."""
    reached = await reporting.prepare(_REACHED)
    seen: list[tuple[int, float]] = [(0, 0.0)]
    while not goal.done() or seen[-1][0] < goal.result():
        found = int(await reached.fetchval())
        if found > seen[-1][0]:
            seen.append((found, time.time()))
        await asyncio.sleep(_LOOK)
    return seen


def quantile(figures: Sequence[float], share: float) -> float:
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * share))]
