"""The read model of clocks: the same rows for any cuts and any number of deliveries, and what the rules themselves say."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.routing import ReturnReason, ReviewResult, SupervisionGround, WorkOrderTransferred
from hotline_events.cursor import Cursor
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.sealing import Sealed
from hotline_events.store import Store
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_events.testing_views import rows_after
from routing.adapters.views import CLOCKS, clock_queries
from routing.domain.work_order import commands as do

DAY = timedelta(days=1)


def neglected(life: Any) -> Any:
    """An order that climbs the whole ladder, is supervised, answered, sent back, closed, and returned in the end.

    Its pack gives it a month for returning.
    """
    order = life()
    month = order.now + 30 * DAY
    order.history = [
        dataclasses.replace(event, return_due_at=month) if isinstance(event, WorkOrderTransferred) else event
        for event in order.history
    ]
    order.timers = {key: timer for key, timer in order.timers.items() if timer.kind != "return"}
    order.ask(do.SignOrder)
    order.wait_until(NOON + 14 * DAY)
    case = order.order.supervising.last.supervision_id
    order.ask(do.AnswerSupervision, supervision_id=case, answer=Sealed("在修"))
    order.ask(do.SendBackSupervision, supervision_id=case, reason=Sealed("何时"), by="oversight")
    order.ask(do.AnswerSupervision, supervision_id=case, answer=Sealed("周五"))
    order.ask(do.CloseSupervision, supervision_id=case, by="oversight")
    order.wait_until(NOON + 20 * DAY)
    order.ask(do.ReturnOrder, reason=ReturnReason.NOT_OURS)
    order.transfer("parks")
    order.wait_until(NOON + 21 * DAY)
    return order


def extended(life: Any) -> Any:
    """A complaint whose limit is extended once, asked again and refused, and whose closing waits for a contact."""
    order = life("complaint")
    order.order_id = UUID(int=2)
    order.history, order.timers = [], {}
    order.dispatch().ask(do.SignOrder)
    order.ask(do.RequestExtension, extension_id=UUID(int=81), reason=Sealed("等配件"), until=NOON + 12 * DAY)
    order.ask(do.DenyExtension, extension_id=UUID(int=81), reason=Sealed("来得及"), by="dispatcher")
    order.ask(do.RequestExtension, extension_id=UUID(int=82), reason=Sealed("等配件"), until=NOON + 12 * DAY)
    order.ask(do.ExplainDeferral, extension_id=UUID(int=82), understood=True)
    order.ask(do.GrantExtension, extension_id=UUID(int=82), until=None, by="dispatcher")
    ground = SupervisionGround.HOT_ISSUE
    order.ask(do.OpenSupervision, supervision_id=UUID(int=83), ground=ground, instruction=Sealed("快办"), due_at=None)
    order.ask(do.ReportInvestigation, finding=Sealed("属实"), evidence=(UUID(int=84),))
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    order.ask(do.ReviewReply, result=ReviewResult.SENT_BACK, reason=Sealed("答非所问"), by="leader")
    order.ask(do.CorrectReply, reply=Sealed("已换灯"))
    order.ask(do.CloseOrder, revisit_id=UUID(int=85), round=1, reached=True)
    return order


@pytest.fixture
def log(life: Any) -> list[Envelope]:
    history = History()
    orders = (neglected(life), extended(life))
    events = [(event.occurred_at, number, order, event) for order in orders for number, event in enumerate(order.history)]
    for _, _, order, event in sorted(events, key=lambda one: one[:2]):
        history.add(f"work_order-{order.order_id}", event)
    return history.sources["routing"]


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("routing")).app_url)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 9), max_size=15), deliveries=st.sampled_from((1, 3)))
async def test_any_cuts_and_any_number_of_deliveries_give_the_same_rows(
    engine: AsyncEngine, log: list[Envelope], steps: list[int], deliveries: int
) -> None:
    whole = await rows_after(engine, CLOCKS, log, [])
    assert all(whole.values())
    assert await rows_after(engine, CLOCKS, log, steps, deliveries) == whole


async def test_the_lists_say_where_urging_supervision_and_extensions_stand(engine: AsyncEngine, log: list[Envelope]) -> None:
    """A89, A90, A91: what those who watch over orders work from."""
    projector = Projector(engine, CLOCKS)
    await projector.prepare()
    await Cursor("routing", projector).take(log)
    store = Store(engine)
    most: dict[str, Any] = {"after": None, "limit": 10}
    (ladder,) = await clock_queries.ladders(store, bound_to=None, department=None, card=None, **most)
    assert (ladder["department"], ladder["hop"], ladder["urges"], ladder["card"]) == ("parks", 2, 0, None)
    assert ladder["next_rung"] == "reminder"
    assert not await clock_queries.ladders(store, bound_to="roads", department=None, card=None, **most)
    cases = await clock_queries.supervisions(store, bound_to="roads", status=None, **most)
    assert [(case["ground"], case["status"]) for case in cases] == [
        ("hot_issue", "answered"),
        ("urged", "closed"),
        ("urged", "lapsed"),
    ]
    asked = await clock_queries.extensions(store, bound_to=None, status=None, **most)
    assert [(one["status"], one["granted_until"]) for one in asked] == [("denied", None), ("granted", NOON + 12 * DAY)]
    assert await clock_queries.missing(store, UUID(int=2)) == ["tracking"]
    assert [one["missing"] for one in await clock_queries.withheld(store, bound_to="roads", **most)] == [["tracking"]]
    assert not await clock_queries.withheld(store, bound_to="parks", **most)
    entries = await clock_queries.record(store, UUID(int=2), bound_to=None, after=0, limit=10)
    assert [(entry["act"], entry["evidence"]) for entry in entries] == [
        ("investigation_reported", [UUID(int=84)]),
        ("reply_reviewed", []),
        ("reply_corrected", []),
    ]


async def test_a_withheld_closing_is_listed_with_what_is_missing_now(engine: AsyncEngine, life: Any) -> None:
    """A93, A97: what the caller was told while the reply goes back is still missing."""
    order = life("complaint")
    order.ask(do.SignOrder)
    order.ask(do.ReportInvestigation, finding=Sealed("属实"), evidence=(UUID(int=84),))
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    order.ask(do.CloseOrder, revisit_id=UUID(int=85), round=1, reached=True)
    order.ask(do.ReviewReply, result=ReviewResult.SENT_BACK, reason=Sealed("答非所问"), by="leader")
    order.ask(do.InformCaller, said=None, by="agent-7")
    history = History()
    for event in order.history:
        history.add(f"work_order-{order.order_id}", event)
    projector = Projector(engine, CLOCKS)
    await projector.prepare()
    await Cursor("routing", projector).take(history.sources["routing"])
    (listed,) = await clock_queries.withheld(Store(engine), bound_to=None, after=None, limit=10)
    assert listed["missing"] == ["tracking", "reply_corrected", "feedback"]
