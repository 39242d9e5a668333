"""What handling reads: which stages have an event, what a second person said, and what closing waits for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    ReviewResult,
    UnresolvableReason,
    WorkOrderCallerInformed,
    WorkOrderClosed,
    WorkOrderClosingWithheld,
    WorkOrderDepartmentContacted,
    WorkOrderEvent,
    WorkOrderInvestigationReported,
    WorkOrderReopened,
    WorkOrderReplyCorrected,
    WorkOrderReplyReviewed,
    WorkOrderResolved,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderUnresolvableFiled,
    WorkOrderUnresolvableReviewed,
)
from hotline_events.replacing import replace
from hotline_rules.sections.orders import OrderStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Everything counts for one round, an investigation only for its department; of an order that followed another one, the
    lead's count as well.

    `filed` waits for a second person; `unresolvable` was agreed to. `withheld` is the revisit that ended the matter while
    something was missing, and `reached` whether it reached the caller; `untold` is a result, or a corrected reply, that they
    did not hear from it.
    """

    investigated_at: datetime | None = None
    tracked_at: datetime | None = None
    resolved_by: str | None = None
    informed: bool = False
    untold: bool = False
    review: ReviewResult | None = None
    sent_back: bool = False
    corrected: bool = False
    filed: UnresolvableReason | None = None
    filed_by: str | None = None
    unresolvable: UnresolvableReason | None = None
    withheld: UUID | None = None
    reached: bool = False
    reworkable: bool = False  # closed, and yet its caller may be asked: on an exception, or as the complaint it became


def evolve_handling(part: Handling, event: WorkOrderEvent) -> Handling:  # noqa: C901, PLR0912 - one case an event
    match event:
        case WorkOrderTransferred():
            return Handling(tracked_at=part.tracked_at)
        case WorkOrderReopened():
            return Handling()
        case WorkOrderInvestigationReported():
            return replace(part, investigated_at=part.investigated_at or event.occurred_at)
        case WorkOrderDepartmentContacted():
            return replace(part, tracked_at=part.tracked_at or event.occurred_at)
        case WorkOrderResolved(merged_into=lead) if lead is not None:
            investigated_at = event.occurred_at if event.investigated else part.investigated_at
            tracked_at = event.occurred_at if event.tracked else part.tracked_at
            part = replace(part, investigated_at=investigated_at, tracked_at=tracked_at)
            return replace(part, resolved_by=event.resolved_by, filed=None)
        case WorkOrderResolved():
            return replace(part, resolved_by=event.resolved_by, filed=None)
        case WorkOrderCallerInformed():
            return replace(part, informed=True, untold=False)
        case WorkOrderReplyReviewed():
            back = event.result is ReviewResult.SENT_BACK
            return replace(part, review=event.result, sent_back=part.sent_back or back)
        case WorkOrderReplyCorrected():
            part = replace(part, informed=False, untold=part.withheld is not None)
            return replace(part, corrected=True, review=None, resolved_by=event.corrected_by)
        case WorkOrderUnresolvableFiled():
            investigated_at = part.investigated_at or event.occurred_at
            return replace(part, filed=event.reason, filed_by=event.filed_by, investigated_at=investigated_at)
        case WorkOrderUnresolvableReviewed():
            return replace(part, filed=None, unresolvable=event.reason if event.agreed else None)
        case WorkOrderClosingWithheld():
            untold = OrderStage.FEEDBACK.value in event.missing
            return replace(part, withheld=event.revisit_id, reached=event.reached, untold=untold)
        case WorkOrderClosed():
            return replace(part, reworkable=event.exception is not None)
        case WorkOrderTypeChanged():
            return replace(part, reworkable=True)
        case _:
            return part
