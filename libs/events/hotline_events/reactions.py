"""Reactions: what one service decides because another service's event says so.

One batch is one call: the decided events, the command ids, the moved checkpoint and the parked events commit together. A
reaction derives its command id from the event's id, so a repetition is nothing. An event that cannot be handled is parked and
retried with growing delay, its aggregate's later events behind it, and becomes a dead letter when its tries are used up.
What only the office can make right, such as a year whose working days are not known, waits without using up its tries and is
tried at once when the office has published something.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from hotline_events.aggregates import Aggregates
from hotline_events.away import patiently
from hotline_events.cursor import Checkpoint
from hotline_events.decider import RefusalError, awaits_office
from hotline_events.envelope import Envelope, from_cloudevent
from hotline_events.errors import CheckpointMovedError, EpochChangedError, HotlineError, StoreUnavailableError
from hotline_events.reaction_batch import Batch, React
from hotline_events.store import CheckpointMove, Parked, Settled, Store

_AWAITS_OFFICE = "AwaitsOffice"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a parked event is tried again, and how long to wait: doubling from `first_delay` up to `longest_delay`."""

    tries: int = 12
    first_delay: timedelta = timedelta(milliseconds=200)
    longest_delay: timedelta = timedelta(minutes=5)

    def delay(self, attempts: int) -> timedelta:
        """Return the wait after that many failed tries."""
        return min(self.first_delay * (1 << min(attempts - 1, 20)), self.longest_delay)


class Reactions:
    """One consumer that turns events into commands: the follower behind its cursors, and its retries."""

    def __init__(
        self,
        name: str,
        *,
        service: str,
        sources: Sequence[str],
        react: React,
        store: Store,
        aggregates: Aggregates,
        policy: RetryPolicy | None = None,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.sources = tuple(sources)
        self._service = service
        self._react = react
        self._store = store
        self._aggregates = aggregates
        self._policy = policy or RetryPolicy()
        self._committed = committed
        self._turn = asyncio.Lock()
        self._ground: Callable[[], Awaitable[None]] | None = None
        self._news, self._looked_at = 1, 0

    def stand_on(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """Name what brings the published rules up to date: it is awaited before each batch that has something to react to."""
        self._ground = refresh

    def look_again(self) -> None:
        """Hear that the office has published something: what waits for it is tried at the next look."""
        self._news += 1

    async def prepare(self) -> None:
        """Create the checkpoints where they are missing. Waits for a database that is away."""
        insert = "insert into checkpoints values (:name, :source, 0, 1) on conflict do nothing"
        for source in self.sources:
            await patiently(partial(self._store.execute, insert, name=self.name, source=source))

    async def checkpoint(self, source: str) -> Checkpoint:
        """Return how far this consumer is in a source."""
        rows = await self._store.execute(
            "select position, epoch from checkpoints where consumer = :name and source = :source",
            name=self.name,
            source=source,
        )
        return Checkpoint(*rows[0])

    async def apply(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> Checkpoint:
        """Decide a batch and commit it with the checkpoint; decide it again when someone else was first on a stream."""
        async with self._turn:
            moved = Checkpoint(events[-1].position, after.epoch)
            move = CheckpointMove(consumer=self.name, source=source, epoch=after.epoch, after=after.position, to=moved.position)
            concerned = [event for event in events if event.event is not None and self._concerns(event)]
            if not concerned:
                await self._pass(move)
                return moved
            await self._refresh(concerned)
            trusting = True
            while True:
                batch, parked = await self._decide(concerned, trusting=trusting)
                if await self._commit(batch, move=replace(move, parked=parked)):
                    return moved
                trusting = False

    async def refresh(self, events: Sequence[Envelope]) -> None:
        """Bring what `react` stands on up to date for these events; called before each batch that has some to react to."""

    async def _refresh(self, events: Sequence[Envelope]) -> None:
        if self._ground is not None:
            await self._ground()
        await self.refresh(events)

    def _concerns(self, event: Envelope) -> bool:
        try:
            return bool(self._react(event))
        except Exception:  # noqa: BLE001 - it is parked with its error when it is decided
            return True

    async def _pass(self, move: CheckpointMove) -> None:
        """Step over events that lead to nothing, without the store's writer lock."""
        moved = await self._store.execute(
            """update checkpoints set position = :to
                where consumer = :consumer and source = :source and epoch = :epoch and position = :after returning 1""",
            to=move.to,
            consumer=move.consumer,
            source=move.source,
            epoch=move.epoch,
            after=move.after,
        )
        if not moved:
            message = f"checkpoint of {move.consumer} in {move.source} is not {move.after} in epoch {move.epoch}"
            raise CheckpointMovedError(message)

    async def _decide(self, events: Sequence[Envelope], *, trusting: bool) -> tuple[Batch, list[Parked]]:
        batch = self._new_batch(trusting=trusting)
        await batch.prefetch(events)
        waiting = await self._waiting_aggregates()
        parked = []
        for event in events:
            if event.stream in waiting:
                parked.append(self._park(event, "WaitsBehindParked", attempts=0))
                continue
            try:
                await batch.decide(event)
            except StoreUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a reaction raises, the event is kept and nothing else waits
                waiting.add(event.stream)
                parked.append(self._park(event, _name_of(error), attempts=0 if awaits_office(error) else 1))
        return batch, parked

    async def _commit(self, batch: Batch, *, move: CheckpointMove | None = None, settled: Settled | None = None) -> bool:
        """Write a batch; False when a stream had moved on and the batch must be decided again."""
        outcomes = await self._store.write(batch.appends, move=move, settled=settled, all_or_nothing=True)
        done = all(outcome.kind in ("appended", "repeated") for outcome in outcomes)
        for (decider, append), outcome in zip(batch.decided, outcomes, strict=True):
            if outcome.kind == "reused":
                message = "a reaction's command id was used with other content"
                raise HotlineError(message)
            if done and outcome.kind == "appended":
                self._aggregates.follow(decider, append.stream, outcome.version, append.events)
            else:
                self._aggregates.forget(append.stream)
        if done and outcomes:
            self._committed()
        return done

    def _park(self, event: Envelope, error: str, *, attempts: int) -> Parked:
        _log.warning("%s parks %s %s: %s", self.name, event.name, event.position, error)
        slow = error.startswith(_AWAITS_OFFICE)
        delay = self._policy.longest_delay if slow else self._policy.delay(max(attempts, 1))
        return Parked(
            position=event.position,
            aggregate=event.stream,
            envelope=event.raw,
            error=error,
            attempts=attempts,
            retry_at=datetime.now(UTC) + delay,
        )

    async def _waiting_aggregates(self) -> set[str]:
        rows = await self._store.execute(
            "select distinct aggregate from parked where consumer = :name and not dead", name=self.name
        )
        return {aggregate for (aggregate,) in rows}

    async def retry(self) -> int:
        """Try the parked events that are due, the eldest of each aggregate first. Return how many were settled."""
        news = self._news
        rows = await self._store.execute(
            """select distinct on (aggregate) source, position, envelope, attempts,
                      retry_at <= clock_timestamp() or (cast(:stirred as boolean) and starts_with(error, :waits)) as due
                 from parked where consumer = :name and not dead order by aggregate, source, position""",
            name=self.name,
            stirred=news != self._looked_at,
            waits=_AWAITS_OFFICE,
        )
        self._looked_at = news
        settled = 0
        if rows:
            await self._refresh([from_cloudevent(envelope) for _, _, envelope, _, due in rows if due])
        for source, position, envelope, attempts, due in rows:
            if due:
                async with self._turn:
                    settled += await self._retry_one(source, position, envelope, attempts)
        return settled

    async def _retry_one(self, source: str, position: int, envelope: str, attempts: int) -> bool:
        event = from_cloudevent(envelope)
        try:
            while True:
                batch = self._new_batch(trusting=False)
                await batch.decide(event)
                if await self._commit(batch, settled=Settled(consumer=self.name, events=[(source, position)])):
                    return True
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - see _decide
            await self._postpone(source, position, attempts, error)
            return False

    async def _postpone(self, source: str, position: int, attempts: int, error: Exception) -> None:
        waits = awaits_office(error)
        attempts += not waits
        dead = not waits and (is_permanent(error) or attempts >= self._policy.tries)
        if dead:
            _log.error("%s: %s %s is a dead letter: %s", self.name, source, position, type(error).__name__)
        await self._store.execute(
            """update parked set attempts = :attempts, error = :error, dead = :dead, retry_at = :retry_at
                where consumer = :name and source = :source and position = :position""",
            attempts=attempts,
            error=_name_of(error),
            dead=dead,
            retry_at=datetime.now(UTC) + (self._policy.longest_delay if waits else self._policy.delay(attempts)),
            name=self.name,
            source=source,
            position=position,
        )

    async def run_retries(self, *, every: float = 0.25) -> None:
        """Retry for ever."""
        while True:
            started = time.monotonic()
            try:
                await self.retry()
            except StoreUnavailableError as error:
                _log.warning("%s cannot retry: %s", self.name, error)
            await asyncio.sleep(max(0.0, every - (time.monotonic() - started)))

    async def change_epoch(self, source: str, change: EpochChangedError) -> None:
        """Step back to the restore point: the positions after it are handed out again, to other events with other ids."""
        await self._store.execute(
            """update checkpoints set position = least(position, :start), epoch = :met
                where consumer = :name and source = :source and epoch < :met""",
            start=change.start,
            met=change.met,
            name=self.name,
            source=source,
        )

    def _new_batch(self, *, trusting: bool) -> Batch:
        return Batch(self.name, self._service, self._aggregates, self._react, trusting=trusting)


def is_permanent(error: Exception) -> bool:
    """Say whether trying again can never help: an input that no state makes right."""
    return isinstance(error, RefusalError) and error.status == 422  # noqa: PLR2004 - the status that means it


def _name_of(error: Exception) -> str:
    name = type(error).__name__
    return f"{_AWAITS_OFFICE}: {name}" if awaits_office(error) else name


async def replay_dead(store: Store, consumer: str | None = None) -> int:
    """Give every dead letter (of one consumer) its tries again, in their old order. Return how many."""
    rows = await store.execute(
        """update parked set dead = false, attempts = 0, retry_at = clock_timestamp()
            where dead and (consumer = :consumer or cast(:consumer as text) is null) returning position""",
        consumer=consumer,
    )
    return len(rows)
