"""When a supervision opens by itself: at the nth urge, for a dissatisfied caller, and where one is still owed (A90, A91)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import SupervisionGround, WorkOrderEvent, WorkOrderSupervisionOpened
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import SupervisionCause
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.rungs import known_calendar
from routing.domain.work_order.state import WorkOrder

_FIRST_REWORK = 2


def opened_by_urge(order: WorkOrder, ladder: Ladder, rules: RulePack, now: datetime) -> list[WorkOrderEvent]:
    """Open supervision at the nth urge, unless the order is supervised already (A90)."""
    if ladder.urges_since != rules.orders.urging.supervise_at_urge or order.supervising.current is not None:
        return []
    supervision_id = uuid5(order.work_order_id, f"supervision:{ladder.hop}:{ladder.round}:{ladder.urges}")
    return [opened_now(order, ladder, rules, now, supervision_id=supervision_id, by="service:routing")]


def opened_by_rework(order: WorkOrder, rules: RulePack, now: datetime) -> list[WorkOrderEvent]:
    """Open supervision because the caller was dissatisfied, where the pack says so; `order` has just been reopened (A91).

    Else what people supervised in the round before is owed again.
    """
    ladder = order.urging.ladder
    again = ladder is not None and ladder.round > _FIRST_REWORK
    cause = SupervisionCause.DISSATISFIED_AFTER_REWORK if again else SupervisionCause.DISSATISFIED
    if ladder is None or cause not in rules.orders.urging.supervise_when or order.supervising.current is not None:
        return owed_again(order, rules, now)
    supervision_id = uuid5(order.work_order_id, f"supervision:{ladder.hop}:{ladder.round}:dissatisfied")
    opened = opened_now(order, ladder, rules, now, supervision_id=supervision_id, by="service:routing")
    owed = order.supervising.owed
    return [replace(opened, ground=SupervisionGround.DISSATISFIED, continues=owed.supervision_id if owed else None)]


def owed_again(order: WorkOrder, rules: RulePack, now: datetime) -> list[WorkOrderEvent]:
    """Open anew what people supervised and nobody closed, for whoever has just got the order (A91).

    The deadline stays while it lies ahead.
    """
    owed, ladder = order.supervising.owed, order.urging.ladder
    if owed is None or ladder is None:
        return []
    supervision_id = uuid5(order.work_order_id, f"supervision:{ladder.hop}:{ladder.round}:{owed.supervision_id}")
    with known_calendar():
        opened = opened_now(order, ladder, rules, now, supervision_id=supervision_id, by="service:routing")
    due_at = owed.due_at if owed.due_at > now else opened.due_at
    return [replace(opened, ground=owed.ground, continues=owed.supervision_id, due_at=due_at)]


def opened_now(
    order: WorkOrder, ladder: Ladder, rules: RulePack, now: datetime, *, supervision_id: UUID, by: str
) -> WorkOrderSupervisionOpened:
    stint = order.stint_of(ladder.hop, ladder.round)
    return WorkOrderSupervisionOpened(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        supervision_id=supervision_id,
        department=stint.department if stint else "",
        hop=ladder.hop,
        round=ladder.round,
        ground=SupervisionGround.URGED,
        due_at=rules.after(rules.orders.urging.supervision, now),
        opened_by=by,
        rule_version=ladder.rule_version,
        occurred_at=now,
    )
