"""Which pack decides: what a place says of its channels, callers and districts, and which pack an order keeps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_events.catalogue.followup import ReworkOrdered
from hotline_events.catalogue.intake import Channel, RequesterClass
from hotline_events.catalogue.routing import (
    CategoryTablePublished,
    District,
    Route,
    SupervisionGround,
    WorkOrderReopened,
    WorkOrderSupervisionOpened,
    WorkOrderTransferred,
)
from hotline_events.testing import NOON
from hotline_rules.deadlines import LimitKind
from hotline_rules.pack import load_pack, parse_pack
from hotline_rules.sections.orders import FallbackOwner
from hotline_rules.sections.service import Channel as PackChannel
from routing.domain.tables import CategoryTable, ScopeTable, Tables
from routing.domain.work_order import commands as do
from routing.domain.work_order import decider

DAY = timedelta(days=1)
TOWN = """extends: default
number: town/1
title: A town
effective_from: 2026-03-01
sources: [its own]
limits:
  any:
    resolve: {working_days: 2}
"""


@pytest.mark.parametrize(("channel", "days"), [(Channel.PHONE, 5), (Channel.WEB, 3), (Channel.EMAIL, 3)])
def test_what_came_over_the_web_is_due_sooner_where_the_pack_says_so(life: Any, channel: Channel, days: int) -> None:
    """F.6, Bengbu: orders of the telephone 5 working days, of the web and the governor's mailbox 3."""
    rules = load_pack("bengbu")
    order = life(rules=rules)
    opened, *_ = order.history
    again = decider.decide(decider.fold([replace(opened, channel=channel)]), classify(order))
    transferred = next(event for event in again if isinstance(event, WorkOrderTransferred))
    assert transferred.resolve_due_at == rules.calendar.add_working_days(NOON, days)
    assert transferred.sign_due_at == rules.due_at(LimitKind.SIGN, NOON)


def classify(order: Any) -> do.ClassifyOrder:
    tables = Tables(
        categories=frozenset({"lighting"}),
        departments_of={("lighting", None): (order.department,)},
        open_departments=frozenset({order.department}),
    )
    return do.ClassifyOrder(category="lighting", tables=tables, rules=order.rules, by="desk", now=NOON)


def test_the_pack_knows_every_channel_that_intake_has() -> None:
    assert [channel.value for channel in PackChannel] == [channel.value for channel in Channel]


def reworked(life: Any, pack: str, round_: int) -> list[Any]:
    """Let a caller be dissatisfied so often that this round begins; return what happened by it."""
    order = life(rules=load_pack(pack))
    order.ask(do.SignOrder)
    events: list[Any] = []
    for turn in range(2, round_ + 1):
        order.now += DAY
        order.ask(do.ContactCaller)
        order.ask(do.ResolveOrder, reply=None)
        order.now += DAY
        events = order.decide(do.ReworkOrder(revisit_id=UUID(int=turn), round=turn, rules=order.rules, now=order.now))
        order.ask(do.SignOrder)
    return events


@pytest.mark.parametrize(
    ("pack", "round_", "supervised"),
    [("shandong_2020", 2, True), ("default", 2, False), ("default", 3, True)],
)
def test_a_dissatisfied_caller_has_the_order_supervised_where_the_pack_says_so(
    life: Any, pack: str, round_: int, *, supervised: bool
) -> None:
    """A91: F.6, Shandong 2017: when the caller is dissatisfied, or dissatisfied after rework."""
    opened = [event for event in reworked(life, pack, round_) if isinstance(event, WorkOrderSupervisionOpened)]
    assert [event.ground for event in opened] == [SupervisionGround.DISSATISFIED] * supervised
    assert [event.round for event in opened] == [round_] * supervised


def test_what_nobody_owns_goes_to_its_district_where_the_pack_says_so() -> None:
    """A77: F.5, Beijing: unclear ownership goes to the district's government; elsewhere to the office's fallback."""
    table = ScopeTable(version=1, fallback="office", districts=(District(area="haidian", department="haidian"),))
    tables = Tables.of(CategoryTable(), table, table.departments)
    person = RequesterClass.NATURAL_PERSON
    for fallback, area, department in (
        (FallbackOwner.DISTRICT, "haidian", "haidian"),
        (FallbackOwner.DISTRICT, "chaoyang", "office"),
        (FallbackOwner.DISTRICT, None, "office"),
        (FallbackOwner.OFFICE, "haidian", "office"),
    ):
        chosen = tables.choose("noise", area, person, fallback)
        assert chosen is not None
        assert (chosen.department, chosen.route) == (department, Route.FALLBACK)
    closed = Tables.of(CategoryTable(), table, frozenset({"office"}))
    assert closed.choose("noise", "haidian", person, FallbackOwner.DISTRICT).department == "office"  # type: ignore[union-attr]


async def test_districts_are_published_and_shown(desk: Any) -> None:
    """A77: to the office all of them, to a department its own."""
    await desk.publish_tables("roads", "parks")
    rows = [{"area": "a", "department": "roads"}, {"area": "b", "department": "parks"}]
    answer = await desk.ask("PUT", "/scope-table/2", {"scopes": [], "districts": rows}, by="administrator")
    assert answer.status_code == 201, answer.text
    assert (await desk.ask("GET", "/scope-table")).json()["districts"] == rows
    assert (await desk.ask("GET", "/scope-table", by="handler@parks")).json()["districts"] == rows[1:]
    for wrong in ([{"area": "a", "department": "nobody"}], [*rows, {"area": "a", "department": "parks"}]):
        answer = await desk.ask("PUT", "/scope-table/3", {"scopes": [], "districts": wrong}, by="administrator")
        assert answer.status_code == 422


async def test_an_order_keeps_the_pack_that_it_began_under_wherever_it_goes(desk: Any) -> None:
    """A152: given back, sent on and reworked, it keeps its pack; what begins meanwhile has the new one."""
    await desk.publish_tables("roads", "parks")
    old = await desk.register()
    desk.runtime.book.publish(parse_pack("town.yaml", TOWN.encode()))
    new = await desk.register()
    back = await desk.ask("POST", f"/work-orders/{old}/return", {"reason": "not_enough_facts"}, by="handler@roads")
    assert back.status_code == 200, back.text
    sent = await desk.ask("POST", f"/work-orders/{old}/transfer", {"department": "parks"})
    assert sent.status_code == 200, sent.text
    for act, body in (("sign", {}), ("contact", {}), ("resolve", {"reply": "修好了"})):
        answer = await desk.ask("POST", f"/work-orders/{old}/{act}", body, by="handler@parks")
        assert answer.status_code == 200, answer.text
    fields = {"work_order_id": old, "request_id": uuid4(), "department": "parks", "rule_version": "default/1"}
    await desk.hear(ReworkOrdered(revisit_id=uuid4(), round=2, occurred_at=NOON + DAY, **fields), "revisit-1")
    history = [one.event for one in await desk.history() if not isinstance(one.event, CategoryTablePublished)]
    begun = [event for event in history if isinstance(event, WorkOrderTransferred | WorkOrderReopened)]
    assert [event.rule_version for event in begun if event.work_order_id == old] == ["default/1"] * 3
    assert [event.rule_version for event in begun if event.work_order_id == new] == ["town/1"]
