"""How a merged order goes its own way again: where it stood, with its own due times, urged and supervised (D5, A90)."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from hotline_events.catalogue.routing import UnmergeReason, WorkOrderEvent, WorkOrderUnmerged
from hotline_rules.book import RuleBook
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.parts.urging import climbed
from routing.domain.work_order.rungs import known_calendar, next_rung
from routing.domain.work_order.standing import HELD, Status
from routing.domain.work_order.state import WorkOrder, evolve
from routing.domain.work_order.supervised import owed_again
from routing.domain.work_order.waiting import WAITING, dispatch_due_at


class Freeing(Protocol):
    """A command that lets an order go its own way."""

    @property
    def reason(self) -> UnmergeReason: ...
    @property
    def book(self) -> RuleBook: ...
    @property
    def by(self) -> str: ...
    @property
    def now(self) -> datetime: ...


def let_go(order: WorkOrder, command: Freeing) -> list[WorkOrderEvent]:
    """Give the order back to whom it was with; where the matter turned out to accuse them, to a dispatcher (A144)."""
    part, stint = order.dispatching, order.stint
    assert part.lead_id is not None and part.stood is not None  # noqa: S101, PT018 - it was merged
    accused = stint is not None and part.stood in HELD and order.accuses(stint.department)
    standing = Status.RETURNED if accused else part.stood
    unmerged = WorkOrderUnmerged(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        lead_id=part.lead_id,
        standing=standing.value,
        department=None if accused else order.department,
        dispatch_due_at=_dispatched_by(order, standing, command),
        reason=command.reason,
        unmerged_by=command.by,
        occurred_at=command.now,
    )
    due, ladder = part.due, order.urging.ladder
    if stint is None or due is None or ladder is None or part.stood not in HELD or accused:
        return [unmerged]
    unmerged = replace(
        unmerged,
        hop=stint.hop,
        round=stint.round,
        sign_due_at=due.sign,
        return_due_at=due.give_back,
        contact_due_at=due.contact,
        resolve_due_at=ladder.due_at,
        next_rung=ladder.next_rung,
        next_rung_at=ladder.next_rung_at,
        rule_version=due.rule_version,
    )
    unmerged = _urged_anew(unmerged, ladder, command.book)
    supervised = owed_again(evolve(order, unmerged), command.book.of(ladder.rule_version), command.now)
    return [unmerged, *supervised]


def _dispatched_by(order: WorkOrder, standing: Status, command: Freeing) -> datetime | None:
    if standing not in WAITING:
        return None
    rules = command.book.of(order.rule_version) if order.rule_version else command.book.in_force(command.now)
    return dispatch_due_at(rules, command.now, emergency=order.beside.emergency)


def _urged_anew(unmerged: WorkOrderUnmerged, ladder: Ladder, book: RuleBook) -> WorkOrderUnmerged:
    """Urge again what was urged until it was supervised: the supervision lapsed with the merge (A90)."""
    rules = book.of(ladder.rule_version)
    if ladder.urges_since < rules.orders.urging.supervise_at_urge:
        return unmerged
    with known_calendar():
        coming = next_rung(rules, climbed(ladder, unmerged))
    return replace(unmerged, urged_anew=True, **coming)
