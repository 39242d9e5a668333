"""What is done about a matter on its way, and what must be on record before its order may close (A28, A69, A92-A99).

Where a closing is withheld, whatever changes what is missing says in `still_missing` what that is now.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class Stage(StrEnum):
    """The four-stage chain 接报登记, 情况核实, 跟踪查询, 情况反馈 (A93)."""

    REGISTRATION = "registration"
    VERIFICATION = "verification"
    TRACKING = "tracking"
    FEEDBACK = "feedback"


class ReviewResult(StrEnum):
    """What a second person says of a reply (A97)."""

    OK = "ok"
    SENT_BACK = "sent_back"


class UnresolvableReason(StrEnum):
    """Why a matter cannot be resolved (A99, A69)."""

    NO_POLICY = "no_policy"
    NO_MEANS_YET = "no_means_yet"
    OUT_OF_REACH = "out_of_reach"
    OTHERS_RIGHTS = "others_rights"
    UNREASONABLE = "unreasonable"


@event("routing.work_order.investigation_reported", sealed_by="requester_id")
class WorkOrderInvestigationReported:
    """The department looked into the matter: what it found, and the ids of its evidence (情况核实, A92)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    finding: Sealed
    evidence: tuple[UUID, ...] = ()
    still_missing: tuple[str, ...] = ()
    investigated_by: str
    occurred_at: datetime


@event("routing.work_order.department_contacted", sealed_by="requester_id")
class WorkOrderDepartmentContacted:
    """The hotline asked a department how the matter goes: when, whom, and what was said (跟踪查询, A28, A98)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str | None = None
    contacted_department: str
    contact: Sealed
    said: Sealed | None = None
    still_missing: tuple[str, ...] = ()
    contacted_by: str
    occurred_at: datetime


@event("routing.work_order.caller_informed", sealed_by="requester_id")
class WorkOrderCallerInformed:
    """The hotline told the caller the result, `waited_seconds` after it was reported (情况反馈, A95)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    said: Sealed | None = None
    resolved_at: datetime
    waited_seconds: int
    still_missing: tuple[str, ...] = ()
    informed_by: str
    occurred_at: datetime


@event("routing.work_order.reply_reviewed", sealed_by="requester_id")
class WorkOrderReplyReviewed:
    """A second person read the reply: it answers what was asked, or it went back once with a reason (A97)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    result: ReviewResult
    reason: Sealed | None = None
    still_missing: tuple[str, ...] = ()
    reviewed_by: str
    occurred_at: datetime


@event("routing.work_order.reply_corrected", sealed_by="requester_id")
class WorkOrderReplyCorrected:
    """The department wrote the reply anew after it was sent back (A97)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    reply: Sealed
    still_missing: tuple[str, ...] = ()
    corrected_by: str
    occurred_at: datetime


@event("routing.work_order.unresolvable_filed", sealed_by="requester_id")
class WorkOrderUnresolvableFiled:
    """The department says that the matter cannot be resolved, why, and on what evidence; a second person judges (A99, A69)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    reason: UnresolvableReason
    finding: Sealed
    evidence: tuple[UUID, ...] = ()
    filed_by: str
    occurred_at: datetime


@event("routing.work_order.unresolvable_reviewed", sealed_by="requester_id")
class WorkOrderUnresolvableReviewed:
    """A second person agreed that the matter cannot be resolved, or did not: then the department goes on (A69)."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    reason: UnresolvableReason
    agreed: bool
    note: Sealed | None = None
    reviewed_by: str
    occurred_at: datetime


@event("routing.work_order.closing_withheld")
class WorkOrderClosingWithheld:
    """Followup owes nothing more, but the record is not complete: the order closes when `missing` is there (A93).

    `reached` says whether the caller was.
    """

    work_order_id: UUID
    request_id: UUID
    department: str
    revisit_id: UUID
    round: int
    missing: tuple[str, ...]
    reached: bool = False
    occurred_at: datetime


WorkOrderHandlingEvent: TypeAlias = (
    WorkOrderInvestigationReported
    | WorkOrderDepartmentContacted
    | WorkOrderCallerInformed
    | WorkOrderReplyReviewed
    | WorkOrderReplyCorrected
    | WorkOrderUnresolvableFiled
    | WorkOrderUnresolvableReviewed
    | WorkOrderClosingWithheld
)
