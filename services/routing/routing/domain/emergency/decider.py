"""An emergency: three parties told in parallel and each acknowledging, a heartbeat from the field, vehicles (A79-A81).

It stands beside its work order and holds nothing up: the order keeps its clocks. Crew and department are the department's
own people; the leader is the hotline's. A contact recorded late counts from when it was made.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing.emergency import (
    EmergencyAcknowledged,
    EmergencyAcknowledgementMissed,
    EmergencyDeclared,
    EmergencyEvent,
    EmergencyFieldReported,
    EmergencyHandedOver,
    EmergencyHeartbeatMissed,
    EmergencyNotified,
    EmergencySettled,
    EmergencyVehicleDispatched,
    Party,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.pack import RulePack
from routing.domain.emergency.commands import (
    AcknowledgeEmergency,
    BeforeEmergencyError,
    DeclareEmergency,
    DispatchVehicle,
    EmergencyCommand,
    EmergencySettledError,
    EmergencyUnknownError,
    EndEmergency,
    FieldAct,
    HandOverEmergency,
    MissAcknowledgement,
    MissHeartbeat,
    NotAcknowledgedError,
    NotThatPartyError,
    ReportField,
    SettleEmergency,
)
from routing.domain.emergency.state import Emergency, evolve

ACKNOWLEDGE = "emergency.acknowledge"
HEARTBEAT = "emergency.heartbeat"
MILLISECOND = timedelta(milliseconds=1)


def decide(emergency: Emergency, command: EmergencyCommand) -> list[EmergencyEvent]:
    if isinstance(command, DeclareEmergency):
        return [] if emergency.declared else _declare(command)
    declared = emergency.declared
    if isinstance(command, HandOverEmergency | EndEmergency):
        return _follow_the_order(emergency, command)
    if declared is None:
        raise EmergencyUnknownError
    match command:
        case MissAcknowledgement():
            return _miss_acknowledgement(emergency, declared, command)
        case MissHeartbeat():
            return _miss_heartbeat(emergency, declared, command)
        case AcknowledgeEmergency():
            return _acknowledge(emergency, _own(declared, command), command)
        case ReportField():
            return _report(emergency, _own(declared, command), command)
        case DispatchVehicle():
            return _dispatch(emergency, _own(declared, command), command)
        case SettleEmergency():
            return _settle(emergency, _own(declared, command), command)
        case _:
            assert_never(command)


def timers(event: EmergencyEvent) -> Sequence[Timer]:
    """Watch over each party's word and over the next contact with the field."""
    match event:
        case EmergencyNotified():
            rule = {"party": event.party.value, "told_at": event.occurred_at.isoformat()}
            return (_timer(event, ACKNOWLEDGE, event.acknowledge_by, rule),)
        case EmergencyDeclared():
            return (_heartbeat(event, contact=0, missed=1),)
        case EmergencyFieldReported():
            return (_heartbeat(event, contact=event.contact, missed=1),)
        case EmergencyHeartbeatMissed():
            return (_heartbeat(event, contact=event.contact, missed=event.missed + 1),)
        case _:
            return ()


def on_timer(timer: Timer) -> Reaction:
    """Turn a due timer into its command, at the time it was due."""
    rule = timer.rule
    command: EmergencyCommand
    if timer.kind == ACKNOWLEDGE:
        command = MissAcknowledgement(party=Party(rule["party"]), now=timer.due_at)
    else:
        command = MissHeartbeat(contact=rule["contact"], missed=rule["missed"], seconds=rule["seconds"], now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=command)


def _declare(command: DeclareEmergency) -> list[EmergencyEvent]:
    """Tell the three parties in the same moment; the first contact with the field is owed from then (A79, A80)."""
    rules = command.rules
    declared = EmergencyDeclared(
        emergency_id=command.emergency_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        work_order_id=command.work_order_id,
        department=command.department,
        next_due_at=rules.after(rules.orders.emergency.heartbeat, command.now),
        declared_by=command.by,
        rule_version=rules.number,
        occurred_at=command.now,
    )
    return [declared, *_told(declared, tuple(Party), rules, command.now)]


def _told(declared: EmergencyDeclared, parties: Sequence[Party], rules: RulePack, now: datetime) -> list[EmergencyEvent]:
    by = rules.after(rules.orders.emergency.acknowledge, now)
    return [
        EmergencyNotified(
            emergency_id=declared.emergency_id,
            department=declared.department,
            party=party,
            acknowledge_by=by,
            occurred_at=now,
        )
        for party in parties
    ]


def _follow_the_order(emergency: Emergency, command: HandOverEmergency | EndEmergency) -> list[EmergencyEvent]:
    """Go with the order: to the next department, whose people are told at once, or to its end. Most orders are no emergency."""
    declared = emergency.declared
    if declared is None or emergency.settled_at is not None:
        return []
    if isinstance(command, EndEmergency):
        return [_settled(declared, command.by, command.now)]
    if command.department == declared.department:
        return []
    handed = EmergencyHandedOver(
        emergency_id=declared.emergency_id,
        department=command.department,
        from_department=declared.department,
        occurred_at=command.now,
    )
    if command.department is None:
        return [handed]
    theirs = replace(declared, department=command.department)
    rules = command.book.of(declared.rule_version)
    return [handed, *_told(theirs, (Party.CREW, Party.DEPARTMENT), rules, command.now)]


def _acknowledge(emergency: Emergency, declared: EmergencyDeclared, command: AcknowledgeEmergency) -> list[EmergencyEvent]:
    notice = emergency.notices[command.party]
    at_the_hotline = command.department is None
    if at_the_hotline is not (command.party is Party.LEADER):
        raise NotThatPartyError
    if notice.acknowledged_at is not None:
        return []
    return [
        EmergencyAcknowledged(
            emergency_id=declared.emergency_id,
            department=declared.department,
            party=command.party,
            acknowledged_by=command.by,
            took_ms=(command.now - notice.told_at) // MILLISECOND,
            occurred_at=command.now,
        )
    ]


def _miss_acknowledgement(
    emergency: Emergency, declared: EmergencyDeclared, command: MissAcknowledgement
) -> list[EmergencyEvent]:
    """Judge by times alone: an acknowledgement that is recorded later and was given in time is in time."""
    notice = emergency.notices[command.party]
    if command.now < notice.acknowledge_by:
        return []
    ends = [moment for moment in (notice.acknowledged_at, emergency.settled_at) if moment is not None]
    if notice.missed or (ends and min(ends) <= command.now):
        return []
    return [
        EmergencyAcknowledgementMissed(
            emergency_id=declared.emergency_id,
            department=declared.department,
            party=command.party,
            occurred_at=command.now,
        )
    ]


def _report(emergency: Emergency, declared: EmergencyDeclared, command: ReportField) -> list[EmergencyEvent]:
    _refuse_settled(emergency)
    if emergency.contacted_at is not None and command.now <= emergency.contacted_at:
        return []
    rules = command.book.of(declared.rule_version)
    return [
        EmergencyFieldReported(
            emergency_id=declared.emergency_id,
            requester_id=declared.requester_id,
            department=declared.department,
            contact=emergency.contact + 1,
            note=command.note,
            next_due_at=rules.after(rules.orders.emergency.heartbeat, command.now),
            reported_by=command.by,
            occurred_at=command.now,
        )
    ]


def _miss_heartbeat(emergency: Emergency, declared: EmergencyDeclared, command: MissHeartbeat) -> list[EmergencyEvent]:
    """Say once that a contact is overdue, and owe the next one: the alarm goes on until somebody speaks with the field."""
    if (emergency.contact, emergency.missed + 1) != (command.contact, command.missed):
        return []
    if emergency.settled_at is not None and emergency.settled_at <= command.now:
        return []
    return [
        EmergencyHeartbeatMissed(
            emergency_id=declared.emergency_id,
            department=declared.department,
            contact=command.contact,
            missed=command.missed,
            next_due_at=command.now + timedelta(seconds=command.seconds),
            occurred_at=command.now,
        )
    ]


def _dispatch(emergency: Emergency, declared: EmergencyDeclared, command: DispatchVehicle) -> list[EmergencyEvent]:
    _refuse_settled(emergency)
    if command.vehicle in emergency.vehicles:
        return []
    return [
        EmergencyVehicleDispatched(
            emergency_id=declared.emergency_id,
            department=declared.department,
            vehicle=command.vehicle,
            dispatched_by=command.by,
            occurred_at=command.now,
        )
    ]


def _settle(emergency: Emergency, declared: EmergencyDeclared, command: SettleEmergency) -> list[EmergencyEvent]:
    if emergency.settled_at is not None:
        return []
    for party, notice in emergency.notices.items():
        if notice.acknowledged_at is None:
            raise NotAcknowledgedError(party)
    return [_settled(declared, command.by, command.now)]


def _settled(declared: EmergencyDeclared, by: str, now: datetime) -> EmergencySettled:
    return EmergencySettled(emergency_id=declared.emergency_id, department=declared.department, settled_by=by, occurred_at=now)


def _own(declared: EmergencyDeclared, act: FieldAct) -> EmergencyDeclared:
    """Refuse another department's emergency with the answer for one that does not exist, and what was before it began."""
    if act.department is not None and act.department != declared.department:
        raise EmergencyUnknownError
    if act.now < declared.occurred_at:
        raise BeforeEmergencyError
    return declared


def _refuse_settled(emergency: Emergency) -> None:
    if emergency.settled_at is not None:
        raise EmergencySettledError


def _heartbeat(
    event: EmergencyDeclared | EmergencyFieldReported | EmergencyHeartbeatMissed, *, contact: int, missed: int
) -> Timer:
    seconds = (event.next_due_at - event.occurred_at) // timedelta(seconds=1)
    return _timer(event, HEARTBEAT, event.next_due_at, {"contact": contact, "missed": missed, "seconds": seconds})


def _timer(event: EmergencyEvent, kind: str, due_at: datetime, rule: dict[str, Any]) -> Timer:
    name = ":".join(str(part) for part in (kind, *rule.values()))
    return Timer(
        timer_id=uuid5(event.emergency_id, name),
        kind=kind,
        due_at=due_at,
        stream=decider.stream(event.emergency_id),
        rule=rule,
    )


decider: Decider[EmergencyCommand, Emergency, EmergencyEvent] = Decider("emergency", decide, evolve, Emergency(), timers)
