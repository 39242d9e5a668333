"""Timers: each due time becomes one command at that time, whoever fires it, however often, and whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4, uuid5

import pytest

from hotline_events.aggregates import Submission
from hotline_events.catalogue.intake import AbandonStage, CallAbandoned, CallAnswered, CallEvent, CallReceived
from hotline_events.clock import DrivenClock, FixedClock
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.envelope import from_row
from hotline_events.errors import StoreUnavailableError
from hotline_events.reaction_batch import Reaction
from hotline_events.testing import NOON, cause
from hotline_events.timers import Timers

MINUTE = timedelta(minutes=1)
LATE = NOON + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A call rings at `now`; after so many minutes it counts as abandoned."""

    call_id: UUID
    patience: Sequence[int]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """`awaits` is what the office has not published yet."""

    now: datetime
    awaits: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    call_id: UUID | None = None
    answered: bool = False


class AnsweredError(RefusalError):
    """Nobody gives up a call that was answered."""

    code: ClassVar[str] = "answered"


class UncountedError(RefusalError):
    """The year in which it would end has no calendar."""

    awaits_office: ClassVar[bool] = True


class UnknownYearError(LookupError):
    """The year has no calendar, as the calendar itself says it."""

    awaits_office: ClassVar[bool] = True


def decide(call: Ringing, command: Any) -> list[CallEvent]:
    if isinstance(command, Receive):
        return [CallReceived(call_id=command.call_id, line=",".join(map(str, command.patience)), occurred_at=command.now)]
    assert call.call_id is not None
    if isinstance(command, Answer):
        return [CallAnswered(call_id=call.call_id, agent_id="a", wait_ms=0, occurred_at=command.now)]
    if call.answered:
        raise AnsweredError
    if command.awaits is not None:
        raise command.awaits
    return [CallAbandoned(call_id=call.call_id, stage=AbandonStage.QUEUE, wait_ms=0, occurred_at=command.now)]


def evolve(call: Ringing, event: CallEvent) -> Ringing:
    return replace(call, call_id=event.call_id, answered=call.answered or isinstance(event, CallAnswered))


def timers(event: CallEvent) -> list[Timer]:
    if not isinstance(event, CallReceived):
        return []
    return [
        Timer(
            timer_id=uuid5(event.call_id, minutes),
            kind="call.patience",
            due_at=event.occurred_at + int(minutes) * MINUTE,
            stream=f"call-{event.call_id}",
            rule={"call_id": str(event.call_id)},
        )
        for minutes in event.line.split(",")
    ]


ringing: Decider[Any, Ringing, CallEvent] = Decider("call", decide, evolve, Ringing(), timers)


class Clockwork:
    """One worker's timers on a desk, and what it fired."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.fired: list[Timer] = []
        self.errors: dict[UUID, Exception] = {}
        self.until_office: dict[UUID, Exception] = {}

    def at(self, now: datetime, *, most: int = 200) -> Timers:
        return Timers(self.desk.aggregates, FixedClock(now), "intake", {"call": self.on_timer}, most=most)

    async def ring(self, *patience: int, at: datetime = NOON) -> UUID:
        call_id = uuid4()
        command = Receive(call_id=call_id, patience=patience, now=at)
        await self.desk.aggregates.create(ringing, call_id, command, submission(call_id))
        return call_id

    def on_timer(self, timer: Timer) -> Reaction:
        error = self.errors.get(UUID(timer.rule["call_id"]))
        if error is not None:
            raise error
        self.fired.append(timer)
        call_id = UUID(timer.rule["call_id"])
        first = timer.due_at == NOON + MINUTE
        command = GiveUp(now=timer.due_at, awaits=self.until_office.get(call_id) if first else None)
        return Reaction(decider=ringing, aggregate_id=call_id, command=command)

    async def abandoned(self) -> list[datetime]:
        rows = await self.desk.store.read_all(0, 10_000)
        return [row.event.occurred_at for row in map(from_row, rows) if isinstance(row.event, CallAbandoned)]

    async def left(self) -> int:
        return int((await self.desk.store.execute("select count(*) from timers"))[0][0])

    async def end_leases(self) -> None:
        """Let the time pass that a lease lasts."""
        await self.desk.store.execute("update timers set leased_until = leased_until - interval '30 seconds'")


def submission(command_id: UUID) -> Submission:
    return Submission(command_id=command_id, fingerprint=command_id.bytes, cause=cause(command_id))


async def test_a_timer_fires_when_it_is_due_and_not_before(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        await clockwork.ring(5)
        assert await clockwork.at(NOON + 5 * MINUTE - timedelta(microseconds=1)).fire_due(NOON + 4 * MINUTE) == 0
        assert await clockwork.at(NOON).fire_due(NOON + 5 * MINUTE) == 1
        assert await clockwork.abandoned() == [NOON + 5 * MINUTE]
        assert await clockwork.left() == 0


async def test_timers_that_are_late_fire_in_the_order_they_were_due_with_the_time_they_were_due(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        await clockwork.ring(30, 10, 20)
        await clockwork.at(LATE).fire_due(LATE)
        assert await clockwork.abandoned() == [NOON + minutes * MINUTE for minutes in (10, 20, 30)]


async def test_when_more_is_due_than_one_turn_takes_the_eldest_come_first(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        for minutes in (9, 3, 7, 1, 5):
            await clockwork.ring(minutes)
        few = clockwork.at(LATE, most=2)
        turns = []
        while fired := await few.fire_due(LATE):
            turns.append(fired)
        assert turns == [2, 2, 1]
        minutes_of = [(timer.due_at - NOON) // MINUTE for timer in clockwork.fired]
        assert [sorted(minutes_of[:2]), sorted(minutes_of[2:4]), minutes_of[4:]] == [[1, 3], [5, 7], [9]]


async def test_a_timer_is_written_by_the_call_that_writes_its_event_or_not_at_all(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        call_id = await clockwork.ring(5)
        command = Receive(call_id=call_id, patience=(5, 6), now=NOON)
        with suppress(Exception):
            await desk.aggregates.create(ringing, call_id, command, submission(uuid4()))
        assert await clockwork.left() == 1
        await desk.aggregates.create(ringing, call_id, Receive(call_id=call_id, patience=(5,), now=NOON), submission(call_id))
        assert await clockwork.left() == 1


async def test_firing_twice_is_firing_once(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        await clockwork.ring(5)
        await clockwork.at(LATE).fire_due(LATE)
        await clockwork.at(LATE).fire(clockwork.fired)
        assert len(clockwork.fired) == 2
        assert await clockwork.abandoned() == [NOON + 5 * MINUTE]


async def test_a_worker_that_dies_between_firing_and_removing_leaves_nothing_to_do_twice(desk_for: Any) -> None:
    """Its lease ends, another fires again under the same command id, and the timer is gone."""
    async with desk_for() as desk, desk_for(on=desk.database) as other:
        dying, heir = Clockwork(desk), Clockwork(other)
        await dying.ring(5)
        await _leased(desk)
        assert len(await dying.at(LATE).fire(await _timers(desk))) == 1
        assert await heir.left() == 1
        assert await heir.at(LATE).fire_due(LATE) == 0
        await heir.end_leases()
        assert await heir.at(LATE).fire_due(LATE) == 1
        assert len(dying.fired + heir.fired) == 2
        assert await heir.abandoned() == [NOON + 5 * MINUTE]
        assert await heir.left() == 0


async def test_a_worker_that_dies_before_firing_is_inherited_when_its_lease_ends(desk_for: Any) -> None:
    async with desk_for() as desk, desk_for(on=desk.database) as other:
        dying, heir = Clockwork(desk), Clockwork(other)
        await dying.ring(5)
        await _leased(desk)
        assert await heir.at(LATE).fire_due(LATE) == 0
        await heir.end_leases()
        assert await heir.at(LATE).fire_due(LATE) == 1
        assert await heir.abandoned() == [NOON + 5 * MINUTE]
        assert await heir.left() == 0


async def test_a_command_that_comes_between_reading_and_firing_is_not_overlooked(desk_for: Any) -> None:
    """The call is answered by another process after the worker read it: the timer decides on the call as it is."""
    async with desk_for() as desk, desk_for(on=desk.database) as other:
        worker, api = Clockwork(desk), Clockwork(other)
        call_id = await api.ring(5)
        timers = worker.at(LATE)
        load = desk.aggregates.load_many

        async def load_late(deciders: Any) -> Any:
            found = await load(deciders)
            await other.aggregates.execute(ringing, call_id, Answer(now=NOON + MINUTE), submission(uuid4()))
            return found

        desk.aggregates.load_many = load_late
        assert await timers.fire_due(LATE) == 1
        assert await worker.abandoned() == []
        assert await worker.left() == 0


async def _leased(desk: Any) -> None:
    """Lease every timer, as a worker does before it fires."""
    await desk.store.execute("update timers set leased_until = clock_timestamp() + interval '30 seconds'")


async def _timers(desk: Any) -> list[Timer]:
    rows = await desk.store.execute("select id, kind, due_at, stream, rule from timers order by due_at")
    return [Timer(timer_id=row[0], kind=row[1], due_at=row[2], stream=row[3], rule=row[4]) for row in rows]


async def test_two_workers_at_once_share_the_timers_and_fire_each_once(desk_for: Any) -> None:
    async with desk_for() as desk, desk_for(on=desk.database) as other:
        workers = [Clockwork(desk), Clockwork(other)]
        await asyncio.gather(*(workers[0].ring(1 + number % 7) for number in range(300)))

        async def drain(clockwork: Clockwork) -> None:
            few = clockwork.at(LATE, most=20)
            while await few.fire_due(LATE):
                pass

        await asyncio.gather(*(drain(worker) for worker in workers for _ in range(2)))
        fired = [timer.timer_id for worker in workers for timer in worker.fired]
        assert len(fired) == len(set(fired)) == 300
        assert all(worker.fired for worker in workers)
        assert len(await workers[0].abandoned()) == 300
        assert await workers[0].left() == 0


async def test_a_timer_whose_command_is_refused_has_nothing_left_to_do(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        call_id = await clockwork.ring(5)
        await desk.aggregates.execute(ringing, call_id, Answer(now=NOON + MINUTE), submission(uuid4()))
        assert await clockwork.at(LATE).fire_due(LATE) == 1
        assert await clockwork.abandoned() == []
        assert await clockwork.left() == 0


@pytest.mark.parametrize("kind", [UncountedError, UnknownYearError])
async def test_a_timer_that_waits_for_the_office_stays_due_and_holds_up_nothing(desk_for: Any, kind: type[Exception]) -> None:
    """A152: what a year's calendar is missing for is decided when the office has loaded it."""
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        waiting = await clockwork.ring(1, 2)
        clockwork.until_office = {waiting: kind()}
        assert await clockwork.at(LATE).fire_due(LATE) == 1
        assert await clockwork.abandoned() == [NOON + 2 * MINUTE]
        assert await clockwork.left() == 1
        clockwork.until_office.clear()
        await clockwork.end_leases()
        assert await clockwork.at(LATE).fire_due(LATE) == 1
        assert await clockwork.left() == 0
        assert await clockwork.abandoned() == [NOON + 2 * MINUTE, NOON + MINUTE]


async def test_a_timer_that_fails_holds_up_its_own_stream_only_and_is_tried_again(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        poison, sound = await clockwork.ring(1, 2), await clockwork.ring(1, 2)
        clockwork.errors[poison] = KeyError("a defect")
        limping = clockwork.at(LATE)
        assert await limping.fire_due(LATE) == 2
        assert {timer.rule["call_id"] for timer in clockwork.fired} == {str(sound)}
        assert await clockwork.left() == 2
        clockwork.errors.clear()
        await clockwork.end_leases()
        assert await limping.fire_due(LATE) == 2
        assert await clockwork.left() == 0
        assert len(await clockwork.abandoned()) == 4


async def test_a_store_that_is_away_leaves_its_timers_for_the_next_turn(desk_for: Any) -> None:
    async with desk_for() as desk:
        clockwork = Clockwork(desk)
        away, sound = await clockwork.ring(1), await clockwork.ring(1)
        append = desk.aggregates.append

        async def fail(decider: Any, at: Any, *rest: Any) -> Any:
            if at[0] == f"call-{away}":
                raise StoreUnavailableError("away")
            return await append(decider, at, *rest)

        desk.aggregates.append = fail
        assert await clockwork.at(LATE).fire_due(LATE) == 1
        desk.aggregates.append = append
        await clockwork.end_leases()
        assert await clockwork.at(LATE).fire_due(LATE) == 1
        assert len(await clockwork.abandoned()) == 2
        assert sound != away


@asynccontextmanager
async def running(timers_of: Timers) -> AsyncIterator[None]:
    """Run timers as a worker does, polling so rarely that only a nudge can be what woke them."""
    task = asyncio.create_task(timers_of.run(every=60))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_driving_the_clock_in_one_process_fires_the_timers_of_another(desk_for: Any, core: Any) -> None:
    """A driver waits until no timer is due: then every one until that moment has fired, and none after it."""
    async with desk_for() as api, desk_for(on=api.database) as worker:
        clockwork = Clockwork(worker)
        driven, followed = DrivenClock(api.store), DrivenClock(worker.store)
        await driven.drive(NOON)
        await clockwork.ring(10, 20)
        await clockwork.ring(15)
        timers_of = Timers(worker.aggregates, followed, "intake", {"call": clockwork.on_timer})
        async with running(timers_of):
            await driven.drive(NOON + 15 * MINUTE)
            assert await driven.timers_due() == 2
            await core.until(lambda: _none_due(driven, timers_of.stir))
        assert sorted(await clockwork.abandoned()) == [NOON + 10 * MINUTE, NOON + 15 * MINUTE]
        assert followed.now() == NOON + 15 * MINUTE
        assert await clockwork.left() == 1


async def _none_due(clock: DrivenClock, stir: Callable[[], None]) -> bool:
    stir()
    return await clock.timers_due() == 0


async def test_a_clock_that_was_never_driven_is_the_wall_clock(desk_for: Any) -> None:
    async with desk_for() as desk:
        clock = DrivenClock(desk.store)
        await clock.refresh()
        assert clock.now() > NOON
        await DrivenClock(desk.store).drive(NOON)
        await clock.refresh()
        assert clock.now() == NOON
