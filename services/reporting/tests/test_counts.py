"""Counting in SQL, on small histories by hand: what is in a window, and what an exclusion leaves out."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_events.catalogue import followup, intake, routing
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_rules.pack import load_pack
from reporting.adapters.counts import WHOLE, Grouping, Window, count
from reporting.domain.formulas import Counts

PACK = load_pack("default")
PERSON, REQUEST, ORDER, REVISIT = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
IDS: dict[str, Any] = {"work_order_id": ORDER, "request_id": REQUEST}
DAY = Window(start=NOON - timedelta(hours=12), end=NOON + timedelta(hours=12))
Follow = Callable[[History], Awaitable[AsyncEngine]]


async def counted(engine: AsyncEngine, window: Window = DAY, department: str | None = None) -> Counts:
    async with engine.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
        return (await count(connection, PACK, window, department=department))[WHOLE]


def call(history: History, number: int, at: datetime, *then: Any) -> None:
    call_id = UUID(int=number)
    history.add(f"call-{call_id}", intake.CallReceived(call_id=call_id, line="12345", occurred_at=at))
    for event, facts in then:
        history.add(f"call-{call_id}", event(call_id=call_id, occurred_at=at, **facts))


def left(stage: str, wait_ms: int) -> Any:
    return intake.CallAbandoned, {"stage": intake.AbandonStage(stage), "wait_ms": wait_ms}


def answered(wait_ms: int) -> Any:
    return intake.CallAnswered, {"agent_id": "agent-1", "wait_ms": wait_ms}


def ended(talk_ms: int, hold_ms: int) -> Any:
    return intake.CallEnded, {"ended_by": intake.EndedBy.CALLER, "talk_ms": talk_ms, "hold_ms": hold_ms}


def registered(history: History, at: datetime = NOON) -> None:
    history.add(
        f"request-{REQUEST}",
        intake.RequestRegistered(
            request_id=REQUEST,
            requester_id=PERSON,
            channel=intake.Channel.WEB,
            request_type=intake.RequestType.HELP,
            title=Sealed(text="一"),
            matter=Sealed(text="二"),
            first_contact="agent-1",
            occurred_at=at,
        ),
    )
    opened = routing.WorkOrderOpened(
        **IDS,
        requester_id=PERSON,
        request_type=intake.RequestType.HELP,
        channel=intake.Channel.WEB,
        registered_at=at,
        occurred_at=at,
    )
    order(history, opened)


def order(history: History, event: object) -> None:
    history.add(f"work_order-{ORDER}", event)


def limits(at: datetime) -> dict[str, Any]:
    due = {f"{limit}_due_at": at + timedelta(hours=6) for limit in ("sign", "contact", "resolve")}
    return {**due, "rule_version": "default/1", "occurred_at": at}


def transferred(history: History, department: str, hop: int, at: datetime) -> None:
    order(
        history,
        routing.WorkOrderTransferred(**IDS, department=department, hop=hop, round=1, transferred_by="x", **limits(at)),
    )


def returned(history: History, department: str, at: datetime) -> None:
    order(
        history,
        routing.WorkOrderReturned(
            **IDS,
            requester_id=PERSON,
            department=department,
            reason=routing.ReturnReason.NOT_OURS,
            returned_by="x",
            occurred_at=at,
        ),
    )


def resolved(history: History, department: str, at: datetime) -> None:
    order(
        history,
        routing.WorkOrderResolved(
            **IDS,
            requester_id=PERSON,
            department=department,
            round=1,
            reply=Sealed(text="好"),
            resolved_by="x",
            occurred_at=at,
        ),
    )


async def test_who_leaves_in_the_menu_was_never_offered_and_who_leaves_at_once_is_no_abandonment(follow: Follow) -> None:
    """T1, T6."""
    history = History()
    call(history, 1, NOON, left("menu", 9_000))
    call(history, 2, NOON, left("queue", 4_999))
    call(history, 3, NOON, left("queue", 5_000))
    call(history, 4, NOON, left("ringing", 6_000))
    call(history, 5, NOON, answered(15_000), ended(60_000, 5_000))
    call(history, 6, NOON, answered(15_001))
    call(history, 7, NOON)
    counts = await counted(await follow(history))
    assert (counts.offered, counts.answered, counts.answered_in_limit, counts.abandoned) == (6, 2, 1, 2)
    assert (counts.wait_ms, counts.handled, counts.handle_ms) == (30_001, 1, 65_000)


async def test_a_late_report_of_the_exchange_corrects_the_figures(follow: Follow) -> None:
    """A21: the wait that is counted is the one that was measured, whenever it was told."""
    history = History()
    corrected = intake.CallFiguresCorrected
    call(history, 1, NOON, answered(16_000), ended(60_000, 5_000), (corrected, {"wait_ms": 9_000, "talk_ms": 50_000}))
    call(history, 2, NOON, left("queue", 9_000), (corrected, {"wait_ms": 4_000, "stage": intake.AbandonStage.QUEUE}))
    counts = await counted(await follow(history))
    assert (counts.answered_in_limit, counts.abandoned) == (1, 0)
    assert (counts.wait_ms, counts.handle_ms) == (9_000, 55_000)


async def test_a_window_has_its_start_and_not_its_end(follow: Follow) -> None:
    history = History()
    call(history, 1, DAY.start)
    call(history, 2, DAY.end - timedelta(microseconds=1))
    call(history, 3, DAY.end)
    call(history, 4, DAY.start - timedelta(microseconds=1))
    assert (await counted(await follow(history))).offered == 2


async def test_an_order_given_back_is_due_where_it_went_and_not_where_it_came_from(follow: Follow) -> None:
    """W1, W6, W7, W8, W10."""
    history = History()
    registered(history)
    transferred(history, "roads", 1, NOON)
    returned(history, "roads", NOON + timedelta(hours=1))
    transferred(history, "water", 2, NOON + timedelta(hours=2))
    order(
        history,
        routing.WorkOrderSigned(**IDS, department="water", signed_by="x", occurred_at=NOON + timedelta(hours=8)),
    )
    resolved(history, "water", NOON + timedelta(hours=8, seconds=1))
    engine = await follow(history)
    whole = await counted(engine)
    assert (whole.dispatched, whole.signed_in_limit, whole.contacted_in_limit, whole.returned) == (2, 1, 0, 1)
    assert (whole.due, whole.due_met, whole.accepted, whole.closed, whole.reported) == (1, 0, 1, 1, 1)
    assert whole.working_days == Fraction(6 * 3600 + 1, 86_400)
    roads, water = await counted(engine, department="roads"), await counted(engine, department="water")
    assert (roads.dispatched, roads.returned, roads.due, roads.accepted, roads.offered) == (1, 1, 0, 0, 0)
    assert (water.dispatched, water.returned, water.due, water.accepted, water.closed) == (1, 0, 1, 1, 1)


async def test_an_order_reopened_before_the_cut_off_is_not_handled_at_it(follow: Follow) -> None:
    """W7: its cut-off is the window's end; what comes after it changes nothing."""
    history = History()
    registered(history)
    transferred(history, "roads", 1, NOON)
    resolved(history, "roads", NOON + timedelta(hours=1))
    reopened = routing.WorkOrderReopened(
        **IDS, department="roads", revisit_id=REVISIT, round=2, **limits(NOON + timedelta(hours=3))
    )
    order(history, reopened)
    engine = await follow(history)
    before = await counted(engine, Window(start=DAY.start, end=NOON + timedelta(hours=2)))
    after = await counted(engine)
    assert (before.accepted, before.closed) == (1, 1)
    assert (after.accepted, after.closed, after.dispatched) == (1, 0, 2)


async def test_a_request_answered_at_first_contact_is_handled_without_a_department(follow: Follow) -> None:
    """W7."""
    history = History()
    registered(history)
    history.add(
        f"request-{REQUEST}",
        intake.RequestAnsweredDirectly(
            request_id=REQUEST, requester_id=PERSON, reply=Sealed(text="好"), answered_by="x", occurred_at=NOON
        ),
    )
    engine = await follow(history)
    counts, roads = await counted(engine), await counted(engine, department="roads")
    assert (counts.accepted, counts.closed, roads.accepted) == (1, 1, 0)


async def test_a_revisit_without_an_answer_is_made_but_says_nothing(follow: Follow) -> None:
    """W3, W4, W13."""
    history = History()
    facts: dict[str, Any] = {"revisit_id": REVISIT, **IDS, "department": "roads", "round": 1, "requester_id": PERSON}
    scheduled = followup.RevisitScheduled(
        **facts, due_at=NOON, deadline_at=NOON + timedelta(hours=1), rule_version="default/1", occurred_at=NOON
    )
    made = followup.Revisited(**facts, solved=None, satisfied=False, revisited_by="x", occurred_at=NOON + timedelta(hours=2))
    history.add(f"revisit-{REVISIT}", scheduled)
    history.add(f"revisit-{REVISIT}", made)
    counts = await counted(await follow(history))
    assert (counts.owed, counts.revisited, counts.revisited_in_limit) == (1, 1, 0)
    assert (counts.asked_solved, counts.solved, counts.asked_satisfied, counts.satisfied) == (0, 0, 1, 0)


async def test_a_day_is_a_day_of_the_packs_time_zone(follow: Follow) -> None:
    history = History()
    midnight = DAY.end
    call(history, 1, midnight - timedelta(seconds=1))
    call(history, 2, midnight)
    engine = await follow(history)
    window = Window(start=DAY.start, end=DAY.end + timedelta(days=1))
    async with engine.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
        days = await count(connection, PACK, window, by=Grouping.DAY)
    assert {day: counts.offered for day, counts in days.items()} == {"2026-03-02": 1, "2026-03-03": 1}


async def test_erasing_a_person_changes_no_figure(follow: Follow) -> None:
    history = History()
    registered(history)
    transferred(history, "roads", 1, NOON)
    engine = await follow(history)
    before = await counted(engine)
    history.add(f"person-{PERSON}", intake.PersonErased(person_id=PERSON, reason="asked", occurred_at=NOON))
    assert await counted(await follow(history)) == before
