"""What routing does with others' events is the same however often they come and wherever a batch is cut."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_chassis.rule_book import published_rules
from hotline_embedded.fixtures import Databases
from hotline_events.aggregates import Aggregates
from hotline_events.appender import Appender
from hotline_events.catalogue.followup import ClosedAs, RevisitClosed, ReworkOrdered
from hotline_events.catalogue.intake import (
    CorrectionReason,
    RequestAnsweredDirectly,
    RequestCorrected,
    RequestNotAccepted,
    RequestType,
)
from hotline_events.catalogue.reporting import CalendarLoaded
from hotline_events.catalogue.routing import (
    Category,
    CategoryTablePublished,
    DepartmentClosed,
    DepartmentRegistered,
    Scope,
    ScopeTablePublished,
)
from hotline_events.clock import FixedClock
from hotline_events.cursor import Cursor
from hotline_events.envelope import Actor, Cause, Envelope
from hotline_events.projection import Projector
from hotline_events.sealing import Sealed
from hotline_events.store import Append, Store
from hotline_events.testing import NOON, enveloped
from hotline_events.testing_history import KEY
from hotline_events.timers import Timers
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.adapters.subscriber import NAME, TableReactions
from routing.domain.work_order import decider, on_timer, work_order_id_of
from routing.main import build_work

RULES = load_pack("default")
TABLES: dict[str, list[Any]] = {
    "department-roads": [DepartmentRegistered(department="roads", name_zh="道路处", name_en="Roads", occurred_at=NOON)],
    "category_table-main": [
        CategoryTablePublished(
            table_version=1,
            categories=(Category(code="lighting", name_zh="照明", name_en="Lighting"),),
            published_by="office",
            occurred_at=NOON,
        )
    ],
    "scope_table-main": [
        ScopeTablePublished(
            table_version=1,
            scopes=(Scope(category="lighting", department="roads"),),
            published_by="office",
            occurred_at=NOON,
        )
    ],
}


class OneKey:
    """The one key that every test text of `History` is sealed with."""

    async def get_many(self, ids: Any) -> dict[UUID, bytes]:
        return dict.fromkeys(ids, KEY)


@pytest.fixture
def town(databases: Databases, engine_for: Callable[[str], Any]) -> Any:
    """Return what opens a fresh routing with published tables."""

    @asynccontextmanager
    async def open_town() -> AsyncIterator[tuple[Store, Aggregates]]:
        store = Store(engine_for((await databases.fresh("routing")).app_url), OneKey())
        async with Appender(store) as appender:
            for stream, events in TABLES.items():
                await store.write([append(stream, 0, events)])
            yield store, Aggregates(store, appender)

    return open_town


def append(stream: str, version: int, events: list[Any]) -> Append:
    command_id = uuid4()
    cause = Cause(correlation_id=command_id, causation_id=command_id, actor=Actor("office", "administrator"))
    return Append(
        command_id=command_id,
        fingerprint=b"",
        stream=stream,
        expected_version=version,
        events=events,
        cause=cause,
    )


EXPECTED: dict[str, Any] = {}


async def stored(store: Store) -> list[tuple[str, int, str, str]]:
    return sorted((row.stream, row.version, row.name, row.payload) for row in await store.read_all(0, 10_000))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 11), max_size=8), deliveries=st.sampled_from((1, 3)))
async def test_registrations_give_the_same_orders_however_they_are_delivered(
    town: Any, requests: list[Envelope], cuts: list[int], deliveries: int
) -> None:
    """Delivered three times, cut anywhere: one order a registration, and nothing else."""
    async with town() as (store, aggregates):
        reactions = TableReactions(store, aggregates, RuleBook(RULES), lambda: None)
        await reactions.prepare()
        done = 0
        for end in sorted({*cuts, len(requests)}):
            for again in range(deliveries):
                await Cursor("intake", reactions).take(requests[max(0, done - 3 * again) : end])
            done = end
        found = await stored(store)
    names = [name for _, _, name, _ in found if name.startswith("routing.work_order")]
    assert names.count("routing.work_order.opened") == 12
    assert names.count("routing.work_order.transferred") == 6
    assert len(names) == 24
    registered = [request.event for request in requests if request.name.endswith("registered")]
    expected = {f"work_order-{work_order_id_of(request.request_id)}" for request in registered}
    assert {stream for stream, *_ in found if stream.startswith("work_order")} == expected
    assert found == EXPECTED.setdefault("orders", found)


async def test_what_is_retried_meanwhile_opens_no_department_that_is_closed(town: Any) -> None:
    """A77, A108: a batch asks which departments are closed; a retry in between, about others, leaves that as it is."""
    async with town() as (store, aggregates):
        closed = [
            DepartmentRegistered(department="harbour", name_zh="港务局", name_en="Harbour", occurred_at=NOON),
            DepartmentClosed(department="harbour", occurred_at=NOON),
        ]
        await store.write([append("department-harbour", 0, closed)])
        ids = {"revisit_id": uuid4(), "work_order_id": uuid4(), "request_id": uuid4()}
        rework = enveloped(
            ReworkOrdered(round=2, department="harbour", occurred_at=NOON, **ids), position=1, stream="revisit-1", version=1
        )
        reactions = TableReactions(store, aggregates, RuleBook(RULES), lambda: None)
        for batch in ([rework], []):
            await reactions.refresh(batch)
            (reaction,) = reactions._react_now(rework)
            assert reaction.command.department_open is False


async def test_rework_and_closing_are_heard_once(desk: Any) -> None:
    """A108, A96: the round is counted, and the same event a second time is nothing."""
    await desk.publish_tables("roads")
    order = await desk.register()
    await desk.ask("POST", f"/work-orders/{order}/sign", {}, by="handler@roads")
    await desk.ask("POST", f"/work-orders/{order}/resolve", {"reply": "修好了"}, by="handler@roads")
    fields = {"revisit_id": uuid4(), "work_order_id": order, "request_id": uuid4(), "department": "roads"}
    rework = ReworkOrdered(round=2, fee_free=True, occurred_at=NOON + timedelta(days=1), **fields)
    await desk.hear(rework, f"revisit-{fields['revisit_id']}")
    await desk.hear(rework, f"revisit-{fields['revisit_id']}")
    await desk.project()
    assert (await desk.ask("GET", f"/work-orders/{order}", by="handler@roads")).json()["fee_free"]
    late = "2026-03-03T04:01:00Z"
    desk.app.state.clock = FixedClock(NOON + timedelta(days=2)).now
    for act, body in (("sign", {}), ("resolve", {"reply": "又修好了"})):
        answer = await desk.ask("POST", f"/work-orders/{order}/{act}", {**body, "occurred_at": late}, by="handler@roads")
        assert answer.status_code == 200, answer.text
    closed = RevisitClosed(round=2, closed_as=ClosedAs.SOLVED, occurred_at=NOON + timedelta(days=2), **fields)
    await desk.hear(closed, f"revisit-{fields['revisit_id']}")
    names = [name for name in await desk.names() if name.startswith("work_order.")]
    assert names[-4:] == ["work_order.reopened", "work_order.signed", "work_order.resolved", "work_order.closed"]
    assert names.count("work_order.reopened") == 1
    events = await desk.history()
    assert [event.occurred_at for event in events if event.name.endswith("reopened")] == [NOON + timedelta(days=1)]
    assert not await desk.runtime.store.execute("select * from parked")


async def test_a_request_of_the_year_s_end_waits_for_the_calendar_and_then_opens_by_itself(desk: Any) -> None:
    """A89: nothing is guessed, nothing is lost, and nobody has to repeat anything."""
    await desk.publish_tables("roads")
    keeper = desk.runtime.rule_keeper()
    reactions = build_work(desk.runtime).reactions[0]
    reactions.stand_on(keeper.refresh)
    keeper.on_news(reactions.look_again)
    rules = Projector(desk.runtime.engine, published_rules("routing"))
    await rules.prepare()
    late = datetime(2026, 12, 28, 4, tzinfo=UTC)
    await desk.register(at=late - timedelta(days=4))  # due this year: dispatched, its red card comes later
    order = await desk.register(at=late)
    assert (await desk.names()).count("work_order.opened") == 1
    for _ in range(20):
        await reactions.retry()
    assert await desk.runtime.store.execute("select attempts, dead from parked") == [(0, False)]
    loaded = CalendarLoaded(year=2027, holidays=(date(2027, 1, 1),), workdays=(), loaded_by="admin-1", occurred_at=late)
    await Cursor("reporting", rules).take([enveloped(loaded, position=1, stream="calendar-2027", version=1)])
    await keeper.refresh()
    assert await reactions.retry() == 1
    _, opened = await desk.runtime.aggregates.load(decider, f"work_order-{order}")
    assert opened.stint.started_at == late
    assert not await desk.runtime.store.execute("select * from parked")


async def test_an_emergency_of_the_year_s_end_is_told_at_once_while_its_order_waits_for_the_calendar(desk: Any) -> None:
    """A79, A89: its clocks are minutes. The order comes later, and the emergency goes to whoever gets it."""
    await desk.publish_tables("gas", "parks")
    late = datetime(2026, 12, 30, 4, tzinfo=UTC)
    order = await desk.register("noise", request_type=RequestType.EMERGENCY_REPAIR, at=late)
    names = await desk.names()
    assert "work_order.opened" in names, "without a department there is no clock that needs the year"
    order = await desk.register(request_type=RequestType.EMERGENCY_REPAIR, at=late)
    assert (await desk.names())[len(names) :] == ["emergency.declared", *["emergency.notified"] * 3]
    await desk.follow()
    assert await desk.runtime.store.execute("select consumer, attempts, dead from parked") == [(NAME, 0, False)]
    loaded = CalendarLoaded(year=2027, holidays=(date(2027, 1, 1),), workdays=(), loaded_by="admin-1", occurred_at=late)
    rules = Projector(desk.runtime.engine, published_rules("routing"))
    await rules.prepare()
    await Cursor("reporting", rules).take([enveloped(loaded, position=1, stream="calendar-2027", version=1)])
    keeper, reactions = desk.runtime.rule_keeper(), build_work(desk.runtime).reactions[0]
    await keeper.refresh()
    reactions.look_again()
    assert await reactions.retry() == 1
    desk.app.state.clock = FixedClock(late + timedelta(hours=1)).now
    body = {"department": "parks", "occurred_at": "2026-12-30T04:30:00Z"}
    moved = await desk.ask("POST", f"/work-orders/{order}/transfer", body)
    assert moved.status_code == 200, moved.text
    await desk.follow()
    await desk.project()
    assert [one["department"] for one in (await desk.ask("GET", "/emergencies")).json()["items"]] == ["parks", None]


async def test_a_reaction_decides_on_what_another_process_has_stored(desk: Any) -> None:
    """The worker has the order in its memory as it was; the api has moved it on."""
    await desk.publish_tables("roads")
    order = await desk.register()
    store = desk.runtime.store
    async with Appender(store) as appender:
        worker = replace(desk.runtime, aggregates=Aggregates(store, appender))
        reactions = build_work(worker).reactions[0]
        stream = f"work_order-{order}"
        await worker.aggregates.load(decider, stream)
        for act, body in (("sign", {}), ("resolve", {"reply": "修好了"})):
            await desk.ask("POST", f"/work-orders/{order}/{act}", body, by="handler@roads")
        desk.runtime = worker
        fields = {"revisit_id": uuid4(), "work_order_id": order, "request_id": uuid4(), "department": "roads"}
        await desk.hear(RevisitClosed(round=1, closed_as=ClosedAs.SOLVED, occurred_at=NOON, **fields), "revisit-1")
        assert reactions.name == NAME
    assert (await desk.names())[-1] == "work_order.closed"


@pytest.mark.parametrize(("signed", "status"), [(False, "withdrawn"), (True, "signed")])
async def test_a_request_answered_directly_needs_no_department_unless_one_has_signed(
    desk: Any, signed: bool, status: str
) -> None:
    """A67: the order is withdrawn; out of the hands of a department that has signed nothing is taken."""
    await desk.publish_tables("roads")
    person = uuid4()
    order = await desk.register(requester_id=person)
    if signed:
        await desk.ask("POST", f"/work-orders/{order}/sign", {}, by="handler@roads")
    await desk.project()
    request = (await desk.ask("GET", f"/work-orders/{order}")).json()["request_id"]
    answered = RequestAnsweredDirectly(
        request_id=request, requester_id=person, reply=Sealed("今晚修"), answered_by="agent-7", occurred_at=NOON
    )
    key = await desk.intake_keys.create(person)
    await desk.hear(replace(answered, request_id=UUID(request)), f"request-{request}", key=key)
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}")).json()
    assert (shown["status"], shown["answered_at"]) == (status, "2026-03-02T04:00:00Z")


async def test_a_matter_that_was_not_accepted_keeps_no_order_and_a_corrected_one_is_read_as_it_is_now(desk: Any) -> None:
    """A43, A66: whoever holds the order reads what holds; what was turned away on a ground is in nobody's hands."""
    await desk.publish_tables("roads")
    person = uuid4()
    order = await desk.register(requester_id=person)
    await desk.project()
    request = UUID((await desk.ask("GET", f"/work-orders/{order}")).json()["request_id"])
    corrected = RequestCorrected(
        request_id=request,
        requester_id=person,
        field="place",
        became=Sealed("解放路东侧"),
        reason=CorrectionReason.MISHEARD,
        signed_by="agent-7",
        occurred_at=NOON,
    )
    declined = RequestNotAccepted(
        request_id=request,
        ground="in_litigation",
        basis="已进入诉讼",
        basis_told=True,
        rule_version="default/1",
        decided_by="agent-7",
        occurred_at=NOON,
    )
    key = await desk.intake_keys.create(person)
    for event in (corrected, declined):
        await desk.hear(event, f"request-{request}", key=key)
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}")).json()
    assert (shown["status"], shown["place"]) == ("withdrawn", "解放路东侧")


async def test_clocks_fire_once_at_their_due_time(desk: Any) -> None:
    """A89, A90: what was done in time is not told, however late the timers run."""
    await desk.publish_tables("roads")
    late, timely = await desk.register(), await desk.register()
    await desk.ask("POST", f"/work-orders/{timely}/sign", {}, by="handler@roads")
    runtime = desk.runtime
    clock = FixedClock(RULES.due_at("sign", NOON))  # type: ignore[arg-type]  # the pack's word for the same clock
    timers = Timers(runtime.aggregates, clock, "routing", {"work_order": partial(on_timer, runtime.book)})
    assert await timers.fire_due(clock.at - timedelta(seconds=1)) == 0
    assert await timers.fire_due(clock.at) == 4
    passed = [event.event for event in await desk.history() if event.name.endswith("limit_passed")]
    assert sorted((event.work_order_id, event.limit) for event in passed) == sorted(
        [(late, "sign"), (late, "contact"), (timely, "contact")]
    )
    assert {event.occurred_at for event in passed} == {clock.at}
    orders = [event for event in await desk.history() if event.stream == f"work_order-{timely}"]
    assert len({event.correlation_id for event in orders}) == 1


async def test_the_tables_of_the_moment_decide(town: Any, requests: list[Envelope]) -> None:
    """A table published by another process holds for the next batch."""
    async with town() as (store, aggregates):
        reactions = TableReactions(store, aggregates, RuleBook(RULES), lambda: None)
        await reactions.prepare()
        cursor = Cursor("intake", reactions)
        await cursor.take(requests[:1])
        emptied = ScopeTablePublished(table_version=2, scopes=(), published_by="office", occurred_at=NOON)
        await store.write([append("scope_table-main", 1, [emptied])])
        await cursor.take(requests[1:3])
        names = [name for _, _, name, _ in await stored(store)]
    assert names.count("routing.work_order.transferred") == 1
