"""A work order on its way through departments (A68-A99, W1-W12)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import Channel, Confidentiality, RequesterClass, RequestType
from hotline_events.catalogue.routing.dispatching import ReclassificationReason, Route
from hotline_events.catalogue.routing.handling import UnresolvableReason
from hotline_events.catalogue.routing.urging import Rung
from hotline_events.registry import event
from hotline_events.sealing import Sealed


class LimitKind(StrEnum):
    """Which clock of an order: each starts at dispatch, not at sign-off."""

    SIGN = "sign"
    RETURN = "return"
    CONTACT = "contact"
    RESOLVE = "resolve"


class ClosingException(StrEnum):
    """Why an order is closed although the caller said nothing about the result (A69)."""

    CALLER_WITHDREW = "caller_withdrew"
    CALLER_WANTS_NO_CONTACT = "caller_wants_no_contact"
    CALLER_LEFT_NO_CONTACT = "caller_left_no_contact"


class ReturnReason(StrEnum):
    """Why an order is with its department no more. The last two are no grounds of a department's: it was taken away from one
    that the matter accuses, or its rework would have come to one that is closed.
    """

    NOT_OURS = "not_ours"
    WRONG_AREA = "wrong_area"
    NEEDS_OTHERS = "needs_others"
    NOT_ENOUGH_FACTS = "not_enough_facts"
    DUPLICATE = "duplicate"
    ACCUSED = "accused"
    DEPARTMENT_CLOSED = "department_closed"

    @property
    def is_a_departments(self) -> bool:
        """Say whether a department gave the order back on this ground, and none was taken away."""
        return self not in {ReturnReason.ACCUSED, ReturnReason.DEPARTMENT_CLOSED}


@event("routing.work_order.opened")
class WorkOrderOpened:
    """A registered request became a work order. It never lies with the department it accuses (A29, A144).

    `first_contact` is the agent who met the caller first (A65, A68). An order that waits for a dispatcher has a time until
    which it is dispatched (A74). An `emergency` stands beside it and goes where it goes (A79).
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    request_type: RequestType
    channel: Channel
    category: str | None = None
    area: str | None = None
    confidentiality: Confidentiality = Confidentiality.ORDINARY
    accused_department: str | None = None
    requester_class: RequesterClass | None = None
    first_contact: str | None = None
    emergency: bool = False
    dispatch_due_at: datetime | None = None
    registered_at: datetime
    occurred_at: datetime


@event("routing.work_order.classified")
class WorkOrderClassified:
    """The order has a category of the category table (A73).

    A later one names the category it had (`from_category`) and the reason. `confidence` is how sure the classifier was, in
    percent; `answer_class` how soon the matter is answered (A85-A88), `class_given` if a person said so and not the table;
    `requester_class` whose protocol it goes by (A78). `followers` are orders about the same matter that get the other category
    with it.
    """

    work_order_id: UUID
    request_id: UUID
    category: str
    table_version: int
    confidence: int | None = None
    answer_class: str | None = None
    class_given: bool = False
    requester_class: RequesterClass | None = None
    from_category: str | None = None
    reason: ReclassificationReason | None = None
    followers: tuple[UUID, ...] = ()
    classified_by: str
    occurred_at: datetime


@event("routing.work_order.transferred")
class WorkOrderTransferred:
    """The order lies in a department's own queue; its clocks run from now (A74, W1, W2, W6).

    `hop` counts transfers of the order from 1, `round` counts rework from 1. `route` is what chose the department;
    `scope_version` the scope table where that did, `precedent_id` the arbitration's precedent that is cited.
    `answer_class` is immediate, same_day, two_days or week (A85-A88) where one was
    given; `support_departments` help the lead department (A73, A75). An emergency and `escalations` of the matter go along
    (A79, A82).
    """

    work_order_id: UUID
    request_id: UUID
    department: str
    hop: int
    round: int
    sign_due_at: datetime
    contact_due_at: datetime
    resolve_due_at: datetime
    scope_version: int | None = None
    return_due_at: datetime | None = None
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    route: Route | None = None
    precedent_id: UUID | None = None
    answer_class: str | None = None
    support_departments: tuple[str, ...] = ()
    emergency: bool = False
    escalations: tuple[UUID, ...] = ()
    transferred_by: str
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.signed")
class WorkOrderSigned:
    """The department signed for the order (W1)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    signed_by: str
    occurred_at: datetime


@event("routing.work_order.caller_contacted")
class WorkOrderCallerContacted:
    """The department reached the caller (A98, W2)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    contacted_by: str
    occurred_at: datetime


@event("routing.work_order.returned", sealed_by="requester_id")
class WorkOrderReturned:
    """The department gave the order back with a reason; it waits for a dispatcher, or for the office (A74, W10).

    `straight_back` says that its ground lets the department have it again at once, before any other one.
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    reason: ReturnReason
    note: Sealed | None = None
    dispatch_due_at: datetime | None = None
    straight_back: bool = False
    emergency: bool = False
    escalations: tuple[UUID, ...] = ()
    returned_by: str
    occurred_at: datetime


@event("routing.work_order.resolved", sealed_by="requester_id")
class WorkOrderResolved:
    """The department reported the matter handled (办结); whether it is solved, the caller says later (A95).

    `first_contact` is the agent who owes the caller the revisit (A68). When the matter was accepted, and until when it was to
    be handled, is where the clock of the revisit may start (A100). `followers` are the orders about the same matter that this
    one leads; `merged_into` is the lead whose resolution this order follows, and under which alone it is assessed.
    `investigated` and `tracked` say that the lead's record counts for those who follow; before it was told, it did. An
    emergency and `escalations` of the matter end with it.
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    reply: Sealed
    request_type: RequestType | None = None
    rule_version: str | None = None
    first_contact: str | None = None
    accepted_at: datetime | None = None
    resolve_due_at: datetime | None = None
    followers: tuple[UUID, ...] = ()
    merged_into: UUID | None = None
    investigated: bool = True
    tracked: bool = True
    emergency: bool = False
    escalations: tuple[UUID, ...] = ()
    resolved_by: str
    occurred_at: datetime


@event("routing.work_order.reopened")
class WorkOrderReopened:
    """Rework was ordered: the same order, a new round, the same department's queue, new clocks (A108, W9).

    No fee may be taken if `fee_free` (A109).
    """

    work_order_id: UUID
    request_id: UUID
    department: str
    revisit_id: UUID
    round: int
    sign_due_at: datetime
    contact_due_at: datetime
    resolve_due_at: datetime
    return_due_at: datetime | None = None
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    fee_free: bool = False
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.closed", sealed_by="requester_id")
class WorkOrderClosed:
    """The revisit ended the matter; nothing more happens to the order (A96).

    Without a revisit it was closed on a documented exception, whose `note` says why (A69). `unresolvable` is why the matter
    could not be resolved, where a second person agreed to that (A99).
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID | None = None
    department: str
    revisit_id: UUID | None = None
    round: int
    unresolvable: UnresolvableReason | None = None
    exception: ClosingException | None = None
    note: Sealed | None = None
    closed_by: str | None = None
    occurred_at: datetime


@event("routing.work_order.withdrawn")
class WorkOrderWithdrawn:
    """The request was answered at first contact before any department had signed: nothing is left to handle (A67).

    A merged order whose requester was erased ends like this too: there is nobody left to answer (`requester_erased`).
    `followers` are the orders that this one led, and leads no more; `lead_id` is the one that it followed.
    """

    work_order_id: UUID
    request_id: UUID
    department: str | None = None
    requester_erased: bool = False
    followers: tuple[UUID, ...] = ()
    lead_id: UUID | None = None
    emergency: bool = False
    escalations: tuple[UUID, ...] = ()
    occurred_at: datetime


@event("routing.work_order.limit_passed")
class WorkOrderLimitPassed:
    """A clock of the order ran out before the act it waits for; `occurred_at` is the due time itself (A89, A90)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    limit: LimitKind
    hop: int
    round: int
    occurred_at: datetime


WorkOrderLifeEvent: TypeAlias = (
    WorkOrderOpened
    | WorkOrderClassified
    | WorkOrderTransferred
    | WorkOrderSigned
    | WorkOrderCallerContacted
    | WorkOrderReturned
    | WorkOrderResolved
    | WorkOrderReopened
    | WorkOrderClosed
    | WorkOrderWithdrawn
    | WorkOrderLimitPassed
)
