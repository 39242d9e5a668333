"""Dispatching as use cases: what each decision must know besides the order itself is read and handed in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.aggregates import Done, Submission
from hotline_events.catalogue.intake import RequesterClass
from hotline_events.catalogue.routing import MergeReason, ReclassificationReason, ReturnReason, RevocationReason
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import AnswerClass
from routing.application import Desk, act, closed_among, execute, open_among, order_as_stored, read_tables
from routing.domain import precedent
from routing.domain.precedent import RevokePrecedent
from routing.domain.tables import MAIN
from routing.domain.work_order import WorkOrder
from routing.domain.work_order.commands import (
    ClassifyOrder,
    DecideArbitration,
    MergeOrder,
    ReturnOrder,
    TransferOrder,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who does it, when, and with which submission."""

    actor: str
    now: datetime
    submission: Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a classifier says of an order."""

    category: str
    confidence: int | None = None
    answer_class: AnswerClass | None = None
    requester_class: RequesterClass | None = None
    reason: ReclassificationReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingBack:
    """Why a department returns an order."""

    department: str
    reason: ReturnReason
    note: Sealed | None = None
    demands_arbitration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What the office decided in arbitration."""

    department: str
    grounds: Sealed
    sets_precedent: bool


async def rules_of(desk: Desk, work_order_id: UUID, now: datetime) -> RulePack:
    """Return the pack that an order began under, wherever it goes later; before its first transfer, the one in force (A152)."""
    return _rules_of(desk, await order_as_stored(desk, work_order_id), now)


def _rules_of(desk: Desk, order: WorkOrder, now: datetime) -> RulePack:
    return desk.book.in_force(now) if order.rule_version is None else desk.book.of(order.rule_version)


async def classify(desk: Desk, work_order_id: UUID, said: Classification, by: By) -> Done:
    command = ClassifyOrder(
        category=said.category,
        confidence=said.confidence,
        answer_class=said.answer_class,
        requester_class=said.requester_class,
        reason=said.reason,
        tables=await read_tables(desk.aggregates),
        rules=desk.book.in_force(by.now),
        by=by.actor,
        now=by.now,
    )
    return await execute(desk, work_order_id, command, by.submission)


async def transfer(desk: Desk, work_order_id: UUID, to: str, support: tuple[str, ...], by: By) -> Done:
    """Send an order to a department, with those who help it; out of the hands of a closed one whatever it did with it."""
    order = await order_as_stored(desk, work_order_id)
    holder = order.holder
    taking = await open_among(desk.aggregates, {to, *support})
    command = TransferOrder(
        department=to,
        support=support,
        takes_orders=to in taking,
        support_takes_orders=taking.issuperset(support),
        closed_holder=holder if holder is not None and await closed_among(desk.aggregates, {holder}) else None,
        rules=_rules_of(desk, order, by.now),
        by=by.actor,
        now=by.now,
    )
    return await execute(desk, work_order_id, command, by.submission)


async def give_back(desk: Desk, work_order_id: UUID, said: GivingBack, by: By) -> Done:
    """Let a department return an order, under the pack that its stint began with (A162)."""
    command = ReturnOrder(
        department=said.department,
        reason=said.reason,
        note=said.note,
        demands_arbitration=said.demands_arbitration,
        tables=await read_tables(desk.aggregates),
        rules=await rules_of(desk, work_order_id, by.now),
        by=by.actor,
        now=by.now,
    )
    return await act(desk, work_order_id, command, by.submission)


async def arbitrate(desk: Desk, work_order_id: UUID, decision: Assignment, by: By) -> Done:
    """Let the office assign an order that departments do not agree on."""
    to = decision.department
    command = DecideArbitration(
        department=to,
        grounds=decision.grounds,
        sets_precedent=decision.sets_precedent,
        takes_orders=to in await open_among(desk.aggregates, {to}),
        rules=await rules_of(desk, work_order_id, by.now),
        by=by.actor,
        now=by.now,
    )
    return await execute(desk, work_order_id, command, by.submission)


async def merge(desk: Desk, work_order_id: UUID, lead_id: UUID, reason: MergeReason, by: By) -> Done:
    """Let an order follow another one, which is looked at as it is stored now; it hears of it, and may still decline."""
    lead = await order_as_stored(desk, lead_id)
    command = MergeOrder(lead=lead, reason=reason, book=desk.book, by=by.actor, now=by.now)
    return await execute(desk, work_order_id, command, by.submission)


async def revoke_precedent(desk: Desk, precedent_id: UUID, reason: RevocationReason, by: By) -> Done:
    command = RevokePrecedent(precedent_id=precedent_id, reason=reason, by=by.actor, now=by.now)
    return await desk.aggregates.execute(precedent.decider, MAIN, command, by.submission)
