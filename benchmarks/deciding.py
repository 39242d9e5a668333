"""Row 11: a decision on a long order, beside the same decision on a short one, in processor time."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from bench import Bench
from table import Row

from hotline_events.catalogue.intake import Channel, RequestRegistered, RequestType
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.domain.tables import Tables
from routing.domain.work_order import WorkOrder, decider
from routing.domain.work_order import commands as do

ROWS = (11,)

_LONG, _SHORT = 200, 4
_SLOWER = 2.0
_TIMES = 2_000
MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
_RULES = load_pack("default")
_BOOK = RuleBook(_RULES)
_TABLES = Tables(
    category_version=1,
    categories=frozenset({"lighting"}),
    scope_version=1,
    departments_of={("lighting", None): ("roads",)},
    open_departments=frozenset({"roads"}),
)


async def measure(bench: Bench) -> list[Row]:
    """Decide, fold and start the timers of one more urge, on an order with few events and on one with many, in turn."""
    (of_few, few), (of_many, many) = _of_length(_SHORT), _of_length(_LONG)
    rounds: dict[str, list[float]] = {"long": [], "short": []}
    _seconds_of_deciding(of_few)
    for _ in range(bench.rounds):
        rounds["short"].append(_seconds_of_deciding(of_few) * 1e6)
        rounds["long"].append(_seconds_of_deciding(of_many) * 1e6)
    short, long = median(rounds["short"]), median(rounds["long"])
    row = Row(
        number=11,
        what=f"a decision on an order of {many} events: decide, fold, timers",
        ours=f"{long:.0f} µs",
        against=f"the same on an order of {few} events",
        peer=f"{short:.0f} µs",
        ratio=f"{long / short:.2f}",
        aim=f"≤ {_SLOWER:g}",
        met=long <= short * _SLOWER,
        rounds=rounds,
        notes=[f"the long order is in round {len(of_many.stints)}, urged and supervised in each before"],
    )
    return [row]


def dispatched(at: datetime) -> list[Any]:
    """Return the events of an order that the scope table has just given to its department."""
    request_id = uuid4()
    registered = RequestRegistered(
        request_id=request_id,
        requester_id=uuid4(),
        channel=Channel.PHONE,
        request_type=RequestType.HELP,
        title=Sealed("路灯"),
        matter=Sealed("不亮"),
        category="lighting",
        first_contact="agent-7",
        occurred_at=at,
    )
    command = do.OpenWorkOrder(work_order_id=uuid4(), request=registered, tables=_TABLES, rules=_RULES, by="desk", now=at)
    return decider.decide(decider.initial, command)


def _seconds_of_deciding(order: WorkOrder) -> float:
    urge = do.UrgeOrder(reason=None, book=_BOOK, by="agent-7", now=MONDAY + timedelta(days=150))
    started = time.process_time()
    for _ in range(_TIMES):
        events = decider.decide(order, urge)
        decider.fold(events, order)
        for event in events:
            decider.timers(event)
    return (time.process_time() - started) / _TIMES


def _of_length(length: int) -> tuple[WorkOrder, int]:
    """Let an order be urged, supervised, resolved and opened again until it has so many events; it has just been signed for."""
    events = dispatched(MONDAY)
    order, told, number = decider.fold(events), len(events), 1
    while True:
        for command in _round(number):
            events = decider.decide(order, command)
            order, told = decider.fold(events, order), told + len(events)
            if told >= length and isinstance(command, do.SignOrder):
                return order, told
        number += 1


def _round(number: int) -> Iterator[do.WorkOrderCommand]:
    """Give the commands of one round; the last ones resolve the order and open it again."""
    who: dict[str, Any] = {"by": "handler", "now": MONDAY + timedelta(days=number)}
    yield do.SignOrder(department="roads", **who)
    yield do.ContactCaller(department="roads", **who)
    for _ in range(4):
        yield do.UrgeOrder(reason=None, book=_BOOK, **who)
    evidence = (UUID(int=number),)
    yield do.ReportInvestigation(department="roads", finding=Sealed("属实"), evidence=evidence, book=_BOOK, **who)
    yield do.RecordContact(contacted_department=None, contact=Sealed("王"), said=None, book=_BOOK, **who)
    yield do.ResolveOrder(department="roads", reply=Sealed("修好了"), book=_BOOK, **who)
    yield do.ReworkOrder(revisit_id=uuid4(), round=number + 1, rules=_RULES, now=who["now"])
