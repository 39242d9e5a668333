"""What decisions about a work order read, and how events change it.

What only one concern reads is a field of its own, a part that its own module evolves.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import Channel, RequestType
from hotline_events.catalogue.routing import (
    LimitKind,
    WorkOrderAccusedNamed,
    WorkOrderCallerContacted,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderDispatchingEvent,
    WorkOrderEvent,
    WorkOrderExtensionGranted,
    WorkOrderLifeEvent,
    WorkOrderLimitPassed,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace
from routing.domain.work_order import parts
from routing.domain.work_order.parts import Beside, Dispatching, Extending, Handling, Supervising, Urging
from routing.domain.work_order.standing import HELD, Status, Stint

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """An order as its decisions see it."""

    work_order_id: UUID = _NOBODY
    request_id: UUID = _NOBODY
    requester_id: UUID = _NOBODY
    request_type: RequestType = RequestType.INQUIRY
    channel: Channel = Channel.PHONE
    status: Status = Status.NEW
    category: str | None = None
    area: str | None = None
    accused_department: str | None = None
    accepted_at: datetime | None = None
    stints: tuple[Stint, ...] = ()
    dispatching: Dispatching = field(default_factory=Dispatching)
    urging: Urging = field(default_factory=Urging)
    supervising: Supervising = field(default_factory=Supervising)
    extending: Extending = field(default_factory=Extending)
    handling: Handling = field(default_factory=Handling)
    beside: Beside = field(default_factory=Beside)

    @property
    def stint(self) -> Stint | None:
        """Return the last stint: of the department that holds the order, or gave it back, or resolved it."""
        return self.stints[-1] if self.stints else None

    @property
    def department(self) -> str | None:
        return self.stints[-1].department if self.stints else None

    @property
    def holder(self) -> str | None:
        """Return the department that has the order in its hands just now."""
        return self.department if self.status in HELD else None

    @property
    def rule_version(self) -> str | None:
        """Return the number of the pack that the present stint began under; None before the first one."""
        return self.urging.ladder.rule_version if self.urging.ladder else None

    def is_known_to(self, department: str | None) -> bool:
        """Say whether a department may know of this order, the accused never; None asks for someone who is bound to none."""
        if department is None or self.status is Status.NEW:
            return self.status is not Status.NEW
        known = department == self.department or department in self.dispatching.supports
        return known and department != self.accused_department

    def accuses(self, department: str) -> bool:
        """Say whether the matter, or one that follows it, accuses this department."""
        return self.accused_department == department or department in self.dispatching.followers.values()

    def stint_of(self, hop: int | None, round_: int) -> Stint | None:
        """Return the stint of a hop in a round; a rework's own, the first of its round, when no hop is given."""
        return next((one for one in self.stints if one.round == round_ and hop in (None, one.hop)), None)


def evolve(order: WorkOrder, event: WorkOrderEvent) -> WorkOrder:
    """Change what every concern reads, and each concern's own part."""
    part = parts.evolve_dispatching(order.dispatching, event, order.status)
    if isinstance(event, WorkOrderLifeEvent):
        order = _evolve_life(order, event)
    elif isinstance(event, WorkOrderExtensionGranted):
        order = _touch(order, passed=order.stints[-1].passed - {LimitKind.RESOLVE})
    elif isinstance(event, WorkOrderDispatchingEvent):
        order = _evolve_dispatching(order, event)
    return replace(
        order,
        dispatching=part,
        urging=parts.evolve_urging(order.urging, event),
        supervising=parts.evolve_supervising(order.supervising, event),
        extending=parts.evolve_extending(order.extending, event),
        handling=parts.evolve_handling(order.handling, event),
        beside=parts.evolve_beside(order.beside, event),
    )


def _evolve_life(order: WorkOrder, event: WorkOrderLifeEvent) -> WorkOrder:  # noqa: C901, PLR0912 - one case an event
    match event:
        case WorkOrderOpened():
            return replace(
                order,
                work_order_id=event.work_order_id,
                request_id=event.request_id,
                requester_id=event.requester_id,
                request_type=event.request_type,
                channel=event.channel,
                area=event.area,
                accused_department=event.accused_department,
                accepted_at=event.registered_at,
                status=Status.OPENED,
            )
        case WorkOrderClassified():
            status = Status.CLASSIFIED if order.status is Status.OPENED else order.status
            return replace(order, category=event.category, status=status)
        case WorkOrderTransferred():
            return _begin_stint(order, event, event.hop)
        case WorkOrderReopened():
            return _begin_stint(order, event, order.stints[-1].hop)
        case WorkOrderSigned():
            return replace(_touch(order, signed_at=event.occurred_at), status=Status.SIGNED)
        case WorkOrderCallerContacted():
            return _touch(order, contacted_at=event.occurred_at)
        case WorkOrderReturned():
            return replace(_touch(order, ended_at=event.occurred_at), status=Status.RETURNED)
        case WorkOrderResolved(merged_into=lead) if lead is not None:
            return _follow(order, event)
        case WorkOrderResolved():
            return replace(_touch(order, resolved_at=event.occurred_at), status=Status.RESOLVED)
        case WorkOrderClosed():
            return replace(order, status=Status.CLOSED)
        case WorkOrderWithdrawn():
            ended = _touch(order, ended_at=event.occurred_at) if order.stints else order
            return replace(ended, status=Status.WITHDRAWN)
        case WorkOrderLimitPassed():
            return replace(order, stints=tuple(_marked(stint, event) for stint in order.stints))
        case _:
            assert_never(event)


def _evolve_dispatching(order: WorkOrder, event: WorkOrderDispatchingEvent) -> WorkOrder:
    match event:
        case WorkOrderAccusedNamed():
            return replace(order, accused_department=event.accused_department)
        case WorkOrderTypeChanged():
            return replace(order, request_type=event.to_type)
        case WorkOrderMerged():
            ended = _touch(order, ended_at=event.occurred_at) if order.status in HELD else order
            return replace(ended, status=Status.MERGED)
        case WorkOrderUnmerged():
            status = Status(event.standing)
            return replace(_touch(order, ended_at=None) if status in HELD else order, status=status)
        case _:
            return order


def _follow(order: WorkOrder, event: WorkOrderResolved) -> WorkOrder:
    """End as the lead did, in the hands of the lead's department: rework goes there."""
    hop = order.stints[-1].hop if order.stints else 0
    stint = Stint(
        department=event.department,
        hop=hop,
        round=event.round,
        started_at=event.occurred_at,
        signed_at=event.occurred_at,
        resolved_at=event.occurred_at,
    )
    return replace(order, stints=(*order.stints, stint), status=Status.RESOLVED)


def _begin_stint(order: WorkOrder, event: WorkOrderTransferred | WorkOrderReopened, hop: int) -> WorkOrder:
    if order.stint is not None and order.stint.ended_at is None:
        order = _touch(order, ended_at=event.occurred_at)
    stint = Stint(department=event.department, hop=hop, round=event.round, started_at=event.occurred_at)
    return replace(order, stints=(*order.stints, stint), status=Status.TRANSFERRED)


def _touch(order: WorkOrder, **moments: Any) -> WorkOrder:  # noqa: ANN401 - fields of a stint
    return replace(order, stints=(*order.stints[:-1], replace(order.stints[-1], **moments)))


def _marked(stint: Stint, event: WorkOrderLimitPassed) -> Stint:
    if (stint.hop, stint.round) != (event.hop, event.round):
        return stint
    return replace(stint, passed=stint.passed | {event.limit})
