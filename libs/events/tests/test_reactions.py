"""Reactions and commands: each event has its effect once, whatever is delivered, and nothing blocks other aggregates."""

import asyncio
import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_events.aggregates import Submission
from hotline_events.catalogue.routing import DepartmentRegistered, DepartmentRenamed
from hotline_events.cursor import Checkpoint, Cursor
from hotline_events.decider import Decider, RefusalError
from hotline_events.envelope import Envelope, decode_payload, from_row
from hotline_events.errors import CommandReusedError, EpochChangedError, VersionConflictError
from hotline_events.reaction_batch import Reaction
from hotline_events.reactions import Reactions, RetryPolicy, replay_dead
from hotline_events.testing import NOON, cause


class NotYetError(RefusalError):
    """The department is not registered yet."""

    code = "not_yet"


class OfficeSilentError(RefusalError):
    """Only the office can help."""

    code = "office_silent"
    awaits_office = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    """Note that a call was heard of."""

    name: str


def decide(known: int, command: Hear) -> list[object]:
    """The first thing heard registers, every later one renames; `late` can only rename, `poison` never works."""
    if command.name == "poison" or (command.name == "late" and not known):
        raise NotYetError(command.name)
    event = DepartmentRenamed if known else DepartmentRegistered
    return [event(department="roads", name_zh=command.name, name_en=command.name, occurred_at=NOON)]


HEARING: Decider = Decider("department", decide, lambda known, _event: known + 1, 0)


def react(event: Envelope) -> list[Reaction]:
    return [Reaction(decider=HEARING, aggregate_id=str(event.event.call_id)[:8], command=Hear(name=event.event.line))]


def reactions_of(desk, policy: RetryPolicy | None = None, react=react) -> Reactions:
    return Reactions(
        "test.hearing",
        service="routing",
        sources=["intake"],
        react=react,
        store=desk.store,
        aggregates=desk.aggregates,
        policy=policy,
    )


async def calls(desk, core, *lines: str, call_id=None) -> list[Envelope]:
    """Append one event a line to intake and return the events of the store."""
    call_id = call_id or uuid4()
    for line in lines:
        version = len(await desk.store.read_stream(f"call-{call_id}"))
        append = core.received(call_id, after=version)
        await desk.appender.append(replace(append, events=[replace(append.events[0], line=line)]))
    return [from_row(row) for row in await desk.store.read_all(0)]


async def names_heard(desk, call_id) -> list[str]:
    rows = await desk.store.read_stream(f"department-{str(call_id)[:8]}")
    return [decode_payload(row).name_zh for row in rows]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 29), max_size=6))
async def test_events_delivered_three_times_and_cut_anywhere_have_their_effect_once(desk_for, core, cuts):
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        ids = [uuid4() for _ in range(5)]
        events: list[Envelope] = []
        for turn in range(6):
            for call_id in ids:
                events = await calls(intake, core, f"n{turn}", call_id=call_id)
        cursor = Cursor("intake", reactions_of(routing))
        await cursor.follower.prepare()
        bounds = sorted({0, *cuts, len(events)})
        for start, end in itertools.pairwise(bounds):
            for _ in range(3):
                await cursor.take(events[start:end])
        for call_id in ids:
            assert await names_heard(routing, call_id) == [f"n{turn}" for turn in range(6)]
        assert (await routing.store.head()).position == 30


async def test_a_worker_that_lost_its_checkpoint_repeats_commands_without_effect(desk_for, core):
    """The command ids follow from the event ids: deciding again after a lost answer stores nothing twice."""
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "a", "b")
        first = reactions_of(routing)
        await first.prepare()
        await first.apply("intake", events, Checkpoint(0, 1))
        await routing.store.execute("update checkpoints set position = 0")
        routing.aggregates.forget(f"department-{str(events[0].event.call_id)[:8]}")
        again = reactions_of(routing)
        await again.apply("intake", events, Checkpoint(0, 1))
        assert (await routing.store.head()).position == 2


async def test_a_concurrent_command_on_the_same_aggregate_is_decided_after_not_lost(desk_for, core):
    async with desk_for("intake") as intake, desk_for("routing") as routing, desk_for("routing", on=routing.database) as api:
        events = await calls(intake, core, "a")
        call_id = events[0].event.call_id
        worker = reactions_of(routing)
        await worker.prepare()
        stream = f"department-{str(call_id)[:8]}"
        await routing.aggregates.load(HEARING, stream)  # the worker's cached state is older than what the api writes now
        await api.aggregates.execute(HEARING, str(call_id)[:8], Hear(name="by api"), submission())
        await worker.apply("intake", events, Checkpoint(0, 1))
        assert await names_heard(routing, call_id) == ["by api", "a"]


def submission(**changes) -> Submission:
    request = uuid4()
    return replace(Submission(command_id=request, fingerprint=b"f", cause=cause(request)), **changes)


async def test_a_poison_event_is_parked_its_aggregate_waits_behind_it_and_others_go_on(desk_for, core):
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        bad, good = uuid4(), uuid4()
        await calls(intake, core, "poison", "after poison", call_id=bad)
        events = await calls(intake, core, "good", call_id=good)
        policy = RetryPolicy(tries=3, first_delay=timedelta(milliseconds=1), longest_delay=timedelta(milliseconds=1))
        worker = reactions_of(routing, policy)
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        assert await names_heard(routing, good) == ["good"]
        assert await names_heard(routing, bad) == []
        for _ in range(4):
            await asyncio.sleep(0.005)
            await worker.retry()
        rows = await routing.store.execute("select position, error, dead from parked order by position")
        assert rows == [(1, "NotYetError", True)]
        assert await names_heard(routing, bad) == ["after poison"]


async def test_what_awaits_the_office_never_dies_and_is_tried_at_once_when_the_office_has_spoken(desk_for, core):
    """A89: a year whose calendar nobody has loaded loses no matter."""
    silent = True

    def react_late(event: Envelope) -> list[Reaction]:
        if silent:
            raise OfficeSilentError
        return react(event)

    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "year end")
        worker = reactions_of(routing, RetryPolicy(tries=2, first_delay=timedelta(0), longest_delay=timedelta(0)), react_late)
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        for _ in range(5):
            assert await worker.retry() == 0
        waiting = await routing.store.execute("select error, attempts, dead from parked")
        assert waiting == [("AwaitsOffice: OfficeSilentError", 0, False)]
        slow = reactions_of(routing, None, react_late)
        await slow.retry()  # put off by minutes now
        silent = False
        assert await slow.retry() == 0
        slow.look_again()
        assert await slow.retry() == 1
        assert await names_heard(routing, events[0].event.call_id) == ["year end"]


async def test_what_is_to_be_done_at_once_is_done_while_the_rest_of_its_event_awaits_the_office(desk_for, core):
    """A79, A89: and it is not done again when the office has spoken."""
    silent = True

    def decide_late(known: int, command: Hear) -> list[object]:
        if silent:
            raise OfficeSilentError
        return decide(known, command)

    slow = Decider("department", decide_late, HEARING.evolve, 0)
    quick = Decider("department", lambda known, command: [] if known else decide(known, command), HEARING.evolve, 0)

    def react_twice(event: Envelope) -> list[Reaction]:
        code, command = str(event.event.call_id)[:8], Hear(name=event.event.line)
        at_once = Reaction(decider=quick, aggregate_id=f"{code}-now", command=command, creates=True, at_once=True)
        return [Reaction(decider=slow, aggregate_id=code, command=command), at_once]

    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "year end")
        worker = reactions_of(routing, RetryPolicy(longest_delay=timedelta(0)), react_twice)
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        code = str(events[0].event.call_id)[:8]
        for settled, heard in ((0, []), (1, ["year end"])):
            assert await worker.retry() == settled
            assert await names_heard(routing, events[0].event.call_id) == heard
            assert len(await routing.store.read_stream(f"department-{code}-now")) == 1
            silent = False


async def test_an_event_that_came_too_early_is_settled_when_its_turn_has_come(desk_for, core):
    """Between services only causal order within a stream holds."""
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "late")
        call_id = events[0].event.call_id
        worker = reactions_of(routing, RetryPolicy(first_delay=timedelta(milliseconds=1)))
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        await routing.aggregates.execute(HEARING, str(call_id)[:8], Hear(name="first"), submission())
        await asyncio.sleep(0.01)
        assert await worker.retry() == 1
        assert await names_heard(routing, call_id) == ["first", "late"]
        assert not await routing.store.execute("select 1 from parked")


async def test_a_dead_letter_is_replayed_by_one_command_and_its_error_has_no_text(desk_for, core):
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "late")
        call_id = events[0].event.call_id
        worker = reactions_of(routing, RetryPolicy(tries=1, first_delay=timedelta(milliseconds=1)))
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        await asyncio.sleep(0.01)
        await worker.retry()
        (row,) = await routing.store.execute("select error, dead, envelope from parked")
        assert (row[0], row[1]) == ("NotYetError", True)
        await routing.aggregates.execute(HEARING, str(call_id)[:8], Hear(name="first"), submission())
        assert await replay_dead(routing.store) == 1
        assert await worker.retry() == 1
        assert await names_heard(routing, call_id) == ["first", "late"]


async def test_after_a_restore_of_its_source_a_reaction_steps_back_to_the_restore_point(desk_for, core):
    async with desk_for("intake") as intake, desk_for("routing") as routing:
        events = await calls(intake, core, "a", "b", "c")
        worker = reactions_of(routing)
        await worker.prepare()
        await Cursor("intake", worker).take(events)
        reborn = replace(events[2], epoch=2, epoch_start=2, id=uuid4())
        with pytest.raises(EpochChangedError) as change:
            await Cursor("intake", worker).take([replace(reborn, position=4)])
        await worker.change_epoch("intake", change.value)
        assert await worker.checkpoint("intake") == Checkpoint(2, 2)


async def test_if_match_refuses_a_command_decided_on_an_old_version(desk_for):
    async with desk_for("routing") as desk:
        await desk.aggregates.execute(HEARING, "x", Hear(name="a"), submission(expected_version=0))
        with pytest.raises(VersionConflictError):
            await desk.aggregates.execute(HEARING, "x", Hear(name="b"), submission(expected_version=0))
        assert (await desk.store.head()).position == 1


async def test_a_repeated_command_is_answered_as_the_first_time_even_when_it_would_now_be_refused(desk_for):
    async with desk_for("routing") as desk:
        command = submission(expected_version=0)
        first = await desk.aggregates.execute(HEARING, "x", Hear(name="a"), command)
        again = await desk.aggregates.execute(HEARING, "x", Hear(name="a"), command)
        assert again.repeated
        assert (again.version, again.position) == (first.version, first.position)
        with pytest.raises(CommandReusedError):
            await desk.aggregates.execute(HEARING, "x", Hear(name="z"), replace(command, fingerprint=b"other"))


async def test_a_refusal_on_a_stale_cache_is_decided_again(desk_for):
    """Another process moved the stream on: the refusal of the old state does not stand."""
    async with desk_for("routing") as desk, desk_for("routing", on=desk.database) as other:
        await desk.aggregates.load(HEARING, "department-x")
        await other.aggregates.execute(HEARING, "x", Hear(name="a"), submission())
        done = await desk.aggregates.execute(HEARING, "x", Hear(name="late"), submission())
        assert done.version == 2


async def test_many_commands_on_one_stream_all_get_their_turn(desk_for):
    async with desk_for("routing") as desk:
        done = await asyncio.gather(
            *(desk.aggregates.execute(HEARING, "x", Hear(name=str(n)), submission()) for n in range(60))
        )
        assert sorted(one.version for one in done) == list(range(1, 61))
