"""From routing's resolutions and due timers to followup's events: the same whatever is delivered, and however often."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.subscriber import NAME, react_under
from followup.application import act
from followup.domain.reactions import revisit_id_of
from followup.domain.revisit import RecordRevisit, decider
from followup.main import on_timers
from hotline_embedded.fixtures import Databases
from hotline_events.aggregates import Aggregates, Submission
from hotline_events.appender import Appender
from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import WorkOrderClosed, WorkOrderResolved, WorkOrderTypeChanged
from hotline_events.clock import FixedClock
from hotline_events.cursor import Checkpoint
from hotline_events.decider import Timer
from hotline_events.envelope import Envelope, from_row
from hotline_events.errors import CheckpointMovedError
from hotline_events.reactions import Reactions
from hotline_events.sealing import BoxLabel, Sealed, seal
from hotline_events.store import Store
from hotline_events.testing import NOON, cause, enveloped
from hotline_events.timers import Timers
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack, load_pack

RULES = load_pack("default")
HOUR = timedelta(hours=1)
Engines = Callable[[str], AsyncEngine]


@dataclass
class Service:
    """A followup worker's core on a database of its own."""

    engine: AsyncEngine
    store: Store
    aggregates: Aggregates
    rules: RulePack = RULES

    def reactions(self) -> Reactions:
        return Reactions(
            NAME,
            service="followup",
            sources=("routing",),
            react=react_under(RuleBook(self.rules)),
            store=self.store,
            aggregates=self.aggregates,
        )

    def timers(self, now: datetime) -> Timers:
        return Timers(self.aggregates, FixedClock(now), "followup", on_timers(RuleBook(self.rules)))

    async def names(self) -> list[str]:
        return [row.name for row in await self.store.read_all(0)]

    async def told(self) -> list[object]:
        """Every event without what differs from run to run (event ids, recording times)."""
        return [
            (envelope.stream, envelope.version, envelope.correlation_id, envelope.causation_id, envelope.event)
            for envelope in map(from_row, await self.store.read_all(0))
        ]


@pytest.fixture
async def service(databases: Databases, engine_for: Engines) -> AsyncIterator[Service]:
    engine = engine_for((await databases.fresh("followup")).app_url)
    store = Store(engine)
    async with Appender(store) as appender:
        yield Service(engine, store, Aggregates(store, appender))


def resolved(number: int, turn: int = 1, at: datetime = NOON) -> WorkOrderResolved:
    order, person = UUID(int=100 + number), UUID(int=200 + number)
    box = seal("已修复", BoxLabel(person, f"work_order-{order}", turn, "reply"), bytes(32))
    return WorkOrderResolved(
        work_order_id=order,
        request_id=UUID(int=300 + number),
        requester_id=person,
        department="roads",
        round=turn,
        reply=Sealed(box=box),
        resolved_by="handler-3",
        occurred_at=at,
    )


def routing(*events: object) -> list[Envelope]:
    return [
        enveloped(event, position=position, stream=f"work_order-{UUID(int=900 + position)}", version=1)
        for position, event in enumerate(events, 1)
    ]


CLOSED = WorkOrderClosed(
    work_order_id=UUID(int=101),
    request_id=UUID(int=301),
    department="roads",
    revisit_id=UUID(int=1),
    round=1,
    occurred_at=NOON,
)
STREAM = routing(resolved(1), resolved(2), CLOSED, resolved(3, at=NOON + 11 * HOUR), resolved(1, turn=2, at=NOON + 30 * HOUR))


# One of the four resolutions came an hour before midnight: its revisit is put off.
SCHEDULED = {"followup.revisit.scheduled": 4, "followup.revisit.deferred": 1}
FIVE = sum(SCHEDULED.values())


async def deliver(reactions: Reactions, batches: Sequence[int]) -> None:
    """Deliver the stream in batches of these sizes, then the rest; every batch three times, as after lost answers."""
    await reactions.prepare()
    for size in (*batches, len(STREAM)):
        at = await reactions.checkpoint("routing")
        batch = STREAM[at.position : at.position + size]
        for delivery in range(3 if batch else 0):
            if delivery == 0:
                await reactions.apply("routing", batch, at)
            else:
                with pytest.raises(CheckpointMovedError):
                    await reactions.apply("routing", batch, at)


async def test_every_resolution_is_scheduled_and_nothing_else_is(service: Service) -> None:
    await deliver(service.reactions(), ())
    stored = [from_row(row) for row in await service.store.read_all(0)]
    assert Counter(envelope.name for envelope in stored) == SCHEDULED
    first = stored[0]
    assert first.event.revisit_id == revisit_id_of(UUID(int=101), 1)
    assert first.event.occurred_at == NOON
    assert (first.causation_id, first.correlation_id) == (STREAM[0].id, STREAM[0].correlation_id)
    assert (first.actor.actor_id, first.actor.role) == ("service:followup", "service")


async def test_what_becomes_a_complaint_after_the_draw_left_it_out_is_scheduled(service: Service) -> None:
    """A112: routing says so after the result; what it says of another round, or before the result, is known already."""
    none = replace(RULES, revisit=replace(RULES.revisit, sampled_permille={"any": 0}))
    changed = WorkOrderTypeChanged(
        work_order_id=UUID(int=101),
        request_id=UUID(int=301),
        from_type=RequestType.HELP,
        to_type=RequestType.COMPLAINT,
        occurred_at=NOON + HOUR,
    )
    told = replace(resolved(1), request_type=RequestType.HELP)
    reactions = replace(service, rules=none).reactions()
    await reactions.prepare()
    await reactions.apply("routing", routing(changed, told, changed, changed), await reactions.checkpoint("routing"))
    assert [name.rpartition(".")[2] for name in await service.names()] == ["not_sampled", "closed", "scheduled"]


async def test_a_second_round_of_the_same_order_has_a_revisit_of_its_own(service: Service) -> None:
    await deliver(service.reactions(), ())
    events = [from_row(row).event for row in await service.store.read_all(0)]
    rounds = [(event.round, event.revisit_id) for event in events if event.work_order_id == UUID(int=101)]
    assert [number for number, _ in rounds] == [1, 2]
    assert len({revisit_id for _, revisit_id in rounds}) == 2


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.integers(1, 3), max_size=5))
async def test_events_delivered_three_times_and_cut_anywhere_give_the_same_events(
    databases: Databases, engine_for: Engines, batches: list[int]
) -> None:
    told = []
    for sizes in ((), batches):
        store = Store(engine_for((await databases.fresh("followup")).app_url))
        async with Appender(store) as appender:
            one = Service(store.engine, store, Aggregates(store, appender))
            await deliver(one.reactions(), sizes)
            told.append(await one.told())
    assert told[0] == told[1]


async def test_an_event_met_again_after_a_lost_checkpoint_is_decided_to_nothing(service: Service) -> None:
    await deliver(service.reactions(), ())
    before = await service.told()
    await service.store.execute("update checkpoints set position = 0 where consumer = :name", name=NAME)
    afresh = Aggregates(service.store, service.aggregates._appender)
    await Service(service.engine, service.store, afresh).reactions().apply("routing", STREAM, Checkpoint(0, 1))
    assert await service.told() == before


async def test_timers_fire_in_the_order_they_are_due_and_at_the_time_they_were_due(service: Service) -> None:
    await deliver(service.reactions(), ())
    late = NOON + timedelta(days=9)
    while await service.timers(late).fire_due(late):
        pass
    events = [from_row(row) for row in await service.store.read_all(FIVE)]
    assert Counter(envelope.name for envelope in events) == {
        "followup.revisit.came_due": 4,
        "followup.revisit.limit_passed": 4,
    }
    first = map(from_row, await service.store.read_all(0, FIVE))
    scheduled = {envelope.event.revisit_id: envelope for envelope in first if envelope.name.endswith("scheduled")}
    for envelope in events:
        schedule = scheduled[envelope.event.revisit_id]
        owed = schedule.event
        due = owed.due_at if envelope.name.endswith("came_due") else owed.deadline_at
        assert envelope.event.occurred_at == due
        assert envelope.correlation_id == schedule.correlation_id


async def test_a_timer_fired_twice_is_fired_once(service: Service) -> None:
    await deliver(service.reactions(), ())
    rows = await service.store.execute("select id, kind, due_at, stream, rule from timers order by due_at")
    due = [Timer(timer_id=row[0], kind=row[1], due_at=row[2], stream=row[3], rule=row[4]) for row in rows]
    for _ in range(2):
        assert len(await service.timers(NOON).fire(due)) == len(due)
    assert len(await service.names()) == FIVE + len(rows)
    late = NOON + timedelta(days=9)
    await service.timers(late).fire_due(late)
    assert len(await service.names()) == FIVE + len(rows)


async def test_timers_of_a_revisit_that_was_made_in_time_leave_no_trace(service: Service) -> None:
    await deliver(service.reactions(), ())
    revisit_id = revisit_id_of(UUID(int=101), 1)
    command = RecordRevisit(
        solved=True, satisfied=True, immediate_after_service=True, revisited_by="agent-7", rules=RULES, now=NOON + HOUR / 2
    )
    submission = Submission(command_id=uuid4(), fingerprint=b"once", cause=cause(uuid4()))
    await act(service.aggregates, decider, revisit_id, command, submission)
    late = NOON + timedelta(days=9)
    await service.timers(late).fire_due(late)
    stored = [from_row(row) for row in await service.store.read_stream(f"revisit-{revisit_id}")]
    assert [envelope.name.rpartition(".")[2] for envelope in stored] == ["scheduled", "revisited", "closed"]
    async with service.engine.connect() as connection:
        left = await connection.scalar(text("select count(*) from timers"))
    assert left == 0
