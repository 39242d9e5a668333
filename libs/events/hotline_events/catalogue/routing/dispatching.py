"""How an order finds its department: routes, co-handling units, arbitration, like matters merged (A72-A78, W10-W12)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import RequestType
from hotline_events.catalogue.routing.urging import Rung
from hotline_events.registry import event
from hotline_events.sealing import Sealed


class Route(StrEnum):
    """Why it was this department: who or what chose it (A74, A77, A78)."""

    SCOPE = "scope"
    PRECEDENT = "precedent"
    PROTOCOL = "protocol"
    FALLBACK = "fallback"
    DISPATCHER = "dispatcher"
    ARBITRATION = "arbitration"


class ReclassificationReason(StrEnum):
    """Why an order's category, class or requester's standing is another one now (A73)."""

    MISCLASSIFIED = "misclassified"
    NEW_FACTS = "new_facts"
    RETURNED = "returned"
    TABLE_CHANGED = "table_changed"
    OTHER_URGENCY = "other_urgency"


class MergeReason(StrEnum):
    """Why two matters are handled as one."""

    SAME_MATTER = "same_matter"
    SAME_EVENT = "same_event"
    SAME_CALLER_AGAIN = "same_caller_again"


class UnmergeReason(StrEnum):
    """Why a matter is handled on its own again. From `lead_ended` on they are nobody's decision: the lead brings no
    reply for it, or turned out to be another matter.
    """

    ANOTHER_MATTER = "another_matter"
    ANOTHER_PLACE = "another_place"
    MERGED_IN_ERROR = "merged_in_error"
    LEAD_ENDED = "lead_ended"
    LEAD_ERASED = "lead_erased"
    LEAD_ACCUSED = "lead_accused"
    LEAD_RECLASSIFIED = "lead_reclassified"


class ArbitrationCause(StrEnum):
    """What brought an order to arbitration: its nth return, the department that the scope table names, or the dispatcher."""

    RETURNS = "returns"
    DEPARTMENT = "department"
    DISPATCHER = "dispatcher"


@event("routing.work_order.type_changed")
class WorkOrderTypeChanged:
    """The request was given another kind; the order's later clocks follow it (A30). `still_missing` is what the other kind
    demands where a closing is withheld.
    """

    work_order_id: UUID
    request_id: UUID
    from_type: RequestType
    to_type: RequestType
    still_missing: tuple[str, ...] = ()
    occurred_at: datetime


@event("routing.work_order.accused_named")
class WorkOrderAccusedNamed:
    """It turned out whom the matter accuses: the order goes there no more, and from there it is taken (A29, A144).

    `lead_id` is the order that it follows, which goes there no more either.
    """

    work_order_id: UUID
    request_id: UUID
    accused_department: str
    lead_id: UUID | None = None
    occurred_at: datetime


@event("routing.work_order.handler_assigned")
class WorkOrderHandlerAssigned:
    """One person of the department answers for the order, not only a department (A76)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    handler: str
    assigned_by: str
    occurred_at: datetime


@event("routing.work_order.support_asked")
class WorkOrderSupportAsked:
    """A co-handling unit is asked for its part; the lead keeps the clocks (A73, A75)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    lead_department: str
    hop: int
    round: int
    occurred_at: datetime


@event("routing.work_order.part_reported", sealed_by="requester_id")
class WorkOrderPartReported:
    """A co-handling unit reported its part."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    report: Sealed
    reported_by: str
    occurred_at: datetime


@event("routing.work_order.dispatch_late")
class WorkOrderDispatchLate:
    """The order waited longer for a dispatcher than it may; `occurred_at` is when the time was over (A74)."""

    work_order_id: UUID
    request_id: UUID
    occurred_at: datetime


@event("routing.work_order.arbitration_opened")
class WorkOrderArbitrationOpened:
    """Departments do not agree whose the matter is: the office decides, nobody transfers until then (W10).

    `arbitration` counts the order's arbitrations from 1; `department` is the last one that gave it back. One that the scope
    table names cannot give back what is its own, but it may ask the office to decide (A72).
    """

    work_order_id: UUID
    request_id: UUID
    department: str
    arbitration: int
    returns: int
    cause: ArbitrationCause
    opened_by: str
    occurred_at: datetime


@event("routing.work_order.arbitration_decided", sealed_by="requester_id")
class WorkOrderArbitrationDecided:
    """The office assigned the order for good; with `sets_precedent` the next like case goes there by itself."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    arbitration: int
    category: str
    area: str | None = None
    grounds: Sealed
    sets_precedent: bool
    decided_by: str
    occurred_at: datetime


@event("routing.work_order.follower_joined")
class WorkOrderFollowerJoined:
    """Another order follows this one: what resolves this one resolves it too. Nor may this one go to whom that one accuses."""

    work_order_id: UUID
    request_id: UUID
    follower_id: UUID
    accused_department: str | None = None
    occurred_at: datetime


@event("routing.work_order.follower_declined")
class WorkOrderFollowerDeclined:
    """This order had ended, had itself come to follow one, or had got another category (`reclassified`) when another order was
    merged into it.
    """

    work_order_id: UUID
    request_id: UUID
    follower_id: UUID
    reclassified: bool = False
    occurred_at: datetime


@event("routing.work_order.follower_left")
class WorkOrderFollowerLeft:
    """An order follows this one no more."""

    work_order_id: UUID
    request_id: UUID
    follower_id: UUID
    occurred_at: datetime


@event("routing.work_order.merged")
class WorkOrderMerged:
    """The order follows another one about the same matter; its own clocks stand, its caller keeps a revisit of their own.

    `department` is who had it, and is rid of it now. While it is merged it is assessed under its lead alone.
    """

    work_order_id: UUID
    request_id: UUID
    lead_id: UUID
    department: str | None = None
    category: str | None = None
    accused_department: str | None = None
    escalations: tuple[UUID, ...] = ()
    reason: MergeReason
    merged_by: str
    occurred_at: datetime


@event("routing.work_order.unmerged")
class WorkOrderUnmerged:
    """The order is handled on its own again: it stands as it stood (`standing`), where it was and with its own due times.

    Where a supervision that lapsed had ended the urging, it is urged anew from here on (`urged_anew`). What waits for a
    dispatcher again is dispatched by `dispatch_due_at` (A74).
    """

    work_order_id: UUID
    request_id: UUID
    lead_id: UUID
    standing: str
    department: str | None = None
    hop: int | None = None
    round: int | None = None
    sign_due_at: datetime | None = None
    return_due_at: datetime | None = None
    contact_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    urged_anew: bool = False
    rule_version: str | None = None
    dispatch_due_at: datetime | None = None
    escalations: tuple[UUID, ...] = ()
    reason: UnmergeReason
    unmerged_by: str
    occurred_at: datetime


WorkOrderDispatchingEvent: TypeAlias = (
    WorkOrderTypeChanged
    | WorkOrderAccusedNamed
    | WorkOrderHandlerAssigned
    | WorkOrderSupportAsked
    | WorkOrderPartReported
    | WorkOrderDispatchLate
    | WorkOrderArbitrationOpened
    | WorkOrderArbitrationDecided
    | WorkOrderFollowerJoined
    | WorkOrderFollowerDeclined
    | WorkOrderFollowerLeft
    | WorkOrderMerged
    | WorkOrderUnmerged
)
