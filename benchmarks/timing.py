"""Rows 12 and 13: firing many timers out of a great many, and what that does to commands over HTTP meanwhile."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from statistics import median
from uuid import UUID, uuid4

from bench import Bench, engine_on, raw_connection
from deciding import MONDAY, dispatched
from http_load import Connection, connections, request
from lives import cpu_seconds
from table import Row
from visible import quantile

from hotline_chassis.tokens import fetch_demo_token
from hotline_embedded.stack import Stack
from hotline_events.catalogue.routing import Rung
from hotline_events.envelope import Actor, Cause
from hotline_events.store import Append, Store
from routing.domain.work_order import decider

ROWS = (12, 13)

_OPEN, _DUE = 100_000, 10_000
_MOST_SECONDS = 10.0
_P99 = 200.0
_RATE, _CONNECTIONS = 100, 20
_POOL = 2_000
_REMINDED = """
select count(*) from events where name = 'routing.work_order.reminded'
   and (payload ->> 'occurred_at')::timestamptz between $1 and $2"""
_CAUGHT_UP = """
select not exists (select from checkpoints c, head h where c.source = 'routing' and c.position < h.position)"""


@dataclass(frozen=True, slots=True)
class Fired:
    """One round: how long the firing took, the 99th percentile of commands before and meanwhile in milliseconds, and the
    processor time that each process used meanwhile.
    """

    seconds: float
    calm: float
    busy: float
    used: Mapping[str, float]


async def measure(bench: Bench) -> list[Row]:
    """Drive the clock over a tenth of all timers, and ask commands at an even pace before and meanwhile.

    What the orders of one round have still to climb is thrown away before the next, so that the rounds are alike.
    """
    waiting, due = (_OPEN // 10, _DUE // 10) if bench.quick else (_OPEN, _DUE)
    stack = bench.stack(("routing",))
    moments = [MONDAY + timedelta(weeks=number) for number in range(bench.rounds)]
    rounds = []
    async with engine_on(stack.env("routing")["HOTLINE_DATABASE_URL"]) as engine:
        store = Store(engine)
        # Until it is driven the clock is the wall's, and what the first round opens would fire before it begins.
        async with connections(stack.units["routing-api"].port, 1) as (driver,):
            await _drive(driver, fetch_demo_token(stack.issuer_url, "administrator"), moments[0] - timedelta(hours=1))
        pool = cycle(await _open(store, _POOL, MONDAY - timedelta(hours=1), timed=False))
        await _open(store, waiting - due, moments[-1] + timedelta(weeks=8))
        for moment in moments:
            await store.execute("delete from timers where due_at < :soon", soon=moment + timedelta(weeks=1))
            await _open(store, due, moment)
            rounds.append(await _round(bench, stack, pool, moment, due))
    return [_of_firing(waiting, due, rounds), _of_commands(due, rounds)]


async def _open(store: Store, many: int, at: datetime, *, timed: bool = True) -> list[UUID]:
    """Store that many orders dispatched at a moment, each with the one timer of its ladder; return their ids."""
    ids = []
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4(), actor=Actor("bench", "service"))
    for first in range(0, many, 500):
        appends = []
        for _ in range(min(500, many - first)):
            events, command_id = dispatched(at), uuid4()
            timers = [timer for event in events for timer in decider.timers(event) if timer.kind in tuple(Rung)]
            ids.append(events[0].work_order_id)
            appends.append(
                Append(
                    command_id=command_id,
                    fingerprint=command_id.bytes,
                    stream=decider.stream(ids[-1]),
                    expected_version=0,
                    events=events,
                    cause=cause,
                    timers=timers if timed else [],
                )
            )
        await store.write(appends)
    return ids


async def _round(bench: Bench, stack: Stack, pool: Iterator[UUID], moment: datetime, due: int) -> Fired:
    port = stack.units["routing-api"].port
    handler, clock = (fetch_demo_token(stack.issuer_url, user) for user in ("handler@roads", "administrator"))
    async with connections(port, 1) as (driver,):
        await _drive(driver, clock, moment)
    await _caught_up(stack)
    async with connections(port, _CONNECTIONS) as opened:
        calm = await _sign(opened, handler, pool, asyncio.create_task(asyncio.sleep(bench.seconds * 2)))
    async with connections(port, _CONNECTIONS) as opened, connections(port, 1) as (driver,):
        before = cpu_seconds(stack)
        driving = asyncio.create_task(_drive(driver, clock, moment + timedelta(weeks=1, hours=-1)))
        busy = await _sign(opened, handler, pool, driving)
        used = {name: seconds - before[name] for name, seconds in cpu_seconds(stack).items()}
    await _check(stack, moment, due)
    return Fired(await driving, quantile(calm, 0.99), quantile(busy, 0.99), used)


async def _check(stack: Stack, moment: datetime, due: int) -> None:
    """Demand that every due timer told what it had to: a firing of nothing would be fast."""
    async with raw_connection(stack.postgres.dsn("routing")) as connection:
        reminded = await connection.fetchval(_REMINDED, moment, moment + timedelta(weeks=1))
    assert reminded >= due, (reminded, due)  # noqa: S101 - see above


async def _drive(driver: Connection, token: str, to: datetime) -> float:
    """Drive the clock; it answers when everything due until then has fired. Return how long that took."""
    started = time.perf_counter()
    await driver.json(request("PUT", "/dev/clock", token, {"now": to.isoformat()}))
    return time.perf_counter() - started


async def _sign(
    opened: Sequence[Connection], token: str, pool: Iterator[UUID], until: "asyncio.Task[None] | asyncio.Task[float]"
) -> list[float]:
    """Let a department sign one order after the other, at an even pace, until something is done; return each one's delay."""
    started, delays = time.perf_counter(), []

    async def share(number: int, connection: Connection) -> None:
        due = started + number / _RATE
        while not until.done():
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await connection.json(request("POST", f"/work-orders/{next(pool)}/sign", token, {}))
            delays.append((time.perf_counter() - due) * 1e3)
            due += len(opened) / _RATE

    await asyncio.gather(*(share(number, connection) for number, connection in enumerate(opened)))
    return delays


async def _caught_up(stack: Stack) -> None:
    """Wait until everything stored is published and applied, so that only the firing is measured."""
    async with raw_connection(stack.postgres.dsn("routing")) as connection, asyncio.timeout(600):
        while not await connection.fetchval(_CAUGHT_UP):  # noqa: ASYNC110 - a state that nobody announces
            await asyncio.sleep(0.2)


def _of_firing(waiting: int, due: int, rounds: Sequence[Fired]) -> Row:
    took = [one.seconds for one in rounds]
    return Row(
        number=12,
        what=f"firing {due:,} due timers of {waiting:,} open ones, one worker process",
        ours=f"{median(took):.1f} s",
        aim=f"< {_MOST_SECONDS:g} s",
        met=median(took) < _MOST_SECONDS,
        rounds={"seconds": took},
        notes=[
            "each is a reminder and a yellow card, and sets the next timer; the events are relayed and applied meanwhile",
            f"processor time used meanwhile: {_listed(rounds[-1].used)}",
        ],
    )


def _listed(used: Mapping[str, float]) -> str:
    most = sorted(used.items(), key=lambda item: -item[1])[:5]
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in most)


def _of_commands(due: int, rounds: Sequence[Fired]) -> Row:
    calm, busy = ([getattr(one, name) for one in rounds] for name in ("calm", "busy"))
    return Row(
        number=13,
        what=f"commands over HTTP at {_RATE}/s while {due:,} timers fire",
        ours=f"p99 {median(busy):.1f} ms",
        against="the same with nothing due",
        peer=f"p99 {median(calm):.1f} ms",
        ratio=f"{median(busy) / median(calm):.1f}",
        aim=f"p99 < {_P99:g} ms",
        met=median(busy) < _P99,
        rounds={"while firing": busy, "calm": calm},
    )
