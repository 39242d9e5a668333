"""The read model of dispatching: the same rows for any cuts and any number of deliveries."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.routing import (
    MergeReason,
    PrecedentRevoked,
    PrecedentSet,
    ReclassificationReason,
    ReturnReason,
    RevocationReason,
    UnmergeReason,
)
from hotline_events.envelope import Envelope
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_events.testing_views import rows_after
from routing.adapters.views import DISPATCHING
from routing.domain.tables import Tables
from routing.domain.work_order import commands as do

TABLES = Tables(category_version=1, categories=frozenset({"lighting", "noise"}))


def disputed(life: Any) -> Any:
    """An order that helpers report on, two departments give back, the office assigns, and another order follows for a while."""
    order = life()
    why = ReclassificationReason.NEW_FACTS
    order.ask(do.ClassifyOrder, category="noise", reason=why, confidence=80, tables=TABLES, by="desk")
    order.ask(do.AssignHandler, handler="demo-wang")
    order.ask(do.ReturnOrder, reason=ReturnReason.WRONG_AREA, note=Sealed("属东区"))
    order.department = "parks"
    order.ask(do.TransferOrder, support=("police",), takes_orders=True, by="desk")
    order.ask(do.ReportPart, department="police", report=Sealed("已巡查"))
    order.ask(do.TakeFollower, follower_id=UUID(int=2), accused_department=None)
    order.ask(do.ReturnOrder, reason=ReturnReason.NOT_OURS)
    order.department = "roads"
    order.ask(do.DecideArbitration, grounds=Sealed("三定"), sets_precedent=True, takes_orders=True, by="oversight")
    return order


def followed(life: Any, lead: Any) -> Any:
    """An order that follows another one, goes its own way, and is merged again."""
    order = life()
    order.order_id = UUID(int=2)
    order.history, order.timers = [], {}
    order.dispatch().ask(do.ClassifyOrder, category="noise", reason=ReclassificationReason.NEW_FACTS, tables=TABLES, by="desk")
    order.ask(do.MergeOrder, lead=lead.order, reason=MergeReason.SAME_EVENT, by="desk")
    order.ask(do.UnmergeOrder, reason=UnmergeReason.ANOTHER_PLACE, by="desk")
    order.ask(do.MergeOrder, lead=lead.order, reason=MergeReason.SAME_MATTER, by="desk")
    return order


@pytest.fixture
def log(life: Any) -> list[Envelope]:
    history, lead = History(), disputed(life)
    for order in (lead, followed(life, lead)):
        for event in order.history:
            history.add(f"work_order-{order.order_id}", event)
    case = {"precedent_id": UUID(int=9), "precedent_version": 1, "category": "noise", "department": "roads"}
    history.add("precedent-main", PrecedentSet(**case, work_order_id=UUID(int=1), decided_by="oversight", occurred_at=NOON))
    wrong = RevocationReason.WRONG
    history.add("precedent-main", PrecedentRevoked(**case, reason=wrong, revoked_by="oversight", occurred_at=NOON))
    return history.sources["routing"]


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("routing")).app_url)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 9), max_size=15), deliveries=st.sampled_from((1, 3)))
async def test_any_cuts_and_any_number_of_deliveries_give_the_same_rows(
    engine: AsyncEngine, log: list[Envelope], steps: list[int], deliveries: int
) -> None:
    whole = await rows_after(engine, DISPATCHING, log, [])
    assert all(whole.values())
    assert await rows_after(engine, DISPATCHING, log, steps, deliveries) == whole
