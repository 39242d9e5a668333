"""What followup decides because another service's event says so."""

from uuid import UUID, uuid5

from followup.domain.revisit import ScheduleRevisit
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_rules.pack import RulePack


def on_work_order_resolved(event_id: UUID, event: WorkOrderResolved, rules: RulePack) -> ScheduleRevisit:
    """Owe every resolution a revisit of its own; the clocks start when the result was reported (A100)."""
    return ScheduleRevisit(
        revisit_id=uuid5(event_id, "revisit"),
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        requester_id=event.requester_id,
        department=event.department,
        round=event.round,
        rules=rules,
        now=event.occurred_at,
    )
