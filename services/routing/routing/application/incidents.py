"""The use cases beside an order: emergencies, escalations, sensitive periods, a superior's instructions (A64, A79-A83)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from hotline_events.aggregates import Done, Submission
from hotline_events.catalogue.routing.escalation import Flag
from hotline_events.sealing import KeyGoneError
from routing.application import Desk, RequesterErasedError, SuperiorUnknownError, current
from routing.domain import department, emergency, escalation, instruction, sensitive_periods, work_order
from routing.domain.work_order.guards import refuse_ended
from routing.domain.work_order.refusals import WorkOrderUnknownError


async def declare_emergency(desk: Desk, work_order_id: UUID, *, by: str, now: datetime, submission: Submission) -> Done:
    """Declare the emergency of an order, for the department that holds it, unless the matter accuses it (A144)."""
    order = await _order(desk, work_order_id)
    emergency_id = emergency.emergency_id_of(order.request_id)
    if (await current(desk.aggregates, emergency.decider, str(emergency_id))).declared is None:
        refuse_ended(order)
    holder = order.holder
    command = emergency.DeclareEmergency(
        emergency_id=emergency_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        work_order_id=work_order_id,
        department=None if holder is not None and order.accuses(holder) else holder,
        rules=desk.book.in_force(now),
        by=by,
        now=now,
    )
    return await _emergency(desk, command.emergency_id, command, await _in_the_story(desk, work_order_id, submission))


async def act_on_emergency(desk: Desk, emergency_id: UUID, command: emergency.FieldAct, submission: Submission) -> Done:
    """Acknowledge, report from the field, send a vehicle, settle."""
    return await _emergency(desk, emergency_id, command, submission)


async def raise_matter(
    desk: Desk,
    escalation_id: UUID,
    work_order_id: UUID,
    flag: Flag,
    *,
    own: str | None,
    by: str,
    now: datetime,
    submission: Submission,
) -> Done:
    """Report an order's matter to the first level, with less time in a sensitive period; a department reports its own."""
    order = await _order(desk, work_order_id)
    if not order.is_known_to(own):
        raise WorkOrderUnknownError
    if (await current(desk.aggregates, escalation.decider, str(escalation_id))).raised is None:
        refuse_ended(order)
    periods = await current(desk.aggregates, sensitive_periods.decider, sensitive_periods.MAIN)
    command = escalation.RaiseMatter(
        escalation_id=escalation_id,
        work_order_id=work_order_id,
        department=order.holder,
        flag=flag,
        sensitive_until=periods.until(now),
        rules=desk.book.in_force(now),
        by=by,
        now=now,
    )
    submission = await _in_the_story(desk, work_order_id, submission)
    return await desk.aggregates.execute(escalation.decider, escalation_id, command, submission)


async def pass_on(
    desk: Desk, escalation_id: UUID, own: str | None, role: str, *, by: str, now: datetime, submission: Submission
) -> Done:
    """Pass a matter on to the next level, under the pack that it was raised under."""
    known = await current(desk.aggregates, escalation.decider, str(escalation_id))
    rules = desk.book.of(known.raised.rule_version if known.raised else None)
    command = escalation.PassOn(department=own, role=role, rules=rules, by=by, now=now)
    return await desk.aggregates.execute_in_story(escalation.decider, escalation_id, command, submission)


async def answer_escalation(
    desk: Desk, escalation_id: UUID, command: escalation.AnswerEscalation, submission: Submission
) -> Done:
    return await desk.aggregates.execute_in_story(escalation.decider, escalation_id, command, submission)


async def change_periods(desk: Desk, command: sensitive_periods.SensitivePeriodCommand, submission: Submission) -> Done:
    """Open or close a sensitive period; what was raised before keeps its times."""
    return await desk.aggregates.execute(sensitive_periods.decider, sensitive_periods.MAIN, command, submission)


async def report_instruction(desk: Desk, command: instruction.ReportInstruction, submission: Submission) -> Done:
    """Record a superior's call. The words need the superior's key: without one, nothing is kept."""
    if command.work_order_id is not None:
        await _order(desk, command.work_order_id)
    try:
        return await desk.aggregates.execute(instruction.decider, command.instruction_id, command, submission)
    except KeyGoneError as error:
        raise SuperiorUnknownError from error


async def relay_instruction(
    desk: Desk, instruction_id: UUID, to: str, *, by: str, now: datetime, submission: Submission
) -> Done:
    takes_orders = (await current(desk.aggregates, department.decider, to)).takes_orders
    rules = desk.book.in_force(now)
    known = await current(desk.aggregates, instruction.decider, str(instruction_id))
    about = None if known.reported is None else known.reported.work_order_id
    accused = about is not None and await _accuses(desk, about, to)
    command = instruction.RelayInstruction(
        department=to, takes_orders=takes_orders, accused=accused, rules=rules, by=by, now=now
    )
    return await desk.aggregates.execute_in_story(instruction.decider, instruction_id, command, submission)


async def _accuses(desk: Desk, work_order_id: UUID, code: str) -> bool:
    order = await current(desk.aggregates, work_order.decider, str(work_order_id))
    return order.accuses(code)


async def acknowledge_instruction(
    desk: Desk, instruction_id: UUID, command: instruction.AcknowledgeInstruction, submission: Submission
) -> Done:
    return await desk.aggregates.execute_in_story(instruction.decider, instruction_id, command, submission)


async def _order(desk: Desk, work_order_id: UUID) -> work_order.WorkOrder:
    """Return an order as it is stored now; one that is not there is refused as such."""
    order = await current(desk.aggregates, work_order.decider, str(work_order_id))
    if order.status is work_order.Status.NEW:
        raise WorkOrderUnknownError
    return order


async def _in_the_story(desk: Desk, work_order_id: UUID, submission: Submission) -> Submission:
    """Let what begins beside an order have the order's correlation."""
    origin = await desk.aggregates.origin_of(work_order.decider.stream(work_order_id))
    return submission if origin is None else replace(submission, cause=replace(submission.cause, correlation_id=origin))


async def _emergency(desk: Desk, emergency_id: UUID, command: emergency.EmergencyCommand, submission: Submission) -> Done:
    try:
        return await desk.aggregates.execute_in_story(emergency.decider, emergency_id, command, submission)
    except KeyGoneError as error:
        raise RequesterErasedError from error
