"""What followup decides because an event says so: another service's, or an answer of its own revisits."""

from uuid import UUID, uuid5

from followup.domain.apology import OrderApology
from followup.domain.promise import MakePromise, NoteCallerReached, ReleasePromise
from followup.domain.revisit import ChangeType, ScheduleRevisit
from followup.domain.suggestion import ForwardSuggestion
from hotline_events.catalogue.followup import Attitude, Dissatisfaction, Revisited
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.catalogue.routing import (
    WorkOrderCallerContacted,
    WorkOrderCallerInformed,
    WorkOrderResolved,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderWithdrawn,
)
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import AnswerClass

IMMEDIATE_RELAY = "immediate_relay"
FIRST_ROUND = 1


def revisit_id_of(work_order_id: UUID, turn: int) -> UUID:
    """Return the id of the revisit of an order's round: one resolution a round, one revisit, however often delivered."""
    return uuid5(work_order_id, f"revisit:{turn}")


def on_work_order_resolved(event: WorkOrderResolved, rules: RulePack) -> ScheduleRevisit:
    """Owe every resolution a revisit of its own; the clocks start when the result was reported (A100)."""
    return ScheduleRevisit(
        revisit_id=revisit_id_of(event.work_order_id, event.round),
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        requester_id=event.requester_id,
        department=event.department,
        round=event.round,
        request_type=event.request_type,
        first_contact=event.first_contact,
        accepted_at=event.accepted_at,
        resolve_due_at=event.resolve_due_at,
        rules=rules,
        now=event.occurred_at,
    )


def on_work_order_type_changed(event: WorkOrderTypeChanged, book: RuleBook) -> ChangeType:
    """Let the draw follow the kind of the matter (A112): only a first round is ever drawn."""
    return ChangeType(to_type=event.to_type, book=book, now=event.occurred_at)


def on_callback_promised(event: CallbackPromised, rules: RulePack) -> MakePromise:
    """Watch over a call back that was promised on the telephone (A18, A153)."""
    return MakePromise(
        promise_id=event.promise_id,
        call_id=event.call_id,
        caller_id=event.caller_id,
        reason=event.reason,
        due_at=event.due_at,
        promised_by=event.promised_by,
        rules=rules,
        now=event.occurred_at,
    )


def relay_id_of(work_order_id: UUID) -> UUID:
    """Return the id of the call back that an order of the immediate class owes: one an order, wherever it is sent."""
    return uuid5(work_order_id, IMMEDIATE_RELAY)


def on_caller_reached(event: WorkOrderCallerContacted | WorkOrderCallerInformed) -> NoteCallerReached:
    """Count a call of the department, or of the hotline with the result, as the call back that the matter owed (A85)."""
    by = event.contacted_by if isinstance(event, WorkOrderCallerContacted) else event.informed_by
    return NoteCallerReached(reached_by=by, now=event.occurred_at)


def on_work_order_withdrawn(event: WorkOrderWithdrawn) -> ReleasePromise:
    """Owe no call back for a matter that is no more (A67, A85)."""
    return ReleasePromise(now=event.occurred_at)


def on_work_order_transferred(event: WorkOrderTransferred, rules: RulePack) -> MakePromise | None:
    """Owe a caller whose matter is relayed at once a call back within the time of that class, by day and by night (A85)."""
    if event.answer_class != AnswerClass.IMMEDIATE:
        return None
    return MakePromise(
        promise_id=relay_id_of(event.work_order_id),
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        reason=IMMEDIATE_RELAY,
        immediate=True,
        due_at=rules.answer_by(AnswerClass.IMMEDIATE, event.occurred_at),
        promised_by=event.transferred_by,
        rules=rules,
        now=event.occurred_at,
    )


def on_suggestion_heard(event_id: UUID, event: Revisited, rules: RulePack) -> ForwardSuggestion | None:
    """Forward what the caller suggested to the department that handled the matter (A107)."""
    if event.suggestion is None:
        return None
    return ForwardSuggestion(
        suggestion_id=uuid5(event_id, "suggestion"),
        revisit_id=event.revisit_id,
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        requester_id=event.requester_id,
        department=event.department,
        rules=rules,
        now=event.occurred_at,
    )


def on_bad_attitude(event_id: UUID, event: Revisited, rules: RulePack) -> OrderApology | None:
    """Order an apology when the handlers behaved badly, by the question or by the reason (A110)."""
    if event.attitude is not Attitude.BAD and event.reason_code is not Dissatisfaction.ATTITUDE:
        return None
    return OrderApology(
        apology_id=uuid5(event_id, "apology"),
        revisit_id=event.revisit_id,
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        requester_id=event.requester_id,
        department=event.department,
        rules=rules,
        now=event.occurred_at,
    )
