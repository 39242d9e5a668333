"""Due timers become commands.

A timer was written by the call that wrote its starting event. Firing leases it in one statement, turns it into a command whose
id is the timer's, and removes it once that is stored: a process that dies in between fires it again, which is nothing.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.aggregates import Aggregates, Submission
from hotline_events.clock import Clock, DrivenClock
from hotline_events.decider import RefusalError, Timer
from hotline_events.envelope import Actor, Cause
from hotline_events.errors import StoreUnavailableError
from hotline_events.reaction_batch import Reaction
from hotline_events.store import Store

_LEASE = """
update timers set leased_until = clock_timestamp() + interval '30 seconds', attempts = attempts + 1
 where id in (select id from timers where due_at <= :now and leased_until < clock_timestamp()
               order by due_at limit :most for update skip locked)
returning id, kind, due_at, stream, rule::text"""
_log = logging.getLogger(__name__)

Fire = Callable[[Timer], Awaitable[object]]
OnTimer = Callable[[Timer], Reaction]
"""What a due timer asks of its aggregate, with `timer.due_at` as the command's time. Pure."""


def fire_on(aggregates: Aggregates, service: str, on_timer: Mapping[str, OnTimer]) -> Fire:
    """Return how this service fires: its aggregate's function says the command, the timer's id is the command's."""
    actor = Actor(f"service:{service}", "service")

    async def fire(timer: Timer) -> object:
        reaction = on_timer[timer.stream.partition("-")[0]](timer)
        cause = Cause(correlation_id=timer.timer_id, causation_id=timer.timer_id, actor=actor)
        submission = Submission(command_id=timer.timer_id, fingerprint=timer.timer_id.bytes, cause=cause)
        return await aggregates.execute_in_story(reaction.decider, reaction.aggregate_id, reaction.command, submission)

    return fire


class Timers:
    """Fires one service's timers in the order they are due. `fire` makes a timer a command and hands it to its aggregate."""

    def __init__(self, store: Store, clock: Clock, fire: Fire, *, most: int = 200) -> None:
        self._store = store
        self._clock = clock
        self._fire = fire
        self._most = most
        self._stir = asyncio.Event()

    def stir(self) -> None:
        """Look now: something was committed, or the clock was driven."""
        self._stir.set()

    async def run(self, *, every: float = 0.25) -> None:
        """Fire for ever."""
        while True:
            self._stir.clear()
            try:
                if isinstance(self._clock, DrivenClock):
                    await self._clock.refresh()
                if await self.fire_due(self._clock.now()):
                    continue
            except StoreUnavailableError as error:
                _log.warning("timers wait: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), every)

    async def fire_due(self, now: datetime) -> int:
        """Fire what is due, once. Timers of one stream fire one after the other, the rest together. Return how many."""
        rows = await self._store.execute(_LEASE, now=now, most=self._most)
        streams: dict[str, list[Timer]] = {}
        for row in sorted(rows, key=lambda row: row[2]):
            timer = _timer(row)
            streams.setdefault(timer.stream, []).append(timer)
        fired = await asyncio.gather(*(self._fire_in_order(timers) for timers in streams.values()))
        done = [timer_id for ids in fired for timer_id in ids]
        if done:
            await self._store.execute("delete from timers where id = any(:ids)", ids=done)
        return len(done)

    async def _fire_in_order(self, timers: list[Timer]) -> list[UUID]:
        done = []
        for timer in timers:
            try:
                await self._fire(timer)
            except RefusalError:
                _log.info("timer %s of kind %s has nothing left to do", timer.timer_id, timer.kind)
            except StoreUnavailableError:
                break
            except Exception as error:  # noqa: BLE001 - a defect in one stream's command must not end everyone's timers
                reason = type(error).__name__
                _log.warning("timer %s of kind %s is tried again after its lease: %s", timer.timer_id, timer.kind, reason)
                break
            done.append(timer.timer_id)
        return done


def _timer(row: Any) -> Timer:  # noqa: ANN401 - a database row
    timer_id, kind, due_at, stream, rule = row
    return Timer(timer_id=timer_id, kind=kind, due_at=due_at, stream=stream, rule=json.loads(rule))
